//! What each resource of a kind has, in whichever template it is made: those of today and those to come.

use serde_json::{Value, json};

use super::limits::{TEMPLATES, load};
use super::tree::Template;
use super::{FUNCTION, Faults, ROLE, RULE};

const LOG_GROUP: &str = "AWS::Logs::LogGroup";

fn faults(template: &Template) -> Faults {
    let unless_empty =
        |condition: &str, parameter: &str| json!({"!If": [condition, {"!Ref": parameter}, {"!Ref": "AWS::NoValue"}]});
    let wanted = [
        (ROLE, "PermissionsBoundary", unless_empty("HasBoundary", "PermissionsBoundaryArn")),
        (ROLE, "Path", json!({"!Ref": "RolePath"})),
        (LOG_GROUP, "KmsKeyId", unless_empty("HasLogKey", "LogKeyArn")),
    ];
    let mut faults = Faults::new();
    for (kind, property, wanted) in &wanted {
        for (id, resource) in template.resources(kind) {
            let found = &resource["Properties"][property];
            fault_if!(faults, found != wanted, "{id}: its {property} is {found}");
        }
    }
    for (id, rule) in template.resources(RULE) {
        let pattern = &rule["Properties"]["EventPattern"];
        let is_told = |one: &Value| !one["account"].is_null();
        let told = is_told(pattern) || pattern["$or"].as_array().is_some_and(|any| any.iter().any(is_told));
        fault_if!(faults, !told, "{id}: it does not say of which accounts events are");
    }
    // SAM makes a role of its own, without a boundary, where none is named.
    for (id, function) in template.resources(FUNCTION) {
        fault_if!(faults, function["Properties"]["Role"].is_null(), "{id}: SAM would make its role");
        let events = function["Properties"]["Events"].as_object().into_iter().flatten();
        for (name, event) in events.filter(|(_, event)| event["Type"] == "ScheduleV2") {
            fault_if!(faults, event["Properties"]["RoleArn"].is_null(), "{id}: SAM would make the role of {name}");
        }
    }
    faults
}

#[test]
fn each_role_has_a_boundary_each_log_a_key_and_each_rule_an_account() {
    for path in TEMPLATES {
        let faults = faults(&load(path));
        assert!(faults.is_empty(), "{path}:\n{}", faults.join("\n"));
    }
}

/// Whatever is taken away is noticed: of each resource, in each template.
#[test]
fn one_that_lacks_it_is_noticed() {
    let properties = [
        (ROLE, "PermissionsBoundary"),
        (ROLE, "Path"),
        (LOG_GROUP, "KmsKeyId"),
        (RULE, "EventPattern"),
        (FUNCTION, "Role"),
    ];
    let mut taken = 0;
    for path in TEMPLATES {
        for (kind, property) in properties {
            let ids: Vec<String> = load(path).resources(kind).map(|(id, _)| id.to_owned()).collect();
            for id in ids {
                let mut template = load(path);
                template.tree["Resources"][&id]["Properties"].as_object_mut().unwrap().remove(property);
                let faults = faults(&template);
                assert!(
                    faults.iter().any(|fault| fault.starts_with(&id)),
                    "{path}: {id} without {property}: {faults:?}"
                );
                taken += 1;
            }
        }
    }
    assert!(taken > 30, "{taken}");
}
