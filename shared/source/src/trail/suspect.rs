//! What may have been changed, by the class of a root cause. Pure.

use aws::LookupBy;
use change::Change;
use classification::class::Class;
use classification::named::{Named, vault_of};
use job::{Arn, Job, JobKind, VaultRef};

use super::Turn;

/// One thing that may have been changed, and where its changes are recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspect {
    thing: Thing,
    /// Empty: that of the job.
    pub account: String,
    pub region: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Thing {
    /// By its ARN, and the call that is asked for; `None`: nobody knows yet which key.
    Key(Option<String>, &'static str),
    /// By its name: all calls about it.
    Role(String),
    /// By its name, and the call that is asked for.
    Vault(String, &'static str),
    /// By its id; `None`: any plan.
    Plan(Option<String>),
    /// What the window belongs to: all calls about it.
    Resource(String),
    Settings,
}

/// One call to CloudTrail each: it takes two a second, and people who look at its console share them.
const MOST: usize = 3;

const ROLE: [&str; 9] = [
    "AttachRolePolicy",
    "CreateRole",
    "DeleteRole",
    "DeleteRolePermissionsBoundary",
    "DeleteRolePolicy",
    "DetachRolePolicy",
    "PutRolePermissionsBoundary",
    "PutRolePolicy",
    "UpdateAssumeRolePolicy",
];
const REVOKE: &str = "RevokeGrant";
const RESOURCE: [&str; 4] = ["ModifyDBCluster", "ModifyDBInstance", "UpdateFileSystem", "ModifyReplicationGroup"];

/// What to ask CloudTrail of a root cause: at most three calls. Nothing where CloudTrail cannot tell what broke it: policies of the
/// organization are changed in its management account, and states and networks are no calls.
pub fn suspects(job: &Job, class: Class, named: &Named, turn: Turn) -> Vec<Suspect> {
    let of = Of { job, named };
    let broke = turn == Turn::Broke;
    let found: Vec<Option<Suspect>> = match class {
        Class::KmsPolicyDenied => vec![Some(of.key("PutKeyPolicy")), broke.then(|| of.key(REVOKE)), of.role()],
        Class::KmsKeyUnusable if broke => vec![Some(of.key("DisableKey")), Some(of.key("ScheduleKeyDeletion"))],
        Class::KmsKeyUnusable => vec![Some(of.key("EnableKey")), Some(of.key("CancelKeyDeletion"))],
        Class::IamPermissionMissing | Class::IamRoleUnassumable => vec![of.role()],
        Class::VaultPolicyDenied => {
            vec![
                of.vault("PutBackupVaultAccessPolicy"),
                (!broke).then(|| of.vault("DeleteBackupVaultAccessPolicy")).flatten(),
            ]
        }
        Class::VaultRetentionConflict => {
            let lock = if broke { None } else { of.vault("DeleteBackupVaultLockConfiguration") };
            vec![of.vault("PutBackupVaultLockConfiguration"), lock, of.plan()]
        }
        // Of all that may be missing, a vault is what AWS Backup itself keeps.
        Class::ResourceNotFound => {
            vec![of.missing_vault(if broke { "DeleteBackupVault" } else { "CreateBackupVault" })]
        }
        Class::WindowExpired => vec![of.plan()],
        Class::MaintenanceWindowConflict => vec![of.plan(), of.resource()],
        Class::UnsupportedOrNotEnabled => vec![Some(of.settings())],
        Class::AccessDeniedUnspecified => {
            let third = match job.kind {
                JobKind::Copy => of.vault("PutBackupVaultAccessPolicy"),
                JobKind::Backup | JobKind::Restore => Some(of.key(if broke { "DisableKey" } else { "EnableKey" })),
            };
            vec![of.role(), Some(of.key("PutKeyPolicy")), third]
        }
        _ => Vec::new(),
    };
    found.into_iter().flatten().take(MOST).collect()
}

impl Suspect {
    /// What CloudTrail is asked for.
    pub(super) fn by(&self) -> LookupBy<'_> {
        match &self.thing {
            Thing::Key(_, call) | Thing::Vault(_, call) => LookupBy::EventName(call),
            Thing::Role(name) | Thing::Resource(name) => LookupBy::ResourceName(name),
            Thing::Plan(_) => LookupBy::EventName("UpdateBackupPlan"),
            Thing::Settings => LookupBy::EventName("UpdateRegionSettings"),
        }
    }

    /// Whether a change was made to this thing. `key`: the key that the evidence has found, where it was not known before.
    pub(super) fn is_of(&self, change: &Change, key: Option<&str>) -> bool {
        let event = change.event.as_str();
        if matches!(self.by(), LookupBy::EventName(call) if call != event) {
            return false;
        }
        match &self.thing {
            // Services take back their own grants whenever what they made them for is over, each good backup too.
            Thing::Key(_, REVOKE) if change.is_housekeeping() => false,
            Thing::Key(arn, _) => arn.as_deref().or(key).is_none_or(|key| change.names(key)),
            Thing::Role(name) => ROLE.contains(&event) && change.text("roleName").as_ref() == Some(name),
            Thing::Vault(name, _) => change.text("backupVaultName").as_ref() == Some(name),
            Thing::Plan(id) => id.as_ref().is_none_or(|id| change.text("backupPlanId").as_ref() == Some(id)),
            Thing::Resource(name) => RESOURCE.contains(&event) && change.names(name),
            Thing::Settings => true,
        }
    }

    /// Whether it is known which thing it is, so that a change of another one is not taken for its own. `key` as for [`Suspect::is_of`].
    pub(super) fn is_known(&self, key: Option<&str>) -> bool {
        match &self.thing {
            Thing::Key(arn, _) => arn.is_some() || key.is_some(),
            Thing::Plan(id) => id.is_some(),
            Thing::Role(_) | Thing::Vault(..) | Thing::Resource(_) | Thing::Settings => true,
        }
    }

    /// Which class a cause must be of for this suspect to matter, where the evidence has decided.
    pub(super) fn fits(&self, class: Class) -> bool {
        match class {
            Class::KmsPolicyDenied | Class::KmsKeyUnusable => matches!(self.thing, Thing::Key(..)),
            Class::IamPermissionMissing | Class::IamRoleUnassumable => matches!(self.thing, Thing::Role(_)),
            Class::VaultPolicyDenied => matches!(self.thing, Thing::Vault(..)),
            _ => true,
        }
    }
}

/// `PutKeyPolicy in eu-west-1`, `the role NightlyBackup in us-east-1`
impl std::fmt::Display for Suspect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = |name: &str| notice::text::outside(name, 80);
        match (self.by(), &self.thing) {
            (LookupBy::EventName(call), _) => f.write_str(call)?,
            (LookupBy::ResourceName(role), Thing::Role(_)) => write!(f, "the role {}", name(role))?,
            (LookupBy::ResourceName(of), _) => write!(f, "{}", name(of))?,
        }
        let account =
            if self.account.is_empty() { String::new() } else { format!(" of account {}", name(&self.account)) };
        write!(f, " in {}{account}", name(&self.region))
    }
}

struct Of<'a> {
    job: &'a Job,
    named: &'a Named,
}

impl Of<'_> {
    fn key(&self, call: &'static str) -> Suspect {
        // An alias is no ARN that a call names.
        let named = self.named.key.as_deref().or(self.job.encryption_key_arn.as_deref());
        let arn = named.filter(|arn| Arn::parse(arn).is_some_and(|arn| arn.resource.starts_with("key/")));
        let parts = arn.and_then(Arn::parse);
        let region = parts.map(|arn| arn.region).filter(|region| !region.is_empty());
        Suspect {
            thing: Thing::Key(arn.map(str::to_owned), call),
            account: self.other(parts.map(|arn| arn.account).unwrap_or_default()),
            region: region.unwrap_or(&self.job.scope.region).to_owned(),
        }
    }

    /// IAM's events are in one Region of the partition.
    fn role(&self) -> Option<Suspect> {
        let role = self.job.role.as_ref().filter(|role| !role.account.is_empty())?;
        let region = match Arn::parse(&role.arn).map(|arn| arn.partition) {
            Some("aws-cn") => "cn-north-1",
            Some("aws-us-gov") => "us-gov-west-1",
            _ => "us-east-1",
        };
        Some(Suspect {
            thing: Thing::Role(role.name.clone()),
            account: self.other(&role.account),
            region: region.to_owned(),
        })
    }

    fn vault(&self, call: &'static str) -> Option<Suspect> {
        self.of_vault(self.job.written_vault().or(self.job.vault.as_ref())?, call)
    }

    fn missing_vault(&self, call: &'static str) -> Option<Suspect> {
        self.of_vault(&vault_of(self.job, &self.job.message)?, call)
    }

    fn of_vault(&self, vault: &VaultRef, call: &'static str) -> Option<Suspect> {
        Some(Suspect {
            thing: Thing::Vault(vault.known_name()?.to_owned(), call),
            account: self.other(&vault.account),
            region: vault.region.clone(),
        })
    }

    fn plan(&self) -> Option<Suspect> {
        let rule = self.job.rule()?;
        Some(self.here(Thing::Plan(rule.plan_id.clone())))
    }

    fn resource(&self) -> Option<Suspect> {
        let name = Arn::parse(&self.job.resource_arn)?.short_name().to_owned();
        (!name.is_empty()).then(|| self.here(Thing::Resource(name)))
    }

    fn settings(&self) -> Suspect {
        self.here(Thing::Settings)
    }

    fn here(&self, thing: Thing) -> Suspect {
        Suspect { thing, account: String::new(), region: self.job.scope.region.clone() }
    }

    /// Empty where it is the account of the job.
    fn other(&self, account: &str) -> String {
        if account == self.job.scope.account { String::new() } else { account.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use job::{CreatedBy, JobState, Origin, Scope};

    use super::*;

    const KEY: &str = "arn:aws:kms:eu-west-1:999988887777:key/1234";

    fn job(kind: JobKind) -> Job {
        let by = CreatedBy { plan_id: Some("p-1".into()), ..CreatedBy::default() };
        Job {
            scope: Scope::aws("111122223333", "eu-west-1"),
            resource_arn: "arn:aws:rds:eu-west-1:111122223333:db:orders".into(),
            role: Some("arn:aws:iam::111122223333:role/service-role/Nightly".into()),
            vault: Some("arn:aws:backup:eu-west-1:111122223333:backup-vault:prod".into()),
            destination: (kind == JobKind::Copy)
                .then(|| "arn:aws:backup:eu-central-1:444455556666:backup-vault:offsite".into()),
            message: "The backup vault prod does not exist.".into(),
            origin: Origin::Rule(by),
            ..Job::new(kind, "1", JobState::Failed)
        }
    }

    #[test]
    fn what_is_asked_by_class() {
        use Class::*;
        let key = Named { key: Some(KEY.into()), ..Named::default() };
        let none = Named::default();
        let role = "the role Nightly in us-east-1";
        let elsewhere = "in eu-west-1 of account 999988887777";
        type Row<'a> = (Class, JobKind, &'a Named, Turn, Vec<String>);
        let said = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
        let (put, revoke) = (format!("PutKeyPolicy {elsewhere}"), format!("RevokeGrant {elsewhere}"));
        let (backup, copy) = (JobKind::Backup, JobKind::Copy);
        let table: [Row<'_>; 14] = [
            (KmsPolicyDenied, backup, &key, Turn::Broke, said(&[&put, &revoke, role])),
            (KmsPolicyDenied, backup, &key, Turn::Mended, said(&[&put, role])),
            (
                KmsKeyUnusable,
                backup,
                &none,
                Turn::Broke,
                said(&["DisableKey in eu-west-1", "ScheduleKeyDeletion in eu-west-1"]),
            ),
            (IamPermissionMissing, backup, &none, Turn::Broke, said(&[role])),
            (IamRoleUnassumable, backup, &none, Turn::Mended, said(&[role])),
            (
                VaultPolicyDenied,
                copy,
                &none,
                Turn::Broke,
                said(&["PutBackupVaultAccessPolicy in eu-central-1 of account 444455556666"]),
            ),
            (
                VaultRetentionConflict,
                backup,
                &none,
                Turn::Broke,
                said(&["PutBackupVaultLockConfiguration in eu-west-1", "UpdateBackupPlan in eu-west-1"]),
            ),
            (ResourceNotFound, backup, &none, Turn::Broke, said(&["DeleteBackupVault in eu-west-1"])),
            (WindowExpired, backup, &none, Turn::Broke, said(&["UpdateBackupPlan in eu-west-1"])),
            (
                MaintenanceWindowConflict,
                backup,
                &none,
                Turn::Broke,
                said(&["UpdateBackupPlan in eu-west-1", "orders in eu-west-1"]),
            ),
            (UnsupportedOrNotEnabled, backup, &none, Turn::Broke, said(&["UpdateRegionSettings in eu-west-1"])),
            (
                AccessDeniedUnspecified,
                backup,
                &none,
                Turn::Broke,
                said(&[role, "PutKeyPolicy in eu-west-1", "DisableKey in eu-west-1"]),
            ),
            (OrgPolicyDenied, backup, &none, Turn::Broke, said(&[])),
            (NetworkConnectivity, backup, &none, Turn::Broke, said(&[])),
        ];
        for (class, kind, named, turn, expected) in table {
            let found: Vec<String> = suspects(&job(kind), class, named, turn).iter().map(ToString::to_string).collect();
            assert_eq!(found, expected, "{class} {turn:?}");
        }
    }

    /// Many stand between a good night and a bad one, and would leave no room for what a person changed.
    #[test]
    fn a_grant_that_a_service_takes_back_broke_nothing() {
        let named = Named { key: Some(KEY.into()), ..Named::default() };
        let suspects = suspects(&job(JobKind::Backup), Class::KmsPolicyDenied, &named, Turn::Broke);
        let is_told = |event: &str, identity: serde_json::Value| {
            let record = serde_json::json!({
                "eventID": "e-1", "eventName": event, "eventTime": "2026-11-20T22:14:09Z", "userIdentity": identity,
                "requestParameters": {"keyId": KEY, "grantId": "g-1"},
            });
            let change = Change::read(&record.to_string()).unwrap();
            suspects.iter().any(|suspect| suspect.is_of(&change, None))
        };
        let role = "arn:aws:sts::111122223333:assumed-role/Nightly/AWSBackup-Nightly";
        let person = "arn:aws:sts::111122223333:assumed-role/Operations/alex";
        let through = |arn: &str, service: &str| serde_json::json!({"arn": arn, "invokedBy": service});
        let table = [
            (REVOKE, serde_json::json!({"arn": person}), true),
            (REVOKE, through(person, "cloudformation.amazonaws.com"), true),
            (REVOKE, through(role, "backup.amazonaws.com"), false),
            (REVOKE, serde_json::json!({"type": "AWSService", "invokedBy": "rds.amazonaws.com"}), false),
            ("PutKeyPolicy", through(person, "controltower.amazonaws.com"), true),
        ];
        for (event, identity, expected) in table {
            assert_eq!(is_told(event, identity.clone()), expected, "{event} {identity}");
        }
    }

    #[test]
    fn every_class_asks_three_times_at_most() {
        for class in Class::ALL {
            for turn in [Turn::Broke, Turn::Mended] {
                assert!(suspects(&job(JobKind::Copy), class, &Named::default(), turn).len() <= MOST, "{class}");
            }
        }
    }
}
