//! Lists of what is not as it should be: the worst rows, restores, and what only rows of Azure have to tell.

use notice::section::Section;

use crate::digest::{ListOf, Listed, WORST};
use crate::whole::Whole;

/// All entries, the worst first: the first few with all facts, the others in brief. A copy that only lacks what to copy stands last: it says
/// nothing that its source does not say.
pub(super) fn worst(whole: &Whole) -> Section {
    let (own, lacking) = (&whole.digest.entries.own, &whole.digest.entries.lacking);
    let mut section = Section::titled("THE WORST (ten # are the RPO; what follows | is past it)", ROWS);
    for (entry, number) in own.told.iter().chain(&lacking.told).zip(1..) {
        let facts = entry.whole.as_ref().filter(|_| number <= WORST);
        section.tell(format!("{number}. {}", facts.unwrap_or(&entry.brief)), entry.rows);
    }
    section.with([], own.other_rows + lacking.other_rows)
}

/// Restores that failed since the last report: often no event tells of them.
pub(super) fn restores(whole: &Whole) -> Section {
    items(RESTORES, "in the log (restore_failed)", whole.digest.lists.of_kind(ListOf::Restores))
}

/// What people took away from items of Azure since the last report.
pub(super) fn unprotected(whole: &Whole) -> Section {
    items(UNPROTECTED, EVIDENCE, whole.digest.lists.of_kind(ListOf::Unprotected)).needing(1)
}

/// Items that were deleted, each with the time that is left.
pub(super) fn soft_deleted(whole: &Whole) -> Section {
    items("SOFT-DELETED: THEIR RECOVERY POINTS GO TOO", EVIDENCE, whole.digest.lists.of_kind(ListOf::SoftDeleted))
}

/// What Azure calls the pre-check: the health of items, whatever their age.
pub(super) fn health_warnings(whole: &Whole) -> Section {
    items("PRE-CHECK WARNINGS OF AZURE", EVIDENCE, whole.digest.lists.of_kind(ListOf::HealthWarnings))
}

pub(super) const RESTORES: &str = "RESTORES THAT FAILED SINCE THE LAST REPORT";
pub(super) const UNPROTECTED: &str = "PROTECTION STOPPED OR BACKUPS DELETED SINCE THE LAST REPORT";
/// Where the rows are that are left out.
const ROWS: &str = "in the log (rpo_gap)";
const EVIDENCE: &str = "in the log (backup_evidence)";

fn items(title: &str, elsewhere: &'static str, items: &Listed) -> Section {
    Section::titled(title, elsewhere).with(items.told.iter().cloned(), items.rest())
}
