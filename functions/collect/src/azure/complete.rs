//! What a record lacks, and another call may tell: the errors of a job that only the graph knows, and the item of a job.

use std::collections::HashSet;

use azure::{Item, ItemKind, JobStatus, Management, Tenant, VaultId, VaultJob};
use futures::{StreamExt, stream};
use tokio::time::Instant;

use super::gap::{Gap, Subject};
use super::gather;
use super::merge::{Found, Record};
use crate::ready::SeenBy;

/// Jobs that are asked for by themselves: calls grow with pages, and not with jobs.
const ASKED: usize = 25;
const SIDE_BY_SIDE: usize = 8;

/// Completes what was found, as far as Azure answers. A job goes on the bus without what Azure does not answer.
///
/// Answers the gaps that stay.
pub async fn complete(tenant: &Tenant, found: &mut [Found], mut items: Vec<Item>, until: Instant) -> Vec<Gap> {
    let gaps = missing_items(tenant, found, &mut items, until).await;
    errors(tenant, found, until).await;
    for found in found.iter_mut() {
        if let Record::Job(job) = &found.record {
            found.item = job.item.clone().or_else(|| Some(Item::of_job(job, &items)?.id.clone()));
        }
    }
    gaps
}

/// Reads the lists in which the jobs find their items, for each vault once, and leaves out those that are read.
async fn missing_items(tenant: &Tenant, found: &[Found], items: &mut Vec<Item>, until: Instant) -> Vec<Gap> {
    let of_jobs = found.iter().filter_map(|found| match &found.record {
        Record::Job(job) => Some((job.vault.clone(), list_of(job)?)),
        Record::Item(_) => None,
    });
    let lists: HashSet<(VaultId, ItemKind)> = of_jobs.collect();
    let mut answers = stream::iter(lists)
        .map(|(vault, kind)| async move {
            let answer = gather::items(tenant, &vault, kind, until).await;
            (vault, answer)
        })
        .buffer_unordered(SIDE_BY_SIDE);
    let mut gaps = Vec::new();
    while let Some((vault, answer)) = answers.next().await {
        match answer {
            Ok(more) => items.extend(more),
            Err(error) => gaps.push(Gap::Unreadable { subject: Subject::ItemsOf(vault), error }),
        }
    }
    // One that passes would have the whole tick run again for the name of an item.
    gaps.retain(|gap| !gap.passes());
    gaps
}

/// Rows of the graph may lack the errors of their jobs.
async fn errors(tenant: &Tenant, found: &mut [Found], until: Instant) {
    let bare = |found: &&mut Found| {
        found.seen_by == [SeenBy::ResourceGraph] && matches!(&found.record, Record::Job(job) if lacks_errors(job))
    };
    let asked = found.iter_mut().filter(bare).take(ASKED);
    stream::iter(asked)
        .for_each_concurrent(SIDE_BY_SIDE, |found| async move {
            let Record::Job(job) = &mut found.record else { return };
            let answer = tenant.subscription(&job.vault.subscription()).job(&job.vault, &job.id, until).await;
            if let Ok(Some(whole)) = answer
                && !whole.errors.is_empty()
            {
                let (item, location) = (job.item.take(), job.location.take());
                *job = VaultJob {
                    item: whole.item.clone().or(item),
                    location: whole.location.clone().or(location),
                    ..whole
                };
            }
        })
        .await;
}

/// The list in which a job finds its item. `None` for one that names its item, and where that list was read with all others.
fn list_of(job: &VaultJob) -> Option<ItemKind> {
    match job.management {
        _ if job.item.is_some() => None,
        Management::IaasVm => Some(ItemKind::Vm),
        Management::Storage => Some(ItemKind::FileShare),
        Management::Mab => Some(ItemKind::Mars),
        Management::Workload
        | Management::Dpm
        | Management::BackupServer
        | Management::DataProtection
        | Management::Other(_) => None,
    }
}

fn lacks_errors(job: &VaultJob) -> bool {
    job.status == JobStatus::Failed && job.errors.is_empty()
}
