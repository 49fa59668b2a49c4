//! Items of Recovery Services vaults: the jobs of a window, the items as they are now, and who did it.

use std::collections::BTreeMap;

use advice::protection::Who;
use azure::{
    Activity, ActivityOutcome, Error, Item, ItemId, ItemKind, LONGEST_JOB, Management, VaultId, VaultJob, VaultKind,
};
use change::Change;
use futures::StreamExt;
use jiff::SignedDuration;
use job::Look;
use source::{Place, Taken, TakenBy, Unprotected};
use tokio::time::Instant;

use super::{AT_ONCE, CLOCKS};
use crate::announce::Window;
use crate::protection::Looked;
use crate::protection::judged::{Now, judge};

/// How long before its job a call may stand in the activity log.
const BEFORE: SignedDuration = SignedDuration::from_hours(1);

pub(super) async fn look(place: &Place, window: Window, until: Instant) -> Looked {
    let mut looked = Looked::default();
    let jobs = match place.unprotected_since(window.after() - LONGEST_JOB, until).await {
        Ok(jobs) => jobs,
        Err(why) => {
            looked.unread(why.kind, format!("the jobs that stop protection or delete backups: {why}"));
            return looked;
        }
    };
    let due: Vec<(&Unprotected, &VaultJob)> =
        jobs.iter().filter(|one| window.holds(one.at)).filter_map(|one| Some((one, job_of(one)?))).collect();
    if due.is_empty() {
        return looked;
    }
    let items = items(place, &due, until).await;
    let began = due.iter().filter_map(|(_, job)| job.started).min().unwrap_or(window.after());
    let span = (began - BEFORE, window.until() + CLOCKS);
    let activities = place.subscription().activities(VaultKind::RecoveryServices, span, until).await;
    for (one, job) in due {
        let now = item_of(job, &items);
        let who = who((one, job), now.seen().copied(), &activities);
        looked.take(one.id(), judge(one, &Now::InVault(now), who, || one.is_deleted_later(&jobs)));
    }
    looked
}

fn job_of(one: &Unprotected) -> Option<&VaultJob> {
    match &one.by {
        TakenBy::Job(job) => Some(job),
        TakenBy::Call { .. } => None,
    }
}

type Items = BTreeMap<VaultId, BTreeMap<ItemKind, Result<Vec<Item>, Error>>>;

/// The items of the kinds that something was taken away from, as their vaults know them now: the graph may be behind.
async fn items(place: &Place, due: &[(&Unprotected, &VaultJob)], until: Instant) -> Items {
    let mut wanted: Vec<(&VaultId, ItemKind)> = due.iter().map(|(_, job)| (&job.vault, kind(job))).collect();
    wanted.sort();
    wanted.dedup();
    let reads = wanted.into_iter().map(|(vault, kind)| async move {
        let items = place.subscription().items(vault, kind, until).await;
        (vault.clone(), kind, items)
    });
    let mut all = Items::new();
    let mut answers = futures::stream::iter(reads).buffered(AT_ONCE);
    while let Some((vault, kind, items)) = answers.next().await {
        all.entry(vault).or_default().insert(kind, items);
    }
    all
}

/// In which list an item of this kind stands.
fn kind(job: &VaultJob) -> ItemKind {
    let workload = job.workload.as_deref().unwrap_or_default().to_lowercase();
    match job.management {
        Management::IaasVm => ItemKind::Vm,
        Management::Workload if workload.contains("hana") => ItemKind::Hana,
        Management::Workload => ItemKind::Sql,
        Management::Storage => ItemKind::FileShare,
        Management::Mab => ItemKind::Mars,
        Management::Dpm => ItemKind::Dpm,
        Management::BackupServer => ItemKind::BackupServer,
        Management::DataProtection | Management::Other(_) => ItemKind::All,
    }
}

fn item_of<'i>(job: &VaultJob, items: &'i Items) -> Look<&'i Item> {
    let of_vault = items.get(&job.vault).and_then(|lists| lists.get(&kind(job)));
    match of_vault {
        Some(Ok(items)) => {
            let mut fitting = items.iter().filter(|item| item.may_be_of(job));
            match (fitting.next(), fitting.next()) {
                (Some(item), None) => Look::Seen(item),
                (None, _) => Look::Missing,
                (Some(_), Some(_)) => Look::NotLooked { why: "several items have its name".to_owned() },
            }
        }
        Some(Err(why)) => Look::Unreadable { why: why.to_string() },
        None => Look::NotLooked { why: "its vault was not asked".to_owned() },
    }
}

/// The call before the job that did this to the item, as the activity log tells it. An item that its vault no longer lists, or whose list could not
/// be read, is known by the ids in the log alone.
fn who((one, job): (&Unprotected, &VaultJob), item: Option<&Item>, activities: &Result<Vec<Activity>, Error>) -> Who {
    let activities = match activities {
        Ok(activities) => activities,
        Err(why) => return Who::Unread { why: why.to_string() },
    };
    let ending = match one.taken {
        Taken::Protection => "/protecteditems/write",
        Taken::RecoveryPoints => "/protecteditems/delete",
    };
    let began = job.started.unwrap_or(one.at);
    let is_it = |call: &Activity| match item {
        Some(item) => call.resource == item.id.as_str(),
        None => ItemId::parse(&call.resource).is_some_and(|id| id.may_be_of(job)),
    };
    let calls = activities.iter().filter(|call| {
        call.outcome == ActivityOutcome::NotFailed
            && call.operation.to_lowercase().ends_with(ending)
            && (began - BEFORE..=began + CLOCKS).contains(&call.at)
            && is_it(call)
    });
    // Each call has several entries: its time is that of the first.
    let Some(last) = calls.clone().max_by_key(|call| call.at) else { return Who::Unnamed };
    if calls.clone().any(|call| call.resource != last.resource) {
        return Who::Several;
    }
    let first = calls.filter(|call| call.caller == last.caller).min_by_key(|call| call.at).unwrap_or(last);
    Who::Known(Change::of_azure(&first.id, &first.operation, first.at, &first.caller, first.from.as_deref()))
}
