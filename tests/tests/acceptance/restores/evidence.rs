//! The report says of each resource whether it is proven to restore.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use jiff::SignedDuration;
use serde_json::Value;
use tests::world::Cleanup;
use tests::{Fault, Repeat, Simulator, World};

use crate::report::support::{DAY, Morning, Told, add_database, at, empty, nights, plan};

const DATABASES: [&str; 15] = [
    "validated",
    "by-hand",
    "not-validated",
    "under-way",
    "waits-for-its-validator",
    "bad-data",
    "bad-data-long-ago",
    "silent-validator",
    "fault-of-the-test",
    "fault-of-the-backup",
    "fault-of-nobody-knows-whom",
    "overdue",
    "tried",
    "skipped",
    "proven-then-bad-test",
];

/// Databases under one plan, each with another history of restores, and a warehouse that AWS cannot test.
fn world() -> World {
    let mut world = empty();
    for name in DATABASES {
        add_database(&mut world, name);
    }
    let key = world.key("databases").arn.clone();
    world.add_resource("Redshift", "warehouse").key = Some(key);
    let names: Vec<&str> = DATABASES.into_iter().chain(["warehouse"]).collect();
    plan(&mut world, "nightly", "daily", "cron(0 2 ? * * *)", &names);
    world.add_testing_plan("weekly").tests("RDS", "AWSBackupNightly", 4);
    world.add_testing_plan("quick").tests("RDS", "AWSBackupNightly", 0);

    world.run_night("nightly", at("2026-09-05T02:00:00Z"));
    by_hand(&mut world, "overdue", "2026-09-06T12:00:00Z");
    world.run_night("nightly", at("2026-10-09T02:00:00Z"));
    by_hand(&mut world, "tried", "2026-10-10T12:00:00Z");
    nights(&mut world, 20);

    let week_ago = "2026-11-15T05:00:00Z";
    for (name, status) in [("validated", "SUCCESSFUL"), ("proven-then-bad-test", "SUCCESSFUL"), ("bad-data", "FAILED")]
    {
        let id = test(&mut world, name, "weekly", week_ago);
        validate(&mut world, &id, status);
    }
    let id = test(&mut world, "bad-data-long-ago", "weekly", "2026-11-10T05:00:00Z");
    validate(&mut world, &id, "FAILED");
    test(&mut world, "bad-data-long-ago", "quick", week_ago);
    test(&mut world, "silent-validator", "weekly", week_ago);
    test(&mut world, "not-validated", "quick", week_ago);
    by_hand(&mut world, "by-hand", week_ago);
    for (name, words) in [
        ("fault-of-the-test", "No default VPC exists for this account."),
        ("proven-then-bad-test", "No default VPC exists for this account."),
        ("fault-of-the-backup", "KMS key is disabled."),
        ("fault-of-nobody-knows-whom", "Flux capacitor."),
    ] {
        world.resource(name).restore_trouble = Some(words.to_owned());
        test(&mut world, name, "weekly", "2026-11-18T05:00:00Z");
    }
    test(&mut world, "waits-for-its-validator", "weekly", "2026-11-21T06:30:00Z");
    world.resource("under-way").duration = SignedDuration::from_hours(5);
    test(&mut world, "under-way", "quick", "2026-11-21T06:30:00Z");
    world
}

fn point_of(world: &World, name: &str, at: jiff::Timestamp) -> String {
    let of = |point: &&tests::world::RecoveryPoint| point.resource_name == name && point.created < at;
    world.recovery_points.iter().rev().find(of).unwrap().arn.clone()
}

fn by_hand(world: &mut World, name: &str, when: &str) -> String {
    let point = point_of(world, name, at(when));
    world.restore(&point, "AWSBackupNightly", at(when))
}

fn test(world: &mut World, name: &str, plan: &str, when: &str) -> String {
    let point = point_of(world, name, at(when));
    world.test_restore(&point, plan, at(when))
}

fn validate(world: &mut World, id: &str, status: &str) {
    let ended = world.end_of_job(id).unwrap();
    world.validate(id, status, "42 rows looked at", ended + SignedDuration::from_mins(30));
}

const SETTINGS: [(&str, &str); 1] = [("RESTORE_TEST_DAYS", "60")];

fn told(simulator: &Simulator) -> Told {
    Morning::with(simulator, &SETTINGS).report()
}

/// The verdict on each resource, by its name.
fn verdicts(told: &Told) -> BTreeMap<String, String> {
    let lines = told.logs.iter().filter(|line| line["record"] == "restore_evidence");
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    lines.map(|line| (word(&line["resource_name"]), word(&line["verdict"]))).collect()
}

#[test]
fn each_history_has_its_verdict_in_mail_log_and_answer() {
    let simulator = Simulator::start(world());
    let told = told(&simulator);
    let expected = [
        ("bad-data", "failed-validation"),
        ("bad-data-long-ago", "failed-validation"),
        ("by-hand", "proven"),
        ("fault-of-nobody-knows-whom", "not-proven"),
        ("fault-of-the-backup", "not-proven-cause-of-the-backup"),
        ("fault-of-the-test", "not-proven-cause-of-the-test"),
        ("not-validated", "restored-not-validated"),
        ("overdue", "overdue"),
        ("proven-then-bad-test", "proven"),
        ("silent-validator", "nobody-validated"),
        ("skipped", "never-tested"),
        ("tried", "tried"),
        ("under-way", "under-way"),
        ("validated", "proven"),
        ("waits-for-its-validator", "under-way"),
        ("warehouse", "cannot-be-tested"),
    ];
    let expected = expected.map(|(name, verdict)| (name.to_owned(), verdict.to_owned()));
    assert_eq!(verdicts(&told), BTreeMap::from(expected));
    let answer = told.answer.as_ref().unwrap();
    assert_eq!(
        (&answer["restores_proven"], &answer["restores_failed_validation"], &answer["restores_never_tested"]),
        (&3.into(), &2.into(), &1.into())
    );
    // Only those without a restore on record are asked for, and AWS cannot test the warehouse.
    assert_eq!(simulator.count_of("backup", "DescribeProtectedResource"), 3);
    let evidence =
        told.logs.iter().find(|line| line["resource_name"] == "validated" && line["record"] == "restore_evidence");
    let evidence = evidence.unwrap();
    assert_eq!((&evidence["proven_by"], &evidence["said"]), (&"validated".into(), &"42 rows looked at".into()));
    assert!(evidence["restore_testing_plan_arn"].as_str().unwrap().contains(":restore-testing-plan:weekly-"));
    assert_snapshot!("every-verdict", section(&told));
}

/// The part of the mail that is about restores, and its first lines.
fn section(told: &Told) -> String {
    let first: Vec<&str> = told.mail().lines().take(14).collect();
    format!(
        "{}\n\n{}\n...\nRESTORES\n--------\n{}",
        told.subject(),
        first.join("\n"),
        told.section("RESTORES").trim_end()
    )
}

#[test]
fn where_restores_cannot_be_read_nothing_is_green_and_the_place_is_named() {
    for list in ["ListRestoreJobs[COMPLETED]", "ListRestoreJobs[FAILED]"] {
        let simulator = Simulator::start(world());
        simulator.fail("backup", list, Fault::Denied, Repeat::Always);
        let told = told(&simulator);
        let answer = told.answer.as_ref().unwrap();
        assert_eq!(answer["restores_proven"], 0, "{list}");
        assert_eq!(answer["coverage"]["complete"], false);
        let green = verdicts(&told).into_values().filter(|verdict| verdict == "proven").count();
        assert_eq!(green, 0);
        assert!(told.mails[0].message.contains("the list of restore jobs in state"), "{}", told.mails[0].message);
    }
}

#[test]
fn without_the_trace_a_resource_is_unknown_and_not_never_tested() {
    let mut world = world();
    let more: Vec<String> = (0..12).map(|number| format!("more-{number}")).collect();
    more.iter().for_each(|name| add_database(&mut world, name));
    plan(&mut world, "more", "daily", "cron(0 2 ? * * *)", &more.iter().map(String::as_str).collect::<Vec<_>>());
    world.run_night("more", at("2026-11-21T02:00:00Z"));
    let simulator = Simulator::start(world);
    simulator.fail("backup", "DescribeProtectedResource", Fault::Denied, Repeat::Always);
    let told = told(&simulator);
    let verdicts = verdicts(&told);
    for name in ["skipped", "tried", "overdue"].into_iter().chain(more.iter().map(String::as_str)) {
        assert_eq!(verdicts[name], "unknown", "{name}");
    }
    assert_eq!(verdicts["validated"], "proven");
    // Of fifteen without a restore on record, the five that are looked at side by side are asked for.
    assert_eq!(simulator.count_of("backup", "DescribeProtectedResource"), 5, "once denied, no other is asked for");
    assert!(told.mails[0].message.contains("when resources were last restored"));
}

#[test]
fn silent_plans_and_leftovers_are_named_and_a_good_night_is_not_told_as_bad() {
    let mut world = world();
    let id = test(&mut world, "validated", "weekly", "2026-11-16T05:00:00Z");
    world.test_of(&id).cleanup = Cleanup::Fails;
    let id = test(&mut world, "by-hand", "quick", "2026-11-16T05:00:00Z");
    world.test_of(&id).cleanup = Cleanup::Hangs;
    // It ran last a week before the Sunday that is over.
    world.testing_plan("quick").last_run = Some(at("2026-11-08T05:00:10Z"));
    let simulator = Simulator::start(world);
    let told = told(&simulator);
    let answer = told.answer.as_ref().unwrap();
    assert_eq!((&answer["restore_plans_silent"], &answer["restore_leftovers"]), (&1.into(), &2.into()));
    let mail = &told.mails[0].message;
    for words in [
        "quick: due 2026-11-15 05:00 UTC, last run 2026-11-08",
        "awsbackup-restore-test-",
        "The resource does not have the tag",
    ] {
        let flat = mail.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(words), "{words}: {mail}");
    }
}

#[test]
fn what_a_restore_test_made_is_no_row() {
    let mut world = empty();
    add_database(&mut world, "orders");
    add_database(&mut world, "awsbackup-restore-test-1f2e3d4c");
    plan(&mut world, "nightly", "daily", "cron(0 2 ? * * *)", &["orders"]);
    nights(&mut world, 3);
    world.run_night("nightly", at("2026-11-21T02:00:00Z"));
    world.add_selection("nightly", "AWSBackupNightly", &["awsbackup-restore-test-1f2e3d4c"]);
    world.clock = at("2026-11-23T07:00:00Z") - DAY;
    let simulator = Simulator::start(world);
    let told = told(&simulator);
    let rows: Vec<&Value> = told.logs.iter().filter(|line| line["record"] == "backup_evidence").collect();
    assert!(!rows.is_empty() && rows.iter().all(|row| row["resource_name"] == "orders"), "{rows:?}");
}
