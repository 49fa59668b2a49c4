//! Whether what is backed up can be restored.

use cause::restore::{Verdict, Whose};
use notice::layout::indented;
use notice::section::Section;
use notice::text;

use crate::counters::wording;
use crate::coverage::Source;
use crate::digest::{Listed, RESTORES as VERDICTS, meaning};
use crate::whole::Whole;
use crate::words::ascii;

pub(super) const RESTORES: &str = "RESTORES";
/// What the first screen says of restores that show a backup to be bad: `{names}` for them. They stand at the top of the section, too.
const NAMED_FIRST: [(Verdict, &str); 2] = [
    (Verdict::FailedValidation, "A restore test brought back bad data: {names}."),
    (Verdict::NotProven(Whose::Backup), "Could not be restored, because of the backup or its key: {names}."),
];
/// Characters of these names.
const NAMES: usize = 80;
/// Names of a group; the log has all of them.
const NAMED: usize = 3;

pub(super) fn section(whole: &Whole) -> Section {
    let restored = &whole.digest.restored;
    let named = NAMED_FIRST.iter().filter(|(verdict, _)| restored.count(*verdict) > 0).count();
    // What the first screen names, and what stands above it.
    let mut section = Section::titled(RESTORES, "in the log (restore_evidence)").keeping(2).needing(1 + named);
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
    section.remark(proven);
    let mut tell = |what: &str, listed: &Listed| {
        if !listed.is_empty() {
            section.tell(format!("{}: {what}\n{}", listed.count, names(listed)), listed.count);
        }
    };
    for verdict in VERDICTS {
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

/// What cannot be restored, by its names.
pub(super) fn bad(whole: &Whole) -> impl Iterator<Item = String> {
    NAMED_FIRST.into_iter().filter_map(|(verdict, words)| {
        let listed = whole.digest.restored.of_verdict(verdict)?;
        let names = ascii(&text::as_fit(&listed.told, listed.count, NAMES), 400);
        Some(words.replace("{names}", &names))
    })
}

pub(super) fn left_over(whole: &Whole) -> Option<String> {
    let left = wording("{n} left over by restore tests costs money.", "{n} left over by restore tests cost money.");
    left.told(whole.digest.restored.left.count, "resource")
}
