//! Which events reach classify.

use std::path::Path;
use std::sync::LazyLock;

use job::event::{OF_AWS, OF_AZURE, SOURCE};
use serde_json::{Value, json};

use super::tree::{Template, target};
use super::{Faults, RULE};
use tests::{ROOT, pattern};

/// The samples in events/ that must reach the function. `sqs-batch.json` is what the queue makes of three of them.
pub(crate) const FIRES: &[&str] = &[
    "doc-backup-job-aborted.json",
    "doc-backup-job-expired.json",
    "doc-backup-job-failed.json",
    "doc-backup-plan-deleted.json",
    "doc-backup-plan-modified.json",
    "doc-backup-vault-deleted.json",
    "doc-copy-job-failed.json",
    "doc-region-setting-modified.json",
    "doc-restore-job-failed.json",
    "made-azure-backup-job-failed.json",
    "made-backup-job-completed-with-issues.json",
    "made-backup-job-partial.json",
    "made-recovery-point-deleted-by-hand.json",
    "made-s3-no-objects-backed-up.json",
    "repo-backup-job-failed-older-docs.json",
    "sqs-batch.json",
];

/// Those that must not: good news, work in progress, and what other functions of AWS Backup say.
pub(crate) const SILENT: &[&str] = &[
    "ignored/cli-list-backup-jobs-response.json",
    "ignored/cloudtrail-record-backupjobcompleted.json",
    "ignored/doc-access-point-available.json",
    "ignored/doc-access-point-failed.json",
    "ignored/doc-backup-job-completed.json",
    "ignored/doc-backup-job-created.json",
    "ignored/doc-backup-job-pending.json",
    "ignored/doc-backup-job-running.json",
    "ignored/doc-backup-plan-created.json",
    "ignored/doc-backup-vault-created.json",
    "ignored/doc-backup-vault-modified.json",
    "ignored/doc-copy-job-completed.json",
    "ignored/doc-copy-job-created.json",
    "ignored/doc-copy-job-running.json",
    "ignored/doc-recovery-point-completed.json",
    "ignored/doc-recovery-point-index-active.json",
    "ignored/doc-recovery-point-index-deleted.json",
    "ignored/doc-recovery-point-index-failed.json",
    "ignored/doc-restore-job-completed.json",
    "ignored/doc-restore-job-created.json",
    "ignored/doc-restore-job-pending.json",
    "ignored/doc-restore-job-running.json",
    "ignored/doc-scan-job-canceled.json",
    "ignored/doc-scan-job-completed-with-issues.json",
    "ignored/doc-scan-job-completed.json",
    "ignored/doc-scan-job-created.json",
    "ignored/doc-scan-job-failed.json",
    "ignored/doc-scan-job-running.json",
    "ignored/made-recovery-point-expired.json",
    "ignored/sns-vault-notification-failed.json",
];

fn fires(template: &Template, event: &Value) -> Result<bool, String> {
    template.resources(RULE).filter(|(id, _)| !MEMBER_RULES.contains(id)).try_fold(false, |any, (_, rule)| {
        // Whose events are let in depends on parameters; see `only_admitted_accounts_fire`.
        let mut whose = rule["Properties"]["EventPattern"].clone();
        for part in ["account", "$or"] {
            whose.as_object_mut().and_then(|pattern| pattern.remove(part));
        }
        Ok(any | pattern::matches(&whose, event)?)
    })
}

/// The same for what other accounts forward: one rule for all kinds of jobs, one for changes of protection.
fn fires_for_members(template: &Template, event: &Value) -> Result<bool, String> {
    MEMBER_RULES.iter().try_fold(false, |any, id| {
        let mut pattern = template.properties(RULE, id).map(|rule| rule["EventPattern"].clone());
        pattern.as_mut().and_then(Value::as_object_mut).and_then(|pattern| pattern.remove("$or"));
        Ok(any | pattern::matches(&pattern.unwrap_or_default(), event)?)
    })
}

/// What other accounts forward.
const MEMBER_RULES: [&str; 2] = ["MemberJobRule", "MemberProtectionRule"];

/// The events of all samples, with the name of their file and whether they must reach the function.
static SAMPLES: LazyLock<Vec<(&str, bool, Value)>> = LazyLock::new(|| {
    let told = FIRES.iter().map(|name| (name, true)).chain(SILENT.iter().map(|name| (name, false)));
    told.flat_map(|(name, fires)| events_of(name).into_iter().map(move |event| (*name, fires, event))).collect()
});

fn events_of(name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(Path::new(ROOT).join("events").join(name)).expect(name);
    let sample: Value = serde_json::from_str(&text).expect(name);
    match sample["Records"].as_array() {
        Some(records) if sample["Records"][0]["eventSource"] == "aws:sqs" => records
            .iter()
            .map(|record| serde_json::from_str(record["body"].as_str().expect("a body")).expect("an event"))
            .collect(),
        _ => vec![sample],
    }
}

/// The own account, and those that a parameter names.
pub(crate) fn only_admitted_accounts_fire(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let (own, both) = (json!({"!Ref": "AWS::AccountId"}), "${AWS::AccountId},${AdmitAccounts}");
    let admitted = json!({"!If": ["AdmitsOthers", {"!Split": [",", {"!Sub": both}]}, [own]]});
    let ours = json!([{"!Ref": "AWS::AccountId"}]);
    // All but this account and Region, whose events come over the default bus.
    let elsewhere = json!([
        {"account": [{"anything-but": [{"!Ref": "AWS::AccountId"}]}]},
        {"region": [{"anything-but": [{"!Ref": "AWS::Region"}]}]},
    ]);
    for (id, rule) in template.resources(RULE) {
        let pattern = &rule["Properties"]["EventPattern"];
        let bus = target(&rule["Properties"]["EventBusName"]);
        let (wanted_bus, account, or) = match id {
            // On a bus of our own there is nothing of others.
            "CollectedJobRule" => (Some("CollectBus"), &ours, &Value::Null),
            "MemberJobRule" | "MemberProtectionRule" => (Some("MemberBus"), &Value::Null, &elsewhere),
            _ => (None, &admitted, &Value::Null),
        };
        fault_if!(faults, bus != wanted_bus, "{id} reads the bus {bus:?}");
        fault_if!(faults, pattern["account"] != *account, "{id} lets in {}", pattern["account"]);
        fault_if!(faults, pattern["$or"] != *or, "{id} lets in {}", pattern["$or"]);
    }
    let asks = json!({"!Not": [{"!Equals": [{"!Ref": "AdmitAccounts"}, ""]}]});
    let condition = &template.tree["Conditions"]["AdmitsOthers"];
    fault_if!(faults, *condition != asks, "AdmitsOthers asks {condition}");
    faults
}

pub(crate) fn samples_fire_as_told(template: &Template) -> Faults {
    let mut faults = Faults::new();
    for (name, expected, event) in &*SAMPLES {
        let fired = fires(template, event);
        fault_if!(faults, fired != Ok(*expected), "{name}: expected {expected}, got {fired:?}");
        // No other account forwards what collect brings in.
        let forwarded = *expected && event["source"] == "aws.backup";
        let fired = fires_for_members(template, event);
        fault_if!(faults, fired != Ok(forwarded), "{name} of a member: expected {forwarded}, got {fired:?}");
    }
    faults
}

/// What collect puts on the bus of this stack, and nothing else that may come there.
pub(crate) fn collected_jobs_fire(template: &Template) -> Faults {
    let mut faults = Faults::new();
    for (cloud, kind) in [("azure", OF_AZURE), ("aws", OF_AWS)] {
        let half = kind.trim_end_matches(" Job");
        for (source, detail_type, expected) in
            [(SOURCE, kind, true), ("aws.backup", kind, false), (SOURCE, half, false)]
        {
            let event = json!({"source": source, "detail-type": detail_type, "detail": {"cloud": cloud}});
            let fired = fires(template, &event);
            fault_if!(faults, fired != Ok(expected), "{source} {detail_type}: expected {expected}, got {fired:?}");
        }
    }
    faults
}

/// What no sample shows: every state AWS documents, words it has not invented yet, and the wrappings of an empty message.
pub(crate) fn states_fire_as_told(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let message = "\"Some Kubernetes Objects failed to be backed up.\"";
    let cases = [
        ("Backup Job", "state", "FAILED EXPIRED ABORTED PARTIAL PAUSED failed", None, true),
        ("Backup Job", "state", "CREATED PENDING RUNNING ABORTING COMPLETED", None, false),
        ("Backup Job", "state", "COMPLETED", Some(""), false),
        ("Backup Job", "state", "COMPLETED", Some("\"\""), false),
        ("Backup Job", "state", "COMPLETED", Some(message), true),
        ("Backup Job", "state", "RUNNING", Some(message), false),
        ("Copy Job", "state", "FAILED PARTIAL PAUSED", None, true),
        ("Copy Job", "state", "CREATED RUNNING COMPLETED", None, false),
        ("Copy Job", "state", "COMPLETED", Some(message), true),
        ("Copy Job", "state", "COMPLETED", Some("\"\""), false),
        ("Restore Job", "status", "FAILED ABORTED PAUSED", None, true),
        ("Restore Job", "status", "CREATED PENDING RUNNING COMPLETED", None, false),
        ("Restore Job", "status", "COMPLETED", Some(message), true),
        ("Restore Job", "status", "COMPLETED", Some(""), false),
        ("Restore Job", "status", "COMPLETED", Some("\"\""), false),
        ("Restore Job", "state", "CREATED", None, false),
        ("Scan Job", "state", "FAILED", None, false),
        ("Recovery Point", "status", "EXPIRED DELETING DELETED COMPLETED PARTIAL STOPPED", None, false),
        ("Backup Plan", "state", "DELETED MODIFIED", None, true),
        ("Backup Plan", "state", "CREATED", None, false),
        ("Backup Vault", "state", "DELETED", None, true),
        ("Backup Vault", "state", "CREATED", None, false),
        ("Region Setting", "state", "MODIFIED", None, true),
    ];
    for (family, member, states, message, expected) in cases {
        for state in states.split(' ') {
            let mut detail = json!({ member: state });
            if let Some(message) = message {
                detail["statusMessage"] = message.into();
            }
            let detail_type = format!("{family} State Change");
            let event = json!({"source": "aws.backup", "detail-type": detail_type, "detail": detail});
            let fired = fires(template, &event);
            fault_if!(
                faults,
                fired != Ok(expected),
                "{family} {state} {message:?}: expected {expected}, got {fired:?}"
            );
            let of_member = fires_for_members(template, &event);
            fault_if!(faults, of_member != Ok(expected), "{family} {state} {message:?} of a member: got {of_member:?}");
            let foreign = json!({"source": "my.backup", "detail-type": detail_type, "detail": detail});
            for fired in [fires(template, &foreign), fires_for_members(template, &foreign)] {
                fault_if!(faults, fired != Ok(false), "{family} {state} of another source fires");
            }
        }
    }
    faults
}
