//! What is there by a parameter, and which parameters go together.

use serde_json::{Value, json};

use super::Faults;
use super::tree::{Template, list};

/// What each condition asks beside those that other checks hold.
fn conditions() -> Value {
    let is = |name: &str, value: &str| json!({"!Equals": [{"!Ref": name}, value]});
    let is_not = |name: &str, value: &str| json!({"!Not": [{"!Equals": [{"!Ref": name}, value]}]});
    let holds = |name: &str| json!({"!Condition": name});
    json!({
        "FansOut": is("FanOut", "true"),
        "HasAlertEmail": is_not("AlertEmail", ""),
        "HasBoundary": is_not("PermissionsBoundaryArn", ""),
        "HasCollect": {"!Or": [holds("HasAzure"), holds("Polls")]},
        "HasLogKey": is_not("LogKeyArn", ""),
        "HasMembers": {"!Or": [holds("WatchesAccounts"), holds("WatchesRegions")]},
        "HasOrganization": is_not("OrganizationId", ""),
        "HasRerunRole": is_not("RerunRole", ""),
        "IsChina": is("AWS::Partition", "aws-cn"),
        "IsGovCloud": is("AWS::Partition", "aws-us-gov"),
        "Polls": {"!And": [holds("HasMembers"), is("MemberEvents", "polled")]},
        "RerunsElsewhere": {"!And": [holds("WatchesAccounts"), holds("HasRerunRole")]},
        "TellsMonths": is("MonthlyReview", "true"),
        "TellsWeeks": is("WeeklySummary", "true"),
        "TakesEvents": {"!And": [holds("HasMembers"), is("MemberEvents", "forwarded")]},
        "TakesEventsOfOthers": {"!And": [holds("WatchesAccounts"), is("MemberEvents", "forwarded")]},
        "WatchesAccounts": is_not("WatchAccounts", "own"),
        "WatchesOrganization": is("WatchAccounts", "organization"),
        "WatchesRegions": is_not("WatchRegions", "own"),
    })
}

pub(crate) fn conditions_ask_as_told(template: &Template) -> Faults {
    let mut faults = Faults::new();
    for (name, wanted) in conditions().as_object().into_iter().flatten() {
        let found = &template.tree["Conditions"][name];
        fault_if!(faults, found != wanted, "{name} asks {found}, not {wanted}");
    }
    for name in ["WatchAccounts", "WatchRegions"] {
        let default = &template.tree["Parameters"][name]["Default"];
        fault_if!(faults, default != "own", "{name} is {default} unless told otherwise");
    }
    faults
}

/// A parameter that needs another one says so before anything is made.
pub(crate) fn parameters_that_go_together_are_asked_for(template: &Template) -> Faults {
    let set = |name: &str| json!({"!Not": [{"!Equals": [{"!Ref": name}, ""]}]});
    let is = |name: &str, value: &str| json!({"!Equals": [{"!Ref": name}, value]});
    let ways_out: Vec<Value> = ["AlertEmail", "ChatTopicArn", "NoticeTopicArn"].into_iter().map(set).collect();
    let others = json!({"!Not": [{"!Equals": [{"!Ref": "WatchAccounts"}, "own"]}]});
    let rules = [
        ("SomebodyIsTold", Value::Null, vec![json!({"!Or": ways_out})]),
        ("AnOrganizationIsNamed", is("WatchAccounts", "organization"), vec![set("OrganizationId")]),
        ("WorkersHaveAPlaceForWhatTheyFind", is("FanOut", "true"), vec![set("EvidenceBucket"), others]),
    ];
    let mut faults = Faults::new();
    for (name, when, wanted) in rules {
        let rule = &template.tree["Rules"][name];
        let asserted: Vec<&Value> = list(&rule["Assertions"]).into_iter().map(|item| &item["Assert"]).collect();
        fault_if!(faults, rule["RuleCondition"] != when, "{name} is asked when {}", rule["RuleCondition"]);
        fault_if!(faults, asserted != wanted.iter().collect::<Vec<_>>(), "{name} asserts {asserted:?}");
    }
    faults
}
