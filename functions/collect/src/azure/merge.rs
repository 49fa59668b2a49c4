//! What of all that was read is to be told by this tick. Pure.
//!
//! A job may be in the list of its vault, in the resource graph, or in both; of a scheduled backup of a database there may be no job at all, and
//! its item alone says that it failed.

use std::collections::{BTreeMap, HashMap};

use azure::{Item, ItemId, JobStatus, LastBackup, VaultId, VaultJob};
use jiff::{SignedDuration, Timestamp};

use crate::ready::SeenBy;
use crate::window::Windows;

/// What the times of an item and of its job may differ by: the clocks of two services.
const SAME_JOB: SignedDuration = SignedDuration::from_mins(5);

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
    let unhealthy: BTreeMap<&ItemId, (&Item, Timestamp)> = items
        .iter()
        .filter(|item| is_unhealthy(item))
        .filter_map(|item| Some((&item.id, (item, item.last_tried().filter(|at| windows.items.holds(*at))?))))
        .collect();
    if unhealthy.is_empty() {
        return Vec::new();
    }
    let mut told: HashMap<ItemId, Timestamp> = HashMap::new();
    for (job, _) in jobs {
        let of_list = || Some(Item::of_job(job, items)?.id.clone());
        if let (Some(item), Some(at)) = (job.item.clone().or_else(of_list), ended(job)) {
            let newest = told.entry(item).or_insert(at);
            *newest = at.max(*newest);
        }
    }
    let is_told = |item: &Item, at: Timestamp| told.get(&item.id).is_some_and(|job| *job + SAME_JOB >= at);
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const VAULT: &str = "/subscriptions/0a000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.RecoveryServices/vaults/v";

    /// The tick of 02:00, every ten minutes: jobs that ended after 01:35, up to 01:45; items that were tried after 01:50, up to 02:00.
    fn windows() -> Windows {
        Windows::of("2026-03-13T02:00:00Z".parse().unwrap(), SignedDuration::from_mins(10))
    }

    fn job(name: &str, properties: Value) -> VaultJob {
        VaultJob::read(json!({"id": format!("{VAULT}/backupJobs/{name}"), "properties": properties})).unwrap()
    }

    fn item(status: &str, at: &str, error: Value) -> Item {
        let id = format!("{VAULT}/backupFabrics/Azure/protectionContainers/C;x/protectedItems/SQLDataBase;i;orders");
        let is = json!({"backupManagementType": "AzureWorkload", "friendlyName": "orders", "lastBackupStatus": status, "lastBackupTime": at, "lastBackupErrorDetail": error});
        Item::read(json!({"id": id, "properties": is})).unwrap()
    }

    fn ids(due: &Due) -> Vec<String> {
        due.found.iter().map(Found::id).collect()
    }

    #[test]
    fn a_job_is_due_by_its_end_and_where_none_is_told_by_what_is() {
        let start = "2026-03-13T01:40:00Z";
        for (properties, is_due) in [
            (
                json!({"status": "Failed", "operation": "Backup", "startTime": "2026-03-12T01:00:00Z", "endTime": start}),
                true,
            ),
            (json!({"status": "Failed", "operation": "Backup", "endTime": "2026-03-13T01:35:00Z"}), false),
            (json!({"status": "Failed", "operation": "Backup", "endTime": "2026-03-13T01:45:00Z"}), true),
            (
                json!({"status": "Failed", "operation": "Backup", "startTime": "2026-03-13T01:00:00Z", "duration": "00:40:00"}),
                true,
            ),
            (json!({"status": "Failed", "operation": "Backup", "startTime": start}), true),
            // It may still run, and its duration grow.
            (json!({"status": "Odd", "operation": "Backup", "startTime": start, "duration": "00:40:00"}), true),
            (json!({"status": "Failed", "operation": "Backup"}), false),
            (json!({"status": "Failed", "operation": "backup (log)", "endTime": start}), true),
            (json!({"status": "Failed", "operation": "Restore", "endTime": start}), true),
            (json!({"status": "Failed", "endTime": start}), true),
            (json!({"status": "Failed", "operation": "Undelete", "endTime": start}), false),
            (json!({"status": "Odd", "operation": "Backup", "endTime": start}), true),
            (json!({"operation": "Backup", "endTime": start}), true),
            (json!({"status": "Paused", "operation": "Backup", "endTime": start}), false),
            (json!({"status": "InProgress", "operation": "Backup", "startTime": start}), false),
            (json!({"status": "Completed", "operation": "Backup", "endTime": start}), false),
        ] {
            let due = due(vec![job("1", properties.clone())], Vec::new(), &[], &windows());
            assert_eq!(due.found.len(), usize::from(is_due), "{properties}");
        }
    }

    #[test]
    fn of_two_records_the_one_with_errors_counts_and_the_item_of_either() {
        let of = |errors: bool, item: bool| {
            let errors = if errors { json!([{"errorTitle": "X"}]) } else { Value::Null };
            let item = if item {
                json!(format!("{VAULT}/backupFabrics/a/protectionContainers/b/protectedItems/c"))
            } else {
                Value::Null
            };
            json!({"status": "Failed", "operation": "Backup", "endTime": "2026-03-13T01:40:00Z", "errorDetails": errors, "backupInstanceId": item})
        };
        for (listed, hidden) in
            [((true, false), (false, true)), ((false, false), (true, true)), ((false, true), (true, false))]
        {
            let due =
                due(vec![job("J", of(listed.0, listed.1))], vec![job("j", of(hidden.0, hidden.1))], &[], &windows());
            let [found] = due.found.as_slice() else { panic!("one job: {due:?}") };
            assert_eq!(found.seen_by, [SeenBy::VaultList, SeenBy::ResourceGraph]);
            assert!(found.item.is_some());
            assert!(matches!(&found.record, Record::Job(job) if job.errors.len() == 1));
        }
    }

    #[test]
    fn an_item_is_due_when_it_is_unhealthy_and_no_job_tells_it() {
        let tried = "2026-03-13T01:55:00Z";
        let error = json!({"code": "UserErrorX", "message": "Words."});
        for (status, at, detail, is_due) in [
            ("Unhealthy", tried, Value::Null, true),
            ("Unhealthy", "2026-03-13T01:50:00Z", error.clone(), false),
            ("Unhealthy", "2026-03-13T02:00:00Z", error.clone(), true),
            ("Unhealthy", "2001-01-01T00:00:00Z", error.clone(), false),
            ("Failed", tried, Value::Null, true),
            ("Odd", tried, error.clone(), true),
            ("Odd", tried, Value::Null, false),
            ("Healthy", tried, error, false),
            ("IRPending", tried, Value::Null, false),
        ] {
            let due = due(Vec::new(), Vec::new(), &[item(status, at, detail)], &windows());
            assert_eq!(due.found.len(), usize::from(is_due), "{status} {at}");
        }
        let unhealthy = item("Unhealthy", tried, Value::Null);
        let id = format!("item:{}@{tried}", unhealthy.id);
        for (ended, told) in
            [("2026-03-13T01:50:00Z", true), ("2026-03-13T01:49:59Z", false), ("2026-03-13T01:58:00Z", true)]
        {
            let is = json!({"backupManagementType": "AzureWorkload", "status": "Failed", "operation": "Backup (Full)", "endTime": ended, "entityFriendlyName": "orders"});
            let due = due(vec![job("1", is)], Vec::new(), std::slice::from_ref(&unhealthy), &windows());
            assert_eq!(ids(&due), if told { vec![] } else { vec![id.clone()] }, "{ended}");
        }
    }
}
