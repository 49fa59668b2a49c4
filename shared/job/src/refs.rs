//! The vaults and roles that a job names, read once. Two spellings of one thing are equal.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use crate::Arn;

/// A backup vault. Two of them are equal if account, Region and name are.
#[derive(Clone, Debug)]
pub struct VaultRef {
    pub account: String,
    pub region: String,
    /// May hold slashes: `aws/efs/automatic-backup-vault`. A text that is no ARN of a vault is its own name.
    pub name: String,
    /// As AWS gave it.
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

    /// The name for a call to AWS; `None` for a text that is no ARN of a vault.
    pub fn known_name(&self) -> Option<&str> {
        (!self.account.is_empty()).then_some(self.name.as_str())
    }

    /// `account:Region:name`, or the text itself.
    pub fn canonical(&self) -> String {
        match self.known_name() {
            Some(name) => format!("{}:{}:{name}", self.account, self.region),
            None => self.arn.clone(),
        }
    }

    fn key(&self) -> (&str, &str, &str) {
        (&self.account, &self.region, &self.name)
    }
}

impl RoleRef {
    pub fn parse(text: impl Into<String>) -> Self {
        let arn = text.into();
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
}
