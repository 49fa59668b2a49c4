//! The time that a schedule means, which is "now" for what runs on a schedule: a run that comes late still speaks of its own time.

use jiff::Timestamp;
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
}
