//! The vaults and roles that a job names, read once. Two spellings of one thing are equal.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use crate::{ArmId, Arn};

/// A backup vault. Two of AWS are equal if account, Region and name are, two of Azure if their ids are, whatever their case.
#[derive(Clone, Debug)]
pub struct VaultRef {
    pub account: String,
    pub region: String,
    /// May hold slashes: `aws/efs/automatic-backup-vault`. A text that is no ARN of a vault is its own name.
    pub name: String,
    /// As AWS gave it; of Azure the ARM id in lower case.
    pub arn: String,
}

/// The role of a job. Two of them are equal if account and name are: AWS writes one role with its path, without it, and as a session.
#[derive(Clone, Debug)]
pub struct RoleRef {
    pub account: String,
    /// Without path and session. A text that is no ARN of a role is its own name.
    pub name: String,
    /// As AWS gave it.
    pub arn: String,
}

impl VaultRef {
    pub fn parse(text: impl Into<String>) -> Self {
        let arn = text.into();
        if let Some(vault) = Self::azure(&arn) {
            return vault;
        }
        match Arn::parse(&arn).and_then(|parts| Some((parts, parts.vault_name()?))) {
            Some((parts, name)) => Self {
                account: parts.account.to_owned(),
                region: parts.region.to_owned(),
                name: name.to_owned(),
                arn: arn.clone(),
            },
            None => Self { account: String::new(), region: String::new(), name: arn.clone(), arn },
        }
    }

    /// An Azure vault by its ARM id. The id tells the subscription and not the location.
    fn azure(text: &str) -> Option<Self> {
        let arn = text.to_lowercase();
        let id = ArmId::parse(&arn).filter(|id| !id.name.is_empty())?;
        Some(Self {
            account: id.subscription.to_owned(),
            region: String::new(),
            name: id.name.to_owned(),
            arn: arn.clone(),
        })
    }

    /// Its resource group; `None` for a vault of AWS.
    pub fn group(&self) -> Option<&str> {
        ArmId::parse(&self.arn).map(|id| id.group)
    }

    /// The name for a call to its cloud; `None` for a text that is no ARN of a vault.
    pub fn known_name(&self) -> Option<&str> {
        (!self.account.is_empty()).then_some(self.name.as_str())
    }

    /// `account:Region:name`; an ARM id in lower case, or the text itself.
    pub fn canonical(&self) -> String {
        match self.known_name() {
            Some(name) if self.group().is_none() => format!("{}:{}:{name}", self.account, self.region),
            _ => self.arn.clone(),
        }
    }

    fn key(&self) -> (&str, &str, &str) {
        // Two groups of one subscription may each have a vault of this name.
        let name = if self.arn.starts_with('/') { &self.arn } else { &self.name };
        (&self.account, &self.region, name)
    }
}

impl RoleRef {
    pub fn parse(text: impl Into<String>) -> Self {
        let arn = text.into();
        if let Some(id) = ArmId::parse(&arn).filter(|id| !id.name.is_empty()) {
            // An identity of Azure that a person made. Most vaults have their own, which has no id that a job tells.
            let (account, name) = (id.subscription.to_lowercase(), id.name.to_lowercase());
            return Self { account, name, arn: arn.to_lowercase() };
        }
        match Arn::parse(&arn).and_then(|parts| Some((parts, parts.role_name()?))) {
            Some((parts, name)) => Self { account: parts.account.to_owned(), name: name.to_owned(), arn: arn.clone() },
            None => Self { account: String::new(), name: arn.clone(), arn },
        }
    }

    /// `account:name`, or the text itself.
    pub fn canonical(&self) -> String {
        if self.account.is_empty() { self.arn.clone() } else { format!("{}:{}", self.account, self.name) }
    }

    fn key(&self) -> (&str, &str) {
        (&self.account, &self.name)
    }
}

macro_rules! by_key {
    ($name:ident) => {
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.key() == other.key()
            }
        }

        impl Eq for $name {}

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                self.key().cmp(&other.key())
            }
        }

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.key().hash(state);
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::parse(text)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::parse(text)
            }
        }
    };
}

by_key!(VaultRef);
by_key!(RoleRef);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_role_in_three_spellings_is_one_role() {
        let role = RoleRef::parse("arn:aws:iam::111122223333:role/Backup");
        for same in [
            "arn:aws:iam::111122223333:role/service-role/Backup",
            "arn:aws:sts::111122223333:assumed-role/Backup/AWSBackup-1",
        ] {
            assert_eq!(RoleRef::parse(same), role, "{same}");
            assert_eq!(RoleRef::parse(same).canonical(), "111122223333:Backup");
        }
        for other in ["arn:aws:iam::999988887777:role/Backup", "arn:aws:iam::111122223333:role/Restore", "Backup"] {
            assert_ne!(RoleRef::parse(other), role, "{other}");
        }
        assert_eq!(RoleRef::parse("Backup").canonical(), "Backup");
    }

    #[test]
    fn a_vault_is_known_by_account_region_and_name() {
        let vault =
            VaultRef::parse("arn:aws:backup:eu-west-1:111122223333:backup-vault:aws/efs/automatic-backup-vault");
        assert_eq!(vault.known_name(), Some("aws/efs/automatic-backup-vault"));
        assert_eq!(vault.canonical(), "111122223333:eu-west-1:aws/efs/automatic-backup-vault");
        let elsewhere = "arn:aws:backup:us-east-1:111122223333:backup-vault:aws/efs/automatic-backup-vault";
        assert_ne!(VaultRef::parse(elsewhere), vault);
        let unknown = VaultRef::parse("TARGET");
        assert_eq!((unknown.known_name(), unknown.canonical().as_str()), (None, "TARGET"));
    }

    #[test]
    fn a_vault_of_azure_is_known_by_its_id_in_any_case() {
        let id = |group: &str| {
            format!("/subscriptions/s-1/resourceGroups/{group}/providers/Microsoft.RecoveryServices/vaults/Main")
        };
        let vault = VaultRef::parse(id("RG"));
        assert_eq!((vault.account.as_str(), vault.known_name(), vault.group()), ("s-1", Some("main"), Some("rg")));
        assert_eq!(vault.canonical(), id("rg").to_lowercase());
        assert_eq!(vault, VaultRef::parse(id("rg").to_uppercase()));
        assert_ne!(vault, VaultRef::parse(id("other")));
        let of_aws = VaultRef::parse("arn:aws:backup:eu-west-1:111122223333:backup-vault:main");
        assert_eq!(of_aws.group(), None);
        let identity =
            "/subscriptions/s-1/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/Backup";
        assert_eq!(RoleRef::parse(identity).canonical(), "s-1:backup");
    }
}
