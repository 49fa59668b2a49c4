//! SNS filter policies on message attributes: the part of the language this project uses, and an error for everything else.
//!
//! It is like the language of EventBridge patterns (`pattern.rs`), but for attributes: they are not nested, an attribute is one
//! string or a list of strings, and a policy has few keys.
//!
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html>

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Attributes by name: data type and value, as they go over the wire.
pub type Attributes = BTreeMap<String, (String, String)>;

const KEYS: usize = 5;
const COMBINATIONS: usize = 150;

/// Whether a subscription with this policy gets a message with these attributes. `Err`: SNS or this reader would not take the policy.
pub fn accepts(policy: &Value, attributes: &Attributes) -> Result<bool, String> {
    let members = policy.as_object().ok_or_else(|| format!("a policy is an object, not {policy}"))?;
    let (keys, combinations) = size(members)?;
    if keys > KEYS || combinations > COMBINATIONS {
        return Err(format!("{keys} keys and {combinations} combinations: SNS takes {KEYS} and {COMBINATIONS}"));
    }
    // Not even `exists: false` matches a message without any attribute, such as an alarm of CloudWatch:
    // <https://docs.aws.amazon.com/sns/latest/dg/attribute-key-matching.html>
    Ok(all(members, attributes)? && (members.is_empty() || !attributes.is_empty()))
}

/// Keys, those within "$or" too, and the product of the numbers of their values; of branches the sum.
fn size(members: &Map<String, Value>) -> Result<(usize, usize), String> {
    let (mut keys, mut combinations) = (0, 1);
    for (name, value) in members {
        let values = value.as_array().filter(|values| !values.is_empty());
        let values = values.ok_or_else(|| format!("{name}: wants a list with something in it, not {value}"))?;
        if name == "$or" {
            let mut sum = 0;
            for branch in branches(values)? {
                let (within, product) = size(branch)?;
                keys += within;
                sum += product;
            }
            combinations *= sum;
        } else {
            keys += 1;
            combinations *= values.len();
        }
    }
    Ok((keys, combinations))
}

/// With fewer than two branches, or one that is no object, SNS takes "$or" for the name of an attribute.
fn branches(values: &[Value]) -> Result<Vec<&Map<String, Value>>, String> {
    let branches: Vec<_> = values.iter().filter_map(Value::as_object).filter(|branch| !branch.is_empty()).collect();
    if branches.len() < 2 || branches.len() < values.len() {
        return Err("$or wants at least two branches, each of them an object".to_owned());
    }
    Ok(branches)
}

fn all(members: &Map<String, Value>, attributes: &Attributes) -> Result<bool, String> {
    let mut all = true;
    // No early return: a mistake in a later member must be found whatever the message.
    for (name, value) in members {
        let values = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let mut any = false;
        if name == "$or" {
            for branch in branches(values)? {
                any |= self::all(branch, attributes)?;
            }
        } else {
            let found = attributes.get(name);
            for alternative in values {
                any |= one(name, alternative, found)?;
            }
        }
        all &= any;
    }
    Ok(all)
}

fn one(name: &str, alternative: &Value, found: Option<&(String, String)>) -> Result<bool, String> {
    let strings = strings(name, found)?;
    if let Value::String(exact) = alternative {
        return Ok(strings.contains(exact));
    }
    let operator = alternative.as_object().filter(|operator| operator.len() == 1).and_then(|one| one.iter().next());
    match operator.map(|(operator, argument)| (operator.as_str(), argument)) {
        Some(("exists", Value::Bool(wanted))) => Ok(found.is_some() == *wanted),
        Some(("prefix", Value::String(prefix))) => Ok(strings.iter().any(|value| value.starts_with(prefix.as_str()))),
        Some(("anything-but", refused)) => {
            let refused = refused_values(name, refused)?;
            match found.map(|(kind, _)| kind.as_str()) {
                None => Ok(false),
                Some("String") => Ok(strings.iter().all(|value| !refused.contains(value))),
                // AWS's page says "if none of the elements is listed" in one edition and "because one is not" in another.
                Some(_) => Err(format!("{name}: what anything-but means for a list is not certain")),
            }
        }
        _ => Err(format!("{name}: {alternative} is not understood here")),
    }
}

/// Every element of a list counts as a string of its own.
fn strings(name: &str, found: Option<&(String, String)>) -> Result<Vec<String>, String> {
    match found.map(|(kind, value)| (kind.as_str(), value)) {
        None => Ok(Vec::new()),
        Some(("String", value)) => Ok(vec![value.clone()]),
        Some(("String.Array", value)) => serde_json::from_str(value).map_err(|error| format!("{name}: {error}")),
        Some((kind, _)) => Err(format!("{name}: SNS does not filter by a {kind}")),
    }
}

fn refused_values(name: &str, refused: &Value) -> Result<Vec<String>, String> {
    let list = match refused {
        Value::Array(list) => list.clone(),
        one => vec![one.clone()],
    };
    let strings: Option<Vec<String>> = list.iter().map(|value| value.as_str().map(str::to_owned)).collect();
    strings.filter(|strings| !strings.is_empty()).ok_or_else(|| format!("{name}: anything-but wants strings"))
}

#[test]
fn policies_mean_what_sns_means() {
    use serde_json::json;
    let text = |name: &str, value: &str| (name.to_owned(), ("String".to_owned(), value.to_owned()));
    let list = |name: &str, value: Value| (name.to_owned(), ("String.Array".to_owned(), value.to_string()));
    let attributes = Attributes::from([
        text("kind", "page"),
        text("severity", "critical"),
        list("types", json!(["RDS", "EBS"])),
        text("literal", r#"["RDS"]"#),
    ]);
    let cases = [
        (json!({}), true),
        (json!({"kind": ["page"]}), true),
        (json!({"kind": ["Page"]}), false),
        (json!({"kind": ["stuck", "page"]}), true),
        (json!({"kind": ["page"], "severity": ["info"]}), false),
        (json!({"types": ["EBS"]}), true),
        (json!({"types": ["EC2", {"prefix": "RD"}]}), true),
        (json!({"types": ["EC2"]}), false),
        (json!({"literal": ["RDS"]}), false),
        (json!({"kind": [{"anything-but": "page"}]}), false),
        (json!({"kind": [{"anything-but": ["stuck", "report"]}]}), true),
        // What is not there is not "anything but".
        (json!({"vault": [{"anything-but": ["a"]}]}), false),
        (json!({"vault": [{"exists": false}]}), true),
        (json!({"vault": [{"exists": true}]}), false),
        (json!({"types": [{"exists": true}]}), true),
        (json!({"kind": [{"prefix": "pa"}]}), true),
        (json!({"$or": [{"kind": ["stuck"]}, {"severity": ["critical"]}]}), true),
        (json!({"$or": [{"kind": ["stuck"]}, {"severity": ["info"]}]}), false),
        (json!({"vault": ["a"], "$or": [{"kind": ["page"]}, {"severity": ["info"]}]}), false),
    ];
    for (policy, expected) in cases {
        assert_eq!(accepts(&policy, &attributes), Ok(expected), "{policy}");
    }
    for (policy, expected) in [(json!({}), true), (json!({"kind": [{"exists": false}]}), false)] {
        assert_eq!(accepts(&policy, &Attributes::new()), Ok(expected), "{policy}, no attributes");
    }
    let six: Map<String, Value> = (0..6).map(|n| (format!("key-{n}"), json!(["a"]))).collect();
    let combinations = json!({"kind": vec!["a"; 16], "severity": vec!["b"; 10]});
    let refused = [
        json!([]),
        json!({"kind": "page"}),
        json!({"kind": []}),
        json!({"kind": {"nested": ["page"]}}),
        json!({"kind": [{"suffix": "ge"}]}),
        json!({"kind": [{"prefix": "p", "exists": true}]}),
        json!({"kind": [{"exists": "true"}]}),
        json!({"kind": [{"anything-but": []}]}),
        json!({"kind": [1]}),
        json!({"types": [{"anything-but": ["RDS"]}]}),
        json!({"$or": [{"kind": ["page"]}]}),
        json!({"$or": [{"kind": ["page"]}, "severity"]}),
        json!(six),
        combinations,
    ];
    for policy in refused {
        assert!(accepts(&policy, &attributes).is_err(), "{policy}");
    }
}
