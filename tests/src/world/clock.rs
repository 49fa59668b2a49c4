//! Moving the clock.

use jiff::{SignedDuration, Timestamp};

use super::World;

/// AWS Backup emits its events every five minutes.
pub(super) const UNTIL_EMITTED: SignedDuration = SignedDuration::from_mins(5);

impl World {
    pub fn advance(&mut self, time: SignedDuration) {
        self.clock += time;
        self.azure.settle(self.clock);
    }

    /// Moves the clock until nothing is in flight and its events are out. What never ends is not waited for.
    pub fn advance_until_idle(&mut self) {
        let backups = self.backup_jobs.iter().filter_map(|job| job.ends);
        let copies = self.copy_jobs.iter().filter_map(|job| job.ends);
        let restores = self.restore_jobs.iter().filter_map(|job| job.ends);
        if let Some(last) = backups.chain(copies).chain(restores).max().filter(|last| *last > self.clock) {
            self.clock = last + UNTIL_EMITTED;
        }
    }

    /// When a backup, copy or restore job ends; none is never.
    ///
    /// # Panics
    /// If the world has no such job.
    #[must_use]
    pub fn end_of_job(&self, id: &str) -> Option<Timestamp> {
        let backup = self.backup_job(id).map(|job| job.ends);
        let copy = || self.copy_job(id).map(|job| job.ends);
        let restore = || self.restore_job(id).map(|job| job.ends);
        backup.or_else(copy).or_else(restore).unwrap_or_else(|| panic!("the world has no job {id}"))
    }
}
