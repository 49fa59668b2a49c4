//! What counts as proof, what counts as attempt, and when everything begins anew.

use job::{Job, JobState};
use verify::decide::Status;
use verify::rerun::Aim;

use crate::world::{BAD_STATE, KEY_REFUSES, World, at, bad, by_operator, copy, good, ours, running, volume};

const OLD_KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/k1";
const NEW_KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/k9";

fn with_key(key: &str, job: Job) -> Job {
    Job { encryption_key_arn: Some(key.into()), ..job }
}

/// 41 volumes whose key refused the role; the key of the first three is known from their last good jobs.
fn forty_one() -> World {
    let names: Vec<String> = (0..41).map(|n| format!("v{n:02}")).collect();
    let mut world = World::fixed();
    world.bad = names.iter().map(|name| bad(name, "21 01:00", "21 01:30", KEY_REFUSES)).collect();
    let known = names.iter().take(3);
    world.completions = known.map(|name| with_key(OLD_KEY, good(name, "18 01:00", "18 01:20"))).collect();
    world
}

#[test]
fn forty_one_failures_are_one_rerun() {
    let answer = forty_one().answer();
    assert_eq!((answer.status(), answer.open.len()), (Status::Started, 41), "{}", answer.reason());
    // The first that AWS accepts is started; the others are there if it says that the resource is gone.
    assert_eq!(answer.reruns().len(), 3);
    let tokens: Vec<&str> = answer.reruns().iter().filter_map(|rerun| rerun.order.token()).collect();
    assert_eq!(tokens.len(), 3);
    assert!(tokens.iter().all(|token| *token == tokens[0] && !token.is_empty()), "{tokens:?}");
}

#[test]
fn what_proves_nothing_for_the_others() {
    let moved = with_key(NEW_KEY, good("v00", "21 09:00", "21 09:20"));
    let moved_unknown = with_key(NEW_KEY, good("v40", "21 09:00", "21 09:20"));
    let with_issues = Job { message: "Some items were left out".into(), ..good("v00", "21 09:00", "21 09:20") };
    let table = [
        ("one recovers by itself, on another key", moved, 1),
        ("so does one whose old key is not on record", moved_unknown, 1),
        ("begun before the last failure", good("v00", "21 01:10", "21 09:20"), 0),
        ("completed with issues", with_issues, 0),
    ];
    for (name, job, recovered) in table {
        let mut world = forty_one();
        world.completions.push(job);
        let answer = world.answer();
        assert_eq!((answer.proof.as_deref(), answer.recovered), (None, recovered), "{name}");
        assert_eq!(answer.open.len(), 41 - recovered, "{name}");
        assert_eq!(answer.status(), Status::Started, "{name}: {}", answer.reason());
    }
    let mut world = forty_one();
    world.completions.push(with_key(OLD_KEY, by_operator(good("v00", "21 09:00", "21 09:20"))));
    assert_eq!(world.answer().status(), Status::Verified, "an operator's own job proves");
}

#[test]
fn an_operators_jobs_are_no_attempts() {
    let mut world = World::fixed();
    for hour in ["03", "05", "12"] {
        let (created, ended) = (format!("21 {hour}:00"), format!("21 {hour}:10"));
        world.bad.push(by_operator(bad("b", &created, &ended, KEY_REFUSES)));
    }
    let answer = world.answer();
    assert_eq!(answer.attempts, [""; 0]);
    assert_eq!(answer.status(), Status::Started, "{}", answer.reason());
    assert_eq!(answer.reruns()[0].aim, Aim::Proof { attempt: 1 });
}

#[test]
fn our_reruns_are_attempts_however_they_end() {
    let rerun = |created, ended, message| ours(bad("b", created, ended, message));
    let with_issues = Job { state: JobState::Completed, ..rerun("21 03:00", "21 03:10", "2 items were left out") };
    let table: [(&str, Vec<Job>, Vec<Job>, usize); 7] = [
        ("failed again", vec![rerun("21 03:00", "21 03:10", KEY_REFUSES)], vec![], 1),
        ("failed with another cause", vec![rerun("21 03:00", "21 03:10", BAD_STATE)], vec![], 1),
        ("expired", vec![Job { state: JobState::Expired, ..rerun("21 03:00", "21 05:00", "") }], vec![], 1),
        ("stopped by a person", vec![Job { state: JobState::Aborted, ..rerun("21 03:00", "21 03:05", "") }], vec![], 1),
        ("completed with issues", vec![], vec![with_issues], 1),
        ("begun before the episode", vec![rerun("21 01:10", "21 01:40", KEY_REFUSES)], vec![], 0),
        (
            "of a resource that recovered before it",
            vec![rerun("21 05:00", "21 05:10", BAD_STATE)],
            vec![with_key(NEW_KEY, good("b", "21 03:00", "21 03:10"))],
            0,
        ),
    ];
    for (name, bad, completions, attempts) in table {
        let mut world = World::fixed();
        for job in &mut world.completions {
            job.encryption_key_arn = Some(OLD_KEY.into());
        }
        world.bad.extend(bad);
        world.completions.extend(completions);
        let answers = world.answers();
        let of = |class: &str| answers.iter().find(|answer| answer.class.id() == class);
        assert_eq!(of("kms-policy-denied").unwrap().attempts.len(), attempts, "{name}");
        // A rerun made for the key is no attempt at whatever stopped it.
        let others = answers.iter().filter(|answer| answer.class.id() != "kms-policy-denied");
        assert_eq!(others.map(|answer| answer.attempts.len()).sum::<usize>(), 0, "{name}");
    }
}

#[test]
fn a_rerun_that_failed_otherwise_leaves_its_resource_to_the_other_cause() {
    let mut world = World::fixed();
    world.bad.push(ours(bad("b", "21 03:00", "21 03:10", BAD_STATE)));
    let answers = world.answers();
    assert_eq!(answers[0].open, [volume("a"), volume("c")]);
    assert_eq!(answers[0].recovered, 0, "failing for another reason is no recovery");
    assert_eq!(answers[1].open, [volume("b")]);
    assert_eq!(answers[0].reruns()[0].aim, Aim::Proof { attempt: 2 });
    assert_eq!(answers[0].reruns()[0].resource_arn, volume("a"));
}

#[test]
fn a_new_episode_begins_with_fresh_attempts() {
    let mut world = World::fixed();
    for (created, ended) in [("21 03:00", "21 03:10"), ("21 04:30", "21 04:40"), ("21 11:00", "21 11:10")] {
        world.bad.push(ours(bad("b", created, ended, KEY_REFUSES)));
    }
    assert_eq!(world.answer().status(), Status::Exhausted);
    let exhausted = world.answer();

    world.completions.push(good("a", "21 14:00", "21 14:20"));
    assert_eq!(world.answer().status(), Status::Verified);
    assert_eq!(world.answer().attempts.len(), 3, "they belong to the episode that is over");

    world.bad.push(bad("a", "22 01:00", "22 01:30", KEY_REFUSES));
    world.now = at("22 09:00");
    let answer = world.answer();
    assert_eq!((answer.episode.start, answer.attempts.len()), (at("22 01:30"), 0));
    assert_eq!(answer.status(), Status::Started, "{}", answer.reason());
    assert_eq!(answer.reruns()[0].aim, Aim::Proof { attempt: 1 });
    assert_eq!(answer.cause, exhausted.cause);
}

#[test]
fn the_token_changes_with_cause_failure_and_attempt_and_with_nothing_else() {
    let token = |world: &World| world.answer().reruns()[0].order.token().unwrap().to_owned();
    let first = token(&World::fixed());
    let mut later = World::fixed();
    later.now = at("21 20:15");
    later.bad.reverse();
    later.verdict = verify::probe::Verdict::Undetermined;
    later.claim = verify::decide::Claim::Made;
    assert_eq!(first, token(&later), "a later tick, or a claim at the same time, starts nothing twice");

    let other_cause = token(&World::failing_with(BAD_STATE));
    let mut other_failure = World::fixed();
    other_failure.bad.push(bad("a", "21 02:00", "21 02:10", KEY_REFUSES));
    let mut other_attempt = World::fixed();
    // Its failure belongs to another cause, so that the last failure of this one stays.
    other_attempt.bad.push(ours(bad("b", "21 03:00", "21 03:10", BAD_STATE)));
    for other in [other_cause, token(&other_failure), token(&other_attempt)] {
        assert_ne!(first, other);
    }
}

#[test]
fn two_fixed_causes_are_two_reruns() {
    let mut world = World::fixed();
    for name in ["x", "y"] {
        world.bad.push(bad(name, "21 01:00", "21 01:30", BAD_STATE));
        world.completions.push(good(name, "18 01:00", "18 01:20"));
    }
    let answers = world.answers();
    assert!(answers.iter().all(|answer| answer.status() == Status::Started));
    assert_eq!(answers.len(), 2);
    assert_ne!(answers[0].reruns()[0].order.token(), answers[1].reruns()[0].order.token());
}

#[test]
fn each_resource_is_counted_until_none_is_open() {
    let mut world = World::failing_with(BAD_STATE);
    let mut seen = Vec::new();
    for name in ["a", "b", "c"] {
        world.completions.push(good(name, "21 09:00", "21 09:20"));
        let answer = world.answer();
        seen.push((answer.recovered, answer.open.len(), answer.proof));
    }
    assert_eq!(seen, [(1, 2, None), (2, 1, None), (3, 0, Some("c 21 09:00".to_owned()))]);
}

#[test]
fn a_rerun_on_its_way_is_an_attempt_that_holds_back_the_next() {
    let mut world = World::fixed();
    world.in_flight.push(ours(running("b", "21 19:50")));
    // Meanwhile its scheduled job fails for another reason: the rerun stays this cause's.
    world.bad.push(bad("b", "21 19:51", "21 19:52", BAD_STATE));
    let answer = world.answer();
    assert_eq!((answer.status(), answer.attempts.len()), (Status::InFlight, 1));
}

/// One key that holds up the backups and copies of a volume.
fn both_legs() -> World {
    let mut world = World::fixed();
    world.bad.extend(["a", "b"].map(|name| copy(bad(name, "21 01:00", "21 01:40", KEY_REFUSES))));
    world
}

#[test]
fn a_backup_that_proves_its_leg_leaves_the_copies_to_be_proven() {
    let mut world = both_legs();
    assert_eq!(world.answers().len(), 1, "one cause");
    world.completions.push(ours(good("b", "21 09:00", "21 09:10")));
    let answer = world.answer();
    assert_eq!((answer.proof.as_deref(), answer.attempts.len()), (None, 1));
    assert_eq!(answer.open, [volume("a"), volume("b")], "the copies");
    assert!(
        answer
            .candidates
            .iter()
            .all(|(_, order)| !matches!(order, Ok(verify::rerun::Order::Aws(promise::Order::Backup(_)))))
    );
    assert_eq!((answer.status(), answer.reruns().len()), (Status::NotRerunnable, 0));

    // A backup on its way proves nothing more; a copy may.
    world.in_flight.push(running("a", "21 19:50"));
    assert_eq!(world.answer().status(), Status::NotRerunnable);
    world.in_flight = vec![copy(running("a", "21 19:50"))];
    assert_eq!(world.answer().status(), Status::InFlight);

    world.in_flight.clear();
    world.completions.push(copy(good("a", "21 19:50", "21 19:55")));
    let answer = world.answer();
    assert_eq!(answer.proof.as_deref(), Some("a 21 19:50 copy"), "the job that completed the set");
    assert_eq!((answer.status(), answer.open.len()), (Status::Verified, 0));
}

#[test]
fn a_rerun_that_proved_its_leg_does_not_hold_up_the_other() {
    let next = |rerun: Job| {
        let mut world = both_legs();
        match rerun.is_bad() {
            true => world.bad.push(rerun),
            false => world.completions.push(rerun),
        }
        world.now = at("21 09:20");
        world.answer()
    };
    let refused = next(ours(bad("b", "21 09:00", "21 09:10", KEY_REFUSES)));
    assert!(refused.reason().contains("10:10"), "an hour after one that failed: {}", refused.reason());
    let proven = next(ours(good("b", "21 09:00", "21 09:10")));
    assert!(!proven.reason().contains("10:10"), "at once: {}", proven.reason());
}

#[test]
fn a_job_from_before_the_proof_does_not_reopen_the_cause() {
    let mut world = World::fixed();
    world.completions.push(by_operator(good("a", "21 03:45", "21 03:55")));
    world.bad.push(bad("late", "21 01:00", "21 09:00", KEY_REFUSES));
    let answer = world.answer();
    assert_eq!((answer.status(), answer.open.len()), (Status::Verified, 0), "{}", answer.reason());
    assert_eq!((answer.episode.start, answer.episode.last), (at("21 01:30"), at("21 09:00")));

    world.bad.push(bad("late", "21 04:00", "21 09:30", KEY_REFUSES));
    let answer = world.answer();
    assert_eq!((answer.proof, answer.episode.start), (None, at("21 09:30")), "one that began after it does");
}

/// Ours begins before an operator's job proves the cause, and fails after that: it opens the new episode, and is its first attempt.
#[test]
fn a_rerun_that_fails_after_a_proof_is_an_attempt() {
    for (operators, start) in [("21 03:40", "21 04:10"), ("21 03:50", "21 01:30")] {
        let mut world = World::fixed();
        world.bad.push(ours(bad("b", "21 03:45", "21 04:10", KEY_REFUSES)));
        world.completions.push(by_operator(good("a", operators, "21 04:00")));
        let answer = world.answer();
        assert_eq!(
            (answer.episode.start, answer.attempts),
            (at(start), vec!["b 21 03:45 ours".to_owned()]),
            "{operators}"
        );
    }
}

/// While its backup runs, a second job of the resource is refused for that very reason: the latest job to end is the good one.
#[test]
fn a_good_job_that_ended_last_is_a_recovery() {
    let mut world = forty_one();
    let refused = "Backup job failed because there was a running job for the same resource.";
    world.completions.push(with_key(NEW_KEY, good("v00", "21 09:00", "21 09:30")));
    world.bad.push(bad("v00", "21 09:10", "21 09:11", refused));
    let answer = world.answer();
    assert_eq!((answer.recovered, answer.open.len()), (1, 40));
}
