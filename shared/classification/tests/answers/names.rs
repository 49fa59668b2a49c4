//! Names are not words: what a table, a vault, a role or a bucket is called decides no class.

use classification::class::Class;
use classification::classify::{Symptom, classify};
use job::{Job, JobKind, JobState};

/// Usual names that hold a word of some rule, in each way of writing them, and some that are nothing but such a word.
const NAMES: [&str; 16] = [
    "password-reset-tokens",
    "kms-keys",
    "access-denied-log",
    "agent-prod",
    "network-timeout-logs",
    "quota-service",
    "throttling-rules",
    "not_found_archive",
    "subnet-a",
    "vault",
    "quota",
    "vss",
    "timeout",
    "permissions",
    "AccessDeniedLog",
    "CancelledOrders",
];

/// Sentences of AWS with a name in them, and the class that they have with a name that says nothing.
const SENTENCES: [(JobKind, &str, Class); 26] = [
    (JobKind::Backup, "DBInstance {} not found.", Class::ResourceNotFound),
    (JobKind::Backup, "Table not found: {}", Class::ResourceNotFound),
    (JobKind::Backup, "Requested resource not found: Table: {} not found", Class::ResourceNotFound),
    (JobKind::Backup, "Backup vault {} not found", Class::ResourceNotFound),
    (JobKind::Backup, "The volume '{}' does not exist.", Class::ResourceNotFound),
    (JobKind::Backup, "Cluster {} not found.", Class::ResourceNotFound),
    (JobKind::Backup, "Serverless namespace {} not found.", Class::ResourceNotFound),
    (
        JobKind::Restore,
        "Backup not found: arn:aws:dynamodb:eu-west-1:111122223333:table/{}/backup/01",
        Class::ResourceNotFound,
    ),
    (
        JobKind::Backup,
        "Cannot create a snapshot because the database instance {} is not currently in the available state.",
        Class::ResourceState,
    ),
    (JobKind::Backup, "Backups are being enabled for the table: {}. Please retry later", Class::ResourceState),
    (JobKind::Backup, "Point in time recovery is not enabled for table '{}'", Class::PrerequisiteMisconfigured),
    (
        JobKind::Backup,
        "Versioning is not enabled on bucket {}. Enable versioning to back up this bucket.",
        Class::PrerequisiteMisconfigured,
    ),
    (
        JobKind::Backup,
        "Your backup job failed as AWS Backup does not have permission to describe resource arn:aws:s3:::{}. Please review your IAM policies to ensure AWS Backup can protect your resources.",
        Class::IamPermissionMissing,
    ),
    (
        JobKind::Backup,
        "User: arn:aws:sts::111122223333:assumed-role/{}/AWSBackup-{} is not authorized to perform: dynamodb:StartAwsBackupJob on resource: arn:aws:dynamodb:eu-west-1:111122223333:table/{} because no identity-based policy allows the dynamodb:StartAwsBackupJob action",
        Class::IamPermissionMissing,
    ),
    (
        JobKind::Backup,
        "IAM Role arn:aws:iam::111122223333:role/{} cannot be assumed by AWS Backup",
        Class::IamRoleUnassumable,
    ),
    (JobKind::Backup, "The role with name {} cannot be found.", Class::IamRoleUnassumable),
    (JobKind::Backup, "No objects were backed up from the source bucket {}.", Class::IamPermissionMissing),
    (JobKind::Backup, "File system '{}' does not exist.", Class::ResourceNotFound),
    (JobKind::Backup, "Another backup of the table {} is already in progress", Class::ConcurrencyThrottled),
    (JobKind::Backup, "arn:aws:kms:us-east-1:111122223333:alias/{} is disabled.", Class::KmsKeyUnusable),
    (
        JobKind::Copy,
        "User: arn:aws:sts::111122223333:assumed-role/{}/s is not authorized to perform: backup:CopyIntoBackupVault on resource: arn:aws:backup:eu-west-1:999988887777:backup-vault:{} because no resource-based policy allows the backup:CopyIntoBackupVault action",
        Class::VaultPolicyDenied,
    ),
    (
        JobKind::Copy,
        "The source snapshot KMS key [arn:aws:kms:eu-west-1:111122223333:key/{}] does not exist, is not enabled or you do not have permissions to access it.",
        Class::KmsPolicyDenied,
    ),
    (JobKind::Restore, "Table already exists: {}", Class::RestoreTargetInvalid),
    (JobKind::Restore, "Subnet Group {} not found.", Class::RestoreTargetInvalid),
    (JobKind::Backup, "Access Denied: s3://{}/app/log", Class::AccessDeniedUnspecified),
    (JobKind::Backup, "Backup job encountered a fatal error while reading \"{}\"", Class::ServiceInternal),
];

#[test]
fn no_name_changes_a_class() {
    let mut changed = Vec::new();
    for (kind, sentence, class) in SENTENCES {
        for name in ["orders", "orders-2024"].into_iter().chain(NAMES) {
            let message = sentence.replace("{}", name);
            let got = classify(&Symptom::new(kind, &JobState::Failed, "", &message));
            if got.class != class {
                changed.push(format!("{} by {:?} instead of {class}: {message}", got.class, got.fingerprint));
            }
        }
    }
    assert!(changed.is_empty(), "{} of {}:\n{}", changed.len(), SENTENCES.len() * NAMES.len(), changed.join("\n"));
}

/// A job knows how its own things are called, and a sentence may name them where nothing else shows that it is a name.
#[test]
fn the_names_of_the_job_itself_are_no_words() {
    for (message, class) in [
        ("timeout: the moon was full", Class::Unknown),
        ("The moon was full over timeout", Class::Unknown),
        ("The request timed out", Class::NetworkConnectivity),
    ] {
        let job = Job {
            message: message.into(),
            resource_arn: "arn:aws:rds:eu-west-1:111122223333:db:timeout".into(),
            ..Job::new(JobKind::Backup, "1", JobState::Failed)
        };
        assert_eq!(classify(&Symptom::of(&job)).class, class, "{message}");
    }
}

/// What AWS says about a thing survives: actions, services, error codes, states in quotes.
#[test]
fn what_aws_says_about_a_thing_is_read() {
    for (message, class) in [
        ("User is not authorized to perform: kms:CreateGrant", Class::KmsPolicyDenied),
        ("User is not authorized to perform: s3:CreateBucket", Class::IamPermissionMissing),
        ("The lifecycle state of the file system is not \"available\".", Class::ResourceState),
        ("It failed (InvalidVolume.NotFound)", Class::ResourceNotFound),
        ("You have reached the snapshot limit.", Class::QuotaExceeded),
        ("The instance profile was not found.", Class::RestoreTargetInvalid),
    ] {
        assert_eq!(classify(&Symptom::new(JobKind::Backup, &JobState::Failed, "", message)).class, class, "{message}");
    }
}
