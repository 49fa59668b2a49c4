//! Selections whose resources cannot be listed beside what has jobs.

use promise::{Plan, Selection, ToList};

use super::Tagged;

/// A selection of which nobody can say what it covers but was never backed up. Where tags were read, that is what never had one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSelection {
    pub plan: String,
    pub selection: String,
    pub by: OpenBy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenBy {
    Tags,
    Wildcards,
    Everything,
}

/// The selections that may cover resources which nothing lists.
pub(crate) fn open_selections(plans: &[(Plan, Vec<Selection>)], tagged: &Tagged) -> Vec<OpenSelection> {
    let open = |plan: &Plan, selection: &Selection| {
        let by = if selection.asks_tags() {
            OpenBy::Tags
        } else if selection.resources.is_empty() || selection.resources.iter().any(|arn| arn == "*") {
            OpenBy::Everything
        } else if selection.resources.iter().any(|arn| arn.contains('*')) {
            OpenBy::Wildcards
        } else {
            return None;
        };
        // Who lacks a tag that is asked for is not covered.
        if tagged.is_whole() && !selection.to_list().contains(&ToList::All) {
            return None;
        }
        Some(OpenSelection { plan: plan.name.clone(), selection: selection.name.clone(), by })
    };
    plans
        .iter()
        .flat_map(|(plan, selections)| selections.iter().filter_map(move |selection| open(plan, selection)))
        .collect()
}
