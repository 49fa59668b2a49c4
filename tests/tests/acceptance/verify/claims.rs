//! What an operator can ask: claims, dry runs, and modes.

use jiff::SignedDuration;
use serde_json::json;
use tests::Simulator;

use super::support::{Night, broken, kinds, mend_key, refuse_as_before, reruns, text};

/// A database that was stopped by a person: nothing that can be read tells whether it may be backed up again.
fn cancelled() -> Simulator {
    let mut world = broken(&[2], &[]);
    mend_key(&mut world, "key-0");
    world.backup_jobs.retain(|job| job.created < super::support::at(super::support::NIGHT));
    let night = world.schedule("nightly", "daily", world.clock);
    world.advance(SignedDuration::from_mins(2));
    for job in &night.backup_jobs {
        world.stop_backup_job(job);
    }
    world.advance(SignedDuration::from_mins(20));
    Simulator::start(world)
}

#[test]
fn what_can_not_be_seen_waits_for_a_claim() {
    let simulator = cancelled();
    let mut night = Night::new(&simulator);
    let waiting = night.tick();
    assert_eq!(waiting.status(), "waiting");
    assert_eq!(text(waiting.cause(), "verdict"), "undetermined");
    assert!(reruns(&simulator).is_empty());

    let id = text(waiting.cause(), "id");
    let claimed = night.play(&json!({"fixed": [id, "rc-ffffffffff"]}));
    assert_eq!(claimed.status(), "started", "{}", claimed.reason());
    assert_eq!(claimed.summary()["unknown_claims"], json!(["rc-ffffffffff"]));
    assert_eq!(reruns(&simulator).len(), 1);
    // The same claim again: one is on its way.
    assert_eq!(night.play(&json!({"fixed": [id]})).status(), "in-flight");
    assert_eq!(reruns(&simulator).len(), 1);
}

#[test]
fn a_claim_can_not_wish_away_what_is_seen_to_deny() {
    let simulator = Simulator::start(broken(&[2], &[]));
    let mut night = Night::new(&simulator);
    let id = text(night.tick().cause(), "id");
    let played = night.play(&json!({"fixed": [id]}));
    assert_eq!(played.status(), "waiting");
    assert!(played.reason().starts_with("Not fixed"), "{}", played.reason());
    assert!(reruns(&simulator).is_empty());
}

#[test]
fn a_dry_run_decides_alike_and_starts_nothing() {
    let mut world = broken(&[2, 3], &[]);
    mend_key(&mut world, "key-0");
    let simulator = Simulator::start(world);
    let mut night = Night::new(&simulator);
    let dry = night.play(&json!({"dry_run": true}));
    let statuses = |played: &super::support::Played| -> Vec<(String, String)> {
        played.causes().iter().map(|cause| (text(cause, "id"), text(cause, "status"))).collect()
    };
    assert_eq!(dry.summary()["dry_run"], true);
    assert!(reruns(&simulator).is_empty());
    let wet = night.tick();
    for ((id, would), (same, did)) in statuses(&dry).iter().zip(&statuses(&wet)) {
        assert_eq!(id, same);
        assert_eq!(would.replace("would-start", "started"), *did);
    }
    assert_eq!(reruns(&simulator).len(), 1);
}

#[test]
fn modes_hold_the_scheduler_back() {
    for (mode, status) in [("dry-run", "would-start"), ("claim", "waiting"), ("run", "started")] {
        let mut world = broken(&[2], &[]);
        mend_key(&mut world, "key-0");
        let simulator = Simulator::start(world);
        let mut night = Night::with(&simulator, &[("VERIFY_MODE", mode)]);
        let played = night.tick();
        assert_eq!(played.status(), status, "{mode}: {}", played.reason());
        if mode == "claim" {
            let claimed = night.play(&json!({"fixed": [text(played.cause(), "id")]}));
            assert_eq!(claimed.status(), "started");
        }
        assert_eq!(reruns(&simulator).len(), usize::from(mode != "dry-run"), "{mode}");
    }
}

#[test]
fn an_exhausted_cause_is_opened_again_by_a_claim() {
    let mut world = broken(&[2], &[]);
    mend_key(&mut world, "key-0");
    let simulator = Simulator::start(world);
    let mut night = Night::with(&simulator, &[("MAX_ATTEMPTS", "1")]);
    simulator.with_world(|world| {
        refuse_as_before(world, "db-0");
    });
    night.tick();
    let played = night.ticks_for(SignedDuration::from_hours(2));
    assert_eq!(kinds(&played), ["still-failing"]);
    let last = played.last().unwrap();
    assert_eq!(last.status(), "exhausted");
    let claimed = night.play(&json!({"fixed": [text(last.cause(), "id")]}));
    assert_eq!(claimed.status(), "started", "{}", claimed.reason());
}

#[test]
fn a_resource_that_was_never_backed_up_is_backed_up_on_a_claim_only() {
    let mut world = broken(&[1], &[]);
    world.backup_jobs.retain(|job| job.created >= super::support::at(super::support::NIGHT));
    world.recovery_points.clear();
    mend_key(&mut world, "key-0");
    let simulator = Simulator::start(world);
    let mut night = Night::new(&simulator);
    let played = night.tick();
    assert_eq!(played.status(), "waiting", "{}", played.reason());
    assert!(
        played.reason().ends_with(":db-0: it was never backed up, and only a claim makes its first backup."),
        "{}",
        played.reason()
    );
    let claimed = night.play(&json!({"fixed": [text(played.cause(), "id")]}));
    assert_eq!(claimed.status(), "started", "{}", claimed.reason());
}

#[test]
fn what_is_not_understood_is_refused_and_nothing_is_started() {
    let mut world = broken(&[2], &[]);
    mend_key(&mut world, "key-0");
    let simulator = Simulator::start(world);
    let mut night = Night::new(&simulator);
    for payload in [json!([]), json!({"fix": ["rc-1"]}), json!({"fixed": "rc-1"}), json!({"time": "soon"})] {
        let error = night.play(&payload).answer.unwrap_err();
        assert_eq!(error["errorType"], "MalformedPayload", "{error}");
    }
    assert!(reruns(&simulator).is_empty());
}

#[test]
fn only_the_scheduler_announces() {
    let mut world = broken(&[2], &[]);
    mend_key(&mut world, "key-0");
    let simulator = Simulator::start(world);
    let mut night = Night::new(&simulator);
    night.tick();
    simulator.with_world(|world| world.advance_until_idle());
    simulator.with_world(|world| world.advance(SignedDuration::from_mins(10)));
    for payload in [json!({}), json!({"dry_run": true})] {
        assert!(night.play(&payload).mails.is_empty());
    }
}
