//! Which time a batch is of. Pure.

use std::collections::BTreeSet;

use cause::rank::Block;
use jiff::Timestamp;
use job::Job;

/// The blocks in which the jobs of a batch ended. Unless STORM_WINDOW_HOURS says otherwise a block is a night, from noon to noon UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tonight(BTreeSet<Block>);

impl Tonight {
    /// `hours`: STORM_WINDOW_HOURS.
    pub fn of<'a>(jobs: impl Iterator<Item = &'a Job>, hours: u16) -> Self {
        Self(jobs.filter_map(|job| job.ended).map(|ended| Block::containing(ended, hours)).collect())
    }

    /// `None`: of no job it is known when it ended.
    pub fn begins(&self) -> Option<Timestamp> {
        self.0.first().map(|block| block.start)
    }

    pub fn holds(&self, job: &Job) -> bool {
        job.ended.is_some_and(|ended| self.0.iter().any(|block| block.holds(ended)))
    }

    /// Whether a job ended before.
    pub fn begins_after(&self, job: &Job) -> bool {
        job.ended.zip(self.begins()).is_some_and(|(ended, begins)| ended < begins)
    }
}

#[cfg(test)]
mod tests {
    use job::{JobKind, JobState};

    use super::*;

    #[test]
    fn a_batch_is_of_the_blocks_in_which_its_jobs_ended() {
        let job = |hour: &str| Job {
            ended: format!("2026-11-{hour}:30:00Z").parse().ok(),
            ..Job::new(JobKind::Backup, hour, JobState::Failed)
        };
        let batch = [job("21T03"), job("22T13")];
        let table = [("20T11", 24, false, true), ("20T12", 24, true, false), ("21T11", 24, true, false)];
        let table = table.into_iter().chain([("21T12", 24, false, false), ("22T12", 24, true, false)]);
        for (hour, hours, holds, is_before) in table.chain([("20T23", 12, false, true), ("21T00", 12, true, false)]) {
            let tonight = Tonight::of(batch.iter(), hours);
            assert_eq!(
                (tonight.holds(&job(hour)), tonight.begins_after(&job(hour))),
                (holds, is_before),
                "{hour} {hours}"
            );
        }
        assert_eq!(Tonight::of([].iter(), 24).begins(), None);
    }
}
