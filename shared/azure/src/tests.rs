//! Every example of an answer is read by what reads such answers. Some were recorded, some are samples of the documentation, some were composed
//! from both.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::id::VaultKind;
use crate::item::{Item, LastBackup, Protection};
use crate::job::{JobStatus, Management, TaskStatus, VaultJob};
use crate::members::Members;
use crate::point::RecoveryPoint;
use crate::policy::{Policy, ScheduleKind};
use crate::trigger::{Operation, OperationState};
use crate::{Error, ErrorKind};

fn examples() -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap())
        })
        .collect()
}

/// The records of an answer: of a list, of the graph, or the one that it is.
fn records(example: &Value) -> Vec<Value> {
    let body = example.pointer("/response/body").unwrap_or(example);
    match body.get("value").or_else(|| body.get("data")).and_then(Value::as_array) {
        Some(list) => list.clone(),
        None => vec![body.clone()],
    }
}

fn one<T>(read: impl Fn(Value) -> Option<T>, name: &str) -> T {
    read(records(&examples()[name]).remove(0)).unwrap()
}

/// How many records each example holds, by what they are. A file that nobody reads fails this test.
#[test]
fn every_example_is_read() {
    for (name, example) in examples() {
        let all = records(&example);
        let status = example.pointer("/response/status").and_then(Value::as_u64).unwrap_or(200);
        let count = |read: &dyn Fn(Value) -> bool| all.iter().filter(|record| read((*record).clone())).count();
        let is_list = |part: &str| name.contains(part);
        let read = if status >= 400 {
            let body = example.pointer("/response/body").unwrap().to_string();
            let error = Error::answered("test", u16::try_from(status).unwrap(), body.as_bytes());
            let known = name == "entra-token-denied" || name == "rsv-job-get-not-yet" || error.code.is_some();
            assert!(known, "{name}: {error:?}");
            continue;
        } else if is_list("job-get") || is_list("jobs-list") || is_list("backupjobs") {
            count(&|record| VaultJob::read(record).is_some())
        } else if is_list("protecteditem") || is_list("backupinstances") {
            count(&|record| Item::read(record).is_some())
        } else if is_list("polic") {
            count(&|record| Policy::read(record).is_some_and(|policy| !policy.schedules.is_empty()))
        } else if is_list("recoverypoints") {
            count(&|record| RecoveryPoint::read(&record).is_some())
        } else if is_list("operation-status") {
            count(&|record| !matches!(Operation::read(&record).state, OperationState::InProgress))
        } else {
            // What is sent, and what has no body.
            let others = ["arg-next-page", "aws-web-identity-token-claims", "sts-get-web-identity-token"];
            let asked = ["entra-", "rsv-trigger-", "rsv-job-cancel", "dp-adhoc-backup"];
            assert!(others.contains(&name.as_str()) || asked.iter().any(|part| name.starts_with(part)), "{name}");
            continue;
        };
        assert_eq!(read, all.len(), "{name}");
    }
}

#[test]
fn the_one_published_failed_job_says_why() {
    let job = one(VaultJob::read, "rsv-job-get-failed-sql");
    let error = &job.errors[0];
    assert_eq!(error.title.as_deref(), Some("OperationCancelledBecauseConflictingOperationRunningUserError"));
    assert_eq!((error.number, job.status.clone()), (Some(510_008), JobStatus::Failed));
    assert_eq!((job.is_backup(), job.backup_type()), (true, Some("Full")));
    assert_eq!((job.offers_cancel, job.can_cancel()), (true, false));
    assert_eq!((job.management, job.vault.name()), (Management::Workload, "sqlserver2012"));
    assert_eq!(job.tasks[0].status, TaskStatus::Failed);
}

#[test]
fn both_spellings_of_one_thing_are_read() {
    let running = one(VaultJob::read, "rsv-job-get-inprogress");
    let cancelling = one(VaultJob::read, "rsv-job-get-cancelling");
    assert!(running.can_cancel() && cancelling.offers_cancel && !cancelling.can_cancel());
    assert_eq!(cancelling.tasks[0].ended, None, "the year 1");
    assert_eq!(running.tasks[1].status, TaskStatus::InProgress);
    let (listed, got) = (one(VaultJob::read, "dp-jobs-list"), one(VaultJob::read, "dp-job-get"));
    assert!(listed.duration.is_some() && got.duration.is_some(), "a clock, and ISO 8601");
    assert_eq!((&listed.vault, listed.vault.kind()), (&got.vault, VaultKind::Backup));
}

#[test]
fn a_backup_vault_says_why_in_its_own_way() {
    let job = one(VaultJob::read, "dp-job-get-failed");
    let error = &job.errors[0];
    assert_eq!(error.code.as_deref(), Some("UserErrorDiskBackupAuthorizationFailed"));
    assert_eq!(error.inner, ["UserErrorDiskBackupAuthorizationFailed"]);
    assert!(error.plain_text.is_some() && error.recommendations.len() == 1);
    assert!(job.item.is_some() && job.source.is_some());
}

#[test]
fn a_job_of_mars_has_neither_code_nor_number() {
    let job = one(VaultJob::read, "rsv-job-get-failed-mars");
    let error = &job.errors[0];
    assert_eq!((&error.title, &error.code, error.number), (&None, &None, None));
    assert!(error.text.is_some() && job.server.as_deref() == Some("fs01.corp.example"));
}

#[test]
fn items_tell_what_no_job_does() {
    let items: Vec<Item> =
        records(&examples()["rsv-protecteditems-sql-list"]).into_iter().filter_map(Item::read).collect();
    let told: Vec<_> = items.iter().map(|item| (item.last_backup.clone(), item.protection.clone())).collect();
    assert_eq!(
        told,
        [
            (LastBackup::Unhealthy, Protection::Protected),
            (LastBackup::Healthy, Protection::Protected),
            (LastBackup::Pending, Protection::FirstBackupPending),
        ]
    );
    let error = items[0].last_error.as_ref().unwrap();
    assert_eq!(error.name.as_deref(), Some("UserErrorSQLLSNValidationFailure"));
    assert_eq!((items[2].last_backup_time, items[2].last_recovery_point), (None, None));
    let stopped = one(Item::read, "arg-backupvault-backupinstances");
    assert_eq!((stopped.protection, stopped.every), (Protection::Stopped, None));
    assert!(stopped.last_recovery_point.is_some());
}

#[test]
fn policies_of_every_kind_are_read() {
    let kinds = |name: &str| -> Vec<ScheduleKind> {
        let policies = records(&examples()[name]).into_iter().filter_map(Policy::read);
        policies.flat_map(|policy| policy.schedules).map(|schedule| schedule.kind).collect()
    };
    let days = ["Monday", "Wednesday", "Thursday"].map(str::to_owned).to_vec();
    let hourly = ScheduleKind::Hourly { interval: 4, window: 16 };
    let (daily, week) = (ScheduleKind::Daily, jiff::SignedDuration::from_hours(168));
    assert_eq!(
        kinds("rsv-policies-vm"),
        [daily.clone(), daily.clone(), daily.clone(), hourly, ScheduleKind::Weekly(days)]
    );
    assert_eq!(kinds("rsv-policy-sql"), [daily, ScheduleKind::EveryMinutes(60)]);
    assert_eq!(kinds("rsv-policy-files-hourly"), [ScheduleKind::Hourly { interval: 4, window: 12 }]);
    assert_eq!(kinds("dp-policies-list"), [ScheduleKind::Every(week)]);
}

#[test]
fn a_snapshot_that_is_gone_is_not_in_the_vault() {
    let points: Vec<_> =
        records(&examples()["rsv-recoverypoints-list"]).iter().filter_map(RecoveryPoint::read).collect();
    assert_eq!(points.iter().map(RecoveryPoint::in_vault).collect::<Vec<_>>(), [Some(true), Some(true)]);
}

#[test]
fn an_operation_that_succeeded_has_made_a_job() {
    let read = |name: &str| Operation::read(&records(&examples()[name])[0]);
    let job = "0a000000-0000-4000-8000-00000000000a".to_owned();
    assert_eq!(read("rsv-operation-status-succeeded").state, OperationState::JobCreated(job));
    let failed = read("rsv-operation-status-failed");
    assert_eq!((failed.state, failed.code.as_deref()), (OperationState::Failed, Some("BMSUserErrorObjectLocked")));
}

/// A member of another type than it should be hides nothing but itself.
#[test]
fn no_member_of_any_type_makes_a_failure_vanish() {
    let whole = records(&examples()["rsv-job-get-failed-vm"]).remove(0);
    let names: Vec<String> = whole["properties"].as_object().unwrap().keys().cloned().collect();
    for strange in
        [Value::Null, 1.into(), true.into(), "".into(), Value::Array(vec![Value::Null]), serde_json::json!({"a": 1})]
    {
        for name in &names {
            let mut record = whole.clone();
            record["properties"][name] = strange.clone();
            let job = VaultJob::read(record).unwrap();
            assert!(name == "status" || job.status == JobStatus::Failed, "{name} {strange}");
        }
    }
    assert_eq!(Members(&Value::Null).text("a"), None);
    assert_eq!(Error::without("x", "y").kind, ErrorKind::Malformed);
}
