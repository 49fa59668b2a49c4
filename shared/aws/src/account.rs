//! One account in one Region: its clients, made when they are first needed, and its request rates.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use aws_types::SdkConfig;
use aws_types::region::Region;
use job::{Look, Scope};
use owner::Tags;
use tokio::time::Instant;

use crate::accounts::Accounts;
use crate::cloudtrail::Changes;
use crate::error::Error;
use crate::gate::Gate;
use crate::iam::Role;
use crate::memory::Memory;
use crate::vaults::Vault;

/// An account in a Region. All but publishing goes through here. A clone is cheap, and shares clients, connections and rates.
///
/// It is opened for each invocation, and remembers for as long what its looks have in common.
#[derive(Clone, Debug)]
pub struct Account {
    scope: Scope,
    credentials: Arc<Credentials>,
    regional: Arc<Regional>,
    known: Arc<Known>,
    /// The others that are watched, where keys and vaults of a job may be.
    others: Option<Accounts>,
}

/// Changes by what was asked of CloudTrail, vaults by Region, and roles by name.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) changes: Memory<Changes>,
    pub(crate) vaults: Memory<Vec<Vault>>,
    pub(crate) roles: Memory<Option<Role>>,
}

/// What all Regions of an account share. IAM is one service for the whole partition.
#[derive(Debug)]
pub(crate) struct Credentials {
    config: SdkConfig,
    iam: OnceLock<aws_sdk_iam::Client>,
    iam_gate: Gate,
    regions: Mutex<HashMap<String, Arc<Regional>>>,
}

/// The clients of one Region, and the rates that AWS allows there.
#[derive(Debug)]
struct Regional {
    config: SdkConfig,
    backup: OnceLock<aws_sdk_backup::Client>,
    kms: OnceLock<aws_sdk_kms::Client>,
    cloudtrail: OnceLock<aws_sdk_cloudtrail::Client>,
    tagging: OnceLock<aws_sdk_resourcegroupstagging::Client>,
    gates: Gates,
}

impl Account {
    pub(crate) fn new(scope: Scope, credentials: Arc<Credentials>) -> Self {
        let regional = credentials.regional(&scope.region);
        Self { scope, credentials, regional, known: Arc::default(), others: None }
    }

    /// The same, as one of the accounts that are watched.
    pub(crate) fn among(self, others: Accounts) -> Self {
        Self { others: Some(others), ..self }
    }

    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The same account in another Region, where a key or a vault of a job may be.
    pub fn in_region(&self, region: &str) -> Account {
        let scope = Scope { region: region.to_owned(), ..self.scope.clone() };
        let (known, others) = (Arc::clone(&self.known), self.others.clone());
        Account { known, others, ..Account::new(scope, Arc::clone(&self.credentials)) }
    }

    /// The accounts that are watched with this one; `None` where it was opened alone.
    pub(crate) fn others(&self) -> Option<&Accounts> {
        self.others.as_ref()
    }

    /// The tags of the account itself, where an organization is watched.
    pub async fn account_tags(&self, until: Instant) -> Look<Tags, Error> {
        match &self.others {
            Some(accounts) => accounts.tags(&self.scope.account, until).await,
            None => Look::NotLooked { why: "no organization is watched".to_owned() },
        }
    }

    pub(crate) fn known(&self) -> &Known {
        &self.known
    }

    pub(crate) fn backup(&self) -> &aws_sdk_backup::Client {
        self.regional.backup.get_or_init(|| aws_sdk_backup::Client::new(&self.regional.config))
    }

    pub(crate) fn kms(&self) -> &aws_sdk_kms::Client {
        self.regional.kms.get_or_init(|| aws_sdk_kms::Client::new(&self.regional.config))
    }

    pub(crate) fn cloudtrail(&self) -> &aws_sdk_cloudtrail::Client {
        self.regional.cloudtrail.get_or_init(|| aws_sdk_cloudtrail::Client::new(&self.regional.config))
    }

    pub(crate) fn tagging(&self) -> &aws_sdk_resourcegroupstagging::Client {
        self.regional.tagging.get_or_init(|| aws_sdk_resourcegroupstagging::Client::new(&self.regional.config))
    }

    pub(crate) fn iam(&self) -> &aws_sdk_iam::Client {
        self.credentials.iam.get_or_init(|| aws_sdk_iam::Client::new(&self.credentials.config))
    }

    pub(crate) fn gates(&self) -> &Gates {
        &self.regional.gates
    }

    pub(crate) fn iam_gate(&self) -> &Gate {
        &self.credentials.iam_gate
    }
}

impl Credentials {
    pub(crate) fn new(config: SdkConfig) -> Self {
        Self { config, iam: OnceLock::new(), iam_gate: Gate::new(10), regions: Mutex::default() }
    }

    fn regional(&self, region: &str) -> Arc<Regional> {
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(regions.entry(region.to_owned()).or_insert_with(|| {
            Arc::new(Regional {
                config: in_region(&self.config, region),
                backup: OnceLock::new(),
                kms: OnceLock::new(),
                cloudtrail: OnceLock::new(),
                tagging: OnceLock::new(),
                gates: Gates::default(),
            })
        }))
    }
}

/// An empty name is left to the SDK, whose own error says that no Region is set.
pub(crate) fn in_region(config: &SdkConfig, region: &str) -> SdkConfig {
    config.to_builder().region((!region.is_empty()).then(|| Region::new(region.to_owned()))).build()
}

/// Below AWS Backup's own request rates, which hold for each account and Region, because the three functions and the operator share them
/// (20 a second for lists, 15 for DescribeRecoveryPoint, GetBackupPlan, GetBackupSelection and GetBackupVaultAccessPolicy, 10 for
/// DescribeProtectedResource, 5 for StartBackupJob, and 50 for all together; DescribeRegionSettings and StartCopyJob are not listed).
///
/// <https://docs.aws.amazon.com/general/latest/gr/bk.html>
#[derive(Debug)]
pub(crate) struct Gates {
    pub(crate) backup_lists: Gate,
    pub(crate) backup_reads: Gate,
    /// DescribeProtectedResource alone: there may be one for each resource.
    pub(crate) protected_reads: Gate,
    pub(crate) backup_starts: Gate,
    pub(crate) kms: Gate,
    /// 2 a second, which people who look at CloudTrail's console share.
    pub(crate) cloudtrail: Gate,
    /// 15 a second for GetResources, which others who look at tags share.
    pub(crate) tagging: Gate,
}

impl Default for Gates {
    fn default() -> Self {
        Self {
            backup_lists: Gate::new(15),
            backup_reads: Gate::new(10),
            protected_reads: Gate::new(9),
            // A gate lets up to twice its rate through in its first second.
            backup_starts: Gate::new(2),
            kms: Gate::new(50),
            cloudtrail: Gate::new(2),
            tagging: Gate::new(12),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ptr;

    use super::*;

    #[test]
    fn the_regions_of_an_account_have_clients_and_rates_of_their_own_and_one_iam() {
        let config =
            SdkConfig::builder().behavior_version(aws_sdk_backup::config::BehaviorVersion::v2026_01_12()).build();
        let credentials = Arc::new(Credentials::new(config));
        let home = Account::new(Scope::aws("111122223333", "eu-west-1"), credentials);
        let away = home.in_region("us-east-1");
        assert_eq!(away.scope(), &Scope::aws("111122223333", "us-east-1"));
        assert_eq!(away.backup().config().region().map(Region::as_ref), Some("us-east-1"));
        assert_eq!(home.backup().config().region().map(Region::as_ref), Some("eu-west-1"));
        assert!(!ptr::eq(home.gates(), away.gates()));
        assert!(ptr::eq(home.iam(), away.iam()));
        let again = away.in_region("eu-west-1");
        assert!(ptr::eq(home.gates(), again.gates()) && ptr::eq(home.backup(), again.backup()));
        assert_eq!(home.in_region("").backup().config().region(), None);
    }
}
