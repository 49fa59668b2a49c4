//! What failed of one fault in other accounts and Regions, by AWS Backup's own lists: every process that is handed a part of a fault ranks it alike.
//!
//! One list of all accounts tells it, where our account may read it. Else each account is asked, if they are few. Where neither tells, a process knows
//! only what it has seen, and each process pages for itself.

use std::collections::BTreeSet;

use cause::judged::{Judged, join_parents};
use futures::future::join_all;
use futures::{FutureExt, StreamExt};
use jiff::{SignedDuration, Timestamp};
use job::{Cloud, Job, JobKind, JobState, Scope};
use source::lists::failed_states;
use source::{Account, JobQuery, MemberState, Sources, Whose, share};
use tokio::time::Instant;

use crate::fault::Fault;
use crate::tonight::Tonight;

/// Accounts and Regions that are asked one by one. With more, only the list of all accounts tells.
const PLACES: usize = 100;
/// How many of them side by side.
const AT_ONCE: usize = 20;
/// What failed so long before the block of a batch began tells in which accounts it is not new: also of what runs once a week.
const BEFORE: SignedDuration = SignedDuration::from_hours(8 * 24);

/// The failures of these faults in all watched accounts and Regions, by their end.
pub(crate) async fn read(sources: &Sources, faults: &[Fault], tonight: &Tonight, until: Instant) -> Vec<Judged> {
    let jobs = || faults.iter().filter(|fault| fault.family.is_some()).flat_map(|fault| fault.whole.jobs());
    let batch: Vec<&Job> = jobs().filter(|job| job.scope.cloud == Cloud::Aws).collect();
    let Some(tonight) = tonight.begins().filter(|_| !batch.is_empty()) else { return Vec::new() };
    // Without a list of the watched accounts this process counts what it has seen itself.
    let Ok(members) = sources.accounts().all(share(until, 4)).await else { return Vec::new() };
    let active = members.into_iter().filter(|member| member.state == MemberState::Active);
    let watched: BTreeSet<String> = active.map(|member| member.id).collect();
    let kinds: BTreeSet<JobKind> = batch.iter().map(|job| job.kind).collect();
    let asked = Asked { sources, watched: &watched, batch: &batch, since: tonight - BEFORE };
    let read = join_all(kinds.into_iter().map(|kind| asked.of_kind(kind, until).boxed_local())).await;
    let mut failures: Vec<Judged> =
        read.into_iter().flatten().filter(|job| asked.is_watched(job) && job.is_bad()).map(Judged::new).collect();
    join_parents(failures.iter_mut());
    failures.retain(|judged| faults.iter().any(|fault| fault.family.is_some() && fault.has(judged)));
    failures.sort_by(|a, b| (a.job.ended, &a.job.id).cmp(&(b.job.ended, &b.job.id)));
    failures
}

/// What is asked for.
#[derive(Clone, Copy)]
struct Asked<'a> {
    sources: &'a Sources,
    watched: &'a BTreeSet<String>,
    batch: &'a [&'a Job],
    since: Timestamp,
}

impl Asked<'_> {
    fn is_watched(&self, job: &Job) -> bool {
        self.watched.contains(&job.scope.account)
            && self.sources.regions_of(&job.scope.account).contains(&job.scope.region)
    }

    async fn of_kind(&self, kind: JobKind, until: Instant) -> Vec<Job> {
        let mut jobs = self.of_all_accounts(kind, share(until, 2)).await;
        if !self.are_all(kind, &jobs) {
            jobs.extend(self.one_by_one(kind, until).await);
        }
        jobs
    }

    /// The list of all accounts of each Region. What does not answer is missing.
    async fn of_all_accounts(&self, kind: JobKind, until: Instant) -> Vec<Job> {
        let ours = self.sources.own();
        let own = &ours.scope().account;
        let whose = if self.watched.iter().any(|id| id != own) { Whose::Everyone } else { Whose::Own };
        let regions: BTreeSet<String> = self.watched.iter().flat_map(|id| self.sources.regions_of(id)).collect();
        let lists = regions.iter().flat_map(|region| failed_states(kind).iter().map(move |state| (region, state)));
        let reads = lists.map(|(region, state)| {
            let account = ours.in_region(region);
            async move {
                let query = JobQuery { whose, ..self.query(kind, Some(state)) };
                account.jobs(&query, until).await.unwrap_or_default()
            }
        });
        join_all(reads).await.into_iter().flatten().collect()
    }

    /// Whether the list of all accounts may be taken for what it says. One who may not read it gets the own jobs and no error: it has to show
    /// what the batch tells of others. A list that lacks something pages more, and never less.
    fn are_all(&self, kind: JobKind, listed: &[Job]) -> bool {
        let own = self.sources.own().scope().account.clone();
        let mut others = self.batch.iter().filter(|job| job.kind == kind && job.scope.account != own).peekable();
        others.peek().is_none() || others.any(|job| listed.iter().any(|listed| listed.id == job.id))
    }

    /// The lists of each watched account, but for those that were read for the batch.
    async fn one_by_one(&self, kind: JobKind, until: Instant) -> Vec<Job> {
        let was_read: BTreeSet<&Scope> =
            self.batch.iter().filter(|job| job.kind == kind).map(|job| &job.scope).collect();
        let scopes = self.watched.iter().flat_map(|id| {
            let regions = self.sources.regions_of(id);
            regions.into_iter().map(move |region| Scope::aws(id, &region))
        });
        let scopes: Vec<Scope> = scopes.filter(|scope| !was_read.contains(scope)).collect();
        if scopes.len() > PLACES {
            return Vec::new();
        }
        let reads = scopes.iter().map(|scope| async move {
            match self.sources.accounts().at(scope, until).await {
                Ok(account) => self.of_one(&account, kind, until).boxed_local().await,
                Err(_) => Vec::new(),
            }
        });
        let read: Vec<Vec<Job>> = futures::stream::iter(reads).buffer_unordered(AT_ONCE).collect().await;
        read.into_iter().flatten().collect()
    }

    /// Where its jobs are few, one call tells all of them, in whatever state they are.
    async fn of_one(&self, account: &Account, kind: JobKind, until: Instant) -> Vec<Job> {
        let mut jobs = match account.first_jobs(&self.query(kind, None), until).await {
            Ok(first) if first.are_all => first.jobs,
            Ok(_) => {
                let queries: Vec<JobQuery<'_>> =
                    failed_states(kind).iter().map(|state| self.query(kind, Some(state))).collect();
                let read = join_all(queries.iter().map(|query| account.jobs(query, until))).await;
                read.into_iter().flatten().flatten().collect()
            }
            Err(_) => Vec::new(),
        };
        for job in &mut jobs {
            // The lists of an account hold its own jobs alone, whether a record says so or not.
            job.scope.clone_from(account.scope());
        }
        jobs
    }

    fn query(&self, kind: JobKind, state: Option<&JobState>) -> JobQuery<'static> {
        JobQuery { state: state.cloned(), created_after: Some(self.since), ..JobQuery::of(kind) }
    }
}
