//! Whose records are listed together.

use crate::arn::partition_of;
use std::fmt;

/// A cloud whose backups are watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cloud {
    Aws,
    Azure,
}

/// Whose records are listed together: an account and Region of AWS, a subscription and location of Azure.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope {
    pub cloud: Cloud,
    /// Twelve digits; AWS's own samples have thirteen. Of Azure the id of the subscription, in lower case. Empty where nothing tells it.
    pub account: String,
    /// `eu-west-1`; of Azure the location of the vault: `westeurope`.
    pub region: String,
}

impl Cloud {
    pub const ALL: [Cloud; 2] = [Cloud::Aws, Cloud::Azure];

    /// `aws` or `azure`: the word of log lines and of events.
    pub fn as_str(self) -> &'static str {
        match self {
            Cloud::Aws => "aws",
            Cloud::Azure => "azure",
        }
    }

    /// What people call it, at the beginning of a sentence or within it.
    pub fn name(self) -> &'static str {
        match self {
            Cloud::Aws => "AWS",
            Cloud::Azure => "Azure",
        }
    }

    /// `AWS Backup`, `Azure Backup`.
    pub fn backup_service(self) -> &'static str {
        match self {
            Cloud::Aws => "AWS Backup",
            Cloud::Azure => "Azure Backup",
        }
    }

    /// What the records of one customer stand in: AWS's account, Azure's subscription.
    pub fn account_noun(self) -> &'static str {
        match self {
            Cloud::Aws => "account",
            Cloud::Azure => "subscription",
        }
    }
}

impl Scope {
    pub fn aws(account: impl Into<String>, region: impl Into<String>) -> Self {
        Self { cloud: Cloud::Aws, account: account.into(), region: region.into() }
    }

    /// A subscription and a location, both in lower case: Azure compares them without case.
    pub fn azure(subscription: &str, location: &str) -> Self {
        // The portal writes "West Europe", records write "westeurope".
        let location = location.split_whitespace().collect::<String>();
        Self { cloud: Cloud::Azure, account: subscription.to_lowercase(), region: location.to_lowercase() }
    }

    /// The ARN of a backup vault that is here.
    pub fn vault_arn(&self, name: &str) -> String {
        format!("arn:{}:backup:{}:{}:backup-vault:{name}", partition_of(&self.region), self.region, self.account)
    }

    /// `account 111122223333, eu-west-1`; `subscription 0a000000-..., westeurope`; without a location the subscription alone.
    pub fn told(&self) -> String {
        let account = format!("{} {}", self.cloud.account_noun(), self.account);
        if self.region.is_empty() { account } else { format!("{account}, {}", self.region) }
    }
}

/// `111122223333/eu-west-1`
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_location_in_two_spellings_is_one_scope() {
        assert_eq!(Scope::azure("0A-1", "West Europe"), Scope::azure("0a-1", "westeurope"));
        assert_ne!(Scope::azure("1", "westeurope"), Scope::aws("1", "westeurope"));
    }

    #[test]
    fn a_subscription_without_a_location_is_told_alone() {
        assert_eq!(Scope::azure("0a-1", "West Europe").told(), "subscription 0a-1, westeurope");
        assert_eq!(Scope::azure("0a-1", "").told(), "subscription 0a-1");
    }
}
