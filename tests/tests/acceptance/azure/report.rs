//! One report for both clouds.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::world::azure::{AzureJob, Health, Item, ItemKind, Point};
use tests::{Fault, Function, Repeat, Simulator, World};

use super::support::{NIGHT, SECOND, at, break_items, company, run_all};
use crate::report::support::{ALERTS, Morning, Told, databases, nights};

/// Nine hours after the policies have run.
const MORNING: &str = "2026-03-13T07:00:00Z";

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

/// The company after a good night.
fn good_night() -> World {
    let mut world = company();
    run_all(&mut world);
    world.clock = at(MORNING);
    world
}

fn report(simulator: &Simulator, settings: &[(&str, &str)]) -> Told {
    let azure = simulator.with_world(|world| world.azure.settings(simulator.url()));
    let azure: Vec<(&str, &str)> = azure.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let settings = [azure.as_slice(), settings].concat();
    Morning::with(simulator, &settings).report()
}

fn told(world: World) -> Told {
    report(&Simulator::start(world), &[])
}

/// The line of an item, whatever its verdict.
fn row<'a>(told: &'a Told, name: &str) -> &'a Value {
    let lines = told.lines("backup_evidence");
    let found: Vec<&&Value> = lines.iter().filter(|line| line["resource_name"] == name).collect();
    assert_eq!(found.len(), 1, "{name}: {lines:#?}");
    found[0]
}

fn verdict<'a>(told: &'a Told, name: &str) -> &'a str {
    row(told, name)["verdict"].as_str().unwrap()
}

#[test]
fn a_good_night_is_green_and_every_item_is_a_row() {
    let told = told(good_night());
    for name in ["vm-01", "vm-12", "crm-02", "orders", "finance", "fs01"] {
        assert_eq!(verdict(&told, name), "within-objective", "{name}: {}", told.mail());
    }
    assert_eq!(told.lines("rpo_gap").len(), 0);
    let line = row(&told, "crm-01");
    assert_eq!((&line["subscription"], &line["location"]), (&json!(SECOND), &json!("westeurope")));
    assert_eq!((&line["account"], &line["region"]), (&json!(SECOND), &json!("westeurope")));
    assert_eq!((&line["policy"], &line["objective_s"]), (&json!("daily"), &json!(26 * 3600)));
    assert!(line["item"].as_str().unwrap().ends_with(";crm-01"), "{line}");
    assert!(line["job_id"].is_string() && line["vault"].as_str().unwrap().ends_with("/rsv-crm"), "{line}");
    assert_eq!(told.answer()["within_objective"], 17);
    assert_eq!(told.answer()["coverage"]["complete"], true, "{}", told.mail());
    assert_eq!(told.metric("ResourcesInBreach"), 0);
}

/// A change to one item of the company, its verdict, and what its line says.
type World1 =
    (&'static str, &'static str, fn(&mut World, &str), &'static str, &'static [(&'static str, fn(&Value) -> bool)]);

fn item<'a>(world: &'a mut World, name: &str) -> &'a mut Item {
    world.azure.item(name)
}

/// Nothing was backed up for so many hours.
fn age(world: &mut World, name: &str, ago: i64) {
    let time = at(MORNING) - hours(ago);
    let item = item(world, name);
    item.points = vec![Point { time, in_vault: true }];
    item.last_backup = Some(time);
    let id = item.id.clone();
    world.azure.jobs.retain(|job| job.item != id);
}

fn runs(world: &mut World, name: &str, ago: i64, snapshot_taken: bool) {
    let begun = at(MORNING) - hours(ago);
    let id = world.azure.schedule(name, begun);
    let job = world.azure.jobs.iter_mut().find(|job| job.id == id).unwrap();
    *job = AzureJob { ends: at(MORNING) + hours(99), snapshot_taken, ..job.clone() };
}

fn policy(world: &mut World, name: &str, properties: Value) {
    let vault = world.azure.vaults[0].id.clone();
    let id = world.azure.add_policy(&vault, &format!("of-{name}"), properties);
    item(world, name).policy = id;
}

fn never(world: &mut World, name: &str) {
    age(world, name, 1);
    let item = item(world, name);
    item.points.clear();
    item.last_backup = None;
    "IRPending".clone_into(&mut item.protection_state);
}

const SQL_WITH_LOGS: fn() -> Value = || {
    json!({
        "backupManagementType": "AzureWorkload", "workLoadType": "SQLDataBase",
        "subProtectionPolicy": [
            {"policyType": "Full", "schedulePolicy": {"schedulePolicyType": "SimpleSchedulePolicy", "scheduleRunFrequency": "Daily"}},
            {"policyType": "Log", "schedulePolicy": {"schedulePolicyType": "LogSchedulePolicy", "scheduleFrequencyInMins": 15}},
        ],
    })
};

#[test]
fn each_world_has_its_verdict() {
    let table: &[World1] = &[
        ("past it", "vm-01", |w, n| age(w, n, 31), "in-breach", &[("age_s", |v| *v == 31 * 3600)]),
        (
            "past it, and one runs",
            "vm-02",
            |w, n| {
                age(w, n, 31);
                runs(w, n, 1, false)
            },
            "at-risk",
            &[],
        ),
        (
            "past it, and one is stuck",
            "vm-03",
            |w, n| {
                age(w, n, 31);
                runs(w, n, 5, false)
            },
            "in-breach",
            &[("stuck_since", Value::is_string)],
        ),
        (
            "past it, and one transfers",
            "vm-04",
            |w, n| {
                age(w, n, 31);
                runs(w, n, 5, true)
            },
            "at-risk",
            &[("stuck_since", Value::is_null)],
        ),
        ("never", "vm-05", never, "never-backed-up", &[]),
        (
            "stopped",
            "vm-06",
            |w, n| "ProtectionStopped".clone_into(&mut item(w, n).protection_state),
            "stopped",
            &[("stopped", |v| v == "stopped")],
        ),
        (
            "paused",
            "vm-07",
            |w, n| "ProtectionPaused".clone_into(&mut item(w, n).protection_state),
            "stopped",
            &[("stopped", |v| v == "paused")],
        ),
        (
            "suspended",
            "vm-08",
            |w, n| "BackupsSuspended".clone_into(&mut item(w, n).protection_state),
            "stopped",
            &[("stopped", |v| v == "suspended")],
        ),
        (
            "deleted",
            "vm-09",
            |w, n| {
                item(w, n).soft_deleted = true;
                item(w, n).deleted_for_good = Some(at(MORNING) + hours(12 * 24));
            },
            "soft-deleted",
            &[("deleted_for_good", Value::is_string)],
        ),
        (
            "a snapshot only",
            "vm-10",
            |w, n| {
                item(w, n).points = vec![
                    Point { time: at(MORNING) - hours(40), in_vault: true },
                    Point { time: at(NIGHT), in_vault: false },
                ];
            },
            "snapshot-only",
            &[("last_in_vault", Value::is_string)],
        ),
        ("no policy", "vm-11", |w, n| item(w, n).policy.clear(), "not-assessed", &[]),
        (
            "a policy that nobody can read",
            "vm-12",
            |w, n| policy(w, n, json!({"backupManagementType": "AzureIaasVM"})),
            "not-assessed",
            &[],
        ),
        (
            "a server that is silent",
            "fs01",
            |w, n| {
                age(w, n, 60);
                item(w, n).last_heard = Some(at(MORNING) - hours(55));
            },
            "in-breach",
            &[("last_heard", Value::is_string)],
        ),
        ("logs", "orders", |w, n| policy(w, n, SQL_WITH_LOGS()), "in-breach", &[("objective_s", |v| *v == 135 * 60)]),
        (
            "every four hours by day",
            "finance",
            |w, n| {
                policy(
                    w,
                    n,
                    json!({"backupManagementType": "AzureStorage", "schedulePolicy": {
                "schedulePolicyType": "SimpleSchedulePolicy", "scheduleRunFrequency": "Hourly",
                "hourlySchedule": {"interval": 4, "scheduleWindowDuration": 12}}}),
                );
            },
            "within-objective",
            &[("objective_s", |v| *v == 14 * 3600)],
        ),
    ];
    let mut world = good_night();
    for (_, name, change, _, _) in table {
        change(&mut world, name);
    }
    let told = told(world);
    for (world, name, _, expected, says) in table {
        assert_eq!(verdict(&told, name), *expected, "{world}: {:#?}\n{}", row(&told, name), told.mail());
        let gaps = told.lines("rpo_gap");
        let gap = gaps.iter().find(|line| line["resource_name"] == *name);
        let printed = !matches!(*expected, "within-objective" | "not-assessed");
        assert_eq!(gap.is_some(), printed, "{world}: {gap:?}");
        for (member, holds) in *says {
            let value = gap.map_or(&row(&told, name)[*member], |gap| &gap[*member]);
            assert!(holds(value), "{world}: {member} is {value}");
        }
    }
    let answer = told.answer();
    assert_eq!(
        (&answer["stopped"], &answer["soft_deleted"], &answer["snapshot_only"]),
        (&json!(3), &json!(1), &json!(1))
    );
    assert_eq!((told.severity(), &answer["stuck"]), ("critical", &json!(1)));
}

#[test]
fn a_job_that_failed_puts_its_row_at_risk_with_its_cause_code_and_number() {
    let mut world = company();
    break_items(
        &mut world,
        &["vm-01", "vm-02"],
        "UserErrorGuestAgentStatusUnavailable",
        400_153,
        "VM agent unable to communicate with Azure Backup.",
    );
    run_all(&mut world);
    // Their last good backup is of the night before; the policy lets it be a day and two hours old.
    world.clock = at("2026-03-12T23:30:00Z");
    let told = told(world);
    assert_eq!(verdict(&told, "vm-01"), "at-risk");
    let gaps = told.lines("rpo_gap");
    let gap = gaps.iter().find(|line| line["resource_name"] == "vm-01").unwrap();
    assert_eq!((&gap["code"], &gap["number"]), (&json!("UserErrorGuestAgentStatusUnavailable"), &json!(400_153)));
    assert_eq!(gap["breaches_at"], "2026-03-13T00:00:04Z");
    assert!(gap["failed_job_id"].is_string() && gap["root_cause_id"].is_string(), "{gap}");
    let causes = told.lines("root_cause");
    let cause = causes.iter().find(|cause| cause["root_cause_id"] == gap["root_cause_id"]).unwrap();
    assert_eq!((&cause["status"], &cause["resources_held_back"]), (&json!("new"), &json!(2)));
    for (member, value) in [("cloud", json!("azure")), ("number", json!(400_153)), ("location", json!("westeurope"))] {
        assert_eq!(cause[member], value, "{cause}");
    }
    assert!(cause["vault"].is_string() && cause["item"].is_string() && cause["job_id"].is_string(), "{cause}");
    assert!(told.mail().contains("UserErrorGuestAgentStatusUnavailable (400153)"), "{}", told.mail());
    assert_eq!(told.metric("ResourcesAtRisk"), 2);
    assert_eq!(told.metric("OpenRootCauses"), 1);
}

/// Azure and AWS, with what each can have; nothing of it hides behind the other.
#[test]
fn both_clouds_are_one_mail() {
    let mut world = good_night();
    let azure = world.azure.clone();
    let mut both = databases(&["orders-db", "ledger"]);
    nights(&mut both, 3);
    let shift = both.clock.duration_since(at(MORNING));
    world = both;
    world.azure = azure;
    world.clock = at(MORNING) + shift;
    move_azure(&mut world, shift);
    let now = world.clock;
    age_at(&mut world, "vm-01", now - hours(50));
    "ProtectionStopped".clone_into(&mut item(&mut world, "vm-02").protection_state);
    item(&mut world, "vm-03").soft_deleted = true;
    item(&mut world, "vm-03").deleted_for_good = Some(now + hours(12 * 24));
    item(&mut world, "vm-04").health = Some(Health {
        word: "ActionSuggested".into(),
        code: 400_239,
        title: "IaasVmHealthAmber".into(),
        text: "Backup pre-check found a warning.".into(),
    });
    policy_of(&mut world, "orders");
    let simulator = Simulator::start(world);
    let told = report(&simulator, &[]);
    let mail = format!("Subject: {}\n\n{}", told.subject(), told.mail());
    insta::assert_snapshot!(mail);
}

fn move_azure(world: &mut World, by: SignedDuration) {
    for job in &mut world.azure.jobs {
        job.started += by;
        job.ends += by;
    }
    for item in &mut world.azure.items {
        item.last_backup = item.last_backup.map(|at| at + by);
        item.points.iter_mut().for_each(|point| point.time += by);
    }
}

fn age_at(world: &mut World, name: &str, time: jiff::Timestamp) {
    age(world, name, 0);
    let item = item(world, name);
    item.points = vec![Point { time, in_vault: true }];
    item.last_backup = Some(time);
}

fn policy_of(world: &mut World, name: &str) {
    policy(world, name, SQL_WITH_LOGS());
}

#[test]
fn what_cannot_be_read_is_named_and_makes_no_row_green() {
    for (operation, fault) in [
        ("QueryGraph", Fault::Denied),
        ("QueryGraph", Fault::ServerError),
        ("QueryGraph", Fault::ThrottleFor(3600)),
        ("ListJobs", Fault::Denied),
        ("ListJobs", Fault::ServerError),
    ] {
        let simulator = Simulator::start(good_night());
        simulator.fail("azure", operation, fault, Repeat::Always);
        let told = report(&simulator, &[]);
        assert_eq!(told.answer()["coverage"]["complete"], false, "{operation} {fault:?}");
        assert_eq!(told.answer()["within_objective"], 0, "{operation} {fault:?}: {}", told.mail());
        assert!(told.subject().starts_with("INCOMPLETE: "), "{}", told.subject());
        let errors = told.answer()["coverage"]["errors"].to_string();
        assert!(errors.contains("subscription 0a") || errors.contains("rsv-prod"), "{errors}");
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
fn calls_grow_with_vaults_and_not_with_items() {
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
    assert_eq!(calls(0), calls(100));
}

#[test]
fn what_only_a_server_knows_is_assessed_by_rpo_hours_alone() {
    let world = || {
        let mut world = company();
        let vault = world.azure.vaults[0].id.clone();
        world.azure.add_item(&vault, ItemKind::Dpm, "dpm-01");
        run_all(&mut world);
        world.clock = at(MORNING);
        world
    };
    let silent = |mut world: World| {
        item(&mut world, "dpm-01").last_heard = Some(at(MORNING) - hours(50));
        world
    };
    type Setting = (&'static str, &'static str);
    let table: [(World, &[Setting], &str, &str); 3] = [
        (
            world(),
            &[],
            "not-assessed",
            "its schedule is kept on its backup server, and Azure does not know it: set RPO_HOURS",
        ),
        (silent(world()), &[], "not-assessed", "its server has stopped to report to Azure"),
        (world(), &[("RPO_HOURS", "24")], "within-objective", ""),
    ];
    for (world, settings, expected, why) in table {
        let told = report(&Simulator::start(world), settings);
        assert_eq!(verdict(&told, "dpm-01"), expected, "{}", told.mail());
        assert_eq!(row(&told, "dpm-01")["not_assessed"].as_str().unwrap_or_default(), why);
        // The policy of MARS is known.
        assert_eq!(verdict(&told, "fs01"), "within-objective");
    }
}

#[test]
fn a_log_backup_that_no_list_has_is_told_by_its_item() {
    let mut world = good_night();
    policy(&mut world, "orders", SQL_WITH_LOGS());
    world.clock = at(NIGHT) + hours(2);
    run_all(&mut world);
    break_items(&mut world, &["orders"], "UserErrorSQLLSNValidationFailure", 0, "Log chain is broken.");
    let now = world.clock;
    world.azure.schedule("orders", now - SignedDuration::from_mins(45));
    world.advance(SignedDuration::from_mins(10));
    let told = told(world);
    assert_eq!(verdict(&told, "orders"), "at-risk", "{}", told.mail());
    let gaps = told.lines("rpo_gap");
    let gap = gaps.iter().find(|line| line["resource_name"] == "orders").unwrap();
    assert_eq!(gap["code"], "UserErrorSQLLSNValidationFailure");
    assert!(gap["failed_job_id"].as_str().unwrap().starts_with("item:"), "{gap}");
    assert!(told.mail().contains("full backup not seen"), "{}", told.mail());
}

#[test]
fn what_is_protected_since_yesterday_is_not_due_yet() {
    let mut world = good_night();
    never(&mut world, "vm-01");
    let configured = |ago: i64, world: &mut World| {
        let id = world.azure.schedule("vm-01", at(MORNING) - hours(ago));
        let job = world.azure.jobs.iter_mut().find(|job| job.id == id).unwrap();
        "ConfigureBackup".clone_into(&mut job.operation);
        "Completed".clone_into(&mut job.status);
    };
    configured(20, &mut world);
    let simulator = Simulator::start(world);
    assert_eq!(verdict(&report(&simulator, &[]), "vm-01"), "not-due-yet");
    simulator.with_world(|world| world.clock = at(MORNING) + hours(24));
    assert_eq!(verdict(&report(&simulator, &[]), "vm-01"), "never-backed-up");
}

#[test]
fn a_restore_that_failed_and_one_that_is_stuck_are_told_and_no_row_is_worse_for_them() {
    let mut world = good_night();
    let restore = |world: &mut World, name: &str, ago: i64, status: &str| {
        let id = world.azure.schedule(name, at(MORNING) - hours(ago));
        let job = world.azure.jobs.iter_mut().find(|job| job.id == id).unwrap();
        "Restore".clone_into(&mut job.operation);
        status.clone_into(&mut job.status);
        job.ends = if status == "Failed" { at(MORNING) - hours(ago - 1) } else { at(MORNING) + hours(9) };
        job.error = Some(tests::world::azure::Cause {
            title: "UserErrorVMSizeNotAvailable".into(),
            number: 0,
            text: "The requested VM size is not available in the current region.".into(),
        });
        id
    };
    let failed = restore(&mut world, "vm-01", 5, "Failed");
    let stuck = restore(&mut world, "vm-02", 7, "InProgress");
    let told = told(world);
    assert_eq!([verdict(&told, "vm-01"), verdict(&told, "vm-02")], ["within-objective"; 2]);
    let line = told.lines("restore_failed")[0];
    assert_eq!((&line["job_id"], &line["code"]), (&json!(failed), &json!("UserErrorVMSizeNotAvailable")));
    let restores = told.section("RESTORES THAT FAILED SINCE THE LAST REPORT");
    assert!(restores.contains("of vm-01 in vault rsv-prod in rg-backup of subscription"), "{restores}");
    assert!(
        told.section("RESTORES THAT SEEM STUCK").contains(&format!("{stuck} of vm-02 (AzureIaasVM): runs for 7 h"))
    );
}

#[test]
fn azure_that_does_not_answer_delays_no_report_beyond_its_time() {
    let simulator = Simulator::start(good_night());
    simulator.fail("azure", "QueryGraph", Fault::Delay(3_600_000), Repeat::Always);
    let azure = simulator.with_world(|world| world.azure.settings(simulator.url()));
    let azure: Vec<(&str, &str)> = azure.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut morning = Morning::with(&simulator, &azure);
    morning.report.time_limit = std::time::Duration::from_secs(20);
    let told = morning.report();
    assert_eq!(told.answer()["coverage"]["complete"], false);
    assert!(told.prose().contains("the list of backup items of subscription"), "{}", told.mail());
}
