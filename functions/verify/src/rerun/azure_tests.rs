use azure::{Item, Policy};
use job::{AzureRecord, JobKind, JobState, Origin, Scope};
use serde_json::json;

use super::*;

const VAULT: &str = "/subscriptions/0a000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.RecoveryServices/vaults/v";

fn at(text: &str) -> Timestamp {
    format!("2026-11-{text}:00Z").parse().unwrap()
}

fn item(name: &str, state: &str) -> Item {
    Item::read(json!({
        "id": format!("{VAULT}/backupFabrics/Azure/protectionContainers/c/protectedItems/{name}"),
        "properties": {
            "friendlyName": name, "protectionState": state, "policyId": format!("{VAULT}/backupPolicies/p"),
            "lastRecoveryPoint": "2026-11-20T22:00:00Z", "isScheduledForDeferredDelete": state == "SoftDeleted",
        },
    }))
    .unwrap()
}

fn on_demand(items: Vec<Item>) -> OnDemand {
    let part = |kind: &str, schedule: serde_json::Value| json!({"policyType": kind, "schedulePolicy": schedule});
    let policy = json!({"id": format!("{VAULT}/backupPolicies/p"), "properties": {"subProtectionPolicy": [
        part("Full", json!({"scheduleRunFrequency": "Daily"})), part("Log", json!({"scheduleFrequencyInMins": 15})),
    ]}});
    OnDemand { retention_days: 7, items: Ok(items), policies: Ok(vec![Policy::read(policy).unwrap()]) }
}

fn failed(resource_type: &str, item: Option<&Item>, operation: &str, message: &str) -> Job {
    Job {
        scope: Scope::azure("0a", "westeurope"),
        resource_arn: "/subscriptions/0a/x".into(),
        resource_type: resource_type.into(),
        message: message.into(),
        created: Some(at("20T22:00")),
        ended: Some(at("20T23:00")),
        origin: Origin::Rule(job::CreatedBy::default()),
        azure: Some(Box::new(AzureRecord {
            item: item.map(|item| item.id.as_str().to_owned()),
            operation: operation.into(),
            ..AzureRecord::default()
        })),
        ..Job::new(JobKind::Backup, "1", JobState::Failed)
    }
}

#[test]
fn each_type_has_its_request_and_what_failed_is_made_again() {
    let keep_until = at("28T08:00");
    let sql = |kind| Request::Database { kind, keep_until };
    let table = [
        ("AzureIaasVM", "Backup", "", Request::Vm { keep_until }),
        ("AzureStorage/FileShare", "Backup", "", Request::FileShare { keep_until }),
        ("AzureWorkload/SQL", "Backup (Full)", "", sql(BackupType::Full)),
        ("AzureWorkload/SQL", "Backup (Differential)", "", sql(BackupType::Differential)),
        ("AzureWorkload/SAPHana", "Backup (Incremental)", "", sql(BackupType::Incremental)),
        ("AzureWorkload/SQL", "Backup (Log)", "It timed out.", sql(BackupType::Log)),
        // A scheduled log backup leaves no job, and its item tells no type.
        ("AzureWorkload/SQL", "Backup", "It timed out.", sql(BackupType::Log)),
        ("AzureWorkload/SQL", "Backup (Log)", "UserErrorSQLLSNValidationFailure", sql(BackupType::Full)),
        ("AzureWorkload/SQL", "Backup", "Log chain is broken.", sql(BackupType::Full)),
        ("AzureWorkload/SQL", "Backup (Log)", "First full backup is missing", sql(BackupType::Full)),
    ];
    let one = item("one", "Protected");
    for (resource_type, operation, message, request) in table {
        let failure = failed(resource_type, Some(&one), operation, message);
        let order = order(&failure, &[&failure], &on_demand(vec![one.clone()]), at("21T08:00"));
        assert_eq!(order, Ok(AzureOrder { item: one.id.clone(), request }), "{operation} {message}");
    }
}

#[test]
fn what_cannot_be_started_says_why() {
    let table = [
        ("MAB", "Protected", "the MARS agent"),
        ("DPM", "Protected", "with DPM on the server"),
        ("AzureBackupServer", "Protected", "Azure Backup Server"),
        ("AzureDisk", "Protected", "Backup vault"),
        ("AzureIaasVM", "ProtectionStopped", "resume it first"),
        ("AzureIaasVM", "BackupsSuspended", "resume it first"),
        ("AzureIaasVM", "SoftDeleted", "undelete it first"),
    ];
    for (resource_type, state, words) in table {
        let one = item("one", state);
        let failure = failed(resource_type, Some(&one), "Backup", "");
        let unfit = order(&failure, &[], &on_demand(vec![one]), at("21T08:00")).unwrap_err();
        assert!(unfit.to_string().contains(words) && !unfit.passes(), "{unfit}");
    }
    let failure = failed("AzureIaasVM", None, "Backup", "");
    let of = |failure: &Job, on_demand: &OnDemand| order(failure, &[], on_demand, at("21T08:00")).unwrap_err();
    assert_eq!(of(&failure, &on_demand(vec![])), Unfit::Ambiguous);
    let gone = failed("AzureIaasVM", Some(&item("one", "Protected")), "Backup", "");
    assert!(matches!(of(&gone, &on_demand(vec![])), Unfit::ItemGone { .. }));
    let unread = OnDemand { items: Err("403".into()), ..on_demand(vec![]) };
    assert!(of(&gone, &unread).passes());
}

#[test]
fn the_schedule_counts_by_the_type_of_backup_and_its_last_run() {
    let one = item("one", "Protected");
    let sql = |operation: &str| failed("AzureWorkload/SQL", Some(&one), operation, "");
    let table = [
        ("Backup (Full)", vec![sql("Backup (Full)")], Some("21T22:00")),
        ("Backup (Log)", vec![sql("Backup (Log)")], Some("21T08:15")),
        ("Backup (Full)", vec![sql("Backup (Log)")], None),
        ("Backup (Differential)", vec![sql("Backup (Differential)")], None),
        ("Backup (Full)", vec![Job { origin: Origin::Operator, ..sql("Backup (Full)") }], None),
    ];
    let known = on_demand(vec![one.clone()]);
    for (operation, jobs, expected) in table {
        let order = order(&sql(operation), &[], &known, at("21T08:00")).unwrap();
        let jobs: Vec<&Job> = jobs.iter().collect();
        assert_eq!(next_run(&order, &known, &jobs, at("21T08:00")), expected.map(at), "{operation}");
    }
}

#[test]
fn only_a_full_backup_begins_a_chain() {
    for (operation, full) in [
        ("Backup (Full)", true),
        ("Backup", true),
        ("Backup (Log)", false),
        ("Backup (Differential)", false),
        ("Backup (CopyOnlyFull)", false),
    ] {
        assert_eq!(is_full(&failed("AzureWorkload/SQL", None, operation, "")), full, "{operation}");
    }
    assert!(!is_log_chain(&failed("RDS", None, "Backup", "Log chain is broken.")));
}
