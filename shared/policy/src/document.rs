//! IAM JSON as written, read leniently into one shape.
//!
//! IAM lets most members be a string or a list, and real documents hold more than the grammar says. Members this crate
//! does not know are ignored; what it must understand and cannot is kept as `Unreadable`, so that evaluation stays honest.

use serde_json::{Map, Value};

use crate::principal::Principals;
use crate::strings::strings;

/// A policy document as loaded. AWS doc: IAM "Grammar of the IAM JSON policy language".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyDocument {
    pub(crate) statements: Vec<Statement>,
}

impl PolicyDocument {
    pub fn parse(json: &str) -> Result<Self, PolicyError> {
        let value: Value = serde_json::from_str(json)?;
        let members = value.as_object().ok_or(PolicyError::NotAnObject)?;
        let statements = match member(members, "Statement") {
            Some(Value::Array(list)) => {
                list.iter().enumerate().map(|(index, one)| Statement::load(index, one)).collect::<Result<_, _>>()?
            }
            Some(one) => vec![Statement::load(0, one)?],
            None => return Err(PolicyError::NoStatement),
        };
        Ok(Self { statements })
    }

    /// Principal ids ("AROA...") that stand where a role should. IAM shows a living role by its ARN, so an id is what is left
    /// of a deleted one; a role made anew under the old name has another id and is not let in.
    /// AWS doc: IAM "AWS JSON policy elements: Principal".
    pub fn deleted_roles(&self) -> Vec<&str> {
        self.statements.iter().filter(|one| one.effect == Effect::Allow).flat_map(|one| one.who.role_ids()).collect()
    }
}

#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    #[error("the policy is not JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    #[error("the policy is not a JSON object")]
    NotAnObject,
    #[error("the policy has no statement list")]
    NoStatement,
    #[error("statement {number} of the policy is not a JSON object")]
    StatementShape { number: usize },
    #[error("statement {number} of the policy has neither effect Allow nor Deny")]
    Effect { number: usize },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) sid: Option<String>,
    pub(crate) effect: Effect,
    pub(crate) who: Principals,
    pub(crate) actions: Patterns,
    pub(crate) resources: Patterns,
    pub(crate) conditions: Vec<Condition>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    Allow,
    Deny,
}

/// Action and NotAction, Resource and NotResource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Patterns {
    Only(Vec<String>),
    AllBut(Vec<String>),
    /// The statement has no such member; trust policies have no Resource.
    Unstated,
    Unreadable,
}

/// One operator on one key, with all values written there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Condition {
    pub(crate) operator: String,
    pub(crate) key: String,
    /// None when the shape could not be read.
    pub(crate) values: Option<Vec<String>>,
}

impl Statement {
    fn load(index: usize, value: &Value) -> Result<Self, PolicyError> {
        let number = index + 1;
        let members = value.as_object().ok_or(PolicyError::StatementShape { number })?;
        let effect = match member(members, "Effect").and_then(Value::as_str) {
            Some(effect) if effect.eq_ignore_ascii_case("Allow") => Effect::Allow,
            Some(effect) if effect.eq_ignore_ascii_case("Deny") => Effect::Deny,
            _ => return Err(PolicyError::Effect { number }),
        };
        Ok(Self {
            sid: member(members, "Sid").and_then(Value::as_str).filter(|sid| !sid.is_empty()).map(str::to_owned),
            effect,
            who: Principals::load(member(members, "Principal"), member(members, "NotPrincipal")),
            actions: Patterns::load(member(members, "Action"), member(members, "NotAction")),
            resources: Patterns::load(member(members, "Resource"), member(members, "NotResource")),
            conditions: load_conditions(member(members, "Condition")),
        })
    }
}

impl Patterns {
    fn load(only: Option<&Value>, all_but: Option<&Value>) -> Self {
        match (only, all_but) {
            (None, None) => Self::Unstated,
            (Some(only), None) => strings(only).map_or(Self::Unreadable, Self::Only),
            (None, Some(all_but)) => strings(all_but).map_or(Self::Unreadable, Self::AllBut),
            (Some(_), Some(_)) => Self::Unreadable,
        }
    }
}

/// IAM accepts the names of elements in any case.
fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    members.get(name).or_else(|| members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

fn load_conditions(value: Option<&Value>) -> Vec<Condition> {
    let unreadable = |operator: &str| Condition { operator: operator.to_owned(), key: String::new(), values: None };
    let block = match value {
        None | Some(Value::Null) => return Vec::new(),
        Some(Value::Object(block)) => block,
        Some(_) => return vec![unreadable("Condition")],
    };
    let mut conditions = Vec::new();
    for (operator, keys) in block {
        let Some(keys) = keys.as_object() else {
            conditions.push(unreadable(operator));
            continue;
        };
        conditions.extend(keys.iter().map(|(key, values)| Condition {
            operator: operator.clone(),
            key: key.clone(),
            values: strings(values),
        }));
    }
    conditions
}
