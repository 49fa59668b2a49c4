//! Answers that come, with status 200, and are not what the service promises.

use serde_json::{Value, json};

use super::fault::Tokens;
use super::wire::{Answer, Request, Service};

/// A word that is none of a service's states or decisions.
const UNKNOWN: &str = "NEBULOUS";
/// The members that hold states and decisions, in JSON and XML.
const WORDS: [&str; 8] =
    ["status", "State", "Status", "KeyState", "VaultState", "VaultType", "StorageClass", "EvalDecision"];

/// Half of a document, and nothing behind it.
pub(super) fn malformed(answer: Answer) -> Answer {
    Answer { body: "<<<{\"cut off".to_owned(), bytes: None, ..answer }
}

pub(super) fn html(status: u16) -> Answer {
    let body =
        "<!DOCTYPE html><html><head><title>Please wait</title></head><body>Please wait.</body></html>".to_owned();
    Answer { status, content_type: "text/html", error_type: None, headers: Vec::new(), body, bytes: None }
}

pub(super) fn empty(service: Service) -> Answer {
    Answer { body: String::new(), ..Answer::of(service, String::new()) }
}

pub(super) fn without_members(service: Service, operation: &str, answer: Answer) -> Answer {
    if answer.status != 200 {
        return answer;
    }
    let body = match service {
        Service::Backup
        | Service::Kms
        | Service::Events
        | Service::Organizations
        | Service::CloudTrail
        | Service::Tagging
        | Service::Azure
        | Service::Entra => "{}".to_owned(),
        Service::S3 => format!("<{operation}Result></{operation}Result>"),
        Service::Iam | Service::Sns | Service::Sts => {
            format!("<{operation}Response><{operation}Result></{operation}Result></{operation}Response>")
        }
    };
    Answer::of(service, body)
}

pub(super) fn with_unknown_words(answer: Answer) -> Answer {
    let body = match serde_json::from_str::<Value>(&answer.body) {
        Ok(mut value) => {
            replace_words(&mut value);
            value.to_string()
        }
        Err(_) => WORDS.iter().fold(answer.body.clone(), |body, word| replace_element(&body, word)),
    };
    Answer { body, ..answer }
}

/// One page of a list whose pages never end. The page asked for is always the first.
pub(super) fn page_of(tokens: Tokens, mut request: Request, act: impl FnOnce(&Request) -> Answer) -> Answer {
    let next = match (tokens, request.take_token().as_deref()) {
        (Tokens::Endless, last) => {
            let number = last.and_then(|token| token.strip_prefix("page-")?.parse::<u64>().ok()).unwrap_or(0);
            format!("page-{}", number + 1)
        }
        (Tokens::Round, Some("page-a")) => "page-b".to_owned(),
        (Tokens::Round | Tokens::Same, _) => "page-a".to_owned(),
    };
    let answer = act(&request);
    with_token(answer, &next, &request)
}

/// A first page without records, and behind it the list.
pub(super) fn empty_page(mut request: Request, act: impl FnOnce(&Request) -> Answer) -> Answer {
    let first = request.take_token().is_none();
    let answer = act(&request);
    if !first {
        return answer;
    }
    let mut value: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    for list in ["value", "data", "Accounts", "Events", "ResourceTagMappingList"] {
        if value.get(list).is_some() {
            value[list] = json!([]);
        }
    }
    with_token(Answer { body: value.to_string(), ..answer }, "first", &request)
}

/// The list, and behind it the list.
pub(super) fn twice(mut request: Request, act: impl FnOnce(&Request) -> Answer) -> Answer {
    let first = request.take_token().is_none();
    let answer = act(&request);
    if first { with_token(answer, "again", &request) } else { answer }
}

/// In the member by which each protocol names the next page.
fn with_token(answer: Answer, token: &str, request: &Request) -> Answer {
    if answer.status != 200 {
        return answer;
    }
    let body = match serde_json::from_str::<Value>(&answer.body) {
        Ok(mut value) if value.get("Truncated").is_some() => {
            value["Truncated"] = json!(true);
            value["NextMarker"] = json!(token);
            value.to_string()
        }
        Ok(mut value) if value.get("value").is_some() => {
            value["nextLink"] = json!(super::azure::next_link(request, token));
            value.to_string()
        }
        Ok(mut value) if value.get("data").is_some() => {
            value["$skipToken"] = json!(token);
            value.to_string()
        }
        Ok(mut value) if value.get("ResourceTagMappingList").is_some() => {
            value["PaginationToken"] = json!(token);
            value.to_string()
        }
        Ok(mut value) => {
            value["NextToken"] = json!(token);
            value.to_string()
        }
        Err(_) => {
            // S3 has a word of its own for it.
            let name = if answer.body.contains("<ListBucketResult") { "NextContinuationToken" } else { "Marker" };
            let next = format!("<IsTruncated>true</IsTruncated><{name}>{token}</{name}>");
            answer.body.replace("<IsTruncated>false</IsTruncated>", &next)
        }
    };
    Answer { body, ..answer }
}

fn replace_words(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(replace_words),
        Value::Object(members) => {
            for (name, member) in members {
                if member.is_string() && WORDS.contains(&name.as_str()) {
                    *member = json!(UNKNOWN);
                } else {
                    replace_words(member);
                }
            }
        }
        _ => {}
    }
}

fn replace_element(xml: &str, name: &str) -> String {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let mut parts = xml.split(&open);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |done, part| {
        let rest = part.split_once(&close).map_or(part, |(_, rest)| rest);
        format!("{done}{open}{UNKNOWN}{close}{rest}")
    })
}
