//! One fault that may be in several accounts.

use std::fmt;

use job::Job;

use super::{Thing, digits};
use crate::classify::Classification;

/// One fault in several accounts, which use one key, or have a role or a vault of one name: `rf-` and ten hex digits.
///
/// Its causes stay what they are, each of its account.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FamilyId(String);

impl FamilyId {
    /// `None` for what is of one account alone.
    pub fn of(job: &Job, classification: &Classification) -> Option<Self> {
        let thing = Thing::of(job, classification);
        let parts = thing.without_place()?;
        Some(Self(format!("rf-{}", digits(classification.class, &parts))))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FamilyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Thing {
    /// Its parts without account and Region, where a name is left that other accounts have, too.
    fn without_place(&self) -> Option<Vec<&str>> {
        match self {
            Thing::RoleAction { role, action } => Some(vec!["role-action", role_name(role)?, action]),
            Thing::RoleType { role, resource_type } => Some(vec!["role-type", role_name(role)?, resource_type]),
            Thing::Role { role } => Some(vec!["role", role_name(role)?]),
            // `account:Region:name`
            Thing::Vault { vault } => {
                Some(vec!["vault", vault.splitn(3, ':').nth(2).filter(|_| !vault.starts_with("arn:"))?])
            }
            Thing::Key { arn } | Thing::KeyElsewhere { arn, .. } => Some(vec!["key", arn]),
            Thing::VaultIdentity { .. }
            | Thing::Resource { .. }
            | Thing::Denial { .. }
            | Thing::Text { .. }
            | Thing::Fleet { .. } => None,
        }
    }
}

/// The name in `account:name`; `None` for a text that is no ARN of a role.
fn role_name(canonical: &str) -> Option<&str> {
    let (account, name) = canonical.split_once(':')?;
    (account.chars().all(|sign| sign.is_ascii_digit()) && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use job::{RoleRef, Scope, VaultRef};

    use super::super::RootCauseId;
    use super::super::tests::job;
    use super::*;
    use crate::classify::{Symptom, classify};

    #[test]
    fn a_family_is_what_other_accounts_may_have_under_the_same_name() {
        let of = |account: &str, region: &str, message: &str| {
            let at = |text: &str| text.replace("111122223333", account).replace("eu-west-1", region);
            let own = job(&at(message));
            let job = Job {
                scope: Scope::aws(account, region),
                role: own.role.map(|role| RoleRef::parse(at(&role.arn))),
                vault: own.vault.map(|vault| VaultRef::parse(at(&vault.arn))),
                ..job(&at(message))
            };
            let classification = classify(&Symptom::of(&job));
            (RootCauseId::of(&job, &classification), FamilyId::of(&job, &classification))
        };
        let role = "IAM Role arn:aws:iam::111122223333:role/service-role/Backup cannot be assumed by AWS Backup";
        let vault = "Backup vault arn:aws:backup:eu-west-1:111122223333:backup-vault:main access policy denies the copy. Access denied trying to call AWS Backup service";
        let action = "User: arn:aws:sts::111122223333:assumed-role/Backup/AWSBackup is not authorized to perform: ec2:CreateSnapshot on resource: x";
        for message in [role, vault, action] {
            let (here, family) = of("111122223333", "eu-west-1", message);
            let (there, same) = of("444455556666", "us-east-1", message);
            assert_ne!(here, there, "{message}");
            assert!(family.is_some(), "{message}");
            assert_eq!(family, same, "{message}");
        }
        let key = "User: x is not authorized to perform: kms:CreateGrant on resource: arn:aws:kms:eu-west-1:999900001111:key/1234abcd-12ab-34cd-56ef-1234567890ab because no resource-based policy allows the kms:CreateGrant action";
        let ((here, family), (there, same), (owner, own)) = (
            of("111122223333", "eu-west-1", key),
            of("444455556666", "eu-west-1", key),
            of("999900001111", "eu-west-1", key),
        );
        assert!(here != there && there != owner && owner != here, "a key may let one account in and not the other");
        assert!(family.is_some() && family == same && same == own, "one key, one fault");
        let families: std::collections::BTreeSet<_> =
            [role, vault, action].map(|message| of("111122223333", "eu-west-1", message).1).into();
        assert_eq!(families.len(), 3, "three faults");
        for message in ["Backup job expired before completion", "Access Denied", "Flux capacitor drained"] {
            assert_eq!(of("111122223333", "eu-west-1", message).1, None, "{message}");
        }
    }
}
