//! The log lines that more than one function writes. Each has the same form in all of them.

use advice::protection::Lost;
use change::ShowAddress;
use job::Job;
use notice::{Changed, Notice, NoticeKind, log, text};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};

/// Longest outside text in a log line, in characters.
pub const LONG: usize = 2_000;

/// What an error is about. Each kind has its own member in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ids<'a> {
    /// `message_ids`: the SQS messages given back because of it.
    Messages(&'a [String]),
    /// `page_ids`: the notices that somebody did not get.
    Pages(&'a [String]),
    /// `root_cause_ids`
    RootCauses(&'a [String]),
    /// `vault_ids`: of Azure.
    Vaults(&'a [String]),
}

/// Writes an `error` line.
pub fn error(message: &str, ids: Ids<'_>) {
    log::write("error", &line(message, ids));
}

#[derive(Serialize)]
struct Line<'a> {
    message: String,
    #[serde(flatten)]
    ids: Ids<'a>,
}

fn line<'a>(message: &str, ids: Ids<'a>) -> Line<'a> {
    Line { message: text::outside(message, LONG), ids }
}

impl Serialize for Ids<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (member, ids) = match self {
            Ids::Messages(ids) => ("message_ids", ids),
            Ids::Pages(ids) => ("page_ids", ids),
            Ids::RootCauses(ids) => ("root_cause_ids", ids),
            Ids::Vaults(ids) => ("vault_ids", ids),
        };
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(member, ids)?;
        map.end()
    }
}

/// How much could be seen of an account in a Region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    /// Nothing answers: it is not assessed.
    None,
    /// Only its events come.
    Events,
    /// Its jobs stand in the lists of the organization; nothing else can be seen.
    Central,
    /// Everything, by its look role.
    Look,
    /// Everything: it is our own account.
    Own,
}

/// What was seen of an account in a Region: a `scope` line.
#[derive(Clone, Debug, Serialize)]
pub struct ScopeLine<'a> {
    pub account: &'a str,
    /// Null where nobody told it.
    pub account_name: Option<&'a str>,
    pub region: &'a str,
    pub layer: Layer,
    /// Whether everything of that layer was read to its end.
    pub complete: bool,
    /// Why not.
    pub errors: Vec<String>,
    pub jobs_counted: usize,
}

impl ScopeLine<'_> {
    pub fn write(&self) {
        log::write("scope", self);
    }
}

/// Something that no notice was sent of, because an exception of its resource holds: an `accepted` line.
#[derive(Debug, Serialize)]
pub struct AcceptedLine<'a> {
    pub job_type: &'static str,
    pub job_id: &'a str,
    /// Null for a job that hangs.
    pub root_cause_id: Option<&'a str>,
    pub account: &'a str,
    pub region: &'a str,
    pub resource_arn: String,
    pub end: Option<String>,
    pub accepted_until: &'a str,
    pub accepted_because: &'a str,
    /// The kind of the notice that was not sent.
    pub kind: &'static str,
}

impl<'a> AcceptedLine<'a> {
    pub fn of(job: &'a Job, until: &'a str, because: &'a str, kind: NoticeKind) -> Self {
        Self {
            job_type: job.kind.as_str(),
            job_id: &job.id,
            root_cause_id: None,
            account: &job.scope.account,
            region: &job.scope.region,
            resource_arn: text::outside(&job.resource_arn, LONG),
            end: job.ended.map(|instant| instant.to_string()),
            accepted_until: until,
            accepted_because: because,
            kind: kind.as_str(),
        }
    }

    /// The same of a root cause.
    #[must_use]
    pub fn under(self, root_cause_id: &'a str) -> Self {
        Self { root_cause_id: Some(root_cause_id), ..self }
    }

    pub fn write(&self) {
        log::write("accepted", self);
    }
}

/// A notice that went out: a `page` line. What a function does not know is null, or an empty list.
#[derive(Debug, Default, Serialize)]
pub struct PageLine<'a> {
    pub page_id: &'a str,
    pub kind: &'static str,
    pub incident_id: Option<&'a str>,
    pub root_cause_id: Option<&'a str>,
    /// After evidence.
    pub root_cause_class: Option<&'a str>,
    pub class_from_text: Option<&'a str>,
    pub confidence: Option<&'a str>,
    pub severity: &'static str,
    pub subject: &'a str,
    pub sns_message_id: &'a str,
    /// Of this root cause, in the batch; `job_ids` names them.
    pub jobs: usize,
    pub resources: Option<usize>,
    pub jobs_tonight: Option<usize>,
    pub resources_tonight: Option<usize>,
    /// The whole of a fault in several accounts: each has a root cause and a line of its own. Null: it is in one.
    pub fault: Option<FaultLine<'a>>,
    /// On which it failed, those among them on which all that failed is accepted.
    pub nights: Option<usize>,
    pub rank: Option<usize>,
    pub finding: Option<&'a str>,
    pub looked_at: &'a [String],
    pub could_not_read: &'a [String],
    pub job_ids: Vec<&'a str>,
    /// What CloudTrail tells of who changed it.
    pub changes: &'a [Changed],
    /// Whether it was asked, and what it did not tell.
    pub changes_note: Option<String>,
    /// Who has to act.
    pub owners: &'a [String],
    /// Resources that failed of it and are accepted. Of a fault in several accounts those whose ARNs name this one.
    pub accepted: usize,
    /// The resources of the page that were looked at, the most urgent first.
    pub at_risk: Vec<AtRiskLine>,
}

/// One fault in several accounts: the same in each of its lines, so nobody adds it up.
#[derive(Debug, Serialize)]
pub struct FaultLine<'a> {
    /// `rf-` and ten digits.
    pub id: Option<&'a str>,
    pub jobs: usize,
    pub resources: usize,
    pub jobs_tonight: usize,
    pub resources_tonight: usize,
    pub accepted: usize,
    /// The root cause of the account that was looked into for all of them: its line has the evidence.
    pub looked_into: Option<&'a str>,
}

/// What is known of a resource that a page is about. Null: nothing, or not looked at.
#[derive(Debug, Default, Serialize)]
pub struct AtRiskLine {
    pub resource_arn: String,
    /// When the job began that made its last good recovery point.
    pub last_good: Option<String>,
    pub recovery_point_arn: Option<String>,
    pub objective_s: Option<i64>,
    pub breaches_at: Option<String>,
    /// `seen`, `missing` where no recovery point is left, `unreadable` or `not-looked`.
    pub recovery_points: &'static str,
}

impl<'a> PageLine<'a> {
    /// What the notice itself tells. A digest is about several causes: of those the first is named.
    pub fn of(notice: &'a Notice, page_id: &'a str, sns_message_id: &'a str) -> Self {
        let first = |values: &'a [String]| values.first().map(String::as_str);
        Self {
            page_id,
            kind: notice.kind.as_str(),
            incident_id: first(&notice.about.incident_ids),
            root_cause_id: first(&notice.about.root_cause_ids),
            root_cause_class: first(&notice.about.root_cause_classes),
            severity: notice.severity.as_str(),
            subject: &notice.subject,
            sns_message_id,
            changes: &notice.about.changes,
            owners: &notice.about.owners,
            ..Self::default()
        }
    }

    pub fn write(&self) {
        log::write("page", self);
    }
}

/// A notice that is about no jobs of its own went out.
pub fn page(notice: &Notice, page_id: &str, sns_message_id: &str) {
    PageLine::of(notice, page_id, sns_message_id).write();
}

/// What turned out to be nothing to tell: an `ignored` line.
pub fn ignored(event_id: &str, reason: &str) {
    log::write("ignored", &Ignored { event_id, reason: text::outside(reason, 300) });
}

#[derive(Serialize)]
struct Ignored<'a> {
    event_id: &'a str,
    reason: String,
}

/// A change that took protection away: a `protection` line.
#[derive(Debug, Serialize)]
pub struct ProtectionLine<'a> {
    pub page_id: String,
    pub incident_id: String,
    /// The kind of change.
    pub change: &'static str,
    pub severity: &'static str,
    pub account: &'a str,
    pub region: &'a str,
    pub thing: String,
    pub time: String,
    pub details: &'a [String],
    /// The call, and who made it, where CloudTrail has it.
    pub event: &'a str,
    pub actor: Option<String>,
    pub source_address: Option<String>,
    pub outcome: Option<ProtectionOutcome>,
}

/// Where topics differ, the greatest holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProtectionOutcome {
    SentBefore,
    Told,
    /// The notice could not be published; it is tried again.
    NotTold,
}

impl<'a> ProtectionLine<'a> {
    pub fn of(lost: &'a Lost, show: ShowAddress) -> Self {
        let change = lost.who.change().map(|change| change.told(show));
        Self {
            page_id: lost.page_id(),
            incident_id: lost.incident_id(),
            change: lost.loss.id(),
            severity: lost.loss.severity().as_str(),
            account: &lost.scope.account,
            region: &lost.scope.region,
            thing: text::outside(&lost.thing, LONG),
            time: lost.at.to_string(),
            details: &lost.details,
            event: lost.event(),
            source_address: change.as_ref().and_then(|change| change.source_address.clone()),
            actor: change.map(|change| change.actor),
            outcome: None,
        }
    }

    pub fn write(self, outcome: ProtectionOutcome) {
        log::write("protection", &Self { outcome: Some(outcome), ..self });
    }
}

/// A rerun of ours that ended: a `rerun_outcome` line.
#[derive(Debug, Serialize)]
pub struct RerunLine<'a> {
    pub root_cause_id: &'a str,
    /// Its place in the episode, from 1; `None` where nobody has counted.
    pub attempt: Option<usize>,
    pub job_id: &'a str,
    pub state: &'a str,
    pub outcome: RerunOutcome,
    pub resource_arn: String,
    pub recovery_point_arn: Option<&'a str>,
    pub message: String,
    /// The cause that it failed of, where that is another one.
    pub new_root_cause_id: Option<&'a str>,
    pub announced_by: Announcer,
}

/// The function that tells people of a rerun that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Announcer {
    Verify,
    Classify,
}

/// What came of a rerun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RerunOutcome {
    /// It proves the cause fixed.
    Verified,
    /// It brought its own resource back; others of the cause are still open.
    Recovered,
    Failed,
    CompletedWithIssues,
    /// It completed, and what it made is gone or cannot be used.
    RecoveryPointGone,
}

impl<'a> RerunLine<'a> {
    pub fn of(job: &'a Job, root_cause_id: &'a str, outcome: RerunOutcome, announced_by: Announcer) -> Self {
        Self {
            root_cause_id,
            attempt: None,
            job_id: &job.id,
            state: job.state.as_str(),
            outcome,
            resource_arn: text::outside(&job.resource_arn, LONG),
            recovery_point_arn: job.recovery_point_arn.as_deref(),
            message: text::outside(&job.message, LONG),
            new_root_cause_id: None,
            announced_by,
        }
    }

    pub fn write(&self) {
        log::write("rerun_outcome", self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_what_it_is_about() {
        let ids = ["a".to_owned()];
        for (of, members) in [
            (Ids::Messages(&[]), r#""message_ids":[]"#),
            (Ids::Messages(&ids), r#""message_ids":["a"]"#),
            (Ids::Pages(&ids), r#""page_ids":["a"]"#),
            (Ids::RootCauses(&ids), r#""root_cause_ids":["a"]"#),
            (Ids::Vaults(&ids), r#""vault_ids":["a"]"#),
        ] {
            let expected = format!(r#"{{"record":"error","message":"it broke",{members}}}"#);
            assert_eq!(log::line("error", &line("it\nbroke", of)), expected);
        }
    }
}
