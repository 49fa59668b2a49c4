//! `{"catch_up": [...]}`: what a root cause held back is backed up once it is proven fixed, each resource once.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::world::BackupJob;
use tests::{Fault, Function, Repeat, Simulator};

use super::support::{ALERTS, Night, Played, broken, kinds, mend_key, refuse_as_before, reruns, text};
use crate::classify::support::play_batch;

/// Four databases failed; the key is mended, one rerun has proven it, and three wait for their next night.
fn proven() -> (Simulator, String) {
    let simulator = Simulator::start(broken(&[4], &[3]));
    let id = {
        let mut night = Night::new(&simulator);
        let id = text(night.tick().cause(), "id");
        simulator.with_world(|world| mend_key(world, "key-0"));
        let played = night.ticks_for(SignedDuration::from_mins(90));
        assert_eq!(kinds(&played), ["verified"]);
        id
    };
    assert_eq!(reruns(&simulator).len(), 1);
    (simulator, id)
}

/// The jobs that were started for an operator: no plan made them, and their start window is not that of our reruns.
fn caught_up(simulator: &Simulator) -> Vec<BackupJob> {
    simulator.with_world(|world| {
        let on_demand = |job: &&BackupJob| {
            job.created_by.is_none() && job.start_by.duration_since(job.created) == SignedDuration::from_mins(60)
        };
        world.backup_jobs.iter().filter(on_demand).cloned().collect()
    })
}

/// How many lines have each status.
fn statuses(played: &Played) -> BTreeMap<String, usize> {
    let mut statuses = BTreeMap::new();
    for line in played.summary()["catch_up"].as_array().unwrap() {
        *statuses.entry(text(line, "status")).or_default() += 1;
    }
    statuses
}

fn counted(statuses: &[(&str, usize)]) -> BTreeMap<String, usize> {
    statuses.iter().map(|(status, number)| ((*status).to_owned(), *number)).collect()
}

fn reason(played: &Played) -> String {
    text(&played.summary()["catch_up"][0], "reason")
}

#[test]
fn each_resource_that_waits_is_backed_up_once() {
    let (simulator, id) = proven();
    let mut night = Night::new(&simulator);
    let ask = json!({"catch_up": [id]});
    let dry = night.play(&json!({"catch_up": [id], "dry_run": true}));
    assert_eq!(statuses(&dry), counted(&[("would-start", 3)]));
    assert!(dry.summary()["catch_up"].as_array().unwrap().iter().all(|line| line["size_bytes"].as_i64() > Some(0)));
    assert!(caught_up(&simulator).is_empty());

    let played = night.play(&ask);
    assert_eq!(statuses(&played), counted(&[("started", 3)]));
    assert_eq!(played.summary()["started"], 3);
    assert!(played.mails.is_empty());
    let jobs = caught_up(&simulator);
    let started: Vec<&Value> = played.lines("rerun_started");
    assert_eq!((jobs.len(), started.len()), (3, 3));
    assert!(started.iter().all(|line| line["attempt"].is_null() && line["root_cause_id"] == json!(id)));

    // On their way, and then there.
    assert_eq!(statuses(&night.play(&ask)), counted(&[("waiting", 3)]));
    simulator.with_world(|world| world.advance(SignedDuration::from_hours(2)));
    assert_eq!(statuses(&night.play(&ask)), counted(&[("done", 1)]));
    assert_eq!(caught_up(&simulator).len(), 3);
    assert!(kinds(&night.ticks_for(SignedDuration::from_hours(3))).is_empty(), "a catch-up proves nothing more");
}

/// As the mail that offers the command says: a tag goes before the plan.
#[test]
fn a_tag_says_who_cannot_wait_and_goes_first() {
    let (simulator, id) = proven();
    simulator.with_world(|world| {
        world.resource("db-1").tag("night-one:rpo-hours", "26");
    });
    let ask = json!({"catch_up": [id], "dry_run": true});
    let (read, told) = (simulator.count("tag"), Night::new(&simulator).play(&ask));
    assert_eq!(simulator.count("tag"), read + 1, "one call for all that wait");
    let lines = told.summary()["catch_up"].as_array().unwrap();
    let of = |line: &Value| (text(line, "resource_arn"), text(line, "passes_objective"));
    // Its last good backup is of 03:00 the day before; those of the plan may wait until noon.
    let (first, passes) = of(&lines[0]);
    assert!(first.ends_with(":db-1") && passes.starts_with("2026-03-10T05:"), "{lines:#?}");
    assert!(lines[1..].iter().all(|line| of(line).1.starts_with("2026-03-10T1")), "{lines:#?}");
    // Tags that nobody may read change nothing else.
    simulator.fail("tag", "GetResources", Fault::Denied, Repeat::Always);
    let unread = Night::new(&simulator).play(&ask);
    let lines = unread.summary()["catch_up"].as_array().unwrap();
    assert!(lines.iter().all(|line| of(line).1.starts_with("2026-03-10T1")), "{lines:#?}");
}

#[test]
fn what_is_not_proven_or_not_known_is_left_and_says_why() {
    let simulator = Simulator::start(broken(&[2], &[]));
    let mut night = Night::new(&simulator);
    let id = text(night.tick().cause(), "id");
    let played = night.play(&json!({"catch_up": [id, "rc-0123456789"]}));
    assert_eq!(statuses(&played), counted(&[("not-proven", 1), ("unknown", 1)]));
    assert!(reason(&played).starts_with("It is not proven fixed, and its other jobs would fail again. Not fixed:"));
    assert_eq!(played.causes().len(), 1, "it tells of what was asked");
    // Mended, and still not proven: that is the work of a tick, and not of this command.
    simulator.with_world(|world| mend_key(world, "key-0"));
    assert_eq!(statuses(&night.play(&json!({"catch_up": [id]}))), counted(&[("not-proven", 1)]));
    assert!(reruns(&simulator).is_empty() && caught_up(&simulator).is_empty());
}

#[test]
fn no_more_is_started_at_once_than_the_setting_says() {
    let (simulator, id) = proven();
    let mut night = Night::with(&simulator, &[("MAX_CATCH_UP", "2")]);
    let played = night.play(&json!({"catch_up": [id]}));
    assert_eq!(statuses(&played), counted(&[("started", 2), ("budget", 1)]));
    let last = &played.summary()["catch_up"][2];
    assert!(text(last, "reason").contains("MAX_CATCH_UP is used up"), "{last}");
    assert_eq!(statuses(&night.play(&json!({"catch_up": [id]})))["started"], 1);
    assert_eq!(caught_up(&simulator).len(), 3);
}

#[test]
fn a_lost_answer_starts_no_second_job() {
    let (simulator, id) = proven();
    simulator.fail("backup", "StartBackupJob", Fault::LostResponse, Repeat::Times(4));
    let mut night = Night::new(&simulator);
    night.play(&json!({"catch_up": [id]}));
    night.play(&json!({"catch_up": [id]}));
    assert_eq!(caught_up(&simulator).len(), 3);
}

#[test]
fn nothing_is_started_on_partial_knowledge_or_in_a_mode_that_starts_nothing() {
    let (simulator, id) = proven();
    let mut dry = Night::with(&simulator, &[("VERIFY_MODE", "dry-run")]);
    assert_eq!(statuses(&dry.play(&json!({"catch_up": [id]}))), counted(&[("would-start", 3)]));
    simulator.fail("backup", "ListRecoveryPointsByResource", Fault::Denied, Repeat::Always);
    simulator.fail("backup", "ListCopyJobs", Fault::Denied, Repeat::Always);
    let played = Night::new(&simulator).play(&json!({"catch_up": [id]}));
    assert_eq!(statuses(&played), counted(&[("not-proven", 1)]));
    assert!(reason(&played).contains("partial knowledge"), "{}", reason(&played));
    assert!(caught_up(&simulator).is_empty());
}

/// It is an operator's job: it pages like any other, and uses up none of the reruns of the next episode.
#[test]
fn one_that_fails_pages_and_is_no_attempt() {
    let (simulator, id) = proven();
    let mut night = Night::new(&simulator);
    simulator.with_world(|world| refuse_as_before(world, "db-0"));
    night.play(&json!({"catch_up": [id]}));
    simulator.with_world(|world| world.advance(SignedDuration::from_hours(2)));
    let failed: Vec<BackupJob> =
        caught_up(&simulator).into_iter().filter(|job| job.recovery_point_arn.is_none()).collect();
    assert_eq!(failed.len(), 1);
    let events = simulator.with_world(|world| world.events(&[failed[0].id.clone()]));
    let events: Vec<Value> = events.into_iter().filter(|event| event["detail"]["state"] == "FAILED").collect();
    let mut classify = Function::start("classify", &simulator, &[("ALERT_TOPIC_ARN", ALERTS)]).unwrap();
    let paged = play_batch(&simulator, &mut classify, &events);
    assert_eq!(paged.mails.len(), 1);
    let tick = night.tick();
    assert!(kinds(std::slice::from_ref(&tick)).is_empty());
    assert_eq!((tick.cause()["attempts"].as_u64(), tick.cause()["jobs"].as_u64()), (Some(0), Some(1)));
    assert_eq!(statuses(&night.play(&json!({"catch_up": [id]}))), counted(&[("not-proven", 1)]));
}
