//! The one job that would prove a cause fixed: what the next scheduled run will do, on the cheapest resource. Pure.

pub mod azure;
mod candidates;
mod means;
mod order;
pub mod timetable;
mod unfit;

pub use candidates::{Ground, Looks, Points, candidate, candidates, model, undecided, worth_a_look};
pub use means::{AzureOrder, Means, OnDemand, Order};
pub use order::{Own, PlanLook, order};
pub use unfit::Unfit;

use std::cmp::Reverse;

use jiff::{SignedDuration, Timestamp};
use job::{Job, JobKind};
use owner::Exception;

/// A resource whose rerun could prove a cause, and what is known of it.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// Its latest failure under the cause.
    pub failure: &'a Job,
    /// The failure whose plan, vault and role are followed: the latest that no rerun of ours made.
    pub model: &'a Job,
    /// Its latest COMPLETED job.
    pub last_duration: Option<SignedDuration>,
    /// Its longest of late: that much time a rerun may take.
    pub longest_duration: Option<SignedDuration>,
    /// Of its newest recovery point, in bytes; zero tells nothing, as AWS writes it for several types.
    pub size: Option<i64>,
    pub backed_up: BackedUp,
    /// Until when, and why, somebody accepts that failure.
    pub accepted: Option<Exception>,
    /// The next run of the rules that cover it.
    pub next_run: Option<Timestamp>,
    pub order: Result<Order, Unfit>,
}

/// Whether a resource was ever backed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackedUp {
    Before,
    Never,
    /// Its recovery points could not be read.
    Unknown,
}

/// A rerun that may be started.
#[derive(Clone, Debug, PartialEq)]
pub struct Rerun {
    pub resource_arn: String,
    pub resource_type: String,
    pub kind: JobKind,
    pub aim: Aim,
    pub order: Order,
}

/// What a job is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// To prove a cause fixed: which rerun of the episode it is, from 1.
    Proof { attempt: usize },
    /// To back up a resource that a cause held back and that is proven fixed. An operator asked for it, and it is an operator's job: it proves
    /// nothing more, is no attempt, and pages like any other if it fails.
    CatchUp,
}

/// From a job's creation to its end: with the time it waited, because that is what fits between two runs.
pub fn duration(job: &Job) -> Option<SignedDuration> {
    Some(job.ended?.duration_since(job.created?).max(SignedDuration::ZERO))
}

/// Cheapest first: the shortest last job, then the smallest recovery point, then the ARN. What is not known comes last.
pub(crate) fn by_cost(candidates: &mut [Candidate<'_>]) {
    candidates.sort_by(|a, b| {
        let duration = |candidate: &Candidate<'_>| candidate.last_duration.map(Reverse);
        let size = |candidate: &Candidate<'_>| candidate.size.filter(|bytes| *bytes > 0).map(Reverse);
        // `None` sorts before `Some`, so both are compared the other way round.
        duration(b)
            .cmp(&duration(a))
            .then_with(|| size(b).cmp(&size(a)))
            .then_with(|| a.failure.resource_arn.cmp(&b.failure.resource_arn))
    });
}
