//! What tags say of selections: whom they let in, whether or not a job was ever made for it.

use std::collections::{BTreeMap, BTreeSet};

use aws::Wanted;
use promise::{Covers, Plan, Selection, ToList};

use super::SelectionRef;
use crate::ledger::{Ledger, can_be_kept};
use crate::names::Name;

/// What the tags of the resources say that selections may cover.
#[derive(Debug, Default)]
pub struct Tagged {
    said: Vec<Said>,
    /// Whether each list was read to its end.
    is_whole: bool,
}

/// A selection says something else of a resource than of one without tags. Most resources are of no interest to most selections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Said {
    resource: Name,
    at: SelectionRef,
    covers: Covers,
}

const WITHOUT: &BTreeMap<String, String> = &BTreeMap::new();

/// The lists that hold every resource which these plans select by tag or wildcard.
pub(crate) fn to_list(plans: &[(Plan, Vec<Selection>)]) -> Vec<Wanted> {
    let mut by_name: BTreeMap<String, Option<BTreeSet<String>>> = BTreeMap::new();
    for list in plans.iter().flat_map(|(_, selections)| selections).flat_map(Selection::to_list) {
        let ToList::Tagged { name, value } = list else { return vec![Wanted::Kept] };
        let values = by_name.entry(name).or_insert_with(|| Some(BTreeSet::new()));
        match (value, values.as_mut()) {
            (Some(value), Some(values)) => _ = values.insert(value),
            (None, _) => *values = None,
            (Some(_), None) => {}
        }
    }
    by_name.into_iter().map(|(name, values)| Wanted::Tag { name, values: values.unwrap_or_default() }).collect()
}

impl Tagged {
    /// Takes in a resource of one of these lists. One that a selection covers becomes known, though no job of it is on record.
    pub fn take(
        &mut self,
        plans: &[(Plan, Vec<Selection>)],
        opted_out: &BTreeSet<String>,
        ledger: &mut Ledger,
        (arn, tags): (&str, &BTreeMap<String, String>),
    ) {
        if !can_be_kept(arn) {
            return;
        }
        let mut is_covered = false;
        for (plan, (_, selections)) in plans.iter().enumerate() {
            for (selection, content) in selections.iter().enumerate() {
                let covers = content.covers(arn, Some(tags));
                if covers != content.covers(arn, Some(WITHOUT)) {
                    let said = Said { resource: ledger.keep_arn(arn), at: SelectionRef { plan, selection }, covers };
                    self.said.push(said);
                }
                // Where everything is selected, a type that is switched off is not meant. Where a tag asks for it, somebody wants it.
                let is_meant = content.asks_tags() || !ledger.is_type_among(arn, opted_out);
                is_covered |= covers == Covers::Yes && is_meant;
            }
        }
        if is_covered {
            ledger.named(arn);
        }
    }

    /// Called once all lists are in.
    #[must_use]
    pub fn whole(mut self) -> Self {
        self.said.sort_unstable();
        self.said.dedup();
        Self { is_whole: true, ..self }
    }

    /// Called where a list was not read to its end: what it did not say is not known.
    #[must_use]
    pub fn in_part(self) -> Self {
        Self { is_whole: false, ..self.whole() }
    }

    pub(crate) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Whether a selection covers a resource, as far as its tags were read.
    pub(super) fn covers(&self, at: SelectionRef, selection: &Selection, (resource, arn): (Name, &str)) -> Covers {
        let found = self.said.binary_search_by(|said| (said.resource, said.at).cmp(&(resource, at)));
        match found.ok().and_then(|place| self.said.get(place)) {
            Some(said) => said.covers,
            None if self.is_whole && can_be_kept(arn) => selection.covers(arn, Some(WITHOUT)),
            None => selection.covers(arn, None),
        }
    }
}
