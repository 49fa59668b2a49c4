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

    /// Where they are kept: AWS's Region, Azure's location.
    pub fn region_noun(self) -> &'static str {
        match self {
            Cloud::Aws => "Region",
            Cloud::Azure => "location",
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

    /// `account 111122223333, eu-west-1`; of what people call by a name `prod-crm, subscription 0a000000-..., westeurope`; without a location the
    /// subscription alone.
    pub fn told(&self, name: Option<&str>) -> String {
        let account = format!("{} {}", self.cloud.account_noun(), self.account);
        let place = if self.region.is_empty() { account } else { format!("{account}, {}", self.region) };
        name.map_or_else(|| place.clone(), |name| format!("{name}, {place}"))
    }

    /// Its account where there is little room: of the id of a subscription the first group, `0a000000`.
    pub fn short_account(&self) -> &str {
        match self.cloud {
            Cloud::Aws => &self.account,
            Cloud::Azure => self.account.split('-').next().unwrap_or_default(),
        }
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
    fn a_place_is_told_with_its_name_and_without_what_is_not_known() {
        let table = [
            (Scope::azure("0a-1", "West Europe"), None, "subscription 0a-1, westeurope"),
            (Scope::azure("0a-1", ""), None, "subscription 0a-1"),
            (Scope::azure("0a-1", "westeurope"), Some("prod-crm"), "prod-crm, subscription 0a-1, westeurope"),
            (Scope::aws("111122223333", "eu-west-1"), Some("hub"), "hub, account 111122223333, eu-west-1"),
        ];
        for (scope, name, expected) in table {
            assert_eq!(scope.told(name), expected);
        }
        assert_eq!(Scope::azure("0a000000-0000-4000-8000-00000000aaaa", "").short_account(), "0a000000");
    }
}
