//! What proves a cause fixed, and what does not.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::Simulator;
use tests::world::{Condition, JobState, naming};

use super::support::{
    ACCOUNT, NIGHT, Night, Played, ROLE, account, at, back_up_by_hand, break_keys, broken, kinds, mend_key, reruns,
    text,
};

const DAY: SignedDuration = SignedDuration::from_hours(24);

#[test]
fn before_the_fix_nothing_is_started_and_the_answer_says_why() {
    let simulator = Simulator::start(broken(&[41], &[7]));
    let mut night = Night::new(&simulator);
    let played = night.tick();
    assert_eq!(played.status(), "waiting");
    assert_eq!(text(played.cause(), "verdict"), "not-fixed");
    assert!(played.reason().contains("key policy"), "{}", played.reason());
    assert_eq!(played.cause()["resources"], 41);
    assert_eq!(simulator.count_of("backup", "StartBackupJob"), 0);
    assert!(played.mails.is_empty());
    assert_eq!(played.summary()["coverage"], json!({"complete": true, "errors": []}));
}

/// `9` of "[account/Region] CRITICAL: 9 RDS resources are past their RPO".
fn leading_number(subject: &str) -> usize {
    let told = subject.split_once(": ").unwrap().1;
    told.split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn a_mended_key_is_one_job_on_the_cheapest_resource_and_one_verified_mail() {
    let simulator = Simulator::start(broken(&[41], &[29]));
    let mut night = Night::new(&simulator);
    night.tick();
    simulator.with_world(|world| {
        mend_key(world, "key-0");
        world.advance(SignedDuration::from_mins(20));
    });

    let started = night.tick();
    assert_eq!(started.status(), "started", "{}", started.reason());
    let jobs = reruns(&simulator);
    assert_eq!(jobs.len(), 1);
    assert_eq!(jobs[0].resource_name, "db-29", "the one whose last backup was the shortest");
    assert_eq!(jobs[0].lifecycle.delete_after_days, Some(35), "as the rule says");
    assert_eq!(started.lines("rerun_started").len(), 1);

    let later = night.ticks_for(SignedDuration::from_hours(10));
    // The others exceed their objective before they run again, each at its own time.
    assert_eq!(kinds(&later), ["verified", "breach", "breach", "breach", "breach"]);
    let mails = later.iter().flat_map(|played| &played.mails).skip(1);
    let past: Vec<usize> = mails.map(|mail| leading_number(mail.subject.as_deref().unwrap())).collect();
    assert_eq!(past, [9, 15, 14, 2], "each of the 40 others once");
    assert_eq!(later.last().unwrap().status(), "verified");
    assert_eq!(later.iter().flat_map(|played| played.lines("rerun_outcome")).count(), 1);
    assert_eq!(reruns(&simulator).len(), 1, "one job proves it for all 41");
}

#[test]
fn nothing_is_started_again_once_a_cause_is_proven() {
    let simulator = Simulator::start(broken(&[41], &[29]));
    let mut night = Night::new(&simulator);
    simulator.with_world(|world| mend_key(world, "key-0"));
    assert_eq!(night.tick().status(), "started");
    assert_eq!(kinds(&night.ticks_for(SignedDuration::from_hours(1))), ["verified"]);
    // The schedule goes on, and so do the ticks, even when the rerun's recovery point has expired.
    for night_after in ["2026-03-11T03:00:00Z", "2026-03-12T03:00:00Z", "2026-03-30T03:00:00Z"] {
        simulator.with_world(|world| world.run_night("nightly", at(night_after)));
        let played = night.ticks_for(SignedDuration::from_hours(2));
        assert!(kinds(&played).is_empty());
    }
    assert_eq!(reruns(&simulator).len(), 1);
}

/// VERIFIED closes the incident, and a breach opens it again: nothing but the schedule is left to close it.
#[test]
fn an_incident_that_a_breach_opened_again_ends_with_the_last_resource_that_is_backed_up() {
    const PROGRAMS: &str = "arn:aws:sns:eu-west-1:111122223333:programs";
    let mut world = broken(&[3], &[1]);
    world.add_topic("programs");
    let simulator = Simulator::start(world);
    let mut night = Night::with(&simulator, &[("NOTICE_TOPIC_ARN", PROGRAMS)]);
    simulator.with_world(|world| mend_key(world, "key-0"));
    let mut told = Vec::new();
    let mut until = |time: &str, made: Option<&str>| {
        simulator.with_world(|world| {
            world.clock = at(time);
            _ = made.map(|night| world.run_night("nightly", at(night)));
        });
        for quarter in 1..=8 {
            let tick = at(time) + SignedDuration::from_mins(15 * quarter);
            simulator.with_world(|world| world.clock = world.clock.max(tick));
            night.verify.invoke(&json!({"time": tick.to_string()})).answer.unwrap();
            for document in simulator.take_published().iter().filter(|sent| sent.topic == PROGRAMS) {
                let document: Value = serde_json::from_str(&document.message).unwrap();
                told.push((text(&document, "kind"), text(&document["incidents"][0], "action")));
            }
        }
    };
    until(NIGHT, None);
    until("2026-03-10T10:30:00Z", None);
    until("2026-03-11T02:45:00Z", Some("2026-03-11T03:00:00Z"));
    until("2026-03-12T02:45:00Z", Some("2026-03-12T03:00:00Z"));
    let told: Vec<(&str, &str)> = told.iter().map(|(kind, action)| (kind.as_str(), action.as_str())).collect();
    assert_eq!(told, [("verified", "close"), ("breach", "open"), ("verified", "close")]);
}

#[test]
fn the_verified_mail_says_what_is_covered_and_what_still_waits() {
    let simulator = Simulator::start(broken(&[3], &[1]));
    let mut night = Night::new(&simulator);
    simulator.with_world(|world| mend_key(world, "key-0"));
    night.tick();
    let played = night.ticks_for(SignedDuration::from_hours(2));
    let mails: Vec<_> = played.iter().flat_map(|played| &played.mails).collect();
    assert_eq!(mails.len(), 1);
    let mail = mails[0];
    let job = reruns(&simulator).remove(0);
    assert!(mail.message.contains(job.recovery_point_arn.as_deref().unwrap()), "{}", mail.message);
    assert!(mail.message.contains("2026-03-11 03:00 UTC"), "when the others run: {}", mail.message);
    for waiting in ["db-0", "db-2"] {
        assert!(mail.message.contains(waiting), "{}", mail.message);
    }
    // Who waits exceeds an objective before the next run.
    assert_eq!(mail.attributes["severity"].1, "warning");
    assert_eq!(mail.attributes["incident_id"].1, text(played[0].cause(), "incident_id"));
}

#[test]
fn two_fixed_causes_are_two_starts() {
    let simulator = Simulator::start(broken(&[5, 3], &[]));
    let mut night = Night::new(&simulator);
    simulator.with_world(|world| {
        mend_key(world, "key-0");
        mend_key(world, "key-1");
    });
    let played = night.tick();
    assert_eq!(played.summary()["started"], 2);
    let resources: Vec<String> = reruns(&simulator).into_iter().map(|job| job.resource_name).collect();
    assert_eq!(resources, ["db-0", "db-5"]);
}

#[test]
fn of_two_causes_only_the_fixed_one_is_rerun() {
    let simulator = Simulator::start(broken(&[5, 3], &[]));
    let mut night = Night::new(&simulator);
    simulator.with_world(|world| mend_key(world, "key-1"));
    let played = night.tick();
    let statuses: Vec<String> = played.causes().iter().map(|cause| text(cause, "status")).collect();
    assert_eq!(statuses, ["waiting", "started"]);
    assert_eq!(reruns(&simulator)[0].resource_name, "db-5");
}

#[test]
fn one_that_recovers_by_itself_before_the_fix_verifies_nothing() {
    let simulator = Simulator::start(broken(&[4], &[]));
    let mut night = Night::new(&simulator);
    // One database is moved to another key, and so its next backup is good. The key of the others refuses as before.
    simulator.with_world(|world| {
        let key = world.add_key("spare");
        key.policy = naming(ACCOUNT, ROLE);
        let key = key.arn.clone();
        world.resource("db-2").key = Some(key);
        back_up_by_hand(world, "db-2");
    });
    let played = night.ticks_for(SignedDuration::from_hours(1));
    assert!(kinds(&played).is_empty());
    let last = played.last().unwrap();
    assert_eq!((last.status(), text(last.cause(), "verdict")), ("waiting".to_owned(), "not-fixed".to_owned()));
    assert!(reruns(&simulator).is_empty());
}

#[test]
fn a_job_begun_before_the_last_failure_verifies_nothing() {
    let simulator = Simulator::start(broken(&[4], &[]));
    let mut night = Night::new(&simulator);
    simulator.with_world(|world| {
        // A long job begins under the mended key; while it runs the key breaks again, and another job fails.
        mend_key(world, "key-0");
        world.resource("db-1").duration = SignedDuration::from_hours(1);
        let begins = world.clock;
        let order = tests::world::Order {
            start_window_minutes: 480,
            ..tests::world::Order::on_demand(&world.resource("db-1").arn, "prod", ROLE)
        };
        world.back_up(&order, begins);
        break_keys(world);
        world.advance(SignedDuration::from_mins(10));
        back_up_by_hand(world, "db-3");
        world.advance_until_idle();
    });
    let played = night.ticks_for(SignedDuration::from_hours(1));
    assert!(kinds(&played).is_empty());
    assert_eq!(played.last().unwrap().status(), "waiting");
}

#[test]
fn an_operators_own_job_proves_it_and_nothing_more_is_started() {
    let simulator = Simulator::start(broken(&[12], &[]));
    let mut night = Night::new(&simulator);
    simulator.with_world(|world| {
        mend_key(world, "key-0");
        back_up_by_hand(world, "db-11");
    });
    let played = night.ticks_for(SignedDuration::from_hours(1));
    assert_eq!(kinds(&played), ["verified"]);
    assert_eq!(played.last().unwrap().status(), "verified");
    assert!(reruns(&simulator).is_empty());
}

#[test]
fn completed_with_issues_is_not_verified() {
    let simulator = Simulator::start(broken(&[2], &[]));
    let mut night = Night::new(&simulator);
    simulator.with_world(|world| {
        mend_key(world, "key-0");
        for name in ["db-0", "db-1"] {
            world.resource(name).remark = Some("Unable to copy resource tags: 2 of 7 were left out.".to_owned());
        }
    });
    night.tick();
    let played = night.ticks_for(SignedDuration::from_hours(1));
    assert_eq!(kinds(&played), ["still-failing"]);
    assert_eq!(played.last().unwrap().status(), "waiting");
    let job = reruns(&simulator).remove(0);
    assert_eq!(job.end, JobState::Completed);
}

#[test]
fn a_relapse_is_a_new_episode_with_fresh_attempts() {
    let simulator = Simulator::start(broken(&[2], &[]));
    let mut night = Night::new(&simulator);
    simulator.with_world(|world| mend_key(world, "key-0"));
    night.tick();
    let first = night.ticks_for(SignedDuration::from_hours(2));
    assert_eq!(first.last().unwrap().status(), "verified");

    simulator.with_world(|world| {
        break_keys(world);
        world.run_night("nightly", at("2026-03-11T03:00:00Z"));
        mend_key(world, "key-0");
    });
    let again = night.tick();
    assert_eq!(again.status(), "started", "{}", again.reason());
    assert_eq!(again.cause()["attempts"], 0);
    assert_ne!(again.cause()["incident_id"], first[0].cause()["incident_id"]);
    assert_eq!(kinds(&night.ticks_for(DAY / 4)), ["verified"]);
    assert_eq!(reruns(&simulator).len(), 2);
}

#[test]
fn a_healthy_account_has_nothing_to_say() {
    let simulator = Simulator::start(account(&[3], &[]));
    let played = Night::new(&simulator).tick();
    assert!(played.causes().is_empty() && played.mails.is_empty());
    assert_eq!(played.summary()["coverage"]["complete"], true);
}

#[test]
fn good_jobs_whose_recovery_points_are_gone_prove_nothing() {
    let mut world = broken(&[6], &[]);
    mend_key(&mut world, "key-0");
    for name in ["db-0", "db-1", "db-2", "db-3", "db-4", "db-5"] {
        back_up_by_hand(&mut world, name);
    }
    world.recovery_points.clear();
    let simulator = Simulator::start(world);
    let played = Night::new(&simulator).ticks_for(SignedDuration::from_hours(1));
    assert!(kinds(&played).is_empty());
    let statuses: Vec<String> = played.iter().map(Played::status).collect();
    assert_eq!(statuses, ["waiting"; 4], "{}", played[0].reason());
}

/// Databases that were stopped in the night: each has to prove by itself that it was started again.
fn stopped(count: usize) -> tests::World {
    let mut world = account(&[count], &[0]);
    for resource in &mut world.resources {
        resource.condition = Condition::Invalid;
    }
    world.run_night("nightly", at(NIGHT));
    world
}

#[test]
fn a_rerun_whose_recovery_point_is_gone_brings_nothing_back() {
    let mut world = stopped(3);
    world.resource("db-0").condition = Condition::Available;
    let simulator = Simulator::start(world);
    let mut night = Night::with(&simulator, &[("COOL_OFF_MINUTES", "0")]);
    let first = night.ticks_for(SignedDuration::from_mins(15)).remove(0);
    assert_eq!(first.status(), "started", "{}", first.reason());
    simulator.with_world(|world| world.advance_until_idle());
    let job = reruns(&simulator).remove(0);
    assert_eq!((job.resource_name.as_str(), job.end), ("db-0", JobState::Completed));
    simulator.with_world(|world| {
        world.recovery_points.retain(|point| Some(&point.arn) != job.recovery_point_arn.as_ref());
    });

    let played = night.ticks_for(SignedDuration::from_mins(45));
    assert!(kinds(&played).is_empty(), "{:?}", kinds(&played));
    let outcomes: Vec<String> =
        played.iter().flat_map(|played| played.lines("rerun_outcome")).map(|line| text(line, "outcome")).collect();
    assert_eq!(outcomes, ["recovery-point-gone"]);
    let last = played.last().unwrap();
    assert_eq!((last.status(), &last.cause()["attempts"]), ("waiting".to_owned(), &json!(1)));

    // Its next rerun is good, and only that one is told.
    let later = night.ticks_for(SignedDuration::from_hours(1));
    let mails: Vec<_> = later.iter().flat_map(|played| &played.mails).collect();
    assert_eq!(reruns(&simulator)[1].resource_name, "db-0", "it is as open as the others");
    assert!(
        matches!(mails.as_slice(), [mail] if mail.message.starts_with("PARTLY VERIFIED: 1 of 3 recovered; 2 are still open.")),
        "{mails:?}"
    );
}

/// Nobody is mailed of what the schedule brings back one by one. Where no program listens either, nothing is asked for the notice.
#[test]
fn a_notice_that_nobody_hears_costs_no_call() {
    let simulator = Simulator::start(stopped(1));
    let mut night = Night::with(&simulator, &[("VERIFY_MODE", "claim")]);
    simulator.with_world(|world| {
        world.resource("db-0").condition = Condition::Available;
        world.run_night("nightly", at("2026-03-11T03:00:00Z"));
    });
    let mut calls = Vec::new();
    for _ in 0..4 {
        let before = simulator.count_of("backup", "DescribeRecoveryPoint");
        let played = night.ticks_for(SignedDuration::from_mins(15));
        assert_eq!((played[0].status(), kinds(&played).len()), ("verified".to_owned(), 0));
        calls.push(simulator.count_of("backup", "DescribeRecoveryPoint") - before);
    }
    assert_eq!(calls, [1; 4], "whether the proof stands is asked in each tick, and no more in the one that closes");
}
