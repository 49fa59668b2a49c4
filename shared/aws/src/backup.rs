//! AWS Backup beside its jobs: protected resources, recovery points, vaults.

use jiff::Timestamp;

use aws_sdk_backup::types::{BackupVaultListMember, EncryptionKeyType, RecoveryPointByResource, RecoveryPointStatus};

use crate::clients::Aws;
use crate::convert::{filled, timestamp};
use crate::error::{Error, ErrorKind};
use crate::jobs::PAGE;
use crate::paging::all_pages;

/// A resource that was backed up at least once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProtectedResource {
    pub arn: String,
    pub name: Option<String>,
    pub resource_type: String,
    /// Moves with on-demand reruns too.
    pub last_backup: Option<Timestamp>,
    pub vault_arn: Option<String>,
    pub recovery_point_arn: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecoveryPoint {
    pub arn: String,
    /// When its job began. Of a continuous backup: when the first one did, for it is updated in place.
    pub created: Option<Timestamp>,
    /// As AWS writes it: `COMPLETED`, `PARTIAL`, `EXPIRED`.
    pub status: String,
    pub message: Option<String>,
    pub encryption_key_arn: Option<String>,
    pub size_bytes: Option<i64>,
    pub vault_name: String,
    pub is_parent: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vault {
    pub name: String,
    pub arn: String,
    pub key_arn: Option<String>,
    /// `AWS_OWNED_KMS_KEY` or `CUSTOMER_MANAGED_KMS_KEY`; older records lack it.
    pub key_type: Option<String>,
    pub locked: bool,
    pub min_retention_days: Option<i64>,
    pub max_retention_days: Option<i64>,
}

impl RecoveryPoint {
    /// Whether a restore can begin from it: not while it is made, nor when it is partial, expired or being deleted. STOPPED is a
    /// continuous backup that was switched off, and keeps what it holds.
    pub fn is_usable(&self) -> bool {
        matches!(self.status.as_str(), "COMPLETED" | "AVAILABLE" | "STOPPED")
    }
}

impl Aws {
    /// `None` when AWS Backup never backed it up.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeProtectedResource.html>
    pub async fn protected_resource(&self, region: &str, arn: &str) -> Result<Option<ProtectedResource>, Error> {
        let answer = {
            let _turn = self.gates.protected_resources.turn().await;
            self.backup(region).describe_protected_resource().resource_arn(arn).send().await
        };
        let answer = answer.map_err(|error| Error::of("backup:DescribeProtectedResource", error));
        Ok(found(answer)?.map(|answer| ProtectedResource {
            arn: filled(answer.resource_arn).unwrap_or_else(|| arn.to_owned()),
            name: filled(answer.resource_name),
            resource_type: answer.resource_type.unwrap_or_default(),
            last_backup: answer.last_backup_time.and_then(timestamp),
            vault_arn: filled(answer.last_backup_vault_arn),
            recovery_point_arn: filled(answer.last_recovery_point_arn),
        }))
    }

    /// The recovery points of a resource in one Region, the newest first; none when AWS does not know the resource.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListRecoveryPointsByResource.html>
    pub async fn recovery_points(&self, region: &str, arn: &str) -> Result<Vec<RecoveryPoint>, Error> {
        // Snapshots that the service made by itself are no backups of AWS Backup. (RDS refuses pages below 20.)
        let list = self.backup(region).list_recovery_points_by_resource().resource_arn(arn);
        let list = list.managed_by_aws_backup_only(true).max_results(PAGE);
        let mut points = Vec::new();
        let read = all_pages(
            &self.gates.backup_lists,
            "backup:ListRecoveryPointsByResource",
            |token| list.clone().set_next_token(token).send(),
            |page| {
                points.extend(page.recovery_points.unwrap_or_default().into_iter().map(recovery_point));
                page.next_token
            },
        )
        .await;
        found(read)?;
        points.sort_by(|a: &RecoveryPoint, b| b.created.cmp(&a.created).then_with(|| a.arn.cmp(&b.arn)));
        Ok(points)
    }

    /// `None` when the recovery point does not exist any more. Its status tells whether it can be used.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeRecoveryPoint.html>
    pub async fn describe_recovery_point(
        &self,
        region: &str,
        vault_name: &str,
        arn: &str,
    ) -> Result<Option<RecoveryPoint>, Error> {
        let answer = {
            let _turn = self.gates.backup_reads.turn().await;
            let describe = self.backup(region).describe_recovery_point();
            describe.backup_vault_name(vault_name).recovery_point_arn(arn).send().await
        };
        let answer = answer.map_err(|error| Error::of("backup:DescribeRecoveryPoint", error));
        Ok(found(answer)?.map(|answer| RecoveryPoint {
            arn: filled(answer.recovery_point_arn).unwrap_or_else(|| arn.to_owned()),
            created: answer.creation_date.and_then(timestamp),
            status: answer.status.as_ref().map(RecoveryPointStatus::as_str).unwrap_or_default().to_owned(),
            message: filled(answer.status_message),
            encryption_key_arn: filled(answer.encryption_key_arn),
            size_bytes: answer.backup_size_in_bytes,
            vault_name: filled(answer.backup_vault_name).unwrap_or_else(|| vault_name.to_owned()),
            is_parent: answer.is_parent,
        }))
    }

    /// All vaults of our account in a Region: one list instead of many DescribeBackupVault, of which AWS takes 5 a second.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListBackupVaults.html>
    pub async fn vaults(&self, region: &str) -> Result<Vec<Vault>, Error> {
        let list = self.backup(region).list_backup_vaults().max_results(PAGE);
        let mut vaults = Vec::new();
        all_pages(
            &self.gates.backup_lists,
            "backup:ListBackupVaults",
            |token| list.clone().set_next_token(token).send(),
            |page| {
                vaults.extend(page.backup_vault_list.unwrap_or_default().into_iter().map(vault));
                page.next_token
            },
        )
        .await?;
        Ok(vaults)
    }

    /// The access policy of a vault of our account, as JSON. `None`: it has none, or does not exist; AWS answers both alike, and may
    /// answer AccessDenied for one that does not exist. [`Aws::vaults`] tells them apart.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_GetBackupVaultAccessPolicy.html>
    pub async fn vault_policy(&self, region: &str, vault_name: &str) -> Result<Option<String>, Error> {
        let answer = {
            let _turn = self.gates.backup_reads.turn().await;
            self.backup(region).get_backup_vault_access_policy().backup_vault_name(vault_name).send().await
        };
        let answer = answer.map_err(|error| Error::of("backup:GetBackupVaultAccessPolicy", error));
        Ok(found(answer)?.and_then(|answer| filled(answer.policy)))
    }
}

/// Missing is an answer, not an error.
pub(crate) fn found<T>(answer: Result<T, Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.kind == ErrorKind::Missing => Ok(None),
        Err(error) => Err(error),
    }
}

fn recovery_point(point: RecoveryPointByResource) -> RecoveryPoint {
    RecoveryPoint {
        arn: point.recovery_point_arn.unwrap_or_default(),
        created: point.creation_date.and_then(timestamp),
        status: point.status.as_ref().map(RecoveryPointStatus::as_str).unwrap_or_default().to_owned(),
        message: filled(point.status_message),
        encryption_key_arn: filled(point.encryption_key_arn),
        size_bytes: point.backup_size_bytes,
        vault_name: point.backup_vault_name.unwrap_or_default(),
        is_parent: point.is_parent,
    }
}

fn vault(vault: BackupVaultListMember) -> Vault {
    Vault {
        name: vault.backup_vault_name.unwrap_or_default(),
        arn: vault.backup_vault_arn.unwrap_or_default(),
        key_arn: filled(vault.encryption_key_arn),
        key_type: vault.encryption_key_type.as_ref().map(EncryptionKeyType::as_str).map(str::to_owned),
        locked: vault.locked.unwrap_or_default(),
        min_retention_days: vault.min_retention_days,
        max_retention_days: vault.max_retention_days,
    }
}
