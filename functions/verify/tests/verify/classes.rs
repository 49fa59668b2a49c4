//! Every class, by the examples of its own data file: when it is rerun, and what proves it.

use classification::class::Class;
use classification::table::{Example, ProvenBy, Rerun};
use job::{Job, JobKind, JobState, Look};
use verify::decide::{Claim, Status};
use verify::probe::Verdict;

use crate::world::{World, at, bad, copy, good, point};

/// Two resources that failed as the example says.
fn world(example: &Example) -> World {
    let shaped = |job: Job| {
        let job = Job { resource_type: example.resource_type.to_owned(), ..job };
        match example.job {
            JobKind::Copy => copy(job),
            kind => Job { kind, ..job },
        }
    };
    let failure =
        |name| Job { state: example.state.clone(), ..shaped(bad(name, "21 01:00", "21 01:30", example.message)) };
    let mut world = World::fixed();
    world.bad = vec![failure("a"), failure("b")];
    world.completions = vec![shaped(good("a", "18 01:00", "18 01:20")), shaped(good("b", "18 01:00", "18 01:20"))];
    let source = world.bad[0].source_recovery_point_arn.clone();
    world.source_points.extend(source.map(|arn| (arn, Ok(Some(point("COMPLETED"))))));
    if let Look::Seen((plan, _)) = &mut world.plan {
        plan.rules[0].copies =
            vec![promise::CopyAction { destination_vault_arn: crate::world::OFFSITE.into(), lifecycle: None }];
    }
    world
}

fn examples() -> impl Iterator<Item = (Class, &'static Example)> {
    Class::ALL.into_iter().flat_map(|class| class.entry().examples.iter().map(move |example| (class, example)))
}

fn status(example: &Example, verdict: Verdict, claim: Claim, now: &str) -> Status {
    World { verdict, claim, now: at(now), ..world(example) }.answer().status()
}

#[test]
fn every_class_keeps_its_policy() {
    const LATER: &str = "21 20:00";
    /// Within the cool-off of an hour.
    const SOON: &str = "21 02:29";
    const RESTED: &str = "21 02:30";
    for (class, example) in examples() {
        let policy = match example.job {
            JobKind::Restore => Rerun::Never,
            JobKind::Backup | JobKind::Copy => class.entry().rerun,
        };
        let unless =
            |policies: &[Rerun], stays: Status| if policies.contains(&policy) { stays } else { Status::Started };
        let never = |status: Status| if policy == Rerun::Never { Status::NotRerunnable } else { status };
        let table = [
            // Who only reruns on claims has probes that answer "undetermined", but where evidence can be read: that counts as fixed.
            (Verdict::Fixed, Claim::NotMade, LATER, never(Status::Started)),
            (Verdict::Fixed, Claim::NotMade, SOON, never(unless(&[Rerun::Rest], Status::Waiting))),
            (Verdict::Fixed, Claim::NotMade, RESTED, never(Status::Started)),
            (Verdict::Fixed, Claim::Made, SOON, never(Status::Started)),
            (Verdict::Undetermined, Claim::NotMade, LATER, never(Status::Waiting)),
            (Verdict::Undetermined, Claim::Made, LATER, never(Status::Started)),
            (Verdict::NotFixed, Claim::NotMade, LATER, never(Status::Waiting)),
            (Verdict::NotFixed, Claim::Made, LATER, never(Status::Waiting)),
        ];
        for (verdict, claim, now, expected) in table {
            let got = status(example, verdict, claim, now);
            assert_eq!(got, expected, "{class} {verdict:?} {claim:?} {now}: {}", example.message);
        }
    }
}

#[test]
fn every_class_is_proven_by_one_job_or_by_each() {
    for (class, example) in examples() {
        let mut world = world(example);
        assert_eq!(world.answer().class, class, "{}", example.message);
        assert_eq!(world.answer().proof, None);
        let again = |job: &Job| Job {
            id: format!("{} again", job.id),
            state: JobState::Completed,
            message: String::new(),
            created: Some(at("21 03:00")),
            ended: Some(at("21 03:20")),
            ..job.clone()
        };
        world.completions.push(again(&world.bad[0]));
        let verified = world.answer().status() == Status::Verified;
        assert_eq!(
            verified,
            class.entry().proven_by == ProvenBy::One,
            "{class}: one of two came back: {}",
            example.message
        );
        world.completions.push(again(&world.bad[1]));
        assert_eq!(world.answer().status(), Status::Verified, "{class}: both came back: {}", example.message);
    }
}
