//! Which failures are the same fault: the root-cause id.
//!
//! An id is a hash over the class read from the text and the thing that has to be mended. It uses only what an event, an API record
//! and an on-demand rerun all carry, so that every function, on every night, comes to the same id. Job ids, times, sessions, createdBy
//! and evidence never enter it.

mod family;

use std::fmt;

use sha2::{Digest, Sha256};

use crate::class::Class;
use crate::classify::Classification;
use crate::named::{Named, vault_of, words};
use job::{Arn, Cloud, Job, RoleRef, VaultRef};

pub use family::FamilyId;

/// `rc-` and ten hex digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RootCauseId(String);

/// What has to be mended, in its canonical form.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Thing {
    Key {
        arn: String,
    },
    /// A key of another account than that of the job. It may let one account in and not the other.
    KeyElsewhere {
        arn: String,
        account: String,
    },
    RoleAction {
        role: String,
        action: String,
    },
    RoleType {
        role: String,
        resource_type: String,
    },
    Role {
        role: String,
    },
    /// Of Azure: a vault works as its own identity, of which no job tells the id.
    VaultIdentity {
        vault: String,
    },
    /// Of Azure: one thing with a limit of its own.
    Resource {
        id: String,
    },
    Vault {
        vault: String,
    },
    /// A denial that names nothing: all that the job itself tells.
    Denial {
        job_kind: &'static str,
        role: String,
        resource_type: String,
        destination_vault: String,
    },
    Text {
        job_kind: &'static str,
        role: String,
        resource_type: String,
        destination_vault: String,
        text: String,
    },
    Fleet {
        account: String,
        region: String,
        resource_type: String,
        job_kind: &'static str,
    },
}

impl RootCauseId {
    pub fn of(job: &Job, classification: &Classification) -> Self {
        let thing = Thing::of(job, classification);
        Self(format!("rc-{}", digits(classification.class, &thing.parts())))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RootCauseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn digits(class: Class, parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    hash.update(family(class));
    for part in parts {
        hash.update([0x1f]);
        hash.update(part);
    }
    hash.finalize().iter().take(5).map(|byte| format!("{byte:02x}")).collect()
}

/// The two KMS classes share one family: the text often cannot tell a refusing key from a disabled one, and the thing to mend is the key.
fn family(class: Class) -> &'static str {
    match class {
        Class::KmsPolicyDenied | Class::KmsKeyUnusable => "kms",
        other => other.id(),
    }
}

impl Thing {
    pub fn of(job: &Job, classification: &Classification) -> Self {
        match job.scope.cloud {
            Cloud::Aws => Self::of_aws(job, classification),
            Cloud::Azure => Self::of_azure(job, classification),
        }
    }

    fn of_aws(job: &Job, classification: &Classification) -> Self {
        let named = Named::in_text(&classification.text);
        let role = || canonical_role(job, &named);
        let resource_type = || job.base_type().to_owned();
        let job_kind = job.kind.as_str();
        let destination_vault = || job.destination.as_ref().map(VaultRef::canonical).unwrap_or_default();
        let denial = || Thing::Denial {
            job_kind,
            role: role(),
            resource_type: resource_type(),
            destination_vault: destination_vault(),
        };
        let fleet = || Thing::Fleet {
            account: job.scope.account.clone(),
            region: job.scope.region.clone(),
            resource_type: resource_type(),
            job_kind,
        };
        match classification.class {
            Class::KmsPolicyDenied | Class::KmsKeyUnusable => match &named.key {
                Some(arn) => match Arn::parse(arn).map(|key| key.account).unwrap_or_default() {
                    owner if owner.is_empty() || owner == job.scope.account => Thing::Key { arn: arn.clone() },
                    _ => Thing::KeyElsewhere { arn: arn.clone(), account: job.scope.account.clone() },
                },
                None => denial(),
            },
            Class::IamPermissionMissing | Class::OrgPolicyDenied => match &named.action {
                Some(action) => Thing::RoleAction { role: role(), action: action.clone() },
                None => Thing::RoleType { role: role(), resource_type: resource_type() },
            },
            Class::IamRoleUnassumable => Thing::Role { role: role() },
            Class::VaultPolicyDenied | Class::VaultRetentionConflict => {
                let vault = job.written_vault().cloned().or_else(|| named.vault.clone().map(VaultRef::from));
                Thing::Vault { vault: vault.as_ref().map(VaultRef::canonical).unwrap_or_default() }
            }
            Class::ResourceNotFound => match vault_of(job, &classification.text) {
                Some(vault) => Thing::Vault { vault: vault.canonical() },
                None => fleet(),
            },
            Class::AccessDeniedUnspecified => denial(),
            Class::Unknown => Thing::Text {
                job_kind,
                role: role(),
                resource_type: resource_type(),
                destination_vault: destination_vault(),
                text: without_ids(&classification.text),
            },
            _ => fleet(),
        }
    }

    /// There are no roles and no copies: what is left is the vault, the key that a text names, and the fleet.
    fn of_azure(job: &Job, classification: &Classification) -> Self {
        let named = || Named::in_text(&classification.text);
        let vault = || job.vault.as_ref().map(VaultRef::canonical).unwrap_or_default();
        let resource_type = || job.base_type().to_owned();
        let job_kind = job.kind.as_str();
        // A cap on the operations of a day is one of the vault.
        let daily_cap = || {
            let name = classification.code.and_then(|code| code.name).unwrap_or_default();
            name.starts_with("CloudDosAbsoluteLimit")
        };
        match classification.class {
            Class::KmsPolicyDenied | Class::KmsKeyUnusable => match named().key {
                Some(arn) => Thing::Key { arn },
                None => Thing::Vault { vault: vault() },
            },
            Class::IamPermissionMissing | Class::IamRoleUnassumable => Thing::VaultIdentity { vault: vault() },
            Class::VaultPolicyDenied | Class::VaultRetentionConflict => Thing::Vault { vault: vault() },
            Class::ConcurrencyThrottled if daily_cap() => Thing::Vault { vault: vault() },
            // A share has its own 200 snapshots.
            Class::QuotaExceeded if job.resource_type.starts_with("AzureStorage") => {
                Thing::Resource { id: job.resource_arn.clone() }
            }
            Class::AccessDeniedUnspecified => Thing::Denial {
                job_kind,
                role: String::new(),
                resource_type: resource_type(),
                destination_vault: vault(),
            },
            Class::Unknown => Thing::Text {
                job_kind,
                role: String::new(),
                resource_type: resource_type(),
                destination_vault: vault(),
                text: without_ids(&job.message),
            },
            _ => Thing::Fleet {
                account: job.scope.account.clone(),
                region: job.scope.region.clone(),
                resource_type: resource_type(),
                job_kind,
            },
        }
    }

    fn parts(&self) -> Vec<&str> {
        match self {
            Thing::Key { arn } => vec!["key", arn],
            Thing::KeyElsewhere { arn, account } => vec!["key", arn, account],
            Thing::RoleAction { role, action } => vec!["role-action", role, action],
            Thing::RoleType { role, resource_type } => vec!["role-type", role, resource_type],
            Thing::Role { role } => vec!["role", role],
            Thing::VaultIdentity { vault } => vec!["vault-identity", vault],
            Thing::Resource { id } => vec!["resource", id],
            Thing::Vault { vault } => vec!["vault", vault],
            Thing::Denial { job_kind, role, resource_type, destination_vault } => {
                vec!["denial", job_kind, role, resource_type, destination_vault]
            }
            Thing::Text { job_kind, role, resource_type, destination_vault, text } => {
                vec!["text", job_kind, role, resource_type, destination_vault, text]
            }
            Thing::Fleet { account, region, resource_type, job_kind } => {
                vec!["fleet", account, region, resource_type, job_kind]
            }
        }
    }
}

/// The role of the job, else the one that the text names.
fn canonical_role(job: &Job, named: &Named) -> String {
    let named = || named.role.clone().map(RoleRef::from);
    job.role.clone().or_else(named).as_ref().map(RoleRef::canonical).unwrap_or_default()
}

/// The text of an unknown failure without what changes from job to job: ARNs, and every word that holds a digit.
fn without_ids(text: &str) -> String {
    let kept = words(text)
        .map(|word| {
            if word.starts_with("arn:")
                || word.starts_with("/subscriptions/")
                || word.contains(|c: char| c.is_numeric())
            {
                "#"
            } else {
                word
            }
        })
        .collect::<Vec<_>>()
        .join(" ");
    kept.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::{Symptom, classify};
    use job::{JobKind, JobState, Scope};

    pub(super) fn job(message: &str) -> Job {
        Job {
            message: message.to_owned(),
            scope: Scope::aws("111122223333", "eu-west-1"),
            resource_arn: "arn:aws:rds:eu-west-1:111122223333:db:orders".into(),
            resource_type: "RDS".into(),
            role: Some("arn:aws:iam::111122223333:role/service-role/Backup".into()),
            vault: Some("arn:aws:backup:eu-west-1:111122223333:backup-vault:main".into()),
            ..Job::new(JobKind::Backup, "1", JobState::Failed)
        }
    }

    fn id(job: &Job) -> RootCauseId {
        RootCauseId::of(job, &classify(&Symptom::of(job)))
    }

    #[test]
    fn two_nights_of_one_fault_share_an_id() {
        let first = job("Access Denied");
        let mut second = first.clone();
        second.id = "2".into();
        second.created = Some("2026-11-20T01:00:00Z".parse().unwrap());
        second.origin = job::Origin::Rule(job::CreatedBy::default());
        second.role = Some("arn:aws:sts::111122223333:assumed-role/Backup/session-99".into());
        second.message =
            "\"Access Denied (Service: AmazonRDS; Status Code: 403; Error Code: AccessDenied; Request ID: 77)\"".into();
        second.resource_arn = "arn:aws:rds:eu-west-1:111122223333:db:invoices".into();
        assert_eq!(id(&first), id(&second));
    }

    #[test]
    fn two_keys_are_two_causes_and_one_key_is_one() {
        let text = |key: &str| {
            format!(
                "The source snapshot KMS key [arn:aws:kms:eu-west-1:111122223333:key/{key}] does not exist, is not enabled or you do not have permissions to access it."
            )
        };
        assert_ne!(id(&job(&text("a"))), id(&job(&text("b"))));
        let mut other_role = job(&text("a"));
        other_role.role = Some("arn:aws:iam::111122223333:role/Other".into());
        assert_eq!(id(&job(&text("a"))), id(&other_role));
    }

    /// One vault is missing, whatever was to be written to it.
    #[test]
    fn a_vault_that_is_gone_is_one_cause_of_all_types() {
        let gone = job("Backup vault main not found");
        let by_arn = job("The backup vault arn:aws:backup:eu-west-1:111122223333:backup-vault:main does not exist.");
        let of_ebs = Job { resource_type: "EBS".into(), ..gone.clone() };
        let elsewhere =
            Job { vault: Some("arn:aws:backup:us-east-1:111122223333:backup-vault:main".into()), ..gone.clone() };
        assert_eq!(id(&gone), id(&of_ebs));
        assert_eq!(id(&gone), id(&by_arn));
        assert_ne!(id(&gone), id(&elsewhere));
    }

    #[test]
    fn what_has_to_be_mended_separates_causes() {
        let base = job("Access Denied");
        let changes: [fn(&mut Job); 4] = [
            |job| job.role = Some("arn:aws:iam::111122223333:role/Other".into()),
            |job| job.resource_type = "EBS".into(),
            |job| job.kind = JobKind::Copy,
            |job| job.destination = Some("arn:aws:backup:eu-west-1:999988887777:backup-vault:offsite".into()),
        ];
        for (n, change) in changes.into_iter().enumerate() {
            let mut changed = base.clone();
            change(&mut changed);
            assert_ne!(id(&base), id(&changed), "change {n}");
        }
    }

    #[test]
    fn an_unknown_text_keeps_its_words_and_loses_its_numbers() {
        assert_eq!(
            id(&job("Flux capacitor 17 drained for vol-12ab")),
            id(&job("Flux capacitor 99 drained for vol-77ff"))
        );
        assert_ne!(id(&job("Flux capacitor drained")), id(&job("Warp core drained")));
    }

    /// An id that changes closes no incident that is open, and opens all of them anew: these literals never change.
    #[test]
    fn the_id_of_each_kind_of_thing_is_stable_across_releases() {
        let key = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        let named_key = format!(
            "The source snapshot KMS key [{key}] does not exist, is not enabled or you do not have permissions to access it."
        );
        let disabled_key = format!("KMS key {key} is disabled.");
        let session = "arn:aws:sts::111122223333:assumed-role/Backup/AWSBackup-Backup";
        let denied = |action: &str, why: &str| {
            format!("User: {session} is not authorized to perform: {action} on resource: * because {why}")
        };
        let identity =
            denied("rds:CreateDBSnapshot", "no identity-based policy allows the rds:CreateDBSnapshot action");
        let service_control = denied("rds:CreateDBSnapshot", "an explicit deny in a service control policy");
        let table: [(&str, &str, &str); 13] = [
            ("key", &named_key, "rc-3283826553"),
            ("key, of the other class of the family", &disabled_key, "rc-3283826553"),
            ("denial, of a key that has no name", "Access denied to KMS key.", "rc-2a0eeed2a8"),
            ("role and action", &identity, "rc-354fa120b7"),
            ("role and action, of the organization", &service_control, "rc-3aa3921b04"),
            (
                "role and type",
                "Access Denied: you do not have permission to list the tags of this table. Access denied.",
                "rc-8f6b8828ed",
            ),
            (
                "role",
                "IAM Role arn:aws:iam::111122223333:role/Backup cannot be assumed by AWS Backup.",
                "rc-e3d95ffd6f",
            ),
            (
                "vault",
                "Access denied because the backup vault access policy denies backup:CopyIntoBackupVault.",
                "rc-0f7e5920df",
            ),
            ("vault that is gone", "Backup vault main not found", "rc-9fab1e1a09"),
            ("vault that is gone, of which no job knows", "Backup vault other not found", "rc-a132638824"),
            ("denial", "Access Denied", "rc-129f3b1310"),
            ("text", "Flux capacitor 17 drained for vol-12ab", "rc-021d8c062c"),
            ("fleet", "The resource is in an invalid state.", "rc-f4c6e5b676"),
        ];
        let found: Vec<(&str, String)> =
            table.iter().map(|(name, message, _)| (*name, id(&job(message)).to_string())).collect();
        let pinned: Vec<(&str, String)> = table.iter().map(|(name, _, pin)| (*name, (*pin).to_owned())).collect();
        assert_eq!(found, pinned);
        let of_a_copy = Job {
            kind: JobKind::Copy,
            destination: Some("arn:aws:backup:us-east-1:999988887777:backup-vault:offsite".into()),
            ..job("Access Denied")
        };
        assert_eq!(id(&of_a_copy).as_str(), "rc-ac134eada3");
    }

    fn azure(message: &str) -> Job {
        let group = "/subscriptions/0a000000-0000-0000-0000-000000000000/resourcegroups/rg";
        Job {
            message: message.to_owned(),
            scope: Scope::azure("0a000000-0000-0000-0000-000000000000", "westeurope"),
            resource_arn: format!("{group}/providers/microsoft.compute/virtualmachines/vm-1"),
            resource_type: "AzureIaasVM".into(),
            vault: Some(format!("{group}/providers/Microsoft.RecoveryServices/vaults/Main").into()),
            ..Job::new(JobKind::Backup, "1", JobState::Failed)
        }
    }

    #[test]
    fn two_nights_of_one_fault_share_an_id_in_azure_as_well() {
        let first = azure("UserErrorNew (7): The moon 17 was full for /subscriptions/x/y.");
        let mut second = azure("UserErrorNew (7): The moon 18 was full for /subscriptions/x/z.");
        second.id = "2".into();
        second.resource_arn = first.resource_arn.replace("vm-1", "vm-2");
        assert_eq!(id(&first), id(&second));
        assert_ne!(id(&first), id(&azure("UserErrorOther (7): The moon 17 was full for /subscriptions/x/y.")));
    }

    /// As above: these literals never change.
    #[test]
    fn the_id_of_each_kind_of_thing_in_azure_is_stable_across_releases() {
        let key =
            "No permission on key vault /subscriptions/s/resourceGroups/RG/providers/Microsoft.KeyVault/vaults/Keys.";
        let table: [(&str, &str, &str); 9] = [
            ("key vault", key, "rc-d0cac32643"),
            ("vault, of a key that has no name", "UserErrorMSIPermissionsNotPresentOnDES", "rc-3c3774f866"),
            ("identity of the vault", "UserErrorDiskBackupAuthorizationFailed", "rc-d39b26aceb"),
            ("vault", "The vault is immutable.", "rc-f37fe020d6"),
            ("vault, of a cap of the day", "CloudDosAbsoluteLimitReached", "rc-5bd7c8674e"),
            ("denial", "Access denied.", "rc-637a88b024"),
            ("text", "The moon 17 was full", "rc-2edc34013d"),
            ("fleet", "VmNotInDesirableState", "rc-d0d6307ee6"),
            ("fleet, of a conflict", "Conflicting operation in progress.", "rc-a93d902e5b"),
        ];
        let found: Vec<(&str, String)> =
            table.iter().map(|(name, message, _)| (*name, id(&azure(message)).to_string())).collect();
        let pinned: Vec<(&str, String)> = table.iter().map(|(name, _, pin)| (*name, (*pin).to_owned())).collect();
        assert_eq!(found, pinned);
        let share = |name: &str| Job {
            resource_type: "AzureStorage/FileShare".into(),
            resource_arn: format!(
                "/subscriptions/s/resourcegroups/rg/providers/microsoft.storage/storageaccounts/a/{name}"
            ),
            ..azure("The share has reached its snapshot limit.")
        };
        assert_ne!(id(&share("one")), id(&share("two")));
        assert_eq!(id(&share("one")).as_str(), "rc-f0613b10fd");
    }
}
