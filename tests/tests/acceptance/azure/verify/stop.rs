//! Jobs that hang: told by what they are at, and stopped where a person says so.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;
use tests::Simulator;
use tests::world::azure::Step;

use super::{night, reruns, triggers};
use crate::azure::support::company;
use crate::verify::support::{Played, kinds, text};

/// A machine whose scheduled job hangs since 22:00.
fn hanging(step: Step) -> (Simulator, String) {
    let mut world = company();
    let now = world.clock;
    let job = world.azure.schedule("vm-05", now);
    world.azure.hang(&job, step);
    world.advance(SignedDuration::from_mins(30));
    (Simulator::start(world), job)
}

fn hours(simulator: &Simulator, hours: i64) {
    simulator.with_world(|world| world.advance(SignedDuration::from_hours(hours)));
}

fn stop(played: &Played) -> (String, String) {
    let stop = &played.summary()["stops"][0];
    (text(stop, "status"), text(stop, "reason"))
}

#[test]
fn a_job_hangs_by_what_it_is_at_and_is_told_once() {
    for (step, after) in [(Step::Snapshot, 4), (Step::Transfer, 12)] {
        let (simulator, job) = hanging(step);
        let mut night = night(&simulator);
        assert!(kinds(&night.ticks_for(SignedDuration::from_mins(60 * (after - 1) + 30))).is_empty(), "{step:?}");
        let told = night.ticks_for(SignedDuration::from_hours(1));
        assert_eq!(kinds(&told), ["stuck"], "{step:?}");
        let mail = told.iter().flat_map(|played| &played.mails).next().unwrap();
        assert!(
            mail.message
                .contains(&format!("az backup job show --resource-group rg-backup --vault-name rsv-prod --name {job}")),
            "{}",
            mail.message
        );
        assert!(mail.message.contains(&format!("{{\"stop\":[\"{job}\"]}}")), "{}", mail.message);
        assert!(kinds(&night.ticks_for(SignedDuration::from_hours(2))).is_empty(), "{step:?}");
    }
}

#[test]
fn a_job_that_does_not_hang_is_not_stopped() {
    let (simulator, job) = hanging(Step::Snapshot);
    let mut night = night(&simulator);
    let played = night.play(&json!({"stop": [job, "no-such-job"]}));
    let stops = played.summary()["stops"].as_array().unwrap();
    let statuses: Vec<String> = stops.iter().map(|stop| text(stop, "status")).collect();
    assert_eq!(statuses, ["refused", "unknown"]);
    assert_eq!(simulator.count_of("azure", "CancelJob"), 0);
}

#[test]
fn the_invocation_that_stops_a_job_waits_for_its_end_and_starts_the_rerun() {
    let (simulator, job) = hanging(Step::Snapshot);
    hours(&simulator, 5);
    let mut night = night(&simulator);
    let played = std::thread::scope(|scope| {
        scope.spawn(|| {
            while simulator.count_of("azure", "CancelJob") == 0 {
                std::thread::sleep(Duration::from_millis(50));
            }
            simulator.with_world(|world| world.advance(SignedDuration::from_mins(3)));
        });
        night.play(&json!({"stop": [job]}))
    });
    let (status, reason) = stop(&played);
    assert_eq!(status, "started", "{reason}");
    assert_eq!(reruns(&simulator)[0].entity, "vm-05");
    // The same claim again: another job began since.
    let (status, reason) = stop(&night.play(&json!({"stop": [job]})));
    assert_eq!(status, "done", "{reason}");
    assert_eq!((triggers(&simulator), simulator.count_of("azure", "CancelJob")), (1, 1));
}

#[test]
fn what_takes_longer_is_finished_by_the_same_claim() {
    let (simulator, job) = hanging(Step::Snapshot);
    hours(&simulator, 5);
    let mut night = night(&simulator);
    night.verify.time_limit = Duration::from_secs(8);
    let (status, reason) = stop(&night.play(&json!({"stop": [job]})));
    assert_eq!(status, "stopping", "{reason}");
    assert_eq!(triggers(&simulator), 0);
    simulator.with_world(|world| world.advance(SignedDuration::from_mins(3)));
    let (status, reason) = stop(&night.play(&json!({"stop": [job]})));
    assert_eq!(status, "started", "{reason}");
    assert_eq!((triggers(&simulator), simulator.count_of("azure", "CancelJob")), (1, 1));
}

#[test]
fn a_dry_run_stops_nothing() {
    let (simulator, job) = hanging(Step::Snapshot);
    hours(&simulator, 5);
    let (status, _) = stop(&night(&simulator).play(&json!({"dry_run": true, "stop": [job]})));
    assert_eq!(status, "would-stop");
    assert_eq!(simulator.count_of("azure", "CancelJob"), 0);
}
