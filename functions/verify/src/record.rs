//! The log lines and the answer of this function: the evidence that an auditor asks for. One struct a record; the order of the members is stable.

use cause::episode::incident_id;
use classification::identity::RootCauseId;
use jiff::Timestamp;
use job::{Cloud, Job, Scope};
use lambda::record::{AcceptedLine, Announcer, LONG, Layer, PageLine, RerunLine, ScopeLine};
use notice::{Notice, NoticeKind, log, text};
use owner::Exception;
use serde::{Serialize, Serializer};

pub use lambda::record::{Ids, RerunOutcome, error};

use crate::coverage::Coverage;
use crate::decide::Status;
use crate::evidence::{Document, Kept};
use crate::ledger::Cause;
use crate::probe::{Probe, Verdict};
use crate::rerun::{Aim, Rerun};
use crate::standing::Standing;
use advice::stack::VerifyMode;

/// CloudWatch keeps 256 KB of a line: a hundred causes fit with so much of each, in characters and sentences.
const REASON: usize = 900;
const SENTENCE: usize = 300;
const SENTENCES: usize = 4;

#[derive(Serialize)]
struct RerunStarted<'a> {
    root_cause_id: &'a str,
    root_cause_class: &'a str,
    /// Null for a job that proves nothing: an operator had what was missed backed up.
    attempt: Option<usize>,
    job_id: Option<&'a str>,
    job_type: &'static str,
    resource_arn: String,
    resource_type: String,
    vault: String,
    /// Of AWS, as the next one.
    #[serde(skip_serializing_if = "Option::is_none")]
    role_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
    /// Of a database of Azure.
    #[serde(skip_serializing_if = "Option::is_none")]
    backup_type: Option<&'static str>,
    reason: String,
}

/// A rerun was started, as job `job_id`; `None` where Azure does not name it yet.
pub fn rerun_started(cause: &Cause, rerun: &Rerun, job_id: Option<&str>, reason: &str) {
    log::write("rerun_started", &started(cause, rerun, job_id, reason));
}

fn started<'a>(cause: &'a Cause, rerun: &'a Rerun, job_id: Option<&'a str>, reason: &str) -> RerunStarted<'a> {
    RerunStarted {
        root_cause_id: cause.id.as_str(),
        root_cause_class: cause.class.id(),
        attempt: match rerun.aim {
            Aim::Proof { attempt } => Some(attempt),
            Aim::CatchUp => None,
        },
        job_id,
        job_type: rerun.kind.as_str(),
        resource_arn: text::outside(&rerun.resource_arn, LONG),
        resource_type: text::outside(&rerun.resource_type, 100),
        vault: text::outside(rerun.order.vault(), LONG),
        role_arn: rerun.order.role_arn().map(|role| text::outside(role, LONG)),
        token: rerun.order.token(),
        backup_type: rerun.order.backup_type().map(azure::BackupType::as_str),
        reason: text::outside(reason, LONG),
    }
}

/// A rerun has ended. `attempt` is its place in the episode, from 1; `failed_of` the cause that it failed of.
pub fn rerun_outcome(
    cause: &RootCauseId,
    attempt: usize,
    job: &Job,
    outcome: RerunOutcome,
    failed_of: Option<&RootCauseId>,
) {
    ended(cause, attempt, job, outcome, failed_of).write();
}

fn ended<'a>(
    cause: &'a RootCauseId,
    attempt: usize,
    job: &'a Job,
    outcome: RerunOutcome,
    failed_of: Option<&'a RootCauseId>,
) -> RerunLine<'a> {
    RerunLine {
        attempt: Some(attempt),
        message: text::outside(job.objection(), LONG),
        new_root_cause_id: failed_of.filter(|other| *other != cause).map(RootCauseId::as_str),
        ..RerunLine::of(job, cause.as_str(), outcome, Announcer::Verify)
    }
}

/// A notice went out.
pub fn page(notice: &Notice, page_id: &str, sns_message_id: &str, job_ids: &[&str]) {
    PageLine { jobs: job_ids.len(), job_ids: job_ids.to_vec(), ..PageLine::of(notice, page_id, sns_message_id) }
        .write();
}

#[derive(Serialize)]
struct IncidentClosed<'a> {
    page_id: &'a str,
    incident_id: Option<&'a str>,
    root_cause_id: Option<&'a str>,
    root_cause_class: Option<&'a str>,
    sns_message_id: &'a str,
    job_id: &'a str,
}

/// No notice of this kind was sent of a job, because somebody accepts it.
pub fn accepted(job: &Job, exception: &Exception, kind: NoticeKind) {
    AcceptedLine::of(job, &exception.until.to_string(), &exception.because, kind).write();
}

/// Programs were told to close an incident, and people were not: the report is where they read of it.
pub fn incident_closed(notice: &Notice, page_id: &str, sns_message_id: &str, job_id: &str) {
    let PageLine { incident_id, root_cause_id, root_cause_class, .. } = PageLine::of(notice, page_id, sns_message_id);
    let line = IncidentClosed { page_id, incident_id, root_cause_id, root_cause_class, sns_message_id, job_id };
    log::write("incident_closed", &line);
}

#[derive(Serialize)]
struct CauseEvidence<'a> {
    root_cause_id: &'a str,
    account: &'a str,
    region: &'a str,
    /// Where it is kept; null where it is not.
    bucket: Option<&'a str>,
    folder: Option<&'a str>,
    /// Why it is not, where it should be.
    not_kept: Option<&'a str>,
    /// Of the list of the hashes of its parts: the log and the bucket are two places, and who changes one changes not the other.
    sha256: &'a str,
}

/// The document of a root cause was made. Where it should be kept and is not, that is an error.
pub fn cause_evidence(root_cause_id: &str, document: &Document) {
    let (bucket, folder, not_kept) = match &document.kept {
        Kept::Kept { bucket, folder } => (Some(bucket.as_str()), Some(folder.as_str()), None),
        Kept::NotKept { why } => (None, None, Some(why.as_str())),
        Kept::NoBucket | Kept::DryRun => (None, None, None),
    };
    if let Some(why) = not_kept {
        error(&format!("the evidence was not kept: {why}"), Ids::RootCauses(&[root_cause_id.to_owned()]));
    }
    let Document { account, region, sha256_of_all: sha256, .. } = document;
    let line = CauseEvidence { root_cause_id, account, region, bucket, folder, not_kept, sha256 };
    log::write("cause_evidence", &line);
}

/// What one invocation found and did: its answer, and its last log line, `verify_summary`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The cause that holds back most resources first.
    pub root_causes: Vec<CauseLine>,
    pub started: usize,
    /// Notices that went out.
    pub announced: usize,
    /// Jobs that became stuck in the window of this tick.
    pub stuck: usize,
    /// Claimed ids that no root cause of the look-back has.
    pub unknown_claims: Vec<String>,
    /// What came of the jobs that were to be stopped.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stops: Vec<StopLine>,
    /// What came of the resources that were to be backed up now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub catch_up: Vec<CatchUpLine>,
    #[serde(serialize_with = "mode")]
    pub mode: VerifyMode,
    /// Nothing was to be started, whatever the mode.
    pub dry_run: bool,
    pub coverage: Coverage,
}

/// One root cause of a summary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CauseLine {
    pub id: String,
    /// Of Azure, as the location.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Of AWS, as the Region, where more than one account in one Region is watched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Where the organization or, of a subscription, the resource graph tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    pub class: &'static str,
    pub status: Status,
    /// What the account says; `null` when it was not looked at.
    #[serde(serialize_with = "verdict")]
    pub verdict: Option<Verdict>,
    /// One plain sentence.
    pub reason: String,
    /// Failed jobs of the episode.
    pub jobs: usize,
    /// Resources held back in the episode.
    pub resources: usize,
    pub evidence: Vec<String>,
    /// Reruns of the episode.
    pub attempts: usize,
    pub since: String,
    pub incident_id: String,
}

/// What came of one job that an operator wants to be stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StopLine {
    pub job_id: String,
    pub status: StopStatus,
    /// One plain sentence.
    pub reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopStatus {
    /// Its cloud was asked, and the job has not ended yet: the same claim goes on from there.
    Stopping,
    /// It was stopped, and a rerun of its resource was started.
    Started,
    /// It was stopped, and another job of its resource began since.
    Done,
    /// It would be stopped, or rerun, but that nothing is to be started.
    WouldStop,
    /// It was stopped, and no rerun was started.
    Stopped,
    Refused,
    /// No place that could be read has such a job, and some could not be read.
    NotRead,
    /// No place that is watched has such a job.
    Unknown,
}

/// What came of one resource of a root cause that an operator wants to be caught up with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CatchUpLine {
    pub root_cause_id: String,
    /// Null where it is about the cause itself, or about the rest of its resources.
    pub resource_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_type: Option<&'static str>,
    pub status: CatchUpStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<String>,
    /// Of its newest recovery point, where AWS tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<i64>,
    /// When it exceeds its objective, where that is before its next run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passes_objective: Option<String>,
    /// One plain sentence.
    pub reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CatchUpStatus {
    Started,
    WouldStart,
    /// It has a good job since its last failure.
    Done,
    /// Something stands in its way for now.
    Waiting,
    /// No job of it can be started.
    NotRerunnable,
    Refused,
    /// MAX_CATCH_UP is used up.
    Budget,
    /// The cause is not proven fixed, and a job of it would fail as the last one did.
    NotProven,
    /// No root cause of this id was looked into.
    Unknown,
}

impl CauseLine {
    /// `probe`: `None` if the account was not looked at.
    pub fn new(
        cause: &Cause,
        standing: &Standing<'_>,
        probe: Option<&Probe>,
        (status, reason): (Status, &str),
        now: Timestamp,
    ) -> Self {
        let probed = |sentences: fn(&Probe) -> &Vec<String>| probe.map(sentences).into_iter().flatten();
        let looked_at = probed(|probe| &probe.evidence).map(|sentence| text::outside(sentence, SENTENCE));
        let could_not = probed(|probe| &probe.could_not_read)
            .map(|sentence| format!("Could not be read: {}", text::outside(sentence, SENTENCE)));
        let scope = cause.example().map(|job| &job.scope).filter(|scope| scope.cloud == Cloud::Azure);
        Self {
            id: cause.id.to_string(),
            subscription: scope.map(|scope| text::outside(&scope.account, 40)),
            location: scope.map(|scope| text::outside(&scope.region, 40)),
            account: None,
            account_name: None,
            region: None,
            class: cause.class.id(),
            status,
            verdict: probe.map(|probe| probe.verdict),
            reason: text::outside(reason, REASON),
            jobs: standing.episode.failures,
            resources: standing.held_back.len(),
            evidence: looked_at.chain(could_not).take(SENTENCES).collect(),
            attempts: standing.attempts.len(),
            since: standing.episode.start.to_string(),
            incident_id: incident_id(&cause.id, &standing.episode, now),
        }
    }
}

impl CauseLine {
    /// The same, and whose cause it is.
    #[must_use]
    pub fn of(self, scope: &Scope, account_name: Option<&str>) -> Self {
        let line = Self { account_name: account_name.map(|name| text::outside(name, 50)), ..self };
        match scope.cloud {
            Cloud::Aws => Self {
                account: Some(text::outside(&scope.account, 40)),
                region: Some(text::outside(&scope.region, 40)),
                ..line
            },
            Cloud::Azure => line,
        }
    }
}

/// What was seen of one account in one Region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    pub scope: Scope,
    pub layer: Layer,
    /// What could not be read there, in sentences.
    pub errors: Vec<String>,
    /// Jobs that failed or are on their way.
    pub jobs_counted: usize,
}

impl Reached {
    /// Writes its `scope` line.
    pub fn write(&self, account_name: Option<&str>) {
        let errors: Vec<String> = self.errors.iter().take(SENTENCES).map(|why| text::outside(why, REASON)).collect();
        let Scope { account, region, .. } = &self.scope;
        let complete = self.errors.is_empty();
        let (layer, jobs_counted) = (self.layer, self.jobs_counted);
        ScopeLine { account, account_name, region, layer, complete, errors, jobs_counted }.write();
    }
}

fn mode<S: Serializer>(mode: &VerifyMode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match mode {
        VerifyMode::Run => "run",
        VerifyMode::Claim => "claim",
        VerifyMode::DryRun => "dry-run",
    })
}

fn verdict<S: Serializer>(verdict: &Option<Verdict>, serializer: S) -> Result<S::Ok, S::Error> {
    verdict.map(Verdict::as_str).serialize(serializer)
}

#[cfg(test)]
mod tests;
