//! The course of a root cause, told once from its first failure to its last job: every question about its episodes is answered from it, so
//! that no two answers can differ.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::facts::{Completed, JobFacts, Maker};
use super::leg::{Leg, Settled};
use super::{Episode, Latest};
use crate::rank::Block;
use classification::table::ProvenBy;
use job::JobKind;

/// The jobs of one scheduled run are created within this time, in any order.
const RUN: SignedDuration = SignedDuration::from_hours(1);

/// The course of a root cause.
#[derive(Debug)]
pub struct Course<J: JobFacts> {
    proven_by: ProvenBy,
    /// The episode that is open, without failures if there is none.
    open: Stretch<J>,
    /// The episode before it, and the job that ended it.
    over: Option<(Stretch<J>, J)>,
    /// The key of the last good job of each resource, where its record names one.
    keys: BTreeMap<(JobKind, J::Name), Option<J::Name>>,
}

/// An episode as it grows.
#[derive(Debug)]
struct Stretch<J: JobFacts> {
    /// When its failures ended, in that order.
    ends: Vec<Timestamp>,
    legs: BTreeMap<JobKind, Leg<J>>,
}

impl<J: JobFacts> Default for Stretch<J> {
    fn default() -> Self {
        Self { ends: Vec::new(), legs: BTreeMap::new() }
    }
}

impl<J: JobFacts> Course<J> {
    /// `failures` are the failed jobs of the cause, `completions` COMPLETED jobs whose recovery points exist, both in any order. Costs
    /// n log n: a cause may hold thousands of either.
    pub fn of(failures: &[J], completions: &[J], proven_by: ProvenBy) -> Self {
        let in_order = |jobs: &[J]| {
            let mut ended: Vec<(Timestamp, J)> = jobs.iter().filter_map(|job| Some((job.ended()?, *job))).collect();
            ended.sort_by_key(|(ended, job)| (*ended, job.kind(), job.resource(), job.id()));
            ended
        };
        let failures = in_order(failures);
        let good = in_order(completions).into_iter().filter(|(_, job)| job.completed() != Completed::Not);
        let mut good = good.peekable();
        let mut course = Self { proven_by, open: Stretch::default(), over: None, keys: BTreeMap::new() };
        for at_once in failures.chunk_by(|(a, _), (b, _)| a == b) {
            // A success and a failure at the same instant: the success began before that failure, and ends nothing.
            while let Some((_, job)) =
                good.next_if(|(ended, _)| at_once.first().is_some_and(|(failed, _)| ended < failed))
            {
                course.completed(job);
            }
            course.failed(at_once);
        }
        for (_, job) in good {
            course.completed(job);
        }
        course
    }

    /// The episode that is open, or the one that ended last. `None` without failures.
    pub fn latest(&self) -> Option<Latest<J>> {
        match Episode::of(&self.open.ends) {
            Some(episode) => Some(Latest { episode, proof: None }),
            None => self.over(),
        }
    }

    /// The job that ended the last episode that is over.
    pub fn last_proof(&self) -> Option<J> {
        self.over.as_ref().map(|(_, proof)| *proof)
    }

    /// The last episode that is over, with its proof.
    pub fn over(&self) -> Option<Latest<J>> {
        let (stretch, proof) = self.over.as_ref()?;
        Some(Latest { episode: Episode::of(&stretch.ends)?, proof: Some(*proof) })
    }

    /// The job that settled the failures of this kind in the latest episode: nothing of it is open any more.
    pub fn settled(&self, kind: JobKind) -> Option<J> {
        let latest = match &self.over {
            Some((stretch, _)) if self.open.ends.is_empty() => stretch,
            _ => &self.open,
        };
        latest.legs.get(&kind)?.settled().map(Settled::by)
    }

    /// Whether the success of this job would prove the open failures of its kind, or where each resource proves itself, bring one of them
    /// back. A job begun before the failure can not.
    pub fn waits_for(&self, job: J) -> bool {
        self.open.legs.get(&job.kind()).is_some_and(|leg| leg.waits_for(job, self.proven_by))
    }

    fn completed(&mut self, job: J) {
        self.keys.insert((job.kind(), job.resource()), job.key());
        if job.completed() != Completed::Clean {
            return;
        }
        let settled = self.open.legs.get_mut(&job.kind()).is_some_and(|leg| leg.completed(job, self.proven_by));
        if settled && self.open.is_over(self.proven_by) {
            self.over = Some((std::mem::take(&mut self.open), job));
        }
    }

    /// Failures that ended at the same instant: together they belong to the old episode or begin a new one.
    fn failed(&mut self, at_once: &[(Timestamp, J)]) {
        let all_from_before = |stretch: &Stretch<J>| at_once.iter().all(|(_, job)| stretch.proved_after(*job));
        if let Some((over, _)) = &mut self.over
            && self.open.ends.is_empty()
            && all_from_before(over)
        {
            over.ends.extend(at_once.iter().map(|(ended, _)| ended));
            return;
        }
        for (ended, job) in at_once {
            // Failures seldom name the key of their backup. The resource's last good job before it does.
            let key = || self.keys.get(&(job.kind(), job.resource())).copied().flatten();
            let key = job.key().or_else(key);
            self.open.failed(*job, *ended, key);
        }
    }
}

impl<J: JobFacts> Stretch<J> {
    fn failed(&mut self, job: J, ended: Timestamp, key: Option<J::Name>) {
        self.ends.push(ended);
        if self.proved_after(job) {
            return;
        }
        let leg = self.legs.entry(job.kind()).or_insert_with(|| Leg::new(ended));
        if leg.settled().is_some() {
            *leg = Leg::new(ended);
        }
        leg.failed(job, ended, key);
    }

    /// Whether the failures of this job's kind were proven fixed by a job that was created after it: what it failed of may have been mended
    /// while it ran, so its failure says nothing of the time after the proof. A failed sibling in the very run that made the proof does.
    fn proved_after(&self, failure: J) -> bool {
        let Some(Settled::Proven(proof)) = self.legs.get(&failure.kind()).and_then(Leg::settled) else { return false };
        match (failure.created(), proof.created()) {
            (Some(begun), Some(proof_begun)) => {
                let scheduled = failure.maker() == Maker::Schedule && proof.maker() == Maker::Schedule;
                begun < proof_begun && !(scheduled && proof_begun.duration_since(begun) < RUN)
            }
            _ => false,
        }
    }

    /// Whether each kind of its failures is settled. Restores prove themselves: they count only where nothing else failed.
    fn is_over(&self, proven_by: ProvenBy) -> bool {
        let only_restores = self.legs.keys().all(|kind| *kind == JobKind::Restore);
        let counts = |kind: JobKind| proven_by == ProvenBy::Each || only_restores || kind != JobKind::Restore;
        self.legs.iter().all(|(kind, leg)| !counts(*kind) || leg.settled().is_some())
    }
}

impl Episode {
    /// `ends`: when its failures ended, in that order.
    pub(super) fn of(ends: &[Timestamp]) -> Option<Self> {
        let mut nights: Vec<Block> = ends.iter().map(|ended| Block::night(*ended)).collect();
        nights.dedup();
        Some(Self { start: *ends.first()?, last: *ends.last()?, failures: ends.len(), nights: nights.len() })
    }
}
