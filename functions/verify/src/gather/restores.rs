//! Restores that completed: they prove the causes of failed restores fixed, and the tests among them are told of.

use cause::episode::JobFacts;
use cause::restore::{LONGEST_PATIENCE, LONGEST_VALIDATION};
use jiff::{SignedDuration, Timestamp};
use job::{Job, JobKind, JobState};
use source::lists::LONGEST_JOB;
use source::{JobQuery, Source};
use tokio::time::Instant;

use super::lists::created_after;
use crate::ledger::{Cause, Ledger};

/// Whether this invocation tells what came of restore tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tests {
    Told,
    NotTold,
}

/// A tick may look at a window that was missed a day ago.
const SLACK: SignedDuration = SignedDuration::from_hours(2 * 24);

/// Restores that completed, the newest first: as far back as failed restores go, and otherwise as far as what a test restored may still have to be
/// deleted, which restores of Azure never have. Where neither matters, nothing is asked.
///
/// # Errors
/// In words, for a list that was not read to its end.
pub async fn restores(
    source: &Source,
    ledger: &Ledger,
    tests: Tests,
    now: Timestamp,
    until: Instant,
) -> Result<Vec<Job>, String> {
    let failed = ledger.bad_jobs().any(|job| job.kind == JobKind::Restore);
    let since = match (failed, tests, source) {
        (true, ..) => created_after(now),
        (false, Tests::Told, Source::Aws(_)) => now - LONGEST_JOB - LONGEST_VALIDATION - LONGEST_PATIENCE - SLACK,
        (false, Tests::Told, Source::Azure(_)) | (false, Tests::NotTold, _) => return Ok(Vec::new()),
    };
    let query =
        JobQuery { state: Some(JobState::Completed), created_after: Some(since), ..JobQuery::of(JobKind::Restore) };
    source.jobs(&query, until).await.map_err(|why| why.to_string())
}

/// Those that may prove a cause fixed: of its resources, or on the way of one of its failed restores. Parts of a composite restore are told by
/// their parent. None of a cause of which no restore failed. `restores`: those that completed, or why they are not known.
///
/// # Errors
/// In words, for a cause of which nothing else failed.
pub(super) fn of_cause(cause: &Cause, restores: &Result<Vec<Job>, String>) -> Result<Vec<Job>, String> {
    let failed: Vec<&Job> = cause.jobs().filter(|job| job.kind == JobKind::Restore).collect();
    let is_like = |restore: &&Job| {
        let alike = |job: &&Job| job.resource_arn == restore.resource_arn || job.way() == (*restore).way();
        restore.parent_job_id.is_none() && failed.iter().any(alike)
    };
    match restores {
        Ok(restores) => Ok(restores.iter().filter(is_like).cloned().collect()),
        Err(why) if cause.kind() == JobKind::Restore => Err(why.clone()),
        Err(_) => Ok(Vec::new()),
    }
}
