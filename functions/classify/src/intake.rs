//! From what Lambda hands over to jobs: an SQS batch of EventBridge events, or one bare EventBridge event.

mod azure;
mod delivered;
mod event;
mod lenient;
mod polled;
mod protection;

use aws_lambda_events::event::sqs::SqsEvent;
use jiff::Timestamp;
use job::Scope;
use serde::Deserialize;
use serde_json::value::RawValue;

pub use delivered::Delivered;
pub use event::{Event, Reading, read};
pub use protection::{DeletedPoint, ProtectionChange, ProtectionEvent};

/// What the function was invoked with.
#[derive(Debug)]
pub enum Input {
    /// In production: EventBridge -> SQS -> Lambda. Each message is judged by itself, so that a bad one can not take others with it.
    Batch(Vec<Message>),
    /// From the console, `sam local invoke` or `make run EVENT=`.
    Bare(String),
}

/// One SQS message: its body is an EventBridge event.
#[derive(Debug, PartialEq, Eq)]
pub struct Message {
    pub id: String,
    pub body: String,
}

/// What the payload holds, sorted.
#[derive(Debug, Default)]
pub struct Intake {
    pub events: usize,
    pub bad: Vec<Delivered<Event>>,
    /// Changes that may have taken protection away.
    pub protection: Vec<Delivered<ProtectionEvent>>,
    /// Event ids, and why nothing is to be done.
    pub ignored: Vec<(String, String)>,
    /// What is wrong with a message.
    pub malformed: Vec<Delivered<String>>,
}

impl Intake {
    /// Reads each body by itself. `now` stands in for the time of an event that has none.
    pub fn read(input: Input, now: Timestamp) -> Self {
        let bodies: Vec<(Vec<String>, String)> = match input {
            Input::Batch(messages) => messages.into_iter().map(|message| (vec![message.id], message.body)).collect(),
            Input::Bare(body) => vec![(Vec::new(), body)],
        };
        let mut intake = Self { events: bodies.len(), ..Self::default() };
        for (message_ids, body) in bodies {
            match read(&body, now) {
                Reading::Bad(event) => intake.bad.push(Delivered { what: *event, message_ids }),
                Reading::Protection(event) => intake.protection.push(Delivered { what: *event, message_ids }),
                Reading::Ignored { event_id, reason } => intake.ignored.push((event_id, reason)),
                Reading::Malformed { why } => intake.malformed.push(Delivered { what: why, message_ids }),
            }
        }
        intake
    }
}

impl Intake {
    /// Leaves out what is of places that are not ours to tell of, each with the reason, and says how many that are.
    pub fn ignore(&mut self, reason: impl Fn(&Scope) -> Option<String>) -> usize {
        let before = self.ignored.len();
        for event in std::mem::take(&mut self.bad) {
            match reason(&event.what.job.scope) {
                Some(reason) => self.ignored.push((event.what.id, reason)),
                None => self.bad.push(event),
            }
        }
        for event in std::mem::take(&mut self.protection) {
            match reason(&event.what.scope) {
                Some(reason) => self.ignored.push((event.what.id, reason)),
                None => self.protection.push(event),
            }
        }
        self.ignored.len() - before
    }
}

impl Input {
    /// # Errors
    /// A sentence for the log when the payload claims to be an SQS batch and is none.
    pub fn from_payload(payload: &RawValue) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Probe<'a> {
            #[serde(rename = "Records", borrow)]
            records: Option<&'a RawValue>,
        }
        // Serde reads a list as a struct, too: its first item is no `Records`.
        let has_records = payload.get().trim_start().starts_with('{')
            && serde_json::from_str::<Probe<'_>>(payload.get()).is_ok_and(|probe| probe.records.is_some());
        if !has_records {
            return Ok(Self::Bare(payload.get().to_owned()));
        }
        let batch: SqsEvent = serde_json::from_str(payload.get())
            .map_err(|error| format!("the payload has Records but is no SQS batch: {error}"))?;
        let messages = batch
            .records
            .into_iter()
            .map(|record| Message { id: record.message_id.unwrap_or_default(), body: record.body.unwrap_or_default() });
        Ok(Self::Batch(messages.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(payload: &str) -> Result<Input, String> {
        Input::from_payload(&serde_json::from_str::<Box<RawValue>>(payload).unwrap())
    }

    #[test]
    fn a_batch_keeps_every_message_and_anything_else_is_bare() {
        let batch =
            input(r#"{"Records":[{"messageId":"1","body":"{}"},{"messageId":"2","body":"not json"}]}"#).unwrap();
        let Input::Batch(messages) = batch else { panic!("no batch") };
        assert_eq!(messages.iter().map(|message| message.body.as_str()).collect::<Vec<_>>(), ["{}", "not json"]);
        for payload in ["null", "[]", "[[]]", "7", r#"{"detail":{}}"#, r#"{"Records":null}"#] {
            assert!(matches!(input(payload), Ok(Input::Bare(_))), "{payload}");
        }
        assert!(input(r#"{"Records":5}"#).unwrap_err().contains("no SQS batch"));
    }
}
