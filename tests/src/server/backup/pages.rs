//! Lists page by page, and the small change of rest-json.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::wire::{Answer, Request, Service};
use crate::world::{Creator, Lifecycle, World};

/// The results of lists, filtered and in order, as places in the world, or in one of the worlds that are listed together. They hold until the world changes: without them each of
/// 300 pages of 300,000 jobs would look at all of the jobs again.
#[derive(Default)]
pub(crate) struct Listings(HashMap<String, Vec<Place>>);

/// A world by its number, and what it holds there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) world: usize,
    pub(super) item: usize,
}

impl Listings {
    /// Must be called when the world may have changed.
    pub(crate) fn forget(&mut self) {
        self.0.clear();
    }

    /// The result of a request, whichever page of it is asked for.
    pub(super) fn of(&mut self, request: &Request, find: impl FnOnce() -> Vec<Place>) -> &[Place] {
        let mut key = format!("{} {} {}", request.caller.account, request.region, request.segments.join("/"));
        for (name, value) in request.query.iter().filter(|(name, _)| name != "nextToken" && name != "maxResults") {
            key.push_str(&format!(" {name}={value}"));
        }
        self.0.entry(key).or_insert_with(find)
    }
}

/// One page of a list. The token is where the next page begins; it holds for the same filters only, as with AWS.
pub(super) fn page<Item>(
    world: &World,
    request: &Request,
    member: &str,
    items: &[Item],
    shape: impl Fn(&Item) -> Value,
) -> Answer {
    written_page(world, request, member, items, |item, text| text.push_str(&shape(item).to_string()))
}

/// The same, where each item is written at the end of a text.
pub(super) fn written_page<Item>(
    world: &World,
    request: &Request,
    member: &str,
    items: &[Item],
    write: impl Fn(&Item, &mut String),
) -> Answer {
    let most = match request.parameter("maxResults").map(str::parse::<usize>) {
        None => world.page_size,
        Some(Ok(most @ 1..=1000)) => most.min(world.page_size),
        Some(_) => return invalid("maxResults must be from 1 to 1000"),
    };
    let from = match request.parameter("nextToken").map(|token| token.strip_prefix("from-").map(str::parse::<usize>)) {
        None => 0,
        Some(Some(Ok(from))) if from <= items.len() => from,
        Some(_) => return invalid("Invalid token"),
    };
    let to = items.len().min(from + most);
    let mut body = String::from("{");
    if to < items.len() {
        body.push_str(&format!("\"NextToken\":\"from-{to}\","));
    }
    body.push_str(&format!("\"{member}\":["));
    for (number, item) in items[from..to].iter().enumerate() {
        if number > 0 {
            body.push(',');
        }
        write(item, &mut body);
    }
    body.push_str("]}");
    Answer::json_text(body)
}

pub(super) fn found(value: Option<Value>, name: &str) -> Answer {
    match value {
        Some(value) => Answer::json(&value),
        None => Service::Backup.error(400, "ResourceNotFoundException", &format!("{name} not found")),
    }
}

pub(super) fn invalid(message: &str) -> Answer {
    Service::Backup.error(400, "InvalidParameterValueException", message)
}

pub(super) fn creator(creator: &Creator) -> Value {
    json!({
        "BackupPlanId": creator.plan_id,
        "BackupPlanArn": creator.plan_arn,
        "BackupPlanName": creator.plan_name,
        "BackupPlanVersion": creator.plan_version,
        "BackupRuleId": creator.rule_id,
        "BackupRuleName": creator.rule_name,
        "BackupRuleCron": creator.rule_cron,
        "BackupRuleTimezone": creator.rule_timezone
    })
}

pub(super) fn lifecycle(lifecycle: Lifecycle) -> Value {
    trimmed(json!({
        "DeleteAfterDays": lifecycle.delete_after_days,
        "MoveToColdStorageAfterDays": lifecycle.cold_after_days
    }))
}

/// AWS leaves out what it does not know; it does not send null.
pub(super) fn trimmed(mut value: Value) -> Value {
    if let Some(members) = value.as_object_mut() {
        members.retain(|_, member| !member.is_null());
    }
    value
}

pub(super) fn seconds(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}

pub(super) fn region_of(arn: &str) -> &str {
    arn.split(':').nth(3).unwrap_or_default()
}
