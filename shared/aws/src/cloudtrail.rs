//! CloudTrail: what AWS Backup could not do before any job was made.

use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

use crate::account::Account;
use crate::convert::{date_time, filled, timestamp};
use crate::error::{Error, ErrorKind};
use crate::paging::{Far, List, Next, Page, each_item};

/// A selection of a plan that AWS Backup could not evaluate: it made no job of it, not even a failed one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedSelection {
    pub at: Option<Timestamp>,
    pub plan_arn: String,
    pub rule_id: Option<String>,
    /// AWS's own code and words, on one line.
    pub said: String,
}

/// The service event, which no call of anybody causes.
const EVENT: &str = "ProcessBackupPlanSelection";
/// 50 events stand on a page, and each run of each rule may leave one.
const PAGES: Far = Far::Pages(10);

impl Account {
    /// The selections that AWS Backup could not evaluate since then, the newest first. Needs no trail: CloudTrail keeps events for 90 days.
    /// They come after about 5 minutes, so that none does not say that there was none.
    ///
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>
    pub async fn failed_selections(&self, since: Timestamp, until: Instant) -> Result<Vec<FailedSelection>, Error> {
        const OPERATION: &str = "cloudtrail:LookupEvents";
        let by_name = LookupAttribute::builder().attribute_key(LookupAttributeKey::EventName).attribute_value(EVENT);
        let by_name = by_name.build().map_err(|error| Error::new(ErrorKind::Broken, OPERATION, error.to_string()))?;
        let list = self.cloudtrail().lookup_events().lookup_attributes(by_name).start_time(date_time(since));
        let list = list.max_results(50);
        let mut failed = Vec::new();
        each_item(
            List { gate: &self.gates().cloudtrail, operation: OPERATION, far: PAGES, until },
            |token| list.clone().set_next_token(token).send(),
            |page| Page { items: page.events, next: Next::of(page.next_token) },
            |event| event.event_id.as_deref(),
            |event| {
                let at = event.event_time.and_then(timestamp);
                failed.extend(event.cloud_trail_event.as_deref().and_then(|text| of(text, at)));
            },
        )
        .await?;
        Ok(failed)
    }
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
