//! Nested stacks: `template.yaml` with the resources of `deploy/operations.yaml` and `deploy/fan-out.yaml` in their places, so that the checks
//! see one template. `deploy/package` does the same to what it leaves for others.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use tests::ROOT;

use super::tree::{Template, list};

const STACK: &str = "AWS::CloudFormation::Stack";

/// The template with each nested stack replaced by what is in it.
pub(super) fn flattened(mut whole: Template) -> Template {
    let stacks: Vec<(String, Value)> =
        whole.resources(STACK).map(|(id, stack)| (id.to_owned(), stack.clone())).collect();
    for (id, stack) in stacks {
        let path = stack["Properties"]["TemplateURL"].as_str().expect("a nested template is a file of this project");
        let text = std::fs::read_to_string(format!("{ROOT}/{path}")).expect(path);
        let nested = Template::parse(text);
        let given = stack["Properties"]["Parameters"].as_object().expect("a nested stack is given parameters");
        let names = |value: &Value| value.as_object().map(|all| all.keys().cloned().collect::<BTreeSet<String>>());
        assert_eq!(names(&nested.tree["Parameters"]), Some(given.keys().cloned().collect()), "{id} and {path}");
        let given: Map<String, Value> = given
            .iter()
            .map(|(name, value)| {
                let is_list = nested.tree["Parameters"][name]["Type"] == "CommaDelimitedList";
                (name.clone(), if is_list { json!({"!Split": [",", value]}) } else { there(value).clone() })
            })
            .collect();
        for part in ["Conditions", "Mappings", "Resources"] {
            for (name, value) in nested.tree[part].as_object().into_iter().flatten() {
                let mut value = put(value, &given);
                if part == "Resources" && !stack["Condition"].is_null() {
                    assert!(value["Condition"].is_null(), "{path}: {name} has a condition beside that of its stack");
                    value["Condition"] = stack["Condition"].clone();
                }
                let into = whole.tree[part].as_object_mut().expect("a part of the template");
                // A condition of both means the same, or the two would disagree on what is there.
                let is_new = into.get(name).is_none();
                assert!(is_new || part == "Conditions", "{path}: there are two {name}");
                if is_new {
                    into.insert(name.clone(), value);
                }
            }
        }
        whole.tree["Resources"].as_object_mut().expect("resources").remove(&id);
        whole.text.push_str(&nested.text);
    }
    whole
}

/// What is given where it is there: `!If [HasCollect, !Ref CollectFunction, ""]`.
fn there(value: &Value) -> &Value {
    match value["!If"].as_array().map(Vec::as_slice) {
        Some([_, there, nothing]) if *nothing == "" => there,
        _ => value,
    }
}

/// A value of a nested template, with what its parameters stand for.
fn put(value: &Value, given: &Map<String, Value>) -> Value {
    match value {
        Value::Object(members) => {
            if let Some(put) = members.get("!Ref").and_then(Value::as_str).and_then(|name| given.get(name)) {
                return put.clone();
            }
            members
                .iter()
                .map(|(name, inner)| match (name.as_str(), inner) {
                    ("!Sub", Value::String(text)) => (name.clone(), Value::String(put_text(text, given))),
                    ("!Sub", Value::Array(_)) => {
                        let parts = list(inner);
                        let text = put_text(parts[0].as_str().unwrap_or_default(), given);
                        (name.clone(), json!([text, put(parts[1], given)]))
                    }
                    _ => (name.clone(), put(inner, given)),
                })
                .collect::<Map<String, Value>>()
                .into()
        }
        Value::Array(items) => items.iter().map(|item| put(item, given)).collect(),
        scalar => scalar.clone(),
    }
}

/// `${Name}` in a text.
fn put_text(text: &str, given: &Map<String, Value>) -> String {
    given.iter().fold(text.to_owned(), |text, (name, value)| {
        let variable = format!("${{{name}}}");
        let of = ["!Ref", "!GetAtt"].iter().find_map(|tag| value[*tag].as_str());
        assert!(of.is_some() || !text.contains(&variable), "{name} cannot stand in a text: {value}");
        of.map_or(text.clone(), |of| text.replace(&variable, &format!("${{{of}}}")))
    })
}
