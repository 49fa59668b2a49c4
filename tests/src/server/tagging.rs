//! The Resource Groups Tagging API, JSON 1.1: the tags of resources of an account in a Region.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::wire::{Answer, Request, Service};
use crate::world::{Condition, Organization, Resource, World};

/// What a page holds at most, and how many resources may be asked for.
const MOST: usize = 100;
const MOST_KEYS: usize = 50;
const MOST_VALUES: usize = 20;

pub(crate) fn answer(organization: &Organization, operation: &str, request: &Request) -> Answer {
    match operation {
        "GetResources" => get_resources(organization, request),
        other => Service::Tagging.unknown_operation(other),
    }
}

/// What is told apart by name: a look at some resources, and a list of all that have a tag.
pub(crate) fn kind_of(request: &Request) -> &'static str {
    let input: Value = serde_json::from_str(&request.body).unwrap_or_default();
    if input["ResourceARNList"].is_null() { "by tag" } else { "by ARN" }
}

fn get_resources(organization: &Organization, request: &Request) -> Answer {
    let input: Value = serde_json::from_str(&request.body).unwrap_or_default();
    let asked = match Asked::read(&input) {
        Ok(asked) => asked,
        Err((code, words)) => return Service::Tagging.error(400, code, &words),
    };
    let worlds = organization.known(&request.caller.account).into_iter().flat_map(|member| member.worlds());
    let worlds = worlds.filter(|world| world.region == request.region);
    // Tags of what was deleted are gone with it, and what never had one is not in the index.
    let is_known = |resource: &&Resource| {
        resource.condition != Condition::Gone && (!resource.tags.is_empty() || resource.had_tags)
    };
    let mut found: Vec<&Resource> =
        worlds.flat_map(|world| world.resources.iter().filter(|one| is_here(world, one))).filter(is_known).collect();
    found.retain(|resource| asked.wants(resource));
    found.sort_by(|a, b| a.arn.cmp(&b.arn));
    let to = found.len().min(asked.from + asked.page);
    let page = found.get(asked.from..to).unwrap_or_default();
    let next = if to < found.len() { format!("from-{to} {}", asked.filters) } else { String::new() };
    let page: Vec<Value> = page.iter().map(|resource| mapping(resource)).collect();
    let answer = json!({"PaginationToken": next, "ResourceTagMappingList": page});
    Answer::of(Service::Tagging, answer.to_string())
}

/// A bucket has no Region in its ARN: it is where its world is.
fn is_here(world: &World, resource: &Resource) -> bool {
    resource.arn.split(':').nth(3).is_none_or(|region| region.is_empty() || region == world.region)
}

fn mapping(resource: &Resource) -> Value {
    let tags: Vec<Value> = resource.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    json!({"ResourceARN": resource.arn, "Tags": tags})
}

struct Asked {
    arns: Option<BTreeSet<String>>,
    /// A name, and values of which any is wanted; none are all.
    tags: Vec<(String, Vec<String>)>,
    /// A service, or a service and a type: `ec2:volume`. None are all.
    types: Vec<String>,
    page: usize,
    from: usize,
    /// A token holds for the same filters only.
    filters: String,
}

type Refused = (&'static str, String);

impl Asked {
    fn read(input: &Value) -> Result<Self, Refused> {
        let invalid = |words: &str| ("InvalidParameterException", words.to_owned());
        let texts = |value: &Value| -> Vec<String> {
            value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let given = |name: &str| !input[name].is_null();
        let filters = format!("{}{}", input["TagFilters"], input["ResourceTypeFilters"]);
        if given("ResourceARNList") {
            let others = ["TagFilters", "ResourceTypeFilters", "ResourcesPerPage", "TagsPerPage", "PaginationToken"];
            if others.into_iter().any(given) {
                return Err(invalid("ResourceARNList cannot be used with filters or pagination parameters."));
            }
            let arns = texts(&input["ResourceARNList"]);
            if !(1..=MOST).contains(&arns.len()) || arns.iter().any(|arn| !arn.starts_with("arn:")) {
                return Err(invalid("ResourceARNList takes 1 to 100 ARNs."));
            }
            let arns = Some(arns.into_iter().collect());
            return Ok(Self { arns, tags: Vec::new(), types: Vec::new(), page: MOST, from: 0, filters });
        }
        let tags: Vec<(String, Vec<String>)> = input["TagFilters"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|filter| (filter["Key"].as_str().unwrap_or_default().to_owned(), texts(&filter["Values"])))
            .collect();
        if tags.len() > MOST_KEYS || tags.iter().any(|(key, values)| key.is_empty() || values.len() > MOST_VALUES) {
            return Err(invalid("At most 50 keys, each with at most 20 values."));
        }
        let page = input["ResourcesPerPage"].as_u64().unwrap_or(50) as usize;
        if !(1..=MOST).contains(&page) {
            return Err(invalid("ResourcesPerPage must be from 1 to 100."));
        }
        let from = match input["PaginationToken"].as_str().unwrap_or_default() {
            "" => Some(0),
            token => {
                let parts = token.strip_prefix("from-").and_then(|rest| rest.split_once(' '));
                parts.filter(|(_, of)| *of == filters).and_then(|(from, _)| from.parse().ok())
            }
        };
        let expired = || ("PaginationTokenExpiredException", "The token is expired, or of another request.".to_owned());
        let types = texts(&input["ResourceTypeFilters"]);
        if types.len() > MOST || types.iter().any(|one| !is_type(one)) {
            return Err(invalid("ResourceTypeFilters takes at most 100 services or types of them."));
        }
        Ok(Self { arns: None, tags, types, page, from: from.ok_or_else(expired)?, filters })
    }

    fn wants(&self, resource: &Resource) -> bool {
        let has = |(key, values): &(String, Vec<String>)| {
            resource.tags.get(key).is_some_and(|value| values.is_empty() || values.contains(value))
        };
        match &self.arns {
            Some(arns) => arns.contains(&resource.arn),
            None => {
                let is_of = |wanted: &String| is_of_type(&resource.arn, wanted);
                self.tags.iter().all(has) && (self.types.is_empty() || self.types.iter().any(is_of))
            }
        }
    }
}

fn is_type(text: &str) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.chars().all(|sign| sign.is_ascii_alphanumeric() || "-/".contains(sign));
    text.split(':').count() <= 2 && text.split(':').all(is_word)
}

/// Whether an ARN is of a service, and of a type where one is wanted.
fn is_of_type(arn: &str, wanted: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let (service, resource) = (parts.get(2).copied().unwrap_or_default(), parts.get(5).copied().unwrap_or_default());
    match wanted.split_once(':') {
        None => service == wanted,
        Some((of, kind)) => service == of && resource.split(['/', ':']).next() == Some(kind),
    }
}
