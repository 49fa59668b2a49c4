//! What of all that was read is to be told by this tick. Pure.
//!
//! A job may be in the list of its vault, in the resource graph, or in both; of a scheduled backup of a database there may be no job at all, and
//! its item alone says that it failed.

use std::collections::{BTreeMap, HashMap};

use azure::{Item, ItemId, JobStatus, LastBackup, VaultId, VaultJob};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::window::Windows;

/// What the times of an item and of its job may differ by.
const SAME: SignedDuration = SignedDuration::from_mins(2);

/// One thing that went wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub record: Record,
    /// When it ended; of an item, when its last backup was tried.
    pub at: Timestamp,
    pub seen_by: Vec<SeenBy>,
    /// What it was a job of, where that is known.
    pub item: Option<ItemId>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    Job(VaultJob),
    /// No job tells of it.
    Item(Item),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SeenBy {
    VaultList,
    ResourceGraph,
    Item,
}

/// What a tick has to tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Due {
    /// The oldest first.
    pub found: Vec<Found>,
    /// Jobs that are neither backups nor restores, by their operation.
    pub ignored: BTreeMap<String, usize>,
}

impl Found {
    pub fn vault(&self) -> &VaultId {
        match &self.record {
            Record::Job(job) => &job.vault,
            Record::Item(item) => item.id.vault(),
        }
    }

    /// The job's; of an item its id with the time, which each further attempt moves.
    pub fn id(&self) -> String {
        match &self.record {
            Record::Job(job) => job.id.clone(),
            Record::Item(item) => format!("item:{}@{}", item.id, self.at),
        }
    }
}

/// The jobs whose end is in the window of jobs, and the unhealthy items in theirs that no job tells of.
pub fn due(listed: Vec<VaultJob>, hidden: Vec<VaultJob>, items: &[Item], windows: &Windows) -> Due {
    let jobs = merged(listed, hidden);
    let mut due = Due::default();
    let unhealthy = unhealthy_without_a_job(&jobs, items, windows);
    for (job, seen_by) in jobs {
        let Some(at) = ended(&job).filter(|at| windows.jobs.holds(*at)) else { continue };
        // One that does not say what it is may be a backup.
        if job.is_backup() || job.is_restore() || job.operation.is_empty() {
            due.found.push(Found { item: job.item.clone(), record: Record::Job(job), at, seen_by });
        } else {
            *due.ignored.entry(notice::text::outside(&job.operation, 60)).or_default() += 1;
        }
    }
    due.found.extend(unhealthy);
    due.found.sort_by_cached_key(|found| (found.at, found.vault().clone(), found.id()));
    due
}

/// Each job that ended badly once. Of two records of one job the one that tells its errors counts, with the item of the other.
fn merged(listed: Vec<VaultJob>, hidden: Vec<VaultJob>) -> Vec<(VaultJob, Vec<SeenBy>)> {
    let mut jobs: BTreeMap<(VaultId, String), (VaultJob, Vec<SeenBy>)> = BTreeMap::new();
    let listed = listed.into_iter().map(|job| (job, SeenBy::VaultList));
    let hidden = hidden.into_iter().map(|job| (job, SeenBy::ResourceGraph));
    for (job, by) in listed.chain(hidden).filter(|(job, _)| ended_badly(&job.status)) {
        match jobs.get_mut(&(job.vault.clone(), job.id.clone())) {
            Some((known, seen_by)) => {
                if !seen_by.contains(&by) {
                    seen_by.push(by);
                }
                let (item, location) =
                    (known.item.clone().or(job.item.clone()), known.location.clone().or(job.location.clone()));
                if known.errors.is_empty() && !job.errors.is_empty() {
                    *known = job;
                }
                (known.item, known.location) = (item, location);
            }
            None => {
                jobs.insert((job.vault.clone(), job.id.clone()), (job, vec![by]));
            }
        }
    }
    jobs.into_values().collect()
}

/// A state that nobody knows is not a good one.
fn ended_badly(status: &JobStatus) -> bool {
    match status {
        JobStatus::Failed | JobStatus::Cancelled | JobStatus::CompletedWithWarnings | JobStatus::Other(_) => true,
        JobStatus::InProgress | JobStatus::Cancelling | JobStatus::Paused | JobStatus::Completed => false,
    }
}

/// When a job ended. The duration of one in a state that nobody knows may still grow: its start is all that stays.
fn ended(job: &VaultJob) -> Option<Timestamp> {
    let known = !matches!(job.status, JobStatus::Other(_));
    let reckoned = || job.started?.checked_add(job.duration.filter(|_| known)?).ok();
    job.ended.or_else(reckoned).or(job.started)
}

fn unhealthy_without_a_job(jobs: &[(VaultJob, Vec<SeenBy>)], items: &[Item], windows: &Windows) -> Vec<Found> {
    let tried = |item: &Item| item.last_backup_time.or(item.last_refreshed);
    let unhealthy: BTreeMap<&ItemId, (&Item, Timestamp)> = items
        .iter()
        .filter(|item| is_unhealthy(item))
        .filter_map(|item| Some((&item.id, (item, tried(item).filter(|at| windows.items.holds(*at))?))))
        .collect();
    if unhealthy.is_empty() {
        return Vec::new();
    }
    let mut told: HashMap<ItemId, Timestamp> = HashMap::new();
    for (job, _) in jobs.iter().filter(|(job, _)| !job.kinds_of_items().is_empty() || job.item.is_some()) {
        if let (Some(item), Some(at)) = (job.item_among(items), ended(job)) {
            let newest = told.entry(item).or_insert(at);
            *newest = at.max(*newest);
        }
    }
    let is_told = |item: &Item, at: Timestamp| told.get(&item.id).is_some_and(|job| *job + SAME >= at);
    let found = unhealthy.into_values().filter(|(item, at)| !is_told(item, *at));
    found
        .map(|(item, at)| Found {
            item: Some(item.id.clone()),
            record: Record::Item(item.clone()),
            at,
            seen_by: vec![SeenBy::Item],
        })
        .collect()
}

/// In a word that nobody knows only an error tells that something is wrong: some words stand for "no backup yet".
fn is_unhealthy(item: &Item) -> bool {
    match item.last_backup {
        LastBackup::Unhealthy | LastBackup::Failed => true,
        LastBackup::Other(_) => item.last_error.is_some(),
        LastBackup::Completed | LastBackup::Healthy | LastBackup::Pending | LastBackup::Never => false,
    }
}
