//! Words that people read, wherever they stand.

pub(crate) mod items;
pub(crate) mod rows;

use notice::text;

use crate::causes::{Cause, Status};
use crate::counters::Kind;
use crate::ledger::By;
use crate::summary::Numbers;

/// Outside text on one line of ASCII: what a mail client would draw in another width, or not at all, becomes `?`.
pub(crate) fn ascii(text: &str, limit: usize) -> String {
    text::outside(text, limit).chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).collect()
}

pub(crate) fn resources(number: usize) -> String {
    text::count(number, "resource")
}

/// Where some resources are within their objective, and the others are accepted or not due yet. `are`: the verb of a sentence, or nothing.
pub(crate) fn within_in_part(numbers: &Numbers, are: &str) -> String {
    let within = format!("{} of {}{are} within their RPO", numbers.within, resources(numbers.resources));
    match (numbers.accepted, numbers.not_due_yet) {
        (0, _) if numbers.within == 0 => "no backup is due yet".to_owned(),
        (0, _) => format!("{within}, the others not due yet"),
        (accepted, 0) => format!("{within}, {accepted} accepted"),
        (accepted, later) => format!("{within}, {accepted} accepted, {later} not due yet"),
    }
}

/// `1 copy`, `3 copies`.
pub(crate) fn copies(number: usize) -> String {
    Kind::Copies.count(number)
}

/// What a cause is called: as its page calls it, and beside that AWS's own words where evidence found something else.
pub(crate) fn title(cause: &Cause) -> String {
    let words = &cause.class.entry_in(cause.cloud()).title;
    match cause.found {
        Some(found) => {
            format!("{} (by {}'s words alone: {words})", found.entry_in(cause.cloud()).title, cause.cloud().name())
        }
        None => (*words).to_owned(),
    }
}

pub(crate) fn status(cause: &Cause) -> String {
    let waiting = match cause.held_back {
        0 => "nothing waits for it any more".to_owned(),
        number => format!("{} still to complete a run", resources(number)),
    };
    match cause.status {
        Status::New => "NEW since the last report".to_owned(),
        Status::Open => "open".to_owned(),
        Status::Accepted => format!("accepted: {} held back, each by an exception", resources(cause.accepted)),
        Status::Over => "over".to_owned(),
        Status::Proven { by: By::NightOne, at } => {
            format!("verified fixed by a rerun of Night One, {}; {waiting}", notice::minute(at))
        }
        Status::Proven { by: By::Others, at } => format!("proven fixed by a job, {}; {waiting}", notice::minute(at)),
    }
}
