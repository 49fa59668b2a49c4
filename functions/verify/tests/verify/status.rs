//! The table of statuses: the first row that applies.

use advice::stack::VerifyMode;
use job::{Job, JobState, Look};
use verify::decide::{Claim, Lists, Status};
use verify::probe::Verdict;
use verify::rerun::Aim;

use crate::world::{BAD_STATE, KEY_REFUSES, THREE_WAYS, World, at, bad, by_operator, good, ours, running, volume};

type Change = fn(&mut World);

fn proven(world: &mut World) {
    world.completions.push(by_operator(good("c", "21 18:00", "21 18:20")));
}

fn on_its_way(world: &mut World) {
    world.in_flight.push(running("a", "21 19:50"));
}

fn plan_gone(world: &mut World) {
    world.plan = Look::Missing;
}

fn one_rerun_failed(world: &mut World) {
    world.bad.push(ours(bad("b", "21 03:00", "21 03:10", KEY_REFUSES)));
}

fn three_reruns_failed(world: &mut World) {
    for (created, ended) in [("21 03:00", "21 03:10"), ("21 04:30", "21 04:40"), ("21 11:00", "21 11:10")] {
        world.bad.push(ours(bad("b", created, ended, KEY_REFUSES)));
    }
}

fn not_fixed(world: &mut World) {
    world.verdict = Verdict::NotFixed;
}

fn undetermined(world: &mut World) {
    world.verdict = Verdict::Undetermined;
}

fn claimed(world: &mut World) {
    world.claim = Claim::Made;
}

/// The rows in their order.
const ROWS: [(Change, Status); 5] = [
    (proven, Status::Verified),
    (on_its_way, Status::InFlight),
    (plan_gone, Status::NotRerunnable),
    (three_reruns_failed, Status::Exhausted),
    (not_fixed, Status::Waiting),
];

#[test]
fn of_two_rows_the_first_applies() {
    assert_eq!(World::fixed().answer().status(), Status::Started);
    for (n, (first, status)) in ROWS.iter().enumerate() {
        for (second, _) in ROWS.iter().skip(n) {
            let mut world = World::fixed();
            first(&mut world);
            second(&mut world);
            let answer = world.answer();
            assert_eq!(answer.status(), *status, "{}", answer.reason());
        }
    }
}

/// What stands against a rerun, and the words that say so. `Started`: nothing does.
#[test]
fn each_row_says_why() {
    let table: [(&str, &[Change], Status, &str); 31] = [
        ("fixed", &[], Status::Started, "It is fixed: what the probe saw."),
        ("proven", &[proven], Status::Verified, "Verified: an operator's own job c 21 18:00 operator of"),
        (
            "proven by the schedule",
            &[|world| world.completions.push(good("a", "21 18:00", "21 18:20"))],
            Status::Verified,
            "Verified: the scheduled job a 21 18:00 of",
        ),
        (
            "proven by us",
            &[|world| world.completions.push(ours(good("a", "21 18:00", "21 18:20")))],
            Status::Verified,
            "Verified: our rerun a 21 18:00 ours of",
        ),
        ("the scheduled job runs", &[on_its_way], Status::InFlight, "The scheduled job a 21 19:50 of"),
        (
            "an operator's job runs",
            &[|world| world.in_flight.push(by_operator(running("a", "21 19:50")))],
            Status::InFlight,
            "An operator's own job a 21 19:50 operator of",
        ),
        (
            "our rerun waits for its start",
            &[|world| world.in_flight.push(Job { state: JobState::Created, ..ours(running("a", "21 19:50")) })],
            Status::InFlight,
            "Our rerun a 21 19:50 ours of arn:aws:ec2:eu-west-1:111122223333:volume/a is CREATED, and has to start by 2026-11-21 20:51 UTC.",
        ),
        (
            "a stuck job is no hope: another resource is taken",
            &[|world| world.in_flight.push(running("b", "21 15:00"))],
            Status::Started,
            "It is fixed",
        ),
        (
            "a stuck rerun of ours is one in flight all the same",
            &[|world| world.in_flight.push(ours(running("b", "21 15:00")))],
            Status::InFlight,
            "Our rerun",
        ),
        (
            "a job begun before the last failure is no proof: another resource is taken",
            &[|world| {
                world.in_flight.push(running("b", "21 17:00"));
                world.bad.push(bad("c", "21 17:30", "21 18:00", KEY_REFUSES));
            }],
            Status::Started,
            "It is fixed",
        ),
        ("plan gone", &[plan_gone], Status::NotRerunnable, "its backup plan daily is gone"),
        (
            "every resource fails for another reason now",
            &[|world| {
                for name in ["a", "b", "c"] {
                    world.bad.push(bad(name, "21 02:00", "21 02:30", BAD_STATE));
                }
            }],
            Status::NotRerunnable,
            "fails for another reason now",
        ),
        ("no rerun left", &[three_reruns_failed], Status::Exhausted, "3 reruns"),
        ("not fixed", &[not_fixed], Status::Waiting, "Not fixed: what the probe saw."),
        (
            "undetermined",
            &[undetermined],
            Status::Waiting,
            "Night One cannot see whether this is fixed: what the probe saw.",
        ),
        ("only on claims", &[|world| world.limits.mode = VerifyMode::Claim], Status::Waiting, "VERIFY_MODE is claim"),
        ("a dry run decides alike", &[|world| world.limits.mode = VerifyMode::DryRun], Status::Started, "It is fixed"),
        (
            "an hour after the first rerun is not over",
            &[one_rerun_failed, |world| world.now = at("21 04:09")],
            Status::Waiting,
            "The next starts at 2026-11-21 04:10 UTC",
        ),
        ("it is over", &[one_rerun_failed, |world| world.now = at("21 04:10")], Status::Started, "It is fixed"),
        (
            "six hours after the second are not over",
            &[three_reruns_failed, |world| world.bad.truncate(5), |world| world.now = at("21 10:39")],
            Status::Waiting,
            "The next starts at 2026-11-21 10:40 UTC",
        ),
        (
            "they are over",
            &[three_reruns_failed, |world| world.bad.truncate(5), |world| world.now = at("21 10:40")],
            Status::Started,
            "It is fixed",
        ),
        (
            "the schedule is near: 61 minutes of waiting and 10 of running reach it",
            &[|world| world.now = at("21 23:49")],
            Status::Waiting,
            "its schedule will prove it sooner, at 2026-11-22 01:00 UTC",
        ),
        ("just before that", &[|world| world.now = at("21 23:48")], Status::Started, "It is fixed"),
        (
            "one resource is busy, and the others are not there",
            &[|world| {
                world.bad.truncate(1);
                world.in_flight.push(running("a", "21 01:10"));
            }],
            Status::Waiting,
            "job a 21 01:10 of it is on its way",
        ),
        (
            "never backed up",
            &[|world| {
                world.completions.clear();
                for job in &world.bad {
                    world.recovery_points.insert(job.resource_arn.clone(), Ok(Vec::new()));
                }
            }],
            Status::Waiting,
            "it was never backed up, and only a claim makes its first backup",
        ),
        (
            "accepted: it would only use up attempts",
            &[|world| world.accept(&["a", "b", "c"], "2026-11-21")],
            Status::Waiting,
            "volume/b: its failure is accepted until 2026-11-21 (moves to Aurora), and it is rerun on a claim, or once it fails after that day.",
        ),
        (
            "people never heard of a failure that was accepted: they do not hear of its rerun first",
            &[|world| world.accept(&["a", "b", "c"], "2026-11-21"), |world| world.now = at("22 04:00")],
            Status::Waiting,
            "and it is rerun on a claim, or once it fails after that day.",
        ),
        (
            "it failed on the day after",
            &[|world| world.accept(&["a", "b", "c"], "2026-11-20")],
            Status::Started,
            "It is fixed: what the probe saw.",
        ),
        (
            "partial knowledge",
            &[|world| world.lists = Lists::Partial { why: "FAILED jobs could not be listed" }],
            Status::Waiting,
            "Nothing is started on partial knowledge: FAILED jobs could not be listed.",
        ),
        (
            "partial knowledge may miss a failure after the proof",
            &[proven, |world| world.lists = Lists::Partial { why: "FAILED jobs could not be listed" }],
            Status::Waiting,
            "Nothing is started on partial knowledge",
        ),
        (
            "a plan that could not be read",
            &[|world| world.plan = Look::Unreadable { why: "throttled".into() }],
            Status::Waiting,
            "it could not be decided: throttled",
        ),
    ];
    for (name, changes, status, words) in table {
        let mut world = World::fixed();
        for change in changes {
            change(&mut world);
        }
        // The cause of the key, not what came after it.
        let answers = world.answers();
        let answer = answers.iter().find(|answer| answer.class.id() == "kms-policy-denied").unwrap();
        assert_eq!(answer.status(), status, "{name}: {}", answer.reason());
        assert!(answer.reason().contains(words), "{name}: {}", answer.reason());
    }
}

#[test]
fn a_rerun_that_brought_back_its_own_resource_is_not_said_to_have_failed() {
    for (message, rerun, words) in [
        (BAD_STATE, good("b", "21 03:00", "21 03:10"), "The last rerun brought back b alone."),
        (KEY_REFUSES, bad("b", "21 03:00", "21 03:10", KEY_REFUSES), "Night One makes one rerun at a time."),
    ] {
        let mut world = World { now: at("21 04:09"), ..World::failing_with(message) };
        match rerun.state {
            JobState::Completed => world.completions.push(ours(rerun)),
            _ => world.bad.push(ours(rerun)),
        }
        let answer = world.answer();
        let expected = format!("{words} The next starts at 2026-11-21 04:10 UTC at the earliest.");
        assert_eq!((answer.status(), answer.reason()), (Status::Waiting, expected.as_str()));
    }
}

#[test]
fn what_a_claim_overrides_and_what_not() {
    let table: [(&str, &[Change], Status); 14] = [
        ("undetermined", &[undetermined], Status::Started),
        ("exhausted", &[three_reruns_failed], Status::Started),
        ("spacing", &[one_rerun_failed, |world| world.now = at("21 03:20")], Status::Started),
        ("mode claim", &[|world| world.limits.mode = VerifyMode::Claim], Status::Started),
        ("never backed up", &[|world| world.completions.clear()], Status::Started),
        ("accepted", &[|world| world.accept(&["a", "b", "c"], "2026-11-21")], Status::Started),
        ("not in flight", &[on_its_way], Status::InFlight),
        ("nor our own in flight", &[|world| world.in_flight.push(ours(running("a", "21 19:50")))], Status::InFlight),
        ("nor not-rerunnable", &[plan_gone], Status::NotRerunnable),
        ("nor what is seen not to be fixed", &[not_fixed], Status::Waiting),
        ("nor the schedule", &[|world| world.now = at("21 23:58")], Status::Waiting),
        (
            "nor a busy resource",
            &[|world| world.bad.truncate(1), |world| world.in_flight.push(running("a", "21 01:10"))],
            Status::Waiting,
        ),
        ("nor partial knowledge", &[|world| world.lists = Lists::Partial { why: "throttled" }], Status::Waiting),
        ("nor a proof", &[proven], Status::Verified),
    ];
    for (name, changes, status) in table {
        let mut world = World::fixed();
        for change in changes.iter().copied().chain([claimed as Change]) {
            change(&mut world);
        }
        let answer = world.answer();
        assert_eq!(answer.status(), status, "{name}: {}", answer.reason());
    }
    let mut world = World::failing_with(BAD_STATE);
    world.now = at("21 02:00");
    assert_eq!(world.answer().status(), Status::Waiting, "it rests");
    claimed(&mut world);
    assert_eq!(world.answer().status(), Status::Started, "cool-off");
}

#[test]
fn a_resource_that_nobody_accepts_is_rerun_in_the_place_of_one_that_somebody_does() {
    let first = |accepts: &[&str]| {
        let mut world = World::fixed();
        world.accept(accepts, "2026-11-30");
        world.answer().reruns().iter().map(|rerun| rerun.resource_arn.clone()).collect::<Vec<_>>()
    };
    assert_eq!(first(&[]), [volume("b"), volume("a"), volume("c")], "the quickest first");
    assert_eq!(first(&["b"]), [volume("a"), volume("c")]);
    assert_eq!(first(&["a", "b"]), [volume("c")]);
}

#[test]
fn what_is_only_likely_gets_one_rerun() {
    let mut world = World::failing_with(THREE_WAYS);
    assert_eq!(world.answer().status(), Status::Started);
    world.bad.push(ours(bad("b", "21 03:00", "21 03:10", THREE_WAYS)));
    assert_eq!(world.answer().status(), Status::Exhausted);
    claimed(&mut world);
    assert_eq!(world.answer().status(), Status::Started, "a claim opens it again");
}

#[test]
fn a_claim_gets_one_rerun_more() {
    let mut world = World::fixed();
    three_reruns_failed(&mut world);
    claimed(&mut world);
    assert_eq!(world.answer().reruns().first().map(|rerun| rerun.aim), Some(Aim::Proof { attempt: 4 }));
    world.bad.push(ours(bad("b", "21 18:00", "21 18:10", KEY_REFUSES)));
    world.claim = Claim::NotMade;
    assert_eq!(world.answer().status(), Status::Exhausted);
}
