//! Which of the copies that no plan made are reruns of ours. No record tells; CloudTrail keeps who called StartCopyJob.

use std::collections::BTreeSet;

use aws::{Account, Lookup, LookupBy};
use change::Change;
use futures::StreamExt;
use jiff::{SignedDuration, Timestamp};
use job::{Job, JobKind, Origin};
use source::{ErrorKind, Source};
use tokio::time::Instant;

use crate::ledger::Ledger;

/// A copy is created when it is asked for, as far as two clocks agree.
const AROUND: SignedDuration = SignedDuration::from_mins(2);
/// CloudTrail takes two questions a second. The newest copies are asked for: our reruns are few.
const SPANS: usize = 10;
/// Of 50 calls each.
const PAGES: usize = 2;

/// What CloudTrail says of them. What it does not say, or not yet, is another's copy.
#[derive(Debug, Default)]
pub struct OurCopies {
    pub ids: BTreeSet<String>,
    /// Why it could not be asked, in words.
    pub unread: Option<String>,
}

/// Looks for the copies among these jobs that a session of this name started. Asks nothing where no copy is in doubt.
pub async fn our_copies(source: &Source, session: &str, ledger: &Ledger, until: Instant) -> OurCopies {
    let Source::Aws(account) = source else { return OurCopies::default() };
    let spans = spans(ledger.bad_jobs().chain(ledger.in_flight()));
    let reads = spans.into_iter().map(|span| started(account, span, until));
    let mut ours = OurCopies::default();
    let mut answers = futures::stream::iter(reads).buffered(1);
    while let Some(answer) = answers.next().await {
        match answer {
            Ok(calls) => {
                let by_us = calls.iter().filter(|call| call.actor.session() == Some(session));
                ours.ids.extend(by_us.filter_map(|call| call.answered("copyJobId").map(str::to_owned)));
            }
            Err(why) => {
                let is_final = why.kind == ErrorKind::Denied;
                ours.unread.get_or_insert(format!("who started the copies that no plan made: {why}"));
                if is_final {
                    break;
                }
            }
        }
    }
    ours
}

async fn started(
    account: &Account,
    (after, before): (Timestamp, Timestamp),
    until: Instant,
) -> Result<Vec<Change>, aws::Error> {
    let lookup = Lookup { by: LookupBy::EventName("StartCopyJob"), after, before, pages: PAGES };
    account.changes(&lookup, until).await.map(|changes| changes.found)
}

/// The times around the copies whose record names no plan, the newest first. Copies of one hour of one program are one span.
fn spans<'a>(jobs: impl Iterator<Item = &'a Job>) -> Vec<(Timestamp, Timestamp)> {
    let in_doubt = jobs.filter(|job| job.kind == JobKind::Copy && job.origin == Origin::Operator);
    let mut created: Vec<Timestamp> = in_doubt.filter_map(|job| job.created).collect();
    created.sort_unstable_by(|a, b| b.cmp(a));
    let mut spans: Vec<(Timestamp, Timestamp)> = Vec::new();
    for at in created {
        let span = (at - AROUND, at + AROUND);
        match spans.last_mut().filter(|(after, _)| span.1 >= *after) {
            Some((after, _)) => *after = span.0,
            None => spans.push(span),
        }
    }
    spans.truncate(SPANS);
    spans
}

#[cfg(test)]
mod tests {
    use job::{CreatedBy, JobState};

    use super::*;

    #[test]
    fn copies_in_doubt_are_asked_for_by_spans_the_newest_first() {
        let at = |minute: i64| Timestamp::from_second(1_795_000_000 + 60 * minute).unwrap();
        let copy = |minute: i64| Job { created: Some(at(minute)), ..Job::new(JobKind::Copy, "c", JobState::Failed) };
        let of_plan = Job { origin: Origin::Rule(CreatedBy::default()), ..copy(500) };
        let backup = Job { kind: JobKind::Backup, ..copy(600) };
        let jobs = [copy(0), copy(3), copy(100), copy(7), copy(8), of_plan, backup];
        assert_eq!(spans(jobs.iter()), [(at(98), at(102)), (at(-2), at(10))]);
        let many: Vec<Job> = (0..30).map(|number| copy(number * 10)).collect();
        let spans = spans(many.iter());
        assert_eq!((spans.len(), spans[0]), (SPANS, (at(288), at(292))));
    }
}
