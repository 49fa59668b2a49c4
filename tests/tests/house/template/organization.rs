//! `deploy/organization.yaml`: two StackSets of `deploy/member.yaml`, roles in one Region and the rule in all.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::tree::{Template, list};

const STACK_SET: &str = "AWS::CloudFormation::StackSet";

/// What a StackSet is told, by name.
fn told(stack_set: &Value) -> BTreeMap<&str, &Value> {
    let parameters = list(&stack_set["Parameters"]).into_iter();
    parameters.map(|one| (one["ParameterKey"].as_str().unwrap(), &one["ParameterValue"])).collect()
}

#[test]
fn roles_are_made_once_and_the_rule_in_each_region() {
    let template = Template::alone("deploy/organization.yaml");
    let regions = json!({"!Ref": "WatchRegions"});
    let one = json!([{"!Ref": "RoleRegion"}]);
    for (id, part, wanted) in [("RolesStackSet", "roles", &one), ("RulesStackSet", "rule", &regions)] {
        let stack_set = template.properties(STACK_SET, id).unwrap();
        assert_eq!(told(stack_set)["Part"], part, "{id}");
        let groups = list(&stack_set["StackInstancesGroup"]);
        assert_eq!(groups.len(), 1, "{id}");
        assert_eq!(&groups[0]["Regions"], wanted, "{id}");
        let units = json!({"OrganizationalUnitIds": {"!Ref": "OrganizationalUnitIds"}});
        assert_eq!(groups[0]["DeploymentTargets"], units, "{id}");
    }
    // The rule hands the role of the other one to EventBridge.
    assert_eq!(template.tree["Resources"]["RulesStackSet"]["DependsOn"], "RolesStackSet");
}

#[test]
fn accounts_that_join_get_them_and_one_that_refuses_keeps_nobody_back() {
    let template = Template::alone("deploy/organization.yaml");
    assert_eq!(template.resources(STACK_SET).count(), 2);
    for (id, stack_set) in template.resources(STACK_SET) {
        let stack_set = &stack_set["Properties"];
        assert_eq!(stack_set["PermissionModel"], "SERVICE_MANAGED", "{id}");
        assert_eq!(stack_set["CallAs"], json!({"!Ref": "CallAs"}), "{id}: a delegated administrator is refused");
        assert_eq!(stack_set["AutoDeployment"]["Enabled"], true, "{id}");
        assert_eq!(stack_set["ManagedExecution"], json!({"Active": true}), "{id}: operations wait for each other");
        assert_eq!(stack_set["OperationPreferences"]["FailureTolerancePercentage"], 100, "{id}");
        // Names of roles are ours.
        assert_eq!(stack_set["Capabilities"], json!(["CAPABILITY_NAMED_IAM"]), "{id}");
        assert_eq!(stack_set["TemplateURL"], "member.yaml", "{id}");
    }
}

/// What one of them is not told has a default, and what both are told they are told alike.
#[test]
fn members_are_told_what_they_ask_for() {
    let (template, member) = (Template::alone("deploy/organization.yaml"), Template::alone("deploy/member.yaml"));
    let asked = member.tree["Parameters"].as_object().unwrap();
    let mut passed = BTreeMap::new();
    for (id, stack_set) in template.resources(STACK_SET) {
        let told = told(&stack_set["Properties"]);
        for (name, parameter) in asked {
            assert!(told.contains_key(name.as_str()) || !parameter["Default"].is_null(), "{id} is not told {name}");
        }
        for (name, value) in told.into_iter().filter(|(name, _)| *name != "Part") {
            assert!(asked.contains_key(name), "{id} tells {name}, and nobody asks for it");
            assert_eq!(*value, json!({"!Ref": name}), "{id}");
            passed.insert(name, value.clone());
        }
    }
    // All that a member can be told it can be told through the organization, with the same default and pattern.
    for (name, parameter) in asked.iter().filter(|(name, _)| *name != "Part") {
        assert!(passed.contains_key(name.as_str()), "no StackSet tells {name}");
        let own = &template.tree["Parameters"][name];
        if name != "OrganizationId" {
            assert_eq!(own, parameter, "{name}");
        }
    }
}
