//! What it takes to prove a fix in Azure: the good jobs of a vault, the items as they are, the policies with their parts.

use std::sync::Arc;

use azure::{Error, Item, JobFilter, JobStatus, VaultId};
use jiff::Timestamp;
use job::Job;
use tokio::time::Instant;

use super::{Place, is_backup_of};

impl Place {
    /// The jobs of a vault that began in this time and completed, with warnings or without. Nearly all jobs complete: the caller says what it
    /// needs. A text that names no vault, or one of another subscription, has none.
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn completed(
        &self,
        vault: &str,
        began: (Timestamp, Timestamp),
        until: Instant,
    ) -> Result<Vec<Job>, Error> {
        let Some(id) = VaultId::parse(vault) else { return Ok(Vec::new()) };
        let Some(vault) = self.vaults(until).await?.into_iter().find(|known| known.id == id) else {
            return Ok(Vec::new());
        };
        let items = self.items(until).await?;
        let mut jobs = Vec::new();
        for status in ["Completed", "CompletedWithWarnings"] {
            let filter = JobFilter { status: Some(JobStatus::of(status)), operation: None, started: began };
            let listed = self.read_list(&vault.id, filter, until).await?;
            let of_record = |record: &azure::VaultJob| record.to_job(&vault.location, Item::of_job(record, &items));
            jobs.extend(listed.iter().filter_map(of_record));
        }
        Ok(jobs)
    }

    /// Those that began since then, up to now.
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn completed_since(&self, vault: &str, began: Timestamp, until: Instant) -> Result<Vec<Job>, Error> {
        self.completed(vault, (began, self.now), until).await
    }

    /// All that the subscription protects, what is deleted softly too.
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn all_items(&self, until: Instant) -> Result<Arc<Vec<Item>>, Error> {
        self.items(until).await
    }
}

/// The jobs without those that an item or a recovery point told and that are one of `listed`.
pub fn without_repeats(told: Vec<Job>, listed: &[Job]) -> Vec<Job> {
    let is_listed = |job: &Job| {
        let item = || job.azure.as_ref()?.item.as_deref();
        job.is_unlisted()
            && listed.iter().any(|known| item().is_some_and(|item| is_backup_of(known, item, job.created)))
    };
    let mut told = told;
    told.retain(|job| !is_listed(job));
    told
}

#[cfg(test)]
mod tests {
    use job::{AzureRecord, JobKind, JobState, Unlisted};

    use super::*;

    fn backup(id: &str, at: &str, unlisted: Option<Unlisted>) -> Job {
        Job {
            created: Some(at.parse().unwrap()),
            ended: Some(at.parse().unwrap()),
            azure: Some(Box::new(AzureRecord { item: Some("vm-1".into()), unlisted, ..AzureRecord::default() })),
            ..Job::new(JobKind::Backup, id, JobState::Completed)
        }
    }

    #[test]
    fn what_an_item_or_a_point_tells_gives_way_to_its_job_on_a_list() {
        let unlisted = || Some(Unlisted::default());
        let (same, other) = ("2026-11-21T02:01:00Z", "2026-11-20T02:00:00Z");
        let listed = [backup("job-1", "2026-11-21T02:00:00Z", None)];
        let told = vec![
            backup("told of job-1", same, unlisted()),
            backup("told of another", other, unlisted()),
            backup("item:a list has it", same, None),
        ];
        let ids: Vec<String> = without_repeats(told, &listed).into_iter().map(|job| job.id).collect();
        assert_eq!(ids, ["told of another", "item:a list has it"]);
    }
}
