//! The events that `collect` puts on the stack's own bus and `classify` reads: who says it, and what the members of a job are called.

use crate::JobKind;

/// The `source` of all of them.
pub const SOURCE: &str = "night-one";
/// The `detail-type` of a job in an account or Region of AWS that forwards no events.
pub const OF_AWS: &str = "AWS Backup Job";
/// The same of a job of Azure.
pub const OF_AZURE: &str = "Azure Backup Job";

/// The members that AWS Backup's own events call otherwise for each kind of job.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Names {
    pub id: &'static str,
    pub state: &'static str,
    pub resource: &'static str,
    /// Of a copy the one that it reads.
    pub vault: &'static str,
    pub recovery_point: &'static str,
}

impl Names {
    pub fn of(kind: JobKind) -> Self {
        let backup = Self {
            id: "backupJobId",
            state: "state",
            resource: "resourceArn",
            vault: "backupVaultArn",
            recovery_point: "recoveryPointArn",
        };
        match kind {
            JobKind::Backup => backup,
            JobKind::Copy => Self {
                id: "copyJobId",
                vault: "sourceBackupVaultArn",
                recovery_point: "destinationRecoveryPointArn",
                ..backup
            },
            JobKind::Restore => Self { id: "restoreJobId", state: "status", resource: "sourceResourceArn", ..backup },
        }
    }
}
