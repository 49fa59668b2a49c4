//! Failures of one batch, grouped by root cause. Pure.

use std::collections::BTreeSet;

use cause::group::{Failed, resources};
use cause::judged::Judged;
use classification::identity::RootCauseId;
use job::Job;

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
pub type Cause = cause::group::Cause<Failure>;

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

impl Failed for Failure {
    fn judged(&self) -> &Judged {
        &self.judged
    }
}

/// What a batch tells of a cause, beside its jobs.
pub trait InBatch {
    /// How many of its jobs AWS Backup's list does not have.
    fn unlisted(&self) -> usize;
    /// Whether somebody invoked the function with its events: what comes through the queue has message ids.
    fn came_by_hand(&self) -> bool;
    fn message_ids(&self) -> impl Iterator<Item = &String>;
}

impl InBatch for Cause {
    fn unlisted(&self) -> usize {
        self.failures.iter().filter(|failure| failure.listed == Listed::No).count()
    }

    fn came_by_hand(&self) -> bool {
        self.failures.iter().all(|failure| failure.message_ids.is_empty())
    }

    fn message_ids(&self) -> impl Iterator<Item = &String> {
        self.failures.iter().flat_map(|failure| &failure.message_ids)
    }
}

impl<'a> CauseTonight<'a> {
    /// The failed jobs: those of the batch, then those beside them.
    pub fn every_job(&self) -> impl Iterator<Item = &'a Job> + use<'a, '_> {
        self.cause.jobs().chain(self.beside.iter().copied())
    }

    /// The cause of a job of the batch, in its own account.
    pub fn cause_of(&self, job: &Job) -> Option<&'a RootCauseId> {
        let of_job = self.cause.failures.iter().find(|failure| failure.job().id == job.id);
        of_job.map(|failure| &failure.judged.cause)
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
