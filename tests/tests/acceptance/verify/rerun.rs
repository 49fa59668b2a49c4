//! The rerun itself: started once whatever happens on the way, tried again with patience, and no more often than allowed.

use jiff::SignedDuration;
use serde_json::json;
use tests::{Fault, Function, Repeat, Simulator};

use super::support::{
    ACCOUNT, ALERTS, Night, Played, at, back_up_by_hand, broken, kinds, mend_key, refuse_as_before, reruns, text,
};

fn mended(groups: &[usize]) -> Simulator {
    let mut world = broken(groups, &[]);
    mend_key(&mut world, "key-0");
    Simulator::start(world)
}

#[test]
fn a_tick_that_is_delivered_twice_starts_one_job() {
    let simulator = mended(&[4]);
    let mut night = Night::new(&simulator);
    assert_eq!(night.tick().status(), "started");
    // At once, before the list shows the job's progress, and in a new process.
    assert_eq!(night.tick().status(), "in-flight");
    night.verify.cold_start().unwrap();
    assert_eq!(night.tick().status(), "in-flight");
    assert_eq!(reruns(&simulator).len(), 1);
}

#[test]
fn two_ticks_at_once_start_one_job() {
    let simulator = mended(&[4]);
    // Both look while nothing is started yet: every list takes its time.
    simulator.fail("backup", "ListBackupJobs", Fault::Delay(150), Repeat::Always);
    let tick = json!({"time": "2026-03-10T04:30:00Z"});
    simulator.with_world(|world| world.clock = at("2026-03-10T04:31:00Z"));
    let statuses: Vec<String> = std::thread::scope(|scope| {
        let run = || {
            let mut verify = Function::start("verify", &simulator, &[("ALERT_TOPIC_ARN", ALERTS)]).unwrap();
            verify.invoke(&tick).answer.unwrap()
        };
        let both = [scope.spawn(run), scope.spawn(run)];
        both.into_iter().map(|one| text(&one.join().unwrap()["root_causes"][0], "status")).collect()
    });
    assert_eq!(reruns(&simulator).len(), 1, "{statuses:?}");
}

#[test]
fn a_start_whose_answer_is_lost_is_one_job() {
    let simulator = mended(&[4]);
    let mut night = Night::new(&simulator);
    simulator.fail("backup", "StartBackupJob", Fault::LostResponse, Repeat::Times(1));
    let played = night.tick();
    assert_eq!(played.status(), "started", "{}", played.reason());
    assert_eq!(simulator.count_of("backup", "StartBackupJob"), 2);
    assert_eq!(reruns(&simulator).len(), 1);
}

#[test]
fn a_start_that_is_never_answered_is_one_job_all_the_same() {
    let simulator = mended(&[4]);
    let mut night = Night::new(&simulator);
    simulator.fail("backup", "StartBackupJob", Fault::LostResponse, Repeat::Always);
    let played = night.tick();
    assert_eq!(played.status(), "waiting", "{}", played.reason());
    assert!(played.reason().contains("db-0 was started is not known (AWS gave no answer to"), "{}", played.reason());
    simulator.heal();
    assert_eq!(night.tick().status(), "in-flight");
    assert_eq!(reruns(&simulator).len(), 1);
}

/// Every rerun fails, although nothing that can be read denies: the keys are fine, the resources are not.
fn hopeless() -> Simulator {
    let mut world = broken(&[3], &[]);
    mend_key(&mut world, "key-0");
    for name in ["db-0", "db-1", "db-2"] {
        refuse_as_before(&mut world, name);
    }
    Simulator::start(world)
}

#[test]
fn a_rerun_that_fails_again_is_told_once_and_tried_again_with_patience() {
    let simulator = hopeless();
    let mut night = Night::new(&simulator);
    assert_eq!(night.tick().status(), "started");
    let hours = |hours| SignedDuration::from_hours(hours);

    let first = night.ticks_for(hours(1));
    assert_eq!(kinds(&first), ["still-failing"]);
    assert_eq!(first.iter().map(Played::status).collect::<Vec<_>>(), ["waiting"; 4]);
    // All three attempts, and not one more.
    let later = night.ticks_for(hours(9));
    let jobs = reruns(&simulator);
    assert_eq!(jobs.len(), 3);
    let pauses: Vec<i64> =
        jobs.windows(2).map(|pair| pair[1].created.duration_since(pair[0].ends.unwrap()).as_mins()).collect();
    assert_eq!(pauses, [72, 372]);
    assert_eq!(kinds(&later), ["still-failing", "still-failing", "breach"]);
    assert_eq!(later.last().unwrap().status(), "exhausted");

    let mail = &first.iter().flat_map(|played| &played.mails).next().unwrap().message;
    assert!(mail.contains("kms:CreateGrant"), "{mail}");
    assert!(mail.contains(r#"{"fixed":["rc-"#), "{mail}");
}

#[test]
fn three_failed_jobs_of_an_operator_exhaust_nothing() {
    let simulator = Simulator::start(broken(&[3], &[]));
    let mut night = Night::new(&simulator);
    simulator.with_world(|world| {
        for _ in 0..3 {
            back_up_by_hand(world, "db-0");
        }
        mend_key(world, "key-0");
    });
    let played = night.tick();
    assert_eq!(played.status(), "started", "{}", played.reason());
    assert_eq!(played.cause()["attempts"], 0);
}

#[test]
fn a_rerun_keeps_out_of_the_way_of_the_schedule() {
    let simulator = mended(&[2]);
    let mut night = Night::new(&simulator);
    // 61 minutes to begin and 10 to run: at 02:00 the run of 03:00 would be in danger.
    simulator.with_world(|world| world.clock = at("2026-03-11T02:01:00Z"));
    let played = night.tick();
    assert_eq!(played.status(), "waiting");
    assert!(played.reason().contains("2026-03-11 03:00 UTC"), "{}", played.reason());
    assert!(reruns(&simulator).is_empty());
    // The schedule proves it then, and that is told.
    simulator.with_world(|world| world.run_night("nightly", at("2026-03-11T03:00:00Z")));
    assert_eq!(kinds(&night.ticks_for(SignedDuration::from_hours(1))), ["verified"]);
}

#[test]
fn the_rerun_does_what_the_next_scheduled_run_will_do() {
    let mut world = broken(&[2], &[]);
    mend_key(&mut world, "key-0");
    // Since the failure the plan was changed: another vault, another retention, another role.
    world.add_vault("vault-2");
    let role = world.add_role("AWSBackupSecond").arn.clone();
    world.key("key-0").policy = tests::world::naming(ACCOUNT, &role);
    let rule = &mut world.plan("nightly").rules[0];
    rule.vault = "vault-2".to_owned();
    rule.lifecycle.delete_after_days = Some(90);
    rule.completion_window_minutes = 600;
    rule.tags.insert("team".to_owned(), "payments".to_owned());
    world.selections[0].role_arn.clone_from(&role);
    let simulator = Simulator::start(world);
    let played = Night::new(&simulator).tick();
    assert_eq!(played.status(), "started", "{}", played.reason());
    let job = reruns(&simulator).remove(0);
    assert_eq!((job.vault_name.as_str(), job.role_arn.as_str()), ("vault-2", role.as_str()));
    assert_eq!(job.lifecycle.delete_after_days, Some(90));
    assert_eq!(job.tags["team"], "payments");
    assert_eq!(job.tags["night-one:purpose"], "verification");
    assert_eq!(job.tags["night-one:root-cause"], text(played.cause(), "id"));
}

#[test]
fn a_late_tick_tells_and_starts_nothing() {
    let simulator = mended(&[2]);
    let mut night = Night::new(&simulator);
    simulator.with_world(|world| world.clock = at("2026-03-10T05:31:00Z"));
    let played = night.play(&json!({"time": "2026-03-10T05:00:00Z"}));
    assert_eq!(played.status(), "waiting");
    assert!(
        played.reason().ends_with("This tick comes too late to start anything; the next one will."),
        "{}",
        played.reason()
    );
    assert!(reruns(&simulator).is_empty());
}

#[test]
fn no_more_than_the_budget_is_started_in_one_tick() {
    let mut world = broken(&[2, 2, 2], &[]);
    for key in ["key-0", "key-1", "key-2"] {
        mend_key(&mut world, key);
    }
    let simulator = Simulator::start(world);
    let mut night = Night::with(&simulator, &[("MAX_RERUNS_PER_TICK", "2")]);
    let statuses = |played: &Played| -> Vec<String> {
        let mut statuses: Vec<String> = played.causes().iter().map(|cause| text(cause, "status")).collect();
        statuses.sort();
        statuses
    };
    assert_eq!(statuses(&night.tick()), ["budget", "started", "started"]);
    simulator.with_world(|world| world.advance(SignedDuration::from_mins(15)));
    let second = night.tick();
    assert_eq!(second.summary()["started"], 1);
    assert_eq!(reruns(&simulator).len(), 3);
}

#[test]
fn a_tick_that_comes_late_looks_at_the_schedule_with_the_clock_of_the_start() {
    let simulator = mended(&[2]);
    // The tick of 01:45 could still start a job; it is 02:10 now, and the run of 03:00 would be in danger.
    simulator.with_world(|world| world.clock = at("2026-03-11T02:10:00Z"));
    let played = Night::new(&simulator).play(&json!({"time": "2026-03-11T01:45:00Z"}));
    assert_eq!(played.status(), "waiting", "{}", played.reason());
    assert!(played.reason().contains("2026-03-11 03:00 UTC"), "{}", played.reason());
    assert!(reruns(&simulator).is_empty());
}

#[test]
fn a_tick_from_the_future_is_refused() {
    let simulator = mended(&[2]);
    let mut night = Night::new(&simulator);
    for time in ["2026-03-10T05:30:00Z", "2199-01-01T00:00:00Z", "-009999-01-03T00:00:00Z"] {
        let error = night.play(&json!({"time": time})).answer.unwrap_err();
        assert_eq!(error["errorType"], "MalformedPayload", "{error}");
    }
    assert!(reruns(&simulator).is_empty());
}
