//! What report is asked for, read from its payload.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use lambda::scheduler::scheduled;
use serde_json::Value;

use crate::check::Filter;
use crate::period::Period;

/// What a payload asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The whole report, in one go.
    Report { now: Timestamp },
    /// The accounts that a report is about, for workers of which each makes a part of it.
    Plan { now: Timestamp },
    /// The parts of these accounts.
    Parts { accounts: BTreeSet<String>, night: Date },
    /// The report of the parts that there are.
    Merge { night: Date },
    /// A week or a month of nights together.
    Period { period: Period, now: Timestamp },
    /// Whether these resources are backed up as they should be, in one word.
    Check { filter: Filter },
    /// The last night, as a widget of a dashboard.
    Widget,
    /// What that widget is.
    Description,
}

const TAKES: &str = "report takes the scheduler's {\"time\":\"2026-11-21T07:00:00Z\"}, or {}, or, in steps, {\"plan\":true}, \
                     {\"accounts\":[\"444455556666\"],\"night\":\"2026-11-21\"} and {\"merge\":\"2026-11-21\"}, or {\"check\":{\"vaults\":[\"prod\"]}} with or without dry_run, or {\"period\":\"week\"}, or a dashboard's {\"widgetContext\":{}}";

impl Asked {
    /// # Errors
    /// A sentence that says what is wrong and what is accepted.
    pub fn read(payload: &str, clock: Timestamp) -> Result<Self, String> {
        let parsed = serde_json::from_str(payload).map_err(|error| format!("the payload is no JSON ({error})"));
        parsed.and_then(|payload| Self::of(&payload, clock)).map_err(|why| format!("{why}: {TAKES}"))
    }

    fn of(payload: &Value, clock: Timestamp) -> Result<Self, String> {
        // The console adds what the widget is told, which is nothing to us.
        if payload.get("describe") == Some(&Value::Bool(true)) {
            return Ok(Asked::Description);
        }
        if payload.get("widgetContext").is_some() {
            return Ok(Asked::Widget);
        }
        if let Some(check) = payload.get("check") {
            only(payload, &["check", "dry_run"])?;
            // It changes nothing anyway, so that both ask for the same.
            if let Some(dry_run) = payload.get("dry_run").filter(|dry_run| !dry_run.is_boolean()) {
                return Err(format!("dry_run is {}, and neither true nor false", told(dry_run)));
            }
            return Ok(Asked::Check { filter: Filter::read(check)? });
        }
        let alone = |members: &[&str]| scheduled(payload, members, clock).map(|time| time.unwrap_or(clock));
        if let Some(plan) = payload.get("plan") {
            let now = alone(&["plan"])?;
            return if *plan == Value::Bool(true) {
                Ok(Asked::Plan { now })
            } else {
                Err(format!("plan is {}, and not true", told(plan)))
            };
        }
        if let Some(period) = payload.get("period") {
            let now = alone(&["period"])?;
            let known = period.as_str().and_then(Period::parse);
            let period =
                known.ok_or_else(|| format!("period is {}, and neither \"week\" nor \"month\"", told(period)))?;
            return Ok(Asked::Period { period, now });
        }
        if let Some(night) = payload.get("merge") {
            only(payload, &["merge"])?;
            return Ok(Asked::Merge { night: date("merge", night, clock)? });
        }
        if let Some(accounts) = payload.get("accounts") {
            only(payload, &["accounts", "night"])?;
            let night = date("night", payload.get("night").unwrap_or(&Value::Null), clock)?;
            return Ok(Asked::Parts { accounts: ids(accounts)?, night });
        }
        Ok(Asked::Report { now: alone(&[])? })
    }
}

fn only(payload: &Value, known: &[&str]) -> Result<(), String> {
    let members = payload.as_object().into_iter().flat_map(|members| members.keys());
    match members.into_iter().find(|name| !known.contains(&name.as_str())) {
        Some(name) => {
            Err(format!("the member {:?} is not known beside {}", notice::text::outside(name, 60), known.join(" and ")))
        }
        None => Ok(()),
    }
}

fn date(member: &str, value: &Value, clock: Timestamp) -> Result<Date, String> {
    let date: Option<Date> = value.as_str().filter(|text| text.len() == 10).and_then(|text| text.parse().ok());
    match date {
        // The clocks of two services differ a little.
        Some(date) if date > lambda::nights::night_of(clock + jiff::SignedDuration::from_mins(1)) => {
            Err(format!("{member} is {date}, and that night is still to come"))
        }
        Some(date) => Ok(date),
        None => Err(format!("{member} is {}, and no date", told(value))),
    }
}

fn ids(accounts: &Value) -> Result<BTreeSet<String>, String> {
    let is_id = |id: &&str| id.len() == 12 && id.bytes().all(|digit| digit.is_ascii_digit());
    let listed: Option<BTreeSet<String>> = accounts
        .as_array()
        .filter(|ids| !ids.is_empty())
        .and_then(|ids| ids.iter().map(|id| id.as_str().filter(is_id).map(str::to_owned)).collect());
    listed.ok_or_else(|| format!("accounts is {}, and no list of account ids of twelve digits", told(accounts)))
}

fn told(value: &Value) -> String {
    notice::text::outside(&value.to_string(), 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_payload_is_what_it_says_or_is_refused() {
        let clock: Timestamp = "2026-11-28T07:00:05Z".parse().unwrap();
        let due: Timestamp = "2026-11-28T07:00:00Z".parse().unwrap();
        let night: Date = "2026-11-28".parse().unwrap();
        let accounts = BTreeSet::from(["444455556666".to_owned()]);
        let table = [
            ("{}", Ok(Asked::Report { now: clock })),
            (r#"{"time":"2026-11-28T07:00:00Z"}"#, Ok(Asked::Report { now: due })),
            (r#"{"plan":true}"#, Ok(Asked::Plan { now: clock })),
            (r#"{"plan":true,"time":"2026-11-28T07:00:00Z"}"#, Ok(Asked::Plan { now: due })),
            (r#"{"accounts":["444455556666"],"night":"2026-11-28"}"#, Ok(Asked::Parts { accounts, night })),
            (r#"{"merge":"2026-11-28"}"#, Ok(Asked::Merge { night })),
            (r#"{"widgetContext":{"dashboardName":"night-one","theme":"dark"}}"#, Ok(Asked::Widget)),
            (r#"{"describe":true,"widgetContext":{}}"#, Ok(Asked::Description)),
            (r#"{"describe":false}"#, Err("the member \"describe\" is not known")),
            (r#"{"check":{}}"#, Ok(Asked::Check { filter: Filter::default() })),
            (r#"{"check":{},"dry_run":true}"#, Ok(Asked::Check { filter: Filter::default() })),
            (r#"{"check":{},"dry_run":false}"#, Ok(Asked::Check { filter: Filter::default() })),
            (r#"{"check":{},"dry_run":"yes"}"#, Err("dry_run is \"yes\", and neither true nor false")),
            (r#"{"dry_run":true}"#, Err("the member \"dry_run\" is not known")),
            ("{", Err("the payload is no JSON")),
            ("[]", Err("the payload is no JSON object")),
            (r#"{"period":"week"}"#, Ok(Asked::Period { period: Period::Week, now: clock })),
            (
                r#"{"period":"month","time":"2026-11-28T07:00:00Z"}"#,
                Ok(Asked::Period { period: Period::Month, now: due }),
            ),
            (r#"{"period":"year"}"#, Err("period is \"year\", and neither \"week\" nor \"month\"")),
            (r#"{"period":7}"#, Err("period is 7, and neither \"week\" nor \"month\"")),
            (r#"{"period":"week","night":"2026-11-28"}"#, Err("the member \"night\" is not known")),
            (r#"{"plan":"yes"}"#, Err("plan is \"yes\", and not true")),
            (r#"{"plan":true,"accounts":[]}"#, Err("the member \"accounts\" is not known")),
            (r#"{"accounts":["444455556666"]}"#, Err("night is null, and no date")),
            (r#"{"accounts":[],"night":"2026-11-28"}"#, Err("accounts is [], and no list of account ids")),
            (r#"{"accounts":["1"],"night":"2026-11-28"}"#, Err("accounts is [\"1\"], and no list of account ids")),
            (r#"{"merge":"2026-11-30"}"#, Err("merge is 2026-11-30, and that night is still to come")),
            (r#"{"merge":"2026-11-28T07:00:00Z"}"#, Err("merge is \"2026-11-28T07:00:00Z\", and no date")),
            (r#"{"merge":"2026-11-28","night":"2026-11-28"}"#, Err("the member \"night\" is not known beside merge")),
            (r#"{"dry":true}"#, Err("the member \"dry\" is not known")),
        ];
        for (payload, expected) in table {
            match (Asked::read(payload, clock), expected) {
                (Ok(asked), Ok(expected)) => assert_eq!(asked, expected, "{payload}"),
                (Err(why), Err(expected)) => {
                    assert!(why.starts_with(expected) && why.ends_with(TAKES), "{payload}: {why}");
                }
                (asked, expected) => panic!("{payload}: {asked:?}, not {expected:?}"),
            }
        }
    }
}
