//! Account by account: what is proven, what is started and as whom, and what is said of an account that cannot be looked into.

use jiff::SignedDuration;
use serde_json::json;
use tests::world::{AccountState, Condition, Monitoring, admins_only, naming};
use tests::{Fault, Repeat, Simulator, World};

use super::support::{
    BACKUP_ROLE, HUB, LOOK, QUARTER, REGION, admit, advance, all_broken, break_role, broken, calls_in, cause_of, hub,
    id, mend, mend_account, problems, reruns_in, scope_of, status_of, watching, well,
};
use crate::verify::support::{at, kinds, text};

#[test]
fn the_fix_in_one_of_thirty_accounts_proves_that_account_and_no_other() {
    let simulator = Simulator::start_organization(all_broken(30));
    let mut night = watching(&simulator, &[]);
    let first = night.tick();
    assert_eq!(first.causes().len(), 30);
    for number in 1..=30 {
        assert_eq!(status_of(&first, number), "waiting", "{}", cause_of(&first, number));
        assert_eq!(scope_of(&first, number, REGION)["layer"], "look");
    }
    mend_account(&simulator, 7);
    advance(&simulator, QUARTER);
    simulator.forget_calls();
    let second = night.tick();
    let started = |number| usize::from(number == 7);
    for number in 1..=30 {
        assert_eq!(status_of(&second, number), if number == 7 { "started" } else { "waiting" }, "{number}");
        assert_eq!(reruns_in(&simulator, number).len(), started(number), "{number}");
        assert_eq!(calls_in(&simulator, &id(number), "StartBackupJob"), started(number));
    }
    assert_eq!(calls_in(&simulator, HUB, "StartBackupJob"), 0);

    let later = night.ticks_for(SignedDuration::from_hours(1));
    assert_eq!(kinds(&later), ["verified"]);
    let mail = later.iter().flat_map(|played| &played.mails).next().unwrap();
    assert_eq!(mail.attributes["account"].1, id(7));
    assert_eq!(mail.attributes["incident_id"].1, text(cause_of(&first, 7), "incident_id"));
    let last = later.last().unwrap();
    let verified: Vec<usize> = (1..=30).filter(|number| status_of(last, *number) == "verified").collect();
    assert_eq!(verified, [7]);
    let subject = mail.subject.as_deref().unwrap();
    let ids = [&reruns_in(&simulator, 7)[0].id, &text(cause_of(&first, 7), "id")].map(String::clone);
    let told = ids.iter().fold(format!("{subject}\n\n{}", mail.message), |told, id| told.replace(id.as_str(), "ID"));
    insta::assert_snapshot!("verified_in_another_account", told);
}

#[test]
fn a_cause_says_whose_it_is() {
    let simulator = Simulator::start_organization(all_broken(1));
    let played = watching(&simulator, &[]).tick();
    let cause = cause_of(&played, 1);
    assert_eq!((text(cause, "account_name"), text(cause, "region")), ("prod-1".to_owned(), REGION.to_owned()));
    assert_eq!(problems(&played), Vec::<String>::new());
    assert_eq!(scope_of(&played, 1, REGION)["complete"], true);
    assert_eq!(played.summary()["coverage"]["scopes"], json!({"own": 1, "look": 1}));
}

#[test]
fn without_a_rerun_role_nothing_is_started_on_a_claim_either() {
    let simulator = Simulator::start_organization(all_broken(2));
    mend_account(&simulator, 1);
    let mut night = watching(&simulator, &[("RERUN_ROLE", "")]);
    let first = night.tick();
    let claim = json!({"fixed": [text(cause_of(&first, 1), "id")]});
    for played in [first, night.play(&claim)] {
        assert_eq!(status_of(&played, 1), "not-rerunnable");
        assert!(text(cause_of(&played, 1), "reason").contains("RERUN_ROLE is not set"), "{}", cause_of(&played, 1));
        assert_eq!(played.summary()["unknown_claims"], json!([]));
    }
    assert_eq!(simulator.count_of("backup", "StartBackupJob"), 0);
    // Its own schedule proves it all the same.
    simulator.with_account(&id(1), REGION, |world| world.run_night("nightly", at("2026-03-11T03:00:00Z")));
    let later = night.ticks_for(SignedDuration::from_hours(1));
    assert_eq!(kinds(&later), ["verified"]);
}

#[test]
fn what_waits_in_another_account_is_caught_up_with_as_its_rerun_role_alone() {
    let simulator = Simulator::start_organization(all_broken(1));
    let id_of_cause = {
        let mut night = watching(&simulator, &[]);
        mend_account(&simulator, 1);
        let first = night.tick();
        assert_eq!(kinds(&night.ticks_for(SignedDuration::from_hours(1))), ["verified"]);
        text(cause_of(&first, 1), "id")
    };
    let statuses = |settings: &[(&str, &str)]| {
        let played = watching(&simulator, settings).play(&json!({"catch_up": [id_of_cause]}));
        let lines = played.summary()["catch_up"].as_array().unwrap().clone();
        lines.iter().map(|line| (text(line, "status"), text(line, "reason"))).collect::<Vec<_>>()
    };
    let barred = statuses(&[("RERUN_ROLE", "")]);
    assert!(barred[0].0 == "not-rerunnable" && barred[0].1.contains("RERUN_ROLE is not set"), "{barred:?}");
    assert_eq!(reruns_in(&simulator, 1).len(), 1);
    let started = statuses(&[]);
    assert_eq!((started.len(), started[0].0.as_str()), (1, "started"), "{started:?}");
    assert_eq!(reruns_in(&simulator, 1).len(), 2);
}

#[test]
fn a_rerun_role_that_cannot_be_assumed_starts_nothing_and_is_named() {
    let mut organization = all_broken(1);
    organization.member(&id(1)).home().roles.retain(|role| role.name != "night-one-rerun");
    let simulator = Simulator::start_organization(organization);
    mend_account(&simulator, 1);
    let played = watching(&simulator, &[]).tick();
    assert_eq!(status_of(&played, 1), "refused");
    assert!(text(cause_of(&played, 1), "reason").contains("night-one-rerun"), "{}", cause_of(&played, 1));
    assert_eq!(simulator.count_of("backup", "StartBackupJob"), 0);
}

#[test]
fn an_account_that_does_not_let_us_in_is_never_verified() {
    let mut organization = all_broken(2);
    organization.member(&id(1)).home().roles.retain(|role| role.name != LOOK);
    let simulator = Simulator::start_organization(organization);
    let mut night = watching(&simulator, &[]);
    let first = night.tick();
    assert_eq!(status_of(&first, 1), "not-rerunnable");
    let reason = text(cause_of(&first, 1), "reason");
    assert!(reason.contains("cannot look into account 200000000001 (prod-1)") && reason.contains(LOOK), "{reason}");
    assert_eq!(first.summary()["coverage"]["complete"], false);
    let told = problems(&first);
    assert!(told.len() == 1 && told[0].starts_with("account 200000000001 (prod-1): "), "{told:?}");
    let scope = scope_of(&first, 1, REGION);
    assert_eq!(
        (&scope["layer"], &scope["complete"], &scope["jobs_counted"]),
        (&json!("central"), &json!(false), &json!(2))
    );
    assert_eq!(scope_of(&first, 2, REGION)["layer"], "look");

    // All is well again in both: that of the other is proven.
    for number in [1, 2] {
        mend_account(&simulator, number);
        simulator.with_account(&id(number), REGION, |world| world.run_night("nightly", at("2026-03-11T03:00:00Z")));
    }
    let later = night.ticks_for(SignedDuration::from_hours(1));
    assert_eq!(kinds(&later), ["verified"]);
    let last = later.last().unwrap();
    assert_eq!((status_of(last, 1), status_of(last, 2)), ("not-rerunnable".to_owned(), "verified".to_owned()));
}

#[test]
fn a_region_that_a_policy_shuts_is_named_and_never_green() {
    let mut organization = hub();
    admit(&mut organization, 1, broken(1, REGION));
    organization.admit(broken(1, "us-east-1"), "prod-1");
    organization.member(&id(1)).shut("us-east-1");
    let simulator = Simulator::start_organization(organization);
    let mut night = watching(&simulator, &[("WATCH_REGIONS", "eu-west-1,us-east-1")]);
    mend_account(&simulator, 1);
    let played = night.tick();
    let of_region = |region: &str| {
        let found = played.causes().iter().find(|cause| cause["region"] == region);
        text(found.unwrap_or_else(|| panic!("{:#?}", played.causes())), "status")
    };
    assert_eq!((of_region("eu-west-1"), of_region("us-east-1")), ("started".to_owned(), "waiting".to_owned()));
    assert_eq!(scope_of(&played, 1, REGION)["layer"], "look");
    assert_eq!(scope_of(&played, 1, "us-east-1")["layer"], "central");
    assert_eq!(scope_of(&played, 1, "us-east-1")["complete"], false);
    let told = problems(&played);
    assert!(told.iter().all(|why| why.starts_with("account 200000000001 (prod-1), us-east-1: ")), "{told:?}");
    assert!(told[0].contains("what restore tests came to: AWS denies Night One backup:ListRestoreJobs"), "{told:?}");
}

#[test]
fn an_account_that_is_suspended_is_named_and_not_asked() {
    let mut organization = all_broken(2);
    organization.member(&id(1)).state = AccountState::Suspended;
    let simulator = Simulator::start_organization(organization);
    let played = watching(&simulator, &[]).tick();
    assert_eq!(played.causes().len(), 1);
    let scope = scope_of(&played, 1, REGION);
    assert_eq!(scope["layer"], "none");
    assert!(scope["errors"][0].as_str().unwrap().contains("SUSPENDED"), "{scope}");
    assert_eq!(simulator.count_of("sts", "AssumeRole"), 1);
}

#[test]
fn an_account_that_is_to_be_closed_is_looked_at_until_it_is() {
    let mut organization = all_broken(1);
    organization.member(&id(1)).state = AccountState::PendingClosure;
    let simulator = Simulator::start_organization(organization);
    let played = watching(&simulator, &[]).tick();
    assert_eq!(
        (scope_of(&played, 1, REGION)["layer"].as_str(), status_of(&played, 1).as_str()),
        (Some("look"), "waiting")
    );
}

#[test]
fn each_account_has_its_own_number_of_reruns() {
    let simulator = Simulator::start_organization(all_broken(3));
    (1..=3).for_each(|number| mend_account(&simulator, number));
    let played = watching(&simulator, &[("MAX_RERUNS_PER_TICK", "1")]).tick();
    assert_eq!(played.summary()["started"], 3);
    (1..=3).for_each(|number| assert_eq!(reruns_in(&simulator, number).len(), 1));
}

#[test]
fn an_organization_that_cannot_be_listed_leaves_our_own_account() {
    let mut organization = all_broken(1);
    organization.manage_from(&id(1), tests::world::HubIs::Member);
    let simulator = Simulator::start_organization(organization);
    let played = watching(&simulator, &[]).tick();
    assert!(played.causes().is_empty());
    let told = problems(&played);
    assert!(told.len() == 1 && told[0].contains("could not be listed"), "{told:?}");
    assert_eq!(played.lines("scope").len(), 1);
}

#[test]
fn listed_accounts_alone_are_looked_at_and_told_by_their_ids() {
    let mut organization = all_broken(2);
    admit(&mut organization, 3, well(3, REGION));
    let simulator = Simulator::start_organization(organization);
    let listed = format!("{},{}", id(2), id(3));
    let mut night = watching(&simulator, &[("WATCH_ACCOUNTS", &listed), ("STACK_LABEL", "Backups")]);
    let played = night.tick();
    assert_eq!(played.causes().len(), 1);
    assert_eq!(cause_of(&played, 2)["account_name"], json!(null));
    simulator.with_account(&id(2), REGION, |world| {
        mend(world);
        world.run_night("nightly", at("2026-03-11T03:00:00Z"));
        break_role(world);
    });
    let later = night.ticks_for(SignedDuration::from_hours(1));
    let mail = later.iter().flat_map(|played| &played.mails).next().unwrap();
    assert!(mail.subject.as_deref().unwrap().starts_with("[Backups, 200000000002] VERIFIED: "), "{:?}", mail.subject);
    assert_eq!(simulator.count("organizations"), 0);
}

/// Of two accounts in one tick: neither mail stands for the other.
#[test]
fn jobs_that_hang_are_told_account_by_account() {
    let mut organization = hub();
    for number in 1..=3 {
        let mut world = well(number, REGION);
        world.resource("db-0").condition = Condition::Hangs;
        world.run_night("nightly", at("2026-03-10T03:00:00Z"));
        admit(&mut organization, number, world);
    }
    // Of one that does not let us in, the lists of all accounts tell it.
    organization.member(&id(3)).home().roles.retain(|role| role.name != LOOK);
    let simulator = Simulator::start_organization(organization);
    let mut night = watching(&simulator, &[]);
    let played = night.ticks_for(SignedDuration::from_hours(6));
    assert_eq!(kinds(&played), ["stuck", "stuck", "stuck"]);
    let mails = played.iter().flat_map(|played| &played.mails);
    let mut accounts: Vec<&str> = mails.map(|mail| mail.attributes["account"].1.as_str()).collect();
    accounts.sort_unstable();
    assert_eq!(accounts, [id(1), id(2), id(3)]);
    let of_first = played.iter().flat_map(|played| &played.mails).find(|mail| mail.attributes["account"].1 == id(1));
    let mail = of_first.unwrap();
    let hung = simulator.with_account(&id(1), REGION, |world| world.backup_jobs.last().unwrap().id.clone());
    let other =
        simulator.with_account(&id(1), REGION, |world| world.backup_jobs.iter().rev().nth(1).unwrap().id.clone());
    let told = format!("{}\n\n{}", mail.subject.as_deref().unwrap(), mail.message);
    insta::assert_snapshot!("stuck_in_another_account", told.replace(&hung, "ID").replace(&other, "ID"));
}

/// Nobody knows then how long its jobs usually take, and STUCK_HOURS alone counts: the log says so.
#[test]
fn habits_that_cannot_be_read_are_named_with_the_account_that_does_not_let_us_in() {
    let mut organization = hub();
    let mut world = well(1, REGION);
    world.resource("db-0").condition = Condition::Hangs;
    world.run_night("nightly", at("2026-03-10T03:00:00Z"));
    admit(&mut organization, 1, world);
    organization.member(&id(1)).home().roles.retain(|role| role.name != LOOK);
    let simulator = Simulator::start_organization(organization);
    let mut night = watching(&simulator, &[]);
    advance(&simulator, SignedDuration::from_hours(5));
    simulator.fail_asking("backup", "ListBackupJobs", "resourceArn=", Fault::Denied, Repeat::Always);
    let played = night.tick();
    let errors = scope_of(&played, 1, REGION)["errors"].to_string();
    assert!(errors.contains("how long a running job usually takes: AWS denies Night One"), "{errors}");
}

/// The key is in the account of the security team, and so is the fix.
#[test]
fn a_key_of_another_account_is_looked_at_where_it_is() {
    let mut organization = hub();
    let mut security = World::of(&id(9), REGION, at("2026-03-07T00:00:00Z"));
    let role = format!("arn:aws:iam::{}:role/AWSBackupNightly", id(1));
    let key = security.add_key("backup");
    key.policy = naming(&id(9), &role);
    let arn = key.arn.clone();
    organization.admit(security, "security");
    organization.add_look_role(&id(9), LOOK);
    admit(&mut organization, 1, well(1, REGION));
    organization.with_account(&id(1), REGION, |world| {
        for name in ["db-0", "db-1"] {
            world.resource(name).key = Some(arn.clone());
        }
    });
    organization.with_account(&id(9), REGION, |world| world.key("backup").policy = admins_only(&id(9)));
    organization.with_account(&id(1), REGION, |world| world.run_night("nightly", at("2026-03-10T03:00:00Z")));
    let simulator = Simulator::start_organization(organization);
    let mut night = watching(&simulator, &[]);
    let played = night.tick();
    assert_eq!(
        (text(cause_of(&played, 1), "class"), status_of(&played, 1)),
        ("kms-policy-denied".into(), "waiting".into())
    );
    assert!(text(cause_of(&played, 1), "reason").starts_with("Not fixed: "), "{}", cause_of(&played, 1));
    simulator.with_account(&id(9), REGION, |world| world.key("backup").policy = naming(&id(9), &role));
    advance(&simulator, QUARTER);
    assert_eq!(status_of(&night.tick(), 1), "started");
    assert_eq!(reruns_in(&simulator, 1).len(), 1);
}

#[test]
fn another_region_of_our_own_account_is_looked_at_as_ourselves() {
    let mut organization = hub();
    let mut away = World::of(HUB, "us-east-1", at("2026-03-07T00:00:00Z"));
    away.add_vault("prod");
    away.add_resource("RDS", "db-0");
    away.add_plan("nightly");
    away.add_rule("nightly", "daily", "cron(0 3 ? * * *)", "prod");
    away.add_role(BACKUP_ROLE);
    away.add_selection("nightly", BACKUP_ROLE, &["db-0"]);
    away.run_night("nightly", at("2026-03-09T03:00:00Z"));
    break_role(&mut away);
    away.run_night("nightly", at("2026-03-10T03:00:00Z"));
    organization.admit(away, "hub");
    let simulator = Simulator::start_organization(organization);
    let settings = [("WATCH_ACCOUNTS", "own"), ("WATCH_REGIONS", "eu-west-1,us-east-1"), ("RERUN_ROLE", "")];
    let mut night = watching(&simulator, &settings);
    let played = night.tick();
    assert_eq!((played.status(), text(played.cause(), "region")), ("waiting".to_owned(), "us-east-1".to_owned()));
    simulator.with_world(|world| world.add_role(BACKUP_ROLE).arn.clone());
    advance(&simulator, QUARTER);
    assert_eq!(night.tick().status(), "started");
    let later = night.ticks_for(SignedDuration::from_hours(1));
    assert_eq!(kinds(&later), ["verified"]);
    let mail = later.iter().flat_map(|played| &played.mails).next().unwrap();
    assert_eq!(mail.attributes["region"].1, "us-east-1");
    assert_eq!(simulator.count("sts") + simulator.count("organizations"), 0);
}

#[test]
fn one_account_in_one_region_asks_nothing_of_the_organization() {
    let simulator = Simulator::start_organization(all_broken(1));
    let played = watching(&simulator, &[("WATCH_ACCOUNTS", ""), ("RERUN_ROLE", "")]).tick();
    assert!(played.causes().is_empty() && played.lines("scope").is_empty());
    assert!(played.summary()["coverage"].get("scopes").is_none());
    let calls = simulator.calls();
    let (trail, others): (Vec<_>, Vec<_>) = calls.iter().partition(|call| call.service == "cloudtrail");
    assert!(others.iter().all(|call| call.service == "backup"), "{others:?}");
    assert!(calls.iter().all(|call| call.account == HUB), "{calls:?}");
    // CloudTrail tells who took protection away: one question for each kind of change of which AWS Backup sends no event.
    assert!(trail.iter().all(|call| call.operation == "LookupEvents"), "{trail:?}");
    assert_eq!(trail.len(), 3, "{trail:?}");
    assert!(calls.iter().all(|call| !call.detail.contains("accountId")), "{calls:?}");
}

/// Nothing can be stopped in an account that does not let us in. The answer says which account that is, and why.
#[test]
fn a_job_to_stop_in_an_account_that_does_not_let_us_in_says_so() {
    for (name, monitoring, status) in [("its jobs are listed", true, "refused"), ("they are not", false, "not-read")] {
        let mut organization = hub();
        let mut world = well(1, REGION);
        world.resource("db-0").condition = Condition::Hangs;
        world.run_night("nightly", at("2026-03-10T03:00:00Z"));
        let hangs = world.backup_jobs.iter().rev().nth(1).unwrap().id.clone();
        admit(&mut organization, 1, world);
        organization.member(&id(1)).home().roles.retain(|role| role.name != LOOK);
        if !monitoring {
            organization.monitoring = Monitoring::Off;
        }
        let simulator = Simulator::start_organization(organization);
        let played = watching(&simulator, &[]).play(&json!({"stop": [hangs]}));
        let stop = &played.summary()["stops"][0];
        assert_eq!(text(stop, "status"), status, "{name}: {stop}");
        let reason = text(stop, "reason");
        assert!(reason.contains("account 200000000001 (prod-1)") && reason.contains(LOOK), "{name}: {reason}");
        assert_eq!(simulator.count_of("backup", "StopBackupJob"), 0);
    }
}

/// A role is of its account and not of a Region: its failures in two Regions are one cause. What a job of one Region proves is proven there alone, for a
/// key, a vault or a switch of the other may still be in the way.
#[test]
fn a_role_in_two_regions_is_one_cause_that_each_region_proves_for_itself() {
    let mut organization = hub();
    admit(&mut organization, 1, broken(1, REGION));
    organization.admit(broken(1, "us-east-1"), "prod-1");
    let simulator = Simulator::start_organization(organization);
    let mut night = watching(&simulator, &[("WATCH_REGIONS", "eu-west-1,us-east-1")]);
    for region in [REGION, "us-east-1"] {
        simulator.with_account(&id(1), region, mend);
    }
    let first = night.tick();
    let ids: Vec<String> = first.causes().iter().map(|cause| text(cause, "id")).collect();
    assert_eq!((ids.len(), &ids[0]), (2, &ids[1]), "{ids:?}");
    let later = night.ticks_for(SignedDuration::from_hours(1));
    assert_eq!(kinds(&later), ["verified", "verified"]);
    let mails: Vec<_> = later.iter().flat_map(|played| &played.mails).collect();
    let mut regions: Vec<&str> = mails.iter().map(|mail| mail.attributes["region"].1.as_str()).collect();
    regions.sort_unstable();
    assert_eq!(regions, [REGION, "us-east-1"]);
    assert_eq!(mails[0].attributes["incident_id"], mails[1].attributes["incident_id"]);
}
