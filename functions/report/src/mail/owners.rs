//! Whose it is, and what somebody has accepted.

use notice::layout::indented;
use notice::section::Section;
use notice::text;

use crate::counters::wording;
use crate::digest::{Holding, Listed};
use crate::whole::Whole;
use crate::words::{ascii, resources};

pub(super) const ENDED: &str = "EXCEPTIONS THAT HAVE ENDED";
pub(super) const ACCEPTED: &str = "ACCEPTED";
/// Resources without an owner that are named.
const NAMED: usize = 5;
/// Owners that have a line.
const OWNERS: usize = 8;

/// What the first screen says of exceptions that have ended.
pub(super) fn ended_sentence(whole: &Whole) -> Option<String> {
    let ended = wording(
        "An exception has ended, and its resource is not as it should be: see below.",
        "{n} have ended, and their resources are not as they should be: see below.",
    );
    ended.told(whole.digest.by_owner.ended.count, "exception")
}

/// What the first screen says of what is accepted.
pub(super) fn accepted_sentence(whole: &Whole) -> Option<String> {
    let total = &whole.digest.summary.total;
    let (number, what) = match (total.accepted, total.copies_accepted) {
        (0, 0) => return None,
        (0, number) => (number, crate::words::copies(number)),
        (number, _) => (number, resources(number)),
    };
    Some(format!("{what} {} accepted: see ACCEPTED.", if number == 1 { "is" } else { "are" }))
}

/// Exceptions that have ended, of resources that are not as they should be.
pub(super) fn ended(whole: &Whole) -> Section {
    listed(ENDED, &whole.digest.by_owner.ended)
}

/// What is accepted, until when and why.
pub(super) fn accepted(whole: &Whole) -> Section {
    listed(ACCEPTED, &whole.digest.by_owner.accepted)
}

/// Who has to act, and what has no owner.
pub(super) fn owners(whole: &Whole) -> Section {
    let by_owner = &whole.digest.by_owner;
    let mut section = Section::titled("OWNERS", "in the log (backup_evidence)").keeping(2);
    if !by_owner.is_used() {
        return section;
    }
    let acting = by_owner.acting();
    for (owner, holding) in acting.iter().take(OWNERS) {
        section.tell(indented("", &format!("{}: {}", ascii(owner, 100), holds(holding))), 1);
    }
    section = section.with([], acting.len().saturating_sub(OWNERS));
    if by_owner.nobody.resources > 0 {
        let names: Vec<&str> = by_owner.unowned.told.iter().take(NAMED).map(String::as_str).collect();
        let more = text::and_more(by_owner.unowned.count.saturating_sub(names.len()));
        let line = format!("without owner: {}: {}{more}", holds(&by_owner.nobody), names.join(", "));
        section.tell(indented("", &ascii(&line, 400)), 1);
    }
    section
}

/// Why owners are not known.
pub(super) fn unknown(whole: &Whole) -> Option<String> {
    let by_owner = &whole.digest.by_owner;
    let why = by_owner.why.as_deref().filter(|_| by_owner.unknown.resources > 0)?;
    let number = by_owner.unknown.resources;
    Some(format!(
        "The {} of {} not known: {}.",
        if number == 1 { "owner" } else { "owners" },
        owned(number),
        ascii(why, 200)
    ))
}

fn owned(number: usize) -> String {
    format!("{} {}", resources(number), if number == 1 { "is" } else { "are" })
}

/// `3 resources, 2 past objective, 1 at risk, the oldest backup 9 d old`
fn holds(holding: &Holding) -> String {
    let parts = [(holding.past, "past RPO"), (holding.at_risk, "at risk"), (holding.accepted, "accepted")];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0).map(|(number, of)| format!("{number} {of}"));
    let oldest = holding.oldest_s.map(|age| format!("the oldest backup {} old", notice::span(age)));
    let all = std::iter::once(text::count(holding.resources, "resource")).chain(parts).chain(oldest);
    all.collect::<Vec<_>>().join(", ")
}

fn listed(title: &str, listed: &Listed) -> Section {
    let lines = listed.told.iter().map(|line| indented("", line));
    Section::titled(title, "in the log (backup_evidence)").keeping(3).needing(1).with(lines, listed.rest())
}
