//! Reading policies.

use serde_json::Value;

use super::ROLE;
use super::tree::{Template, list, target};

pub(crate) fn statements(policy: &Value) -> Vec<&Value> {
    list(&policy["Statement"])
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
