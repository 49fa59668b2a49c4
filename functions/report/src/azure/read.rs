//! From the record of an item to what is watched of it.

use std::collections::BTreeMap;

use azure::{Item, LastBackup, Management, Policy, Protection, Schedule};
use jiff::Timestamp;
use job::{Job, JobKind, JobState};
use promise::{PolicySays, Standing};
use source::{TakenBy, Unprotected};

use super::{Full, LastStatus, Lost, PointsTell, Watched};

/// What is read beside the items of a subscription.
#[derive(Clone, Copy, Debug)]
pub struct Beside<'a> {
    /// `None`: the list could not be read.
    pub policies: Option<&'a [Policy]>,
    /// By the ids of items: since when they are protected.
    pub protected_since: &'a BTreeMap<String, Timestamp>,
    /// By the ids of items: their last full backup.
    pub full: &'a BTreeMap<String, Timestamp>,
}

/// What is watched of an item in this location.
pub fn watched(item: &Item, location: &str, beside: Beside<'_>) -> Watched {
    let policy = item.policy.as_ref().and_then(|id| beside.policies?.iter().find(|policy| policy.id == *id));
    let id = item.id.as_str();
    let (standing, stopped) = standing(&item.protection);
    let said = item.last_error.clone().or_else(|| item.operation_notes.first().cloned());
    let last_status = match item.last_backup {
        LastBackup::Failed | LastBackup::Unhealthy => LastStatus::Badly { at: item.last_backup_time },
        _ => LastStatus::Well,
    };
    Watched {
        id: id.to_owned(),
        vault: item.id.vault().as_str().to_owned(),
        subscription: item.id.vault().subscription().as_str().to_owned(),
        location: location.to_owned(),
        resource: item.resource(),
        name: item.label(),
        resource_type: item.resource_type(),
        policy: policy_says(item, policy, beside.policies),
        policy_name: policy.map(|policy| policy.name.clone()).or_else(|| item.policy_name.clone()),
        standing,
        stopped,
        last_point: item.last_good(),
        said: said.filter(|_| last_status != LastStatus::Well),
        last_status,
        health: item.health.clone(),
        health_notes: item.health_notes.clone(),
        protected_since: beside.protected_since.get(id).copied(),
        last_heard: item.last_refreshed,
        deleted_for_good: item.deleted_for_good,
        full: match (policy.is_some_and(has_logs), beside.full.get(id)) {
            (false, _) => Full::NotAsked,
            (true, Some(at)) => Full::Seen(*at),
            (true, None) => Full::NotSeen,
        },
        points: match item.management {
            Management::IaasVm | Management::Storage | Management::DataProtection => PointsTell::All,
            Management::Workload => PointsTell::Some,
            Management::Mab | Management::Dpm | Management::BackupServer | Management::Other(_) => PointsTell::Nothing,
        },
    }
}

/// What was taken away from an item, which is one of these.
pub fn lost(one: &Unprotected, items: &[Item]) -> Lost {
    let (item, told_by, unnamed) = match &one.by {
        TakenBy::Job(job) => {
            (Item::of_job(job, items), format!("job {}", job.id), "an item that the job does not name")
        }
        TakenBy::Call { item: id, call } => {
            (items.iter().find(|item| item.id == *id), format!("by {}", call.caller), id.name())
        }
    };
    let name = one.name().or_else(|| item.and_then(Item::label));
    Lost {
        taken: one.taken,
        at: one.at,
        told_by,
        item: item.map(|item| item.id.as_str().to_owned()),
        name: name.unwrap_or_else(|| unnamed.to_owned()),
        vault: one.vault.as_str().to_owned(),
    }
}

/// When the last full backup of each item began, by the ids of items.
pub fn full_backups(jobs: &[Job]) -> BTreeMap<String, Timestamp> {
    let mut full = BTreeMap::new();
    for job in jobs.iter().filter(|job| job.kind == JobKind::Backup && job.state == JobState::Completed) {
        let record = job.azure.as_ref();
        let is_full = record.and_then(|record| record.backup_type()).is_some_and(|of| of.eq_ignore_ascii_case("full"));
        if let (true, Some(item), Some(at)) = (is_full, record.and_then(|record| record.item.clone()), job.created) {
            let last = full.entry(item).or_insert(at);
            *last = at.max(*last);
        }
    }
    full
}

/// Whether an item waits for its first backup.
pub fn is_pending(item: &Item) -> bool {
    item.last_good().is_none() && !item.soft_deleted
}

fn policy_says(item: &Item, policy: Option<&Policy>, policies: Option<&[Policy]>) -> PolicySays {
    if let Some(every) = item.every {
        return PolicySays::Every(every);
    }
    let by_schedule = |policy: &Policy| match source::policy::interval(&policy.schedules) {
        Some(interval) => PolicySays::Every(interval),
        None => PolicySays::Unreadable,
    };
    match (&item.management, &item.policy, policy) {
        (_, _, Some(policy)) => by_schedule(policy),
        (Management::Dpm | Management::BackupServer, ..) => PolicySays::OnServer,
        (_, None, None) => PolicySays::NoPolicy,
        (_, Some(_), None) if policies.is_some() => PolicySays::Unreadable,
        (_, Some(_), None) => PolicySays::NotRead,
    }
}

fn has_logs(policy: &Policy) -> bool {
    let is_log = |schedule: &Schedule| schedule.part.as_deref().is_some_and(|part| part.eq_ignore_ascii_case("log"));
    policy.schedules.iter().any(is_log)
}

fn standing(protection: &Protection) -> (Standing, Option<&'static str>) {
    match protection {
        Protection::Protected | Protection::FirstBackupPending => (Standing::Active, None),
        // Items of some kinds do not tell it at all.
        Protection::Other(word) if word.is_empty() => (Standing::Active, None),
        Protection::Error => (Standing::InError, None),
        Protection::Stopped => (Standing::Stopped, Some("stopped")),
        Protection::Paused => (Standing::Stopped, Some("paused")),
        Protection::Suspended => (Standing::Stopped, Some("suspended")),
        Protection::SoftDeleted => (Standing::SoftDeleted, None),
        Protection::Other(_) => (Standing::NotKnown, None),
    }
}
