//! What Night One says, and to whom: SNS subjects, bodies and attributes, chat documents, documents for programs, log lines.
//!
//! Pure. Everything that comes from outside (status messages, names, tags) passes through [`text`] before a person or a log reads it.

pub mod layout;
pub mod log;
pub mod section;
pub mod text;

mod chat;
mod document;
mod subject;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use subject::{Label, Subject};

/// One notice: what is published to the alert topic, in its chat form to the chat topic, and as a document for programs to the notice topic.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    pub kind: NoticeKind,
    pub severity: Severity,
    /// The "now" of which it speaks.
    pub time: Timestamp,
    pub subject: Subject,
    /// Plain text, at most [`text::BODY_LIMIT`] bytes.
    pub body: String,
    /// What is wrong, and what to do next, in short sentences: the chat form.
    pub summary: String,
    pub next_steps: Vec<String>,
    pub about: About,
}

/// What a notice is about: the values that people filter and route by. A digest is about several causes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    pub root_cause_classes: Vec<String>,
    /// The section of the runbook about each of these classes, in their order; none where it is not known where the runbook is kept.
    pub runbook_urls: Vec<String>,
    pub root_cause_ids: Vec<String>,
    pub job_types: Vec<String>,
    pub resource_types: Vec<String>,
    /// Where its jobs ran, the one of most jobs first.
    pub accounts: Vec<String>,
    pub regions: Vec<String>,
    /// Stands for all root causes of one fault in several accounts.
    pub family_id: Option<String>,
    pub vaults: Vec<String>,
    /// Who has to act, by tags: the owner of most resources first.
    pub owners: Vec<String>,
    /// Cause and episode: the chat thread and the pager's key to open and close an incident by.
    pub incident_ids: Vec<String>,
    /// The jobs it tells of. No attribute: nobody routes by a job.
    pub job_ids: Vec<String>,
    /// What CloudTrail tells of who changed it, the nearest first. No attribute.
    pub changes: Vec<Changed>,
}

/// A change that somebody made, as CloudTrail tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// The name of the call: `PutKeyPolicy`.
    pub event: String,
    pub time: String,
    pub actor: String,
    /// Masked to its network, unless a setting says otherwise.
    pub source_address: Option<String>,
}

/// Values of one attribute, of owners, and where a notice is about one fault in several accounts.
const VALUES: usize = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    Page,
    /// The first page of a night about a cause that has been open for too many nights.
    Escalation,
    Verified,
    StillFailing,
    /// Resources have exceeded their objective under a known cause.
    Breach,
    Stuck,
    /// What came of restore tests.
    RestoreTest,
    /// Somebody took protection away: a plan, a selection, a lock, a recovery point.
    Protection,
    Report,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Info,
    Warning,
    Critical,
}

/// The value of one SNS message attribute.
///
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeValue {
    /// Data type `String`.
    Text(String),
    /// Data type `String.Array`: a JSON list.
    List(Vec<String>),
}

impl NoticeKind {
    pub fn as_str(self) -> &'static str {
        match self {
            NoticeKind::Page => "page",
            NoticeKind::Escalation => "escalation",
            NoticeKind::Verified => "verified",
            NoticeKind::StillFailing => "still-failing",
            NoticeKind::Breach => "breach",
            NoticeKind::Stuck => "stuck",
            NoticeKind::RestoreTest => "restore-test",
            NoticeKind::Protection => "protection",
            NoticeKind::Report => "report",
        }
    }
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Critical => "critical",
        }
    }
}

impl Notice {
    /// The message attributes, at most ten, the empty ones left out: SNS refuses an empty value.
    ///
    /// One cause gives plain strings. A digest gives a list wherever it is about more than one, so that a filter on one value still matches.
    pub fn attributes(&self) -> Vec<(&'static str, AttributeValue)> {
        let about = &self.about;
        let text = |value: &str| (!value.is_empty()).then(|| AttributeValue::Text(value.to_owned()));
        let one_or_list = |values: &[String]| match values {
            [] => None,
            [one] => text(one),
            many => Some(AttributeValue::List(many.to_vec())),
        };
        // One fault in more accounts than a message has room for: the family stands for the rest.
        let some = |values: &[String]| {
            let rest = about.family_id.as_ref().filter(|_| values.len() > VALUES);
            let some: Vec<String> = values.iter().take(VALUES).chain(rest).cloned().collect();
            if rest.is_some() { one_or_list(&some) } else { one_or_list(values) }
        };
        let list = |values: &[String]| (!values.is_empty()).then(|| AttributeValue::List(values.to_vec()));
        [
            ("kind", text(self.kind.as_str())),
            ("severity", text(self.severity.as_str())),
            ("root_cause_class", one_or_list(&about.root_cause_classes)),
            ("root_cause_id", some(&about.root_cause_ids)),
            ("job_type", one_or_list(&about.job_types)),
            ("resource_types", list(&about.resource_types)),
            ("account", some(&about.accounts)),
            ("region", some(&about.regions)),
            ("owner", one_or_list(about.owners.get(..VALUES).unwrap_or(&about.owners))),
            ("incident_id", some(&about.incident_ids)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }

    /// The notice as an Amazon Q Developer (formerly AWS Chatbot) custom notification.
    ///
    /// <https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html>
    pub fn chat_document(&self) -> String {
        chat::document(self)
    }

    /// The notice as one JSON document for programs, of the form in `shared/notice/notice.schema.json`. `page_ids` are those of the log.
    pub fn document(&self, page_ids: &[String]) -> String {
        document::document(self, page_ids)
    }
}

/// A time as people read it: `2026-11-21 03:07 UTC`.
pub fn minute(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// A span as people read it, from an age in seconds: `47 d`, `9 h`, `25 min`, `less than a minute`. Below a week hours are kept: `2 d 4 h`.
pub fn span(seconds: i64) -> String {
    let (minutes, hours, days) = (seconds.max(0) / 60, seconds.max(0) / 3600, seconds.max(0) / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => "less than a minute".to_owned(),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, _) => format!("{hours} h"),
        (1..=6, hours, _) if hours % 24 > 0 => format!("{days} d {} h", hours % 24),
        (days, ..) => format!("{days} d"),
    }
}

/// A span that fills a window of hours, to the minute below two days: `1 h 37 min`, `36 h`, `25 min`, `3 d`.
pub fn span_to_the_minute(seconds: i64) -> String {
    match (seconds / 3600, seconds % 3600 / 60) {
        (hours @ 1..48, 0) => format!("{hours} h"),
        (hours @ 1..48, minutes) => format!("{hours} h {minutes} min"),
        _ => span(seconds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice() -> Notice {
        Notice {
            kind: NoticeKind::Page,
            severity: Severity::Critical,
            time: Timestamp::UNIX_EPOCH,
            subject: Subject::new(&Label::of_place("111122223333", "eu-west-1"), "CRITICAL: 41 backups failed"),
            body: "body".into(),
            summary: "summary".into(),
            next_steps: vec!["Enable the key".into()],
            about: About {
                root_cause_classes: vec!["kms-key-unusable".into()],
                runbook_urls: vec!["https://wiki.example.com/runbook#kms-key-unusable".into()],
                root_cause_ids: vec!["rc-0123456789".into()],
                job_types: vec!["backup".into()],
                resource_types: vec!["RDS".into()],
                accounts: vec!["111122223333".into()],
                regions: vec!["eu-west-1".into()],
                family_id: None,
                vaults: vec![],
                owners: vec![],
                incident_ids: vec!["rc-0123456789-20261120".into()],
                job_ids: vec![],
                changes: vec![],
            },
        }
    }

    #[test]
    fn empty_attributes_are_left_out_and_digests_are_lists() {
        let mut notice = notice();
        let names: Vec<_> = notice.attributes().into_iter().map(|(name, _)| name).collect();
        assert_eq!(
            names,
            [
                "kind",
                "severity",
                "root_cause_class",
                "root_cause_id",
                "job_type",
                "resource_types",
                "account",
                "region",
                "incident_id"
            ]
        );
        notice.about.root_cause_ids.push("rc-9876543210".into());
        let ids = notice.attributes().into_iter().find(|(name, _)| *name == "root_cause_id").unwrap().1;
        assert_eq!(ids, AttributeValue::List(vec!["rc-0123456789".into(), "rc-9876543210".into()]));
        let owner = |notice: &Notice| {
            notice.attributes().into_iter().find(|(name, _)| *name == "owner").map(|(_, value)| value)
        };
        notice.about.owners.push("crm-team".into());
        assert_eq!(owner(&notice), Some(AttributeValue::Text("crm-team".into())));
        notice.about.owners.extend((0..30).map(|number| format!("team-{number}")));
        assert!(
            matches!(owner(&notice), Some(AttributeValue::List(owners)) if owners.len() == 20 && owners[0] == "crm-team")
        );
    }

    #[test]
    fn an_attribute_and_a_document_say_the_same_word() {
        use NoticeKind::{Breach, Escalation, Page, Protection, Report, StillFailing, Stuck, Verified};
        for kind in [Page, Escalation, Verified, StillFailing, Breach, Stuck, Protection, Report] {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        for severity in [Severity::Info, Severity::Warning, Severity::Critical] {
            assert_eq!(serde_json::to_value(severity).unwrap(), severity.as_str());
        }
    }

    #[test]
    fn the_chat_document_is_the_custom_notification_schema() {
        let document: serde_json::Value = serde_json::from_str(&notice().chat_document()).unwrap();
        assert_eq!(document["version"], "1.0");
        assert_eq!(document["source"], "custom");
        assert_eq!(document["content"]["textType"], "client-markdown");
        assert_eq!(document["metadata"]["threadId"], "rc-0123456789-20261120");
        let last = "Runbook: https://wiki.example.com/runbook#kms-key-unusable";
        assert_eq!(document["content"]["nextSteps"], serde_json::json!(["Enable the key", last]));
    }

    #[test]
    fn spans_read_as_people_say_them() {
        for (seconds, text) in [
            (-5, "less than a minute"),
            (59, "less than a minute"),
            (60, "1 min"),
            (1500, "25 min"),
            (9 * 3600, "9 h"),
            (52 * 3600, "2 d 4 h"),
            (48 * 3600, "2 d"),
            (97 * 3600, "4 d 1 h"),
            (169 * 3600, "7 d"),
            (47 * 86_400 + 7, "47 d"),
        ] {
            assert_eq!(span(seconds), text);
        }
    }

    #[test]
    fn a_window_is_told_to_the_minute() {
        for (minutes, text) in [
            (-1, "less than a minute"),
            (25, "25 min"),
            (60, "1 h"),
            (97, "1 h 37 min"),
            (36 * 60, "36 h"),
            (48 * 60 - 1, "47 h 59 min"),
            (48 * 60 + 1, "2 d"),
            (168 * 60, "7 d"),
        ] {
            assert_eq!(span_to_the_minute(minutes * 60), text);
        }
    }
}
