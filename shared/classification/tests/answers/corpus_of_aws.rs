//! Real messages of AWS. Every row must come out right by the rule that it names, or stand with its reason in known-wrong.toml.

use crate::corpus::{Corpus, text};
use classification::class::Class;
use classification::classify::{Classification, Confidence, Symptom, classify};
use job::{JobKind, JobState};
use serde_json::Value;

const AWS: Corpus = Corpus {
    path: concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/aws.jsonl"),
    known_wrong: include_str!("known-wrong.toml"),
    answer,
    // The fingerprint that decides; null where nothing does.
    rule: |answer| answer.fingerprint.into(),
};

fn answer(row: &Value) -> Classification {
    let kind = JobKind::ALL.into_iter().find(|kind| kind.as_str() == text(row, "job")).unwrap();
    let state = JobState::parse(text(row, "state"));
    classify(&Symptom::new(kind, &state, text(row, "resource_type"), text(row, "message")))
}

#[test]
fn rows_come_out_right() {
    AWS.comes_out_right();
}

#[test]
fn known_wrong_rows_exist_and_say_why() {
    AWS.has_its_known_wrong_rows_and_their_reasons();
}

#[test]
fn rows_are_decided_by_the_rule_they_name() {
    AWS.is_decided_by_the_rules_it_names();
}

#[test]
fn a_row_is_never_claimed_with_a_class_and_without_a_rule() {
    AWS.claims_no_class_without_a_rule();
}

/// What the facts call ambiguous: the class the words carry, never with certainty.
#[test]
fn ambiguous_messages_are_never_certain() {
    let table = [
        (JobKind::Backup, "FAILED", "EBS", "Access Denied", Class::AccessDeniedUnspecified),
        (JobKind::Backup, "FAILED", "EBS", "AccessDenied", Class::AccessDeniedUnspecified),
        (
            JobKind::Restore,
            "FAILED",
            "EFS",
            "Insufficient privileges to perform this action.",
            Class::AccessDeniedUnspecified,
        ),
        (
            JobKind::Copy,
            "FAILED",
            "RDS",
            "Specified KMS key [arn:aws:kms:eu-west-1:111122223333:key/1] does not exist, is not enabled or you do not have permissions to access it.",
            Class::KmsPolicyDenied,
        ),
        (JobKind::Copy, "FAILED", "EBS", "Given key ID is not accessible", Class::KmsPolicyDenied),
        (
            JobKind::Backup,
            "FAILED",
            "EBS",
            "The role does not have sufficient permissions to execute the backup",
            Class::IamPermissionMissing,
        ),
        (
            JobKind::Restore,
            "FAILED",
            "EC2",
            "You are not authorized to perform this operation.",
            Class::IamPermissionMissing,
        ),
        (JobKind::Restore, "FAILED", "EC2", "Source AMI ami-1 not found in Region", Class::PrerequisiteMisconfigured),
        (
            JobKind::Copy,
            "FAILED",
            "EC2",
            "You do not have permission to access the storage of this ami.",
            Class::PrerequisiteMisconfigured,
        ),
        (
            JobKind::Backup,
            "FAILED",
            "DynamoDB",
            "Operation cannot be performed while replica server-side encryption status is in UPDATING state.",
            Class::ResourceState,
        ),
        (JobKind::Backup, "FAILED", "VirtualMachine", "Abort signal detected", Class::WindowExpired),
    ];
    for (kind, state, resource_type, message, class) in table {
        let state = JobState::parse(state);
        let answer = classify(&Symptom::new(kind, &state, resource_type, message));
        assert_eq!((answer.class, answer.confidence), (class, Confidence::Likely), "{message}");
    }
}

/// Words that belong to one class and occur in the messages of another, and states that decide where the words are the same.
#[test]
fn misleading_words_do_not_mislead() {
    let table = [
        (
            "FAILED",
            "Access denied: Copy job failed. Both source and destination account must be a member of the same organization",
            Class::UnsupportedOrNotEnabled,
        ),
        (
            "COMPLETED",
            "Windows VSS Backup attempt failed because of insufficient privileges to perform this operation",
            Class::Vss,
        ),
        (
            "COMPLETED",
            "We are unable to copy resource tags to your backup because of the Internal Failure",
            Class::PartialItemsFailed,
        ),
        ("FAILED", "Given key ID does not exist", Class::KmsKeyUnusable),
        ("FAILED", "Abort signal detected", Class::WindowExpired),
        ("FAILED", "Failed to create backup during snapshot creation. Aborted backup job.", Class::AgentUnhealthy),
        (
            "EXPIRED",
            "Backup job failed because there was a running job for the same resource.",
            Class::ConcurrencyThrottled,
        ),
        ("FAILED", "Token expired", Class::ServiceInternal),
        ("COMPLETED", "No objects were backed up from the source bucket b.", Class::PartialItemsFailed),
        ("FAILED", "No objects were backed up from the source bucket b.", Class::IamPermissionMissing),
        ("EXPIRED", "", Class::WindowExpired),
        ("ABORTED", "\"\"", Class::UserCancelled),
        ("PARTIAL", "", Class::PartialItemsFailed),
        ("FAILED", "", Class::Unknown),
        ("FAILED", "SAP HANA error", Class::Unknown),
        ("ABORTED", "Something that nobody has seen", Class::Unknown),
        ("FAILED", "resource is in an invalid state", Class::ResourceState),
        ("ABORTED", "aborted because it exceeded the completion window", Class::WindowExpired),
    ];
    for (state, message, class) in table {
        let state = JobState::parse(state);
        let answer = classify(&Symptom::new(JobKind::Backup, &state, "", message));
        assert_eq!(answer.class, class, "{message:?} as {state:?}");
    }
}
