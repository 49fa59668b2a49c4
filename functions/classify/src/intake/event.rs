//! One EventBridge event of AWS Backup -> one [`Job`], or the reason why it is none of ours.
//!
//! <https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html>

use jiff::Timestamp;
use job::event::{Names, OF_AWS, OF_AZURE};
use job::{Arn, CreatedBy, Job, JobKind, JobState, Origin, RoleRef, Scope, Traces, VaultRef};
use serde_json::Value;

use super::lenient::{Members, instant};
use super::protection::{self, ProtectionEvent};
use super::{azure, polled};

/// A job event that calls for a verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The envelope's id: the natural key against double delivery.
    pub id: String,
    /// When the event was made; AWS Backup emits every five minutes.
    pub time: Option<Timestamp>,
    pub job: Job,
}

/// What reading one body gave.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    Bad(Box<Event>),
    /// No job: somebody may have taken protection away.
    Protection(Box<ProtectionEvent>),
    /// Nothing to do, for this reason. `event_id` is empty where the event has none.
    Ignored {
        event_id: String,
        reason: String,
    },
    /// It can not be read, and trying again will not help: it belongs into the dead-letter queue.
    Malformed {
        why: String,
    },
}

/// Reads one body. `now` stands in for the time of an event that has none.
pub fn read(body: &str, now: Timestamp) -> Reading {
    let malformed = |why: String| Reading::Malformed { why };
    let value: Value = match serde_json::from_str(body) {
        Ok(value) => value,
        Err(error) => return malformed(format!("not JSON: {error}")),
    };
    let Some(envelope) = value.as_object().map(Members) else {
        return malformed("the event is no JSON object".to_owned());
    };
    let event_id = envelope.text("id").unwrap_or_default();
    let ignored = |reason: String| Reading::Ignored { event_id: event_id.clone(), reason };

    let Some(detail_type) = envelope.text("detail-type") else {
        return malformed("the event has no detail-type".to_owned());
    };
    if detail_type == OF_AZURE {
        return azure::read(event_id, envelope.instant("time"), &value, now);
    }
    if detail_type == OF_AWS {
        return polled::read(event_id, envelope.instant("time"), &envelope, now);
    }
    let kind = job_kind(&detail_type);
    if kind.is_none() && !protection::is_one(&detail_type) {
        return ignored(format!("detail-type {detail_type:?} is none that Night One reads"));
    }
    if let Some(source) = envelope.text("source").filter(|source| source != "aws.backup") {
        return ignored(format!("source {source:?} is not aws.backup"));
    }
    let Some(kind) = kind else { return protection::read(&detail_type, event_id, &envelope, now) };
    let Some(detail) = envelope.object("detail") else {
        return malformed("the event has no detail object".to_owned());
    };
    let time = envelope.instant("time");
    // FAILED events carry no completionDate; the time of the event is at most minutes later.
    judged(kind, Told { event_id, time, ended_else: time.unwrap_or(now), place: &envelope, job: &detail })
}

/// What an event tells, in its parts.
pub(super) struct Told<'a> {
    pub(super) event_id: String,
    pub(super) time: Option<Timestamp>,
    /// Stands in for the end of a job that does not tell it.
    pub(super) ended_else: Timestamp,
    /// What tells the account and the Region of the job.
    pub(super) place: &'a Members<'a>,
    pub(super) job: &'a Members<'a>,
}

/// Whether a job of this kind calls for a verdict.
pub(super) fn judged(kind: JobKind, told: Told<'_>) -> Reading {
    let Told { event_id, time, ended_else, place, job: detail } = told;
    let malformed = |why: String| Reading::Malformed { why };
    let ignored = |reason: String| Reading::Ignored { event_id: event_id.clone(), reason };
    let Some(state) = state(kind, detail) else {
        return malformed("the event has neither state nor status".to_owned());
    };
    let job = job(kind, state, place, detail, ended_else);
    if let Some(status) = validation_that_failed(&job, detail) {
        return ignored(format!("the validation of a restore test ended as {status}: verify reports it"));
    }
    if !job.is_bad() {
        return ignored(format!("a {} job that is {} is not a failure", kind.as_str(), job.state.as_str()));
    }
    if job.id.is_empty() {
        return malformed(format!("a {} job that is {} has no job id", kind.as_str(), job.state.as_str()));
    }
    Reading::Bad(Box::new(Event { id: event_id, time, job }))
}

/// The ValidationStatus of a restore test that completed and was not validated. The text beside it may say anything.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing-validation.html>
fn validation_that_failed(job: &Job, detail: &Members<'_>) -> Option<String> {
    let status = detail.text("validationStatus").filter(|_| job.kind == JobKind::Restore && !job.is_bad())?;
    matches!(status.as_str(), "FAILED" | "TIMED_OUT").then_some(status)
}

fn job_kind(detail_type: &str) -> Option<JobKind> {
    match detail_type {
        "Backup Job State Change" => Some(JobKind::Backup),
        "Copy Job State Change" => Some(JobKind::Copy),
        "Restore Job State Change" => Some(JobKind::Restore),
        _ => None,
    }
}

/// Restore jobs say `status`, but `state` in CREATED; the other families say `state`. Of two that disagree, the bad one counts.
fn state(kind: JobKind, detail: &Members<'_>) -> Option<JobState> {
    let (first, second) = if kind == JobKind::Restore { ("status", "state") } else { ("state", "status") };
    let read = |name| detail.text(name).map(|word| JobState::parse(word.trim()));
    match (read(first), read(second)) {
        (Some(state), Some(other)) if state.in_flight() || state == JobState::Completed => {
            Some(if other.in_flight() || other == JobState::Completed { state } else { other })
        }
        (state, other) => state.or(other),
    }
}

fn job(kind: JobKind, state: JobState, place: &Members<'_>, detail: &Members<'_>, time: Timestamp) -> Job {
    let names = Names::of(kind);
    let vault = detail.text(names.vault).map(VaultRef::from);
    let resource_arn = detail.text("resourceArn").or_else(|| detail.text("sourceResourceArn")).unwrap_or_default();
    // The envelope's account and Region stay those of the origin when an event is forwarded; the detail's ARNs are the fallback.
    let account = place.text("account").or_else(|| vault.as_ref().map(|vault| vault.account.clone()));
    let region = place.text("region").or_else(|| vault.as_ref().map(|vault| vault.region.clone()));
    let traces = Traces {
        rule: detail.object("createdBy").map(|by| created_by(&by)),
        backup_job: detail.text("createdByBackupJobId"),
        created: detail.instant("creationDate"),
        start_by: detail.instant("startBy"),
    };
    Job {
        message: detail.message("statusMessage").unwrap_or_default(),
        category: detail.text("messageCategory"),
        scope: Scope::aws(account.unwrap_or_default(), region.unwrap_or_default()),
        resource_arn,
        resource_name: detail.text("resourceName"),
        resource_type: detail.text("resourceType").unwrap_or_default(),
        role: detail.text("iamRoleArn").map(RoleRef::from),
        vault,
        destination: detail.text("destinationBackupVaultArn").map(VaultRef::from),
        recovery_point_arn: detail.text(names.recovery_point).or_else(|| first_resource(kind, place)),
        source_recovery_point_arn: detail.text("sourceRecoveryPointArn"),
        encryption_key_arn: detail.text("encryptionKeyArn"),
        created: detail.instant("creationDate"),
        started: detail.instant("initiationDate"),
        ended: Some(detail.instant("completionDate").unwrap_or(time)),
        start_by: detail.instant("startBy"),
        expected_completion: detail.text("expectedCompletionDate").as_deref().and_then(instant),
        origin: Origin::read(kind, traces),
        parent_job_id: detail.text("parentJobId"),
        is_parent: detail.truth("isParent"),
        size_bytes: detail.integer("backupSizeInBytes"),
        bytes_transferred: detail.integer("bytesTransferred"),
        percent_done: detail.percent("percentDone"),
        retry_count: detail.integer("retryCount"),
        ..Job::new(kind, detail.text(names.id).unwrap_or_default(), state)
    }
}

/// The recovery point that the envelope names. One of a restore may be an image or a snapshot of its own service.
fn first_resource(kind: JobKind, envelope: &Members<'_>) -> Option<String> {
    let arn = envelope.0.get("resources")?.get(0)?.as_str()?;
    let parsed = Arn::parse(arn)?;
    (kind == JobKind::Restore || parsed.resource.starts_with("recovery-point")).then(|| arn.to_owned())
}

fn created_by(by: &Members<'_>) -> CreatedBy {
    CreatedBy {
        plan_id: by.text("backupPlanId"),
        plan_arn: by.text("backupPlanArn"),
        plan_name: by.text("backupPlanName"),
        plan_version: by.text("backupPlanVersion"),
        rule_id: by.text("backupPlanRuleId").or_else(|| by.text("backupRuleId")),
        rule_name: by.text("backupRuleName"),
        rule_schedule: by.text("backupRuleCron"),
        rule_time_zone: by.text("backupRuleTimezone"),
    }
}
