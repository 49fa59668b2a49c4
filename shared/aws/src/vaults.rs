//! Backup vaults: their keys, limits of retention and access policies.

use aws_sdk_backup::operation::get_backup_vault_access_policy::GetBackupVaultAccessPolicyOutput;
use aws_sdk_backup::types::BackupVaultListMember;
use futures::FutureExt;
use jiff::Timestamp;
use tokio::time::Instant;

use crate::account::Account;
use crate::call::in_time;
use crate::convert::{filled, timestamp};
use crate::error::{Error, found};
use crate::paging::{Far, List, Next, PAGE, Page, each_item};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vault {
    pub name: String,
    pub arn: String,
    pub key_arn: Option<String>,
    /// Of its lock; without one there is none.
    pub min_retention_days: Option<i64>,
    pub max_retention_days: Option<i64>,
    pub lock: Lock,
}

/// Whether what a vault holds can be deleted before its time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lock {
    /// AWS did not say.
    #[default]
    NotTold,
    None,
    /// Who has the right may take it away.
    Governance,
    /// Nobody can take it away from this instant on.
    From(Timestamp),
}

impl Lock {
    /// `Locked` is true in governance mode, during the grace time of compliance mode, and after it: the date alone tells which.
    fn of(locked: Option<bool>, date: Option<Timestamp>) -> Self {
        match (locked, date) {
            (None, _) => Lock::NotTold,
            (Some(false), _) => Lock::None,
            (Some(true), None) => Lock::Governance,
            (Some(true), Some(date)) => Lock::From(date),
        }
    }
}

impl Vault {
    /// Whether its lock lets a recovery point be kept for `days`; `None` is for ever, which is too long for any limit.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html>
    pub fn admits(&self, days: Option<i64>) -> bool {
        let long_enough = self.min_retention_days.is_none_or(|least| days.is_none_or(|days| days >= least));
        let short_enough = self.max_retention_days.is_none_or(|most| days.is_some_and(|days| days <= most));
        long_enough && short_enough
    }
}

impl Account {
    /// All vaults of our account in a Region: one list instead of many DescribeBackupVault, of which AWS takes 5 a second. Read once an
    /// invocation.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListBackupVaults.html>
    pub async fn vaults(&self, until: Instant) -> Result<Vec<Vault>, Error> {
        const OPERATION: &str = "backup:ListBackupVaults";
        let read = async {
            let list = self.backup().list_backup_vaults().max_results(PAGE);
            let mut vaults = Vec::new();
            each_item(
                List { gate: &self.gates().backup_lists, operation: OPERATION, far: Far::END, until },
                |token| list.clone().set_next_token(token).send(),
                |page| Page { items: page.backup_vault_list, next: Next::of(page.next_token) },
                |vault| vault.backup_vault_arn.as_deref(),
                |listed| vaults.push(vault(listed)),
            )
            .await?;
            Ok(vaults)
        };
        in_time(until, OPERATION, self.known().vaults.get(&self.scope().region, read.boxed_local())).await
    }

    /// The access policy of a vault of our account, as JSON. `None`: it has none, or does not exist; AWS answers both alike, and may
    /// answer AccessDenied for one that does not exist. [`Account::vaults`] tells them apart.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_GetBackupVaultAccessPolicy.html>
    pub async fn vault_policy(&self, vault_name: &str, until: Instant) -> Result<Option<String>, Error> {
        const OPERATION: &str = "backup:GetBackupVaultAccessPolicy";
        let send = self.backup().get_backup_vault_access_policy().backup_vault_name(vault_name).send();
        let answer = self.gates().backup_reads.call(until, OPERATION, send).await;
        match found(answer)? {
            Some(answer) => policy(answer).ok_or_else(|| Error::without(OPERATION, "vault")),
            None => Ok(None),
        }
    }
}

/// The policy, if there is one. The outer `None`: the answer does not even name the vault, so that it says nothing about its policy.
fn policy(answer: GetBackupVaultAccessPolicyOutput) -> Option<Option<String>> {
    let names_it = answer.backup_vault_arn.is_some() || answer.backup_vault_name.is_some();
    let policy = filled(answer.policy);
    (names_it || policy.is_some()).then_some(policy)
}

fn vault(vault: BackupVaultListMember) -> Vault {
    Vault {
        name: vault.backup_vault_name.unwrap_or_default(),
        arn: vault.backup_vault_arn.unwrap_or_default(),
        key_arn: filled(vault.encryption_key_arn),
        min_retention_days: vault.min_retention_days,
        max_retention_days: vault.max_retention_days,
        lock: Lock::of(vault.locked, vault.lock_date.and_then(timestamp)),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_backup::primitives::DateTime;

    use super::*;

    #[test]
    fn a_lock_is_told_from_none_and_from_no_answer() {
        let listed = BackupVaultListMember::builder;
        let date = DateTime::from_secs(10);
        let table = [
            (listed(), Lock::NotTold),
            (listed().locked(false), Lock::None),
            (listed().locked(true), Lock::Governance),
            (listed().locked(true).lock_date(date), Lock::From(Timestamp::from_second(10).unwrap())),
        ];
        for (row, lock) in table {
            assert_eq!(vault(row.clone().build()).lock, lock, "{row:?}");
        }
    }

    #[test]
    fn no_policy_is_told_from_an_answer_that_says_nothing() {
        let answer = GetBackupVaultAccessPolicyOutput::builder;
        let table = [
            (answer(), None),
            (answer().policy(""), None),
            (answer().backup_vault_name("main"), Some(None)),
            (answer().backup_vault_arn("arn:vault"), Some(None)),
            (answer().backup_vault_arn("arn:vault").policy(""), Some(None)),
            (answer().backup_vault_arn("arn:vault").policy("{}"), Some(Some("{}".to_owned()))),
            (answer().policy("{}"), Some(Some("{}".to_owned()))),
        ];
        for (answer, expected) in table {
            assert_eq!(policy(answer.clone().build()), expected, "{answer:?}");
        }
    }
}
