//! The table of places: every account and Region that is watched, the worst first.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use lambda::record::Layer;
use notice::layout::paragraph;
use notice::section::Section;
use notice::text;

use crate::digest::{Numbered, Place};
use crate::whole::{Extent, Whole};
use crate::words::{ascii, resources};

/// Lines of the table; the rest is counted.
const LINES: usize = 10;

/// Nothing for a report of one place.
pub(super) fn table(whole: &Whole) -> Section {
    let mut section = Section::titled("BY ACCOUNT AND REGION", "in the log (scope)").keeping(5);
    if whole.frame.extent == Extent::One {
        return section;
    }
    let (quiet, mut places): (Vec<&Place>, Vec<&Place>) =
        whole.digest.places.iter().partition(|place| place.is_quiet());
    places.sort_by_key(|place| (Reverse(order(place)), place.name()));
    let (empty, fine): (Vec<&Place>, Vec<&Place>) = quiet.into_iter().partition(|place| place.numbers.resources == 0);
    let mut others = Vec::new();
    if !fine.is_empty() {
        let held: usize = fine.iter().map(|place| place.numbers.resources).sum();
        let they = if fine.len() == 1 { "it" } else { "they" };
        others.push(format!("{} as {they} should be, with {}", text::count(fine.len(), "place"), resources(held)));
    }
    if !empty.is_empty() {
        others.push(format!("{} where AWS Backup holds nothing", text::count(empty.len(), "place")));
    }
    if !others.is_empty() {
        section.tell(paragraph(&others.join("; ")), 0);
    }
    let without = without(whole);
    if !without.is_empty() {
        section.tell(paragraph(&without), 0);
    }
    section.with(places.iter().take(LINES).map(|place| line(place)), places.len().saturating_sub(LINES))
}

/// What could be lost, then what is unknown, then the rest.
fn order(place: &Place) -> (usize, usize, bool, usize, usize) {
    let Numbered { breached, never, no_plan, at_risk, unknown, open_causes, .. } = place.numbers;
    (breached + never + no_plan, at_risk, !place.seen.errors.is_empty(), unknown, open_causes)
}

fn line(place: &Place) -> String {
    let Numbered { resources: held, breached, never, no_plan, at_risk, unknown, open_causes } = place.numbers;
    let name = ascii(&place.name(), 100);
    if held + breached + never == 0 && !place.seen.errors.is_empty() {
        let regions = if place.region.is_empty() { " in any Region" } else { "" };
        return format!("{name}: NOT ASSESSED{regions}, {}\n", seen(place));
    }
    let mut facts = vec![resources(held)];
    for (number, what) in [
        (breached, "past RPO"),
        (never, "never backed up"),
        (no_plan, "without a plan"),
        (at_risk, "at risk"),
        (unknown, "not assessed"),
    ] {
        if number > 0 {
            facts.push(format!("{number} {what}"));
        }
    }
    if open_causes > 0 {
        facts.push(format!("{} open", text::count(open_causes, "root cause")));
    }
    // Of failures alone nothing is a list that was read.
    if !place.seen.errors.is_empty() && place.seen.layer != Layer::Central {
        facts.push(format!("{} not read", text::count(place.seen.errors.len(), "list")));
    }
    format!("{name}: {}; {}\n", facts.join(", "), seen(place))
}

fn seen(place: &Place) -> String {
    let oldest = place.seen.oldest_job.map(|at| format!(", the oldest visible job is of {}", notice::minute(at)));
    layer(place.seen.layer).to_owned() + &oldest.unwrap_or_default()
}

fn layer(layer: Layer) -> &'static str {
    match layer {
        Layer::None => "nothing of it answers",
        Layer::Events => "only its events come",
        Layer::Central => "only its failed jobs are seen, by the lists of the organization",
        Layer::Look => "seen by its look role",
        Layer::Own => "our own account",
    }
}

/// Accounts that were read, and in which nothing is backed up in any Region.
fn without(whole: &Whole) -> String {
    let mut accounts: BTreeMap<&str, (String, bool)> = BTreeMap::new();
    for place in &whole.digest.places {
        let name = || place.named().account(&place.account);
        let (_, holds) = accounts.entry(&place.account).or_insert_with(|| (name(), false));
        *holds |= place.numbers.resources + place.seen.jobs > 0 || !place.seen.errors.is_empty();
    }
    let names: Vec<&str> = accounts.values().filter(|(_, holds)| !holds).map(|(name, _)| name.as_str()).collect();
    if names.is_empty() {
        return String::new();
    }
    let more = text::and_more(names.len().saturating_sub(LINES));
    let told = names.iter().take(LINES).map(|name| ascii(name, 100)).collect::<Vec<_>>().join(", ");
    format!("No backup in any Region: {told}{more}")
}
