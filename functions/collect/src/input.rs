//! What was asked of this invocation.

use jiff::Timestamp;
use lambda::scheduler::scheduled;
use serde_json::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The scheduler's tick, with the time that it meant.
    Tick(Timestamp),
    /// `{}`: somebody wants what the newest tick brings in.
    Now,
    /// `{"check":true}`: whether all is as it must be. Nothing is put on the bus.
    Check,
}

const ACCEPTED: &str = "collect takes the scheduler's {\"time\":\"2026-11-21T03:10:00Z\"}, {} or {\"check\":true}";

impl Input {
    /// Reads the payload of an invocation.
    ///
    /// # Errors
    /// A sentence that says what is wrong and what is accepted.
    pub fn read(payload: &str, clock: Timestamp) -> Result<Self, String> {
        let refuse = |why: String| format!("{why}: {ACCEPTED}");
        let payload: Value =
            serde_json::from_str(payload).map_err(|error| refuse(format!("the payload is no JSON ({error})")))?;
        let time = scheduled(&payload, &["check"], clock).map_err(refuse)?;
        match (time, payload.get("check")) {
            (None, None) => Ok(Self::Now),
            (Some(tick), None) => Ok(Self::Tick(tick)),
            (None, Some(Value::Bool(true))) => Ok(Self::Check),
            (Some(_), Some(_)) => Err(refuse("time is the scheduler's alone, and goes with nothing else".to_owned())),
            (None, Some(_)) => Err(refuse("check takes true and nothing else".to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: &str = "2026-11-21T12:00:00Z";

    fn read(text: &str) -> Result<Input, String> {
        Input::read(text, NOON.parse().unwrap())
    }

    #[test]
    fn what_can_be_asked() {
        let tick = Input::Tick("2026-11-21T03:10:00Z".parse().unwrap());
        for (payload, expected) in [
            ("{}", Input::Now),
            (r#"{"check":true}"#, Input::Check),
            (r#"{"time":"2026-11-21T03:10:00Z"}"#, tick),
            (r#"{"detail-type":"Scheduled Event","time":"2026-11-21T03:10:00Z","id":"1"}"#, tick),
        ] {
            assert_eq!(read(payload), Ok(expected), "{payload}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_with_what_is() {
        for payload in [
            "[]",
            "7",
            "",
            r#"{"check":false}"#,
            r#"{"check":"yes"}"#,
            r#"{"chek":true}"#,
            r#"{"time":"tonight"}"#,
            r#"{"time":"2026-11-21T03:10:00Z","check":true}"#,
            r#"{"time":"2026-11-21T12:10:00Z"}"#,
            r#"{"time":"<aws.scheduler.scheduled-time>"}"#,
        ] {
            let why = read(payload).unwrap_err();
            assert!(why.ends_with(ACCEPTED), "{payload}: {why}");
        }
    }
}
