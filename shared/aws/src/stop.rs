//! The call that ends a backup job before its time.

use tokio::time::Instant;

use crate::account::Account;
use crate::error::Error;

impl Account {
    /// Asks AWS Backup to stop a backup job. It is ABORTING from then on, for minutes, and leaves no recovery point. AWS stops no backups of some
    /// types, and no copies and restores at all.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StopBackupJob.html>
    ///
    /// # Errors
    /// One that is not [refused by AWS](Error::refused_by_aws) leaves open whether it is being stopped. It may be asked again.
    pub async fn stop_backup(&self, job_id: &str, until: Instant) -> Result<(), Error> {
        const OPERATION: &str = "backup:StopBackupJob";
        let send = self.backup().stop_backup_job().backup_job_id(job_id).send();
        self.gates().backup_starts.call(until, OPERATION, send).await.map(drop)
    }
}
