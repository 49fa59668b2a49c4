//! What the lists of AWS Backup say: bad jobs by root cause, and jobs on their way. Pure.

use std::collections::{BTreeMap, BTreeSet};

use cause::group::group;
use cause::judged::{Judged, join_parents};
use job::{Job, JobKind, Origin};

pub use cause::group::Cause;

/// All jobs of the look-back but the good ones.
#[derive(Debug, Default)]
pub struct Ledger {
    bad: Vec<Judged>,
    in_flight: Vec<Job>,
    /// For each kind and resource its bad jobs, oldest first, as places in `bad`.
    of_resource: BTreeMap<(JobKind, String), Vec<usize>>,
}

impl Ledger {
    pub fn new(bad: Vec<Job>, in_flight: Vec<Job>) -> Self {
        let mut bad: Vec<Judged> = bad.into_iter().map(Judged::new).collect();
        join_parents(&mut bad);
        // Lists come in any order: sorted, the same jobs always give the same answer.
        bad.sort_by(|a, b| (a.job.ended, a.job.kind, &a.job.id).cmp(&(b.job.ended, b.job.kind, &b.job.id)));
        bad.dedup_by(|a, b| (a.job.kind, &a.job.id) == (b.job.kind, &b.job.id));
        let mut of_resource: BTreeMap<(JobKind, String), Vec<usize>> = BTreeMap::new();
        for (place, judged) in bad.iter().enumerate() {
            of_resource.entry((judged.job.kind, judged.job.resource_arn.clone())).or_default().push(place);
        }
        let mut in_flight = in_flight;
        in_flight.sort_by(|a, b| (a.created, a.kind, &a.id).cmp(&(b.created, b.kind, &b.id)));
        in_flight.dedup_by(|a, b| (a.kind, &a.id) == (b.kind, &b.id));
        Self { bad, in_flight, of_resource }
    }

    /// Copies of which CloudTrail says that Night One started them, by id.
    pub(crate) fn know_as_ours(&mut self, copies: &BTreeSet<String>) {
        let jobs = self.bad.iter_mut().map(|judged| &mut judged.job).chain(&mut self.in_flight);
        for job in jobs.filter(|job| job.kind == JobKind::Copy && copies.contains(&job.id)) {
            job.origin = Origin::NightOne;
        }
    }

    /// All root causes, the one that holds back most resources first.
    pub fn causes(&self) -> Vec<Cause> {
        group(self.bad.iter().cloned())
    }

    pub fn in_flight(&self) -> &[Job] {
        &self.in_flight
    }

    /// All bad jobs, oldest first.
    pub(crate) fn bad_jobs(&self) -> impl Iterator<Item = &Job> {
        self.bad.iter().map(|judged| &judged.job)
    }

    /// The bad jobs of one resource, oldest first.
    pub(crate) fn bad_jobs_of(&self, kind: JobKind, resource_arn: &str) -> impl DoubleEndedIterator<Item = &Judged> {
        let places = self.of_resource.get(&(kind, resource_arn.to_owned())).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|place| self.bad.get(*place))
    }

    /// Our own reruns that ended badly, oldest first, and what may be one.
    pub(crate) fn failed_reruns(&self) -> impl Iterator<Item = &Judged> {
        self.bad.iter().filter(|judged| judged.job.is_attempt())
    }
}
