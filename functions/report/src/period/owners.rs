//! Whose resources they are.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{Cause, Fate, Group, Row};
use crate::owned::OwnerFrom;

/// Whose tags could not be read, or were not.
pub const UNKNOWN: &str = "owner unknown";
/// Whose tags were read, and name nobody.
const NOBODY: &str = "without owner";

/// What one owner has to do with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mine {
    pub in_breach: usize,
    pub at_risk: usize,
    pub never_backed_up: usize,
    pub no_plan: usize,
    /// Places among the causes of the review.
    pub open: Vec<usize>,
    pub closed: Vec<usize>,
}

/// The owners of what each root cause holds back, or held back in the last 30 nights.
pub(super) fn of_causes(groups: &[Group]) -> BTreeMap<String, BTreeSet<String>> {
    let mut owners: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for group in groups {
        for row in &group.rows {
            for id in group.shared.cause.iter().chain(&row.nights.failed_by).chain(&row.last_failed_of) {
                owners.entry(id.clone()).or_default().insert(owner(row));
            }
        }
    }
    owners
}

/// Who has most to do first.
pub(super) fn by_owner(groups: &[Group], causes: &[Cause]) -> Vec<(String, Mine)> {
    let mut mine: BTreeMap<String, Mine> = BTreeMap::new();
    for group in groups {
        for row in &group.rows {
            let number = |mine: &mut Mine| match group.shared.verdict.as_str() {
                "in-breach" => mine.in_breach += 1,
                "at-risk" => mine.at_risk += 1,
                "no-plan" if group.shared.leg == "backup" => mine.no_plan += 1,
                "never-backed-up" => mine.never_backed_up += 1,
                _ => {}
            };
            number(mine.entry(owner(row)).or_default());
        }
    }
    for (place, cause) in causes.iter().enumerate() {
        for owner in &cause.owners {
            let mine = mine.entry(owner.clone()).or_default();
            match cause.fate {
                Fate::Open => mine.open.push(place),
                Fate::Closed(_) => mine.closed.push(place),
                Fate::Accepted => {}
            }
        }
    }
    let mut mine: Vec<(String, Mine)> = mine.into_iter().filter(|(_, mine)| !mine.is_idle()).collect();
    mine.sort_by_key(|(_, mine)| {
        Reverse((mine.in_breach + mine.never_backed_up + mine.no_plan, mine.open.len(), mine.at_risk))
    });
    mine
}

impl Mine {
    fn is_idle(&self) -> bool {
        *self == Self::default()
    }
}

fn owner(row: &Row) -> String {
    match (&row.owner, row.owner_from) {
        (Some(owner), _) => owner.clone(),
        (None, OwnerFrom::None) => NOBODY.to_owned(),
        (None, _) => UNKNOWN.to_owned(),
    }
}
