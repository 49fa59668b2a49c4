//! Every value of the template is held by a check: changed by itself, it is noticed, or it stands here with the reason why not.

use std::collections::BTreeSet;

use serde_json::Value;

use super::tree::Template;
use super::{CHECKS, Faults};

/// Places where another value is no fault that our checks could see. A place matches if its path ends so; `*` is any one step.
const MAY_BE_CHANGED: &[(&str, &[&str])] = &[
    (
        "people read it",
        &[
            "AlarmDescription",
            "Comment",
            "Description",
            "Description/!Sub",
            "AlarmDescription/!Sub",
            "AssertDescription",
            "ConstraintDescription",
            "DisplayName",
            "Label/default",
            "Outputs/*/Value/!If/*",
            "Outputs/*/Value/!If/*/!Sub",
            "Outputs/*/Value/!Sub",
            "Outputs/*/Value/!Sub/0",
            "Outputs/*/Value/!Sub/1/Console/!If/*",
            "Outputs/*/Value/!Sub/1/Console/!If/*/!If/*",
            "ParameterLabels/*/default",
            "Sid",
        ],
    ),
    (
        "any name will do that has the stack's in it",
        &["AlarmName/!Sub", "DashboardName/!Sub", "Id", "Name/!Sub", "PolicyName", "QueueName/!Sub", "TopicName/!Sub"],
    ),
    (
        "cfn-lint knows what may stand here, and `make test` runs it",
        &[
            "!GetAtt",
            "AWSTemplateFormatVersion",
            "KeyPolicy/Version",
            "Parameters/*/AllowedPattern",
            "Parameters/*/Type",
            "PolicyDocument/Version",
            "AssumeRolePolicyDocument/Version",
            "Resources/*/Type",
            "Transform",
            "Unit",
        ],
    ),
    (
        "operators choose, and no code depends on the choice",
        &[
            "Parameters/*/AllowedValues/*",
            "Parameters/*/Default",
            "Parameters/*/MaxLength",
            "Parameters/*/MaxValue",
            "Parameters/*/MinValue",
        ],
    ),
    (
        "more is as good: a check holds what it must be at least",
        &[
            "BatchSize",
            "ClassifyQueue/Properties/MessageRetentionPeriod",
            "MaximumEventAgeInSeconds",
            "ReportDueSchedule/Properties/Target/RetryPolicy/MaximumRetryAttempts",
            "VisibilityTimeout",
            "maxReceiveCount",
        ],
    ),
];

#[test]
fn whatever_is_changed_is_noticed() {
    let (unnoticed, needed) = unnoticed(&Template::load(), CHECKS);
    assert!(unnoticed.is_empty(), "no check notices a change of\n{}", unnoticed.join("\n"));
    let patterns = MAY_BE_CHANGED.iter().flat_map(|(_, patterns)| patterns.iter().copied());
    let stale: Vec<&str> = patterns.filter(|pattern| !needed.contains(pattern)).collect();
    assert!(stale.is_empty(), "checks hold all of {stale:?}: take them off the list");
}

/// The places whose change no check notices and no pattern allows, and the patterns that allow one.
pub(super) fn unnoticed(whole: &Template, checks: &[fn(&Template) -> Faults]) -> (Vec<String>, BTreeSet<&'static str>) {
    let patterns: Vec<&str> = MAY_BE_CHANGED.iter().flat_map(|(_, patterns)| patterns.iter().copied()).collect();
    let (mut unnoticed, mut needed) = (Vec::new(), BTreeSet::new());
    // What noticed the last change most likely notices the next one, which is beside it.
    let mut checks = checks.to_vec();
    let mut template = Template { text: whole.text.clone(), tree: whole.tree.clone() };
    for place in scalars(&whole.tree) {
        let was = change(&mut template.tree, &place);
        let noticed = checks.iter().position(|check| !check(&template).is_empty());
        *at(&mut template.tree, &place) = was;
        if let Some(check) = noticed {
            checks[..=check].rotate_right(1);
        } else {
            let free: Vec<&str> = patterns.iter().copied().filter(|pattern| ends_so(&place, pattern)).collect();
            if free.is_empty() {
                unnoticed.push(place.join("/"));
            }
            needed.extend(free);
        }
    }
    (unnoticed, needed)
}

/// The places of all texts, numbers and switches of a tree: the names of members and the numbers of items that lead there.
fn scalars(tree: &Value) -> Vec<Vec<String>> {
    let inner: Vec<(String, &Value)> = match tree {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect(),
        _ => return vec![Vec::new()],
    };
    let below = |(step, value): (String, &Value)| {
        let places = scalars(value).into_iter();
        places.map(move |rest| std::iter::once(step.clone()).chain(rest).collect()).collect::<Vec<Vec<String>>>()
    };
    inner.into_iter().flat_map(below).collect()
}

/// Puts another value at one place. Returns the one that was there.
fn change(tree: &mut Value, place: &[String]) -> Value {
    let value = at(tree, place);
    let other = match &*value {
        Value::Bool(switch) => Value::Bool(!switch),
        Value::Number(number) => Value::from(number.as_u64().expect("no fraction and nothing below zero") * 3 + 1),
        Value::String(text) => Value::String(format!("{text}x")),
        other => other.clone(),
    };
    std::mem::replace(value, other)
}

fn at<'a>(tree: &'a mut Value, place: &[String]) -> &'a mut Value {
    let pointer: String = place.iter().map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1"))).collect();
    tree.pointer_mut(&pointer).expect("the place of a scalar")
}

/// Whether a place ends in the steps of a pattern.
fn ends_so(place: &[String], pattern: &str) -> bool {
    let wanted: Vec<&str> = pattern.split('/').collect();
    let Some(from) = place.len().checked_sub(wanted.len()) else { return false };
    place[from..].iter().zip(wanted).all(|(step, wanted)| wanted == "*" || step == wanted)
}
