//! CloudTrail, JSON 1.1: management events of an account in a Region.

use std::cmp::Reverse;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::wire::{Answer, Request, Service};
use crate::world::{Organization, TrailEvent};

/// What a page holds at most.
const MOST: u64 = 50;
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 90);

pub(crate) fn answer(organization: &Organization, operation: &str, request: &Request) -> Answer {
    match operation {
        "LookupEvents" => lookup(organization, request),
        other => Service::CloudTrail.unknown_operation(other),
    }
}

fn lookup(organization: &Organization, request: &Request) -> Answer {
    let input: Value = serde_json::from_str(&request.body).unwrap_or_default();
    let asked = match Asked::read(&input) {
        Ok(asked) => asked,
        Err((code, words)) => return Service::CloudTrail.error(400, code, words),
    };
    let account = request.caller.account.as_str();
    let now = organization.clock();
    let mut events: Vec<&TrailEvent> = organization
        .known(account)
        .into_iter()
        .flat_map(|member| member.worlds())
        .flat_map(|world| &world.trail)
        .filter(|event| event.region == request.region && event.listed <= now && event.time > now - KEPT)
        .filter(|event| asked.wants(event))
        .collect();
    events.sort_by_key(|event| Reverse(event.time));
    let to = events.len().min(asked.from + asked.most);
    let page = events.get(asked.from..to).unwrap_or_default();
    let page: Vec<Value> = page.iter().map(|event| listed(event, account)).collect();
    let mut answer = json!({"Events": page});
    if to < events.len() {
        answer["NextToken"] = json!(format!("from-{to} {}", asked.filter()));
    }
    Answer::of(Service::CloudTrail, answer.to_string())
}

/// What an event is looked up by.
struct Asked<'a> {
    attribute: Option<(&'a str, &'a str)>,
    after: Option<Timestamp>,
    before: Option<Timestamp>,
    most: usize,
    from: usize,
}

type Refused = (&'static str, &'static str);

impl<'a> Asked<'a> {
    fn read(input: &'a Value) -> Result<Self, Refused> {
        let attributes = input["LookupAttributes"].as_array().map(Vec::as_slice).unwrap_or_default();
        let attribute = match attributes {
            [] => None,
            [one] => one["AttributeKey"].as_str().zip(one["AttributeValue"].as_str()),
            _ => return Err(("InvalidLookupAttributesException", "You can provide only one lookup attribute.")),
        };
        if attribute.is_some_and(|(key, _)| !ATTRIBUTES.contains(&key))
            || (attribute.is_none() && !attributes.is_empty())
        {
            return Err(("InvalidLookupAttributesException", "The lookup attribute is not valid."));
        }
        let most = input["MaxResults"].as_u64().unwrap_or(MOST);
        if !(1..=MOST).contains(&most) {
            return Err(("InvalidMaxResultsException", "MaxResults must be from 1 to 50."));
        }
        let instant =
            |name: &str| input[name].as_f64().and_then(|at| Timestamp::from_millisecond((at * 1e3) as i64).ok());
        let (after, before) = (instant("StartTime"), instant("EndTime"));
        if after.zip(before).is_some_and(|(after, before)| after > before) {
            return Err(("InvalidTimeRangeException", "The start time is after the end time."));
        }
        let mut asked = Asked { attribute, after, before, most: most as usize, from: 0 };
        if let Some(token) = input["NextToken"].as_str() {
            let from = token.strip_prefix("from-").and_then(|rest| rest.split_once(' '));
            let from = from.filter(|(_, filter)| *filter == asked.filter()).and_then(|(from, _)| from.parse().ok());
            asked.from = from.ok_or(("InvalidNextTokenException", "The token is not one of this look-up."))?;
        }
        Ok(asked)
    }

    /// A token holds for the same parameters only.
    fn filter(&self) -> String {
        let (key, value) = self.attribute.unwrap_or_default();
        format!("{key}={value} {:?} {:?}", self.after, self.before)
    }

    fn wants(&self, event: &TrailEvent) -> bool {
        self.after.is_none_or(|after| event.time >= after)
            && self.before.is_none_or(|before| event.time <= before)
            && self.attribute.is_none_or(|(key, value)| match key {
                "EventId" => event.id == value,
                "EventName" => event.name == value,
                "EventSource" => event.source == value,
                "Username" => event.username == value,
                "AccessKeyId" => event.access_key == value,
                "ReadOnly" => event.read_only.to_string() == value,
                "ResourceType" => event.resources.iter().any(|(kind, _)| kind == value),
                _ => event.resources.iter().any(|(_, name)| name == value),
            })
    }
}

const ATTRIBUTES: [&str; 8] =
    ["EventId", "EventName", "ReadOnly", "Username", "ResourceType", "ResourceName", "EventSource", "AccessKeyId"];

fn listed(event: &TrailEvent, account: &str) -> Value {
    let resource = |(kind, name): &(String, String)| json!({"ResourceType": kind, "ResourceName": name});
    json!({
        "EventId": event.id,
        "EventName": event.name,
        "EventTime": event.time.as_millisecond() as f64 / 1e3,
        "EventSource": event.source,
        "ReadOnly": event.read_only.to_string(),
        "AccessKeyId": event.access_key,
        "Username": event.username,
        "Resources": event.resources.iter().map(resource).collect::<Vec<_>>(),
        "CloudTrailEvent": event.record(account).to_string(),
    })
}
