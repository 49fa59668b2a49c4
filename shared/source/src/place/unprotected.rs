//! How people take protection away from items of Azure: a Recovery Services vault makes a job of it, of a Backup vault the activity log alone tells.

use std::collections::BTreeMap;
use std::sync::Arc;

use azure::{
    Activity, ActivityOutcome, Error, ErrorKind, ItemId, JobFilter, JobOperation, JobStatus, Vault, VaultId, VaultJob,
    VaultKind,
};
use futures::{StreamExt, TryStreamExt};
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::{AT_ONCE, Place};

/// The entries of one call may lie so far apart: an operation begins with one and ends with another.
const ONE_CALL: SignedDuration = SignedDuration::from_hours(1);

/// What a person took away from an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Taken {
    /// It is backed up no more, and keeps its recovery points.
    Protection,
    /// Its recovery points too.
    RecoveryPoints,
}

/// That protection was taken away from an item.
#[derive(Clone, Debug)]
pub struct Unprotected {
    pub taken: Taken,
    pub vault: VaultId,
    /// Of its vault. Empty where Azure no longer lists the vault.
    pub location: String,
    /// When its job ended, or when it was called.
    pub at: Timestamp,
    pub by: TakenBy,
}

/// What tells that protection was taken away.
#[derive(Clone, Debug)]
pub enum TakenBy {
    /// It names no item: it names what people call it, and where it is.
    Job(Box<VaultJob>),
    Call {
        item: ItemId,
        call: Box<Activity>,
    },
}

/// Calls that nobody sees, for the activity log alone tells of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnseenCalls {
    /// On what the Backup vaults of a subscription protect.
    OnInstances,
    /// On Backup vaults that a subscription had: it has none now.
    OnDeletedVaults,
}

impl UnseenCalls {
    /// In words. `of`: whose they are, with a blank before it, or nothing.
    pub fn told(self, of: &str) -> String {
        match self {
            UnseenCalls::OnInstances => {
                format!("the calls{of} that stop protection or delete backups in Backup vaults")
            }
            UnseenCalls::OnDeletedVaults => {
                format!("the calls{of} that delete a Backup vault with its backups (there is none now)")
            }
        }
    }
}

/// The same with the reason.
#[derive(Clone, Debug)]
pub struct Unseen {
    pub calls: UnseenCalls,
    pub why: Error,
}

impl Unseen {
    /// In words, with the role that is missing.
    pub fn reason(&self) -> String {
        let role = match self.why.kind {
            ErrorKind::Denied => ": Reader on the subscription allows it",
            _ => "",
        };
        format!("{}{role}", self.why)
    }
}

impl Unprotected {
    /// Of the job or the call.
    pub fn id(&self) -> &str {
        match &self.by {
            TakenBy::Job(job) => &job.id,
            TakenBy::Call { call, .. } => &call.id,
        }
    }

    /// What people call the item, as far as a job tells.
    pub fn name(&self) -> Option<String> {
        match &self.by {
            TakenBy::Job(job) => job.friendly_name(),
            TakenBy::Call { .. } => None,
        }
    }

    /// Whether another one of these took the recovery points of the same item, then or later.
    pub fn is_deleted_later(&self, all: &[Unprotected]) -> bool {
        let deleted = |other: &&Unprotected| {
            other.taken == Taken::RecoveryPoints && other.at >= self.at && other.id() != self.id()
        };
        all.iter().filter(deleted).any(|other| other.is_of_the_same(self))
    }

    fn is_of_the_same(&self, other: &Unprotected) -> bool {
        match (&self.by, &other.by) {
            (TakenBy::Job(one), TakenBy::Job(other)) => names(one) == names(other),
            (TakenBy::Call { item: one, .. }, TakenBy::Call { item: other, .. }) => one == other,
            _ => false,
        }
    }
}

/// All that a job tells of its item.
fn names(job: &VaultJob) -> impl PartialEq + '_ {
    (&job.vault, &job.management, &job.entity, &job.container, &job.server)
}

impl Place {
    /// The jobs of Recovery Services vaults that took protection away from items and began since then, the oldest first.
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn unprotected_since(&self, began: Timestamp, until: Instant) -> Result<Vec<Unprotected>, Error> {
        const ASKED: [(JobOperation, Taken); 2] =
            [(JobOperation::DisableBackup, Taken::Protection), (JobOperation::DeleteBackupData, Taken::RecoveryPoints)];
        let mut vaults = self.vaults(until).await?;
        vaults.retain(|vault| vault.id.kind() == VaultKind::RecoveryServices);
        let lists = vaults.iter().flat_map(|vault| ASKED.map(|(operation, taken)| (vault, operation, taken)));
        let reads = lists.map(|(vault, operation, taken)| async move {
            let filter = JobFilter { status: None, operation: Some(operation), started: (began, self.now) };
            let jobs = self.read_list(&vault.id, filter, until).await?;
            Ok::<_, Error>((vault.location.clone(), taken, jobs))
        });
        let read: Vec<(String, Taken, Arc<Vec<VaultJob>>)> =
            futures::stream::iter(reads).buffered(AT_ONCE).try_collect().await?;
        let is_done = |job: &&VaultJob| matches!(job.status, JobStatus::Completed | JobStatus::CompletedWithWarnings);
        let mut all: Vec<Unprotected> = Vec::new();
        for (location, taken, jobs) in &read {
            all.extend(jobs.iter().filter(is_done).filter_map(|job| {
                let (vault, by) = (job.vault.clone(), TakenBy::Job(Box::new(job.clone())));
                let at = job.ended.or(job.started)?;
                Some(Unprotected { taken: *taken, vault, location: location.clone(), at, by })
            }));
        }
        all.sort_by(|a, b| (a.at, a.id()).cmp(&(b.at, b.id())));
        Ok(all)
    }

    /// The calls since then that took protection away from instances of Backup vaults, the oldest first. Azure documents no jobs of this for them.
    /// It is one question to the activity log, which is asked where there is no such vault too: the last one may be deleted with its instances.
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn instances_unprotected_since(
        &self,
        since: Timestamp,
        until: Instant,
    ) -> Result<Vec<Unprotected>, Unseen> {
        let vaults = self.vaults(until).await;
        let vaults = vaults.map_err(|why| Unseen { calls: UnseenCalls::OnInstances, why })?;
        let has_some = vaults.iter().any(|vault: &Vault| vault.id.kind() == VaultKind::Backup);
        let of = if has_some { UnseenCalls::OnInstances } else { UnseenCalls::OnDeletedVaults };
        let unseen = |why| Unseen { calls: of, why };
        let span = (since - ONE_CALL, self.now);
        let activities = self.subscription.activities(VaultKind::Backup, span, until).await.map_err(unseen)?;
        let location = |id: &VaultId| {
            let known = vaults.iter().find(|vault| vault.id == *id).map(|vault| vault.location.clone());
            // Of one location alone, a vault that is not listed may be in another one.
            known.or_else(|| self.scope.region.is_empty().then(String::new))
        };
        let calls = calls(activities).into_iter().filter(|(.., call)| call.at > since);
        let unprotected = calls.filter_map(|(taken, item, call)| {
            let (vault, at) = (item.vault().clone(), call.at);
            Some(Unprotected {
                taken,
                location: location(&vault)?,
                vault,
                at,
                by: TakenBy::Call { item, call: Box::new(call) },
            })
        });
        let mut all: Vec<Unprotected> = unprotected.collect();
        all.sort_by(|a, b| (a.at, a.id()).cmp(&(b.at, b.id())));
        Ok(all)
    }
}

/// All entries of one call share the request, the operation, and what it is done to.
type CallOf = (Option<String>, String, ItemId);

/// The calls that take protection away from an instance, each as its first entry tells it, without those that failed in the end. A run of a tool
/// that tries again may have one request for all its tries: then it is the first entry after the last failure.
fn calls(mut activities: Vec<Activity>) -> Vec<(Taken, ItemId, Activity)> {
    activities.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    let mut calls: BTreeMap<CallOf, Option<(Taken, Activity)>> = BTreeMap::new();
    for entry in activities {
        let operation = entry.operation.to_lowercase();
        let (Some(taken), Some(item)) = (taken(&operation), ItemId::parse(&entry.resource)) else { continue };
        let call = calls.entry((entry.request.clone(), operation, item)).or_default();
        match entry.outcome {
            ActivityOutcome::Failed => *call = None,
            // After a failure it is a retry, which begins the call anew.
            ActivityOutcome::NotFailed => _ = call.get_or_insert((taken, entry)),
        }
    }
    calls.into_iter().filter_map(|((.., item), call)| call.map(|(taken, call)| (taken, item, call))).collect()
}

/// <https://learn.microsoft.com/azure/role-based-access-control/permissions/security#microsoftdataprotection>
fn taken(operation: &str) -> Option<Taken> {
    let (_, what) = operation.split_once("microsoft.dataprotection/backupvaults/backupinstances/")?;
    match what {
        "stopprotection/action" | "suspendbackups/action" => Some(Taken::Protection),
        "delete" => Some(Taken::RecoveryPoints),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INSTANCE: &str = "/subscriptions/0a000000-0000-0000-0000-000000000000/resourcegroups/rg/providers/microsoft.dataprotection/backupvaults/v/backupinstances/";

    fn entry(minute: &str, request: &str, what: &str, on: &str, outcome: ActivityOutcome) -> Activity {
        Activity {
            id: format!("{minute} {request} {on}"),
            request: Some(request.to_owned()).filter(|request| !request.is_empty()),
            operation: format!("Microsoft.DataProtection/backupVaults/backupInstances/{what}"),
            at: format!("2026-03-12T22:{minute}:00Z").parse().unwrap(),
            caller: "alex@contoso.com".to_owned(),
            from: None,
            resource: format!("{INSTANCE}{on}"),
            outcome,
        }
    }

    #[test]
    fn each_call_is_told_once_with_the_time_at_which_it_began() {
        use ActivityOutcome::{Failed, NotFailed};
        let (stop, suspend) = ("stopProtection/action", "suspendBackups/action");
        let table = [
            (
                "a call with three entries",
                vec![("03", "1", stop, NotFailed), ("01", "1", stop, NotFailed), ("02", "1", stop, NotFailed)],
                "01 1",
            ),
            ("in capital letters", vec![("01", "1", "STOPPROTECTION/ACTION", NotFailed)], "01 1"),
            ("suspended", vec![("01", "1", suspend, NotFailed)], "01 1"),
            ("deleted", vec![("01", "1", "delete", NotFailed)], "01 1"),
            ("it failed in the end", vec![("01", "1", stop, NotFailed), ("02", "1", stop, Failed)], ""),
            (
                "it failed and was tried again",
                vec![("01", "1", stop, NotFailed), ("02", "1", stop, Failed), ("03", "2", stop, NotFailed)],
                "03 2",
            ),
            (
                "it failed and was tried again within the same request",
                vec![
                    ("01", "1", "delete", NotFailed),
                    ("02", "1", "delete", Failed),
                    ("03", "1", "delete", NotFailed),
                    ("04", "1", "delete", NotFailed),
                ],
                "03 1",
            ),
            (
                "it was tried again within the same request and failed each time",
                vec![
                    ("01", "1", "delete", NotFailed),
                    ("02", "1", "delete", Failed),
                    ("03", "1", "delete", NotFailed),
                    ("04", "1", "delete", Failed),
                ],
                "",
            ),
            (
                "stopped and then deleted",
                vec![("01", "1", stop, NotFailed), ("03", "2", "delete", NotFailed)],
                "01 1, 03 2",
            ),
            ("entries that name no request", vec![("01", "", stop, NotFailed), ("02", "", stop, NotFailed)], "01 "),
            (
                "what takes nothing away",
                vec![
                    ("01", "1", "resumeProtection/action", NotFailed),
                    ("02", "2", "write", NotFailed),
                    ("03", "3", "backup/action", NotFailed),
                ],
                "",
            ),
        ];
        for (what, entries, expected) in table {
            let entries = entries
                .into_iter()
                .map(|(minute, request, call, outcome)| entry(minute, request, call, "disk-1", outcome));
            let mut told: Vec<String> = calls(entries.collect()).into_iter().map(|(.., call)| call.id).collect();
            told.sort();
            assert_eq!(told.join(", ").replace(" disk-1", ""), expected, "{what}");
        }
        // One request may be of many instances, and of what is none.
        let several = ["disk-1", "disk-2", "disk-1/recoveryPoints/1"].map(|on| entry("01", "1", stop, on, NotFailed));
        assert_eq!(calls(several.into()).len(), 2);
    }
}
