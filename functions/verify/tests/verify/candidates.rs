//! Which resource is rerun, and which are left alone.

use job::{CreatedBy, Job, JobKind, JobState, Look, Origin};
use owner::{OwnerTag, Owners};
use verify::ledger::Ledger;
use verify::rerun::{Unfit, worth_a_look};

use crate::world::{
    BAD_STATE, KEY_REFUSES, World, at, bad, by_operator, daily, good, nightly, point, running, selection, volume,
};
use crate::world::{OFFSITE, ROLE};

fn order_of(world: &World) -> Vec<String> {
    world.answer().candidates.into_iter().map(|(arn, _)| arn).collect()
}

fn sized(bytes: i64) -> Result<Vec<source::RecoveryPoint>, String> {
    Ok(vec![source::RecoveryPoint { size_bytes: Some(bytes), ..point("COMPLETED") }])
}

#[test]
fn the_cheapest_comes_first() {
    type Change = fn(&mut World);
    let table: [(&str, Change, [&str; 3]); 6] = [
        ("the shortest last job", |_| {}, ["b", "a", "c"]),
        (
            "the last one counts, not the shortest ever",
            |world| world.completions.push(good("b", "19 01:00", "19 03:00")),
            ["a", "c", "b"],
        ),
        (
            "not the last failure",
            |world| world.bad.push(bad("a", "21 02:00", "21 02:01", KEY_REFUSES)),
            ["b", "a", "c"],
        ),
        (
            "what never completed comes last",
            |world| world.completions.retain(|job| job.resource_arn != volume("b")),
            ["a", "c", "b"],
        ),
        (
            "of equals the smallest, and zero tells nothing",
            |world| {
                world.completions = ["a", "b", "c"].map(|name| good(name, "18 01:00", "18 01:20")).into();
                for (name, bytes) in [("a", 0), ("b", 2000), ("c", 1000)] {
                    world.recovery_points.insert(volume(name), sized(bytes));
                }
            },
            ["c", "b", "a"],
        ),
        (
            "then by name",
            |world| world.completions = ["c", "a", "b"].map(|name| good(name, "18 01:00", "18 01:20")).into(),
            ["a", "b", "c"],
        ),
    ];
    for (name, change, expected) in table {
        let mut world = World::fixed();
        change(&mut world);
        assert_eq!(order_of(&world), expected.map(volume), "{name}");
    }
}

#[test]
fn a_busy_resource_is_passed_over() {
    let on_b = |kind, state| Job { kind, state, ..running("b", "21 01:20") };
    let table = [
        (on_b(JobKind::Backup, JobState::Running), "a"),
        (on_b(JobKind::Backup, JobState::Created), "a"),
        (on_b(JobKind::Copy, JobState::Running), "a"),
        // Only backups and copies of a resource keep each other waiting.
        (on_b(JobKind::Restore, JobState::Running), "b"),
    ];
    for (job, taken) in table {
        let mut world = World::fixed();
        world.in_flight.push(job.clone());
        let answer = world.answer();
        let first = answer.reruns().first().map(|rerun| rerun.resource_arn.clone());
        assert_eq!(first, Some(volume(taken)), "{:?} {:?}: {}", job.kind, job.state, answer.reason());
    }
}

#[test]
fn at_most_three_are_tried() {
    let mut world = World::fixed();
    for name in ["d", "e"] {
        world.bad.push(bad(name, "21 01:00", "21 01:30", KEY_REFUSES));
        world.completions.push(good(name, "18 01:00", "18 01:50"));
    }
    let tried: Vec<String> = world.answer().reruns().iter().map(|rerun| rerun.resource_arn.clone()).collect();
    assert_eq!(tried, ["b", "a", "c"].map(volume));
}

#[test]
fn what_is_gone_or_unfit_gives_way_to_the_next() {
    let mut world = World::fixed();
    world.bad[1].parent_job_id = Some("whole".into());
    let answer = world.answer();
    assert_eq!(answer.reruns()[0].resource_arn, volume("a"));
    assert_eq!(answer.candidates[0], (volume("b"), Err(Unfit::PartOfComposite)));
}

/// 21 20:00, a wait of 61 minutes and 10 minutes of work: done at 21:11.
#[test]
fn a_rerun_is_done_before_the_next_run_of_any_rule() {
    let rule = |schedule: &str| {
        Look::Seen((daily(promise::Rule { schedule: Some(schedule.into()), ..nightly() }), vec![selection(ROLE)]))
    };
    let near = |next: &str| Some(Unfit::ScheduleIsNear { next_run: at(next) });
    let second = |world: &mut World, schedule: &str| {
        if let Look::Seen((plan, _)) = &mut world.plan {
            plan.rules.push(promise::Rule { id: "r-2".into(), schedule: Some(schedule.into()), ..nightly() });
        }
    };
    let of_other_plan = |job: Job, schedule: &str| {
        let mut by = job.rule().unwrap().clone();
        by.plan_id = Some("p-2".into());
        by.rule_schedule = Some(schedule.into());
        Job { origin: Origin::Rule(by), ..job }
    };
    let mut worlds = Vec::new();
    for (schedule, expected) in [
        ("cron(12 21 * * ? *)", None),
        ("cron(11 21 * * ? *)", near("21 21:11")),
        // Due this very minute, and its job has not shown yet; half an hour later nothing is awaited any more.
        ("cron(0 20 * * ? *)", near("21 20:00")),
        ("cron(45 19 * * ? *)", near("21 19:45")),
        ("cron(30 19 * * ? *)", None),
        ("cron(1 20 * * ? *)", near("21 20:01")),
    ] {
        worlds.push((
            format!("its rule, {schedule}"),
            World { plan: rule(schedule), ..World::fixed() },
            expected.clone(),
        ));
        let mut world = World::fixed();
        second(&mut world, schedule);
        worlds.push((format!("another rule of its plan, {schedule}"), world, expected.clone()));
        let mut world = World::fixed();
        world.completions.push(of_other_plan(good("b", "17 01:00", "17 01:10"), schedule));
        worlds.push((format!("a rule of another plan that backed it up, {schedule}"), world, expected));
    }
    // The rule ran at 21:00 when it failed; today it runs at 01:00, and today counts.
    let mut moved = World::fixed();
    for job in &mut moved.bad {
        let rule_schedule = Some("cron(0 21 * * ? *)".into());
        job.origin = Origin::Rule(CreatedBy { rule_schedule, ..job.rule().unwrap().clone() });
    }
    worlds.push(("a rule that was moved".to_owned(), moved, None));
    let mut slow = World::fixed();
    slow.completions.push(good("b", "10 01:00", "10 05:00"));
    worlds.push(("its longest of late counts".to_owned(), slow, near("22 01:00")));
    for (name, world, expected) in worlds {
        let answer = world.answer();
        let b = answer.candidates.iter().find(|(arn, _)| *arn == volume("b")).unwrap();
        assert_eq!(b.1.clone().err(), expected, "{name}");
    }
}

#[test]
fn a_job_of_no_plan_is_in_no_schedules_way() {
    let mut world = World::fixed();
    world.bad = vec![by_operator(bad("b", "21 01:00", "21 01:30", KEY_REFUSES))];
    world.completions = vec![by_operator(good("b", "18 01:00", "18 01:10"))];
    world.now = at("22 00:30");
    assert_eq!(world.answer().reruns().len(), 1);
}

#[test]
fn the_first_backup_of_a_resource_takes_a_claim() {
    let unread = || Err("throttled".to_owned());
    for (points, backed_up) in [(Ok(Vec::new()), false), (sized(0), true), (unread(), false)] {
        let mut world = World::fixed();
        world.completions.clear();
        world.bad.truncate(1);
        world.recovery_points.insert(volume("a"), points.clone());
        assert_eq!(world.answer().reruns().len(), usize::from(backed_up), "{points:?}");
        world.claim = verify::decide::Claim::Made;
        assert_eq!(world.answer().reruns().len(), 1, "{points:?}");
    }
}

#[test]
fn a_copy_needs_its_source() {
    let copied = || {
        let mut world = World::fixed();
        world.bad = vec![crate::world::copy(bad("a", "21 01:00", "21 01:30", KEY_REFUSES))];
        world.completions = vec![crate::world::copy(good("a", "18 01:00", "18 01:20"))];
        if let Look::Seen((plan, _)) = &mut world.plan {
            plan.rules[0].copies = vec![promise::CopyAction { destination_vault_arn: OFFSITE.into(), lifecycle: None }];
        }
        world
    };
    let arn = || point("COMPLETED").arn;
    let stored = |class| source::RecoveryPoint { storage_class: Some(class), ..point("COMPLETED") };
    let gone = || Some(Unfit::SourcePointGone { arn: arn() });
    let table = [
        ("there", Some(Ok(Some(point("COMPLETED")))), None),
        ("warm", Some(Ok(Some(stored(source::StorageClass::Warm)))), None),
        ("gone", Some(Ok(None)), gone()),
        ("expired", Some(Ok(Some(point("EXPIRED")))), gone()),
        ("being deleted", Some(Ok(Some(point("DELETING")))), gone()),
        ("deleted", Some(Ok(Some(stored(source::StorageClass::Deleted)))), gone()),
        ("cold", Some(Ok(Some(stored(source::StorageClass::Cold)))), Some(Unfit::SourcePointCold { arn: arn() })),
        ("unreadable", Some(Err("throttled".to_owned())), Some(Unfit::Unread { why: "throttled".into() })),
        ("not looked at", None, Some(Unfit::Unread { why: "its source recovery point was not looked at".into() })),
    ];
    for (name, source, expected) in table {
        let mut world = copied();
        world.source_points = source.into_iter().map(|source| (arn(), source)).collect();
        assert_eq!(world.answer().candidates[0].1.clone().err(), expected, "{name}");
    }
    let mut world = copied();
    world.bad[0].source_recovery_point_arn =
        Some("arn:aws:backup:eu-west-1:111122223333:recovery-point:continuous:orders-1".into());
    assert_eq!(world.answer().candidates[0].1, Err(Unfit::Continuous));
}

#[test]
fn who_is_looked_at() {
    let names: Vec<String> = (0..6).map(|n| format!("v{n}")).collect();
    let mut jobs: Vec<Job> = names.iter().map(|name| bad(name, "21 01:00", "21 01:30", KEY_REFUSES)).collect();
    // v0 fails for another reason by now; v1 was our last rerun; v2 failed last.
    jobs.push(bad("v0", "21 02:00", "21 02:30", BAD_STATE));
    jobs.push(crate::world::ours(bad("v1", "21 03:00", "21 03:30", KEY_REFUSES)));
    jobs.push(bad("v2", "21 02:00", "21 02:30", KEY_REFUSES));
    let ledger = Ledger::new(jobs, Vec::new());
    let recent = [good("v5", "18 01:00", "18 01:10"), good("v4", "18 01:00", "18 01:05")];
    let causes = ledger.causes();
    let shown = |owners: &Owners| {
        let mut shown: Vec<Vec<String>> = Vec::new();
        for limit in 1..=6 {
            let looked_at = worth_a_look(&causes[0], &ledger, &recent, owners, limit);
            let new = looked_at.iter().filter(|arn| !shown.iter().flatten().any(|old| old == *arn)).cloned().collect();
            shown.push(new);
        }
        shown
    };
    let untold = shown(&Owners::not_looked("no tags"));
    let until = |name: &str| {
        let tags = [("night-one:accepted-until", "2026-12-24"), ("night-one:accepted-because", "moves to Aurora")];
        let tags = tags.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        (volume(name), Look::Seen(tags))
    };
    let accepted = Owners::of(["v1", "v4"].map(until), Look::Missing, &OwnerTag::default());
    let in_turn = ["v1", "v5", "v2", "v3", "v4"].map(|name| vec![volume(name)]);
    assert_eq!(shown(&accepted)[..5], in_turn, "v1 is looked at as our last rerun, and v4 last");
    let expected = ["v1", "v4", "v5", "v2", "v3"].map(|name| vec![volume(name)]);
    assert_eq!(untold[..5], expected);
    assert_eq!(untold[5], [""; 0], "v0 is open under another cause");
}
