//! Settings and topics: each function gets what its code reads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::permissions::CALLED;
use super::policy::{may, names, statements_of_role};
use super::tree::{Template, list, target};
use super::{FUNCTION, Faults, ROLE, TOPIC, binary};
use crate::sources::settings::{self, Setting};
use tests::addresses;

/// Variables that are not for our code but for the TLS library.
pub(super) const NOT_OURS: [&str; 1] = ["SSL_CERT_FILE"];

/// What the template makes itself.
pub(super) const MADE_HERE: [&str; 2] = ["ALERT_TOPIC_ARN", "EVENT_BUS_NAME"];

/// Hosts of Azure: who needs other ones than those that there are sets them by hand.
pub(super) const NOT_SET: [&str; 2] = ["AZURE_AUTHORITY_HOST", "AZURE_RESOURCE_MANAGER_URL"];

/// The settings of each function. Reading the sources takes a while.
static SETTINGS: LazyLock<BTreeMap<&str, BTreeMap<String, Setting>>> =
    LazyLock::new(|| settings::FUNCTIONS.into_iter().map(|name| (name, settings::settings(name))).collect());

/// Each function gets the variables that its code reads and no other, and a parameter promises what the code accepts.
pub(crate) fn settings_are_those_of_the_code(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let shared = &template.tree["Globals"]["Function"]["Environment"]["Variables"];
    for (id, function) in template.resources(FUNCTION) {
        let own = &function["Properties"]["Environment"]["Variables"];
        let set: BTreeSet<&str> = [shared, own]
            .into_iter()
            .filter_map(Value::as_object)
            .flat_map(|variables| variables.keys().map(String::as_str))
            .filter(|variable| !NOT_OURS.contains(variable))
            .collect();
        let Some(settings) = SETTINGS.get(binary(function)) else {
            faults.push(format!("{id}: no function of ours"));
            continue;
        };
        let read: BTreeSet<&str> = settings.keys().map(String::as_str).filter(|name| !NOT_SET.contains(name)).collect();
        fault_if!(faults, set != read, "{id}: set is {set:?}, its code reads {read:?}");
        for (variable, setting) in settings.iter().filter(|(name, _)| !NOT_SET.contains(&name.as_str())) {
            let name = parameter_of(variable, binary(function));
            let parameter = &template.tree["Parameters"][&name];
            let value = template.function_variable(function, variable);
            if parameter["Default"] == "" {
                // An empty parameter must not arrive as an empty variable.
                let condition = condition_of(&name);
                let unless_empty = json!({"!If": [condition, {"!Ref": name}, {"!Ref": "AWS::NoValue"}]});
                let asked = if condition == "HasAzure" { "AzureTenantId" } else { name.as_str() };
                let has = json!({"!Not": [{"!Equals": [{"!Ref": asked}, ""]}]});
                fault_if!(faults, *value != unless_empty, "{id}: {variable} is {value}");
                fault_if!(faults, template.tree["Conditions"][&condition] != has, "{condition} asks something else");
            } else if !MADE_HERE.contains(&variable.as_str()) {
                fault_if!(faults, target(value) != Some(name.as_str()), "{id}: {variable} is {value}");
            }
            let number = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
            if let Some(default) = setting.default {
                let found = number(&parameter["Default"]);
                fault_if!(faults, found != Some(default), "{name} is {found:?} by default, {variable} {default}");
            }
            if let (Some((low, high)), Some(_)) = (setting.range, setting.default) {
                let allowed: Vec<u64> = list(&parameter["AllowedValues"]).into_iter().filter_map(number).collect();
                let fits = match allowed.as_slice() {
                    [] => (number(&parameter["MinValue"]), number(&parameter["MaxValue"])) == (Some(low), Some(high)),
                    allowed => allowed.iter().all(|value| (low..=high).contains(value)),
                };
                fault_if!(faults, !fits, "{name} takes other values than {variable}: {low} to {high}");
            }
            if !setting.words.is_empty() {
                let words = names(&parameter["AllowedValues"]);
                fault_if!(faults, words != setting.words, "{name} takes {words:?}, {variable} {:?}", setting.words);
                fault_if!(
                    faults,
                    parameter["Default"] != setting.words[0],
                    "{name} has another default than {variable}"
                );
            }
        }
    }
    let subjects = std::fs::read_to_string(format!("{}/shared/notice/src/subject.rs", tests::ROOT)).unwrap_or_default();
    let longest = subjects.split("LONGEST: usize = ").nth(1).and_then(|rest| rest.split(';').next()?.parse().ok());
    let taken = template.tree["Parameters"]["StackLabel"]["MaxLength"].as_u64();
    fault_if!(faults, longest != taken, "StackLabel takes {taken:?} characters, a label {longest:?}");
    let parameter = &template.tree["Parameters"]["RunbookUrl"];
    let taken = addresses::good().into_iter().map(|address| (address, true));
    // CloudFormation lets a text through if the pattern matches the whole of it.
    let pattern = format!("^(?:{})$", parameter["AllowedPattern"].as_str().unwrap_or_default());
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    let schema = json!({"pattern": pattern, "maxLength": parameter["MaxLength"]});
    compiler.add_resource("address", schema).expect("a new name");
    let Ok(schema) = compiler.compile("address", &mut schemas) else {
        faults.push(format!("RunbookUrl has no pattern but {pattern}"));
        return faults;
    };
    for (address, is_good) in taken.chain(addresses::bad().into_iter().map(|address| (address, false))) {
        let takes = schemas.validate(&json!(address), schema).is_ok();
        fault_if!(faults, takes != is_good, "RunbookUrl and RUNBOOK_URL disagree on {address:?}");
    }
    faults
}

/// Each function may publish to the three topics and to nothing else, and use the key of ours.
pub(crate) fn notices_reach_all_topics(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let topics = json!([
        {"!Ref": "AlertTopic"},
        {"!If": ["HasChatTopic", {"!Ref": "ChatTopicArn"}, {"!Ref": "AWS::NoValue"}]},
        {"!If": ["HasNoticeTopic", {"!Ref": "NoticeTopicArn"}, {"!Ref": "AWS::NoValue"}]},
    ]);
    let publishes =
        |function: &Value| CALLED.get(binary(function)).is_some_and(|called| called.contains("sns:Publish"));
    for (id, function) in template.resources(FUNCTION).filter(|(_, function)| publishes(function)) {
        let alert = template.function_variable(function, "ALERT_TOPIC_ARN");
        let topic = target(alert).and_then(|topic| template.properties(TOPIC, topic));
        fault_if!(faults, topic.is_none(), "{id}: no alert topic");
        let role = target(&function["Properties"]["Role"]).unwrap_or("nothing");
        let published: Vec<&Value> = template
            .resources(ROLE)
            .filter(|(id, _)| *id == role)
            .flat_map(|(_, role)| statements_of_role(role))
            .filter(|statement| names(&statement["Action"]).contains(&"sns:Publish"))
            .map(|statement| &statement["Resource"])
            .collect();
        fault_if!(faults, published != [&topics], "{role} may publish to {published:?}");
        let key = topic.and_then(|topic| target(&topic["KmsMasterKeyId"])).unwrap_or("nothing");
        for action in ["kms:GenerateDataKey*", "kms:Decrypt"] {
            fault_if!(faults, !may(template, role, action, key), "{role} may not {action} with {key}");
        }
    }
    faults
}

/// What a parameter that may be empty is asked for by. Four of Azure go together.
fn condition_of(parameter: &str) -> String {
    match parameter {
        "AzureTenantId" | "AzureClientId" | "AzureVerifyClientId" | "AzureSubscriptionIds" => "HasAzure".to_owned(),
        other => format!("Has{}", other.trim_end_matches("Arn")),
    }
}

/// Half of Azure is no Azure, and the functions would not start.
pub(crate) fn azure_is_on_or_off(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let of_azure = ["AzureTenantId", "AzureClientId", "AzureVerifyClientId", "AzureSubscriptionIds"];
    let rule = &template.tree["Rules"]["AzureIsOnOrOff"];
    let is_set = |name: &str| json!({"!Not": [{"!Equals": [{"!Ref": name}, ""]}]});
    let any: Vec<Value> = of_azure.iter().map(|name| is_set(name)).collect();
    fault_if!(faults, rule["RuleCondition"] != json!({"!Or": any}), "half of Azure is not noticed");
    let asserted: Vec<&Value> = list(&rule["Assertions"]).into_iter().map(|assertion| &assertion["Assert"]).collect();
    fault_if!(faults, asserted != any.iter().collect::<Vec<_>>(), "half of Azure is let through");
    // What is there for Azure alone is there by one condition.
    for (id, resource) in template.tree["Resources"].as_object().into_iter().flatten() {
        for (condition, wanted) in [("HasCollect", id.starts_with("Collect")), ("HasAzure", id == "CheckQuery")] {
            let conditional = resource["Condition"] == condition;
            fault_if!(faults, wanted != conditional, "{id} is there where it need not be, or not where it must");
        }
    }
    faults
}

/// STORM_WINDOW_HOURS -> StormWindowHours. verify has an identity of its own.
fn parameter_of(variable: &str, function: &str) -> String {
    if (variable, function) == ("AZURE_CLIENT_ID", "verify") {
        return "AzureVerifyClientId".to_owned();
    }
    let capitalized = |(at, letter): (usize, char)| if at == 0 { letter } else { letter.to_ascii_lowercase() };
    variable.split('_').flat_map(|word| word.chars().enumerate().map(capitalized)).collect()
}
