//! Restore tests of a sample: nothing is restored that carries no tag, and no function of ours gets a right by it.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::ROOT;

use super::audit::has_no_hyphen;
use super::tree::Template;
use super::{Faults, ROLE, RULE};

/// What a type may be told: the condition of the template, the key of AWS Backup, and the parameter.
type Told = (&'static str, &'static str, &'static str);

/// The types that AWS Backup can restore without being told more than a subnet, and what they may be told.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing-inferred-metadata.html>
const TYPES: [(&str, Option<Told>); 9] = [
    ("Aurora", DATABASE),
    ("DocumentDB", DATABASE),
    ("DynamoDB", None),
    ("EBS", None),
    ("EC2", Some(("HasSubnet", "subnetId", "SubnetId"))),
    ("EFS", None),
    ("Neptune", DATABASE),
    ("RDS", DATABASE),
    ("S3", None),
];
const DATABASE: Option<Told> = Some(("HasDbSubnetGroup", "dbSubnetGroupName", "DbSubnetGroup"));

fn load() -> Template {
    Template::alone("deploy/restore-testing.yaml")
}

#[test]
fn restore_tests_are_as_told() {
    let faults = faults(&load());
    assert!(faults.is_empty(), "deploy/restore-testing.yaml:\n{}", faults.join("\n"));
}

/// Each thing that keeps the sample small, or the role out of other hands, is missed when it is changed.
#[test]
fn a_plan_that_does_more_is_noticed() {
    let whole = load();
    for (place, other) in [
        ("/Resources/RdsSelection/Properties/ProtectedResourceConditions/StringEquals/0/Value", json!("no")),
        ("/Resources/RdsSelection/Properties/ProtectedResourceType", json!("S3")),
        ("/Resources/EbsSelection/Properties/IamRoleArn", json!("arn:aws:iam::111122223333:role/admin")),
        ("/Resources/EbsSelection/Properties/ValidationWindowHours", json!(1)),
        ("/Resources/Ec2Selection/Properties/RestoreMetadataOverrides", json!({})),
        ("/Resources/Ec2Selection/Properties/RestoreTestingPlanName", json!("another")),
        ("/Resources/RestoreTestingPlan/Properties/RestoreTestingPlanName", json!({"!Sub": "${Name}-sample"})),
        ("/Resources/RestoreTestingPlan/Properties/RecoveryPointSelection/Algorithm", json!("RANDOM_WITHIN_WINDOW")),
        ("/Resources/RestoreRole/Condition", json!("HasBoundary")),
        ("/Resources/RestoreRole/Properties/ManagedPolicyArns/0", json!("arn:aws:iam::aws:policy/AdministratorAccess")),
        ("/Resources/RestoreRole/Properties/AssumeRolePolicyDocument/Statement/0/Principal", json!({"AWS": "*"})),
        ("/Resources/RestoreRole/Properties/PermissionsBoundary", json!({"!Ref": "AWS::NoValue"})),
        ("/Resources/ValidatorRule/Condition", json!("MakesRole")),
        ("/Resources/ValidatorRule/Properties/EventPattern/detail/status", json!(["FAILED"])),
        ("/Resources/ValidatorPermission/Properties/SourceArn", json!("arn:aws:events:eu-west-1:111122223333:rule/x")),
        ("/Conditions/HasValidationWindow", json!({"!Equals": [{"!Ref": "ValidationWindowHours"}, "0"]})),
        ("/Rules/AValidatorHasTime/Assertions/0/Assert", json!(true)),
    ] {
        let mut tree = whole.tree.clone();
        *tree.pointer_mut(place).unwrap_or_else(|| panic!("{place} is not there")) = other;
        let changed = Template { text: whole.text.clone(), tree };
        assert!(!faults(&changed).is_empty(), "nobody notices a change of {place}");
    }
}

fn faults(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let is = |name: &str, value: &str| json!({"!Equals": [{"!Ref": name}, value]});
    let is_not = |name: &str, value: &str| json!({"!Not": [is(name, value)]});
    for (name, wanted) in [
        ("HasBoundary", is_not("PermissionsBoundaryArn", "")),
        ("HasDbSubnetGroup", is_not("DbSubnetGroup", "")),
        ("HasSubnet", is_not("SubnetId", "")),
        ("HasValidationWindow", is_not("ValidationWindowHours", "0")),
        ("HasValidator", is_not("ValidatorFunctionArn", "")),
        ("MakesRole", is("RestoreRoleArn", "")),
    ] {
        let found = &template.tree["Conditions"][name];
        fault_if!(faults, *found != wanted, "{name} asks {found}");
    }
    let rule = &template.tree["Rules"]["AValidatorHasTime"];
    let asked = rule["RuleCondition"] == is_not("ValidatorFunctionArn", "")
        && rule["Assertions"][0]["Assert"] == is_not("ValidationWindowHours", "0");
    fault_if!(faults, !asked, "a validator may have no time");
    plan(template, &mut faults);
    selections(template, &mut faults);
    role(template, &mut faults);
    validator(template, &mut faults);
    faults
}

fn plan(template: &Template, faults: &mut Faults) {
    let plan = &template.tree["Resources"]["RestoreTestingPlan"]["Properties"];
    let name = &plan["RestoreTestingPlanName"];
    fault_if!(faults, !has_no_hyphen(name), "{name} may hold a hyphen, and AWS Backup takes none");
    let wanted = json!({
        "Algorithm": "LATEST_WITHIN_WINDOW", "IncludeVaults": {"!Ref": "Vaults"}, "RecoveryPointTypes": ["SNAPSHOT", "CONTINUOUS"],
        "SelectionWindowDays": {"!Ref": "SelectionWindowDays"},
    });
    let found = &plan["RecoveryPointSelection"];
    fault_if!(faults, *found != wanted, "the plan restores {found}");
}

fn selections(template: &Template, faults: &mut Faults) {
    let no = json!({"!Ref": "AWS::NoValue"});
    let sample = json!({"StringEquals": [{
        "Key": {"!Sub": "aws:ResourceTag/${SampleTag}"}, "Value": {"!Ref": "SampleValue"},
    }]});
    let mut found = BTreeSet::new();
    for (id, selection) in template.resources("AWS::Backup::RestoreTestingSelection") {
        let own = &selection["Properties"];
        let (of, name) = (own["ProtectedResourceType"].as_str(), own["RestoreTestingSelectionName"].as_str());
        found.insert(of.unwrap_or_default());
        let told = TYPES.iter().find(|(known, _)| Some(*known) == of).and_then(|(_, told)| *told);
        let told = told.map_or(
            Value::Null,
            |(condition, key, parameter)| json!({"!If": [condition, {key: {"!Ref": parameter}}, no]}),
        );
        for (property, wanted) in [
            ("RestoreTestingPlanName", json!({"!Ref": "RestoreTestingPlan"})),
            ("ProtectedResourceArns", json!(["*"])),
            ("ProtectedResourceConditions", sample.clone()),
            ("RestoreMetadataOverrides", told),
            ("IamRoleArn", json!({"!If": ["MakesRole", {"!GetAtt": "RestoreRole.Arn"}, {"!Ref": "RestoreRoleArn"}]})),
            ("ValidationWindowHours", json!({"!If": ["HasValidationWindow", {"!Ref": "ValidationWindowHours"}, no]})),
        ] {
            fault_if!(faults, own[property] != wanted, "{id}: {property} is {}", own[property]);
        }
        let is_plain = name.is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
        fault_if!(faults, !is_plain, "{id}: AWS Backup takes letters, digits and underscores, and not {name:?}");
    }
    let wanted: BTreeSet<&str> = TYPES.iter().map(|(name, _)| *name).collect();
    fault_if!(faults, found != wanted, "tested are {found:?}, not {wanted:?}");
}

/// AWS's own role: nobody but AWS Backup uses it, and it has what AWS says that restores need.
fn role(template: &Template, faults: &mut Faults) {
    let roles: Vec<(&str, &Value)> = template.resources(ROLE).collect();
    let [(_, role)] = roles.as_slice() else {
        faults.push(format!("there are {} roles", roles.len()));
        return;
    };
    fault_if!(faults, role["Condition"] != "MakesRole", "a role is made although one is given");
    let own = &role["Properties"];
    let trusted =
        json!([{"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}]);
    let trusts = &own["AssumeRolePolicyDocument"]["Statement"];
    fault_if!(faults, *trusts != trusted, "the role trusts {trusts}");
    let policies = ["service-role/AWSBackupServiceRolePolicyForRestores", "AWSBackupServiceRolePolicyForS3Restore"];
    let policies = policies.map(|name| json!({"!Sub": format!("arn:${{AWS::Partition}}:iam::aws:policy/{name}")}));
    fault_if!(faults, own["ManagedPolicyArns"] != json!(policies), "the role may {}", own["ManagedPolicyArns"]);
    fault_if!(faults, !own["Policies"].is_null(), "the role has policies of its own");
    let bound = json!({"!If": ["HasBoundary", {"!Ref": "PermissionsBoundaryArn"}, {"!Ref": "AWS::NoValue"}]});
    fault_if!(faults, own["PermissionsBoundary"] != bound, "the role takes no boundary");
}

fn validator(template: &Template, faults: &mut Faults) {
    let resources = &template.tree["Resources"];
    let (rule, permission) = (&resources["ValidatorRule"], &resources["ValidatorPermission"]);
    for (name, made) in [("rule", rule), ("permission", permission)] {
        fault_if!(faults, made["Condition"] != "HasValidator", "the {name} is made unasked");
    }
    let pattern = json!({
        "source": ["aws.backup"], "detail-type": ["Restore Job State Change"], "account": [{"!Ref": "AWS::AccountId"}],
        "detail": {
            "status": ["COMPLETED"],
            "restoreTestingPlanArn": [{"!GetAtt": "RestoreTestingPlan.RestoreTestingPlanArn"}],
        },
    });
    let found = &rule["Properties"]["EventPattern"];
    fault_if!(faults, *found != pattern, "the validator is told of {found}");
    let target = &rule["Properties"]["Targets"][0]["Arn"];
    let function = json!({"!Ref": "ValidatorFunctionArn"});
    fault_if!(faults, *target != function || permission["Properties"]["FunctionName"] != function, "another is told");
    let source = json!({"!GetAtt": "ValidatorRule.Arn"});
    fault_if!(faults, permission["Properties"]["SourceArn"] != source, "others may invoke the validator");
    fault_if!(faults, template.resources(RULE).count() != 1, "there is another rule");
}

#[test]
fn the_parameters_are_told_with_their_defaults() {
    let page = std::fs::read_to_string(format!("{ROOT}/docs/restores.md")).unwrap();
    let (_, section) = page.split_once("\n## A restore testing plan of a sample\n").expect("the section");
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    let told: BTreeSet<(String, String)> = rows
        .filter_map(|row| {
            let mut cells = row.split(" | ");
            Some((cells.next()?.trim_end_matches('`').to_owned(), cells.next()?.trim_matches('`').to_owned()))
        })
        .collect();
    let template = load();
    let parameters = template.tree["Parameters"].as_object().unwrap();
    let default = |parameter: &Value| match &parameter["Default"] {
        Value::String(text) if text.is_empty() => "empty".to_owned(),
        Value::String(text) => text.clone(),
        number => number.to_string(),
    };
    let there: BTreeSet<(String, String)> =
        parameters.iter().map(|(name, parameter)| (name.clone(), default(parameter))).collect();
    assert_eq!(told, there, "docs/restores.md (left) and deploy/restore-testing.yaml (right)");
}
