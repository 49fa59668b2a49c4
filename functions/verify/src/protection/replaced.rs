//! A selection that stands in the place of one that was removed: a selection cannot be changed, so tools make another one. Pure.

use std::collections::BTreeSet;

use change::Change;
use change::record::member;
use jiff::SignedDuration;
use notice::{minute, text};
use serde_json::{Map, Value};

/// A deployment makes the new one shortly before or after it removes the old one.
const NEAR: SignedDuration = SignedDuration::from_hours(1);

/// Whether the new selection covers what the old one did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Covers {
    All,
    /// Or it cannot be told: wildcards and conditions are compared as they are written.
    Less,
}

/// A selection that was made for the same plan when another one was removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Instead {
    pub(super) id: String,
    pub(super) covers: Covers,
    made: String,
}

impl Instead {
    pub(super) fn sentence(&self) -> String {
        let less = match self.covers {
            Covers::All => "",
            Covers::Less => " It does not cover all of this, as far as the words of the two selections tell.",
        };
        format!("Selection {} was made for the same plan at {}.{less}", self.id, self.made)
    }
}

/// The selections that were made near to a removal, those first that cover all. `made`: the calls that made selections.
pub(super) fn instead(removed: &Change, selection: &str, made: &[Change]) -> Vec<Instead> {
    let plan = removed.text("backupPlanId");
    let of_plan = || made.iter().filter(|made| plan.is_some() && made.text("backupPlanId") == plan);
    let old = of_plan().find(|made| made.answered("selectionId") == Some(selection));
    let near = of_plan().filter(|made| made.at.duration_since(removed.at).abs() <= NEAR);
    let mut instead: Vec<Instead> = near
        .filter_map(|new| {
            let id = new.answered("selectionId").filter(|id| *id != selection)?;
            let covers = match old {
                Some(old) if covers_all(old, new) => Covers::All,
                _ => Covers::Less,
            };
            Some(Instead { id: text::outside(id, 80), covers, made: minute(new.at) })
        })
        .collect();
    instead.sort_by_key(|instead| instead.covers == Covers::Less);
    instead
}

/// Whether one covers at least what another did, by the words of both.
fn covers_all(old: &Change, new: &Change) -> bool {
    let [old, new] = [old, new].map(|made| made.parameter("backupSelection"));
    let [old_arns, new_arns] = [old, new].map(|of| words(member(of, "resources")));
    let [old_not, new_not] = [old, new].map(|of| words(member(of, "notResources")));
    let same = |name: &str| plain(member(old, name)) == plain(member(new, name));
    // Whether ARNs add to tags or narrow them need not be known: a list that was empty has to stay so.
    let arns = match old_arns.is_empty() {
        true => new_arns.is_empty() && !plain(member(old, "listOfTags")).is_null(),
        false => new_arns.contains("*") || new_arns.is_superset(&old_arns),
    };
    arns && new_not.is_subset(&old_not) && same("listOfTags") && same("conditions")
}

fn words(list: &Value) -> BTreeSet<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// A value without what is empty, in one order, whatever the case of the first letters of its members.
fn plain(value: &Value) -> Value {
    match value {
        Value::Array(all) => {
            let mut all: Vec<Value> = all.iter().map(plain).filter(|one| !one.is_null()).collect();
            all.sort_by_key(Value::to_string);
            if all.is_empty() { Value::Null } else { Value::Array(all) }
        }
        Value::Object(all) => {
            let members = all.iter().map(|(name, value)| (first_small(name), plain(value)));
            let members: Map<String, Value> = members.filter(|(_, value)| !value.is_null()).collect();
            if members.is_empty() { Value::Null } else { Value::Object(members) }
        }
        other => other.clone(),
    }
}

fn first_small(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase().to_string() + letters.as_str()).unwrap_or_default()
}
