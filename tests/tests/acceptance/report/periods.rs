//! `{"period": ...}`: a week or a month of nights in one mail, from the bucket or from what AWS still lists.

use serde_json::{Value, json};
use tests::world::Condition;
use tests::{Fault, Repeat, Simulator};

use super::support::{Morning, Told, at, databases, nights};

const BUCKET: &str = "night-one-evidence";
const KEPT: [(&str, &str); 1] = [("EVIDENCE_BUCKET", BUCKET)];

/// Five nights, with a report after each. `orders` of the shop failed in the first two and came back; `crm` fails since the fourth.
fn week() -> Simulator {
    let mut world = databases(&["orders", "crm", "users"]);
    world.add_bucket(BUCKET);
    world.resource("orders").tag("owner", "shop-team");
    world.resource("crm").tag("owner", "crm-team");
    let simulator = Simulator::start(world);
    let mut morning = Morning::with(&simulator, &KEPT);
    for day in 16..=21 {
        simulator.with_world(|world| {
            let trouble = |fails: bool| match fails {
                true => Condition::Trouble(
                    "Backup job failed because there was a running job for the same resource.".to_owned(),
                ),
                false => Condition::Available,
            };
            let invalid = if day >= 20 { Condition::Invalid } else { Condition::Available };
            world.resource("orders").condition = trouble(day == 17 || day == 18);
            world.resource("crm").condition = invalid;
            world.run_night("nightly", at(&format!("2026-11-{day}T02:00:00Z")));
            world.clock = at(&format!("2026-11-{day}T07:00:00Z"));
        });
        // Of the first night no report is kept.
        if day > 16 {
            morning.report();
        }
    }
    drop(morning);
    simulator.with_world(|world| world.clock = at("2026-11-21T07:30:00Z"));
    simulator
}

fn asked(simulator: &Simulator, settings: &[(&str, &str)], period: &str) -> Told {
    let told = Morning::with(simulator, settings).play(&json!({ "period": period }));
    assert_eq!(told.mails.len(), 1, "{:?}", told.answer);
    assert!(told.metrics.is_empty(), "no summary stands for a nightly report");
    assert_eq!(told.logged_mails(), [(subject(&told), true)]);
    assert!(told.mails[0].message.lines().count() <= 80);
    told
}

fn subject(told: &Told) -> &str {
    told.mails[0].subject.as_deref().unwrap()
}

fn counted(told: &Told) -> (usize, usize) {
    let number = |member: &str| told.answer()[member].as_array().unwrap().len();
    (number("closed"), number("open"))
}

#[test]
fn a_week_says_by_owner_what_closed_and_what_is_open() {
    let simulator = week();
    let told = asked(&simulator, &KEPT, "week");
    let answer = told.answer();
    assert_eq!((&answer["source"], &answer["reports"]), (&json!("bucket"), &json!(5)));
    assert_eq!(answer["missing"], json!(["2026-11-15", "2026-11-16"]));
    assert_eq!(counted(&told), (1, 1), "{answer:#}");
    assert_eq!(answer["failed_jobs"], 4);
    assert!(
        subject(&told).ends_with("WEEK: 1 root cause closed, 1 open, the oldest for 2 nights"),
        "{}",
        subject(&told)
    );
    let line: Vec<&Value> = told.logs.iter().filter(|line| line["record"] == "period_summary").collect();
    assert_eq!(line.len(), 1);
    insta::assert_snapshot!("a-week", told.mails[0].message);
}

#[test]
fn a_month_says_by_cause_what_failed_and_what_was_retried() {
    let told = asked(&week(), &KEPT, "month");
    assert!(subject(&told).contains("MONTH: 1 root cause closed, 1 open"), "{}", subject(&told));
    insta::assert_snapshot!("a-month", told.mails[0].message);
}

/// The cause failed and was mended within one night, so that no night counts as bad. The tags of its resources still say who owns it.
#[test]
fn a_cause_that_closes_in_its_own_night_is_whose_the_tags_say() {
    for (owner, told) in [(Some("shop-team"), "shop-team"), (None, "without owner")] {
        let mut world = databases(&["orders", "users"]);
        world.add_bucket(BUCKET);
        if let Some(owner) = owner {
            world.resource("orders").tag("owner", owner);
        }
        let invalid = [Condition::Available, Condition::Invalid, Condition::Available];
        for (hour, condition) in ["20T02", "21T02", "21T05"].into_iter().zip(invalid) {
            world.resource("orders").condition = condition;
            world.run_night("nightly", at(&format!("2026-11-{hour}:00:00Z")));
        }
        world.clock = at("2026-11-21T07:00:00Z");
        let simulator = Simulator::start(world);
        Morning::with(&simulator, &KEPT).report();
        simulator.with_world(|world| world.clock = at("2026-11-21T07:30:00Z"));
        for period in ["week", "month"] {
            let mail = asked(&simulator, &KEPT, period).mails[0].message.clone();
            assert!(mail.contains(&format!("{told}: 1 closed, 0 open")), "no {told:?} in {mail}");
            assert!(!mail.contains("owner unknown"), "{mail}");
        }
    }
}

#[test]
fn a_month_says_of_how_many_nights_it_counts_failed_jobs() {
    let said = |settings: &[(&str, &str)]| asked(&week(), settings, "month").mails[0].message.clone();
    let kept = said(&KEPT);
    for line in [
        "FAILURES BY CAUSE (4 in the 5 nights of which a report is kept)",
        "Failed jobs in the 5 nights of which a report is kept: 4",
    ] {
        assert!(kept.lines().any(|told| told == line), "no {line:?} in {kept}");
    }
    let listed = said(&[]);
    assert!(listed.lines().any(|line| line == "FAILURES BY CAUSE (4)"), "{listed}");
}

#[test]
fn without_kept_reports_it_is_told_from_what_aws_lists_and_says_so() {
    let simulator = week();
    let told = asked(&simulator, &[], "week");
    assert_eq!((&told.answer()["source"], counted(&told)), (&json!("aws"), (1, 1)));
    assert_eq!(told.answer()["failed_jobs"], 4);
    let prose = told.mails[0].message.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(prose.contains("what AWS lists now, which reaches back 30 days: EVIDENCE_BUCKET is not set."), "{prose}");
    // A bucket without reports, and one that cannot be read.
    simulator.with_world(|world| world.bucket(BUCKET).objects.clear());
    let told = asked(&simulator, &KEPT, "week");
    assert!(told.answer()["why"].as_str().unwrap().contains("holds no report of this week"), "{:?}", told.answer);
    simulator.fail("s3", "GetObject", Fault::Denied, Repeat::Always);
    let told = asked(&simulator, &KEPT, "week");
    assert!(told.answer()["why"].as_str().unwrap().contains("can be read"), "{:?}", told.answer);
}

#[test]
fn a_damaged_report_is_named_and_the_others_count() {
    let simulator = week();
    simulator.with_world(|world| {
        let versions = world.bucket(BUCKET).objects.get_mut("nights/2026-11-18/night.json").unwrap();
        versions.last_mut().unwrap().body = b"{".to_vec();
    });
    let told = asked(&simulator, &KEPT, "week");
    assert_eq!(told.answer()["reports"], 4);
    assert!(told.answer()["unread"][0].as_str().unwrap().contains("nights/2026-11-18/night.json is damaged"));
    assert!(told.mails[0].message.contains("nights/2026-11-18/night.json"), "{}", told.mails[0].message);
}

/// What it lacks of this release it lacks, and nothing else is lost with it.
#[test]
fn a_report_of_an_older_release_counts_like_the_others() {
    let simulator = week();
    let before = asked(&simulator, &KEPT, "week");
    simulator.with_world(|world| {
        for day in 17..=20 {
            let name = format!("nights/2026-11-{day}/night.json");
            let kept = world.bucket(BUCKET).objects.get_mut(&name).unwrap().last_mut().unwrap();
            let mut night: Value = serde_json::from_slice(&kept.body).unwrap();
            let members = night.as_object_mut().unwrap();
            members.remove("restores").unwrap();
            members.insert("of_a_later_release".to_owned(), json!([1]));
            members["summary"].as_object_mut().unwrap().retain(|member, _| !member.starts_with("restores_"));
            kept.body = serde_json::to_vec(&night).unwrap();
        }
    });
    let after = asked(&simulator, &KEPT, "week");
    assert_eq!(after.answer(), before.answer());
    assert_eq!(after.mails[0].message, before.mails[0].message);
    // The numbers of restores are those of the last report: of one that had none they are not known.
    simulator.with_world(|world| {
        let newest = world.bucket(BUCKET).objects.remove("nights/2026-11-21/night.json");
        assert!(newest.is_some());
    });
    let older = asked(&simulator, &KEPT, "week");
    assert_eq!(older.answer()["restores_proven"], json!(null));
    assert!(
        older.mails[0].message.contains("Resources by their last restore: not known, because"),
        "{}",
        older.mails[0].message
    );
}

#[test]
fn a_mail_that_cannot_be_sent_is_an_error_and_a_wrong_word_is_refused() {
    let simulator = week();
    let mut morning = Morning::with(&simulator, &KEPT);
    let refused = morning.play(&json!({"period": "year"})).answer.unwrap_err().to_string();
    assert!(refused.contains("period is \\\"year\\\", and neither"), "{refused}");
    simulator.fail("sns", "Publish", Fault::Denied, Repeat::Always);
    assert!(morning.play(&json!({"period": "week"})).answer.is_err());
}

/// From the bucket and from what AWS lists alike.
#[test]
fn a_month_has_restores_and_what_tests_came_to() {
    let mut world = databases(&["orders", "crm"]);
    world.add_bucket(BUCKET);
    world.add_testing_plan("weekly").tests("RDS", "AWSBackupNightly", 4);
    nights(&mut world, 10);
    let point = |world: &tests::World, name: &str| {
        let mut points = world.recovery_points.iter().filter(|point| point.resource_name == name);
        points.next().unwrap().arn.clone()
    };
    let (orders, crm) = (point(&world, "orders"), point(&world, "crm"));
    let tested = world.test_restore(&orders, "weekly", at("2026-11-19T05:00:00Z"));
    world.validate(&tested, "SUCCESSFUL", "", at("2026-11-19T08:00:00Z"));
    world.resource("crm").duration = jiff::SignedDuration::from_hours(7);
    world.restore(&crm, "AWSBackupNightly", at("2026-11-19T12:00:00Z"));
    let simulator = Simulator::start(world);
    Morning::with(&simulator, &KEPT).report();
    for settings in [&KEPT[..], &[]] {
        let told = asked(&simulator, settings, "month");
        let prose = told.mails[0].message.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(prose.contains("RESTORE TESTS OF 30 DAYS (1)"), "{prose}");
        assert!(prose.contains("1: restored, and validated"), "{prose}");
        assert!(prose.contains("7 h crm (RDS), 2026-11-19 19:01 UTC"), "{prose}");
        let answer = told.answer();
        assert_eq!((&answer["restore_tests_validated"], &answer["longest_restore_s"]), (&json!(1), &json!(25_260)));
    }
}
