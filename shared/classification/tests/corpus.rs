//! Real messages. Every row must come out right by the rule that it names, or stand with its reason in known-wrong.toml.

#![expect(clippy::unwrap_used, reason = "a test may stop where its own data is wrong")]

use classification::class::Class;
use classification::classify::{Classification, Confidence, Symptom, classify};
use job::{JobKind, JobState};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// A row may come out wrong only where known-wrong.toml says why; a row of that list that comes out right must leave it.
#[test]
fn rows_come_out_right() {
    let known = known_wrong();
    let mut wrong = Vec::new();
    for row in rows() {
        let got = row.answer().class;
        match (known.contains_key(&row.id), got.id() == row.label) {
            (true, true) => wrong.push(format!("{} is right now: take it off known-wrong.toml", row.id)),
            (false, false) => wrong.push(format!("{}: {} instead of {}: {}", row.id, got, row.label, row.message)),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn known_wrong_rows_exist_and_say_why() {
    let ids: BTreeSet<String> = rows().into_iter().map(|row| row.id).collect();
    for (id, reason) in known_wrong() {
        assert!(ids.contains(&id), "{id} is no row of the corpus");
        assert!(reason.len() > 40, "{id}: a reason, please");
    }
}

/// The right class for a wrong reason is luck. `BLESS=1 cargo test -p classification` writes the rules that win now.
#[test]
fn rows_are_decided_by_the_rule_they_name() {
    if std::env::var_os("BLESS").is_some() {
        return bless();
    }
    let mut wrong = Vec::new();
    for row in rows() {
        let got = row.answer().fingerprint;
        if got != row.rule.as_deref() {
            wrong.push(format!("{}: {got:?} instead of {:?}: {}", row.id, row.rule, row.message));
        }
    }
    assert!(wrong.is_empty(), "{}\n\nRead them, then BLESS=1 writes what wins now.", wrong.join("\n"));
}

/// Writes into each row the rule that wins now, as the last member, and leaves the rest of the line as it is.
fn bless() {
    let corpus = corpus();
    let lines = corpus.lines().map(|line| {
        let row: Row = serde_json::from_str(line).unwrap();
        let rule = serde_json::to_string(&row.answer().fingerprint).unwrap();
        let bare = line.split(", \"rule\": ").next().unwrap().trim_end_matches('}');
        format!("{bare}, \"rule\": {rule}}}\n")
    });
    let blessed: String = lines.collect();
    std::fs::write(CORPUS, blessed).unwrap();
}

#[test]
fn a_row_is_never_claimed_with_a_class_and_without_a_rule() {
    for row in rows() {
        let answer = row.answer();
        assert_eq!(answer.class == Class::Unknown, answer.fingerprint.is_none(), "{}", row.id);
        assert_eq!(answer.class == Class::Unknown, answer.confidence == Confidence::Unknown, "{}", row.id);
    }
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

#[derive(Deserialize)]
struct Row {
    id: String,
    job: String,
    state: String,
    resource_type: Option<String>,
    message: String,
    label: String,
    /// The fingerprint that decides; null where nothing does.
    rule: Option<String>,
}

impl Row {
    fn symptom<'a>(&'a self, state: &'a JobState) -> Symptom<'a> {
        let kind = JobKind::ALL.into_iter().find(|kind| kind.as_str() == self.job).unwrap();
        Symptom::new(kind, state, self.resource_type.as_deref().unwrap_or_default(), &self.message)
    }

    fn answer(&self) -> Classification {
        classify(&self.symptom(&JobState::parse(&self.state)))
    }
}

fn rows() -> Vec<Row> {
    corpus().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/aws.jsonl");

/// Read at run time: a blessed corpus is tested without compiling again.
fn corpus() -> String {
    std::fs::read_to_string(CORPUS).unwrap()
}

fn known_wrong() -> BTreeMap<String, String> {
    toml::from_str(include_str!("known-wrong.toml")).unwrap()
}
