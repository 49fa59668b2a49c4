//! Which jobs have been on their way for too long. Pure.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use job::{Job, JobKind, JobState};

/// How long a job may wait beyond its start window before it counts as stuck: AWS Backup ends jobs some time after their StartBy.
const GRACE: SignedDuration = SignedDuration::from_mins(30);

/// By which rule a job counts as stuck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StuckRule {
    /// It did not begin within its start window, which ended then.
    NotBegun { start_by: Timestamp },
    /// It is on its way for STUCK_HOURS, so long.
    TooLong { limit: SignedDuration },
    /// It takes twice as long as the longest COMPLETED job of its resource, which took so long.
    TwiceItsLongest { longest: SignedDuration },
}

/// How long jobs usually take.
#[derive(Clone, Debug)]
pub struct Habits {
    /// STUCK_HOURS.
    patience: SignedDuration,
    longest: BTreeMap<(JobKind, String), SignedDuration>,
}

impl Habits {
    pub fn new(patience: SignedDuration) -> Self {
        Self { patience, longest: BTreeMap::new() }
    }

    /// Learns from COMPLETED jobs.
    pub fn learn<'a>(&mut self, completions: impl IntoIterator<Item = &'a Job>) {
        for job in completions.into_iter().filter(|job| job.state == JobState::Completed) {
            if let Some(took) = duration(job) {
                let longest = self.longest.entry((job.kind, job.resource_arn.clone())).or_default();
                *longest = took.max(*longest);
            }
        }
    }

    /// The longest COMPLETED job of a resource, as far as it was looked at.
    pub fn longest(&self, kind: JobKind, resource_arn: &str) -> Option<SignedDuration> {
        self.longest.get(&(kind, resource_arn.to_owned())).copied()
    }

    /// When a job on its way counts as stuck, now or later, and by which rule. RUNNING: STUCK_HOURS after it began, or twice the longest job
    /// of its resource if that is more. Before that: half an hour after its start window.
    pub fn stuck_at(&self, job: &Job) -> Option<(Timestamp, StuckRule)> {
        match (&job.state, job.start_by) {
            (JobState::Created | JobState::Pending, Some(start_by)) => {
                Some((start_by + GRACE, StuckRule::NotBegun { start_by }))
            }
            // Copies and restores have no start window: they wait at most as long as they may run.
            (JobState::Created | JobState::Pending | JobState::Running | JobState::Aborting, _) => {
                // A job that waited for long in its start window is not stuck for it. Where AWS does not say when it began, its creation counts.
                let begun = job.started.max(job.created)?;
                Some(match self.longest(job.kind, &job.resource_arn) {
                    Some(longest) if longest * 2 > self.patience => {
                        (begun + longest * 2, StuckRule::TwiceItsLongest { longest })
                    }
                    _ => (begun + self.patience, StuckRule::TooLong { limit: self.patience }),
                })
            }
            _ => None,
        }
    }

    pub fn is_stuck(&self, job: &Job, now: Timestamp) -> bool {
        self.stuck_at(job).is_some_and(|(stuck, _)| stuck <= now)
    }
}

/// From a job's creation to its end: with the time it waited, because that is what fits between two runs.
pub fn duration(job: &Job) -> Option<SignedDuration> {
    Some(job.ended?.duration_since(job.created?).max(SignedDuration::ZERO))
}
