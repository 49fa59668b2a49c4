//! What AWS Backup's own records say: the failed jobs of the last 30 days, by listing. No describe call for each job.

use std::collections::{BTreeMap, BTreeSet};

use cause::judged::Judged;
use classification::identity::RootCauseId;
use futures::future::join_all;
use jiff::Timestamp;
use job::{Job, JobKind, JobState, Scope};
use source::lists::{RECORDS, failed_states};
use source::{JobQuery, Sources};
use tokio::time::Instant;

use crate::causes::Listed;
use crate::fault::Fault;

/// The lists a batch needs: one kind of job in one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lists {
    pub kind: JobKind,
    pub scope: Scope,
}

/// The bad jobs on record, each with its root cause.
#[derive(Debug, Default)]
pub struct History {
    pub jobs: Vec<Judged>,
    by_id: BTreeMap<(JobKind, String), usize>,
    /// What could not be read to its end, with what stood in the way.
    unreadable: BTreeMap<Lists, String>,
}

impl Lists {
    pub fn of(job: &Job) -> Self {
        Self { kind: job.kind, scope: job.scope.clone() }
    }
}

impl History {
    /// Reads every list that the batch needs, side by side. A list that can not be read is remembered, not an error: the batch pages all the
    /// same.
    ///
    /// `issues_since`: also list jobs that completed with issues after this instant. `until`: what has not answered by then is unreadable.
    pub async fn read(
        sources: &Sources,
        lists: &BTreeSet<Lists>,
        now: Timestamp,
        issues_since: Option<Timestamp>,
        until: Instant,
    ) -> Self {
        let created_after = now - RECORDS;
        let queries = lists.iter().flat_map(|list| {
            let failed = failed_states(list.kind).iter().map(move |state| JobQuery {
                state: Some(state.clone()),
                created_after: Some(created_after),
                ..JobQuery::of(list.kind)
            });
            let issues = issues_since.map(|since| JobQuery {
                state: Some(JobState::Completed),
                completed_after: Some(since),
                ..JobQuery::of(list.kind)
            });
            failed.chain(issues).map(move |query| (list, query))
        });
        let answers = join_all(queries.map(|(list, query)| async move {
            let jobs = match sources.at(&list.scope) {
                Ok(source) => source.jobs(&query, until).await.map_err(|why| why.to_string()),
                Err(not_ours) => Err(not_ours.to_string()),
            };
            (list, jobs)
        }))
        .await;
        let mut history = Self::default();
        for (list, answer) in answers {
            match answer {
                Ok(jobs) => history.add(jobs),
                Err(why) => _ = history.unreadable.entry(list.clone()).or_insert(why),
            }
        }
        history
    }

    /// Adds the bad ones of these jobs, each once.
    pub fn add(&mut self, jobs: impl IntoIterator<Item = Job>) {
        self.add_judged(jobs.into_iter().filter(Job::is_bad).map(Judged::new));
    }

    /// Adds these failures, each once.
    pub fn add_judged(&mut self, failures: impl IntoIterator<Item = Judged>) {
        for judged in failures {
            let id = (judged.job.kind, judged.job.id.clone());
            if !self.by_id.contains_key(&id) {
                self.by_id.insert(id, self.jobs.len());
                self.jobs.push(judged);
            }
        }
    }

    pub fn record(&self, kind: JobKind, id: &str) -> Option<&Job> {
        self.by_id.get(&(kind, id.to_owned())).and_then(|at| self.jobs.get(*at)).map(|judged| &judged.job)
    }

    /// The recorded failures of a cause.
    pub fn of_cause(&self, cause: &RootCauseId) -> Vec<&Job> {
        self.jobs.iter().filter(|judged| judged.cause == *cause).map(|judged| &judged.job).collect()
    }

    /// The recorded failures of a fault, whatever account they are of.
    pub fn of_fault(&self, fault: &Fault) -> Vec<&Judged> {
        self.jobs.iter().filter(|judged| fault.has(judged)).collect()
    }

    /// Why the lists of this kind and place are not whole; `None` when they are.
    pub fn unreadable(&self, lists: &Lists) -> Option<&str> {
        self.unreadable.get(lists).map(String::as_str)
    }

    /// Whether the lists that were read have the job of an event. Those of a place that is not ours were not read.
    pub fn lists(&self, job: &Job, sources: &Sources) -> Listed {
        let is_listed = failed_states(job.kind).contains(&job.state) || job.state == JobState::Completed;
        if self.record(job.kind, &job.id).is_some() {
            Listed::Yes
        } else if sources.at(&job.scope).is_ok() && is_listed && self.unreadable(&Lists::of(job)).is_none() {
            Listed::No
        } else {
            Listed::NotRead
        }
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
    if let (Some(told), Some(known)) = (&mut job.azure, &record.azure) {
        // A job of Azure names its item in a way of its own: only beside all items of the vault it is known which one that is.
        told.item.clone_from(&known.item);
        told.health.clone_from(&known.health);
        told.unlisted = known.unlisted;
        job.resource_arn.clone_from(&record.resource_arn);
        job.resource_name.clone_from(&record.resource_name);
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
