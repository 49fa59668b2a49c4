//! The log lines of this function: the evidence that an auditor asks for. One struct a record; the order of the members is stable.

use cause::group::resources;
use classification::classify::Classification;
use classification::identity::{FamilyId, RootCauseId};
use jiff::Timestamp;
use job::{AzureRecord, Job, JobState, Look, Scope};
use lambda::metrics::Metrics;
use lambda::record::{AcceptedLine, AtRiskLine, FaultLine, LONG, PageLine, RerunLine, RerunOutcome};
use notice::{Notice, NoticeKind, log, text};
use serde::Serialize;
use source::diagnosis::Diagnosis;

pub use lambda::record::{Announcer, Ids, error, ignored};

use crate::causes::{Cause, CauseTonight, Failure};
use crate::decide::PageDecision;
use crate::intake::{Delivered, Intake};
use crate::owners::Accepted;
use crate::page::{Incident, Page};
use crate::risk::{AtRisk, LastGood};

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
    #[serde(flatten)]
    azure: Option<OfAzure<'a>>,
}

/// What only a job of Azure has.
#[derive(Serialize)]
struct OfAzure<'a> {
    operation: &'a str,
    item_id: Option<&'a str>,
    code: Option<String>,
    number: Option<i64>,
    /// What kind of evidence decided the class.
    rung: &'static str,
    /// Whether Azure says that the error passes by itself.
    transient: Option<&'static str>,
}

/// A line for each failed job.
pub fn classified(causes: &[Cause], now: Timestamp) {
    for failure in causes.iter().flat_map(|cause| &cause.failures) {
        job_classified(failure, now);
    }
}

fn job_classified(failure: &Failure, now: Timestamp) {
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
            azure: job.azure.as_deref().map(|record| of_azure(record, &failure.judged.classification)),
        },
    );
}

fn of_azure<'a>(record: &'a AzureRecord, classification: &Classification) -> OfAzure<'a> {
    OfAzure {
        operation: &record.operation,
        item_id: record.item.as_deref(),
        code: record.error.name.as_deref().map(|name| notice::text::outside(name, 200)),
        number: record.error.number,
        rung: classification.rung.as_str(),
        transient: classification.code.map(|code| code.transient.as_str()),
    }
}

fn span(from: Option<Timestamp>, to: Option<Timestamp>) -> Option<i64> {
    Some(to?.duration_since(from?).as_secs())
}

/// A line for each failure that somebody accepts, and how many there are as a metric.
pub fn accepted(accepted: &[Accepted], now: Timestamp) {
    if accepted.is_empty() {
        return;
    }
    for Accepted { failure, exception } in accepted {
        let (until, because) = (exception.until.to_string(), &exception.because);
        AcceptedLine::of(failure.job(), &until, because, NoticeKind::Page).under(failure.judged.cause.as_str()).write();
    }
    let mut metrics = Metrics::default();
    metrics.count("AcceptedFailures", accepted.len());
    println!("{}", metrics.line(now, None));
}

/// Events of accounts that are not watched: a rule in them sends what nobody here looks after.
pub fn not_watched(events: usize, now: Timestamp) {
    if events > 0 {
        let mut metrics = Metrics::default();
        metrics.count("EventsNotWatched", events);
        println!("{}", metrics.line(now, None));
    }
}

/// What came in and is no failure.
pub fn intake(intake: &Intake) {
    for (event_id, reason) in &intake.ignored {
        ignored(event_id, reason);
    }
    for Delivered { what: why, message_ids } in &intake.malformed {
        error(&format!("an event could not be read: {why}"), Ids::Messages(message_ids));
    }
}

/// A page went out. One in a digest has a line of its own, and so has each account of a fault in several.
pub fn page(page: &Page<'_>, page_id: &str, notice: &Notice, sns_message_id: &str) {
    for incident in &page.incidents {
        line(page, incident, page_id, notice, sns_message_id);
    }
}

/// What of a page is of one incident. Of a fault in several accounts the others have lines of their own.
struct Part<'a> {
    failures: Vec<&'a Failure>,
    at_risk: Vec<AtRiskLine>,
    /// `None`: another account of the fault was looked into, and what was seen there is no evidence of this one.
    evidence: Option<&'a Diagnosis>,
}

impl<'a> Part<'a> {
    fn of(incident: &Incident, page: &'a Page<'_>) -> Self {
        let all = page.tonight.cause.failures.iter();
        if page.incidents.len() < 2 {
            let at_risk = page.at_risk.iter().map(at_risk).collect();
            return Self { failures: all.collect(), at_risk, evidence: Some(&page.diagnosis) };
        }
        let in_account = |incident: &&Incident, scope: &Scope| incident.scope.account == scope.account;
        let is_alone = page.incidents.iter().filter(|other| in_account(other, &incident.scope)).count() == 1;
        let is_its = |resource: &&AtRisk| {
            in_account(&incident, &resource.scope) && (is_alone || incident.scope.region == resource.scope.region)
        };
        Self {
            failures: all.filter(|failure| failure.judged.cause == incident.cause).collect(),
            at_risk: page.at_risk.iter().filter(is_its).map(at_risk).collect(),
            evidence: Some(&page.diagnosis).filter(|_| page.looked_into.as_ref() == Some(&incident.cause)),
        }
    }

    fn jobs(&self) -> impl Iterator<Item = &'a Job> {
        self.failures.iter().map(|failure| failure.job())
    }
}

fn line(page: &Page<'_>, incident: &Incident, page_id: &str, notice: &Notice, sns_message_id: &str) {
    let part = Part::of(incident, page);
    let fault = (page.incidents.len() > 1).then(|| FaultLine {
        id: page.family.as_ref().map(FamilyId::as_str),
        jobs: page.tonight.cause.failures.len(),
        resources: page.tonight.cause.resources().len(),
        jobs_tonight: page.tonight.count(),
        resources_tonight: page.tonight.resources().len(),
        accepted: page.acting.accepted(),
        looked_into: page.looked_into.as_ref().map(RootCauseId::as_str),
    });
    let seen: &[String] = part.evidence.map_or(&[], |evidence| &evidence.looked_at);
    let unread: &[String] = part.evidence.map_or(&[], |evidence| &evidence.could_not_read);
    let could_not_read: Vec<String> = unread.iter().chain(&page.unread).cloned().collect();
    let about = PageLine::of(notice, page_id, sns_message_id);
    PageLine {
        incident_id: incident.id.as_deref(),
        root_cause_id: Some(incident.cause.as_str()),
        root_cause_class: Some(page.diagnosis.class.id()),
        class_from_text: Some(page.tonight.cause.class.id()),
        confidence: Some(page.diagnosis.confidence.as_str()),
        jobs: part.failures.len(),
        resources: Some(resources(part.jobs()).len()),
        jobs_tonight: Some(incident.jobs),
        resources_tonight: Some(incident.resources),
        accepted: fault.as_ref().map_or(page.acting.accepted(), |_| page.acting.accepted_in(&incident.scope.account)),
        fault,
        nights: page.decision.episode().map(|episode| episode.nights),
        rank: page.decision.page().map(|(_, rank)| rank),
        finding: part.evidence.and_then(|evidence| Some(evidence.finding.as_ref()?.sentence.as_str())),
        looked_at: seen,
        could_not_read: &could_not_read,
        job_ids: part.jobs().map(|job| job.id.as_str()).collect(),
        changes: if part.evidence.is_some() { about.changes } else { &[] },
        changes_note: part
            .evidence
            .filter(|_| page.trail.changes().is_empty())
            .map(|_| page.trail.sentences(page.show_address).concat())
            .filter(|note| !note.is_empty()),
        at_risk: part.at_risk,
        ..about
    }
    .write();
}

fn at_risk(resource: &AtRisk) -> AtRiskLine {
    let (recovery_points, good) = match &resource.last_good {
        Look::Seen(good) => ("seen", Some(good)),
        Look::Missing => ("missing", None),
        Look::Unreadable { .. } => ("unreadable", None),
        Look::NotLooked { .. } => ("not-looked", None),
    };
    AtRiskLine {
        resource_arn: text::outside(&resource.arn, LONG),
        last_good: resource.began().map(|began| began.to_string()),
        recovery_point_arn: good.and_then(|good| match good {
            LastGood::Began { recovery_point_arn, .. } => recovery_point_arn.clone(),
            LastGood::WithHoles { .. } => None,
        }),
        objective_s: resource.objective.as_ref().ok().map(|objective| objective.age.as_secs()),
        breaches_at: resource.breaches_at().map(|at| at.to_string()),
        recovery_points,
    }
}

#[derive(Serialize)]
struct Suppressed<'a> {
    root_cause_id: &'a str,
    reason: &'a str,
    known_failures: Option<usize>,
    job_ids: Vec<&'a str>,
}

pub fn page_suppressed(tonight: &CauseTonight<'_>, reason: &str, decision: &PageDecision) {
    let known_failures = match decision {
        PageDecision::Known { .. } => Some(tonight.count()),
        PageDecision::Unreadable { .. } | PageDecision::RankedBySeen { .. } => None,
    };
    let line = Suppressed {
        root_cause_id: tonight.cause.id.as_str(),
        reason,
        known_failures,
        job_ids: tonight.cause.jobs().map(|job| job.id.as_str()).collect(),
    };
    log::write("page_suppressed", &line);
}

/// A rerun of ours ended badly. Verify announces it, unless it failed in a new way.
pub fn rerun_outcome(failure: &Failure, announced_by: Announcer) {
    let job = failure.job();
    let outcome = match job.state {
        JobState::Completed => RerunOutcome::CompletedWithIssues,
        _ => RerunOutcome::Failed,
    };
    RerunLine::of(job, failure.judged.cause.as_str(), outcome, announced_by).write();
}
