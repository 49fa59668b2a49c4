//! The table in `events/notices/pagerduty.json`: from one of our documents to the requests of another service, by JSON pointers alone.
//!
//! Each incident of a document makes one request. A member of its body is a `constant`, or what a pointer finds in the `notice` or in the
//! `incident`. With `each`, every value of a list that was found makes an object of such members, in which `"item": ""` is the value.

use serde_json::{Map, Value, json};

/// What to send for a document, one request for each of its incidents.
pub(crate) fn requests(service: &Value, notice: &Value) -> Vec<Value> {
    let incidents = notice["incidents"].as_array().expect("a document has incidents");
    incidents.iter().map(|incident| request(service, notice, incident)).collect()
}

fn request(service: &Value, notice: &Value, incident: &Value) -> Value {
    let action = incident["action"].as_str().expect("an incident has an action");
    let table = match &service["mapping"][action] {
        Value::String(same_as) => &service["mapping"][same_as],
        table => table,
    };
    let mut body = Value::Null;
    for (place, from) in table.as_object().unwrap_or_else(|| panic!("no table for {action}")) {
        let steps: Vec<&str> = place.split('/').skip(1).collect();
        put(&mut body, &steps, value(from, &[("notice", notice), ("incident", incident)]));
    }
    json!({"send": service["send"][action], "body": body})
}

fn value(from: &Value, sources: &[(&str, &Value)]) -> Value {
    let at = |(member, document): &(&str, &Value)| {
        let pointer = from[*member].as_str()?;
        Some(document.pointer(pointer).unwrap_or_else(|| panic!("{pointer} is not in {document}")).clone())
    };
    let found = sources.iter().find_map(at).or_else(|| from.get("constant").cloned());
    let found = found.unwrap_or_else(|| panic!("{from} names no source"));
    if let Some(members) = from.get("each").and_then(Value::as_object) {
        let object = |item: &Value| -> Value {
            members.iter().map(|(name, from)| (name.clone(), value(from, &[("item", item)]))).collect()
        };
        return found.as_array().expect("a list").iter().map(object).collect();
    }
    found
}

/// Puts a value at a place, making objects on the way.
fn put(body: &mut Value, steps: &[&str], value: Value) {
    let Some((step, rest)) = steps.split_first() else {
        *body = value;
        return;
    };
    if body.is_null() {
        *body = Value::Object(Map::new());
    }
    put(&mut body[*step], rest, value);
}
