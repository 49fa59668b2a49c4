//! Who changed it: CloudTrail is asked about a cause on the first night of its episode, for what lies between its last good job and its first
//! bad one.

use classification::named::Named;
use jiff::Timestamp;
use job::{Job, JobKind};
use source::Sources;
use source::diagnosis::Diagnosis;
use source::lists::RECORDS;
use source::trail::{self, Answer, Asked, Span, Turn, suspects};
use tokio::time::Instant;

use crate::causes::Cause;
use crate::decide::PageDecision;
use crate::proofs::ResourceJobs;
use crate::risk::AtRisk;

/// Asks beside the other looks, by the words of AWS alone. Nothing is asked from the second night on: the first page has told it.
pub async fn ask(
    sources: &Sources,
    job: &Job,
    cause: &Cause,
    decision: &PageDecision,
    now: Timestamp,
    until: Instant,
) -> Vec<Asked> {
    let is_first_night = decision.episode().is_none_or(|episode| episode.nights <= 1);
    let Some(source) = sources.at(&job.scope).ok().filter(|_| is_first_night) else { return Vec::new() };
    let named = Named::in_text(&cause.classification.text);
    let suspects = suspects(job, cause.class, &named, Turn::Broke);
    // One span for all causes: what they have in common is asked once.
    trail::ask_cloudtrail(&source, suspects, now - RECORDS, now, until).await
}

/// What is known of the jobs around a change.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    pub cause: &'a Cause,
    pub decision: &'a PageDecision,
    /// Jobs of resources of the cause, as far as they were listed.
    pub jobs: &'a [&'a ResourceJobs],
    pub at_risk: &'a [AtRisk],
    pub diagnosis: &'a Diagnosis,
}

/// Chooses among the answers.
pub fn answer(asked: &[Asked], known: Known<'_>, now: Timestamp) -> Answer {
    let in_batch = known.cause.jobs().filter_map(|job| job.ended).min();
    let first = known.decision.episode().map(|episode| episode.start);
    let Some(before) = first.into_iter().chain(in_batch).min() else { return Answer::NotAsked };
    let span = Span { after: last_good(known, before), before };
    let diagnosis = known.diagnosis;
    trail::answer(asked, Turn::Broke, diagnosis.class, diagnosis.named.key.as_deref(), span, now)
}

/// When the last good job of the cause's kind began, before the first bad one ended. What is at risk is told by backups alone.
fn last_good(known: Known<'_>, before: Timestamp) -> Option<Timestamp> {
    let kind = known.cause.kind();
    let listed = known.jobs.iter().filter(|resource| resource.kind == kind).flat_map(|resource| resource.completions());
    let listed = listed.filter(|job| job.completed_clean());
    let listed = listed.filter_map(|job| job.began());
    let at_risk = known.at_risk.iter().filter(|_| kind == JobKind::Backup).filter_map(AtRisk::began);
    listed.chain(at_risk).filter(|began| *began < before).max()
}
