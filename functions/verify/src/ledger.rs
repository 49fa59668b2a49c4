//! What the lists of AWS Backup say: bad jobs by root cause, and jobs on their way. Pure.

use std::collections::{BTreeMap, BTreeSet};

use cause::judged::{Judged, join_parents, speaker};
use classification::class::Class;
use classification::classify::Classification;
use classification::identity::{RootCauseId, Thing};
use classification::named::Named;
use job::{Job, JobKind};

/// All jobs of the look-back but the good ones.
#[derive(Debug, Default)]
pub struct Ledger {
    bad: Vec<Judged>,
    in_flight: Vec<Job>,
    /// For each kind and resource its bad jobs, oldest first, as places in `bad`.
    of_resource: BTreeMap<(JobKind, String), Vec<usize>>,
}

/// A root cause and all that failed of it.
#[derive(Clone, Debug)]
pub struct Cause {
    pub id: RootCauseId,
    /// Read from the text, as the id is.
    pub class: Class,
    /// Of the failure that speaks for all.
    pub classification: Classification,
    pub thing: Thing,
    /// What the words of that failure name.
    pub named: Named,
    /// Oldest first; our own reruns among them.
    pub failures: Vec<Job>,
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

    /// All root causes, the one that holds back most resources first.
    pub fn causes(&self) -> Vec<Cause> {
        let mut groups: BTreeMap<&RootCauseId, Vec<&Judged>> = BTreeMap::new();
        for judged in &self.bad {
            groups.entry(&judged.cause).or_default().push(judged);
        }
        let mut causes: Vec<Cause> = groups.into_iter().filter_map(|(id, group)| cause(id, &group)).collect();
        causes.sort_by(|a, b| b.resources().len().cmp(&a.resources().len()).then_with(|| a.id.cmp(&b.id)));
        causes
    }

    pub fn in_flight(&self) -> &[Job] {
        &self.in_flight
    }

    /// The bad jobs of one resource, oldest first.
    pub fn bad_jobs_of(&self, kind: JobKind, resource_arn: &str) -> impl DoubleEndedIterator<Item = &Judged> {
        let places = self.of_resource.get(&(kind, resource_arn.to_owned())).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|place| self.bad.get(*place))
    }

    /// Our own reruns that ended badly, oldest first.
    pub fn failed_reruns(&self) -> impl Iterator<Item = &Judged> {
        self.bad.iter().filter(|judged| judged.job.is_our_rerun())
    }
}

impl Cause {
    /// The distinct resources it ever held back. A job without a resource counts by its id.
    pub fn resources(&self) -> BTreeSet<&str> {
        self.failures
            .iter()
            .map(|job| if job.resource_arn.is_empty() { job.id.as_str() } else { job.resource_arn.as_str() })
            .collect()
    }

    /// The kind of its failures; of several the first. Restores are never rerun.
    pub fn kind(&self) -> JobKind {
        self.failures.iter().map(|job| job.kind).min().unwrap_or(JobKind::Backup)
    }

    /// The failure that is shown for all: the latest that no rerun of ours made, else the latest.
    pub fn example(&self) -> Option<&Job> {
        self.failures.iter().rev().find(|job| !job.is_our_rerun()).or(self.failures.last())
    }
}

fn cause(id: &RootCauseId, group: &[&Judged]) -> Option<Cause> {
    let speaker = speaker(group)?;
    Some(Cause {
        id: id.clone(),
        class: speaker.classification.class,
        thing: Thing::of(&speaker.job, &speaker.classification),
        named: Named::in_text(&speaker.classification.text),
        classification: speaker.classification.clone(),
        failures: group.iter().map(|judged| judged.job.clone()).collect(),
    })
}
