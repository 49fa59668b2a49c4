//! Azure, which sends no events of its backup jobs.
//!
//! Read in this order: [`gather`] and [`complete`] (the reading), [`merge`] (which of it is to be told), [`event`] (what is said of it), [`gap`] (what
//! could not be read), [`check`] (whether the way there is open).

pub mod check;
pub mod complete;
pub mod event;
pub mod gap;
pub mod gather;
pub mod merge;

use std::collections::BTreeMap;

use azure::{Error, ItemId, Tenant};
use job::Cloud;
use lambda::record::LONG;
use notice::text;
use serde::Serialize;
use tokio::time::Instant;

use crate::ready::{JobCollected, Ready, SeenBy};
use crate::window::Windows;

use gap::Gap;
use gather::{Gathered, Persistence};
use merge::{Found, Record};

/// What a tick brings in of Azure.
#[derive(Debug)]
pub struct Brought {
    pub ready: Vec<Ready>,
    pub sources: Sources,
    pub vaults: usize,
    /// Jobs that are neither backups nor restores, by their operation.
    pub ignored: BTreeMap<String, usize>,
    pub gaps: Vec<Gap>,
}

/// What told of the jobs of Azure in this tick. One job may be told by two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sources {
    pub vault_lists: usize,
    pub resource_graph: usize,
    pub items: usize,
}

/// # Errors
/// If Azure does not let us in. Any other list that cannot be read is a gap.
pub async fn bring(tenant: &Tenant, windows: &Windows, until: Instant) -> Result<Brought, Error> {
    Persistence::Waits.ask(until, async || tenant.sign_in(until).await).await?;
    let Gathered { vaults, listed, hidden, items, mut gaps } = gather::gather(tenant, windows, until).await;
    let mut due = merge::due(listed, hidden, &items, windows);
    gaps.extend(complete::complete(tenant, &mut due.found, items, until).await);
    let location =
        |found: &Found| vaults.iter().find(|vault| vault.id == *found.vault()).map(|vault| vault.location.as_str());
    let ready =
        |found: &Found| Ready { event: event::event(found, location(found)), line: line(found, location(found)) };
    Ok(Brought {
        ready: due.found.iter().map(ready).collect(),
        sources: sources(&due.found),
        vaults: vaults.len(),
        ignored: due.ignored,
        gaps: gap::distinct(gaps),
    })
}

fn line(found: &Found, location: Option<&str>) -> JobCollected {
    let (operation, state) = match &found.record {
        Record::Job(job) => (Some(text::outside(&job.operation, 60)), text::outside(job.status.as_str(), 60)),
        Record::Item(_) => (None, "Unhealthy".to_owned()),
    };
    let subscription = found.vault().subscription().as_str().to_owned();
    JobCollected {
        cloud: Cloud::Azure.as_str(),
        account: subscription.clone(),
        region: location.map(str::to_lowercase),
        subscription: Some(subscription),
        vault_id: Some(found.vault().as_str().to_owned()),
        item_id: found.item.as_ref().map(ItemId::as_str).map(str::to_owned),
        job_id: text::outside(&found.id(), LONG),
        operation,
        state,
        end: Some(found.at.to_string()),
        seen_by: found.seen_by.clone(),
    }
}

fn sources(found: &[Found]) -> Sources {
    let told = |by| found.iter().filter(|found| found.seen_by.contains(&by)).count();
    Sources {
        vault_lists: told(SeenBy::VaultList),
        resource_graph: told(SeenBy::ResourceGraph),
        items: told(SeenBy::Item),
    }
}
