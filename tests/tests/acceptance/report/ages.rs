//! How old the last good backup is, against what its plan promises.

use serde_json::{Value, json};
use tests::world::{Condition, Lifecycle, Order, admins_only};
use tests::{Simulator, World};

use super::support::*;

fn rotated_key(keeps_days: i64) -> World {
    let mut world = databases(&["orders", "users"]);
    world.plan("nightly").rules[0].lifecycle = Lifecycle::days(keeps_days);
    play(&mut world, 49, |world, ago| {
        if ago == 46 {
            // Somebody gave this one a key that does not let the role in.
            let key = world.add_key("rotated").arn.clone();
            world.key("rotated").policy = admins_only(ACCOUNT);
            world.resource("orders").key = Some(key);
        }
    });
    world
}

#[test]
fn forty_seven_days_are_told_with_their_cause_although_the_job_list_reaches_back_thirty() {
    let world = rotated_key(90);
    let oldest = world.backup_jobs.iter().map(|job| job.created).min().unwrap();
    assert!(world.clock.duration_since(oldest) > DAY * 47, "the record holds more than AWS lists");
    let told = told(world);
    let gap = told.gap("orders", "prod");
    assert_eq!((&gap["verdict"], &gap["recovery_point"]), (&"in-breach".into(), &"last good exists".into()));
    assert_eq!(gap["last_good_start"], "2026-10-05T02:00:00Z");
    assert_eq!((hours(gap, "age_s") / 24, gap["runs_missed"].as_u64().unwrap()), (47, 47));
    assert_eq!(gap["since"], "2026-10-06T02:00:00Z");
    assert_eq!(gap["root_cause_class"], "kms-policy-denied");
    assert_eq!(gap["nights_failing"], 30, "as far as the record reaches");
    assert_eq!(told.subject(), "1 of 2 resources past RPO, worst 47 d");
    assert_eq!(told.severity(), "critical");
    assert!(told.mail().contains("47 d old, RPO 1 d 8 h (nightly/daily)"), "{}", told.mail());
    assert!(told.mail().contains("47 runs missed since 2026-10-06 02:00 UTC"), "{}", told.mail());
    assert!(told.mail().contains(">= 30 nights"), "{}", told.mail());
    assert_eq!(told.metric("WorstGapHours"), &json!(47 * 24 + 5));
    // The evidence of a job that is on no list any more comes from the list of protected resources.
    let row = told.row("orders", "prod");
    assert_eq!((&row["start"], &row["job_id"]), (&"2026-10-05T02:00:00Z".into(), &Value::Null));
    assert!(row["recovery_point_arn"].as_str().is_some_and(|arn| arn.contains(":snapshot:")), "{row}");
    assert_eq!(told.verdict("users"), "within-objective");
}

#[test]
fn one_whose_last_recovery_point_is_gone_heads_the_list() {
    let mut world = rotated_key(35);
    // Older still, but of this one there is something to restore.
    add_database(&mut world, "archive");
    let archive = world.resource("archive").arn.clone();
    world.selections[0].resources.push(archive);
    let order = Order::on_demand(&world.resource("archive").arn.clone(), "prod", ROLE);
    world.back_up(&order, at("2026-09-10T02:00:00Z"));
    let told = told(world);
    assert_eq!(told.gap("orders", "prod")["recovery_point"], "gone");
    assert_eq!(told.gap("archive", "prod")["recovery_point"], "last good exists");
    let worst = told.section("THE WORST");
    let names: Vec<&str> = worst.lines().filter(|line| line.contains("(RDS)")).collect();
    assert_eq!(
        names,
        ["1. orders (RDS) in vault prod: NO RECOVERY POINT LEFT", "2. archive (RDS) in vault prod: PAST ITS RPO"]
    );
    assert!(
        told.mail().starts_with("NO RECOVERY POINT LEFT: 1 resource cannot be restored at all."),
        "{}",
        told.mail()
    );
    assert!(
        told.subject().starts_with("1 with NO RECOVERY POINT LEFT, 2 of 3 resources past RPO"),
        "{}",
        told.subject()
    );
    assert_eq!(told.answer()["nothing_left"], 1);
}

#[test]
fn a_resource_that_was_only_ever_tried_is_never_backed_up() {
    let mut world = databases(&["orders", "users"]);
    world.resource("users").condition = Condition::Invalid;
    nights(&mut world, 3);
    let told = told(world);
    assert_eq!(told.verdict("users"), "never-backed-up");
    let gap = told.gap("users", "prod");
    assert_eq!((&gap["root_cause_class"], &gap["nights_failing"]), (&"resource-state".into(), &3.into()));
    assert_eq!(told.metric("NeverBackedUp"), 1);
    assert_eq!(told.metric("ResourcesProtected"), 1);
    assert_eq!((told.subject(), told.severity()), ("1 never backed up", "critical"));
}

#[test]
fn completed_without_objects_is_not_green() {
    let mut world = empty();
    let bucket = world.add_resource("S3", "reports");
    bucket.remark = Some("No objects were backed up from the source bucket reports.".to_owned());
    let arn = bucket.arn.clone();
    plan(&mut world, "nightly", "daily", "cron(0 2 ? * * *)", &[&arn]);
    nights(&mut world, 3);
    let told = told(world);
    // LastBackupTime is last night, and every job is COMPLETED: that is what makes it look well.
    assert_eq!(told.answer()["protected"], 1);
    assert_eq!(told.answer()["within_objective"], 0);
    assert_eq!(told.verdict("reports"), "in-breach");
    assert_eq!(told.answer()["success_rate_30_days"], 0.0);
    assert_eq!(told.severity(), "critical");
    let said = "the recovery point is not counted as good";
    assert!(told.prose_under("ALSO TO LOOK AT").contains(said), "{}", told.mail());
}

#[test]
fn a_usable_recovery_point_with_a_remark_is_green() {
    let mut world = databases(&["orders"]);
    nights(&mut world, 2);
    let clean = told(world);
    assert_eq!((clean.severity(), clean.subject()), ("info", "The only resource is within its RPO"));
    assert_eq!(clean.answer()["success_rate_1_day"], 100.0);
}

#[test]
fn one_objective_for_all_replaces_the_plans() {
    let mut world = databases(&["orders"]);
    nights(&mut world, 2);
    let simulator = Simulator::start(world);
    let told = Morning::with(&simulator, &[("RPO_HOURS", "4")]).report();
    assert_eq!(told.verdict("orders"), "in-breach");
    assert!(told.mail().contains("5 h old, RPO 4 h (RPO_HOURS)"), "{}", told.mail());
}
