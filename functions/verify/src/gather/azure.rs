//! What verify reads of Azure: good jobs by vault, and of the resources that may be rerun what their items and recovery points tell.

use std::collections::{BTreeMap, BTreeSet};

use ::azure::{Item, TaskStatus, VaultId, VaultJob};
use ::cause::stuck::{Habits, Step};
use futures::StreamExt;
use futures::future::join;
use jiff::{SignedDuration, Timestamp};
use job::{Job, JobKind, JobState};
use source::{JobQuery, Place, without_repeats};
use tokio::time::Instant;

use super::{AT_ONCE, HABITS, Habitual, Looking, in_order, newest, of_resources, restores};
use crate::ledger::{Cause, Ledger};
use crate::rerun::{Looks, OnDemand, worth_a_look};

/// Resources of a cause that are looked at. Causes of Azure are mostly mended one resource at a time.
const CANDIDATES: usize = 20;
/// The good jobs of this much time before a cause began tell which resource is quick: most run once a day.
const DAY: SignedDuration = SignedDuration::from_hours(25);

/// The times of a vault's causes.
#[derive(Clone, Copy, Debug)]
struct Times {
    /// When the first of their failures began.
    began: Timestamp,
    /// When the earliest of their last failures ended: what began before it proves none of them.
    last: Timestamp,
}

/// The good jobs of a vault: before its causes began, and since they last failed.
#[derive(Debug)]
struct Good {
    before: Vec<Job>,
    since: Vec<Job>,
}

pub(super) async fn looks(place: &Place, causes: &[&Cause], looking: Looking<'_>) -> Vec<Result<Looks, String>> {
    let reads = times(causes).into_iter().map(|(vault, times)| async move {
        let good = good_jobs(place, vault, times, looking.until).await;
        (vault, good)
    });
    let vaults: BTreeMap<&str, Result<Good, String>> =
        futures::stream::iter(reads).buffered(AT_ONCE).collect::<Vec<_>>().await.into_iter().collect();
    let looks = causes.iter().map(|cause| of_cause(place, cause, &vaults, looking));
    futures::stream::iter(looks).buffered(AT_ONCE).collect().await
}

fn times<'a>(causes: &[&'a Cause]) -> BTreeMap<&'a str, Times> {
    let mut vaults: BTreeMap<&str, Times> = BTreeMap::new();
    for cause in causes.iter().filter(|cause| cause.kind() != JobKind::Restore) {
        let began = cause.jobs().filter_map(|job| job.created).min();
        let last = cause.jobs().filter_map(|job| job.ended).max();
        let (Some(began), Some(last)) = (began, last) else { continue };
        for vault in cause.jobs().filter_map(Job::vault_arn) {
            let times = vaults.entry(vault).or_insert(Times { began, last });
            *times = Times { began: times.began.max(began), last: times.last.min(last) };
        }
    }
    vaults
}

async fn good_jobs(place: &Place, vault: &str, times: Times, until: Instant) -> Result<Good, String> {
    let since = place.completed_since(vault, times.last, until);
    let before = place.completed(vault, (times.began - DAY, times.began), until);
    let (since, before) = join(since, before).await;
    let told = |why: ::azure::Error| why.to_string();
    Ok(Good { since: since.map_err(told)?, before: before.map_err(told)? })
}

async fn of_cause(
    place: &Place,
    cause: &Cause,
    vaults: &BTreeMap<&str, Result<Good, String>>,
    Looking { ledger, restores, owners, until, .. }: Looking<'_>,
) -> Result<Looks, String> {
    let restored = restores::of_cause(cause, restores)?;
    if cause.kind() == JobKind::Restore {
        return Ok(Looks { completions: restored, ..Looks::default() });
    }
    let held_back = cause.resources();
    let own: BTreeSet<&str> = cause.jobs().filter_map(Job::vault_arn).collect();
    let (mut before, mut since) = (Vec::new(), Vec::new());
    for vault in own {
        let Some(good) = vaults.get(vault) else { continue };
        let good = good.as_ref().map_err(Clone::clone)?;
        before.extend(of_resources(&held_back, &good.before));
        since.extend(of_resources(&held_back, &good.since));
    }
    let recent: Vec<Job> = before.iter().chain(&since).cloned().collect();
    let resources = worth_a_look(cause, ledger, &recent, owners, CANDIDATES);
    let looked_at = |job: &Job| resources.contains(&job.resource_arn);
    let mut completions = since;
    completions.extend(before.into_iter().filter(looked_at));
    let reads = resources.iter().map(|resource| async move {
        let query = JobQuery {
            state: Some(JobState::Completed),
            resource_arn: Some(resource),
            ..JobQuery::of(JobKind::Backup)
        };
        place.jobs(&query, until).await.map_err(|why| why.to_string())
    });
    for told in futures::stream::iter(reads).buffered(AT_ONCE).collect::<Vec<_>>().await {
        completions.extend(without_repeats(told?, &recent));
    }
    completions.retain(|job| job.kind != JobKind::Restore);
    Ok(Looks { completions: in_order(completions, restored), recent, resources })
}

/// What backups on demand are made of.
pub async fn on_demand(place: &Place, retention_days: i64, until: Instant) -> OnDemand {
    let (items, policies) = join(place.all_items(until), place.policies(until)).await;
    OnDemand {
        retention_days,
        items: items.map(|items| items.to_vec()).map_err(|why| why.to_string()),
        policies: policies.map(|policies| policies.to_vec()).map_err(|why| why.to_string()),
    }
}

/// Learns in which step the jobs are that run for longer than `patience`: that decides how long they may take.
pub(super) async fn habits(
    place: &Place,
    ledger: &Ledger,
    patience: SignedDuration,
    now: Timestamp,
    until: Instant,
) -> Habitual {
    let is_slow = |job: &&Job| job.created.is_some_and(|begun| begun + patience <= now);
    let slow = ledger.in_flight().iter().filter(is_slow);
    let (slow, left_out) = newest(slow, &format!("only {HABITS} were looked up"));
    let mut habitual = Habitual { habits: Habits::new(patience), unread: BTreeSet::new(), left_out };
    let items = place.all_items(until).await;
    let reads = slow.iter().map(|job| async move {
        let vault = job.vault_arn().and_then(VaultId::parse);
        match vault {
            Some(vault) => place.subscription().job(&vault, &job.id, until).await,
            None => Ok(None),
        }
    });
    let answers = futures::stream::iter(reads).buffered(AT_ONCE).collect::<Vec<_>>().await;
    for (job, answer) in slow.iter().zip(answers) {
        match answer {
            Ok(record) => {
                let item = items.as_ref().ok().and_then(|items| item_of(job, items));
                habitual.habits.is_in(&job.id, step(job, record.as_ref(), item));
            }
            Err(why) => {
                habitual.unread.insert(format!("what a job that runs for long does: {why}"));
            }
        }
    }
    habitual
}

fn item_of<'a>(job: &Job, items: &'a [Item]) -> Option<&'a Item> {
    let id = job.azure.as_ref()?.item.as_deref()?;
    items.iter().find(|item| item.id.as_str() == id)
}

/// What a job is at. Azure names its steps in words, of machines alone.
fn step(job: &Job, record: Option<&VaultJob>, item: Option<&Item>) -> Step {
    if job.kind == JobKind::Restore {
        return Step::Restore;
    }
    if item.is_some_and(|item| item.last_good().is_none()) {
        return Step::FirstBackup;
    }
    let tasks = record.map(|record| record.tasks.as_slice()).unwrap_or_default();
    let snapshot = tasks.iter().find(|task| task.name.to_ascii_lowercase().contains("snapshot"));
    match snapshot {
        Some(task) if task.status != TaskStatus::Completed => Step::Snapshot,
        Some(_) => Step::Transfer,
        None => Step::Untold,
    }
}
