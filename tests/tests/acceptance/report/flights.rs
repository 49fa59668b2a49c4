//! Jobs that are on their way: within their habit, or stuck.

use tests::Simulator;

use super::support::*;

#[test]
fn a_job_over_four_hours_within_its_habit_is_told_and_is_no_fault() {
    let mut world = databases(&["orders"]);
    world.resource("orders").duration = HOUR * 9;
    for night in ["2026-11-18", "2026-11-19", "2026-11-20", "2026-11-21"] {
        world.schedule("nightly", "daily", at(&format!("{night}T02:00:00Z")));
    }
    world.clock = at(MORNING);
    let told = told(world);
    let said =
        "runs long, but no longer than usual: orders (RDS) in vault prod: a job runs for 5 h, which is usual for it";
    assert!(told.prose_under("ALSO TO LOOK AT").contains(said), "{}", told.mail());
    assert_eq!((told.severity(), told.metric("StuckJobs")), ("info", &0.into()));
    assert_eq!(told.verdict("orders"), "within-objective");
}

#[test]
fn a_job_that_hangs_is_stuck() {
    let mut world = databases(&["orders", "users"]);
    nights(&mut world, 3);
    let run = world.schedule("nightly", "daily", at("2026-11-22T02:00:00Z"));
    world.hang(&run.backup_jobs[0]);
    let simulator = Simulator::start(world);
    let mut morning = Morning::new(&simulator);
    let told = morning.report_at(at("2026-11-22T05:00:00Z"));
    assert_eq!((told.metric("StuckJobs"), told.severity()), (&0.into(), "info"), "three hours are not four");
    let told = morning.report_at(at("2026-11-22T07:00:00Z"));
    assert_eq!((told.metric("StuckJobs"), told.severity()), (&1.into(), "warning"));
    let said = "stuck: orders (RDS) in vault prod: a job is stuck since 2026-11-22 06:00 UTC";
    assert!(told.prose_under("ALSO TO LOOK AT").contains(said), "{}", told.mail());
    // Past its objective. The job is still within its completion window of 7 days, but a stuck job excuses nothing.
    let told = morning.report_at(at("2026-11-22T12:00:00Z"));
    assert_eq!(told.verdict("orders"), "in-breach");
    assert_eq!(told.gap("orders", "prod")["running_job_id"], run.backup_jobs[0].as_str());
    assert_eq!(told.gap("orders", "prod")["stuck_since"], "2026-11-22T06:00:00Z");
}

/// Seven hours of eight are in time, and the night after may not be.
#[test]
fn a_backup_that_nears_the_end_of_its_window_is_told_before_it_expires() {
    let mut world = databases(&["orders", "users"]);
    world.plan("nightly").rules[0].completion_window_minutes = 480;
    play(&mut world, 8, |world, ago| {
        if ago == 0 {
            world.resource("orders").duration = HOUR * 7;
            world.resource("users").duration = HOUR * 2;
        }
    });
    world.clock = at("2026-11-21T10:00:00Z");
    let simulator = Simulator::start(world);
    let told = Morning::new(&simulator).report();
    let also = told.prose_under("ALSO TO LOOK AT");
    let near =
        "near the end of its completion window: orders (RDS) in vault prod: the last one used 7 h 1 min of 8 h (87 %)";
    assert!(also.contains(near) && also.contains("usually 11 min"), "{also}");
    let slower = "took over twice its usual time: users (RDS) in vault prod: 2 h 1 min, usually 11 min (median of 8)";
    assert!(also.contains(slower), "{also}");
    assert_eq!(told.severity(), "warning");
    let lines = told.lines("backup_slow");
    let slow: Vec<&str> = lines.iter().filter_map(|line| line["slow"].as_str()).collect();
    assert_eq!(slow, ["near-window", "slower"]);
    assert_eq!((lines[0]["window_s"].as_i64(), lines[0]["runs"].as_i64()), (Some(28_800), Some(8)));
}
