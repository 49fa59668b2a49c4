//! What cannot be read: a right that is missing is named, and what may be read later makes the tick run again. The rest goes out at once.

use std::time::Duration;

use serde_json::json;
use tests::world::azure::ItemKind;
use tests::world::{AccountState, HubIs};
use tests::{At, Fault, Repeat};

use super::super::support::{break_item, job as azure_job};
use super::*;

/// Three accounts in which a backup failed in time for the tick of 01:40; the ids of the jobs.
fn three() -> (Organization, Vec<String>) {
    let mut organization = organization(3);
    let failed = (0..3)
        .map(|number| organization.with_account(&id(number), HOME, |world| backup(world, JobState::Failed, 20)))
        .collect();
    organization.with_account(HUB, HOME, |hub| hub.advance(TEN * 4));
    (organization, failed)
}

type Shut = fn(&mut Organization);

#[test]
fn what_may_not_be_read_is_named_and_the_rest_is_told() {
    let table: [(&str, Shut, &str); 2] = [
        (
            "no role",
            |organization| {
                organization.with_account(&id(0), HOME, |world| world.roles.retain(|role| role.name != LOOK));
            },
            "The role night-one-look of account 400000000000 (prod-00) could not be assumed: it is missing, its trust policy does not name \
             us, or a policy of the organization denies it",
        ),
        (
            "a shut Region",
            |organization| organization.member(&id(0)).shut(HOME),
            "The jobs of account 400000000000 (prod-00) in eu-west-1 could not be read: AWS denies Night One backup:ListBackupJobs \
             (AccessDeniedException); check its role, and the policies above the role",
        ),
    ];
    for (name, shut, said) in table {
        let (mut organization, failed) = three();
        shut(&mut organization);
        let simulator = Simulator::start_organization(organization);
        let played = collector(&simulator, &POLLED).tick();
        let told = &failed[1..];
        assert_eq!(sorted(ids(&played.events)), sorted(told.to_vec()), "{name}");
        assert_eq!(played.errors(), [said], "{name}");
        assert_eq!(
            played.summary()["members"],
            json!({"accounts": 3, "scopes": 2, "jobs": told.len(), "gaps": 1}),
            "{name}"
        );
        let [line] = played.lines("error")[..] else { panic!("{name}: one line, {:?}", played.logs) };
        assert!(line["message"].as_str().unwrap().starts_with(said), "{name}: {line}");
    }
}

/// Of an account that does not let us list its copies, the backups are told all the same.
#[test]
fn a_list_that_may_not_be_read_costs_no_other() {
    let (organization, failed) = three();
    let simulator = Simulator::start_organization(organization);
    simulator.fail_at(At::Account(&id(0)), "backup", "ListCopyJobs", Fault::Denied, Repeat::Always);
    let played = collector(&simulator, &POLLED).tick();
    assert_eq!(sorted(ids(&played.events)), sorted(failed));
    let said = "The jobs of account 400000000000 (prod-00) in eu-west-1 could not be read: AWS denies Night One backup:ListCopyJobs \
                (AccessDeniedException); check its role, and the policies above the role";
    assert_eq!(played.errors(), [said]);
}

#[test]
fn what_is_shut_in_many_accounts_is_one_sentence() {
    let mut organization = organization(8);
    for number in 0..8 {
        organization.member(&id(number)).shut(AWAY);
    }
    let simulator = Simulator::start_organization(organization);
    let settings = [POLLED[0], POLLED[1], ("WATCH_REGIONS", "eu-west-1,us-east-1")];
    let played = collector(&simulator, &settings).tick();
    let [error] = played.errors().try_into().unwrap_or_else(|errors: Vec<String>| panic!("{errors:?}"));
    assert!(
        error.starts_with(
            "The jobs of 8 accounts (400000000000 (prod-00), 400000000001 (prod-01), 400000000002 (prod-02), 400000000003 (prod-03), \
             400000000004 (prod-04) and 3 more) in us-east-1 could not be read: AWS denies Night One backup:List"
        ),
        "{error}"
    );
    assert_eq!(played.lines("error").len(), 1);
}

/// Nothing is backed up in an account that is suspended, and nothing could be read there.
#[test]
fn an_account_that_is_closed_is_no_gap() {
    let (mut organization, failed) = three();
    organization.member(&id(0)).state = AccountState::Suspended;
    let simulator = Simulator::start_organization(organization);
    let played = collector(&simulator, &POLLED).tick();
    assert_eq!(sorted(ids(&played.events)), sorted(failed[1..].to_vec()));
    assert_eq!((played.errors(), &played.summary()["members"]["accounts"]), (vec![], &json!(2)));
}

#[test]
fn what_may_be_read_later_goes_out_with_the_next_run_and_the_rest_at_once() {
    for fault in
        [Fault::Throttle, Fault::ServerError, Fault::Reset, Fault::Html(502), Fault::NoMembers, Fault::Truncated]
    {
        let (organization, failed) = three();
        let simulator = Simulator::start_organization(organization);
        let mut collector = collector(&simulator, &POLLED);
        simulator.fail_at(At::Account(&id(1)), "backup", "ListBackupJobs", fault, Repeat::Always);
        let half = collector.tick();
        assert_eq!(sorted(ids(&half.events)), sorted(vec![failed[0].clone(), failed[2].clone()]), "{fault:?}");
        let error = half.answer.as_ref().unwrap_err();
        assert_eq!(error["errorType"], "NotRead", "{fault:?}");
        assert!(error["errorMessage"].as_str().unwrap().contains("account 400000000001 (prod-01)"), "{error}");
        let [summary] = half.lines("collect_summary")[..] else { panic!("one summary") };
        assert_eq!((&summary["collected"], &summary["coverage"]["complete"]), (&json!(2), &json!(false)), "{fault:?}");
        simulator.heal();
        assert_eq!(sorted(ids(&collector.tick().events)), sorted(failed), "{fault:?}");
    }
}

#[test]
fn a_session_that_sts_gives_later_is_asked_for_by_the_next_run() {
    let (organization, failed) = three();
    let simulator = Simulator::start_organization(organization);
    let mut collector = collector(&simulator, &POLLED);
    simulator.fail_asking("sts", "AssumeRole", &id(1), Fault::Throttle, Repeat::Always);
    let half = collector.tick();
    assert_eq!(half.events.len(), 2);
    assert_eq!(half.answer.unwrap_err()["errorType"], "NotRead");
    simulator.heal();
    assert_eq!(sorted(ids(&collector.tick().events)), sorted(failed));
}

/// However long one account is silent, the others are told, and the tick has time for its answer.
#[test]
fn a_silent_account_delays_nobody() {
    let (mut organization, mut failed) = three();
    for number in 3..30 {
        let mut world = World::of(&id(number), HOME, organization.clock());
        furnish(&mut world);
        organization.admit(world, &format!("prod-{number:02}"));
        organization.add_look_role(&id(number), LOOK);
    }
    let simulator = Simulator::start_organization(organization);
    let mut collector = collector(&simulator, &POLLED);
    collector.function.time_limit = Duration::from_secs(15);
    simulator.fail_at(At::Account(&id(0)), "backup", "*", Fault::Delay(3_600_000), Repeat::Always);
    let played = collector.tick();
    let silent = failed.remove(0);
    assert_eq!(sorted(ids(&played.events)), sorted(failed));
    let error = played.answer.as_ref().unwrap_err();
    assert_eq!(error["errorType"], "NotRead");
    let [summary] = played.lines("collect_summary")[..] else { panic!("one summary") };
    assert_eq!(summary["members"], json!({"accounts": 30, "scopes": 29, "jobs": 2, "gaps": 1}));
    simulator.heal();
    assert!(ids(&collector.tick().events).contains(&silent));
}

#[test]
fn while_the_organization_cannot_be_listed_our_own_regions_are_read() {
    let (mut organization, failed) = three();
    let away = organization.with_account(HUB, AWAY, |world| {
        world.clock -= TEN * 4;
        furnish(world);
        let id = backup(world, JobState::Failed, 20);
        world.clock += TEN * 4;
        id
    });
    let simulator = Simulator::start_organization(organization);
    let settings = [POLLED[0], POLLED[1], ("WATCH_REGIONS", "eu-west-1,us-east-1")];
    let mut collector = collector(&simulator, &settings);
    simulator.fail("organizations", "ListAccounts", Fault::Throttle, Repeat::Always);
    let played = collector.tick();
    assert_eq!(ids(&played.events), std::slice::from_ref(&away));
    assert_eq!(played.answer.unwrap_err()["errorType"], "NotRead");
    simulator.heal();
    simulator.fail("organizations", "ListAccounts", Fault::Denied, Repeat::Always);
    let played = collector.tick();
    assert_eq!(ids(&played.events), std::slice::from_ref(&away));
    let [error] = played.errors().try_into().unwrap_or_else(|errors: Vec<String>| panic!("{errors:?}"));
    assert!(
        error.starts_with("The list of accounts could not be read: AWS denies Night One organizations:ListAccounts"),
        "{error}"
    );
    simulator.heal();
    assert_eq!(collector.tick().events.len(), failed.len() + 1);
}

#[test]
fn a_hub_that_is_nobody_in_its_organization_says_so() {
    let (mut organization, _) = three();
    organization.manage_from(&id(0), HubIs::Member);
    let simulator = Simulator::start_organization(organization);
    let played = collector(&simulator, &POLLED).tick();
    assert_eq!((played.events.len(), played.errors().len()), (0, 1), "{:?}", played.answer);
}

#[test]
fn what_the_bus_refuses_is_sent_by_the_next_run() {
    let (organization, failed) = three();
    let simulator = Simulator::start_organization(organization);
    let mut collector = collector(&simulator, &POLLED);
    simulator.fail("events", "*", Fault::ServerError, Repeat::Always);
    let played = collector.tick();
    assert_eq!(played.answer.as_ref().unwrap_err()["errorType"], "NotPut");
    assert_eq!((played.events.len(), played.lines("job_collected").len()), (0, 0));
    simulator.heal();
    assert_eq!(sorted(ids(&collector.tick().events)), sorted(failed));
}

/// One cloud that fails does not keep back what the other tells.
#[test]
fn each_cloud_is_told_while_the_other_fails() {
    let both = || {
        let (mut organization, failed) = three();
        organization.with_account(HUB, HOME, |hub| {
            hub.clock -= TEN * 4;
            let vault = hub.azure.add_vault("rsv-a");
            hub.azure.add_item(&vault, ItemKind::Vm, "vm-a1");
            break_item(hub, "vm-a1");
            azure_job(hub, "vm-a1", 20);
            hub.advance(TEN * 4);
        });
        (Simulator::start_organization(organization), failed)
    };
    let of =
        |played: &Played, cloud: &str| played.events.iter().filter(|event| event["detail"]["cloud"] == cloud).count();
    let (simulator, _) = both();
    let played = Collector::with(&simulator, &POLLED).tick();
    assert_eq!((of(&played, "azure"), of(&played, "aws")), (1, 3), "{:?}", played.answer);
    assert_eq!(played.summary()["collected"], 4);

    let (simulator, _) = both();
    simulator.with_world(|world| world.azure.trusts_us = false);
    let played = Collector::with(&simulator, &POLLED).tick();
    assert_eq!((of(&played, "azure"), of(&played, "aws")), (0, 3));
    assert_eq!(played.answer.as_ref().unwrap_err()["errorType"], "NotSignedIn");
    let [summary] = played.lines("collect_summary")[..] else { panic!("one summary") };
    let errors = summary["coverage"]["errors"].as_array().unwrap();
    assert!(
        errors.len() == 1 && errors[0].as_str().unwrap().starts_with("Nothing could be read of Azure: "),
        "{errors:?}"
    );

    let (simulator, _) = both();
    simulator.fail("sts", "AssumeRole", Fault::Throttle, Repeat::Always);
    let played = Collector::with(&simulator, &POLLED).tick();
    assert_eq!((of(&played, "azure"), of(&played, "aws")), (1, 0));
    assert_eq!(played.answer.as_ref().unwrap_err()["errorType"], "NotRead");
}

#[test]
fn a_function_that_has_nothing_to_collect_does_not_start_and_says_the_ways_out() {
    let simulator = Simulator::start_organization(organization(1));
    for settings in [vec![], vec![("WATCH_ACCOUNTS", "organization")], vec![("MEMBER_EVENTS", "polled")]] {
        let all = [&[("ALERT_TOPIC_ARN", ALERTS), ("EVENT_BUS_NAME", BUS)], settings.as_slice()].concat();
        let Err(problem) = Function::start("collect", &simulator, &all) else { panic!("{settings:?}") };
        for way_out in ["AZURE_TENANT_ID", "MEMBER_EVENTS to polled", "WATCH_ACCOUNTS", "WATCH_REGIONS"] {
            assert!(problem.contains(way_out), "{settings:?}: {problem}");
        }
    }
}
