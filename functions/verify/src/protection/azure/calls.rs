//! Instances of Backup vaults: the calls of a window, and the instances as they are now.

use std::collections::BTreeMap;

use advice::protection::Who;
use azure::{Activity, Error, ErrorKind, Item, ItemId, ItemKind, VaultId};
use change::Change;
use futures::StreamExt;
use job::Look;
use source::{Place, TakenBy, Unprotected};
use tokio::time::Instant;

use super::AT_ONCE;
use crate::announce::Window;
use crate::protection::Looked;
use crate::protection::judged::{Now, judge};

pub(super) async fn look(place: &Place, window: Window, until: Instant) -> Looked {
    let mut looked = Looked::default();
    let calls = match place.instances_unprotected_since(window.after(), until).await {
        Ok(calls) => calls,
        Err(unseen) => {
            looked.unread(unseen.why.kind, format!("{}: {}", unseen.calls.told(""), unseen.reason()));
            return looked;
        }
    };
    let due = || calls.iter().filter(|one| window.holds(one.at));
    let vaults = vaults(place, due(), until).await;
    for one in due() {
        let TakenBy::Call { item, call } = &one.by else { continue };
        let Some(now) = vaults.get(&one.vault).map(|instances| instances.now(item)) else { continue };
        looked.take(one.id(), judge(one, &now, who(call), || one.is_deleted_later(&calls)));
    }
    looked
}

/// The instances of a vault, and those that it keeps of the deleted ones.
struct Instances {
    live: Result<Vec<Item>, Error>,
    deleted: Result<Vec<Item>, Error>,
}

impl Instances {
    fn now(&self, id: &ItemId) -> Now<'_> {
        let mut known = self.live.iter().chain(&self.deleted).flatten();
        Now::InVault(match (known.find(|item| item.id == *id), &self.live, &self.deleted) {
            (Some(item), ..) => Look::Seen(item),
            (None, Err(why), _) if why.kind == ErrorKind::Missing => return Now::VaultGone,
            (None, Err(why), _) | (None, _, Err(why)) => Look::Unreadable { why: why.to_string() },
            (None, Ok(_), Ok(_)) => Look::Missing,
        })
    }
}

/// The vaults from which something was taken away, as they know their instances now: the graph may be behind.
async fn vaults<'a>(
    place: &Place,
    due: impl Iterator<Item = &'a Unprotected>,
    until: Instant,
) -> BTreeMap<&'a VaultId, Instances> {
    let mut wanted: Vec<&VaultId> = due.map(|one| &one.vault).collect();
    wanted.sort();
    wanted.dedup();
    let reads = wanted.into_iter().map(|vault| async move {
        let subscription = place.subscription();
        let (live, deleted) = futures::join!(
            subscription.items(vault, ItemKind::All, until),
            subscription.deleted_instances(vault, until)
        );
        (vault, Instances { live, deleted })
    });
    futures::stream::iter(reads).buffered(AT_ONCE).collect().await
}

fn who(call: &Activity) -> Who {
    Who::Known(Change::of_azure(&call.id, &call.operation, call.at, &call.caller, call.from.as_deref()))
}
