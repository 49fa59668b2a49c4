//! CloudTrail: who changed what, and what AWS Backup could not do before any job was made.
//!
//! It needs no trail: each account keeps its management events for 90 days in the Region of each, and those of IAM in one Region of the
//! partition. They come after about 5 minutes, so that none does not say that there was none.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>

use aws_sdk_cloudtrail::primitives::DateTime;
use aws_sdk_cloudtrail::types::{Event, LookupAttribute, LookupAttributeKey};
use change::Change;
use futures::FutureExt;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::time::Instant;

use crate::account::Account;
use crate::call::in_time;
use crate::convert::{date_time, filled, timestamp};
use crate::error::{Error, ErrorKind};
use crate::paging::{Far, List, Next, Page, Reached, each_item};

/// What changes are looked up by: CloudTrail takes one attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookupBy<'a> {
    /// The name of the call: `PutKeyPolicy`.
    EventName(&'a str),
    /// What the call was about: the ARN of a key, the name of a role.
    ResourceName(&'a str),
}

/// A question to CloudTrail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lookup<'a> {
    pub by: LookupBy<'a>,
    /// From this instant on, and up to and with the other one.
    pub after: Timestamp,
    pub before: Timestamp,
    /// Of 50 events each. The newest come first.
    pub pages: usize,
}

impl Lookup<'_> {
    /// How many events are read at most.
    pub fn most(&self) -> usize {
        self.pages.max(1) * PAGE.unsigned_abs() as usize
    }
}

/// What CloudTrail answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Changes {
    /// The calls that changed something, the newest first.
    pub found: Vec<Change>,
    /// Whether all events were read. Where CloudTrail holds more than were asked for, the earlier ones were not.
    pub is_whole: bool,
}

/// A selection of a plan that AWS Backup could not evaluate: it made no job of it, not even a failed one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedSelection {
    pub at: Option<Timestamp>,
    pub plan_arn: String,
    pub rule_id: Option<String>,
    /// AWS's own code and words, on one line.
    pub said: String,
}

/// CloudTrail keeps events for 90 days. Who asks for all of them asks for a day less: the 90th ends while it answers.
pub const TRAIL_KEPT: SignedDuration = SignedDuration::from_hours(89 * 24);
/// The service event, which no call of anybody causes.
const EVENT: &str = "ProcessBackupPlanSelection";
/// 50 events stand on a page, and each run of each rule may leave one.
const PAGES: Far = Far::Pages(10);
/// What errors are told of, before there is a call.
const LOOKED_UP: &str = "the history of CloudTrail";
/// The most that CloudTrail gives on one page.
const PAGE: i32 = 50;

impl Account {
    /// The calls that changed something, by one attribute in a span of time. Each page waits for its turn, for people who look at
    /// CloudTrail's console share its rate; a question is asked once an invocation.
    pub async fn changes(&self, lookup: &Lookup<'_>, until: Instant) -> Result<Changes, Error> {
        let key = format!("{} {lookup:?}", self.scope().region);
        in_time(until, LOOKED_UP, self.known().changes.get(&key, self.read_changes(lookup, until).boxed_local())).await
    }

    async fn read_changes(&self, lookup: &Lookup<'_>, until: Instant) -> Result<Changes, Error> {
        let by = match lookup.by {
            LookupBy::EventName(name) => attribute(LookupAttributeKey::EventName, name)?,
            LookupBy::ResourceName(name) => attribute(LookupAttributeKey::ResourceName, name)?,
        };
        let (after, before) = (date_time(lookup.after), date_time(lookup.before.max(lookup.after)));
        let mut found = Vec::new();
        let take = |event: Event| found.extend(event.cloud_trail_event.as_deref().and_then(Change::read));
        let far = if lookup.pages <= 1 { Far::FirstPage } else { Far::Pages(lookup.pages) };
        let is_whole = match self.trail(by, after, Some(before), far, until, take).await {
            Ok(reached) => reached == Reached::End,
            Err(error) if error.kind == ErrorKind::TooLong => false,
            Err(error) => return Err(error),
        };
        Ok(Changes { found, is_whole })
    }

    /// The selections that AWS Backup could not evaluate since then, the newest first.
    pub async fn failed_selections(&self, since: Timestamp, until: Instant) -> Result<Vec<FailedSelection>, Error> {
        let by = attribute(LookupAttributeKey::EventName, EVENT)?;
        let mut failed = Vec::new();
        let take = |event: Event| {
            let at = event.event_time.and_then(timestamp);
            failed.extend(event.cloud_trail_event.as_deref().and_then(|text| of(text, at)));
        };
        self.trail(by, date_time(since), None, PAGES, until, take).await?;
        Ok(failed)
    }

    async fn trail(
        &self,
        by: LookupAttribute,
        after: DateTime,
        before: Option<DateTime>,
        far: Far,
        until: Instant,
        take: impl FnMut(Event),
    ) -> Result<Reached, Error> {
        const OPERATION: &str = "cloudtrail:LookupEvents";
        let list = self.cloudtrail().lookup_events().lookup_attributes(by).start_time(after).set_end_time(before);
        let list = list.max_results(PAGE);
        each_item(
            List { gate: &self.gates().cloudtrail, operation: OPERATION, far, until },
            |token| list.clone().set_next_token(token).send(),
            |page| Page { items: page.events, next: Next::of(page.next_token) },
            |event| event.event_id.as_deref(),
            take,
        )
        .await
    }
}

fn attribute(key: LookupAttributeKey, value: &str) -> Result<LookupAttribute, Error> {
    let attribute = LookupAttribute::builder().attribute_key(key).attribute_value(value).build();
    attribute.map_err(|error| Error::new(ErrorKind::Broken, LOOKED_UP, error.to_string()))
}

/// Reads the event, which is JSON in a text. An event without an error is of a selection that was evaluated.
fn of(text: &str, at: Option<Timestamp>) -> Option<FailedSelection> {
    let event: Value = serde_json::from_str(text).ok()?;
    let word = |value: &Value| filled(value.as_str().map(|word| notice::text::outside(word, 600)));
    let code = word(&event["errorCode"])?;
    let details = &event["serviceEventDetails"];
    let said = match word(&event["errorMessage"]) {
        Some(words) => format!("{code}: {words}"),
        None => code,
    };
    Some(FailedSelection {
        at,
        plan_arn: word(&details["backupPlanArn"])?,
        rule_id: word(&details["backupPlanRuleId"]),
        said,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_read_as_far_as_it_tells_of_a_failure() {
        const ARN: &str = "arn:aws:backup:eu-west-1:444455556666:backup-plan:orgs/1f0c8d3e";
        let event = |error: &str| {
            format!(
                r#"{{"eventName":"ProcessBackupPlanSelection",{error}"serviceEventDetails":{{"backupPlanArn":"{ARN}","backupPlanRuleId":"r-1"}}}}"#
            )
        };
        let failed = |said: &str| {
            Some(FailedSelection { at: None, plan_arn: ARN.into(), rule_id: Some("r-1".into()), said: said.into() })
        };
        let table = [
            (
                event(r#""errorCode":"AccessDenied","errorMessage":"The role\ncannot be assumed","#),
                failed("AccessDenied: The role cannot be assumed"),
            ),
            (event(r#""errorCode":"AccessDenied","#), failed("AccessDenied")),
            (event(""), None),
            (r#"{"errorCode":"AccessDenied"}"#.to_owned(), None),
            ("no JSON".to_owned(), None),
        ];
        for (text, expected) in table {
            assert_eq!(of(&text, None), expected, "{text}");
        }
    }
}
