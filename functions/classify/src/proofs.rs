//! What may have proven a cause fixed: all jobs of some of its resources. They hold what completed with issues on other nights, too.

use std::collections::BTreeMap;

use cause::SETTLED;
use classification::identity::RootCauseId;
use futures::StreamExt;
use job::{Job, JobKind, JobState, Look, Scope};
use source::lists::CANDIDATES;
use source::made::recovery_point_of;
use tokio::time::Instant;

use crate::asked::Asked;
use crate::causes::Cause;
use crate::history::History;
use crate::visit::Visit;

/// Of one account at most this many causes have their proofs read. The others stand in the shared mail, without proofs.
const READ: usize = 30;
/// The same for all accounts together: more do not fit into the time.
const READ_IN_ALL: usize = 300;
/// Causes of one account that are read side by side.
const AT_ONCE: usize = 4;
/// The same of several accounts: each has rates of its own.
const AT_ONCE_IN_ALL: usize = 20;

/// The jobs of the resources of each cause that failed before, or why they were not read.
#[derive(Debug, Default)]
pub struct Proofs(BTreeMap<RootCauseId, Result<Vec<ResourceJobs>, String>>);

/// All jobs of one resource and kind that AWS Backup has on record, whatever became of them.
#[derive(Clone, Debug)]
pub struct ResourceJobs {
    pub resource_arn: String,
    pub kind: JobKind,
    pub jobs: Vec<Job>,
    /// The newest good one, whose recovery point is known to be gone: it proves nothing.
    gone: Option<String>,
}

impl ResourceJobs {
    /// COMPLETED jobs that may prove a cause fixed.
    pub fn completions(&self) -> impl Iterator<Item = &Job> {
        let completed = self.jobs.iter().filter(|job| job.state == JobState::Completed);
        completed.filter(|job| self.gone.as_deref() != Some(&job.id))
    }
}

impl Proofs {
    /// Reads those of each cause that failed before.
    pub(crate) async fn read(causes: &[&Cause], history: &History, asked: &Asked<'_>, visit: Visit<'_>) -> Self {
        let (chosen, left_out) = chosen(causes, history, visit);
        let looks = chosen.into_iter().map(|cause| async move {
            let recorded = history.of_cause(&cause.id);
            (cause.id.clone(), of_resources(asked, cause, &recorded, visit.deadlines.proofs).await)
        });
        let at_once = if visit.sources.is_wide() { AT_ONCE_IN_ALL } else { AT_ONCE };
        let mut proofs: BTreeMap<_, _> = futures::stream::iter(looks).buffer_unordered(at_once).collect().await;
        proofs.extend(
            left_out.into_iter().map(|cause| (cause.id.clone(), Err("too many root causes at once".to_owned()))),
        );
        Self(proofs)
    }

    /// `None`: the cause did not fail before.
    pub fn of(&self, cause: &RootCauseId) -> Option<Result<&[ResourceJobs], &str>> {
        self.0.get(cause).map(|read| read.as_deref().map_err(String::as_str))
    }

    /// All jobs that were read.
    pub fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.0.values().flatten().flatten().flat_map(|resource| &resource.jobs)
    }
}

/// The causes whose proofs are read, and those that are beyond the bounds.
fn chosen<'a>(causes: &[&'a Cause], history: &History, visit: Visit<'_>) -> (Vec<&'a Cause>, Vec<&'a Cause>) {
    let (mut chosen, mut left_out): (Vec<&Cause>, Vec<&Cause>) = Default::default();
    let mut of_account: BTreeMap<&str, usize> = BTreeMap::new();
    for cause in causes.iter().copied().filter(|cause| failed_before(cause, history, visit)) {
        let read = of_account.entry(cause.first_job().map_or("", |job| &job.scope.account)).or_default();
        if *read < READ && chosen.len() < READ_IN_ALL {
            *read += 1;
            chosen.push(cause);
        } else {
            left_out.push(cause);
        }
    }
    (chosen, left_out)
}

/// Whether a cause may have failed, and been proven fixed, before its failures in the batch.
fn failed_before(cause: &Cause, history: &History, visit: Visit<'_>) -> bool {
    let recorded = history.of_cause(&cause.id);
    let earlier = recorded.iter().any(|job| cause.jobs().all(|own| own.id != job.id));
    // Verify may have closed the incident of an event that comes late.
    let is_late = cause.jobs().any(|job| job.ended.is_some_and(|ended| ended + SETTLED < visit.now));
    let with_issues = cause.jobs().any(|job| job.state == JobState::Completed);
    (earlier || is_late || with_issues) && visit.records(cause, history).is_ok()
}

/// What AWS Backup has on record of at most [`CANDIDATES`] resources of a cause, backups and copies by themselves: those of the batch first,
/// then the latest to fail. A recovery point counts as there until it is known to be gone, and at worst a relapse pages once too often
/// instead of never.
///
/// # Errors
/// A sentence. A list that is missing could hold the proof.
async fn of_resources(
    asked: &Asked<'_>,
    cause: &Cause,
    recorded: &[&Job],
    until: Instant,
) -> Result<Vec<ResourceJobs>, String> {
    let mut latest = recorded.to_vec();
    latest.sort_by_key(|job| std::cmp::Reverse(job.ended));
    let mut candidates: Vec<(JobKind, &Scope, &str)> = Vec::new();
    for job in cause.jobs().chain(latest) {
        let candidate = (job.kind, &job.scope, job.resource_arn.as_str());
        if candidates.len() < CANDIDATES && !job.resource_arn.is_empty() && !candidates.contains(&candidate) {
            candidates.push(candidate);
        }
    }
    let lists = candidates.into_iter().map(|(kind, scope, resource)| async move {
        let source = asked.sources().at(scope).map_err(|not_ours| not_ours.to_string())?;
        let jobs = asked.jobs(&source, kind, resource, until).await.map_err(|why| why.to_string())?;
        let newest = jobs.iter().filter(|job| job.completed_clean()).max_by_key(|job| job.ended);
        let gone = match newest {
            Some(job) if recovery_point_of(job, &source, until).await == Look::Missing => Some(job.id.clone()),
            _ => None,
        };
        Ok(ResourceJobs { resource_arn: resource.to_owned(), kind, jobs, gone })
    });
    futures::future::try_join_all(lists).await
}
