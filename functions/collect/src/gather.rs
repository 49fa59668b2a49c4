//! Reads what a tick needs of Azure: subscriptions, vaults, jobs that ended badly, and the items that no job may tell of. Side by side, as far as
//! the edge lets us; what could not be read is a gap, and costs nothing else.

use azure::{
    Ended, Error, GraphJobs, Item, ItemKind, JobFilter, JobStatus, SubscriptionId, Tenant, Vault, VaultJob, VaultKind,
};
use futures::{StreamExt, stream};
use jiff::Timestamp;
use tokio::time::Instant;

use crate::coverage::{Gap, Subject};
use crate::window::Windows;

/// Lists that are read at the same time. The edge keeps the calls of them within what Azure takes.
const SIDE_BY_SIDE: usize = 16;

/// All that was read.
#[derive(Debug, Default)]
pub struct Gathered {
    pub vaults: Vec<Vault>,
    /// By the lists of the vaults.
    pub listed: Vec<VaultJob>,
    /// By the resource graph.
    pub hidden: Vec<VaultJob>,
    /// Of SQL, HANA, DPM and MABS.
    pub items: Vec<Item>,
    pub gaps: Vec<Gap>,
}

/// What there is to be looked at.
#[derive(Debug, Default)]
pub struct Places {
    pub subscriptions: Vec<SubscriptionId>,
    pub vaults: Vec<Vault>,
    pub gaps: Vec<Gap>,
}

/// One list of a vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum List {
    /// `None`: those of all states, which is the only list that a Backup vault has.
    Jobs(Option<JobStatus>),
    Items(ItemKind),
}

enum Read {
    Jobs(Vec<VaultJob>),
    Items(Vec<Item>),
}

pub async fn gather(tenant: &Tenant, windows: &Windows, until: Instant) -> Gathered {
    let started = windows.started();
    let hidden = GraphJobs { started_after: started.0, ended: Ended::Badly };
    let (places, hidden) = futures::join!(places(tenant, until), tenant.hidden_jobs(hidden, until));
    let mut gathered = Gathered { vaults: places.vaults, gaps: places.gaps, ..Gathered::default() };
    match hidden {
        Ok(jobs) => gathered.hidden = jobs,
        Err(error) => gathered.gaps.push(Gap::Unreadable { subject: Subject::HiddenJobs, error }),
    }
    let lists = gathered
        .vaults
        .iter()
        .flat_map(|vault| lists_of(vault.id.kind()).into_iter().map(move |list| (vault.clone(), list)));
    let lists: Vec<(Vault, List)> = lists.collect();
    let mut answers = stream::iter(lists)
        .map(|(vault, list)| async move {
            let subject = subject(&vault, &list);
            (subject, read(tenant, &vault, &list, started, until).await)
        })
        .buffer_unordered(SIDE_BY_SIDE);
    while let Some((subject, answer)) = answers.next().await {
        match answer {
            Ok(Read::Jobs(jobs)) => gathered.listed.extend(jobs),
            Ok(Read::Items(items)) => gathered.items.extend(items),
            Err(error) => gathered.gaps.push(Gap::Unreadable { subject, error }),
        }
    }
    gathered
}

/// The subscriptions that Azure shows to us, and the vaults: those that the graph lists, and those that are expected. What is expected and not
/// there is a gap.
pub async fn places(tenant: &Tenant, until: Instant) -> Places {
    let (seen, vaults) = futures::join!(tenant.seen(until), tenant.vaults(until));
    let mut places = Places::default();
    match seen {
        Ok(seen) => {
            places.subscriptions = seen;
            let unseen: Vec<SubscriptionId> = tenant
                .settings()
                .subscriptions
                .iter()
                .filter(|id| !places.subscriptions.contains(id))
                .cloned()
                .collect();
            for id in unseen {
                match tenant.subscription(&id).exists(until).await {
                    Ok(true) => places.subscriptions.push(id),
                    Ok(false) => places.gaps.push(Gap::Absent { subject: Subject::Subscription(id) }),
                    Err(error) => places.gaps.push(Gap::Unreadable { subject: Subject::Subscription(id), error }),
                }
            }
        }
        Err(error) => places.gaps.push(Gap::Unreadable { subject: Subject::Subscriptions, error }),
    }
    match vaults {
        Ok(vaults) => places.vaults = vaults,
        Err(error) => places.gaps.push(Gap::Unreadable { subject: Subject::Vaults, error }),
    }
    for id in &tenant.settings().vaults {
        if places.vaults.iter().any(|vault| vault.id == *id) {
            continue;
        }
        match tenant.subscription(&id.subscription()).vault(id, until).await {
            Ok(Some(vault)) => places.vaults.push(vault),
            Ok(None) => places.gaps.push(Gap::Absent { subject: Subject::Vault(id.clone()) }),
            Err(error) => places.gaps.push(Gap::Unreadable { subject: Subject::Vault(id.clone()), error }),
        }
    }
    places
}

/// The items of one kind in a vault.
///
/// # Errors
/// For a list that was not read to its end.
pub async fn items(
    tenant: &Tenant,
    vault: &azure::VaultId,
    kind: ItemKind,
    until: Instant,
) -> Result<Vec<Item>, Error> {
    tenant.subscription(&vault.subscription()).items(vault, kind, until).await
}

/// All bad states by themselves: the good ones are many. And the items whose scheduled jobs no list shows.
fn lists_of(kind: VaultKind) -> Vec<List> {
    match kind {
        VaultKind::RecoveryServices => vec![
            List::Jobs(Some(JobStatus::Failed)),
            List::Jobs(Some(JobStatus::Cancelled)),
            List::Jobs(Some(JobStatus::CompletedWithWarnings)),
            List::Items(ItemKind::Sql),
            List::Items(ItemKind::Hana),
            List::Items(ItemKind::Dpm),
            List::Items(ItemKind::BackupServer),
        ],
        VaultKind::Backup => vec![List::Jobs(None)],
    }
}

fn subject(vault: &Vault, list: &List) -> Subject {
    match list {
        List::Jobs(_) => Subject::JobsOf(vault.id.clone()),
        List::Items(_) => Subject::ItemsOf(vault.id.clone()),
    }
}

async fn read(
    tenant: &Tenant,
    vault: &Vault,
    list: &List,
    started: (Timestamp, Timestamp),
    until: Instant,
) -> Result<Read, Error> {
    match list {
        List::Jobs(status) => {
            let filter = JobFilter { status: status.clone(), started };
            tenant.subscription(&vault.id.subscription()).jobs(&vault.id, &filter, until).await.map(Read::Jobs)
        }
        List::Items(kind) => items(tenant, &vault.id, *kind, until).await.map(Read::Items),
    }
}
