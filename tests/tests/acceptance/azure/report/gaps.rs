//! What cannot be read, and what is asked.

use tests::world::azure::ItemKind;
use tests::{Fault, Function, Repeat, Simulator};

use super::worlds::{MORNING, good_night, report, verdict};
use crate::azure::support::{SECOND, at, company, run_all};
use crate::report::support::{ALERTS, Morning};

#[test]
fn what_cannot_be_read_is_named_and_makes_no_row_green() {
    for (operation, fault, named) in [
        ("QueryGraph", Fault::Denied, "subscription 0a"),
        ("QueryGraph", Fault::ServerError, "subscription 0a"),
        ("QueryGraph", Fault::ThrottleFor(3600), "subscription 0a"),
        ("ListJobs", Fault::Denied, "rsv-prod"),
        ("ListJobs", Fault::ServerError, "rsv-prod"),
    ] {
        let simulator = Simulator::start(good_night());
        simulator.fail("azure", operation, fault, Repeat::Always);
        let told = report(&simulator, &[]);
        assert_eq!(told.answer()["coverage"]["complete"], false, "{operation} {fault:?}");
        assert_eq!(told.answer()["within_objective"], 0, "{operation} {fault:?}: {}", told.mail());
        assert!(told.subject().starts_with("INCOMPLETE: "), "{}", told.subject());
        let errors = told.answer()["coverage"]["errors"].to_string();
        assert!(errors.contains(named), "{errors}");
        assert!(errors.contains("Microsoft."), "{errors}");
    }
}

#[test]
fn recovery_points_that_cannot_be_read_are_named() {
    let simulator = Simulator::start(good_night());
    simulator.fail("azure", "ListRecoveryPoints", Fault::Denied, Repeat::Always);
    let told = report(&simulator, &[]);
    assert!(
        told.prose().contains("lists of recovery points of Azure: 16 of 16: Night One may not call"),
        "{}",
        told.mail()
    );
}

#[test]
fn a_subscription_and_a_vault_that_are_expected_and_absent_are_named() {
    let world = good_night();
    let gone = world.azure.vaults[0].id.replace("rsv-prod", "rsv-gone");
    let simulator = Simulator::start(world);
    let azure = simulator.with_world(|world| world.azure.settings(simulator.url()));
    simulator.with_world(|world| world.azure.subscriptions.retain(|id| id != SECOND));
    let mut variables: Vec<(&str, &str)> = azure.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    variables.extend([("ALERT_TOPIC_ARN", ALERTS), ("AZURE_VAULT_IDS", gone.as_str())]);
    let mut morning =
        Morning { simulator: &simulator, report: Function::start("report", &simulator, &variables).unwrap() };
    let told = morning.report();
    assert_eq!(told.answer()["coverage"]["complete"], false);
    let prose = told.prose();
    assert!(prose.contains(&format!("subscription {SECOND} of Azure: AZURE_SUBSCRIPTION_IDS expects it")), "{prose}");
    assert!(
        prose.contains(
            "vault rsv-gone in rg-backup of subscription 0a000000-0000-4000-8000-00000000aaaa: AZURE_VAULT_IDS expects it"
        ),
        "{prose}"
    );
    assert!(told.lines("backup_evidence").iter().all(|line| line["subscription"] != SECOND));
    assert_eq!(verdict(&told, "vm-01"), "within-objective", "what was read is told");
}

#[test]
fn without_azure_not_one_call_is_made() {
    let world = good_night();
    let simulator = Simulator::start(world);
    let told = Morning::new(&simulator).report();
    assert!(simulator.calls().iter().all(|call| call.service != "azure" && call.service != "entra"));
    assert!(told.lines("backup_evidence").is_empty());
    assert!(!told.raw.iter().any(|line| line.contains("azure") || line.contains("stopped")), "{:?}", told.raw);
}

#[test]
fn calls_grow_with_vaults_and_not_with_items_but_for_their_tags() {
    let calls = |more: usize| {
        let mut world = company();
        let vault = world.azure.vaults[0].id.clone();
        for number in 0..more {
            world.azure.add_item(&vault, ItemKind::Vm, &format!("more-{number}"));
        }
        run_all(&mut world);
        world.clock = at(MORNING);
        let simulator = Simulator::start(world);
        report(&simulator, &[]);
        let of = |name: &str| simulator.calls().iter().filter(|call| call.operation == name).count();
        [of("QueryGraph"), of("ListJobs"), of("GetJob"), of("GetItem")]
    };
    // The tags of a hundred items more are one query more.
    let [graph, jobs, job, item] = calls(0);
    assert_eq!(calls(100), [graph + 1, jobs, job, item]);
}

#[test]
fn azure_that_does_not_answer_delays_no_report_beyond_its_time() {
    let simulator = Simulator::start(good_night());
    simulator.fail("azure", "QueryGraph", Fault::Delay(3_600_000), Repeat::Always);
    let azure = simulator.with_world(|world| world.azure.settings(simulator.url()));
    let azure: Vec<(&str, &str)> = azure.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut morning = Morning::with(&simulator, &azure);
    morning.report.time_limit = std::time::Duration::from_secs(60);
    let told = morning.report();
    assert_eq!(told.answer()["coverage"]["complete"], false);
    assert!(told.prose().contains("the list of backup items of subscription"), "{}", told.mail());
}
