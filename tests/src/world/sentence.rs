//! What AWS says when a job fails. The sentences are those of the corpus of real messages.

use super::access::Refusal;
use super::{Condition, JobState, KeyState, Resource, Role};

/// How much a failure says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wording {
    /// As little as AWS ever says: "Access Denied".
    Terse,
    /// Who may not do what to which resource, and whose policy is to blame.
    Verbose,
    /// Names the key, but leaves open what is wrong with it, as RDS does.
    Ambiguous,
}

/// The end of a job that went wrong.
pub(crate) struct Failure {
    pub(crate) state: JobState,
    pub(crate) message: String,
    pub(crate) category: &'static str,
}

impl Failure {
    fn new(category: &'static str, message: impl Into<String>) -> Self {
        Failure { state: JobState::Failed, message: message.into(), category }
    }

    fn expired(category: &'static str, message: &str) -> Self {
        Failure { state: JobState::Expired, message: message.to_owned(), category }
    }
}

pub(crate) fn no_such_vault(vault_arn: &str) -> Failure {
    Failure::new("RESOURCE_NOT_FOUND", format!("Backup job failed because backup vault {vault_arn} does not exist."))
}

pub(crate) fn role_unassumable(wording: Wording, role_arn: &str) -> Failure {
    let full = format!("IAM Role {role_arn} cannot be assumed by AWS Backup");
    Failure::new("ACCESS_DENIED", if wording == Wording::Terse { "Access Denied".to_owned() } else { full })
}

/// A refusal that has nothing to do with a key.
pub(crate) fn refused(wording: Wording, role: &Role, action: &str, resource: &str, refusal: &Refusal) -> Failure {
    let full = format!(
        "User: {} is not authorized to perform: {action} on resource: {resource} {}",
        role.session(),
        blame(action, refusal)
    );
    Failure::new("ACCESS_DENIED", if wording == Wording::Terse { "Access Denied".to_owned() } else { full })
}

/// A key that does not let the role in, or none in at all.
pub(crate) fn key_refused(
    wording: Wording,
    role: &Role,
    action: &str,
    key: &str,
    resource: &Resource,
    refusal: &Refusal,
) -> Failure {
    let message = match (wording, refusal) {
        (Wording::Terse, Refusal::KeyUnusable(_)) => {
            "KMS key is either disabled or pending deletion or access to KMS key is denied".to_owned()
        }
        (Wording::Terse, _) => return Failure::new("ACCESS_DENIED", "Access Denied"),
        (Wording::Ambiguous, _) => format!(
            "The source snapshot KMS key [{key}] does not exist, is not enabled or you do not have permissions to access it."
        ),
        (Wording::Verbose, Refusal::KeyUnusable(None)) => format!("Key '{key}' does not exist"),
        (Wording::Verbose, Refusal::KeyUnusable(Some(KeyState::PendingImport))) => {
            format!("KMSInvalidStateException: {key} is pending import.")
        }
        (Wording::Verbose, Refusal::KeyUnusable(Some(KeyState::Disabled))) if resource.kind == "S3" => {
            format!("KMS.DisabledException: {key} is disabled.")
        }
        (Wording::Verbose, Refusal::KeyUnusable(_)) => {
            format!("KMS key {key} is either disabled or pending deletion or access to KMS key is denied")
        }
        (Wording::Verbose, refusal) => return refused(wording, role, action, key, refusal),
    };
    Failure::new("KMS_KEY_ERROR", message)
}

/// The key of a copy's destination.
pub(crate) fn destination_key_refused(
    wording: Wording,
    role: &Role,
    action: &str,
    key: &str,
    resource: &Resource,
    refusal: &Refusal,
) -> Failure {
    match wording {
        Wording::Terse => Failure::new("KMS_KEY_ERROR", "Given key ID is not accessible"),
        Wording::Ambiguous => Failure::new(
            "KMS_KEY_ERROR",
            format!(
                "Specified KMS key [{key}] does not exist, is not enabled or you do not have permissions to access it."
            ),
        ),
        Wording::Verbose => key_refused(wording, role, action, key, resource, refusal),
    }
}

/// A resource that cannot be backed up as it is; none if it can.
pub(crate) fn condition(wording: Wording, resource: &Resource) -> Option<Failure> {
    let name = &resource.name;
    let family = resource.kind.split('.').next().unwrap_or_default();
    Some(match &resource.condition {
        Condition::Available | Condition::Hangs | Condition::Waits => return None,
        Condition::Busy => busy(),
        Condition::Maintenance => Failure::new(
            "INVALID_LIFECYCLE",
            "Backup job could not start because it is either inside or too close to the automated backup window configured in RDS instance.",
        ),
        Condition::Trouble(message) => Failure::new("MISCELLANEOUS", message.clone()),
        Condition::Gone => {
            let full = match family {
                "RDS" => format!("DBInstance {name} not found."),
                "Aurora" | "DocumentDB" | "Neptune" => format!("DBCluster {name} not found."),
                "EBS" => format!("The volume '{name}' does not exist."),
                "DynamoDB" => format!("Table not found: {name}"),
                "EFS" | "FSx" => format!("File system '{name}' does not exist."),
                "Redshift" => format!("Cluster {name} not found."),
                _ => "resource not found".to_owned(),
            };
            Failure::new(
                "RESOURCE_NOT_FOUND",
                if wording == Wording::Terse { "resource not found".to_owned() } else { full },
            )
        }
        Condition::Invalid => {
            let full = match family {
                "RDS" => format!(
                    "Cannot create a snapshot because the database instance {name} is not currently in the available state."
                ),
                "Aurora" | "DocumentDB" | "Neptune" => {
                    "InvalidDBClusterStateFault: The requested operation can't be performed while the cluster is in this state."
                        .to_owned()
                }
                "EBS" => "IncorrectState: The resource is in an incorrect state for the request.".to_owned(),
                "EC2" => "IncorrectInstanceState: The instance is in an incorrect state for the requested action.".to_owned(),
                "DynamoDB" => format!("Backups are being enabled for the table: {name}. Please retry later"),
                "Redshift" => "InvalidClusterState: The specified cluster is not in the available state.".to_owned(),
                _ => "IncorrectFileSystemLifeCycleState: Returned if the file system's lifecycle state is not \"available\"."
                    .to_owned(),
            };
            let terse = "The resource is in an invalid state.".to_owned();
            Failure::new("INVALID_STATE", if wording == Wording::Terse { terse } else { full })
        }
    })
}

pub(crate) fn busy() -> Failure {
    Failure::expired("CONCURRENT_JOB", "Backup job failed because there was a running job for the same resource.")
}

pub(crate) fn too_long(wording: Wording) -> Failure {
    let terse = "Backup job was aborted because it exceeded the completion window";
    let full = "Backup job expired before completion.";
    Failure::expired("JOB_EXPIRED", if wording == Wording::Terse { terse } else { full })
}

pub(crate) fn retention_of_backup() -> Failure {
    Failure::new("INVALID_LIFECYCLE", "lifecycle is outside the valid range for backup vault")
}

pub(crate) fn retention_of_copy() -> Failure {
    Failure::new(
        "INVALID_LIFECYCLE",
        "Copy job failed. The retention specified in the job is not within the range specified for the target Backup Vault.",
    )
}

pub(crate) fn no_such_destination(vault_arn: &str) -> Failure {
    let name = vault_arn.rsplit(':').next().unwrap_or_default();
    Failure::new("RESOURCE_NOT_FOUND", format!("Backup vault {name} not found"))
}

fn blame(action: &str, refusal: &Refusal) -> String {
    match refusal {
        Refusal::ResourcePolicy { explicit: true } => "with an explicit deny in a resource-based policy".to_owned(),
        Refusal::ResourcePolicy { explicit: false } => {
            format!("because no resource-based policy allows the {action} action")
        }
        Refusal::IdentityPolicy { explicit: true } => "with an explicit deny in an identity-based policy".to_owned(),
        Refusal::IdentityPolicy { explicit: false } => {
            format!("because no identity-based policy allows the {action} action")
        }
        Refusal::Organization => "with an explicit deny in a service control policy".to_owned(),
        Refusal::KeyUnusable(_) => format!("because the key cannot be used for the {action} action"),
    }
}
