//! EventBridge event patterns: the part of the language this project uses, and an error for everything else.
//!
//! A pattern names members of the event. A list of alternatives is an "or", members side by side are an "and".

use serde_json::{Map, Value};

/// Whether the event would fire a rule with this pattern. `Err`: EventBridge or this reader would not take the pattern.
pub fn matches(pattern: &Value, event: &Value) -> Result<bool, String> {
    let pattern = pattern.as_object().ok_or_else(|| format!("a pattern is an object, not {pattern}"))?;
    if pattern.is_empty() {
        return Err("an empty pattern".to_owned());
    }
    let mut all = true;
    // No early return: a mistake in a later member must be found whatever the event.
    for (member, want) in pattern {
        all &= match want {
            Value::Array(branches) if member == "$or" => any_branch(branches, event)?,
            Value::Array(alternatives) => any_alternative(member, alternatives, event.get(member))?,
            Value::Object(_) => matches(want, event.get(member).unwrap_or(&Value::Null))?,
            _ => return Err(format!("{member}: wants a list, not {want}")),
        };
    }
    Ok(all)
}

fn any_branch(branches: &[Value], event: &Value) -> Result<bool, String> {
    if branches.len() < 2 {
        return Err("$or wants at least two branches".to_owned());
    }
    branches.iter().try_fold(false, |any, branch| Ok(any | matches(branch, event)?))
}

fn any_alternative(member: &str, alternatives: &[Value], found: Option<&Value>) -> Result<bool, String> {
    if alternatives.is_empty() {
        return Err(format!("{member}: an empty list"));
    }
    // A list in an event matches if one of its elements does; an object is no leaf and matches nothing.
    let leaves: Vec<&Value> = match found {
        None | Some(Value::Object(_)) => Vec::new(),
        Some(Value::Array(elements)) => elements.iter().collect(),
        Some(leaf) => vec![leaf],
    };
    alternatives.iter().try_fold(false, |any, alternative| Ok(any | one_alternative(member, alternative, &leaves)?))
}

fn one_alternative(member: &str, alternative: &Value, leaves: &[&Value]) -> Result<bool, String> {
    let Value::Object(operator) = alternative else {
        if alternative.is_array() {
            return Err(format!("{member}: a list in a list"));
        }
        return Ok(leaves.contains(&alternative));
    };
    match single(operator) {
        Some(("exists", Value::Bool(wanted))) => Ok(leaves.is_empty() != *wanted),
        Some(("prefix", Value::String(prefix))) => Ok(leaves.iter().any(|leaf| starts_with(leaf, prefix))),
        Some(("anything-but", refused)) => {
            let refused = refused_values(member, refused)?;
            Ok(leaves.iter().any(|leaf| !refused.contains(*leaf)))
        }
        _ => Err(format!("{member}: {alternative} is not understood here")),
    }
}

fn single(operator: &Map<String, Value>) -> Option<(&str, &Value)> {
    let mut entries = operator.iter();
    match (entries.next(), entries.next()) {
        (Some((name, argument)), None) => Some((name, argument)),
        _ => None,
    }
}

/// `anything-but` takes one string or number, or a list of one kind.
fn refused_values(member: &str, refused: &Value) -> Result<Vec<Value>, String> {
    let list = match refused {
        Value::Array(list) => list.clone(),
        one => vec![one.clone()],
    };
    if !list.is_empty() && (list.iter().all(Value::is_string) || list.iter().all(Value::is_number)) {
        Ok(list)
    } else {
        Err(format!("{member}: anything-but wants strings or numbers, not {refused}"))
    }
}

fn starts_with(leaf: &Value, prefix: &str) -> bool {
    leaf.as_str().is_some_and(|text| text.starts_with(prefix))
}

#[test]
fn patterns_mean_what_eventbridge_means() {
    use serde_json::json;
    let event = json!({
        "source": "aws.backup", "version": "", "answer": null, "count": 5, "names": ["a", "b"], "none": [],
        "detail": {"state": "COMPLETED", "point": {"arn": "x"}},
    });
    let cases = [
        (json!({"source": ["aws.backup"]}), true),
        (json!({"source": ["aws.ec2", "aws.backup"]}), true),
        (json!({"source": ["aws.Backup"]}), false),
        (json!({"source": ["aws.backup"], "count": [6]}), false),
        (json!({"count": [5]}), true),
        (json!({"count": ["5"]}), false),
        // Null and the empty string are two things.
        (json!({"version": [""]}), true),
        (json!({"answer": [""]}), false),
        (json!({"answer": [null]}), true),
        (json!({"names": ["b"]}), true),
        (json!({"names": ["c"]}), false),
        (json!({"source": [{"prefix": "aws."}]}), true),
        (json!({"source": [{"prefix": "ec2."}]}), false),
        (json!({"detail": {"state": [{"exists": true}]}}), true),
        (json!({"detail": {"state": [{"exists": false}]}}), false),
        (json!({"detail": {"status": [{"exists": false}]}}), true),
        (json!({"nowhere": {"status": [{"exists": false}]}}), true),
        // Only leaves exist.
        (json!({"detail": {"point": [{"exists": true}]}}), false),
        (json!({"none": [{"exists": true}]}), false),
        (json!({"detail": {"state": [{"anything-but": ["FAILED"]}]}}), true),
        (json!({"detail": {"state": [{"anything-but": "COMPLETED"}]}}), false),
        // What is not there is not "anything but".
        (json!({"detail": {"status": [{"anything-but": ["FAILED"]}]}}), false),
        // Alternatives in one list are an "or": this matches every state.
        (json!({"detail": {"state": [{"exists": true}, {"anything-but": ["COMPLETED"]}]}}), true),
        (json!({"detail": {"$or": [{"state": ["FAILED"]}, {"state": ["COMPLETED"]}]}}), true),
        (json!({"detail": {"$or": [{"state": ["FAILED"]}, {"status": ["COMPLETED"]}]}}), false),
        (json!({"source": ["aws.ec2"], "$or": [{"count": [5]}, {"count": [6]}]}), false),
    ];
    for (pattern, expected) in cases {
        assert_eq!(matches(&pattern, &event), Ok(expected), "{pattern}");
    }
    let refused = [
        json!({}),
        json!([]),
        json!({"source": "aws.backup"}),
        json!({"source": []}),
        json!({"source": [["aws.backup"]]}),
        json!({"$or": [{"count": [5]}]}),
        json!({"count": [{"numeric": [">", 0]}]}),
        json!({"count": [{"anything-but": [5, "5"]}]}),
        json!({"count": [{"anything-but": []}]}),
        json!({"count": [{"exists": "true"}]}),
    ];
    for pattern in refused {
        assert!(matches(&pattern, &event).is_err(), "{pattern}");
    }
}
