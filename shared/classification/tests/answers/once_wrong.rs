//! Messages that once came out wrong, each standing for its kind.

use classification::class::Class;
use classification::classify::{Confidence, Symptom, classify};
use job::{JobKind, JobState};

fn holds(cases: &[(JobKind, &str, &str, Class)]) {
    for (kind, resource_type, message, class) in cases {
        let got = classify(&Symptom::new(*kind, &JobState::Failed, resource_type, message));
        assert_eq!(got.class, *class, "by {:?}: {message}", got.fingerprint);
    }
}

#[test]
fn a_full_account_is_not_a_busy_one() {
    holds(&[
        (
            JobKind::Restore,
            "DynamoDB",
            "Subscriber limit exceeded: There is a limit of 2500 tables per subscriber",
            Class::QuotaExceeded,
        ),
        (
            JobKind::Backup,
            "DynamoDB",
            "Subscriber limit exceeded: There is a limit of 2500 tables per subscriber",
            Class::QuotaExceeded,
        ),
    ]);
}

#[test]
fn a_name_inside_the_message_decides_nothing() {
    holds(&[
        (
            JobKind::Backup,
            "DynamoDB",
            "User: arn:aws:sts::111122223333:assumed-role/BackupRole/AWSBackup-BackupRole is not authorized to perform: dynamodb:StartAwsBackupJob on resource: arn:aws:dynamodb:eu-west-1:111122223333:table/password-reset-tokens because no identity-based policy allows the dynamodb:StartAwsBackupJob action",
            Class::IamPermissionMissing,
        ),
        (JobKind::Backup, "RDS", "DBInstance password-vault not found.", Class::ResourceNotFound),
        (JobKind::Backup, "DynamoDB", "Table not found: quota-service", Class::ResourceNotFound),
        (
            JobKind::Backup,
            "RDS",
            "Cannot create a snapshot because the database instance throttling-rules is not currently in the available state.",
            Class::ResourceState,
        ),
        (
            JobKind::Backup,
            "S3",
            "Your backup job failed as AWS Backup does not have permission to describe resource arn:aws:s3:::network-timeout-logs. Please review your IAM policies to ensure AWS Backup can protect your resources.",
            Class::IamPermissionMissing,
        ),
    ]);
}

#[test]
fn a_fault_of_the_client_is_none_of_aws() {
    holds(&[(JobKind::Restore, "EC2", "Client.InternalError: Client error on launch", Class::KmsPolicyDenied)]);
}

#[test]
fn a_sentence_outvotes_an_error_code() {
    holds(&[(
        JobKind::Backup,
        "EC2",
        "AuthFailure: This image is managed by AWS Backup and cannot be deleted via EC2 APIs. To delete this image, please use the AWS Backup APIs, CLI, or console.",
        Class::UnsupportedOrNotEnabled,
    )]);
}

#[test]
fn restores_that_name_their_parameters_are_told_so() {
    holds(&[
        (
            JobKind::Restore,
            "S3",
            "AccessControlListNotSupported: The bucket does not allow ACLs",
            Class::RestoreTargetInvalid,
        ),
        (
            JobKind::Restore,
            "Aurora",
            "The engine version you requested for your restored DB cluster (8.0.mysql_aurora.3.07.1) is earlier than the engine version of the DB cluster snapshot (8.0.mysql_aurora.3.08.0). (Service: Rds, Status Code: 400, Request ID: 0f1e2d3c) (SDK Attempt Count: 1)",
            Class::RestoreTargetInvalid,
        ),
        (
            JobKind::Restore,
            "EC2",
            "The requested configuration is currently not supported. Please check the documentation for supported configurations. (Service: AmazonEC2; Status Code: 400; Error Code: Unsupported; Request ID: 0a1b2c3d-1111-2222-3333-444455556666; Proxy: null)",
            Class::RestoreTargetInvalid,
        ),
    ]);
}

#[test]
fn a_source_that_cannot_be_backed_up_as_it_is() {
    holds(&[(
        JobKind::Backup,
        "Redshift Serverless",
        "You can't create a snapshot because there isn't a workgroup created for the namespace",
        Class::PrerequisiteMisconfigured,
    )]);
}

/// A sentence that offers a second cause behind an "or" is likely at most.
#[test]
fn alternatives_are_never_certain() {
    for message in [
        "KMS key arn:aws:kms:eu-west-1:111122223333:key/1 is either disabled or pending deletion or access to KMS key is denied",
        "The source snapshot KMS key [arn:aws:kms:eu-west-1:111122223333:key/1] does not exist, is not enabled or you do not have permissions to access it.",
        "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.",
        "Client.InternalError: Client error on launch",
    ] {
        let got = classify(&Symptom::new(JobKind::Backup, &JobState::Failed, "RDS", message));
        assert_eq!(got.confidence, Confidence::Likely, "by {:?}: {message}", got.fingerprint);
    }
}
