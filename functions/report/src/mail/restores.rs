//! Whether what is backed up can be restored.

use cause::restore::{Verdict, Whose};
use notice::layout::indented;
use notice::section::Section;
use notice::text;

use crate::counters::{same, wording};
use crate::coverage::Source;
use crate::digest::{Listed, RESTORES, meaning};
use crate::whole::Whole;
use crate::words::ascii;

/// Names of a group; the log has all of them.
const NAMED: usize = 3;

pub(super) fn section(whole: &Whole) -> Section {
    let restored = &whole.digest.restored;
    let mut section = Section::titled("RESTORES", "in the log (restore_evidence)").keeping(2);
    if restored.resources == 0 && restored.plans == 0 && restored.left.is_empty() {
        return section;
    }
    let days = whole.frame.settings.restore_within.as_hours() / 24;
    let mut proven =
        format!("{} of {} proven in {days} days", restored.proven, text::count(restored.resources, "resource"));
    let plans = Source::TestingPlans.to_string();
    if restored.plans == 0 && whole.digest.gaps.iter().all(|gap| gap.source != plans) {
        proven += "; there is no restore testing plan";
    }
    section.tell(proven, 0);
    let mut tell = |what: &str, listed: &Listed| {
        if !listed.is_empty() {
            section.tell(format!("{}: {what}\n{}", listed.count, names(listed)), listed.count);
        }
    };
    for verdict in RESTORES {
        restored.of_verdict(verdict).into_iter().for_each(|listed| tell(meaning(verdict), listed));
    }
    tell("restore testing plans that did not run when due", &restored.silent);
    tell("left over by restore tests, and billed until somebody deletes them", &restored.left);
    section
}

fn names(listed: &Listed) -> String {
    let told: Vec<&str> = listed.told.iter().take(NAMED).map(String::as_str).collect();
    let rest = listed.count.saturating_sub(told.len());
    let more = if rest > 0 { format!("; and {rest} more (log: restore_evidence)") } else { String::new() };
    indented("   ", &ascii(&format!("{}{more}", told.join("; ")), 900))
}

/// What the first screen says of them.
pub(super) fn sentences(whole: &Whole) -> Vec<String> {
    let restored = &whole.digest.restored;
    let left = wording("{n} left over by restore tests costs money.", "{n} left over by restore tests cost money.");
    let sentences = [
        (restored.count(Verdict::FailedValidation), same("A restore test brought back bad data of {n}: see RESTORES.")),
        (restored.count(Verdict::NotProven(Whose::Backup)), same("{n} could not be restored: see RESTORES.")),
        (restored.left.count, left),
    ];
    sentences.into_iter().filter_map(|(number, words)| words.told(number, "resource")).collect()
}
