//! A caller that keeps numbers in place of names gets the same answers.

use cause::episode::{Completed, JobFacts, Maker, ProvenByWhom, latest};
use classification::table::ProvenBy;
use jiff::Timestamp;
use job::{Job, JobKind, JobState};
use proptest::prelude::*;

use super::{history, of};

/// A job with numbers in place of names, as a caller keeps it that has too many of them.
#[derive(Clone, Copy, Debug)]
struct Numbers {
    kind: JobKind,
    id: u64,
    resource: u64,
    way: (u64, u64),
    key: Option<u64>,
    created: Option<Timestamp>,
    ended: Option<Timestamp>,
    maker: Maker,
    completed: Completed,
    proven_by: ProvenByWhom,
}

fn number(text: &str) -> u64 {
    // In the order of the texts, as far as these tests have any: ties are broken by name.
    text.bytes().chain(std::iter::repeat(0)).take(8).fold(0, |number, byte| number << 8 | u64::from(byte))
}

impl Numbers {
    fn of(job: &Job) -> Self {
        let role = job.role.as_ref().map_or(0, |role| number(&role.name));
        let vault = job.written_vault().map_or(0, |vault| number(&vault.name));
        Self {
            kind: job.kind,
            id: number(&job.id),
            resource: number(&job.resource_arn),
            way: (role, vault),
            key: job.encryption_key_arn.as_deref().map(|key| number(key.rsplit('/').next().unwrap())),
            created: job.created,
            ended: job.ended,
            maker: Maker::of(&job.origin),
            completed: Completed::of(job),
            proven_by: ProvenByWhom::of(job),
        }
    }
}

impl JobFacts for Numbers {
    type Name = u64;
    type Way = (u64, u64);

    fn kind(&self) -> JobKind {
        self.kind
    }

    fn id(&self) -> u64 {
        self.id
    }

    fn resource(&self) -> u64 {
        self.resource
    }

    fn way(&self) -> (u64, u64) {
        self.way
    }

    fn key(&self) -> Option<u64> {
        self.key
    }

    fn created(&self) -> Option<Timestamp> {
        self.created
    }

    fn ended(&self) -> Option<Timestamp> {
        self.ended
    }

    fn maker(&self) -> Maker {
        self.maker
    }

    fn completed(&self) -> Completed {
        self.completed
    }

    fn proven_by(&self) -> ProvenByWhom {
        self.proven_by
    }
}

proptest! {
    #[test]
    fn who_keeps_numbers_in_place_of_names_is_told_the_same(jobs in history()) {
        let (good, bad): (Vec<Job>, Vec<Job>) = jobs.into_iter().partition(|job| job.state == JobState::Completed);
        let numbers = |jobs: &[Job]| jobs.iter().map(Numbers::of).collect::<Vec<_>>();
        for proven_by in [ProvenBy::One, ProvenBy::Each] {
            let by_name = of(&bad, &good, proven_by).map(|latest| (latest.episode, latest.proof.map(|job| number(&job.id))));
            let by_number = latest(&numbers(&bad), &numbers(&good), proven_by)
                .map(|latest| (latest.episode, latest.proof.map(|job| job.id)));
            prop_assert_eq!(by_name, by_number);
        }
    }
}
