//! EventBridge: what is put on a bus.

use serde_json::{Value, json};

use super::wire::{Answer, Request, Service};
use crate::World;

/// What one call takes.
const ENTRIES: usize = 10;
const BYTES: usize = 256 * 1024;

pub(crate) fn answer(world: &mut World, operation: &str, request: &Request) -> Answer {
    match operation {
        "PutEvents" => put_events(world, request),
        other => Service::Events.unknown_operation(other),
    }
}

fn put_events(world: &mut World, request: &Request) -> Answer {
    let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
    let entries = body["Entries"].as_array().cloned().unwrap_or_default();
    let texts = |entry: &Value| {
        ["Source", "DetailType", "Detail"].map(|name| entry[name].as_str().unwrap_or_default().to_owned())
    };
    let bytes: usize = entries.iter().flat_map(texts).map(|text| text.len()).sum();
    if entries.is_empty() || entries.len() > ENTRIES {
        return Service::Events.error(400, "ValidationException", "1 validation error detected: Value at 'entries'");
    }
    if bytes >= BYTES {
        return Service::Events.error(
            400,
            "ValidationException",
            "Total size of the entries in the request is over the limit.",
        );
    }
    let answers: Vec<Value> = entries
        .iter()
        .map(|entry| {
            let [source, detail_type, detail] = texts(entry);
            put(world, entry["EventBusName"].as_str().unwrap_or("default"), &source, &detail_type, &detail)
        })
        .map(|put| match put {
            Ok(id) => json!({"EventId": id}),
            Err((code, words)) => json!({"ErrorCode": code, "ErrorMessage": words}),
        })
        .collect();
    let failed = answers.iter().filter(|answer| answer.get("ErrorCode").is_some()).count();
    let answer = json!({"FailedEntryCount": failed, "Entries": answers});
    Answer::of(Service::Events, answer.to_string())
}

/// Answers the id of the event, or the code and the words of a refusal.
fn put(
    world: &mut World,
    bus: &str,
    source: &str,
    detail_type: &str,
    detail: &str,
) -> Result<String, (&'static str, &'static str)> {
    let id = world.next_id();
    let (time, account, region) = (world.clock, world.account.clone(), world.region.clone());
    let Some(bus) = world.buses.iter_mut().find(|known| known.name == bus) else {
        return Err(("InvalidArgument", "The event bus does not exist."));
    };
    if bus.refuses > 0 {
        bus.refuses -= 1;
        return Err(("InternalFailure", "The event could not be put."));
    }
    let detail: Value = serde_json::from_str(detail)
        .ok()
        .filter(Value::is_object)
        .ok_or(("MalformedDetail", "Detail is malformed."))?;
    if source.is_empty() || source.starts_with("aws.") {
        return Err(("NotAuthorizedForSourceException", "Not authorized for the source."));
    }
    bus.events.push(json!({
        "version": "0", "id": id, "detail-type": detail_type, "source": source, "account": account,
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(), "region": region, "resources": [], "detail": detail,
    }));
    Ok(id)
}
