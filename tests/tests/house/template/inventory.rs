//! What is there: functions, logs, parameters, names, outputs.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::json;

use super::policy::names;
use super::tree::{Template, list, target};
use super::{ALARM, FUNCTION, Faults, ROLE, RULE, TOPIC, binary};
use tests::ROOT;
use tests::lambda::TIME_LIMITS;

pub(crate) fn functions_are_built_and_configured(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let mut built = BTreeSet::new();
    for (id, function) in template.resources(FUNCTION) {
        let own = &function["Properties"];
        let binary = binary(function);
        let name = json!({"!Sub": format!("${{Name}}-{binary}")});
        built.insert(binary.to_owned());
        fault_if!(
            faults,
            function["Metadata"]["BuildMethod"] != "rust-cargolambda",
            "{id} is not built with cargo-lambda"
        );
        fault_if!(faults, own["FunctionName"] != name, "{id} is not named after its stack and binary");
        let folder = format!("functions/{binary}");
        for (property, wanted) in [("Runtime", "provided.al2023"), ("Handler", "bootstrap"), ("CodeUri", &folder)] {
            let found = template.function_property(function, property);
            fault_if!(faults, found != wanted, "{id}: {property} is {found}");
        }

        // The simulated Lambda gives it as long.
        let told = TIME_LIMITS.iter().find(|(name, _)| *name == binary).map(|(_, seconds)| *seconds);
        let timeout = template.function_property(function, "Timeout").as_u64();
        fault_if!(faults, timeout != told, "{id}: {timeout:?} s, and tests::lambda::TIME_LIMITS has {told:?}");

        // One file instead of the file and its directories: reading the trusted roots is most of the work of starting up.
        let roots = ("SSL_CERT_FILE", "/etc/pki/tls/certs/ca-bundle.crt");
        let found = template.function_variable(function, roots.0);
        fault_if!(faults, found != roots.1, "{id}: {} is {found}", roots.0);

        let logging = template.function_property(function, "LoggingConfig");
        let group =
            template.resources("AWS::Logs::LogGroup").find(|(group, _)| Some(*group) == target(&logging["LogGroup"]));
        fault_if!(faults, logging["LogFormat"] != "Text", "{id}: Lambda would wrap its JSON lines in others");
        let Some((_, group)) = group else {
            faults.push(format!("{id}: its log group is not ours, so its lines are kept for ever"));
            continue;
        };
        let retention = target(&group["Properties"]["RetentionInDays"]);
        fault_if!(faults, retention != Some("LogRetentionDays"), "{id}: its log is kept for ever");
        let key = json!({"!If": ["HasLogKey", {"!Ref": "LogKeyArn"}, {"!Ref": "AWS::NoValue"}]});
        fault_if!(faults, group["Properties"]["KmsKeyId"] != key, "{id}: its log takes no key of one's own");
        let kept = group["DeletionPolicy"] == "RetainExceptOnCreate" && group["UpdateReplacePolicy"] == "Retain";
        fault_if!(faults, !kept, "{id}: the evidence goes with the stack");
    }
    let functions = std::fs::read_dir(Path::new(ROOT).join("functions")).unwrap();
    let folders: BTreeSet<String> = functions.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    fault_if!(faults, built != folders, "the template builds {built:?}, functions/ holds {folders:?}");
    faults
}

pub(crate) fn parameters_are_explained(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let parameters = template.tree["Parameters"].as_object().unwrap();
    let interface = &template.tree["Metadata"]["AWS::CloudFormation::Interface"];
    let grouped: Vec<&str> =
        list(&interface["ParameterGroups"]).into_iter().flat_map(|group| names(&group["Parameters"])).collect();
    for (name, parameter) in parameters {
        fault_if!(faults, parameter["Description"].is_null(), "parameter {name} is not described");
        let groups = grouped.iter().filter(|grouped| *grouped == name).count();
        fault_if!(faults, groups != 1, "parameter {name} is in {groups} groups");
        fault_if!(faults, interface["ParameterLabels"][name]["default"].is_null(), "parameter {name} has no label");
        // Nothing must be known before the first deployment but one way out, which a rule asks for.
        fault_if!(faults, parameter["Default"].is_null(), "parameter {name} has no default");
        let bounds = ["AllowedValues", "AllowedPattern", "MinValue"].iter().any(|bound| !parameter[bound].is_null());
        fault_if!(faults, !bounds, "parameter {name} takes anything");
    }
    let labelled = interface["ParameterLabels"].as_object().into_iter().flat_map(serde_json::Map::keys);
    for name in grouped.into_iter().chain(labelled.map(String::as_str)) {
        fault_if!(faults, !parameters.contains_key(name), "there is no parameter {name}");
    }
    faults
}

/// Members that end in "Name" and name nothing of the account: they speak of another resource, or are shown to people.
pub(super) const NOT_A_NAME: [(&str, &str); 7] = [
    (TOPIC, "DisplayName"),
    (ALARM, "MetricName"),
    ("AWS::Logs::MetricFilter", "LogGroupName"),
    (RULE, "EventBusName"),
    ("AWS::Events::EventBusPolicy", "EventBusName"),
    ("AWS::Backup::RestoreTestingSelection", "RestoreTestingPlanName"),
    ("AWS::Lambda::Permission", "FunctionName"),
];

/// Two stacks live in one account: whatever has a name has that of its stack in it.
pub(crate) fn names_carry_the_stack(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let mut named = 0;
    for (id, resource) in template.tree["Resources"].as_object().unwrap() {
        let kind = resource["Type"].as_str().unwrap_or_default();
        for (property, value) in resource["Properties"].as_object().into_iter().flatten() {
            if property.ends_with("Name") && !NOT_A_NAME.contains(&(kind, property.as_str())) {
                named += 1;
                let carries = value.to_string().contains("${Name}");
                fault_if!(faults, !carries, "{id}: two stacks would fight over the {property} {value}");
            }
        }
        // Left to AWS: a name of one's own would need another capability of whoever deploys.
        fault_if!(faults, kind == ROLE && !resource["Properties"]["RoleName"].is_null(), "{id} is a role with a name");
    }
    fault_if!(faults, named == 0, "nothing has a name");
    faults
}

pub(crate) fn outputs_say_what_they_are_for(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let outputs = template.tree["Outputs"].as_object().unwrap();
    for (name, output) in outputs {
        let value = output["Value"]["!Sub"].as_str().unwrap_or_default();
        fault_if!(faults, output["Description"].is_null(), "output {name} does not say what it is for");
        let command = value.starts_with("aws ");
        fault_if!(
            faults,
            command != name.ends_with("Command"),
            "output {name} is no command, or is one without its name"
        );
        fault_if!(faults, command && !value.contains("--region ${AWS::Region}"), "output {name} asks the wrong Region");
        // An output of an export would tie two stacks together.
        fault_if!(faults, !output["Export"].is_null(), "output {name} is exported");
    }
    fault_if!(faults, !template.text.contains("\nOutputs:\n  NextStep:\n"), "what to do first does not come first");
    // What one output or an alarm tells people to run is there.
    let words = template.text.split(|letter: char| !letter.is_ascii_alphanumeric());
    let told = words.filter(|word| word.len() > "Command".len() && word.ends_with("Command"));
    for word in told {
        fault_if!(faults, !outputs.contains_key(word), "there is no output {word}");
    }
    faults
}

/// Who is sent from one alarm to another, to a schedule or to a saved query must find it.
pub(crate) fn descriptions_name_what_is_there(template: &Template) -> Faults {
    const STACK: &str = "${Name}";
    let mut names = BTreeSet::new();
    let mut descriptions = Vec::new();
    let mut rest = vec![&template.tree["Resources"]];
    while let Some(value) = rest.pop() {
        for (member, inner) in value.as_object().into_iter().flatten() {
            let text = inner["!Sub"].as_str().unwrap_or_default();
            if member.ends_with("Name") {
                names.extend(text.strip_prefix(STACK));
            } else if member.ends_with("Description") {
                descriptions.extend(text.split(STACK).skip(1).filter(|after| after.starts_with(['-', '/'])));
            }
        }
        rest.extend(value.as_object().into_iter().flat_map(serde_json::Map::values));
    }
    let mut faults = Faults::new();
    let ends = |after: &str| !after.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '-');
    for text in &descriptions {
        let there = names.iter().any(|name| !name.is_empty() && text.strip_prefix(name).is_some_and(ends));
        let named = text.split(['"', ',', ':']).next().unwrap_or_default();
        fault_if!(faults, !there, "a description speaks of {named}, which is the name of nothing");
    }
    fault_if!(faults, descriptions.is_empty(), "no description names another resource");
    faults
}

/// CloudFormation finds it at the deployment, cfn-lint before; here it is found by whoever has neither.
pub(crate) fn references_lead_somewhere(template: &Template) -> Faults {
    let ids = |part: &str| template.tree[part].as_object().into_iter().flat_map(serde_json::Map::keys);
    let there: BTreeSet<&str> = ["Parameters", "Resources"].into_iter().flat_map(ids).map(String::as_str).collect();
    let conditions: BTreeSet<&str> = ids("Conditions").map(String::as_str).collect();
    let mut faults = Faults::new();
    let mut rest = vec![&template.tree];
    while let Some(value) = rest.pop() {
        for (member, inner) in value.as_object().into_iter().flatten() {
            let named = match member.as_str() {
                "!Ref" | "!GetAtt" => vec![inner.as_str().unwrap_or_default()],
                "!Sub" => {
                    let text = inner.as_str().unwrap_or_default();
                    text.split("${").skip(1).filter_map(|after| after.split('}').next()).collect()
                }
                _ => Vec::new(),
            };
            for name in named.into_iter().filter(|name| !name.starts_with("AWS::")) {
                let id = name.split('.').next().unwrap_or_default();
                fault_if!(faults, !there.contains(id), "{member} {name} leads nowhere");
            }
            let condition = match member.as_str() {
                "!If" => inner[0].as_str(),
                // The conditions of a policy are objects.
                "!Condition" | "Condition" => inner.as_str(),
                _ => None,
            };
            let unknown = condition.filter(|name| !conditions.contains(name));
            faults.extend(unknown.map(|name| format!("there is no condition {name}")));
        }
        rest.extend(value.as_object().into_iter().flat_map(serde_json::Map::values));
        rest.extend(value.as_array().into_iter().flatten());
    }
    faults
}
