//! What people were told of a root cause, as far as EVIDENCE_BUCKET knows it.

use aws::Bucket;
use futures::StreamExt;
use jiff::Timestamp;
use jiff::civil::Date;
use lambda::nights::{self, night_of, read_night};
use notice::text;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::Instant;

/// Documents of nights read side by side: each may be some megabytes.
const AT_ONCE: usize = 2;
/// A night before the first failure cannot have told of it, and no more than these are asked for.
const NIGHTS: usize = 32;

/// Who was told of a cause when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// The topic that mails went to.
    pub topic: String,
    /// The nightly reports that named it, the oldest first.
    pub reports: Vec<Report>,
    /// Reports that could not be read.
    pub could_not_read: Vec<String>,
    /// Where the rest stands: no function reads the log.
    pub pages: String,
}

/// A nightly report, and what it said of the cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    pub night: Date,
    pub made: Timestamp,
    pub file: String,
    pub verdict: String,
    pub severity: String,
    pub cause: Value,
}

/// What is needed of `night.json`.
#[derive(Deserialize)]
struct Night {
    made: Timestamp,
    verdict: String,
    severity: String,
    #[serde(default)]
    causes: Vec<Value>,
}

impl Told {
    pub fn new(topic: &str, root_cause_id: &str, (reports, could_not_read): (Vec<Report>, Vec<String>)) -> Self {
        let pages = format!(
            "Each mail, with the id that SNS gave it, is a line in the logs of classify and verify, which no function reads: the saved query \"Pages sent\", with | filter root_cause_id = \"{root_cause_id}\". SNS tells who was subscribed, and not who read it."
        );
        Self { topic: topic.to_owned(), reports, could_not_read, pages }
    }
}

/// The reports from the night of the first failure on that name a cause, and what could not be read.
pub async fn nights(
    bucket: Option<&Bucket>,
    root_cause_id: &str,
    (first, now): (Timestamp, Timestamp),
    until: Instant,
) -> (Vec<Report>, Vec<String>) {
    let Some(bucket) = bucket else {
        return (Vec::new(), vec!["EVIDENCE_BUCKET is not set: no report is kept.".to_owned()]);
    };
    let last = night_of(now);
    let nights = night_of(first).series(jiff::Span::new().days(1)).take_while(|night| *night <= last).take(NIGHTS);
    let reads = nights.map(|night| async move { (night, read_night::<Night>(bucket, night, until).await) });
    let (mut reports, mut could_not_read) = (Vec::new(), Vec::new());
    let mut reads = futures::stream::iter(reads).buffered(AT_ONCE);
    while let Some((night, read)) = reads.next().await {
        match read {
            Ok(Some(read)) => reports.extend(read.of(night, root_cause_id)),
            Ok(None) => {}
            Err(why) => could_not_read.push(text::outside(&why, 400)),
        }
    }
    (reports, could_not_read)
}

impl Night {
    fn of(self, night: Date, root_cause_id: &str) -> Option<Report> {
        let cause = self.causes.into_iter().find(|cause| cause["id"] == root_cause_id)?;
        Some(Report {
            night,
            made: self.made,
            file: nights::key(night, "night.json"),
            verdict: text::outside(&self.verdict, 400),
            severity: text::outside(&self.severity, 40),
            cause,
        })
    }
}
