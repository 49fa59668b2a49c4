//! A subscription of Azure as one of the places: its records become the jobs, the protected resources and the plans that both clouds share.
//!
//! Azure lists by vault, so that each list is read once in an invocation, however many causes ask for it.

mod proof;
mod unprotected;

pub use proof::without_repeats;
pub use unprotected::{Taken, TakenBy, Unprotected, Unseen, UnseenCalls};

use std::collections::BTreeSet;
use std::sync::Arc;

use aws::{JobQuery, Memory, ProtectedResource, RecoveryPoint};
use azure::{
    Ended, Error, GraphJobs, Item, ItemId, JobFilter, JobOperation, JobStatus, LONGEST_JOB, Policy, Subscription,
    Vault, VaultId, VaultJob,
};
use futures::{FutureExt, StreamExt, TryStreamExt};
use jiff::{SignedDuration, Timestamp};
use job::{Job, JobKind, JobState, Scope};
use promise::Plan;
use tokio::time::Instant;

use crate::lists::RECORDS;
use crate::policy::{interval, plan};

/// Vaults that are read side by side.
const AT_ONCE: usize = 4;

/// A subscription and, where it is not empty, one location in it. A clone is cheap, and shares what was read.
#[derive(Clone, Debug)]
pub struct Place {
    subscription: Subscription,
    scope: Scope,
    now: Timestamp,
    read: Arc<Read>,
}

/// What was read in this invocation.
#[derive(Debug, Default)]
struct Read {
    vaults: Memory<Vec<Vault>>,
    items: Memory<Arc<Vec<Item>>>,
    policies: Memory<Arc<Vec<Policy>>>,
    jobs: Memory<Arc<Vec<VaultJob>>>,
    points: Memory<Arc<Vec<azure::RecoveryPoint>>>,
}

impl Place {
    /// All of a subscription, as it is at this time.
    pub fn new(subscription: Subscription, now: Timestamp) -> Self {
        let scope = Scope::azure(subscription.id().as_str(), "");
        Self { subscription, scope, now, read: Arc::default() }
    }

    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The same subscription in one location.
    #[must_use]
    pub fn in_location(&self, location: &str) -> Self {
        Self { scope: Scope::azure(&self.scope.account, location), ..self.clone() }
    }

    /// For what Azure alone can be asked.
    pub fn subscription(&self) -> &Subscription {
        &self.subscription
    }

    /// The jobs that match. Scheduled backups of databases may be on no list: the graph has some of them, and of others only the item tells.
    /// The recovery points of a resource stand for its good backups.
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn jobs(&self, query: &JobQuery<'_>, until: Instant) -> Result<Vec<Job>, Error> {
        let statuses = statuses(query);
        if statuses.is_empty() {
            return Ok(Vec::new());
        }
        let ended_after = query.completed_after.map(|after| after - LONGEST_JOB);
        let from = query.created_after.max(ended_after).unwrap_or(self.now - RECORDS);
        let items = self.items(until).await?;
        let mut vaults = self.vaults(until).await?;
        vaults.retain(|vault| query.vault_name.is_none_or(|name| vault.id.name() == name));
        let lists = vaults.iter().flat_map(|vault| statuses.iter().map(move |status| (vault, *status)));
        let mut listed: Vec<Arc<Vec<VaultJob>>> = futures::stream::iter(lists)
            .map(|(vault, status)| self.listed_of(&vault.id, status, operation(query), from, until))
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        for ended in hidden(query) {
            listed.push(self.hidden(ended, from, until).await?);
        }
        let location =
            |vault: &VaultId| vaults.iter().find(|known| known.id == *vault).map(|known| known.location.as_str());
        let mut seen = BTreeSet::new();
        let mut jobs: Vec<Job> = listed
            .iter()
            .flat_map(|jobs| jobs.iter())
            .filter_map(|record| {
                // The graph knows all locations. What lists and graph both have is one job.
                let location = location(&record.vault)?;
                let first = seen.insert((record.vault.as_str(), record.id.as_str()));
                record.to_job(location, Item::of_job(record, &items)).filter(|_| first)
            })
            .collect();
        for item in items.iter() {
            let Some(location) = location(item.id.vault()) else { continue };
            let mut told = self.told_by(item, location, until).await?;
            if query.resource_arn.is_some_and(|resource| item.resource() == resource) && wants_good(query) {
                let points = self.points(item, until).await?;
                told.extend(points.iter().map(|point| item.good_backup(location, point)));
            }
            // A failed job may leave a snapshot: what a list has of that time is what counts.
            told.retain(|job| !jobs.iter().any(|known| is_backup_of(known, item.id.as_str(), job.created)));
            jobs.extend(told);
        }
        jobs.retain(|job| matches(query, job));
        jobs.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.id.cmp(&b.id)));
        Ok(jobs)
    }

    /// Hands over what is protected, with its last recovery point. Not what was deleted.
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn each_protected(&self, until: Instant, take: impl FnMut(ProtectedResource)) -> Result<(), Error> {
        let items = self.items(until).await?;
        items.iter().filter(|item| !item.soft_deleted).map(protected).for_each(take);
        Ok(())
    }

    /// The recovery points of a resource, the newest first.
    ///
    /// # Errors
    /// For a list that was not read to its end, and where no item is known of the resource: that is not an item without recovery points.
    pub async fn recovery_points(&self, resource: &str, until: Instant) -> Result<Vec<RecoveryPoint>, Error> {
        let items = self.items(until).await?;
        let of_resource: Vec<&Item> = items.iter().filter(|item| item.resource() == resource).collect();
        if of_resource.is_empty() {
            return Err(Error::unknown_item());
        }
        let mut all = Vec::new();
        for item in of_resource {
            let points = self.points(item, until).await?;
            all.extend(points.iter().map(|point| recovery_point(point, item)));
        }
        all.sort_by_key(|point| std::cmp::Reverse(point.created));
        Ok(all)
    }

    /// The policy of this id as a plan. `None`: it is gone.
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn plan(&self, id: &str, until: Instant) -> Result<Option<Plan>, Error> {
        Ok(self.policies(until).await?.iter().find(|policy| policy.id == id).map(plan))
    }

    /// Since when items are protected, as far as the jobs tell that began to protect them. Their list is that of the completed jobs since
    /// this instant.
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn protected_since(&self, from: Timestamp, until: Instant) -> Result<Vec<(ItemId, Timestamp)>, Error> {
        let items = self.items(until).await?;
        let mut since = Vec::new();
        for vault in self.vaults(until).await? {
            let jobs = self.listed(&vault.id, Some("Completed"), from, until).await?;
            let begun = jobs.iter().filter(|job| job.operation.eq_ignore_ascii_case("ConfigureBackup"));
            since.extend(begun.filter_map(|job| Some((Item::of_job(job, &items)?.id.clone(), job.started?))));
        }
        Ok(since)
    }

    /// The policies of its vaults.
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn policies(&self, until: Instant) -> Result<Arc<Vec<Policy>>, Error> {
        let read = self.subscription.all_policies(until).map(|policies| policies.map(Arc::new));
        self.read.policies.get("", read.boxed_local()).await
    }

    /// The item that a job is of. `None`: the job may be of several, or its item is gone.
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn item_of(&self, job: &Job, until: Instant) -> Result<Option<Item>, Error> {
        let Some(id) = job.azure.as_ref().and_then(|record| record.item.as_deref()) else { return Ok(None) };
        let items = self.items(until).await?;
        Ok(items.iter().find(|item| item.id.as_str() == id).cloned())
    }

    /// The last backup of an item whose jobs may be on no list and, of one that fails, the first run that left nothing.
    async fn told_by(&self, item: &Item, location: &str, until: Instant) -> Result<Vec<Job>, Error> {
        let Some(mut last) = item.ended_backup(location) else { return Ok(Vec::new()) };
        if last.state == JobState::Completed {
            return Ok(vec![last]);
        }
        let policies = self.policies(until).await?;
        let policy = item.policy.as_ref().and_then(|id| policies.iter().find(|policy| policy.id == *id));
        let every = item.every.or_else(|| interval(&policy?.schedules));
        if let Some(unlisted) = last.azure.as_mut().and_then(|record| record.unlisted.as_mut()) {
            unlisted.every = every;
        }
        let first = every.and_then(|every| item.first_failed_backup(location, every));
        Ok(first.into_iter().chain([last]).collect())
    }

    async fn points(&self, item: &Item, until: Instant) -> Result<Arc<Vec<azure::RecoveryPoint>>, Error> {
        let read = self.subscription.recovery_points(&item.id, until).map(|points| points.map(Arc::new));
        self.read.points.get(item.id.as_str(), read.boxed_local()).await
    }

    /// What its vaults protect, whatever the location.
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn items(&self, until: Instant) -> Result<Arc<Vec<Item>>, Error> {
        let read = self.subscription.all_items(until).map(|items| items.map(Arc::new));
        self.read.items.get("", read.boxed_local()).await
    }

    /// The vaults of the location.
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn vaults(&self, until: Instant) -> Result<Vec<Vault>, Error> {
        let mut vaults = self.read.vaults.get("", self.subscription.vaults(until).boxed_local()).await?;
        let here = |vault: &Vault| Scope::azure(&self.scope.account, &vault.location).region == self.scope.region;
        vaults.retain(|vault| self.scope.region.is_empty() || here(vault));
        Ok(vaults)
    }

    async fn listed(
        &self,
        vault: &VaultId,
        status: Option<&'static str>,
        from: Timestamp,
        until: Instant,
    ) -> Result<Arc<Vec<VaultJob>>, Error> {
        self.listed_of(vault, status, None, from, until).await
    }

    async fn listed_of(
        &self,
        vault: &VaultId,
        status: Option<&'static str>,
        operation: Option<JobOperation>,
        from: Timestamp,
        until: Instant,
    ) -> Result<Arc<Vec<VaultJob>>, Error> {
        let filter = JobFilter { status: status.map(JobStatus::of), operation, started: (from, self.now) };
        self.read_list(vault, filter, until).await
    }

    async fn read_list(&self, vault: &VaultId, filter: JobFilter, until: Instant) -> Result<Arc<Vec<VaultJob>>, Error> {
        let what = format!("{vault} {filter:?}");
        let read = async { self.subscription.jobs(vault, &filter, until).await.map(Arc::new) };
        self.read.jobs.get(&what, read.boxed_local()).await
    }

    async fn hidden(&self, ended: Ended, from: Timestamp, until: Instant) -> Result<Arc<Vec<VaultJob>>, Error> {
        let what = format!("{ended:?} {from}");
        let jobs = GraphJobs { started_after: from, ended };
        let read = self.subscription.hidden_jobs(jobs, until).map(|jobs| jobs.map(Arc::new));
        self.read.jobs.get(&what, read.boxed_local()).await
    }
}

/// The words by which a vault lists what a query asks for. None: Azure has no such jobs.
fn statuses(query: &JobQuery<'_>) -> Vec<Option<&'static str>> {
    if query.kind == JobKind::Copy || query.destination_vault_arn.is_some() {
        return Vec::new();
    }
    let by_points = query.kind == JobKind::Backup && query.resource_arn.is_some();
    match &query.state {
        None if by_points => vec![Some("Failed"), Some("Cancelled"), Some("CompletedWithWarnings"), Some("InProgress")],
        None => vec![None],
        Some(JobState::Failed) => vec![Some("Failed")],
        Some(JobState::Aborted) => vec![Some("Cancelled")],
        // The failed ones tell which points are theirs.
        Some(JobState::Completed) if by_points => {
            vec![Some("CompletedWithWarnings"), Some("Failed"), Some("InProgress")]
        }
        Some(JobState::Completed) => vec![Some("Completed"), Some("CompletedWithWarnings")],
        Some(JobState::Running) => vec![Some("InProgress")],
        Some(_) => Vec::new(),
    }
}

fn wants_good(query: &JobQuery<'_>) -> bool {
    query.kind == JobKind::Backup && matches!(query.state, None | Some(JobState::Completed))
}

/// Restores that completed are few among jobs that did: they are asked for by themselves. Of all others one list tells of every kind.
fn operation(query: &JobQuery<'_>) -> Option<JobOperation> {
    let of_many = matches!(query.state, None | Some(JobState::Completed));
    (query.kind == JobKind::Restore && of_many).then_some(JobOperation::Restore)
}

/// What to ask the graph for beside the lists: it hides no restores.
fn hidden(query: &JobQuery<'_>) -> Vec<Ended> {
    match &query.state {
        _ if query.kind != JobKind::Backup => Vec::new(),
        None => vec![Ended::Badly, Ended::Well],
        Some(JobState::Failed | JobState::Aborted | JobState::Other(_)) => vec![Ended::Badly],
        Some(JobState::Completed) if query.resource_arn.is_some() => vec![Ended::Badly, Ended::Well],
        Some(JobState::Completed) => vec![Ended::Well],
        Some(_) => Vec::new(),
    }
}

fn matches(query: &JobQuery<'_>, job: &Job) -> bool {
    let later = |at: Option<Timestamp>, than: Option<Timestamp>| than.is_none_or(|than| at.is_none_or(|at| at > than));
    job.kind == query.kind
        && query.state.as_ref().is_none_or(|state| *state == job.state)
        && query.resource_arn.is_none_or(|resource| resource == job.resource_arn)
        && query.resource_type.is_none_or(|kind| kind == job.base_type())
        && query.vault_name.is_none_or(|name| job.vault.as_ref().is_some_and(|vault| vault.name == name))
        && later(job.created, query.created_after)
        && later(job.ended, query.completed_after)
        && query.created_before.is_none_or(|before| job.created.is_none_or(|created| created < before))
}

/// How far an item's last backup may lie from the start of a job and still be that job.
const SAME_JOB: SignedDuration = SignedDuration::from_mins(5);

/// Whether what an item tells of this instant is this job, which may still be on its way.
fn is_backup_of(job: &Job, item: &str, at: Option<Timestamp>) -> bool {
    let of_item = job.azure.as_ref().and_then(|record| record.item.as_deref()) == Some(item);
    let (Some(begun), Some(at)) = (job.created, at) else { return false };
    of_item && begun - SAME_JOB <= at && job.ended.is_none_or(|ended| at <= ended + SAME_JOB)
}

fn protected(item: &Item) -> ProtectedResource {
    ProtectedResource {
        arn: item.resource(),
        name: item.label(),
        resource_type: item.resource_type(),
        last_backup: item.last_good(),
        vault_arn: Some(item.id.vault().as_str().to_owned()),
        recovery_point_arn: None,
    }
}

/// Azure lists no recovery point before it is there.
fn recovery_point(point: &azure::RecoveryPoint, item: &Item) -> RecoveryPoint {
    RecoveryPoint {
        arn: point.id.clone(),
        created: Some(point.time),
        status: aws::PointStatus::Available,
        vault_name: item.id.vault().name().to_owned(),
        expires: point.expires,
        ..RecoveryPoint::default()
    }
}
