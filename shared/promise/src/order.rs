use std::collections::BTreeMap;

use crate::Lifecycle;

/// One job to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    Backup(BackupOrder),
    Copy(CopyOrder),
}

/// One backup job to start.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StartBackupJob.html>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BackupOrder {
    pub resource_arn: String,
    pub vault_name: String,
    pub air_gapped_vault_arn: Option<String>,
    pub role_arn: String,
    /// IdempotencyToken: AWS starts nothing for a token that it has seen.
    pub token: String,
    /// At least 60.
    pub start_window_minutes: i64,
    /// Counted from the order, not from the start of the job. `None`: AWS's default.
    pub completion_window_minutes: Option<i64>,
    /// `None`: kept for ever.
    pub lifecycle: Option<Lifecycle>,
    /// Tags of the recovery point.
    pub tags: BTreeMap<String, String>,
    pub options: BTreeMap<String, String>,
}

/// One copy job to start.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StartCopyJob.html>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CopyOrder {
    pub source_recovery_point_arn: String,
    pub source_vault_name: String,
    pub destination_vault_arn: String,
    pub role_arn: String,
    /// IdempotencyToken: AWS starts nothing for a token that it has seen.
    pub token: String,
    pub lifecycle: Option<Lifecycle>,
}

impl Order {
    pub fn role_arn(&self) -> &str {
        match self {
            Order::Backup(order) => &order.role_arn,
            Order::Copy(order) => &order.role_arn,
        }
    }

    /// The vault that is written to: its name for a backup, its ARN for a copy.
    pub fn vault(&self) -> &str {
        match self {
            Order::Backup(order) => &order.vault_name,
            Order::Copy(order) => &order.destination_vault_arn,
        }
    }

    pub fn token(&self) -> &str {
        match self {
            Order::Backup(order) => &order.token,
            Order::Copy(order) => &order.token,
        }
    }

    /// The same order under a token: AWS starts one job for it, however often it is sent.
    #[must_use]
    pub fn with_token(mut self, token: String) -> Self {
        match &mut self {
            Order::Backup(order) => order.token = token,
            Order::Copy(order) => order.token = token,
        }
        self
    }
}
