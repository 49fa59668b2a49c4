//! SNS, query protocol. What is published stays in the simulator's mailbox.

use std::collections::BTreeMap;

use super::State;
use super::wire::{Answer, Request, Service};

/// A notice that SNS accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    pub topic: String,
    pub subject: Option<String>,
    pub message: String,
    /// Name to type (String, String.Array, Number, Binary) and value.
    pub attributes: BTreeMap<String, (String, String)>,
    pub structure: Option<String>,
    pub message_id: String,
}

pub(crate) fn answer(state: &mut State, operation: &str, request: &Request) -> Answer {
    match operation {
        "Publish" => publish(state, request),
        "GetTopicAttributes" => get_topic_attributes(state, request),
        other => Service::Sns.unknown_operation(other),
    }
}

const NAMESPACE: &str = "http://sns.amazonaws.com/doc/2010-03-31/";

fn publish(state: &mut State, request: &Request) -> Answer {
    let topic = request.field("TopicArn").or(request.field("TargetArn")).unwrap_or_default();
    let world = state.organization.world(&request.caller.account, &request.region);
    if !world.topics.iter().any(|known| known.arn == topic) {
        return Service::Sns.error(404, "NotFound", "Topic does not exist");
    }
    let message = request.field("Message").unwrap_or_default().to_owned();
    let subject = request.field("Subject").map(str::to_owned);
    let attributes = attributes(request);
    if let Some(problem) = problem(&message, subject.as_deref(), &attributes) {
        return Service::Sns.error(400, "InvalidParameter", &format!("Invalid parameter: {problem}"));
    }
    let message_id = crate::world::uuid_of(1_000_000 + state.published.len() as u64);
    state.published.push(Published {
        topic: topic.to_owned(),
        subject,
        message,
        attributes,
        structure: request.field("MessageStructure").map(str::to_owned),
        message_id: message_id.clone(),
    });
    Answer::xml("Publish", NAMESPACE, &format!("<MessageId>{message_id}</MessageId>"))
}

fn get_topic_attributes(state: &State, request: &Request) -> Answer {
    let arn = request.field("TopicArn").unwrap_or_default();
    let world = state.organization.world(&request.caller.account, &request.region);
    let Some(topic) = world.topics.iter().find(|known| known.arn == arn) else {
        return Service::Sns.error(404, "NotFound", "Topic does not exist");
    };
    let entries: String = [
        ("TopicArn", topic.arn.clone()),
        ("Owner", world.account.clone()),
        ("SubscriptionsConfirmed", topic.confirmed.to_string()),
        ("SubscriptionsPending", topic.pending.to_string()),
        ("SubscriptionsDeleted", "0".to_owned()),
    ]
    .iter()
    .map(|(key, value)| format!("<entry><key>{key}</key><value>{value}</value></entry>"))
    .collect();
    Answer::xml("GetTopicAttributes", NAMESPACE, &format!("<Attributes>{entries}</Attributes>"))
}

fn attributes(request: &Request) -> BTreeMap<String, (String, String)> {
    let entry = |index: usize| {
        let prefix = format!("MessageAttributes.entry.{index}");
        let name = request.field(&format!("{prefix}.Name"))?.to_owned();
        let part = |part: &str| request.field(&format!("{prefix}.Value.{part}")).map(str::to_owned);
        let value = part("StringValue").or_else(|| part("BinaryValue")).unwrap_or_default();
        Some((name, (part("DataType").unwrap_or_default(), value)))
    };
    (1..).map_while(entry).collect()
}

/// What SNS would refuse to send.
fn problem(message: &str, subject: Option<&str>, attributes: &BTreeMap<String, (String, String)>) -> Option<String> {
    if message.is_empty() {
        return Some("Empty message".to_owned());
    }
    let names_and_values = attributes.iter().map(|(name, (kind, value))| name.len() + kind.len() + value.len());
    if message.len() + names_and_values.sum::<usize>() > 262_144 {
        return Some("Message too long".to_owned());
    }
    let printable = |subject: &str| subject.chars().all(|letter| letter == ' ' || letter.is_ascii_graphic());
    if subject.is_some_and(|subject| subject.is_empty() || subject.len() >= 100 || !printable(subject)) {
        return Some("Subject".to_owned());
    }
    let bad = |(name, (kind, value)): (&String, &(String, String))| {
        let letters = name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-.".contains(letter));
        let reserved = name.starts_with("AWS.") || name.starts_with("Amazon.");
        let array = kind != "String.Array" || serde_json::from_str::<Vec<serde_json::Value>>(value).is_ok();
        (value.is_empty() || kind.is_empty() || !letters || reserved || !array).then(|| name.clone())
    };
    attributes.iter().find_map(bad).map(|name| format!("The message attribute '{name}' is not valid"))
}
