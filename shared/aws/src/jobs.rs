//! ListBackupJobs, ListCopyJobs and ListRestoreJobs, as jobs of one type.

mod records;

use aws_sdk_backup::types::{BackupJobState, CopyJobState, RestoreJobStatus};
use jiff::Timestamp;
use job::Arn;
use job::{Job, JobKind, JobState};
use tokio::time::Instant;

use crate::account::Account;
use crate::convert::date_time;
use crate::error::Error;
use crate::paging::{Far, List, Next, PAGE, Page, Reached, each_item};
use records::{backup_job, copy_job, restore_job};

/// Which jobs to list. AWS takes one state a call, and keeps records for 30 days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobQuery<'a> {
    pub kind: JobKind,
    pub whose: Whose<'a>,
    pub state: Option<JobState>,
    /// For restores AWS has no such filter: we drop the others ourselves.
    pub resource_arn: Option<&'a str>,
    /// As AWS writes types in its filters: `DynamoDB`, `EBS`.
    pub resource_type: Option<&'a str>,
    /// The vault of a backup, the source vault of a copy. AWS has this filter for backups: else we drop the others ourselves.
    pub vault_name: Option<&'a str>,
    /// Of copies. No other job has a destination, so that none of them matches.
    pub destination_vault_arn: Option<&'a str>,
    pub created_after: Option<Timestamp>,
    pub created_before: Option<Timestamp>,
    pub completed_after: Option<Timestamp>,
}

/// Whose jobs a list is asked for. Only the management account of an organization, and a delegated administrator of AWS Backup, see those of
/// others: for all else the list is that of the caller, or empty, and no error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose<'a> {
    /// Those of the account whose credentials we have.
    Own,
    /// Those of this account.
    Account(&'a str),
    /// Those of all accounts of the organization. AWS documents it for backups, asked by the management account.
    Everyone,
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
            whose: Whose::Own,
            state: None,
            resource_arn: None,
            resource_type: None,
            vault_name: None,
            destination_vault_arn: None,
            created_after: None,
            created_before: None,
            completed_after: None,
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

impl Whose<'_> {
    /// As the lists take it. `None`: the caller's own, which the lists answer unasked.
    fn account_id(self) -> Option<String> {
        match self {
            Whose::Own => None,
            Whose::Account(id) => Some(id.to_owned()),
            Whose::Everyone => Some("*".to_owned()),
        }
    }
}

impl Account {
    /// All jobs that match, in AWS's order. What has not come by `until` is missing, and the answer an error. [`Account::each_job`] is for lists that may be long.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListBackupJobs.html>, `API_ListCopyJobs` and `API_ListRestoreJobs`
    pub async fn jobs(&self, query: &JobQuery<'_>, until: Instant) -> Result<Vec<Job>, Error> {
        let mut jobs = Vec::new();
        self.each_job(query, until, |job| jobs.push(job)).await?;
        Ok(jobs)
    }

    /// Hands over each job that matches once, in AWS's order and page by page, so that memory hardly grows with their number. After an
    /// error the ones handed over are not all.
    ///
    /// A job whose state is not the one asked for is handed over like any other: AWS may have a state that we do not know.
    ///
    /// Sources: see [`Account::jobs`].
    pub async fn each_job(&self, query: &JobQuery<'_>, until: Instant, take: impl FnMut(Job)) -> Result<(), Error> {
        self.pages(query, Far::END, until, take).await.map(|_| ())
    }

    /// The first page alone, in one call: the newest 1,000 jobs that match. Of the filters that AWS does not have, fewer: they are
    /// applied to the page.
    ///
    /// Without a state these are jobs in all states, also in those that we do not know and so ask no list for.
    ///
    /// Sources: see [`Account::jobs`].
    pub async fn first_jobs(&self, query: &JobQuery<'_>, until: Instant) -> Result<FirstJobs, Error> {
        let mut jobs = Vec::new();
        let reached = self.pages(query, Far::FirstPage, until, |job| jobs.push(job)).await?;
        Ok(FirstJobs { jobs, are_all: reached == Reached::End })
    }

    async fn pages(
        &self,
        query: &JobQuery<'_>,
        far: Far,
        until: Instant,
        mut take: impl FnMut(Job),
    ) -> Result<Reached, Error> {
        let matching = |job: Job| {
            if query.keeps(&job) {
                take(job);
            }
        };
        match query.kind {
            JobKind::Backup => self.backup_jobs(query, far, until, matching).await,
            JobKind::Copy => self.copy_jobs(query, far, until, matching).await,
            JobKind::Restore => self.restore_jobs(query, far, until, matching).await,
        }
    }

    async fn backup_jobs(
        &self,
        query: &JobQuery<'_>,
        far: Far,
        until: Instant,
        mut take: impl FnMut(Job),
    ) -> Result<Reached, Error> {
        let list = self
            .backup()
            .list_backup_jobs()
            .max_results(PAGE)
            .set_by_account_id(query.whose.account_id())
            .set_by_state(query.state.as_ref().map(|state| BackupJobState::from(state.as_str())))
            .set_by_resource_arn(query.resource_arn.map(str::to_owned))
            .set_by_resource_type(query.resource_type.map(str::to_owned))
            .set_by_backup_vault_name(query.vault_name.map(str::to_owned))
            .set_by_created_after(query.created_after.map(date_time))
            .set_by_created_before(query.created_before.map(date_time))
            .set_by_complete_after(query.completed_after.map(date_time));
        each_item(
            List { gate: &self.gates().backup_lists, operation: "backup:ListBackupJobs", far, until },
            |token| list.clone().set_next_token(token).send(),
            |page| Page { items: page.backup_jobs, next: Next::of(page.next_token) },
            |job| job.backup_job_id.as_deref(),
            |job| take(backup_job(job, &self.scope().region)),
        )
        .await
    }

    async fn copy_jobs(
        &self,
        query: &JobQuery<'_>,
        far: Far,
        until: Instant,
        mut take: impl FnMut(Job),
    ) -> Result<Reached, Error> {
        let list = self
            .backup()
            .list_copy_jobs()
            .max_results(PAGE)
            .set_by_account_id(query.whose.account_id())
            .set_by_state(query.state.as_ref().map(|state| CopyJobState::from(state.as_str())))
            .set_by_resource_arn(query.resource_arn.map(str::to_owned))
            .set_by_resource_type(query.resource_type.map(str::to_owned))
            .set_by_destination_vault_arn(query.destination_vault_arn.map(str::to_owned))
            .set_by_created_after(query.created_after.map(date_time))
            .set_by_created_before(query.created_before.map(date_time))
            .set_by_complete_after(query.completed_after.map(date_time));
        each_item(
            List { gate: &self.gates().backup_lists, operation: "backup:ListCopyJobs", far, until },
            |token| list.clone().set_next_token(token).send(),
            |page| Page { items: page.copy_jobs, next: Next::of(page.next_token) },
            |job| job.copy_job_id.as_deref(),
            |job| take(copy_job(job, &self.scope().region)),
        )
        .await
    }

    async fn restore_jobs(
        &self,
        query: &JobQuery<'_>,
        far: Far,
        until: Instant,
        mut take: impl FnMut(Job),
    ) -> Result<Reached, Error> {
        let list = self
            .backup()
            .list_restore_jobs()
            .max_results(PAGE)
            .set_by_account_id(query.whose.account_id())
            .set_by_status(query.state.as_ref().map(|state| RestoreJobStatus::from(state.as_str())))
            .set_by_resource_type(query.resource_type.map(str::to_owned))
            .set_by_created_after(query.created_after.map(date_time))
            .set_by_created_before(query.created_before.map(date_time))
            .set_by_complete_after(query.completed_after.map(date_time));
        each_item(
            List { gate: &self.gates().backup_lists, operation: "backup:ListRestoreJobs", far, until },
            |token| list.clone().set_next_token(token).send(),
            |page| Page { items: page.restore_jobs, next: Next::of(page.next_token) },
            |job| job.restore_job_id.as_deref(),
            |job| take(restore_job(job, &self.scope().region)),
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
