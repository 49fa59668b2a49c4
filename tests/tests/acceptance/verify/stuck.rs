//! Jobs that are on their way for too long are told once.

use jiff::SignedDuration;
use tests::Simulator;

use super::support::{Night, account, at, kinds};

#[test]
fn a_job_that_hangs_is_told_once() {
    let mut world = account(&[2], &[]);
    let night_run = world.schedule("nightly", "daily", at("2026-03-10T03:00:00Z"));
    world.clock = at("2026-03-10T03:05:00Z");
    let hanging = night_run.backup_jobs[0].clone();
    world.hang(&hanging);
    let simulator = Simulator::start(world);
    let mut night = Night::new(&simulator);
    let played = night.ticks_for(SignedDuration::from_hours(7));
    assert_eq!(kinds(&played), ["stuck"]);
    let mail = played.iter().flat_map(|played| &played.mails).next().unwrap();
    assert!(mail.message.contains(&hanging), "{}", mail.message);
    // RDS backups cannot be stopped.
    assert!(!mail.message.contains("stop-backup-job --backup-job-id"), "{}", mail.message);
    assert_eq!(mail.attributes["severity"].1, "warning");
}

#[test]
fn a_job_that_always_takes_long_is_not_stuck() {
    let mut world = account(&[1], &[]);
    world.resource("db-0").duration = SignedDuration::from_hours(9);
    world.run_night("nightly", at("2026-03-10T03:00:00Z"));
    world.schedule("nightly", "daily", at("2026-03-11T03:00:00Z"));
    world.clock = at("2026-03-11T03:05:00Z");
    let simulator = Simulator::start(world);
    let played = Night::new(&simulator).ticks_for(SignedDuration::from_hours(10));
    assert!(kinds(&played).is_empty(), "9 h are its habit");
}
