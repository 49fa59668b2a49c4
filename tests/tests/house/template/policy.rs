//! Reading policies.

use serde_json::Value;

use super::ROLE;
use super::tree::{Template, list, target};

pub(crate) fn statements(policy: &Value) -> Vec<&Value> {
    // One that stands under a condition is granted where that holds.
    let under_condition = |statement: &'_ Value| statement["!If"].as_array().is_some();
    let all = list(&policy["Statement"]).into_iter().flat_map(|statement| match under_condition(statement) {
        true => list(&statement["!If"]).into_iter().filter(|branch| branch["Action"] != Value::Null).collect(),
        false => vec![statement],
    });
    all.collect()
}

pub(crate) fn allows(policy: &Value) -> Vec<&Value> {
    statements(policy).into_iter().filter(|statement| statement["Effect"] == "Allow").collect()
}

pub(crate) fn statements_of_role(role: &Value) -> Vec<&Value> {
    list(&role["Properties"]["Policies"]).into_iter().flat_map(|policy| statements(&policy["PolicyDocument"])).collect()
}

pub(crate) fn names(value: &Value) -> Vec<&str> {
    list(value).into_iter().filter_map(Value::as_str).collect()
}

/// Whether a role may do this to one resource of ours, by a statement that names it.
pub(crate) fn may(template: &Template, role: &str, action: &str, on: &str) -> bool {
    template.resources(ROLE).filter(|(id, _)| *id == role).flat_map(|(_, role)| statements_of_role(role)).any(
        |statement| {
            names(&statement["Action"]).contains(&action)
                && list(&statement["Resource"]).into_iter().any(|resource| target(resource) == Some(on))
        },
    )
}

/// Those that stand under a condition: its name, and what is granted where it holds and where it fails.
pub(crate) fn conditional_statements(role: &Value) -> Vec<&Vec<Value>> {
    let policies = list(&role["Properties"]["Policies"]).into_iter();
    let all = policies.flat_map(|policy| list(&policy["PolicyDocument"]["Statement"]));
    all.filter_map(|statement| statement["!If"].as_array()).collect()
}
