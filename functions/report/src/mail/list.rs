//! Lists of what is not as it should be: the worst entries with all facts, the others in brief, and what only rows of Azure have to tell.

use notice::layout::{heading, paragraph};
use notice::text;

use crate::confirm::PRINTED;
use crate::digest::{Entry, Listed, WORST};
use crate::whole::Whole;

/// The worst entries, with all facts. A copy that only lacks what to copy is none of them: it says nothing that its source does not say.
pub(super) fn worst(whole: &Whole) -> String {
    let entries = &whole.digest.entries.own.told;
    if entries.is_empty() {
        return String::new();
    }
    let legend = "The bar is the age of the last good backup: ten # are the objective, what stands behind | is past it, and a > goes on.";
    let mut lines = heading("THE WORST") + &paragraph(legend);
    for (entry, number) in entries.iter().take(WORST).zip(1..) {
        lines += &format!("\n{number}. {}", entry.whole.as_ref().unwrap_or(&entry.brief));
    }
    lines
}

/// The entries after the worst, in brief.
pub(super) fn others(whole: &Whole) -> String {
    let (own, lacking) = (&whole.digest.entries.own, &whole.digest.entries.lacking);
    let told = own.told.len().min(WORST);
    let rest: Vec<&Entry> = own.told.iter().skip(told).chain(&lacking.told).collect();
    let rows: usize = rest.iter().map(|entry| entry.rows).sum::<usize>() + own.other_rows + lacking.other_rows;
    if rest.is_empty() {
        return String::new();
    }
    let mut lines = heading(&format!("ALSO NOT AS THEY SHOULD BE ({rows})"));
    let mut named = 0;
    for (entry, number) in rest.iter().zip(told + 1..) {
        if named >= PRINTED {
            lines += "the others are in the log (rpo_gap)\n";
            break;
        }
        named += entry.rows;
        lines += &format!("{number}. {}", entry.brief);
    }
    lines
}

/// Restores that failed since the last report: often no event tells of them.
pub(super) fn restores(whole: &Whole) -> String {
    let failed = &whole.digest.lists.restores;
    let mut lines = failed.told.concat();
    if failed.rest() > 0 {
        lines += &format!("and {} more, in the log (restore_failed)\n", failed.rest());
    }
    if lines.is_empty() { lines } else { heading("RESTORES THAT FAILED SINCE THE LAST REPORT") + &lines }
}

/// Items that were deleted, each with the time that is left.
pub(super) fn soft_deleted(whole: &Whole) -> String {
    items("SOFT-DELETED: THEIR RECOVERY POINTS GO TOO", &whole.digest.lists.soft_deleted)
}

/// What Azure calls the pre-check: the health of items, whatever their age.
pub(super) fn health_warnings(whole: &Whole) -> String {
    items("PRE-CHECK WARNINGS OF AZURE", &whole.digest.lists.health_warnings)
}

/// Jobs that run for long and are not stuck yet.
pub(super) fn long(whole: &Whole) -> String {
    items("RUNNING LONG", &whole.digest.lists.long_items)
}

/// Restores that run for long.
pub(super) fn stuck_restores(whole: &Whole) -> String {
    let lines: String = whole.digest.lists.stuck_restores.lines().iter().map(|line| format!("{line}\n")).collect();
    if lines.is_empty() { lines } else { heading("RESTORES THAT SEEM STUCK") + &lines }
}

fn items(title: &str, items: &Listed) -> String {
    if items.is_empty() {
        return String::new();
    }
    let mut lines = heading(title) + &items.told.concat();
    if items.rest() > 0 {
        lines += &format!("and {} more, in the log (backup_evidence)\n", text::count(items.rest(), "item"));
    }
    lines
}
