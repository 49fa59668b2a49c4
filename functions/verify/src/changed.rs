//! Who changed it: what CloudTrail tells of the change that broke a root cause, and of the one that mended it.

use std::time::Duration;

use classification::class::Class;
use classification::named::Named;
use jiff::Timestamp;
use job::Job;
use source::Source;
use source::lists::RECORDS;
use source::trail::{self, Answer, Span, Turn, suspects};
use tokio::time::Instant;

use crate::review::View;

/// Longest time for one question, which CloudTrail answers slowly, two a second.
const LONGEST: Duration = Duration::from_secs(6);

/// What CloudTrail tells of the time between the last good job before a cause's episode and its first bad one.
pub(crate) async fn who_broke(source: &Source, view: &View<'_>, now: Timestamp, until: Instant) -> Answer {
    let kind = view.case.cause.kind();
    let before = view.standing.episode.start;
    let known = view.case.known();
    let good = known.iter().filter(|job| job.kind == kind && job.completed_clean());
    let after = good.filter_map(|job| job.began()).filter(|began| *began < before).max();
    ask(source, view, Turn::Broke, Span { after, before }, now, until).await
}

/// What CloudTrail tells of the time between the last failure and the proof.
pub(crate) async fn who_mended(
    source: &Source,
    view: &View<'_>,
    proof: &Job,
    now: Timestamp,
    until: Instant,
) -> Answer {
    let Some(before) = proof.began() else { return Answer::NotAsked };
    let span = Span { after: Some(view.standing.episode.last), before };
    ask(source, view, Turn::Mended, span, now, until).await
}

async fn ask(source: &Source, view: &View<'_>, turn: Turn, span: Span, now: Timestamp, until: Instant) -> Answer {
    let cause = &view.case.cause;
    let class: Class = view.found.unwrap_or(cause.class);
    let Some(failure) = cause.example() else { return Answer::NotAsked };
    let named = Named::in_text(&failure.message);
    let until = until.min(Instant::now() + LONGEST);
    let after = span.after.unwrap_or(span.before - RECORDS);
    let asked = trail::ask_cloudtrail(source, suspects(failure, class, &named, turn), after, span.before, until).await;
    trail::answer(&asked, turn, class, named.key.as_deref(), span, now)
}
