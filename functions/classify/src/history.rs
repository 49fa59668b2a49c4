//! What AWS Backup's own records say: the failed jobs of the last 30 days, by listing. No describe call for each job.

use std::collections::{BTreeMap, BTreeSet};

use cause::judged::Judged;
use classification::identity::RootCauseId;
use futures::future::join_all;
use jiff::Timestamp;
use job::{Job, JobKind, JobState, Scope};
use source::lists::{CANDIDATES, RECORDS, failed_states};
use source::made::{Made, made};
use source::{JobQuery, Source, Sources};
use tokio::time::Instant;

use crate::causes::Failure;

/// The lists a batch needs: those of one kind of job in one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lists {
    pub kind: JobKind,
    pub scope: Scope,
}

impl Lists {
    /// Those that hold a job.
    pub fn of(job: &Job) -> Self {
        Self { kind: job.kind, scope: job.scope.clone() }
    }
}

/// The bad jobs on record, each with its root cause.
#[derive(Debug, Default)]
pub struct History {
    pub jobs: Vec<Judged>,
    by_id: BTreeMap<(JobKind, String), usize>,
    /// The lists of which one could not be read, with what stood in the way.
    unreadable: BTreeMap<Lists, String>,
}

impl History {
    /// Reads every list that the batch needs. A list that can not be read is remembered, not an error: the batch pages all the same.
    ///
    /// `issues_since`: also list jobs that completed with issues after this instant. `until`: what has not answered by then is unreadable.
    pub async fn read(
        sources: &Sources,
        needed: &BTreeSet<Lists>,
        now: Timestamp,
        issues_since: Option<Timestamp>,
        until: Instant,
    ) -> Self {
        let mut history = Self::default();
        let created_after = now - RECORDS;
        let queries = needed.iter().flat_map(|lists| {
            let failed = failed_states(lists.kind).iter().map(|state| JobQuery {
                state: Some(state.clone()),
                created_after: Some(created_after),
                ..JobQuery::of(lists.kind)
            });
            let issues = issues_since.map(|since| JobQuery {
                state: Some(JobState::Completed),
                completed_after: Some(since),
                ..JobQuery::of(lists.kind)
            });
            failed.chain(issues).map(move |query| (lists, query))
        });
        // Side by side, so that a list that hangs or has no end takes no time of the others.
        let reads = queries.map(|(lists, query)| async move {
            let answer = match sources.at(&lists.scope) {
                Ok(source) => source.jobs(&query, until).await.map_err(|why| why.to_string()),
                Err(why) => Err(why.to_string()),
            };
            (lists, answer)
        });
        for (lists, answer) in join_all(reads).await {
            match answer {
                Ok(jobs) => history.add(jobs),
                Err(why) => {
                    history.unreadable.entry(lists.clone()).or_insert(why);
                }
            }
        }
        history
    }

    fn add(&mut self, jobs: Vec<Job>) {
        for job in jobs.into_iter().filter(Job::is_bad) {
            self.by_id.insert((job.kind, job.id.clone()), self.jobs.len());
            self.jobs.push(Judged::new(job));
        }
    }

    pub fn record(&self, kind: JobKind, id: &str) -> Option<&Job> {
        self.by_id.get(&(kind, id.to_owned())).and_then(|at| self.jobs.get(*at)).map(|judged| &judged.job)
    }

    /// The recorded failures of a cause.
    pub fn of_cause(&self, cause: &RootCauseId) -> Vec<&Job> {
        self.jobs.iter().filter(|judged| judged.cause == *cause).map(|judged| &judged.job).collect()
    }

    /// Why these lists are not whole; `None` when they are.
    pub fn unreadable(&self, lists: &Lists) -> Option<&str> {
        self.unreadable.get(lists).map(String::as_str)
    }
}

/// Fills what the event leaves out from the job's record: name, key, schedule, category, composite family. What the event says stays.
pub fn enrich(job: &mut Job, record: &Job) {
    fn fill<T: Clone>(slot: &mut Option<T>, from: &Option<T>) {
        if slot.is_none() {
            slot.clone_from(from);
        }
    }
    fn fill_text(slot: &mut String, from: &str) {
        if slot.is_empty() {
            slot.push_str(from);
        }
    }
    fill_text(&mut job.message, &record.message);
    fill_text(&mut job.resource_arn, &record.resource_arn);
    fill_text(&mut job.resource_type, &record.resource_type);
    fill(&mut job.category, &record.category);
    fill(&mut job.resource_name, &record.resource_name);
    fill(&mut job.role, &record.role);
    fill(&mut job.vault, &record.vault);
    fill(&mut job.destination, &record.destination);
    fill(&mut job.recovery_point_arn, &record.recovery_point_arn);
    fill(&mut job.source_recovery_point_arn, &record.source_recovery_point_arn);
    fill(&mut job.encryption_key_arn, &record.encryption_key_arn);
    fill(&mut job.created, &record.created);
    fill(&mut job.started, &record.started);
    fill(&mut job.start_by, &record.start_by);
    fill(&mut job.parent_job_id, &record.parent_job_id);
    fill(&mut job.size_bytes, &record.size_bytes);
    fill(&mut job.bytes_transferred, &record.bytes_transferred);
    job.is_parent |= record.is_parent;
    // The record names the plan and its schedule; the event only their ids, and neither where it knows of no plan.
    if record.origin.is_scheduled() || !job.origin.is_scheduled() {
        job.origin.clone_from(&record.origin);
    }
}

/// COMPLETED jobs that may prove a cause fixed, of at most [`CANDIDATES`] of its resources, backups and copies by themselves: those of the
/// batch first, then the latest to fail. What has not answered by `until` counts as there, as does all that can not be looked at: a job
/// counts until its recovery point is known to be gone, and at worst a relapse pages once too often instead of never.
pub async fn completions(
    sources: &Sources,
    batch: &[Failure],
    recorded: &[&Job],
    until: Instant,
) -> Result<Vec<Job>, source::Error> {
    let mut latest = recorded.to_vec();
    latest.sort_by_key(|job| std::cmp::Reverse(job.ended));
    let mut legs: Vec<(JobKind, &str, Source)> = Vec::new();
    for job in batch.iter().map(Failure::job).chain(latest) {
        let resource = job.resource_arn.as_str();
        let is_known = legs.iter().any(|(kind, known, _)| (*kind, *known) == (job.kind, resource));
        // What ran in a place that is not ours has proofs that are not ours to read.
        if legs.len() < CANDIDATES
            && !resource.is_empty()
            && !is_known
            && let Ok(source) = sources.at(&job.scope)
        {
            legs.push((job.kind, resource, source));
        }
    }
    let proofs = legs.into_iter().map(|(kind, resource, source)| async move {
        let query = JobQuery { state: Some(JobState::Completed), resource_arn: Some(resource), ..JobQuery::of(kind) };
        let mut completed = source.jobs(&query, until).await?;
        completed.sort_by_key(|job| std::cmp::Reverse(job.ended));
        if let Some(newest) = completed.first()
            && made(&source, newest, until).await == Made::Gone
        {
            completed.remove(0);
        }
        Ok(completed)
    });
    Ok(futures::future::try_join_all(proofs).await?.into_iter().flatten().collect())
}
