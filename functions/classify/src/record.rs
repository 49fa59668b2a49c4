//! The log lines and the answer of this function: the evidence that an auditor asks for. One struct a record; the order of the members is stable.

use jiff::Timestamp;
use lambda::record::LONG;
use notice::{Notice, log};
use serde::Serialize;

pub use lambda::record::{Ids, error};

use crate::causes::{Failure, Tonight};
use crate::page::Page;
use crate::storm::Standing;

#[derive(Serialize)]
struct JobClassified<'a> {
    job_type: &'static str,
    job_id: &'a str,
    event_id: &'a str,
    state: &'a str,
    root_cause_id: &'a str,
    root_cause_class: &'a str,
    confidence: &'a str,
    fingerprint: Option<&'a str>,
    message: String,
    message_category: Option<String>,
    account: &'a str,
    region: &'a str,
    resource_arn: String,
    resource_name: Option<String>,
    resource_type: &'a str,
    role_arn: Option<&'a str>,
    vault_arn: Option<&'a str>,
    destination_vault_arn: Option<&'a str>,
    recovery_point_arn: Option<&'a str>,
    start: Option<String>,
    end: Option<String>,
    duration_s: Option<i64>,
    /// From the job's end to this line.
    detected_after_s: Option<i64>,
    retry_count: Option<i64>,
    bytes: Option<i64>,
    plan_id: Option<&'a str>,
    plan_name: Option<&'a str>,
    rule_id: Option<&'a str>,
    rule_name: Option<&'a str>,
    parent_job_id: Option<&'a str>,
    is_parent: bool,
    ours: bool,
}

pub fn job_classified(failure: &Failure, now: Timestamp) {
    let job = failure.job();
    let by = job.rule();
    log::write(
        "job_classified",
        &JobClassified {
            job_type: job.kind.as_str(),
            job_id: &job.id,
            event_id: &failure.event_id,
            state: job.state.as_str(),
            root_cause_id: failure.judged.cause.as_str(),
            root_cause_class: failure.judged.classification.class.id(),
            confidence: failure.judged.classification.confidence.as_str(),
            fingerprint: failure.judged.classification.fingerprint,
            message: notice::text::outside(&job.message, LONG),
            message_category: job.category.as_deref().map(|text| notice::text::outside(text, 100)),
            account: &job.scope.account,
            region: &job.scope.region,
            resource_arn: notice::text::outside(&job.resource_arn, LONG),
            resource_name: job.resource_name.as_deref().map(|text| notice::text::outside(text, 256)),
            resource_type: &job.resource_type,
            role_arn: job.role_arn(),
            vault_arn: job.vault_arn(),
            destination_vault_arn: job.destination_vault_arn(),
            recovery_point_arn: job.recovery_point_arn.as_deref(),
            start: job.created.map(|instant| instant.to_string()),
            end: job.ended.map(|instant| instant.to_string()),
            duration_s: span(job.created, job.ended),
            detected_after_s: span(job.ended, Some(now)),
            retry_count: job.retry_count,
            bytes: job.bytes_transferred.or(job.size_bytes),
            plan_id: by.and_then(|by| by.plan_id.as_deref()),
            plan_name: by.and_then(|by| by.plan_name.as_deref()),
            rule_id: by.and_then(|by| by.rule_id.as_deref()),
            rule_name: by.and_then(|by| by.rule_name.as_deref()),
            parent_job_id: job.parent_job_id.as_deref(),
            is_parent: job.is_parent,
            ours: job.is_our_rerun(),
        },
    );
}

fn span(from: Option<Timestamp>, to: Option<Timestamp>) -> Option<i64> {
    Some(to?.duration_since(from?).as_secs())
}

#[derive(Serialize)]
struct Ignored<'a> {
    event_id: &'a str,
    reason: String,
}

pub fn ignored(event_id: &str, reason: &str) {
    log::write("ignored", &Ignored { event_id, reason: notice::text::outside(reason, 300) });
}

#[derive(Serialize)]
struct PageLine<'a> {
    page_id: &'a str,
    incident_id: &'a str,
    root_cause_id: &'a str,
    root_cause_class: &'a str,
    class_from_text: &'a str,
    confidence: &'a str,
    severity: &'a str,
    subject: &'a str,
    sns_message_id: &'a str,
    /// Of the batch; `job_ids` names them.
    jobs: usize,
    resources: usize,
    jobs_tonight: usize,
    resources_tonight: usize,
    nights: Option<usize>,
    rank: Option<usize>,
    finding: Option<&'a str>,
    looked_at: &'a [String],
    could_not_read: &'a [String],
    job_ids: Vec<&'a str>,
}

pub fn page(page: &Page<'_>, page_id: &str, notice: &Notice, sns_message_id: &str) {
    log::write(
        "page",
        &PageLine {
            page_id,
            incident_id: &page.incident_id,
            root_cause_id: page.tonight.cause.id.as_str(),
            root_cause_class: page.diagnosis.class.id(),
            class_from_text: page.tonight.cause.class.id(),
            confidence: page.diagnosis.confidence.as_str(),
            severity: notice.severity.as_str(),
            subject: &notice.subject,
            sns_message_id,
            jobs: page.tonight.cause.failures.len(),
            resources: page.tonight.cause.resources().len(),
            jobs_tonight: page.tonight.count(),
            resources_tonight: page.tonight.resources().len(),
            nights: page.standing.episode().map(|episode| episode.nights),
            rank: page.standing.page().map(|(_, rank)| rank),
            finding: page.diagnosis.finding.as_ref().map(|finding| finding.sentence.as_str()),
            looked_at: &page.diagnosis.looked_at,
            could_not_read: &page.diagnosis.could_not_read,
            job_ids: page.tonight.cause.jobs().map(|job| job.id.as_str()).collect(),
        },
    );
}

#[derive(Serialize)]
struct Suppressed<'a> {
    root_cause_id: &'a str,
    reason: &'a str,
    known_failures: Option<usize>,
    job_ids: Vec<&'a str>,
}

pub fn page_suppressed(tonight: &Tonight<'_>, reason: &str, standing: &Standing) {
    let known_failures = match standing {
        Standing::Known { .. } => Some(tonight.count()),
        Standing::Unreadable { .. } => None,
    };
    let line = Suppressed {
        root_cause_id: tonight.cause.id.as_str(),
        reason,
        known_failures,
        job_ids: tonight.cause.jobs().map(|job| job.id.as_str()).collect(),
    };
    log::write("page_suppressed", &line);
}

#[derive(Serialize)]
struct RerunOutcome<'a> {
    job_id: &'a str,
    root_cause_id: &'a str,
    state: &'a str,
    message: String,
    resource_arn: &'a str,
    announced_by: &'static str,
}

/// A rerun of ours ended badly. Verify announces it, unless it failed in a new way.
pub fn rerun_outcome(failure: &Failure, announced_by: &'static str) {
    let job = failure.job();
    log::write(
        "rerun_outcome",
        &RerunOutcome {
            job_id: &job.id,
            root_cause_id: failure.judged.cause.as_str(),
            state: job.state.as_str(),
            message: notice::text::outside(&job.message, LONG),
            resource_arn: &job.resource_arn,
            announced_by,
        },
    );
}

/// What one invocation did: the answer to a bare event, and a log line for every batch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub events: usize,
    pub failures: usize,
    pub ignored: usize,
    pub malformed: usize,
    pub root_causes: Vec<CauseLine>,
    pub pages: usize,
    pub suppressed: usize,
    pub given_back: usize,
    /// What could not be read; empty when everything was.
    pub coverage_errors: Vec<String>,
}

/// One cause of a summary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CauseLine {
    pub root_cause_id: String,
    pub root_cause_class: &'static str,
    pub jobs: usize,
    pub resources: usize,
    pub outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Paged,
    Digested,
    Suppressed,
    /// The page could not be published; the messages are given back.
    GivenBack,
}
