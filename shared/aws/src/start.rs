//! The two calls that make AWS begin something: one backup job, one copy job.

use promise::{BackupOrder, CopyOrder};

use crate::account::Account;
use crate::convert::{filled, lifecycle_sent, sent};
use crate::error::Error;

/// A job that AWS Backup has taken on, now or when it first saw the order's token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    pub job_id: String,
}

impl Account {
    /// Starts one backup job. An error that is not [refused by AWS](Error::refused_by_aws) leaves open whether it was started; the same
    /// order may be sent again then, since AWS starts nothing for a token that it has seen.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StartBackupJob.html>
    pub async fn start_backup(&self, order: &BackupOrder) -> Result<Started, Error> {
        const OPERATION: &str = "backup:StartBackupJob";
        let start = self
            .backup()
            .start_backup_job()
            .resource_arn(&order.resource_arn)
            .backup_vault_name(&order.vault_name)
            .set_logically_air_gapped_backup_vault_arn(order.air_gapped_vault_arn.clone())
            .iam_role_arn(&order.role_arn)
            .idempotency_token(&order.token)
            .start_window_minutes(order.start_window_minutes)
            .set_complete_window_minutes(order.completion_window_minutes)
            .set_lifecycle(order.lifecycle.and_then(lifecycle_sent))
            .set_recovery_point_tags(sent(&order.tags))
            .set_backup_options(sent(&order.options));
        let answer = {
            // No time limit of ours: a start that is given up may have happened.
            let _turn = self.gates().backup_starts.turn().await;
            start.send().await
        };
        let answer = answer.map_err(|error| Error::of(OPERATION, error))?;
        started(OPERATION, answer.backup_job_id)
    }

    /// Starts one copy job in the Region of its source vault. Of its errors the same holds as for [`Account::start_backup`].
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StartCopyJob.html>
    pub async fn start_copy(&self, order: &CopyOrder) -> Result<Started, Error> {
        const OPERATION: &str = "backup:StartCopyJob";
        let start = self
            .backup()
            .start_copy_job()
            .recovery_point_arn(&order.source_recovery_point_arn)
            .source_backup_vault_name(&order.source_vault_name)
            .destination_backup_vault_arn(&order.destination_vault_arn)
            .iam_role_arn(&order.role_arn)
            .idempotency_token(&order.token)
            .set_lifecycle(order.lifecycle.and_then(lifecycle_sent));
        let answer = {
            // No time limit of ours: a start that is given up may have happened.
            let _turn = self.gates().backup_starts.turn().await;
            start.send().await
        };
        let answer = answer.map_err(|error| Error::of(OPERATION, error))?;
        started(OPERATION, answer.copy_job_id)
    }
}

/// A job that nobody can name cannot be followed: it is as good as unknown.
fn started(operation: &'static str, job_id: Option<String>) -> Result<Started, Error> {
    let job_id = filled(job_id).ok_or_else(|| Error::without(operation, "job id"))?;
    Ok(Started { job_id })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_without_a_job_id_is_as_good_as_unknown() {
        let job = started("backup:StartBackupJob", Some("ABC-1".to_owned()));
        assert_eq!(job, Ok(Started { job_id: "ABC-1".to_owned() }));
        for job_id in [None, Some(String::new())] {
            let error = started("backup:StartBackupJob", job_id).unwrap_err();
            assert_eq!(error.detail(), "backup:StartBackupJob malformed: it holds no job id");
            assert!(!error.refused_by_aws());
        }
    }
}
