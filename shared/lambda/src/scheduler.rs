//! The time that a schedule means, which is "now" for what runs on a schedule: a run that comes late still speaks of its own time.

use jiff::{SignedDuration, Timestamp};
use job::believable;
use serde_json::Value;

/// The member `time` of what EventBridge Scheduler sends (`{"time":"<aws.scheduler.scheduled-time>"}`), or of a rule's scheduled event.
/// `None`: nobody's schedule, an operator asks.
///
/// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html>
///
/// # Errors
/// A sentence, if there is a time that is none.
pub fn scheduled_time(payload: &Value) -> Result<Option<Timestamp>, String> {
    match payload.get("time") {
        None => Ok(None),
        Some(time) => match time.as_str().and_then(|text| believable(text.parse().ok()?)) {
            Some(time) => Ok(Some(time)),
            None => Err(format!("time is {}, and no instant", notice::text::outside(&time.to_string(), 60))),
        },
    }
}

/// How far the time of a schedule may be ahead of our own clock: those of AWS's services differ a little.
const AHEAD: SignedDuration = SignedDuration::from_mins(1);

/// The time of a schedule that has come.
///
/// # Errors
/// A sentence that names it, if it lies ahead of the clock: what is made of a time to come is a false alarm to all.
pub fn has_come(time: Timestamp, clock: Timestamp) -> Result<Timestamp, String> {
    if time > clock + AHEAD {
        return Err(format!("the time {time} lies in the future: it is {clock} here"));
    }
    Ok(time)
}

/// The time that a payload carries, see [`scheduled_time`]. Beside it may stand only the members that are `known`.
///
/// # Errors
/// A sentence, for a time that is none or lies ahead of the clock, for a payload that is no object, and for a member that nobody knows: who
/// writes it expects something of it.
pub fn scheduled(payload: &Value, known: &[&str], clock: Timestamp) -> Result<Option<Timestamp>, String> {
    let Some(members) = payload.as_object() else { return Err("the payload is no JSON object".to_owned()) };
    let time = scheduled_time(payload)?.map(|time| has_come(time, clock)).transpose()?;
    // A rule's scheduled event has members of EventBridge's, which say nothing to us.
    let is_event = time.is_some() && members.contains_key("detail-type");
    match members.keys().find(|name| *name != "time" && !known.contains(&name.as_str())) {
        Some(name) if !is_event => Err(format!("the member {:?} is not known", notice::text::outside(name, 60))),
        _ => Ok(time),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_a_schedule_has_a_time() {
        let noon = "2026-11-21T12:00:00Z";
        let table = [
            (json!({}), Ok(None)),
            (json!({"time": noon}), Ok(Some(noon.parse().unwrap()))),
            (json!({"detail-type": "Scheduled Event", "time": noon}), Ok(Some(noon.parse().unwrap()))),
            (json!({"time": "tonight"}), Err("time is \"tonight\", and no instant".to_owned())),
            (
                json!({"time": "-009999-01-02T01:59:59Z"}),
                Err("time is \"-009999-01-02T01:59:59Z\", and no instant".to_owned()),
            ),
            (json!({"time": 7}), Err("time is 7, and no instant".to_owned())),
            (
                json!({"time": "<aws.scheduler.scheduled-time>"}),
                Err("time is \"<aws.scheduler.scheduled-time>\", and no instant".to_owned()),
            ),
        ];
        for (payload, time) in table {
            assert_eq!(scheduled_time(&payload), time, "{payload}");
        }
    }

    #[test]
    fn what_lies_ahead_and_what_nobody_knows_is_refused() {
        let clock: Timestamp = "2026-11-20T07:00:00Z".parse().unwrap();
        let time = |text: &str| json!({ "time": text });
        let event = json!({"time": "2026-11-20T07:00:00Z", "detail-type": "Scheduled Event", "detail": {}});
        let table = [
            (json!({}), Ok(None)),
            (time("2026-11-20T07:00:50Z"), Ok(Some("2026-11-20T07:00:50Z"))),
            (
                time("2026-11-20T07:01:01Z"),
                Err("the time 2026-11-20T07:01:01Z lies in the future: it is 2026-11-20T07:00:00Z here"),
            ),
            (event, Ok(Some("2026-11-20T07:00:00Z"))),
            (json!({"detail-type": "Scheduled Event"}), Err("the member \"detail-type\" is not known")),
            (json!({"dry_run": true}), Err("the member \"dry_run\" is not known")),
            (json!({"asked": true}), Ok(None)),
            (json!([]), Err("the payload is no JSON object")),
        ];
        for (payload, expected) in table {
            let expected = expected.map(|time| time.map(|time| time.parse().unwrap())).map_err(str::to_owned);
            assert_eq!(scheduled(&payload, &["asked"], clock), expected, "{payload}");
        }
    }
}
