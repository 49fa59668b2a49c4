//! One event of CloudTrail -> one change.

use jiff::Timestamp;
use job::believable;
use notice::{Changed, minute, text};
use serde_json::Value;

use crate::actor::{Actor, Address, ShowAddress};

/// A call that changed something, as CloudTrail recorded it.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub id: String,
    /// The name of the call: `PutKeyPolicy`.
    pub event: String,
    pub at: Timestamp,
    pub actor: Actor,
    pub from: Address,
    request: Value,
    answer: Value,
}

/// Longest text of a member, in characters.
const LONGEST: usize = 2_048;
const CLOUDFORMATION: &str = "cloudformation.amazonaws.com";

impl Change {
    /// Reads `CloudTrailEvent`, which is JSON in a text. `None`: it cannot be read, the call failed, or it changed nothing.
    ///
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>
    pub fn read(event: &str) -> Option<Self> {
        let event: Value = serde_json::from_str(event).ok()?;
        let word = |value: &Value| value.as_str().map(|word| text::outside(word, 200)).filter(|word| !word.is_empty());
        let failed = !event["errorCode"].is_null() || !event["errorMessage"].is_null();
        let only_read = event["readOnly"] == true || event["readOnly"] == "true";
        if failed || only_read {
            return None;
        }
        Some(Self {
            id: word(&event["eventID"]).unwrap_or_default(),
            event: word(&event["eventName"])?,
            at: event["eventTime"].as_str()?.parse().ok().and_then(believable)?,
            actor: Actor::read(&event["userIdentity"]),
            from: Address::of(event["sourceIPAddress"].as_str()),
            request: event["requestParameters"].clone(),
            answer: event["responseElements"].clone(),
        })
    }

    /// What the activity log of Azure tells of a call: its operation, which is long and ends with what was done to what, by whom and from where.
    pub fn of_azure(id: &str, operation: &str, at: Timestamp, caller: &str, from: Option<&str>) -> Self {
        // What is no more than a word of the service: `backupInstances/stopProtection/action`.
        let operation = operation.strip_suffix("/action").unwrap_or(operation);
        let words: Vec<&str> = operation.rsplit('/').take(2).collect();
        let event = words.iter().rev().copied().collect::<Vec<_>>().join("/");
        Self {
            id: text::outside(id, 200),
            event: text::outside(&event, 200),
            at,
            actor: Actor::called(caller),
            from: Address::of(from),
            request: Value::Null,
            answer: Value::Null,
        }
    }

    /// A parameter of the call. AWS writes its first letter small, as a rule.
    pub fn parameter(&self, name: &str) -> &Value {
        member(&self.request, name)
    }

    pub fn text(&self, name: &str) -> Option<String> {
        let value = self.parameter(name).as_str()?;
        (!value.is_empty()).then(|| text::outside(value, LONGEST))
    }

    pub fn number(&self, name: &str) -> Option<i64> {
        number(self.parameter(name))
    }

    /// A text of what the call answered.
    pub fn answered(&self, name: &str) -> Option<&str> {
        member(&self.answer, name).as_str()
    }

    /// Whether a parameter, or what the call answered, names a thing: by its id, its name or its ARN.
    pub fn names(&self, thing: &str) -> bool {
        !thing.is_empty() && [&self.request, &self.answer].into_iter().any(|value| holds(value, thing))
    }

    /// Whether CloudFormation made the call for somebody.
    pub fn is_by_cloudformation(&self) -> bool {
        self.actor.is_through(CLOUDFORMATION) || self.from.is(CLOUDFORMATION)
    }

    /// Whether a service made the call for purposes of its own. What CloudFormation does somebody has ordered.
    pub fn is_housekeeping(&self) -> bool {
        self.actor.is_service() && !self.is_by_cloudformation()
    }

    /// The change for programs.
    pub fn told(&self, show: ShowAddress) -> Changed {
        Changed {
            event: self.event.clone(),
            time: self.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            actor: self.actor.to_string(),
            source_address: self.from.shown(show),
        }
    }

    /// `PutKeyPolicy by arn:..., 2026-11-20 22:14 UTC, from 198.51.100.0/24`
    pub fn sentence(&self, show: ShowAddress) -> String {
        let from = self.from.shown(show).map(|from| format!(", from {from}")).unwrap_or_default();
        format!("{} by {}, {}{from}", self.event, self.actor, minute(self.at))
    }
}

/// A whole number, also as a text.
pub fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// A member by its name, whatever the case of the first letter.
pub fn member<'a>(of: &'a Value, name: &str) -> &'a Value {
    let mut letters = name.chars();
    let other = letters.next().map(|first| match first.is_ascii_lowercase() {
        true => first.to_ascii_uppercase().to_string() + letters.as_str(),
        false => first.to_ascii_lowercase().to_string() + letters.as_str(),
    });
    match &of[name] {
        Value::Null => other.map_or(&Value::Null, |other| &of[other.as_str()]),
        found => found,
    }
}

/// A key is named by its id or by its ARN, which ends with the id.
fn holds(value: &Value, thing: &str) -> bool {
    match value {
        Value::String(text) => text == thing || is_end_of(thing, text) || is_end_of(text, thing),
        Value::Array(values) => values.iter().any(|value| holds(value, thing)),
        Value::Object(members) => members.values().any(|value| holds(value, thing)),
        _ => false,
    }
}

fn is_end_of(arn: &str, name: &str) -> bool {
    !name.is_empty()
        && arn.starts_with("arn:")
        && arn.strip_suffix(name).is_some_and(|head| head.ends_with('/') || head.ends_with(':'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234";

    fn event(more: Value) -> String {
        let mut event = json!({
            "eventID": "e-1", "eventName": "PutKeyPolicy", "eventTime": "2026-11-20T22:14:09Z", "sourceIPAddress": "198.51.100.7",
            "userIdentity": {"arn": "arn:aws:sts::111122223333:assumed-role/Operations/alex"}, "readOnly": false,
            "requestParameters": {"keyId": "1234", "minRetentionDays": "7"}, "responseElements": null,
        });
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event.to_string()
    }

    #[test]
    fn a_change_tells_what_who_when_and_where_from() {
        let change = Change::read(&event(json!({}))).unwrap();
        assert_eq!(
            change.sentence(ShowAddress::Network),
            "PutKeyPolicy by arn:aws:sts::111122223333:assumed-role/Operations/alex, 2026-11-20 22:14 UTC, from 198.51.100.0/24"
        );
        assert!(change.sentence(ShowAddress::Whole).ends_with("from 198.51.100.7"));
        assert_eq!(change.text("keyId").as_deref(), Some("1234"));
        assert_eq!(change.text("KeyId").as_deref(), Some("1234"), "whatever the case of the first letter");
        assert_eq!((change.number("minRetentionDays"), change.number("keyId2")), (Some(7), None));
    }

    #[test]
    fn what_changed_nothing_is_no_change() {
        for more in [
            json!({"errorCode": "AccessDenied"}),
            json!({"errorMessage": "no"}),
            json!({"readOnly": true}),
            json!({"readOnly": "true"}),
            json!({"eventName": ""}),
            json!({"eventTime": "yesterday"}),
        ] {
            assert_eq!(Change::read(&event(more.clone())), None, "{more}");
        }
        assert_eq!(Change::read("no JSON"), None);
    }

    #[test]
    fn a_thing_is_named_by_its_id_or_its_arn() {
        let of = |request: Value, answer: Value| {
            Change::read(&event(json!({"requestParameters": request, "responseElements": answer}))).unwrap()
        };
        for (request, answer, thing, expected) in [
            (json!({"keyId": "1234"}), json!(null), KEY, true),
            (json!({"keyId": KEY}), json!(null), KEY, true),
            (json!({"keyId": KEY}), json!(null), "1234", true),
            (json!({"keyId": "234"}), json!(null), KEY, false),
            (json!({"keyId": ""}), json!(null), KEY, false),
            (json!({"a": [{"b": KEY}]}), json!(null), KEY, true),
            (json!(null), json!({"keyId": KEY}), KEY, true),
            (json!(null), json!(null), KEY, false),
            (json!({"keyId": KEY}), json!(null), "", false),
        ] {
            assert_eq!(of(request.clone(), answer).names(thing), expected, "{request} {thing}");
        }
    }

    #[test]
    fn a_change_of_azure_says_what_was_done_to_what() {
        let operation = "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems/delete";
        let at = "2026-11-20T22:14:09Z".parse().unwrap();
        let change = Change::of_azure("e-1", operation, at, "alex@contoso.com", Some("198.51.100.7"));
        assert_eq!(
            change.sentence(ShowAddress::Network),
            "protectedItems/delete by alex@contoso.com, 2026-11-20 22:14 UTC, from 198.51.100.0/24"
        );
        let stopped = "Microsoft.DataProtection/backupVaults/backupInstances/stopProtection/action";
        assert_eq!(Change::of_azure("e-1", stopped, at, "a", None).event, "backupInstances/stopProtection");
        assert_eq!(Change::of_azure("e-1", "", at, "a", None).told(ShowAddress::Whole).source_address, None);
    }

    #[test]
    fn cloudformation_is_told_apart() {
        let change = |more: Value| Change::read(&event(more)).unwrap().is_by_cloudformation();
        assert!(!change(json!({})));
        assert!(change(json!({"sourceIPAddress": CLOUDFORMATION})));
        assert!(change(json!({"userIdentity": {"arn": "a", "invokedBy": CLOUDFORMATION}})));
    }
}
