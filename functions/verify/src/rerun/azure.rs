//! One backup on demand of an item of Azure, or why there is none. Pure.

use azure::{BackupType, Item, Protection, Request};
use jiff::{SignedDuration, Timestamp};
use job::{Job, OnDemandBy};
use promise::CoveringRule;
use source::policy::{interval, interval_of_part};

use super::means::{AzureOrder, OnDemand};
use super::{BackedUp, Unfit};

/// The order that proves the fix of a failure: what failed, as the item is today. `alike` are the failures of its cause.
///
/// # Errors
/// Why there is no such order.
pub fn order(failure: &Job, alike: &[&Job], on_demand: &OnDemand, starts_at: Timestamp) -> Result<AzureOrder, Unfit> {
    let kind = Kind::of(failure)?;
    let item = item_of(failure, on_demand)?;
    match item.protection {
        _ if item.soft_deleted => return Err(Unfit::SoftDeleted),
        Protection::SoftDeleted => return Err(Unfit::SoftDeleted),
        Protection::Stopped | Protection::Paused | Protection::Suspended => return Err(Unfit::Stopped),
        Protection::Protected | Protection::FirstBackupPending | Protection::Error | Protection::Other(_) => {}
    }
    let keep_until = starts_at + SignedDuration::from_hours(24 * on_demand.retention_days);
    let request = match kind {
        Kind::Machine => Request::Vm { keep_until },
        Kind::Share => Request::FileShare { keep_until },
        Kind::Database => {
            Request::Database { kind: backup_type(failure, alike, policy_parts(item, on_demand)), keep_until }
        }
    };
    Ok(AzureOrder { item: item.id.clone(), request })
}

/// What a backup on demand can be made of. The API has a request for these and for no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Machine,
    Database,
    Share,
}

impl Kind {
    fn of(failure: &Job) -> Result<Self, Unfit> {
        match (failure.on_demand_by(), failure.base_type()) {
            (OnDemandBy::Agent(agent), _) => Err(Unfit::OnServer { agent }),
            (OnDemandBy::Person, _) => Err(Unfit::InBackupVault),
            (OnDemandBy::Call, "AzureIaasVM") => Ok(Kind::Machine),
            (OnDemandBy::Call, name) if name.starts_with("AzureWorkload") => Ok(Kind::Database),
            (OnDemandBy::Call, _) => Ok(Kind::Share),
        }
    }
}

fn item_of<'a>(failure: &Job, on_demand: &'a OnDemand) -> Result<&'a Item, Unfit> {
    let id = failure.azure.as_ref().and_then(|record| record.item.as_deref()).ok_or(Unfit::Ambiguous)?;
    match &on_demand.items {
        Ok(_) => on_demand.item(id).ok_or_else(|| Unfit::ItemGone { item: notice::text::outside(id, 300) }),
        Err(why) => Err(Unfit::Unread { why: why.clone() }),
    }
}

/// Whether it was ever backed up, as its item tells.
pub fn backed_up(failure: &Job, on_demand: &OnDemand) -> BackedUp {
    match item_of(failure, on_demand) {
        Ok(item) if item.last_good().is_some() => BackedUp::Before,
        Ok(_) => BackedUp::Never,
        Err(_) => BackedUp::Unknown,
    }
}

/// When the schedule makes a backup of the type that the order asks for, by its interval and its last run. A policy tells local times in a
/// zone of Windows, so that only the interval is certain. `None` where nothing tells it.
pub fn next_run(order: &AzureOrder, on_demand: &OnDemand, jobs: &[&Job], after: Timestamp) -> Option<Timestamp> {
    let item = on_demand.item(order.item.as_str())?;
    let schedules = &on_demand.policy(item.policy.as_deref()?)?.schedules;
    let (every, of_type): (_, Option<BackupType>) = match &order.request {
        Request::Database { kind, .. } => (interval_of_part(schedules, kind.as_str())?, Some(*kind)),
        Request::Vm { .. } | Request::FileShare { .. } | Request::Instance { .. } => (interval(schedules)?, None),
    };
    let same_type = |job: &&&Job| of_type.is_none_or(|kind| type_of(job).is_none_or(|word| is(word, kind)));
    let last =
        jobs.iter().filter(|job| job.origin.is_scheduled()).filter(same_type).filter_map(|job| job.created).max()?;
    promise::next_run([CoveringRule::of_policy(every)?.counted_from(Some(last))], after)
}

/// Whether a failure says that the chain of log backups is broken: only a full backup begins a new one.
pub(crate) fn is_log_chain(failure: &Job) -> bool {
    let letters: String =
        failure.message.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    failure.base_type().starts_with("AzureWorkload")
        && ["logchain", "lsnvalidation", "fullbackupmissing", "fullbackupismissing"]
            .iter()
            .any(|words| letters.contains(words))
}

/// Whether this good job could prove a broken log chain whole: a full backup, or the item itself, which Azure calls healthy again. A full
/// backup that is a copy begins no chain.
pub(crate) fn is_full(job: &Job) -> bool {
    type_of(job).is_none_or(|word| is(word, BackupType::Full))
}

/// A type that no record tells is that of a log backup: of scheduled ones, only these leave no job.
fn backup_type(failure: &Job, alike: &[&Job], parts: Vec<&str>) -> BackupType {
    let of_resource = |job: &&&Job| job.resource_arn == failure.resource_arn;
    if alike.iter().filter(of_resource).any(|job| is_log_chain(job)) {
        return BackupType::Full;
    }
    const TYPES: [BackupType; 4] =
        [BackupType::Full, BackupType::Differential, BackupType::Log, BackupType::Incremental];
    match type_of(failure) {
        Some(word) => TYPES.into_iter().find(|kind| is(word, *kind)).unwrap_or(BackupType::Full),
        None if parts.iter().any(|part| is(part, BackupType::Log)) => BackupType::Log,
        None => BackupType::Full,
    }
}

fn policy_parts<'a>(item: &Item, on_demand: &'a OnDemand) -> Vec<&'a str> {
    let policy = item.policy.as_deref().and_then(|id| on_demand.policy(id));
    policy.into_iter().flat_map(|policy| &policy.schedules).filter_map(|schedule| schedule.part.as_deref()).collect()
}

fn type_of(job: &Job) -> Option<&str> {
    job.azure.as_ref()?.backup_type()
}

fn is(word: &str, kind: BackupType) -> bool {
    word.eq_ignore_ascii_case(kind.as_str())
}

#[cfg(test)]
#[path = "azure_tests.rs"]
mod tests;
