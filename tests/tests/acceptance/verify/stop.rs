//! Jobs of AWS that hang: stopped where a person says so, and never otherwise.

use jiff::SignedDuration;
use serde_json::json;
use tests::Simulator;

use super::support::{NIGHT, Night, Played, account, at, kinds, reruns, text};

/// The night after one in which all went well.
const LATER: &str = "2026-03-11T03:00:00Z";

/// Five hours after the night began in which two jobs hang: one of a volume, one of a database.
fn hanging() -> (Simulator, [String; 2]) {
    let mut world = account(&[1], &[]);
    world.add_resource("EBS", "vol-0");
    world.add_selection("nightly", "AWSBackupNightly", &["vol-0"]);
    world.run_night("nightly", at(NIGHT));
    let night_run = world.schedule("nightly", "daily", at(LATER));
    world.clock = at(LATER) + SignedDuration::from_mins(2);
    let of = |kind: &str| {
        let is_of = |id: &&String| world.backup_job(id).is_some_and(|job| job.kind == kind);
        night_run.backup_jobs.iter().find(is_of).unwrap().clone()
    };
    let jobs = [of("EBS"), of("RDS")];
    for job in &jobs {
        world.hang(job);
    }
    world.clock = at(LATER) + SignedDuration::from_hours(5);
    (Simulator::start(world), jobs)
}

fn stop(played: &Played) -> (String, String) {
    let stop = &played.summary()["stops"][0];
    (text(stop, "status"), text(stop, "reason"))
}

fn stops(simulator: &Simulator) -> usize {
    simulator.count_of("backup", "StopBackupJob")
}

#[test]
fn a_job_that_hangs_is_stopped_on_a_claim_and_its_own_cause_is_claimed_for_a_rerun() {
    let (simulator, [volume, _]) = hanging();
    let mut night = Night::new(&simulator);
    let claim = json!({"stop": [volume]});
    let (status, reason) = stop(&night.play(&json!({"stop": [volume], "dry_run": true})));
    assert_eq!((status.as_str(), stops(&simulator)), ("would-stop", 0), "{reason}");
    let (status, reason) = stop(&night.play(&claim));
    assert_eq!((status.as_str(), stops(&simulator)), ("stopping", 1), "{reason}");

    simulator.with_world(|world| world.advance(SignedDuration::from_mins(5)));
    let again = night.play(&claim);
    let (status, reason) = stop(&again);
    assert_eq!((status.as_str(), stops(&simulator)), ("stopped", 1), "{reason}");
    let cause = text(again.cause(), "id");
    assert!(reason.contains(&format!("Claim {cause} as fixed")), "{reason}");
    assert!(reruns(&simulator).is_empty());
    assert_eq!(night.play(&json!({"fixed": [cause]})).status(), "started");
    assert_eq!(reruns(&simulator).len(), 1);
}

#[test]
fn what_does_not_hang_and_what_aws_stops_not_is_refused() {
    let (simulator, [volume, database]) = hanging();
    let mut night = Night::new(&simulator);
    let (status, reason) = stop(&night.play(&json!({"stop": [database]})));
    assert_eq!(status, "refused");
    assert!(reason.ends_with("AWS Backup stops no backups of RDS."), "{reason}");
    simulator.with_world(|world| world.clock = at(LATER) + SignedDuration::from_hours(1));
    let (status, reason) = stop(&night.play(&json!({"stop": [volume]})));
    assert_eq!(status, "refused");
    assert!(reason.ends_with("does not hang."), "{reason}");
    assert_eq!(stops(&simulator), 0);
}

#[test]
fn no_tick_stops_a_job_by_itself() {
    let (simulator, _) = hanging();
    simulator.with_world(|world| world.clock = at(LATER) + SignedDuration::from_hours(3));
    let played = Night::new(&simulator).ticks_for(SignedDuration::from_hours(3));
    assert_eq!(kinds(&played), ["stuck"]);
    assert_eq!(stops(&simulator), 0);
}
