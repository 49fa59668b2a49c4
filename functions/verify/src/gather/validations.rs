//! What is known of the validations of restore tests. Asked only where a test failed its validation, got none, or left behind what it restored.

use std::collections::{BTreeMap, BTreeSet};

use aws::{Account, Lookup, LookupBy};
use jiff::Timestamp;
use job::Job;
use source::{ErrorKind, Source};
use tokio::time::Instant;

use crate::announce::Window;
use crate::restore_tests::{Read, Said, candidates, leavers, spoken};
use cause::restore::{Outcome, outcome};

/// Of 50 events each.
const PAGES: usize = 10;
const MOST: usize = 50 * PAGES;

/// # Errors
/// In words, for what may be read by another try: a tick that does not know what its window holds is run again. What AWS denies for good is
/// done without.
pub async fn validations(source: &Source, restores: &[Job], window: Window, until: Instant) -> Result<Read, String> {
    let Source::Aws(account) = source else { return Ok(Read::default()) };
    let tests = candidates(restores, window);
    let leavers: Vec<&Job> = leavers(restores, window).collect();
    if tests.is_empty() && leavers.is_empty() {
        return Ok(Read::default());
    }
    let mut read = Read::default();
    let of_tests: BTreeSet<&str> = tests.iter().chain(&leavers).filter_map(|job| job.testing_plan_arn()).collect();
    for plan in unless_denied(account.testing_plans(until).await)?.unwrap_or_default() {
        if !of_tests.contains(plan.arn.as_str()) {
            continue;
        }
        let selections = unless_denied(account.testing_selections(&plan.name, until).await)?.flatten();
        for selection in selections.unwrap_or_default() {
            // Of several selections of one type nobody can say which made a test: the longest window is over for all.
            let known = read.windows.entry((plan.arn.clone(), selection.resource_type)).or_default();
            *known = (*known).max(selection.validation_window);
        }
    }
    let bad = || tests.iter().filter(|job| outcome(job) == Some(Outcome::FailedValidation));
    if let Some(since) = bad().map(|job| since(job, &read, window)).min()
        && !said(account, &mut read, (since, window.until()), until).await?
    {
        return Err(format!("more than {MOST} validations of restore tests since {since}"));
    }
    // One look for all whose deletions may take as long: the words on these are looked for up to the same instant.
    let mut spans: BTreeMap<Timestamp, Timestamp> = BTreeMap::new();
    for (after, before) in leavers.iter().filter_map(|job| spoken(job, &read, window)) {
        let earliest = spans.entry(before).or_insert(after);
        *earliest = after.min(*earliest);
    }
    for (before, after) in spans {
        // Of more than are read the newest are: what is not found counts as said at the end of its window.
        said(account, &mut read, (after, before), until).await?;
    }
    Ok(read)
}

/// From when on the word on a test is looked for: all of its time where this window is the last that can tell of it.
fn since(job: &Job, read: &Read, window: Window) -> Timestamp {
    let closes_here = read.closes(job).is_some_and(|closes| window.holds(closes));
    job.ended.filter(|_| closes_here).unwrap_or(window.after()).min(window.after())
}

/// Whether all of a span were read.
async fn said(
    account: &Account,
    read: &mut Read,
    (after, before): (Timestamp, Timestamp),
    until: Instant,
) -> Result<bool, String> {
    let by = LookupBy::EventName("PutRestoreValidationResult");
    let lookup = Lookup { by, after, before, pages: PAGES };
    let Some(changes) = unless_denied(account.changes(&lookup, until).await)? else { return Ok(true) };
    for change in changes.found {
        if let Some(job) = change.text("restoreJobId") {
            read.said.insert(job, Said { at: change.at, by: change.actor.to_string() });
        }
    }
    Ok(changes.is_whole)
}

/// `None`: AWS denies it, and will deny it again.
fn unless_denied<T>(answer: Result<T, aws::Error>) -> Result<Option<T>, String> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(why) if why.kind == ErrorKind::Denied => Ok(None),
        Err(why) => Err(why.to_string()),
    }
}
