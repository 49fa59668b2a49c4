//! The jobs by which people take protection away from items of Azure.

use std::sync::Arc;

use azure::{Error, JobFilter, JobOperation, JobStatus, VaultJob, VaultKind};
use futures::{StreamExt, TryStreamExt};
use jiff::Timestamp;
use tokio::time::Instant;

use super::{AT_ONCE, Place};

/// What a person took away from an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Taken {
    /// It is backed up no more, and keeps its recovery points.
    Protection,
    /// Its recovery points too.
    RecoveryPoints,
}

/// A job that took protection away, and is done.
#[derive(Clone, Debug)]
pub struct Unprotected {
    pub taken: Taken,
    pub job: VaultJob,
    /// Of its vault.
    pub location: String,
    pub ended: Timestamp,
}

impl Place {
    /// The jobs that took protection away from items and began since then, the oldest first. Recovery Services vaults alone
    /// are asked: of Backup vaults no such jobs are documented.
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn unprotected_since(&self, began: Timestamp, until: Instant) -> Result<Vec<Unprotected>, Error> {
        const ASKED: [(JobOperation, Taken); 2] =
            [(JobOperation::DisableBackup, Taken::Protection), (JobOperation::DeleteBackupData, Taken::RecoveryPoints)];
        let mut vaults = self.vaults(until).await?;
        vaults.retain(|vault| vault.id.kind() == VaultKind::RecoveryServices);
        let lists = vaults.iter().flat_map(|vault| ASKED.map(|(operation, taken)| (vault, operation, taken)));
        let reads = lists.map(|(vault, operation, taken)| async move {
            let filter = JobFilter { status: None, operation: Some(operation), started: (began, self.now) };
            let jobs = self.read_list(&vault.id, filter, until).await?;
            Ok::<_, Error>((vault.location.clone(), taken, jobs))
        });
        let read: Vec<(String, Taken, Arc<Vec<VaultJob>>)> =
            futures::stream::iter(reads).buffered(AT_ONCE).try_collect().await?;
        let is_done = |job: &&VaultJob| matches!(job.status, JobStatus::Completed | JobStatus::CompletedWithWarnings);
        let mut all: Vec<Unprotected> = Vec::new();
        for (location, taken, jobs) in &read {
            all.extend(jobs.iter().filter(is_done).filter_map(|job| {
                let ended = job.ended.or(job.started)?;
                Some(Unprotected { taken: *taken, job: job.clone(), location: location.clone(), ended })
            }));
        }
        all.sort_by(|a, b| (a.ended, &a.job.id).cmp(&(b.ended, &b.job.id)));
        Ok(all)
    }
}
