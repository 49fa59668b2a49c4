//! What people took away from items of Azure: the jobs of a window, the items as they are now, and who did it.

use std::collections::BTreeMap;

use advice::protection::Who;
use azure::{Activity, ActivityOutcome, Error, Item, ItemId, ItemKind, LONGEST_JOB, Management, VaultId};
use change::Change;
use futures::StreamExt;
use jiff::SignedDuration;
use job::Look;
use source::{Place, Taken, Unprotected};
use tokio::time::Instant;

use super::Looked;
use super::judged::{Judged, judge};
use crate::announce::Window;

/// Lists of items that are read side by side.
const AT_ONCE: usize = 4;
/// How long before its job a call may stand in the activity log, and by how much the clocks of two services may differ.
const BEFORE: SignedDuration = SignedDuration::from_hours(1);
const CLOCKS: SignedDuration = SignedDuration::from_mins(5);

/// Where nothing was taken away only the lists of jobs are read.
pub(super) async fn look(place: &Place, window: Window, until: Instant) -> Looked {
    let mut looked = Looked::default();
    let jobs = match place.unprotected_since(window.after() - LONGEST_JOB, until).await {
        Ok(jobs) => jobs,
        Err(why) => {
            looked.unread(&why);
            return looked;
        }
    };
    let due: Vec<&Unprotected> = jobs.iter().filter(|job| window.holds(job.ended)).collect();
    if due.is_empty() {
        return looked;
    }
    let items = items(place, &due, until).await;
    let began = due.iter().filter_map(|one| one.job.started).min().unwrap_or(window.after());
    let activities = place.subscription().activities((began - BEFORE, window.until() + CLOCKS), until).await;
    for one in due {
        let now = item_of(one, &items);
        let deleted_later = || {
            let later = jobs.iter().filter(|job| job.taken == Taken::RecoveryPoints && job.ended >= one.ended);
            later.filter(|job| job.job.id != one.job.id).any(|job| same_item(job, one))
        };
        let who = who(one, now.seen().copied(), &activities);
        match judge(one, &now, who, deleted_later) {
            Judged::Lost(lost) => looked.lost.push(*lost),
            Judged::Harmless { why } => looked.harmless.push((one.job.id.clone(), why)),
        }
    }
    looked
}

impl Looked {
    /// What may be read by another try has to be: no later tick has this window.
    fn unread(&mut self, why: &Error) {
        match why.kind.passes() {
            true => self.missed = Some(why.to_string()),
            false => self.denied = Some(why.to_string()),
        }
    }
}

type Items = BTreeMap<VaultId, BTreeMap<ItemKind, Result<Vec<Item>, Error>>>;

/// The items of the kinds that something was taken away from, as their vaults know them now: the graph may be behind.
async fn items(place: &Place, due: &[&Unprotected], until: Instant) -> Items {
    let mut wanted: Vec<(&VaultId, ItemKind)> = due.iter().map(|one| (&one.job.vault, kind(one))).collect();
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
fn kind(one: &Unprotected) -> ItemKind {
    let workload = one.job.workload.as_deref().unwrap_or_default().to_lowercase();
    match one.job.management {
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

fn item_of<'i>(one: &Unprotected, items: &'i Items) -> Look<&'i Item> {
    let of_vault = items.get(&one.job.vault).and_then(|lists| lists.get(&kind(one)));
    match of_vault {
        Some(Ok(items)) => {
            let mut fitting = items.iter().filter(|item| item.may_be_of(&one.job));
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

/// Jobs do not name their items: they name what people call them, and where they are.
fn same_item(one: &Unprotected, other: &Unprotected) -> bool {
    let name = |of: &Unprotected| {
        let job = &of.job;
        (job.vault.clone(), job.management.clone(), job.entity.clone(), job.container.clone(), job.server.clone())
    };
    name(one) == name(other)
}

/// The call before the job that did this to the item, as the activity log tells it. An item that its vault no longer lists, or whose list could not
/// be read, is known by the ids in the log alone.
fn who(one: &Unprotected, item: Option<&Item>, activities: &Result<Vec<Activity>, Error>) -> Who {
    let activities = match activities {
        Ok(activities) => activities,
        Err(why) => return Who::Unread { why: why.to_string() },
    };
    let ending = match one.taken {
        Taken::Protection => "/protecteditems/write",
        Taken::RecoveryPoints => "/protecteditems/delete",
    };
    let began = one.job.started.unwrap_or(one.ended);
    let is_it = |call: &Activity| match item {
        Some(item) => call.resource == item.id.as_str(),
        None => ItemId::parse(&call.resource).is_some_and(|id| id.may_be_of(&one.job)),
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
