//! A few words of each ended job, for the one rule of proof that all functions share. There may be a hundred thousands of them, so each is kept
//! small, and in blocks: a list that doubles as it grows would need the memory twice.

use std::collections::{BTreeMap, BTreeSet};

use ::cause::episode::{self, Completed, JobFacts, Maker, ProvenByWhom};
use classification::table::ProvenBy;
use jiff::Timestamp;
use job::{Job, JobKind};

use super::cause::CauseFacts;
use super::facts::By;
use super::moment::Moment;
use crate::names::Name;

/// An ended job as far as proofs go by it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Past {
    /// Its place in the order in which jobs came.
    number: u32,
    resource: Name,
    role: Option<Name>,
    vault: Option<Name>,
    key: Option<Name>,
    created: Moment,
    ended: Moment,
    kind: JobKind,
    maker: Maker,
    completed: Completed,
    proven_by: ProvenByWhom,
}

/// What the ledger calls the parts of a job.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names {
    pub(super) resource: Name,
    pub(super) role: Option<Name>,
    pub(super) vault: Option<Name>,
    pub(super) key: Option<Name>,
}

/// Ended jobs, in the order in which they came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pasts {
    blocks: Vec<Vec<Past>>,
}

const BLOCK: usize = 4096;

impl Pasts {
    /// Notes a job. One without an end is in no course.
    pub(super) fn note(&mut self, job: &Job, names: Names) {
        let Some(ended) = job.ended else { return };
        let number = self.blocks.iter().map(Vec::len).sum::<usize>();
        let past = Past {
            number: u32::try_from(number).unwrap_or(u32::MAX),
            resource: names.resource,
            role: names.role,
            vault: names.vault,
            key: names.key,
            created: job.created.into(),
            ended: Some(ended).into(),
            kind: job.kind,
            maker: Maker::of(&job.origin),
            completed: Completed::of(job),
            proven_by: ProvenByWhom::of(job),
        };
        match self.blocks.last_mut() {
            Some(block) if block.len() < BLOCK => block.push(past),
            _ => {
                let mut block = Vec::with_capacity(BLOCK);
                block.push(past);
                self.blocks.push(block);
            }
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Past> {
        self.blocks.iter().flatten()
    }
}

/// The causes whose last episode is over, by the one rule of proof that the functions share: the end of the job that proved it, and who made
/// that.
pub(super) fn proofs(causes: &[CauseFacts], completed: &Pasts) -> BTreeMap<u32, (Timestamp, By)> {
    let mut proofs = BTreeMap::new();
    for (number, cause) in (0_u32..).zip(causes) {
        // Where each resource proves itself nothing is told beyond what is still held back.
        let proven_by = cause.class().entry_in(cause.cloud()).proven_by;
        if proven_by == ProvenBy::Each {
            continue;
        }
        let failures: Vec<&Past> = cause.failures.iter().collect();
        // As verify, which asks for the jobs of resources that failed: another resource's job may well use another key, and says nothing.
        let Some(first) = failures.iter().filter_map(JobFacts::ended).min() else { continue };
        let resources: BTreeSet<_> = failures.iter().map(JobFacts::resource).collect();
        let says = |job: &&Past| job.ended() > Some(first) && resources.contains(&job.resource());
        let completions: Vec<&Past> = completed.iter().filter(says).collect();
        let latest = episode::latest(&failures, &completions, proven_by);
        if let Some(proof) = latest.and_then(|latest| latest.proof)
            && let Some(ended) = proof.ended()
        {
            let by = if proof.maker() == Maker::NightOne { By::NightOne } else { By::Others };
            proofs.insert(number, (ended, by));
        }
    }
    proofs
}

impl JobFacts for &Past {
    /// Jobs are numbered beside the names of everything else: the two are never compared.
    type Name = (u8, Option<Name>, u32);
    type Way = (Option<Name>, Option<Name>);

    fn kind(&self) -> JobKind {
        self.kind
    }

    fn id(&self) -> Self::Name {
        (0, None, self.number)
    }

    fn resource(&self) -> Self::Name {
        (1, Some(self.resource), 0)
    }

    fn way(&self) -> Self::Way {
        (self.role, self.vault)
    }

    fn key(&self) -> Option<Self::Name> {
        self.key.map(|key| (2, Some(key), 0))
    }

    fn created(&self) -> Option<Timestamp> {
        self.created.get()
    }

    fn ended(&self) -> Option<Timestamp> {
        self.ended.get()
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
