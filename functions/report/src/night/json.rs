//! `night.json`: what the page tells, for programs.

use jiff::Timestamp;
use lambda::nights::SCHEMA;
use serde::Serialize;

use crate::causes::Cause;
use crate::claims::starts_a_job;
use crate::digest::{ByOwner, Lists, Place, Restores, Unread};
use crate::record::{self, RpoSummary};
use crate::sheet::{ByNight, Group, NIGHTS};
use crate::todo::{self, Step};
use crate::whole::Whole;
use crate::words::title;

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    night: String,
    /// The instant that ages are measured at.
    now: Timestamp,
    made: Timestamp,
    label: &'a str,
    verdict: String,
    severity: &'static str,
    first_breach: Option<Timestamp>,
    /// What the mail says to do first.
    first_step: Option<Step>,
    summary: RpoSummary,
    causes: Vec<CauseOf<'a>>,
    places: &'a [Place],
    /// What is shown of strips: their number of nights, and how many rows had a good backup and how many any job, the oldest night first.
    nights: usize,
    by_night: &'a ByNight,
    /// Rows in groups: what they share stands once.
    groups: &'a [Group],
    /// Rows that are in no group, for there are too many.
    rows_left_out: usize,
    lists: &'a Lists,
    restores: &'a Restores,
    /// What each owner has, and what is accepted.
    by_owner: &'a ByOwner,
    gaps: &'a [Unread],
}

#[derive(Serialize)]
struct CauseOf<'a> {
    title: String,
    is_open: bool,
    claim: Option<String>,
    runbook: Option<String>,
    #[serde(flatten)]
    cause: &'a Cause,
}

/// # Errors
/// For a number that JSON cannot hold.
pub fn document(whole: &Whole) -> Result<Vec<u8>, String> {
    let (frame, digest) = (&whole.frame, &whole.digest);
    let cause = |cause| CauseOf {
        title: title(cause),
        is_open: cause.is_open(),
        claim: starts_a_job(frame, cause).then(|| frame.stack.claim([&cause.id])),
        runbook: frame.stack.runbook_of(cause.named()),
        cause,
    };
    let document = Document {
        schema: SCHEMA,
        night: lambda::nights::night_of(frame.now).to_string(),
        now: frame.now,
        made: frame.clock,
        label: frame.stack.label.as_str(),
        verdict: crate::mail::verdict(whole),
        severity: crate::mail::severity(whole).as_str(),
        first_breach: digest.first_breach,
        first_step: todo::steps(whole).next(),
        summary: record::summary(whole),
        causes: digest.causes.iter().map(cause).collect(),
        places: &digest.places,
        nights: NIGHTS,
        by_night: &digest.sheet.by_night,
        groups: &digest.sheet.groups,
        rows_left_out: digest.sheet.left_out,
        lists: &digest.lists,
        restores: &digest.restored.month,
        by_owner: &digest.by_owner,
        gaps: &digest.gaps,
    };
    serde_json::to_vec(&document).map_err(|error| error.to_string())
}
