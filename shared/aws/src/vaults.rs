//! Backup vaults: their keys, locks and access policies.

use aws_sdk_backup::types::{BackupVaultListMember, EncryptionKeyType};

use crate::clients::Aws;
use crate::convert::filled;
use crate::error::{Error, found};
use crate::paging::{PAGE, all_pages};

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

impl Vault {
    /// Whether its lock lets a recovery point be kept for so many days; `None` is for ever, which is too long for any limit.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html>
    pub fn admits(&self, days: Option<i64>) -> bool {
        let long_enough = self.min_retention_days.is_none_or(|least| days.is_none_or(|days| days >= least));
        let short_enough = self.max_retention_days.is_none_or(|most| days.is_some_and(|days| days <= most));
        long_enough && short_enough
    }
}

impl Aws {
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
