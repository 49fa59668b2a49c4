//! What was asked of this invocation.

use std::collections::BTreeSet;

use classification::identity::RootCauseId;
use jiff::Timestamp;
use lambda::scheduler::{has_come, scheduled_time};
use notice::text;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;

/// One invocation's question. The ids in it are as given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// A tick of the scheduler, with the time for which it was scheduled. It alone announces outcomes, because it alone comes once for each window.
    Tick(Timestamp),
    /// An operator says that root causes are fixed, wants stuck jobs to be stopped, or neither.
    Operator { purpose: Purpose, claimed: BTreeSet<String>, to_stop: BTreeSet<String> },
    /// An operator wants the other resources of root causes that are proven fixed to be backed up now.
    CatchUp { purpose: Purpose, ids: BTreeSet<String> },
    /// An auditor wants to have all that is known of a root cause.
    Evidence { purpose: Purpose, id: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Act,
    /// `{"dry_run": true}`: decide and say it, start nothing.
    DryRun,
}

/// What every refusal of a payload ends with.
const ACCEPTED: &str = "verify takes the scheduler's {\"time\":\"2026-11-21T03:15:00Z\"}, {}, {\"dry_run\":true}, {\"fixed\":[\"rc-0123456789\"]}, {\"stop\":[\"job id\"]}, {\"catch_up\":[\"rc-0123456789\"]} or {\"evidence\":\"rc-0123456789\"}";

const EVIDENCE_ALONE: &str = "evidence goes with dry_run alone: it starts nothing";

/// What a request names that names none.
static NONE: BTreeSet<String> = BTreeSet::new();

impl Request {
    /// Reads the payload of an invocation.
    ///
    /// # Errors
    /// A sentence that says what is wrong and what is accepted, or that the time of a tick has not come. A member that nobody knows is
    /// refused: a claim lost to a typing mistake would look like a decision.
    pub fn read(payload: &RawValue, clock: Timestamp) -> Result<Self, String> {
        let request = Self::of(payload).map_err(|why| format!("{why}: {ACCEPTED}"))?;
        has_come(request.now(clock), clock)?;
        Ok(request)
    }

    fn of(payload: &RawValue) -> Result<Self, String> {
        let value: Value =
            serde_json::from_str(payload.get()).map_err(|error| format!("the payload is no JSON ({error})"))?;
        if !value.is_object() {
            return Err("the payload is no JSON object".to_owned());
        }
        let time = scheduled_time(&value)?;
        // A rule's scheduled event has members of EventBridge's, which say nothing to us.
        if let (Some(time), true) = (time, value.get("detail-type").is_some()) {
            return Ok(Self::Tick(time));
        }
        let asked: Asked =
            serde_json::from_value(value).map_err(|error| format!("the payload is not understood ({error})"))?;
        let evidence = asked.evidence.as_ref().map(|id| one_id("evidence", id)).transpose()?;
        let catch_up = asked.catch_up.as_ref().map(|ids| some_ids("catch_up", ids)).transpose()?;
        let (claimed, to_stop) = (trimmed(&asked.fixed), trimmed(&asked.stop));
        let purpose = if asked.dry_run { Purpose::DryRun } else { Purpose::Act };
        let acts = !claimed.is_empty() || !to_stop.is_empty();
        let asks_for_nothing = !asked.dry_run && !acts && catch_up.is_none() && evidence.is_none();
        let request = match (evidence, catch_up) {
            (Some(_), Some(_)) => return Err(EVIDENCE_ALONE.to_owned()),
            (Some(_), None) if acts => return Err(EVIDENCE_ALONE.to_owned()),
            (None, Some(_)) if acts => {
                return Err("catch_up goes with dry_run alone: claim or stop with a command of its own".to_owned());
            }
            (Some(id), None) => Self::Evidence { purpose, id },
            (None, Some(ids)) => Self::CatchUp { purpose, ids },
            (None, None) => Self::Operator { purpose, claimed, to_stop },
        };
        match time {
            _ if asked.widget.is_some() && asks_for_nothing => {
                Err("a dashboard that only shows something must not have verify act".to_owned())
            }
            Some(_) if !asks_for_nothing => Err("time is the scheduler's alone, and goes with nothing else".to_owned()),
            Some(time) => Ok(Self::Tick(time)),
            None => Ok(request),
        }
    }

    /// The time that the answer speaks of.
    pub fn now(&self, clock: Timestamp) -> Timestamp {
        match self {
            Request::Tick(time) => *time,
            Request::Operator { .. } | Request::CatchUp { .. } | Request::Evidence { .. } => clock,
        }
    }

    pub fn purpose(&self) -> Purpose {
        match self {
            Request::Tick(_) => Purpose::Act,
            Request::Operator { purpose, .. }
            | Request::CatchUp { purpose, .. }
            | Request::Evidence { purpose, .. } => *purpose,
        }
    }

    /// The root causes that an operator says are fixed.
    pub fn claimed(&self) -> &BTreeSet<String> {
        match self {
            Request::Operator { claimed, .. } => claimed,
            _ => &NONE,
        }
    }

    /// The stuck jobs that an operator wants to be stopped.
    pub fn to_stop(&self) -> &BTreeSet<String> {
        match self {
            Request::Operator { to_stop, .. } => to_stop,
            _ => &NONE,
        }
    }

    /// The root causes whose other resources an operator wants to be backed up now.
    pub fn to_catch_up(&self) -> &BTreeSet<String> {
        match self {
            Request::CatchUp { ids, .. } => ids,
            _ => &NONE,
        }
    }

    /// The root cause of which an auditor wants to have all that is known.
    pub fn evidence(&self) -> Option<&String> {
        match self {
            Request::Evidence { id, .. } => Some(id),
            _ => None,
        }
    }

    /// The root causes that it names.
    pub fn named(&self) -> impl Iterator<Item = &String> {
        self.claimed().iter().chain(self.to_catch_up()).chain(self.evidence())
    }

    /// Whether the answer tells of a root cause.
    pub(crate) fn is_about(&self, cause: &RootCauseId) -> bool {
        match self {
            Request::CatchUp { ids, .. } => ids.contains(cause.as_str()),
            _ => true,
        }
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

    fn read(text: &str) -> Result<Request, String> {
        let clock = "2026-11-21T03:15:01Z".parse().unwrap();
        Request::read(&RawValue::from_string(text.to_owned()).unwrap(), clock)
    }

    #[test]
    fn what_can_be_asked() {
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        let operator = |purpose, claimed: &[&str], to_stop: &[&str]| Request::Operator {
            purpose,
            claimed: ids(claimed),
            to_stop: ids(to_stop),
        };
        let evidence = |purpose| Request::Evidence { purpose, id: "rc-0123456789".to_owned() };
        let tick = Request::Tick("2026-11-21T03:15:00Z".parse().unwrap());
        let table = [
            ("{}", operator(Purpose::Act, &[], &[])),
            (r#"{"dry_run":true}"#, operator(Purpose::DryRun, &[], &[])),
            (r#"{"dry_run":true,"widgetContext":{"dashboardName":"night-one"}}"#, operator(Purpose::DryRun, &[], &[])),
            (r#"{"fixed":["rc-1"],"widgetContext":{}}"#, operator(Purpose::Act, &["rc-1"], &[])),
            (r#"{"fixed":["rc-0123456789"," rc-1 "]}"#, operator(Purpose::Act, &["rc-0123456789", "rc-1"], &[])),
            (r#"{"stop":[" j-1 "]}"#, operator(Purpose::Act, &[], &["j-1"])),
            (
                r#"{"catch_up":["rc-0123456789"]}"#,
                Request::CatchUp { purpose: Purpose::Act, ids: ids(&["rc-0123456789"]) },
            ),
            (r#"{"evidence":"rc-0123456789"}"#, evidence(Purpose::Act)),
            (r#"{"evidence":" rc-0123456789 ","dry_run":true}"#, evidence(Purpose::DryRun)),
            (r#"{"dry_run":true,"fixed":["rc-1"]}"#, operator(Purpose::DryRun, &["rc-1"], &[])),
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
