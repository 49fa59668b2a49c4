//! Failures of one batch, grouped by root cause. Pure.

use std::collections::{BTreeMap, BTreeSet};

use cause::judged::{Judged, speaker};
use classification::class::Class;
use classification::classify::Classification;
use classification::identity::RootCauseId;
use job::Job;

use crate::intake::Event;

/// One failed job of the batch with its verdict.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The envelope's id of the event that told of it.
    pub event_id: String,
    /// The SQS messages that brought it: a redelivery may bring it twice. Empty for a bare event.
    pub message_ids: Vec<String>,
    pub listed: Listed,
    pub judged: Judged,
}

/// Whether AWS Backup's own list has the job that an event tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    Yes,
    /// The list was read, and lacks it.
    No,
    /// Nobody could read the list, or it does not hold jobs of this state.
    NotRead,
}

/// A root cause and the failures of this batch that it explains.
#[derive(Clone, Debug)]
pub struct Cause {
    pub id: RootCauseId,
    /// Read from the text; evidence may settle it to another class, but never changes the id.
    pub class: Class,
    /// The verdict of the failure that stands for all.
    pub classification: Classification,
    pub failures: Vec<Failure>,
}

/// A root cause with all that is known to have failed of it tonight.
#[derive(Clone, Debug)]
pub struct CauseTonight<'a> {
    pub cause: &'a Cause,
    /// The failures that are on record and not in this batch.
    pub beside: Vec<&'a Job>,
}

impl Failure {
    pub fn job(&self) -> &Job {
        &self.judged.job
    }
}

impl Cause {
    pub fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.failures.iter().map(Failure::job)
    }

    /// The distinct resources that its jobs of this batch hold back, in the order of their ARNs. A job without a resource counts by its id.
    pub fn resources(&self) -> BTreeSet<&str> {
        resources(self.jobs())
    }

    /// How many of its jobs AWS Backup's list does not have.
    pub fn unlisted(&self) -> usize {
        self.failures.iter().filter(|failure| failure.listed == Listed::No).count()
    }

    /// Whether somebody invoked the function with its events: what comes through the queue has message ids.
    pub fn came_by_hand(&self) -> bool {
        self.failures.iter().all(|failure| failure.message_ids.is_empty())
    }

    pub fn message_ids(&self) -> impl Iterator<Item = &String> {
        self.failures.iter().flat_map(|failure| &failure.message_ids)
    }

    /// The job that speaks for all: the first by end and id.
    pub fn first_job(&self) -> Option<&Job> {
        self.jobs().min_by_key(|job| (job.ended, &job.id))
    }
}

impl<'a> CauseTonight<'a> {
    /// The failed jobs: those of the batch, then those beside them.
    pub fn every_job(&self) -> impl Iterator<Item = &'a Job> + use<'a, '_> {
        self.cause.jobs().chain(self.beside.iter().copied())
    }

    pub fn count(&self) -> usize {
        self.cause.failures.len() + self.beside.len()
    }

    /// How many resources they name.
    pub fn named_resources(&self) -> usize {
        resources(self.every_job().filter(|job| !job.resource_arn.is_empty())).len()
    }

    /// The distinct resources they hold back: see [`Cause::resources`].
    pub fn resources(&self) -> BTreeSet<&'a str> {
        resources(self.every_job())
    }
}

fn resources<'a>(jobs: impl Iterator<Item = &'a Job>) -> BTreeSet<&'a str> {
    jobs.map(|job| if job.resource_arn.is_empty() { job.id.as_str() } else { job.resource_arn.as_str() }).collect()
}

/// One failure for each job: a job delivered twice is one failure with both its message ids.
pub fn without_repeats(events: Vec<(Option<String>, Event)>) -> Vec<(Vec<String>, Event)> {
    let mut jobs: BTreeMap<(&'static str, String), (Vec<String>, Event)> = BTreeMap::new();
    for (message_id, event) in events {
        let key = (event.job.kind.as_str(), event.job.id.clone());
        let slot = jobs.entry(key).or_insert_with(|| (Vec::new(), event));
        slot.0.extend(message_id);
    }
    jobs.into_values().collect()
}

/// Groups failures by root cause, the cause that holds back most resources first.
pub fn group(failures: Vec<Failure>) -> Vec<Cause> {
    let mut groups: BTreeMap<RootCauseId, Vec<Failure>> = BTreeMap::new();
    for failure in failures {
        groups.entry(failure.judged.cause.clone()).or_default().push(failure);
    }
    let mut causes: Vec<Cause> = groups.into_iter().filter_map(|(id, failures)| cause(id, failures)).collect();
    causes.sort_by(|a, b| b.resources().len().cmp(&a.resources().len()).then_with(|| a.id.cmp(&b.id)));
    causes
}

fn cause(id: RootCauseId, mut failures: Vec<Failure>) -> Option<Cause> {
    failures.sort_by(|a, b| (a.job().ended, &a.job().id).cmp(&(b.job().ended, &b.job().id)));
    let judged: Vec<&Judged> = failures.iter().map(|failure| &failure.judged).collect();
    let classification = speaker(&judged)?.classification.clone();
    Some(Cause { id, class: classification.class, classification, failures })
}
