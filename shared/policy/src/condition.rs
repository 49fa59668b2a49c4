//! Conditions in three values. AWS doc: IAM "IAM JSON policy elements: Condition operators" and "Conditions with multiple
//! context keys or values".

use crate::document::Condition;
use crate::request::{Context, Known};
use crate::tri::Tri;
use crate::wildcard::{Letters, matches};

/// Whether all conditions of a statement hold.
pub(crate) fn hold(conditions: &[Condition], context: &Context) -> Tri {
    Tri::all(conditions.iter().map(|condition| holds(condition, context)))
}

/// An operator taken apart: `ForAnyValue:StringNotLikeIfExists`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Operator {
    set: SetWord,
    compare: Compare,
    sense: Sense,
    absent: WhenAbsent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SetWord {
    None,
    ForAny,
    ForAll,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compare {
    Equal(Letters),
    Like,
    Arn,
    Bool,
    Null,
    /// A known operator whose comparison is left out: numbers, dates, addresses, bytes.
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sense {
    Positive,
    Negated,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WhenAbsent {
    AsUsual,
    /// The suffix IfExists.
    Holds,
}

impl Operator {
    fn parse(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        let (set, rest) = match lower.split_once(':') {
            Some(("foranyvalue", rest)) => (SetWord::ForAny, rest),
            Some(("forallvalues", rest)) => (SetWord::ForAll, rest),
            Some(_) => return None,
            None => (SetWord::None, lower.as_str()),
        };
        let (rest, absent) = match rest.strip_suffix("ifexists") {
            Some(rest) => (rest, WhenAbsent::Holds),
            None => (rest, WhenAbsent::AsUsual),
        };
        let (compare, sense) = match rest {
            "stringequals" => (Compare::Equal(Letters::Exact), Sense::Positive),
            "stringnotequals" => (Compare::Equal(Letters::Exact), Sense::Negated),
            "stringequalsignorecase" => (Compare::Equal(Letters::AnyCase), Sense::Positive),
            "stringnotequalsignorecase" => (Compare::Equal(Letters::AnyCase), Sense::Negated),
            "stringlike" => (Compare::Like, Sense::Positive),
            "stringnotlike" => (Compare::Like, Sense::Negated),
            "arnequals" | "arnlike" => (Compare::Arn, Sense::Positive),
            "arnnotequals" | "arnnotlike" => (Compare::Arn, Sense::Negated),
            "bool" => (Compare::Bool, Sense::Positive),
            "null" => (Compare::Null, Sense::Positive),
            "ipaddress"
            | "numericequals"
            | "numericlessthan"
            | "numericlessthanequals"
            | "numericgreaterthan"
            | "numericgreaterthanequals"
            | "dateequals"
            | "datelessthan"
            | "datelessthanequals"
            | "dategreaterthan"
            | "dategreaterthanequals"
            | "binaryequals" => (Compare::Other, Sense::Positive),
            "notipaddress" | "numericnotequals" | "datenotequals" => (Compare::Other, Sense::Negated),
            _ => return None,
        };
        Some(Self { set, compare, sense, absent })
    }
}

fn holds(condition: &Condition, context: &Context) -> Tri {
    let Condition { operator: name, key, values } = condition;
    let Some(values) = values else {
        return Tri::Unknown(format!("its condition {name} cannot be read"));
    };
    let Some(operator) = Operator::parse(name) else {
        return Tri::Unknown(format!("its condition operator {name} is not known here"));
    };
    let states = context.states(key);
    let unknown = || Tri::Unknown(format!("it depends on {key}, whose value is not known"));
    // Without a known state there is no first answer; with several that disagree there is no common one.
    let mut answers = states.iter().map(|state| in_state(operator, name, key, values, state));
    let Some(first) = answers.next() else { return unknown() };
    if answers.all(|answer| answer == first) { first } else { unknown() }
}

fn in_state(operator: Operator, name: &str, key: &str, wanted: &[String], state: &Known) -> Tri {
    let present: &[String] = match state {
        Known::Absent => &[],
        Known::Values(values) => values,
    };
    if operator.compare == Compare::Null {
        let absent = present.is_empty().to_string();
        return Tri::any(wanted.iter().map(|value| truth_equals(value, &absent, key)));
    }
    if present.is_empty() {
        return match (operator.absent, operator.set, operator.sense) {
            (WhenAbsent::Holds, _, _) | (_, SetWord::ForAll, _) => Tri::Yes,
            (_, SetWord::ForAny, _) | (_, SetWord::None, Sense::Positive) => Tri::No,
            (_, SetWord::None, Sense::Negated) => Tri::Yes,
        };
    }
    let each = present.iter().map(|value| {
        let matched = Tri::any(wanted.iter().map(|wanted| compare(operator.compare, name, key, wanted, value)));
        match operator.sense {
            Sense::Positive => matched,
            Sense::Negated => matched.not(),
        }
    });
    match operator.set {
        SetWord::ForAny => Tri::any(each),
        SetWord::ForAll => Tri::all(each),
        SetWord::None => one_voice(each, key),
    }
}

/// Several values under an operator without a set word: AWS leaves the meaning open, so only agreement counts.
fn one_voice(mut each: impl Iterator<Item = Tri>, key: &str) -> Tri {
    let Some(first) = each.next() else { return Tri::No };
    if each.all(|next| next == first) {
        first
    } else {
        Tri::Unknown(format!("it compares the several values of {key} without ForAnyValue or ForAllValues"))
    }
}

fn compare(how: Compare, name: &str, key: &str, wanted: &str, value: &str) -> Tri {
    if wanted.contains("${") {
        return Tri::Unknown(format!("its condition on {key} uses a policy variable"));
    }
    match how {
        Compare::Equal(Letters::Exact) => Tri::from_known(wanted == value),
        Compare::Equal(Letters::AnyCase) => Tri::from_known(wanted.to_lowercase() == value.to_lowercase()),
        Compare::Like => Tri::from_known(matches(wanted, value, Letters::Exact)),
        Compare::Arn => arn_like(wanted, value, key),
        Compare::Bool => truth_equals(wanted, value, key),
        Compare::Null | Compare::Other => Tri::Unknown(format!("its condition {name} on {key} is not evaluated here")),
    }
}

fn truth_equals(wanted: &str, value: &str, key: &str) -> Tri {
    let truth = |text: &str| match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    };
    match (truth(wanted), truth(value)) {
        (Some(wanted), Some(value)) => Tri::from_known(wanted == value),
        _ => Tri::Unknown(format!("its condition on {key} is neither true nor false")),
    }
}

/// Each of the six parts is compared on its own; a star does not reach over a colon, except within the last part.
fn arn_like(wanted: &str, value: &str, key: &str) -> Tri {
    let wanted: Vec<&str> = wanted.splitn(6, ':').collect();
    let value: Vec<&str> = value.splitn(6, ':').collect();
    if wanted.len() != 6 || value.len() != 6 {
        return Tri::Unknown(format!("its condition on {key} compares something that is not an ARN"));
    }
    Tri::from_known(wanted.iter().zip(&value).all(|(wanted, value)| matches(wanted, value, Letters::Exact)))
}
