//! What a schedule promises: no breach that is none, and none missed.

use tests::world::{Condition, Lifecycle, Order};
use tests::{Simulator, World};

use super::support::*;

/// The report must be green at each of these times: just before what could be called late, or just after.
fn is_green_at(morning: &mut Morning<'_>, times: &[&str]) {
    for time in times {
        let told = morning.report_at(at(time));
        assert_eq!((told.verdict("orders"), told.severity()), ("within-objective", "info"), "{time}: {}", told.mail());
    }
}

#[test]
fn a_weekly_plan_is_within_its_objective_on_the_sixth_day_and_past_it_after_the_eighth() {
    let mut world = empty();
    add_database(&mut world, "orders");
    plan(&mut world, "weekly", "sundays", "cron(0 2 ? * SUN *)", &["orders"]);
    for sunday in ["2026-11-01T02:00:00Z", "2026-11-08T02:00:00Z", "2026-11-15T02:00:00Z"] {
        world.run_night("weekly", at(sunday));
    }
    let simulator = Simulator::start(world);
    let mut morning = Morning::new(&simulator);
    let told = morning.report_at(at("2026-11-21T07:00:00Z"));
    assert_eq!((told.verdict("orders"), told.severity()), ("within-objective", "info"));
    assert_eq!(hours(told.row("orders", "prod"), "age_s"), 6 * 24 + 5);
    // The run of the 22nd makes no job: that is told once its start window is over, and breaches when the objective is.
    for (time, verdict) in [
        ("2026-11-22T07:00:00Z", "within-objective"),
        ("2026-11-22T10:05:00Z", "no-schedule-ran"),
        ("2026-11-22T10:15:00Z", "in-breach"),
        ("2026-11-23T07:00:00Z", "in-breach"),
    ] {
        assert_eq!(morning.report_at(at(time)).verdict("orders"), verdict, "{time}");
    }
}

/// An hourly rule, and a rule every 12 hours that keeps longer: AWS Backup makes no hourly backups within its start window of 8 hours.
fn hourly_beside_twelve_hourly() -> World {
    let mut world = empty();
    add_database(&mut world, "orders");
    world.add_plan("nightly");
    world.add_rule("nightly", "hourly", "cron(0 * ? * * *)", "prod").lifecycle = Lifecycle::days(2);
    world.add_rule("nightly", "twice", "cron(0 0/12 ? * * *)", "prod");
    world.plan("nightly").rules[0].start_window_minutes = 60;
    world.add_selection("nightly", "AWSBackupNightly", &["orders"]);
    for hour in 0..48 {
        let hour = at("2026-11-18T00:00:00Z") + HOUR * hour;
        let rule = match hour.as_second() / 3600 % 12 {
            0 => "twice",
            8.. => "hourly",
            _ => continue,
        };
        world.schedule("nightly", rule, hour);
    }
    world
}

#[test]
fn hourly_backups_in_the_shadow_of_a_longer_rule_are_not_missed() {
    let simulator = Simulator::start(hourly_beside_twelve_hourly());
    let mut morning = Morning::new(&simulator);
    is_green_at(
        &mut morning,
        &[
            "2026-11-19T07:55:00Z",
            "2026-11-19T08:55:00Z",
            "2026-11-19T12:30:00Z",
            "2026-11-19T19:55:00Z",
            "2026-11-19T23:30:00Z",
        ],
    );
}

#[test]
fn an_hourly_backup_that_stays_out_is_seen() {
    let simulator = Simulator::start(hourly_beside_twelve_hourly());
    let mut morning = Morning::new(&simulator);
    // Nothing runs on the 20th: its midnight run has 8 hours to begin, and what stood in its shadow is not counted.
    let told = morning.report_at(at("2026-11-20T08:30:00Z"));
    let gap = told.gap("orders", "prod");
    assert_eq!(gap["since"], "2026-11-20T00:00:00Z");
    assert_eq!((told.verdict("orders"), &gap["runs_missed"]), ("in-breach", &1.into()));
}

#[test]
fn a_backup_that_takes_ten_hours_every_night_is_no_breach() {
    let mut world = databases(&["orders"]);
    world.resource("orders").duration = HOUR * 10;
    for night in ["2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20"] {
        world.schedule("nightly", "daily", at(&format!("{night}T02:00:00Z")));
    }
    let simulator = Simulator::start(world);
    let mut morning = Morning::new(&simulator);
    is_green_at(
        &mut morning,
        &[
            "2026-11-18T01:30:00Z",
            "2026-11-18T09:55:00Z",
            "2026-11-18T11:55:00Z",
            "2026-11-18T12:30:00Z",
            "2026-11-19T11:55:00Z",
        ],
    );
    // Nothing runs on the 21st: 24 h and the window of 8 h and the habit of 10 h after the last start it is past its objective.
    assert_eq!(morning.report_at(at("2026-11-21T19:00:00Z")).verdict("orders"), "no-schedule-ran");
    assert_eq!(morning.report_at(at("2026-11-21T20:05:00Z")).verdict("orders"), "in-breach");
}

#[test]
fn a_daily_and_a_monthly_rule_are_judged_together_where_they_share_a_vault() {
    let mut world = databases(&["orders"]);
    let monthly = world.add_rule("nightly", "monthly", "cron(0 3 1 * ? *)", "prod");
    monthly.lifecycle = Lifecycle::days(365);
    for night in ["2026-10-30", "2026-10-31", "2026-11-01", "2026-11-02", "2026-11-03"] {
        world.schedule("nightly", "daily", at(&format!("{night}T02:00:00Z")));
        if night.ends_with("-01") {
            world.schedule("nightly", "monthly", at(&format!("{night}T03:00:00Z")));
        }
    }
    let simulator = Simulator::start(world);
    let mut morning = Morning::new(&simulator);
    is_green_at(
        &mut morning,
        &[
            "2026-10-31T23:30:00Z",
            "2026-11-01T01:55:00Z",
            "2026-11-01T03:05:00Z",
            "2026-11-01T10:55:00Z",
            "2026-11-02T09:55:00Z",
            "2026-11-03T23:30:00Z",
        ],
    );
    let told = morning.report_at(at("2026-11-05T07:00:00Z"));
    assert_eq!(told.verdict("orders"), "in-breach", "the monthly rule does not stretch the daily promise");
    assert_eq!(told.row("orders", "prod")["objective_source"], "nightly/daily, nightly/monthly");
}

#[test]
fn a_monthly_backup_into_a_vault_of_its_own_is_judged_by_itself() {
    let mut world = databases(&["orders"]);
    world.add_vault("archive");
    world.add_rule("nightly", "monthly", "cron(0 3 1 * ? *)", "archive").lifecycle = Lifecycle::days(365);
    world.schedule("nightly", "monthly", at("2026-10-01T03:00:00Z"));
    // The monthly run of November fails, and the nightly ones go on.
    for day in 1..=21 {
        world.schedule("nightly", "daily", at(&format!("2026-11-{day:02}T02:00:00Z")));
        if day == 1 {
            world.resource("orders").condition = Condition::Invalid;
            world.schedule("nightly", "monthly", at("2026-11-01T03:00:00Z"));
            world.resource("orders").condition = Condition::Available;
        }
    }
    world.clock = at(MORNING);
    let told = told(world);
    assert_eq!(told.verdict("orders"), "within-objective");
    let gap = told.gap("orders", "archive");
    assert_eq!((&gap["verdict"], &gap["root_cause_class"]), (&"in-breach".into(), &"resource-state".into()));
    // No job on record made it: its recovery point tells.
    assert_eq!((&gap["last_good_start"], &gap["runs_missed"]), (&"2026-10-01T03:00:00Z".into(), &1.into()));
    assert_eq!(told.answer()["in_breach"], 1, "the resource counts by its worst row");
}

#[test]
fn a_weekday_plan_that_missed_tuesday_is_at_risk_on_tuesday() {
    let mut world = empty();
    add_database(&mut world, "orders");
    plan(&mut world, "weekdays", "daily", "cron(0 2 ? * MON-FRI *)", &["orders"]);
    for day in ["2026-11-12", "2026-11-13", "2026-11-16"] {
        world.run_night("weekdays", at(&format!("{day}T02:00:00Z")));
    }
    world.resource("orders").condition = Condition::Invalid;
    world.run_night("weekdays", at("2026-11-17T02:00:00Z"));
    let simulator = Simulator::start(world);
    let mut morning = Morning::new(&simulator);
    let told = morning.report_at(at("2026-11-17T07:00:00Z"));
    let gap = told.gap("orders", "prod");
    assert_eq!((&gap["verdict"], &gap["runs_missed"]), (&"at-risk".into(), &1.into()));
    // Its objective is that of a weekend: it would be silent until Thursday without the run that was missed.
    assert_eq!(hours(gap, "objective_s"), 72 + 8);
    assert_eq!(gap["breaches_at"], "2026-11-19T10:11:00Z");
    assert!(told.mail().contains("past its RPO from 2026-11-19 10:11 UTC"), "{}", told.mail());
    // Over a weekend nobody is late.
    let weekend = morning.report_at(at("2026-11-15T20:00:00Z"));
    assert_eq!((weekend.verdict("orders"), weekend.severity()), ("within-objective", "info"));
}

#[test]
fn a_time_zone_decides_which_run_was_due() {
    let mut world = databases(&["orders"]);
    world.plan("nightly").rules[0].timezone = "America/New_York".to_owned();
    // 02:00 in New York is 06:00 UTC in October and, since the clocks went back on the 1st of November, 07:00 UTC.
    for night in ["2026-10-30T06:00:00Z", "2026-10-31T06:00:00Z", "2026-11-01T07:00:00Z", "2026-11-02T07:00:00Z"] {
        world.schedule("nightly", "daily", at(night));
    }
    let simulator = Simulator::start(world);
    let mut morning = Morning::new(&simulator);
    is_green_at(
        &mut morning,
        &["2026-10-31T05:55:00Z", "2026-11-01T06:55:00Z", "2026-11-01T14:55:00Z", "2026-11-02T06:55:00Z"],
    );
    let told = morning.report_at(at("2026-11-03T15:05:00Z"));
    assert_eq!(told.gap("orders", "prod")["since"], "2026-11-03T07:00:00Z");
    assert_eq!(told.verdict("orders"), "no-schedule-ran", "its window of 8 h from 07:00 UTC is over");
}

#[test]
fn a_continuous_backup_is_judged_by_its_jobs_and_not_by_the_date_of_its_recovery_point() {
    let mut world = databases(&["orders"]);
    world.plan("nightly").rules[0].continuous = true;
    nights(&mut world, 20);
    let point = world.present_recovery_points().next().unwrap();
    assert!(world.clock.duration_since(point.created) > DAY * 19, "there is one recovery point, and it is old");
    let simulator = Simulator::start(world);
    let mut morning = Morning::new(&simulator);
    let told = morning.report();
    assert_eq!((told.verdict("orders"), told.severity()), ("within-objective", "info"));
    assert_eq!(hours(told.row("orders", "prod"), "age_s"), 4, "since the job completed");
    simulator.with_world(|world| {
        world.resource("orders").condition = Condition::Invalid;
        world.run_night("nightly", at("2026-11-22T02:00:00Z"));
        world.run_night("nightly", at("2026-11-23T02:00:00Z"));
    });
    assert_eq!(morning.report_at(at("2026-11-22T07:00:00Z")).verdict("orders"), "at-risk");
    assert_eq!(morning.report_at(at("2026-11-23T07:00:00Z")).verdict("orders"), "in-breach");
}

#[test]
fn a_backup_by_hand_counts() {
    let mut world = databases(&["orders"]);
    play(&mut world, 5, |world, ago| {
        if ago == 2 {
            world.resource("orders").condition = Condition::Invalid;
        }
    });
    world.resource("orders").condition = Condition::Available;
    let order = Order::on_demand(&world.resource("orders").arn.clone(), "prod", ROLE);
    world.back_up(&order, at("2026-11-21T05:00:00Z"));
    let told = told(world);
    assert_eq!(told.verdict("orders"), "within-objective");
    assert_eq!(told.row("orders", "prod")["rule"], serde_json::Value::Null, "no rule made it");
}
