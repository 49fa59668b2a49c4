//! What was asked of this invocation.

use std::collections::BTreeSet;

use classification::identity::RootCauseId;
use jiff::Timestamp;
use lambda::scheduler::scheduled_time;
use notice::text;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;

/// One invocation's question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    pub asked_by: AskedBy,
    pub purpose: Purpose,
    /// Root-cause ids that an operator says are fixed, as given.
    pub claimed: BTreeSet<String>,
    /// Ids of stuck jobs that an operator wants to be stopped, as given.
    pub to_stop: BTreeSet<String>,
    /// The root causes, proven fixed, whose other resources an operator wants to be backed up now.
    pub catch_up: BTreeSet<String>,
    /// The root cause of which an auditor wants to have all that is known.
    pub evidence: Option<String>,
}

/// Only the scheduler's tick announces outcomes: it alone comes once for each window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedBy {
    /// With the time that the scheduler meant.
    Scheduler(Timestamp),
    Operator,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Act,
    /// `{"dry_run": true}`: decide and say it, start nothing.
    DryRun,
}

/// What every refusal of a payload ends with.
const ACCEPTED: &str = "verify takes the scheduler's {\"time\":\"2026-11-21T03:15:00Z\"}, {}, {\"dry_run\":true}, {\"fixed\":[\"rc-0123456789\"]}, {\"stop\":[\"job id\"]}, {\"catch_up\":[\"rc-0123456789\"]} or {\"evidence\":\"rc-0123456789\"}";

impl Input {
    /// Reads the payload of an invocation.
    ///
    /// # Errors
    /// A sentence that says what is wrong and what is accepted. A member that nobody knows is refused: a claim lost to a typing mistake
    /// would look like a decision.
    pub fn read(payload: &RawValue) -> Result<Self, String> {
        let refuse = |why: String| format!("{why}: {ACCEPTED}");
        let value: Value =
            serde_json::from_str(payload.get()).map_err(|error| refuse(format!("the payload is no JSON ({error})")))?;
        if !value.is_object() {
            return Err(refuse("the payload is no JSON object".to_owned()));
        }
        let time = scheduled_time(&value).map_err(refuse)?;
        // A rule's scheduled event has members of EventBridge's, which say nothing to us.
        if let (Some(time), true) = (time, value.get("detail-type").is_some()) {
            return Ok(Self::of_scheduler(time));
        }
        let asked: Asked = serde_json::from_value(value)
            .map_err(|error| refuse(format!("the payload is not understood ({error})")))?;
        let evidence = asked.evidence.as_ref().map(|id| one_id("evidence", id)).transpose().map_err(refuse)?;
        let catch_up = asked.catch_up.as_ref().map(|ids| some_ids("catch_up", ids)).transpose().map_err(refuse)?;
        let catch_up = catch_up.unwrap_or_default();
        let acts = !asked.fixed.is_empty() || !asked.stop.is_empty();
        if evidence.is_some() && (acts || !catch_up.is_empty()) {
            return Err(refuse("evidence goes with dry_run alone: it starts nothing".to_owned()));
        }
        if acts && !catch_up.is_empty() {
            return Err(refuse("catch_up goes with dry_run alone: claim or stop with a command of its own".to_owned()));
        }
        let asks_for_nothing = !asked.dry_run && !acts && catch_up.is_empty() && evidence.is_none();
        if asked.widget.is_some() && asks_for_nothing {
            return Err(refuse("a dashboard that only shows something must not have verify act".to_owned()));
        }
        match time {
            Some(_) if !asks_for_nothing => {
                Err(refuse("time is the scheduler's alone, and goes with nothing else".to_owned()))
            }
            Some(time) => Ok(Self::of_scheduler(time)),
            None => Ok(Self {
                asked_by: AskedBy::Operator,
                purpose: if asked.dry_run { Purpose::DryRun } else { Purpose::Act },
                claimed: trimmed(&asked.fixed),
                to_stop: trimmed(&asked.stop),
                catch_up,
                evidence,
            }),
        }
    }

    fn of_scheduler(time: Timestamp) -> Self {
        Self {
            asked_by: AskedBy::Scheduler(time),
            purpose: Purpose::Act,
            claimed: BTreeSet::new(),
            to_stop: BTreeSet::new(),
            catch_up: BTreeSet::new(),
            evidence: None,
        }
    }

    /// The root causes that it names.
    pub fn named(&self) -> impl Iterator<Item = &String> {
        self.claimed.iter().chain(&self.catch_up).chain(&self.evidence)
    }

    /// Whether it asks for one thing alone, beside which nothing else is started.
    pub(crate) fn is_special(&self) -> bool {
        !self.catch_up.is_empty() || self.evidence.is_some()
    }

    /// Whether the answer tells of a root cause.
    pub(crate) fn is_about(&self, cause: &RootCauseId) -> bool {
        self.catch_up.is_empty() || self.catch_up.contains(cause.as_str())
    }
}

/// The id of a root cause, as mails write it: `rc-` and ten hex digits.
fn one_id(member: &str, value: &Value) -> Result<String, String> {
    let id = value.as_str().map(str::trim).filter(|id| is_id(id));
    id.map(str::to_owned).ok_or_else(|| {
        format!(
            "{member} is {}, and no id of a root cause like \"rc-0123456789\"",
            text::outside(&value.to_string(), 60)
        )
    })
}

/// At least one of them.
fn some_ids(member: &str, value: &Value) -> Result<BTreeSet<String>, String> {
    let ids = value.as_array().filter(|ids| !ids.is_empty());
    let ids = ids.ok_or_else(|| {
        let told = text::outside(&value.to_string(), 60);
        format!("{member} is {told}, and no list of ids of root causes like [\"rc-0123456789\"]")
    })?;
    ids.iter().map(|id| one_id(&format!("an id of {member}"), id)).collect()
}

fn is_id(text: &str) -> bool {
    let digits = text.strip_prefix("rc-").filter(|digits| digits.len() == 10);
    digits.is_some_and(|digits| digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')))
}

fn trimmed(ids: &[String]) -> BTreeSet<String> {
    ids.iter().map(|id| id.trim().to_owned()).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(default, rename = "time")]
    _time: IgnoredAny,
    /// A dashboard adds it to whatever a button asks.
    #[serde(default, rename = "widgetContext")]
    widget: Option<IgnoredAny>,
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    fixed: Vec<String>,
    #[serde(default)]
    stop: Vec<String>,
    #[serde(default)]
    catch_up: Option<Value>,
    #[serde(default)]
    evidence: Option<Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Input, String> {
        Input::read(&RawValue::from_string(text.to_owned()).unwrap())
    }

    #[test]
    fn what_can_be_asked() {
        let operator = |purpose, claimed: &[&str]| Input {
            asked_by: AskedBy::Operator,
            purpose,
            claimed: claimed.iter().map(|id| (*id).to_owned()).collect(),
            to_stop: BTreeSet::new(),
            catch_up: BTreeSet::new(),
            evidence: None,
        };
        let catch_up = Input { catch_up: BTreeSet::from(["rc-0123456789".to_owned()]), ..operator(Purpose::Act, &[]) };
        let evidence = Input { evidence: Some("rc-0123456789".to_owned()), ..operator(Purpose::Act, &[]) };
        let stop = Input { to_stop: trimmed(&["j-1".to_owned()]), ..operator(Purpose::Act, &[]) };
        let tick = Input::of_scheduler("2026-11-21T03:15:00Z".parse().unwrap());
        let table = [
            ("{}", operator(Purpose::Act, &[])),
            (r#"{"dry_run":true}"#, operator(Purpose::DryRun, &[])),
            (r#"{"dry_run":true,"widgetContext":{"dashboardName":"night-one"}}"#, operator(Purpose::DryRun, &[])),
            (r#"{"fixed":["rc-1"],"widgetContext":{}}"#, operator(Purpose::Act, &["rc-1"])),
            (r#"{"fixed":["rc-0123456789"," rc-1 "]}"#, operator(Purpose::Act, &["rc-0123456789", "rc-1"])),
            (r#"{"stop":[" j-1 "]}"#, stop),
            (r#"{"catch_up":["rc-0123456789"]}"#, catch_up),
            (r#"{"evidence":"rc-0123456789"}"#, evidence.clone()),
            (r#"{"evidence":" rc-0123456789 ","dry_run":true}"#, Input { purpose: Purpose::DryRun, ..evidence }),
            (r#"{"dry_run":true,"fixed":["rc-1"]}"#, operator(Purpose::DryRun, &["rc-1"])),
            (r#"{"time":"2026-11-21T03:15:00Z"}"#, tick.clone()),
            (r#"{"detail-type":"Scheduled Event","time":"2026-11-21T03:15:00Z","id":"1"}"#, tick),
        ];
        for (payload, expected) in table {
            assert_eq!(read(payload), Ok(expected), "{payload}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_with_what_is() {
        for payload in [
            "[]",
            "null",
            "7",
            r#"{"fix":["rc-1"]}"#,
            r#"{"widgetContext":{}}"#,
            r#"{"widgetContext":{},"fixed":[]}"#,
            r#"{"fixed":"rc-1"}"#,
            r#"{"dry_run":"yes"}"#,
            r#"{"stop":"j-1"}"#,
            r#"{"time":"2026-11-21T03:15:00Z","stop":["j-1"]}"#,
            r#"{"time":"tonight"}"#,
            r#"{"time":"<aws.scheduler.scheduled-time>"}"#,
            r#"{"time":"2026-11-21T03:15:00Z","dry_run":true}"#,
            r#"{"detail-type":"Scheduled Event"}"#,
            r#"{"time":"2026-11-21T03:15:00Z","evidence":"rc-0123456789"}"#,
        ] {
            let why = read(payload).unwrap_err();
            assert!(why.ends_with(ACCEPTED), "{payload}: {why}");
        }
    }

    #[test]
    fn a_wrong_id_is_named_with_its_member() {
        for (payload, expected) in [
            (r#"{"evidence":"rc-1"}"#, r#"evidence is "rc-1", and no id of a root cause like "rc-0123456789""#),
            (r#"{"catch_up":[]}"#, "catch_up is [], and no list of ids of root causes like [\"rc-0123456789\"]"),
            (r#"{"catch_up":"rc-0123456789"}"#, "catch_up is \"rc-0123456789\", and no list of ids"),
            (r#"{"catch_up":["kms"]}"#, "an id of catch_up is \"kms\", and no id of a root cause"),
            (r#"{"catch_up":["rc-0123456789"],"stop":["j-1"]}"#, "catch_up goes with dry_run alone"),
            (r#"{"catch_up":["rc-0123456789"],"evidence":"rc-0123456789"}"#, "evidence goes with dry_run alone"),
            (r#"{"evidence":7}"#, "evidence is 7, and no id of a root cause"),
            (r#"{"evidence":["rc-0123456789"]}"#, "evidence is [\"rc-0123456789\"], and no id of a root cause"),
            (r#"{"evidence":"rc-0123456789","fixed":["rc-0123456789"]}"#, "evidence goes with dry_run alone"),
        ] {
            let why = read(payload).unwrap_err();
            assert!(why.starts_with(expected) && why.ends_with(ACCEPTED), "{payload}: {why}");
        }
    }
}
