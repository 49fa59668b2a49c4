//! All names that AWS sees fit, also where a StackSet calls the stack: `StackSet-NAME-UUID`.

use serde_json::Value;

use super::tree::{Template, list};
use super::{ALARM, COMPOSITE, FUNCTION, Faults, QUEUE, ROLE, RULE, TOPIC};

/// How many characters AWS takes, by type and property.
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html>,
/// <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>,
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html> and those of the other services.
pub(super) const LIMITS: &[(&str, &str, usize)] = &[
    (ALARM, "AlarmName", 255),
    (COMPOSITE, "AlarmName", 255),
    (FUNCTION, "FunctionName", 64),
    (QUEUE, "QueueName", 80),
    (ROLE, "RoleName", 64),
    (RULE, "Name", 64),
    (TOPIC, "TopicName", 256),
    ("AWS::Backup::Framework", "FrameworkName", 256),
    ("AWS::Backup::ReportPlan", "ReportPlanName", 256),
    ("AWS::Backup::RestoreTestingPlan", "RestoreTestingPlanName", 50),
    ("AWS::Backup::RestoreTestingSelection", "RestoreTestingSelectionName", 50),
    ("AWS::CloudFormation::StackSet", "StackSetName", 128),
    ("AWS::CloudWatch::Dashboard", "DashboardName", 255),
    ("AWS::Events::EventBus", "Name", 256),
    ("AWS::Logs::QueryDefinition", "Name", 255),
    ("AWS::Scheduler::Schedule", "Name", 64),
    ("AWS::StepFunctions::StateMachine", "StateMachineName", 80),
    ("ScheduleV2", "Name", 64),
];

/// All templates that make something. What is nested in the first is looked at with it.
pub(super) const TEMPLATES: [&str; 6] = [
    "template.yaml",
    "deploy/member.yaml",
    "deploy/organization.yaml",
    "deploy/audit-manager.yaml",
    "deploy/evidence.yaml",
    "deploy/restore-testing.yaml",
];

pub(super) fn load(path: &str) -> Template {
    if path == "template.yaml" { Template::load() } else { Template::alone(path) }
}

/// What a StackSet whose name has twenty letters calls its stacks.
fn stack_set_name() -> String {
    format!("StackSet-{}-{}", "n".repeat(20), "01234567-89ab-cdef-0123-456789abcdef")
}

fn faults(template: &Template) -> Faults {
    let mut faults = Faults::new();
    for (id, resource) in template.tree["Resources"].as_object().into_iter().flatten() {
        let events = resource["Properties"]["Events"].as_object().into_iter().flat_map(serde_json::Map::values);
        for named in events.chain([resource]) {
            let kind = named["Type"].as_str().unwrap_or_default();
            for (_, property, most) in LIMITS.iter().filter(|(of, ..)| *of == kind) {
                let name = &named["Properties"][property];
                let longest = longest(template, name).map(|text| text.chars().count());
                let fits = name.is_null() || longest.is_some_and(|length| length <= *most);
                fault_if!(
                    faults,
                    !fits,
                    "{id}: {property} {name} has {longest:?} characters, at most {most} are taken"
                );
            }
        }
    }
    faults
}

/// The longest that a name may become: parameters at their longest, the stack as a StackSet calls it.
fn longest(template: &Template, name: &Value) -> Option<String> {
    if let Some(text) = name.as_str() {
        return Some(text.to_owned());
    }
    if let Some(parameter) = name["!Ref"].as_str() {
        return of_variable(template, parameter);
    }
    if let Some(joined) = name["!Join"][1]["!Split"][1].as_object() {
        return longest(template, &Value::Object(joined.clone()));
    }
    let mut parts = name["!Sub"].as_str()?.split("${");
    let mut whole = parts.next()?.to_owned();
    for part in parts {
        let (variable, rest) = part.split_once('}')?;
        whole.push_str(&of_variable(template, variable)?);
        whole.push_str(rest);
    }
    Some(whole)
}

fn of_variable(template: &Template, variable: &str) -> Option<String> {
    match variable {
        "AWS::StackName" => Some(stack_set_name()),
        "AWS::Region" => Some("ap-northeast-1".to_owned()),
        _ => {
            let most = template.tree["Parameters"][variable]["MaxLength"].as_u64()?;
            Some("n".repeat(usize::try_from(most).ok()?))
        }
    }
}

#[test]
fn physical_names_fit() {
    for path in TEMPLATES {
        let faults = faults(&load(path));
        assert!(faults.is_empty(), "{path}:\n{}", faults.join("\n"));
    }
}

/// Whatever has a name is in the table.
#[test]
fn every_kind_of_name_has_a_limit() {
    for path in TEMPLATES {
        let template = load(path);
        for (id, resource) in template.tree["Resources"].as_object().unwrap() {
            let kind = resource["Type"].as_str().unwrap();
            for property in resource["Properties"].as_object().into_iter().flat_map(serde_json::Map::keys) {
                let told = LIMITS.iter().any(|(of, name, _)| *of == kind && name == property);
                let of_another = super::inventory::NOT_A_NAME.contains(&(kind, property.as_str()));
                assert!(!property.ends_with("Name") || told || of_another, "{path}: {id}: {property} has no limit");
            }
        }
    }
}

/// Names that grow from that of the stack are what StackSets failed on.
#[test]
fn a_name_of_the_stacks_own_would_not_fit() {
    let mut template = Template::load();
    let text = serde_json::to_string(&template.tree).unwrap().replace("${Name}", "${AWS::StackName}");
    template.tree = serde_json::from_str(&text).unwrap();
    let found = faults(&template);
    assert!(found.iter().any(|fault| fault.starts_with("BackupAndCopyJobRule: ")), "{found:?}");
    assert!(found.iter().any(|fault| fault.starts_with("ClassifyFunction: ")), "{found:?}");
    let pattern = list(&template.tree["Parameters"]["Name"]["AllowedPattern"]);
    assert!(pattern[0].as_str().unwrap().contains("{0,42}"), "a name is at most a letter and 42 characters");
}
