//! EventBridge: the way to a bus of our own.

use std::ops::Range;
use std::time::Duration;

use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};
use tokio::time::{Instant, sleep};

use crate::convert::filled;
use crate::error::{Error, ErrorKind};
use crate::gate::Gate;
use crate::home::Home;

/// What one call takes.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>
const EVENTS: usize = 10;
const BYTES: usize = 256 * 1024;
/// How often an event is sent that the bus takes the call of, and not the event.
const ATTEMPTS: u32 = 4;
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// An event for a bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusEvent {
    pub source: &'static str,
    pub detail_type: &'static str,
    /// A JSON object, as text.
    pub detail: String,
}

/// An event that the bus did not take, as far as we know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotPut {
    /// Its place among those that were to be put.
    pub place: usize,
    pub error: Error,
}

/// One event bus of our account and Region.
#[derive(Debug)]
pub struct Bus {
    name: String,
    client: aws_sdk_eventbridge::Client,
    gate: Gate,
}

impl BusEvent {
    /// The most bytes of a detail that go through the bus and through a queue behind it, which takes as much as the bus does and wraps the
    /// event in its envelope.
    pub const LARGEST_DETAIL: usize = 200 * 1024;

    /// As EventBridge counts it.
    fn size(&self) -> usize {
        self.source.len() + self.detail_type.len() + self.detail.len()
    }

    fn entry(&self, bus: &str) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder()
            .event_bus_name(bus)
            .source(self.source)
            .detail_type(self.detail_type)
            .detail(&self.detail)
            .build()
    }
}

impl Home {
    /// A bus by its name. Calls nothing yet.
    pub fn bus(&self, name: impl Into<String>) -> Bus {
        let client = aws_sdk_eventbridge::Client::new(self.config());
        Bus { name: name.into(), client, gate: Gate::new(50) }
    }
}

impl Bus {
    /// Puts events, as many in a call as it takes, and answers those that were not put. One that the bus refuses by itself is sent again a few
    /// times. What is given up at `until` may have been put.
    ///
    /// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>
    pub async fn put_all(&self, events: &[BusEvent], until: Instant) -> Vec<NotPut> {
        let mut not_put = Vec::new();
        for batch in batches(events) {
            not_put.extend(self.put_batch(events, batch, until).await);
        }
        not_put
    }

    async fn put_batch(&self, events: &[BusEvent], batch: Range<usize>, until: Instant) -> Vec<NotPut> {
        let mut left: Vec<usize> = batch.collect();
        let mut wait = FIRST_WAIT;
        for attempt in 1.. {
            let entries =
                left.iter().filter_map(|place| events.get(*place)).map(|event| event.entry(&self.name)).collect();
            let refused: Vec<NotPut> = match self.put_events(entries, until).await {
                Ok(answers) => left
                    .iter()
                    .zip(answers)
                    .filter_map(|(place, answer)| Some(NotPut { place: *place, error: answer? }))
                    .collect(),
                Err(error) => return left.into_iter().map(|place| NotPut { place, error: error.clone() }).collect(),
            };
            let again = Instant::now() + wait;
            if refused.is_empty() || attempt == ATTEMPTS || again >= until {
                return refused;
            }
            left = refused.into_iter().map(|refused| refused.place).collect();
            sleep(wait).await;
            wait *= 2;
        }
        Vec::new()
    }

    /// One call. For each event, in their order: why it was not put.
    async fn put_events(
        &self,
        entries: Vec<PutEventsRequestEntry>,
        until: Instant,
    ) -> Result<Vec<Option<Error>>, Error> {
        const OPERATION: &str = "events:PutEvents";
        let sent = entries.len();
        let send = self.client.put_events().set_entries(Some(entries)).send();
        let answers = self.gate.call(until, OPERATION, send).await?.entries.unwrap_or_default();
        if answers.len() != sent {
            return Err(Error::without(OPERATION, "answer to each event"));
        }
        Ok(answers.into_iter().map(|answer| refusal(OPERATION, answer)).collect())
    }
}

/// Neighbours that go in one call. An event that is too large for any goes alone, and is for EventBridge to refuse.
fn batches(events: &[BusEvent]) -> Vec<Range<usize>> {
    let mut batches: Vec<Range<usize>> = Vec::new();
    let mut bytes = 0;
    for (place, event) in events.iter().enumerate() {
        bytes += event.size();
        match batches.last_mut() {
            Some(batch) if batch.len() < EVENTS && bytes < BYTES => batch.end = place + 1,
            _ => {
                batches.push(place..place + 1);
                bytes = event.size();
            }
        }
    }
    batches
}

/// An event that the bus did not take has a code, or no id.
fn refusal(operation: &'static str, answer: PutEventsResultEntry) -> Option<Error> {
    if answer.error_code.is_none() && filled(answer.event_id).is_some() {
        return None;
    }
    let code = answer.error_code.as_deref().unwrap_or("no event id");
    let words = answer.error_message.as_deref().unwrap_or_default();
    Some(Error::new(kind(code), operation, format!("{code}: {words}")))
}

fn kind(code: &str) -> ErrorKind {
    match code {
        "ThrottlingException" => ErrorKind::Throttled,
        "InternalFailure" | "InternalException" => ErrorKind::Unavailable,
        _ => ErrorKind::Broken,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::*;

    fn event(bytes: usize) -> BusEvent {
        BusEvent { source: "s", detail_type: "d", detail: "x".repeat(bytes) }
    }

    #[test]
    fn a_call_holds_ten_events_and_no_more_than_it_takes() {
        let of = |sizes: &[usize]| batches(&sizes.iter().map(|bytes| event(*bytes)).collect::<Vec<_>>());
        assert_eq!(of(&[]), []);
        assert_eq!(of(&[1; 21]), [0..10, 10..20, 20..21]);
        assert_eq!(of(&[100_000, 100_000, 100_000, 1]), [0..2, 2..4]);
        assert_eq!(of(&[300_000, 1]), [0..1, 1..2]);
    }

    #[test]
    fn what_has_no_id_or_a_code_was_not_put() {
        let good = PutEventsResultEntry::builder().event_id("1").build();
        let refused_one =
            PutEventsResultEntry::builder().error_code("ThrottlingException").error_message("slow").build();
        let mute = PutEventsResultEntry::builder().build();
        let found: Vec<Option<Error>> =
            [good, refused_one, mute].into_iter().map(|answer| refusal("a:B", answer)).collect();
        assert_eq!(found[0], None);
        assert_eq!(found[1].as_ref().map(|error| error.kind), Some(ErrorKind::Throttled));
        assert_eq!(found[1].as_ref().map(Error::said).as_deref(), Some("ThrottlingException: slow"));
        assert!(found[2].is_some());
    }

    proptest! {
        #[test]
        fn every_event_is_in_one_call(sizes in proptest::collection::vec(0_usize..200_000, 0..40)) {
            let events: Vec<BusEvent> = sizes.iter().map(|bytes| event(*bytes)).collect();
            let batches = batches(&events);
            let places: Vec<usize> = batches.iter().cloned().flatten().collect();
            prop_assert_eq!(places, (0..events.len()).collect::<Vec<_>>());
            for batch in batches {
                let bytes: usize = events[batch.clone()].iter().map(BusEvent::size).sum();
                prop_assert!(batch.len() <= EVENTS && bytes < BYTES);
            }
        }
    }
}
