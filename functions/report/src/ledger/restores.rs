//! What is kept of restores: at most four of a resource, what tests left behind, how tests ended, and the longest of all.

use std::collections::{BTreeMap, HashMap};

use cause::restore::{Restore, Restores, outcome};
use jiff::{SignedDuration, Timestamp};
use job::{Deletion, Job, JobState};

use crate::names::Name;
use crate::top;

/// Restores that are kept because something of them is still there. Those beyond are only counted.
const LEFT: usize = 200;
/// Restores that are named for their length.
pub(crate) const LONGEST: usize = 10;
/// AWS keeps the records of jobs for at least this long.
const MONTH: SignedDuration = SignedDuration::from_hours(30 * 24);

#[derive(Debug, Default)]
pub(crate) struct Restored {
    pub(crate) by_resource: HashMap<Name, Box<Restores>>,
    /// Those whose deletion has not succeeded.
    pub(crate) not_deleted: Vec<Job>,
    /// How many more of these there are.
    pub(crate) not_kept: usize,
    /// What restore tests of the last 30 days came to, by its word.
    pub(crate) tests: BTreeMap<&'static str, usize>,
    /// The completed restores of the last 30 days that took longest, the longest first.
    pub(crate) longest: Vec<Long>,
}

/// A restore that completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Long {
    /// Since it was created: AWS tells no other beginning.
    pub(crate) took: SignedDuration,
    pub(crate) resource: Name,
    pub(crate) job: Box<str>,
    pub(crate) ended: Timestamp,
    pub(crate) is: Restoring,
}

/// Who restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Restoring {
    Test,
    Others,
}

impl Restored {
    /// Takes in a restore of a resource.
    pub(super) fn take(&mut self, resource: Name, job: &Job, now: Timestamp) {
        if let Some(restore) = Restore::of(job) {
            self.by_resource.entry(resource).or_default().take(restore);
        }
        let deletion = job.restore.as_ref().and_then(|record| record.deletion.as_ref());
        if deletion.is_some_and(|deletion| *deletion != Deletion::Successful) {
            match self.not_deleted.len() {
                ..LEFT => self.not_deleted.push(job.clone()),
                _ => self.not_kept += 1,
            }
        }
        let is_told = |at: Timestamp| now.duration_since(at) <= MONTH;
        let Some(outcome) = outcome(job).filter(|_| job.ended.or(job.created).is_none_or(is_told)) else { return };
        let is = if job.testing_plan_arn().is_some() { Restoring::Test } else { Restoring::Others };
        if is == Restoring::Test {
            *self.tests.entry(outcome.as_str()).or_default() += 1;
        }
        if let (JobState::Completed, Some(created), Some(ended)) = (&job.state, job.created, job.ended) {
            let took = promise::took(created, ended);
            let one = Long { took, resource, job: job.id.as_str().into(), ended, is };
            top::keep(&mut self.longest, LONGEST, one, |a, b| {
                (b.took, a.ended, &a.job).cmp(&(a.took, b.ended, &b.job))
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use job::{JobKind, RestoreRecord, Validation};

    use super::*;
    use crate::names::Names;

    fn restored(id: usize, hours: i64, plan: Option<&str>, validation: Option<Validation>) -> Job {
        let created = Timestamp::from_second(1_700_000_000).unwrap();
        let record =
            RestoreRecord { testing_plan_arn: plan.map(str::to_owned), validation, ..RestoreRecord::default() };
        Job {
            created: Some(created),
            ended: Some(created + SignedDuration::from_hours(hours)),
            restore: Some(Box::new(record)),
            ..Job::new(JobKind::Restore, format!("r-{id:02}"), JobState::Completed)
        }
    }

    #[test]
    fn the_longest_are_kept_in_any_order_and_tests_are_counted_by_what_they_came_to() {
        let jobs: Vec<Job> = (0..30)
            .map(|id| match id {
                0 => restored(id, 40, Some("arn:plan"), Some(Validation::Successful)),
                1 => restored(id, 39, Some("arn:plan"), Some(Validation::Failed)),
                2 => restored(id, 38, Some("arn:plan"), None),
                3 => Job { state: JobState::Failed, ..restored(id, 99, Some("arn:plan"), None) },
                4 => Job { parent_job_id: Some("r-00".to_owned()), ..restored(id, 99, None, None) },
                5 => restored(id, -900, Some("arn:plan"), None),
                _ => restored(id, i64::try_from(id).unwrap(), None, None),
            })
            .collect();
        let now = jobs[0].created.unwrap() + SignedDuration::from_hours(100);
        let told = |jobs: Vec<&Job>| {
            let mut restored = Restored::default();
            let resource = Names::default().keep("a");
            jobs.into_iter().for_each(|job| restored.take(resource, job, now));
            let longest: Vec<i64> = restored.longest.iter().map(|one| one.took.as_hours()).collect();
            (longest, restored.tests)
        };
        let (longest, tests) = told(jobs.iter().collect());
        assert_eq!(longest, [40, 39, 38, 29, 28, 27, 26, 25, 24, 23]);
        let expected = [("failed-validation", 1), ("not-proven", 1), ("proven", 1), ("restored-not-validated", 1)];
        assert_eq!(tests, BTreeMap::from(expected));
        assert_eq!((longest, tests), told(jobs.iter().rev().collect()));
    }
}
