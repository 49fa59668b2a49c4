//! Why, since when, and what has become of it.

use serde_json::{Value, json};
use tests::world::{Condition, admins_only, naming};
use tests::{Function, Simulator, World};

use super::support::*;

/// Runs verify once at the world's time, and lets what it started come to its end.
fn verify(simulator: &Simulator, verify: &mut Function<'_>) -> Value {
    let now = simulator.with_world(|world| world.clock);
    let answer = verify.invoke(&json!({"time": now.to_string()})).answer.unwrap();
    simulator.with_world(|world| {
        world.advance_until_idle();
        world.advance(HOUR);
    });
    answer
}

fn refused_on_the_last_nights(nights: i64) -> World {
    let mut world = databases(&["orders", "users", "carts"]);
    play(&mut world, 6, |world, ago| {
        if ago == nights - 1 {
            world.key("databases").policy = admins_only(ACCOUNT);
        }
    });
    world
}

#[test]
fn a_cause_that_verify_has_proven_fixed_is_told_with_what_recovered() {
    let simulator = Simulator::start(refused_on_the_last_nights(2));
    let mut morning = Morning::new(&simulator);
    let before = morning.report();
    let id = before.lines("root_cause")[0]["root_cause_id"].clone();
    assert_eq!(before.lines("root_cause")[0]["status"], "open");
    assert_eq!(before.metric("OpenRootCauses"), 1);
    assert!(before.mail().contains("\"fixed\":["), "{}", before.mail());

    let mut rerun = Function::start("verify", &simulator, &[("ALERT_TOPIC_ARN", ALERTS)]).unwrap();
    simulator.with_world(|world| world.key("databases").policy = naming(ACCOUNT, ROLE));
    assert_eq!(verify(&simulator, &mut rerun)["started"], 1);

    let told = morning.report();
    let cause = told.lines("root_cause")[0];
    assert_eq!((&cause["root_cause_id"], &cause["status"]), (&id, &"proven".into()));
    assert_eq!((&cause["proven_by"], &cause["resources_recovered"]), (&"night-one".into(), &1.into()));
    assert_eq!(cause["resources_held_back"], 2, "the others wait for their own run");
    assert_eq!([&told.answer()["reruns_completed"], &told.answer()["resources_recovered"]], [&json!(1), &json!(1)]);
    let section = told.section("RECOVERED SINCE THE LAST REPORT").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(section.contains("verified fixed by a rerun of Night One"), "{}", told.mail());
    assert!(section.contains("2 resources still to complete a run"), "{}", told.mail());
    assert_eq!(told.metric("OpenRootCauses"), 0);
    assert!(!told.mail().contains("\"fixed\":["), "nothing is left to claim: {}", told.mail());

    // The next night everything completes, and the morning after is green.
    simulator.with_world(|world| world.run_night("nightly", at("2026-11-22T02:00:00Z")));
    let told = morning.report_at(at("2026-11-22T07:00:00Z"));
    assert_eq!(told.answer()["resources_recovered"], 3);
    let told = morning.report_at(at("2026-11-22T20:00:00Z"));
    assert_eq!(told.answer()["within_objective"], 3);
}

#[test]
fn a_rerun_that_failed_is_told() {
    let simulator = Simulator::start(refused_on_the_last_nights(2));
    let mut morning = Morning::new(&simulator);
    let mut rerun = Function::start("verify", &simulator, &[("ALERT_TOPIC_ARN", ALERTS)]).unwrap();
    simulator.with_world(|world| world.key("databases").policy = naming(ACCOUNT, ROLE));
    let now = simulator.with_world(|world| world.clock);
    // The key is mended when verify looks, and broken again before it is used.
    let key = simulator.with_world(|world| {
        let key = world.key("databases").arn.clone();
        let refusal = format!(
            "User: arn:aws:sts::{ACCOUNT}:assumed-role/AWSBackupNightly/AWSBackup-AWSBackupNightly is not authorized to \
             perform: kms:CreateGrant on resource: {key} because no resource-based policy allows the kms:CreateGrant action"
        );
        for resource in &mut world.resources {
            resource.condition = Condition::Trouble(refusal.clone());
        }
        key
    });
    assert_eq!(verify(&simulator, &mut rerun)["started"], 1, "{key} at {now}");
    let told = morning.report();
    assert_eq!(told.metric("RerunsRefused"), 1);
    assert_eq!(told.lines("root_cause")[0]["reruns_failed"], 1);
    assert!(told.mail().contains("1 rerun of Night One failed since the last report"), "{}", told.mail());
}

#[test]
fn every_job_that_failed_since_the_last_report_is_named_by_its_cause() {
    let mut world = databases(&["orders", "users", "carts", "search", "ledger", "mails"]);
    play(&mut world, 4, |world, ago| {
        if ago == 0 {
            let key = world.add_key("rotated").arn.clone();
            world.key("rotated").policy = admins_only(ACCOUNT);
            for name in ["orders", "users", "carts"] {
                world.resource(name).key = Some(key.clone());
            }
            world.resource("search").condition = Condition::Invalid;
            world.resource("ledger").condition = Condition::Trouble("Something that nobody has ever seen".to_owned());
        }
    });
    let failed: Vec<String> =
        world.backup_jobs.iter().filter(|job| job.message.is_some()).map(|job| job.id.clone()).collect();
    assert_eq!(failed.len(), 5);
    let told = told(world);
    let causes = told.lines("root_cause");
    let classes: Vec<&str> = causes.iter().map(|cause| cause["root_cause_class"].as_str().unwrap()).collect();
    assert_eq!(classes[0], "kms-policy-denied", "the one that holds back the most comes first");
    assert!(classes.contains(&"resource-state") && classes.contains(&"unknown"), "{classes:?}");
    let named: usize = causes.iter().map(|cause| cause["job_ids"].as_array().unwrap().len()).sum();
    assert_eq!(named, 5);
    for id in &failed {
        assert!(causes.iter().any(|cause| cause["job_ids"].to_string().contains(id)), "{id}");
    }
    let prose = told.prose();
    assert!(prose.contains("1. KMS key policy refuses the backup role: 3 at risk"), "{prose}");
    assert!(prose.contains("3 of 5 failed jobs in 30 days, 60 %, on 1 night; 3 jobs since the last report"), "{prose}");
    assert!(prose.starts_with("5 resources are at risk: "), "{prose}");
    assert_eq!((told.answer()["root_causes_new"].as_i64(), told.severity()), (Some(3), "critical"));
    assert_eq!(told.answer()["at_risk"], 5);
}

#[test]
fn a_cause_that_began_before_the_last_report_is_not_new() {
    let told = told(refused_on_the_last_nights(3));
    assert_eq!(told.answer()["root_causes_new"], 0);
    let cause = told.lines("root_cause")[0];
    assert_eq!((&cause["status"], &cause["nights"], &cause["failed"]), (&"open".into(), &3.into(), &9.into()));
    assert_eq!(cause["since_last_report"], 3);
    assert!(!told.mail().contains("NEW since the last report"), "{}", told.mail());
}

/// The page looks whether the role is there; the report looks, too, and everybody reads that one.
#[test]
fn the_first_step_is_the_one_that_fits_what_is_seen_of_the_role() {
    let unless_seen = "If the role is there, let AWS Backup assume the role again in its trust policy";
    type Break = fn(&mut World);
    let table: [(&str, Break, &str); 2] = [
        (
            "gone",
            |world| world.roles.retain(|role| role.name != "AWSBackupNightly"),
            "Make the role again under the same name and path",
        ),
        (
            "refuses",
            |world| {
                world.role("AWSBackupNightly").trust = json!({"Version": "2012-10-17", "Statement": []}).to_string()
            },
            "Let AWS Backup assume the role again",
        ),
    ];
    for (name, breaks, step) in table {
        let mut world = databases(&["orders", "users"]);
        play(&mut world, 4, |world, ago| {
            if ago == 0 {
                breaks(world);
            }
        });
        let told = told(world);
        let prose = told.prose();
        assert!(prose.contains(&format!("Do first: {step}")), "{name}: {prose}");
        assert!(!prose.contains(unless_seen), "{name}: {prose}");
    }
}
