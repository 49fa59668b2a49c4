//! ListBackupJobs, ListCopyJobs and ListRestoreJobs, as jobs of one type.

mod records;

use std::cell::Cell;

use aws_sdk_backup::types::{BackupJobState, CopyJobState, RestoreJobStatus};
use jiff::Timestamp;
use job::Arn;
use job::{Job, JobKind, JobState};

use crate::clients::Aws;
use crate::convert::date_time;
use crate::error::Error;
use crate::paging::{PAGE, Pages, all_pages};
use records::{backup_job, copy_job, restore_job};

/// Which jobs to list. AWS takes one state a call, and keeps records for 30 days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobQuery<'a> {
    pub kind: JobKind,
    pub state: Option<JobState>,
    /// For restores AWS has no such filter: we drop the others ourselves.
    pub resource_arn: Option<&'a str>,
    /// As AWS writes types in its filters: `DynamoDB`, `EBS`.
    pub resource_type: Option<&'a str>,
    /// The vault of a backup, the source vault of a copy. AWS has this filter for backups: else we drop the others ourselves.
    pub vault_name: Option<&'a str>,
    /// Of copies. No other job has a destination, so that none of them matches.
    pub destination_vault_arn: Option<&'a str>,
    pub parent_job_id: Option<&'a str>,
    pub created_after: Option<Timestamp>,
    pub created_before: Option<Timestamp>,
    pub completed_after: Option<Timestamp>,
    pub completed_before: Option<Timestamp>,
}

/// The newest jobs that match a query.
#[derive(Clone, Debug, PartialEq)]
pub struct FirstJobs {
    pub jobs: Vec<Job>,
    /// Whether AWS has no more of them.
    pub are_all: bool,
}

impl JobQuery<'_> {
    /// All jobs of a kind, until a filter is set.
    pub fn of(kind: JobKind) -> Self {
        Self {
            kind,
            state: None,
            resource_arn: None,
            resource_type: None,
            vault_name: None,
            destination_vault_arn: None,
            parent_job_id: None,
            created_after: None,
            created_before: None,
            completed_after: None,
            completed_before: None,
        }
    }

    /// The filters that AWS does not have for each kind.
    fn keeps(&self, job: &Job) -> bool {
        let vault = job.vault_arn().and_then(Arn::parse).and_then(|arn| arn.vault_name());
        let left_to_us = match self.kind {
            JobKind::Backup => true,
            JobKind::Copy => self.vault_name.is_none_or(|name| vault == Some(name)),
            JobKind::Restore => {
                self.vault_name.is_none_or(|name| vault == Some(name))
                    && self.resource_arn.is_none_or(|arn| job.resource_arn == arn)
            }
        };
        left_to_us && self.destination_vault_arn.is_none_or(|arn| job.destination_vault_arn() == Some(arn))
    }
}

impl Aws {
    /// All jobs that match, in AWS's order. [`Aws::each_job`] is for lists that may be long.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListBackupJobs.html>, `API_ListCopyJobs` and `API_ListRestoreJobs`
    pub async fn list_jobs(&self, region: &str, query: &JobQuery<'_>) -> Result<Vec<Job>, Error> {
        let mut jobs = Vec::new();
        self.each_job(region, query, |job| jobs.push(job)).await?;
        Ok(jobs)
    }

    /// Hands over each job that matches, in AWS's order and page by page, so that memory does not grow with their number. After an
    /// error the ones handed over are not all.
    ///
    /// Sources: see [`Aws::list_jobs`].
    pub async fn each_job(&self, region: &str, query: &JobQuery<'_>, take: impl FnMut(Job)) -> Result<(), Error> {
        self.jobs(region, query, Pages::All, take).await
    }

    /// The first page alone, in one call: the newest 1,000 jobs that match. Of the filters that AWS does not have, fewer: they are
    /// applied to the page.
    ///
    /// Sources: see [`Aws::list_jobs`].
    pub async fn first_jobs(&self, region: &str, query: &JobQuery<'_>) -> Result<FirstJobs, Error> {
        let (mut jobs, more) = (Vec::new(), Cell::new(false));
        self.jobs(region, query, Pages::First(&more), |job| jobs.push(job)).await?;
        Ok(FirstJobs { jobs, are_all: !more.get() })
    }

    async fn jobs(
        &self,
        region: &str,
        query: &JobQuery<'_>,
        pages: Pages<'_>,
        mut take: impl FnMut(Job),
    ) -> Result<(), Error> {
        let matching = |job: Job| {
            if query.keeps(&job) {
                take(job);
            }
        };
        match query.kind {
            JobKind::Backup => self.backup_jobs(region, query, pages, matching).await,
            JobKind::Copy => self.copy_jobs(region, query, pages, matching).await,
            JobKind::Restore => self.restore_jobs(region, query, pages, matching).await,
        }
    }

    async fn backup_jobs(
        &self,
        region: &str,
        query: &JobQuery<'_>,
        pages: Pages<'_>,
        mut take: impl FnMut(Job),
    ) -> Result<(), Error> {
        let list = self
            .backup(region)
            .list_backup_jobs()
            .max_results(PAGE)
            .set_by_state(query.state.as_ref().map(|state| BackupJobState::from(state.as_str())))
            .set_by_resource_arn(query.resource_arn.map(str::to_owned))
            .set_by_resource_type(query.resource_type.map(str::to_owned))
            .set_by_backup_vault_name(query.vault_name.map(str::to_owned))
            .set_by_parent_job_id(query.parent_job_id.map(str::to_owned))
            .set_by_created_after(query.created_after.map(date_time))
            .set_by_created_before(query.created_before.map(date_time))
            .set_by_complete_after(query.completed_after.map(date_time))
            .set_by_complete_before(query.completed_before.map(date_time));
        all_pages(
            &self.gates.backup_lists,
            "backup:ListBackupJobs",
            |token| list.clone().set_next_token(token).send(),
            |page| {
                page.backup_jobs.unwrap_or_default().into_iter().map(|job| backup_job(job, region)).for_each(&mut take);
                pages.next(page.next_token)
            },
        )
        .await
    }

    async fn copy_jobs(
        &self,
        region: &str,
        query: &JobQuery<'_>,
        pages: Pages<'_>,
        mut take: impl FnMut(Job),
    ) -> Result<(), Error> {
        let list = self
            .backup(region)
            .list_copy_jobs()
            .max_results(PAGE)
            .set_by_state(query.state.as_ref().map(|state| CopyJobState::from(state.as_str())))
            .set_by_resource_arn(query.resource_arn.map(str::to_owned))
            .set_by_resource_type(query.resource_type.map(str::to_owned))
            .set_by_destination_vault_arn(query.destination_vault_arn.map(str::to_owned))
            .set_by_parent_job_id(query.parent_job_id.map(str::to_owned))
            .set_by_created_after(query.created_after.map(date_time))
            .set_by_created_before(query.created_before.map(date_time))
            .set_by_complete_after(query.completed_after.map(date_time))
            .set_by_complete_before(query.completed_before.map(date_time));
        all_pages(
            &self.gates.backup_lists,
            "backup:ListCopyJobs",
            |token| list.clone().set_next_token(token).send(),
            |page| {
                page.copy_jobs.unwrap_or_default().into_iter().map(|job| copy_job(job, region)).for_each(&mut take);
                pages.next(page.next_token)
            },
        )
        .await
    }

    async fn restore_jobs(
        &self,
        region: &str,
        query: &JobQuery<'_>,
        pages: Pages<'_>,
        mut take: impl FnMut(Job),
    ) -> Result<(), Error> {
        let list = self
            .backup(region)
            .list_restore_jobs()
            .max_results(PAGE)
            .set_by_status(query.state.as_ref().map(|state| RestoreJobStatus::from(state.as_str())))
            .set_by_resource_type(query.resource_type.map(str::to_owned))
            .set_by_parent_job_id(query.parent_job_id.map(str::to_owned))
            .set_by_created_after(query.created_after.map(date_time))
            .set_by_created_before(query.created_before.map(date_time))
            .set_by_complete_after(query.completed_after.map(date_time))
            .set_by_complete_before(query.completed_before.map(date_time));
        all_pages(
            &self.gates.backup_lists,
            "backup:ListRestoreJobs",
            |token| list.clone().set_next_token(token).send(),
            |page| {
                page.restore_jobs
                    .unwrap_or_default()
                    .into_iter()
                    .map(|job| restore_job(job, region))
                    .for_each(&mut take);
                pages.next(page.next_token)
            },
        )
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_that_aws_does_not_have_are_ours() {
        const MAIN: &str = "arn:aws:backup:eu-west-1:111122223333:backup-vault:main";
        const EFS: &str = "arn:aws:backup:eu-west-1:111122223333:backup-vault:aws/efs/automatic";
        const FAR: &str = "arn:aws:backup:us-east-1:111122223333:backup-vault:far";
        let job = |kind, vault: &str, destination: Option<&str>| Job {
            resource_arn: "db".to_owned(),
            vault: Some(vault.into()),
            destination: destination.map(Into::into),
            ..Job::new(kind, "1", JobState::Completed)
        };
        let backup = job(JobKind::Backup, MAIN, None);
        let copy = job(JobKind::Copy, EFS, Some(FAR));
        let restore = job(JobKind::Restore, MAIN, None);
        let nowhere = Job::new(JobKind::Copy, "2", JobState::Completed);
        let all = JobQuery::of;
        let table = [
            (all(JobKind::Backup), &backup, true),
            (all(JobKind::Copy), &copy, true),
            (all(JobKind::Restore), &restore, true),
            (JobQuery { vault_name: Some("aws/efs/automatic"), ..all(JobKind::Copy) }, &copy, true),
            (JobQuery { vault_name: Some("automatic"), ..all(JobKind::Copy) }, &copy, false),
            (JobQuery { vault_name: Some("far"), ..all(JobKind::Copy) }, &copy, false),
            (JobQuery { vault_name: Some("main"), ..all(JobKind::Copy) }, &nowhere, false),
            (JobQuery { vault_name: Some("main"), ..all(JobKind::Restore) }, &restore, true),
            (JobQuery { vault_name: Some("other"), ..all(JobKind::Restore) }, &restore, false),
            (JobQuery { resource_arn: Some("db"), ..all(JobKind::Restore) }, &restore, true),
            (JobQuery { resource_arn: Some("d"), ..all(JobKind::Restore) }, &restore, false),
            (JobQuery { destination_vault_arn: Some(FAR), ..all(JobKind::Copy) }, &copy, true),
            (JobQuery { destination_vault_arn: Some(MAIN), ..all(JobKind::Copy) }, &copy, false),
            (JobQuery { destination_vault_arn: Some(FAR), ..all(JobKind::Copy) }, &nowhere, false),
            (JobQuery { destination_vault_arn: Some(MAIN), ..all(JobKind::Backup) }, &backup, false),
        ];
        for (query, job, kept) in table {
            assert_eq!(query.keeps(job), kept, "{query:?}");
        }
    }
}
