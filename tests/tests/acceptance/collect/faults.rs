//! What may not be read, and what is not there: named, counted by a metric, and no reason to be silent about the rest.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::world::azure::ItemKind;
use tests::{Fault, Repeat, Simulator};

use super::support::{Collector, break_item, company, job, start};

const OTHER: &str = "0a000000-0000-4000-8000-00000000bbbb";

#[test]
fn what_a_role_is_missing_for_is_named_and_the_rest_is_told() {
    let mut world = company();
    for name in ["vm-a1", "vm-b1"] {
        break_item(&mut world, name);
    }
    let (seen, unseen) = (job(&mut world, "vm-a1", 20), job(&mut world, "vm-b1", 20));
    world.advance(SignedDuration::from_mins(40));
    let vault = world.azure.vaults[1].id.to_lowercase();
    let simulator = Simulator::start(world);
    let mut collector = Collector::new(&simulator);
    simulator.fail_asking("azure", "*", "vaults/rsv-b/", Fault::Denied, Repeat::Always);
    let outcome = collector.function.invoke(&json!({"time": "2026-03-13T01:40:00Z"}));
    let metric = outcome.logs.iter().find(|line| line.contains("\"_aws\":")).unwrap();
    let metric: Value = serde_json::from_str(metric).unwrap();
    assert_eq!((&metric["CollectCoverageErrors"], &metric["JobsCollected"]), (&json!(2), &json!(1)));
    let played = collector.tick();
    assert_eq!(played.errors().len(), 2);
    for (error, (what, action)) in
        played.errors().iter().zip([("jobs", "backupJobs"), ("items", "backupProtectedItems")])
    {
        let expected = format!(
            "The {what} of vault {vault} could not be read: Night One may not call Microsoft.RecoveryServices/vaults/{action}/read \
             (AuthorizationFailed); check the roles of its identity"
        );
        assert_eq!(*error, expected);
    }
    assert_eq!(played.summary()["coverage"]["complete"], false);
    let lines = played.lines("error");
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| line["vault_ids"] == json!([vault])));
    // A tick of yesterday brings it once the role is there.
    simulator.heal();
    let ids = collector.tick().ids();
    assert!(ids.contains(&seen) && ids.contains(&unseen));
}

#[test]
fn what_is_expected_and_absent_is_named() {
    let mut world = company();
    break_item(&mut world, "vm-a1");
    let failed = job(&mut world, "vm-a1", 20);
    world.advance(SignedDuration::from_mins(40));
    let known = world.azure.vaults[0].id.clone();
    let simulator = Simulator::start(world);
    let subscriptions = format!("{},{OTHER}", tests::world::azure::SUBSCRIPTION);
    let gone = known.replace("rsv-a", "rsv-gone");
    let vaults = format!("{},{gone}", known.to_uppercase());
    let settings = [("AZURE_SUBSCRIPTION_IDS", subscriptions.as_str()), ("AZURE_VAULT_IDS", vaults.as_str())];
    let played = Collector::with(&simulator, &settings).tick();
    assert_eq!(played.ids(), [failed]);
    let expected = [
        format!(
            "Subscription {OTHER} is expected by AZURE_SUBSCRIPTION_IDS, and Azure does not show it to our identity"
        ),
        format!("Vault {} is expected by AZURE_VAULT_IDS, and Azure does not know it", gone.to_lowercase()),
    ];
    assert_eq!(played.errors(), expected);
    assert_eq!(played.lines("error").len(), 2);
}

/// The graph knows of something new after a while; what is expected is asked for by its id.
#[test]
fn what_the_graph_does_not_know_yet_answers_for_itself() {
    let mut world = company();
    world.azure.habits.graph_lags = true;
    break_item(&mut world, "vm-b1");
    let failed = job(&mut world, "vm-b1", 20);
    world.advance(SignedDuration::from_mins(40));
    let vault = world.azure.vaults[1].id.clone();
    let simulator = Simulator::start(world);
    let played = Collector::with(&simulator, &[("AZURE_VAULT_IDS", &vault)]).tick();
    assert_eq!((played.ids(), played.errors()), (vec![failed], vec![]));
    assert_eq!(played.events[0]["detail"]["location"], "westeurope");
}

#[test]
fn a_subscription_without_vaults_is_seen() {
    let mut world = company();
    world.azure.subscriptions.push(OTHER.to_owned());
    let simulator = Simulator::start(world);
    assert_eq!(Collector::new(&simulator).tick().errors(), Vec::<String>::new());
}

#[test]
fn two_subscriptions_are_told_apart() {
    let mut world = company();
    world.azure.subscriptions.push(OTHER.to_owned());
    let vault = world.azure.add_vault_in(OTHER, "rsv-a");
    world.azure.add_item(&vault, ItemKind::Vm, "vm-other");
    for name in ["vm-a1", "vm-other"] {
        break_item(&mut world, name);
        job(&mut world, name, 20);
    }
    world.advance(SignedDuration::from_mins(40));
    let simulator = Simulator::start(world);
    let played = Collector::new(&simulator).tick();
    let mut subscriptions: Vec<&str> =
        played.events.iter().map(|event| event["detail"]["subscription"].as_str().unwrap()).collect();
    subscriptions.sort_unstable();
    assert_eq!(subscriptions, [tests::world::azure::SUBSCRIPTION, OTHER]);
}

/// Every list of every tick would be a gap, and none of them the fault.
#[test]
fn without_a_token_the_tick_fails_and_says_what_to_compare() {
    let simulator = Simulator::start(company());
    let mut collector = Collector::new(&simulator);
    simulator.with_world(|world| world.azure.trusts_us = false);
    let played = collector.tick();
    let error = played.answer.unwrap_err();
    assert_eq!(error["errorType"], "NotSignedIn");
    assert!(error["errorMessage"].as_str().unwrap().contains("AADSTS70021"), "{error}");
    assert_eq!(simulator.count("azure"), 0);
    simulator.with_world(|world| world.azure.trusts_us = true);
    assert_eq!(collector.tick().errors(), Vec::<String>::new());
}

#[test]
fn a_function_that_is_told_too_little_does_not_start_and_names_what() {
    let simulator = Simulator::start(company());
    for (settings, said) in [
        (vec![("AZURE_TENANT_ID", "")], "AZURE_TENANT_ID not set, and AZURE_CLIENT_ID and AZURE_SUBSCRIPTION_IDS is"),
        (vec![("AZURE_CLIENT_ID", "x")], "AZURE_CLIENT_ID is"),
        (vec![("EVENT_BUS_NAME", "")], "EVENT_BUS_NAME is not set"),
        (vec![("COLLECT_INTERVAL_MINUTES", "0")], "COLLECT_INTERVAL_MINUTES is"),
        (
            vec![("AZURE_TENANT_ID", ""), ("AZURE_CLIENT_ID", ""), ("AZURE_SUBSCRIPTION_IDS", "")],
            "AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_SUBSCRIPTION_IDS are not set",
        ),
    ] {
        let Err(problem) = start(&simulator, &settings) else { panic!("{settings:?}") };
        assert!(problem.contains(said), "{settings:?}: {problem}");
    }
    assert_eq!(simulator.calls(), []);
}

/// Azure is named in each function of the stack: half of it is a mistake everywhere.
#[test]
fn half_of_azure_stops_every_function() {
    let mut world = company();
    world.add_topic("alerts");
    let simulator = Simulator::start(world);
    for function in ["classify", "verify", "report"] {
        let settings = [("ALERT_TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:alerts"), ("AZURE_TENANT_ID", OTHER)];
        let Err(problem) = tests::Function::start(function, &simulator, &settings) else { panic!("{function}") };
        assert!(problem.contains("AZURE_CLIENT_ID and AZURE_SUBSCRIPTION_IDS not set"), "{function}: {problem}");
    }
}

/// What Azure does not give today it does not give in a minute: the tick is not run again for it.
#[test]
fn a_list_that_azure_does_not_give_is_named_and_no_reason_to_run_again() {
    for fault in [Fault::Html(400), Fault::Html(404), Fault::Html(410)] {
        let mut world = company();
        break_item(&mut world, "vm-a1");
        let failed = job(&mut world, "vm-a1", 20);
        world.advance(SignedDuration::from_mins(40));
        let simulator = Simulator::start(world);
        simulator.fail_asking("azure", "ListItems", "'AzureBackupServer'", fault, Repeat::Always);
        let played = Collector::new(&simulator).tick();
        assert_eq!((played.ids(), played.errors().len()), (vec![failed], 3), "{fault:?}");
    }
}
