//! The mail that people read in the morning.
//!
//! It is plain ASCII and lines up in a proportional font too, because no line depends on the width of another: there are no columns. A bar
//! stands on a line of its own and is made of one character, so that bars compare. The verdict and what to do first stand at the top. The whole
//! takes at most [`LINES`] lines, however many resources there are: what is left out is counted, and is in the log.

mod closing;
mod first;
mod list;
mod owners;
mod places;
mod restores;
mod subject;
mod tables;
mod words;

use std::collections::BTreeSet;

use notice::section::{self, LINES, Section};
use notice::{About, Notice, NoticeKind, Severity, Subject, text};

use crate::causes::{Cause, Status};
use crate::digest::{ListOf, VALUES};
use crate::mail::first::More;
use crate::summary::Health;
use crate::whole::Whole;

/// The nightly mail.
pub fn notice(whole: &Whole) -> Notice {
    Notice {
        kind: NoticeKind::Report,
        severity: severity(whole),
        time: whole.frame.now,
        subject: subject::subject(whole),
        body: text::body(body(whole)),
        summary: first::sentences(whole).join(" "),
        next_steps: first::next_steps(whole),
        about: about(whole),
    }
}

/// What the first screen leaves out stands in sections, if they have room for it. If not, the first screen says so.
fn body(whole: &Whole) -> String {
    let rest = rest(whole);
    let fitted = |more: More| {
        let first = std::iter::once(first::verdict(whole, more));
        section::fitted(first.chain(rest.iter().cloned()).collect(), LINES)
    };
    let is_told = |parts: &[Section]| first::is_told(whole, parts);
    let by_sections = Some(fitted(More::InSections)).filter(|parts| is_told(parts));
    section::text(&by_sections.unwrap_or_else(|| fitted(More::InTheLog)))
}

/// All below the first screen.
fn rest(whole: &Whole) -> Vec<Section> {
    vec![
        closing::page(whole),
        tables::causes(whole),
        places::table(whole),
        owners::ended(whole),
        list::worst(whole),
        owners::owners(whole),
        owners::accepted(whole),
        closing::unprocessed(whole),
        restores::section(whole),
        list::restores(whole),
        list::unprotected(whole),
        list::soft_deleted(whole),
        list::health_warnings(whole),
        closing::recovered(whole),
        closing::also(whole),
        tables::numbers(whole),
        closing::coverage(whole),
        closing::claims(whole),
        closing::catch_ups(whole),
    ]
}

/// The verdict of the night, as the subject has it between its label and the day.
pub(crate) fn verdict(whole: &Whole) -> String {
    subject::verdict(whole, Subject::room_behind(&whole.frame.stack.label))
}

/// Critical when data could be lost today, or something began since the last report; warning as long as anything is open or unknown.
pub(crate) fn severity(whole: &Whole) -> Severity {
    let (digest, summary) = (&whole.digest, &whole.digest.summary);
    let health = whole.health();
    let is_quiet_all_over = health == Health::Within
        && summary.total.stuck + summary.issues + summary.restores_failed == 0
        && ListOf::ALL.into_iter().all(|kind| !kind.is_warning() || digest.lists.of_kind(kind).is_empty())
        && !digest.restored.needs_somebody()
        && whole.frame.subscriptions != Some(0)
        && digest.open_causes().next().is_none();
    let is_urgent = |cause: &Cause| cause.status == Status::New || cause.named().is_denial_key_or_unknown();
    if health == Health::Past
        || !digest.lists.of_kind(ListOf::Unprocessed).is_empty()
        || digest.open_causes().any(is_urgent)
    {
        Severity::Critical
    } else if is_quiet_all_over {
        Severity::Info
    } else {
        Severity::Warning
    }
}

fn about(whole: &Whole) -> About {
    let (digest, frame) = (&whole.digest, &whole.frame);
    let open: Vec<&Cause> = digest.open_causes().take(VALUES).collect();
    let unique = |values: BTreeSet<String>| values.into_iter().filter(|value| !value.is_empty()).take(VALUES).collect();
    About {
        owners: digest.by_owner.acting().into_iter().map(|(owner, _)| owner.clone()).collect(),
        root_cause_classes: unique(open.iter().map(|cause| cause.named().id().to_owned()).collect()),
        // Sorted as the classes are: all begin alike, and end with the class.
        runbook_urls: unique(open.iter().filter_map(|cause| frame.stack.runbook_of(cause.named())).collect()),
        root_cause_ids: open.iter().map(|cause| cause.id.clone()).collect(),
        job_types: digest.job_types.iter().cloned().collect(),
        resource_types: digest.resource_types.iter().cloned().collect(),
        accounts: vec![frame.scope.account.clone()],
        regions: vec![frame.scope.region.clone()],
        family_id: None,
        vaults: digest.vaults.iter().cloned().collect(),
        incident_ids: Vec::new(),
        job_ids: Vec::new(),
        changes: Vec::new(),
    }
}
