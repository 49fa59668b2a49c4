//! Reads what a tick needs of Azure: subscriptions, vaults, jobs that ended badly, and the items that no job may tell of. Side by side, as far as
//! the edge lets us; what could not be read is a gap, and costs nothing else.

use std::time::Duration;

use azure::{
    Ended, Error, ErrorKind, GraphJobs, Item, ItemKind, JobFilter, JobStatus, LONGEST_JOB, Presence, SubscriptionId,
    Tenant, Vault, VaultId, VaultJob, VaultKind,
};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use jiff::Timestamp;
use tokio::time::{Instant, sleep};

use super::gap::{Gap, Subject};
use crate::window::Windows;

/// The pauses in which Azure may come back, each twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

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
    let started = started(windows);
    let jobs = GraphJobs { started_after: started.0, ended: Ended::Badly };
    let hidden = Persistence::Waits.ask(until, async || tenant.hidden_jobs(jobs, until).await);
    let (mut gathered, hidden) = futures::join!(of_vaults(tenant, started, until), hidden);
    match hidden {
        Ok(jobs) => gathered.hidden = jobs,
        Err(error) => gathered.gaps.push(Gap::Unreadable { subject: Subject::HiddenJobs, error }),
    }
    gathered
}

/// When the jobs began that may matter: those of the window of jobs, and those that tell of an item.
fn started(windows: &Windows) -> (Timestamp, Timestamp) {
    (windows.jobs.began_after(LONGEST_JOB), windows.items.until)
}

/// The lists of all vaults, all begun at once. The edge keeps their calls within what Azure takes. A list that waits for Azure to come back
/// does not hold up the others.
async fn of_vaults(tenant: &Tenant, started: (Timestamp, Timestamp), until: Instant) -> Gathered {
    let a_third = aws::share(until, 3);
    let places = places(tenant, Persistence::Waits, a_third).await;
    let mut gathered = Gathered { vaults: places.vaults, gaps: places.gaps, ..Gathered::default() };
    let mut answers = FuturesUnordered::new();
    for vault in &gathered.vaults {
        for list in lists_of(vault.id.kind()) {
            let vault = vault.id.clone();
            answers.push(async move {
                let answer =
                    Persistence::Waits.ask(until, async || read(tenant, &vault, &list, started, until).await).await;
                answer.map_err(|error| Gap::Unreadable { subject: subject(&vault, &list), error })
            });
        }
    }
    while let Some(answer) = answers.next().await {
        match answer {
            Ok(Read::Jobs(jobs)) => gathered.listed.extend(jobs),
            Ok(Read::Items(items)) => gathered.items.extend(items),
            Err(gap) => gathered.gaps.push(gap),
        }
    }
    drop(answers);
    gathered
}

/// What to do when Azure fails, or does not answer, for longer than the edge is patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persistence {
    /// Ask again as long as there is time: what ends in the window of a tick that is given up is brought in by no other.
    Waits,
    AsksOnce,
}

impl Persistence {
    /// A refusal is an answer. So is a word to come back later: the edge has waited for as long as it was told to.
    pub async fn ask<T>(self, until: Instant, ask: impl AsyncFn() -> Result<T, Error>) -> Result<T, Error> {
        let mut pause = FIRST_PAUSE;
        loop {
            let error = match ask().await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let may_come_back = matches!(error.kind, ErrorKind::Server | ErrorKind::Network);
            if self == Persistence::AsksOnce || !may_come_back || Instant::now() + pause >= until {
                return Err(error);
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// The subscriptions that Azure shows to us, and the vaults: those that the graph lists, and those that are expected. What is expected and not
/// there is a gap.
pub async fn places(tenant: &Tenant, persistence: Persistence, until: Instant) -> Places {
    let seen = persistence.ask(until, async || tenant.seen(until).await);
    let vaults = persistence.ask(until, async || tenant.vaults(until).await);
    let (seen, vaults) = futures::join!(seen, vaults);
    let mut places = Places::default();
    match seen {
        Ok(seen) => {
            let unseen = tenant.unseen_subscriptions(&seen, until).await;
            places.subscriptions = seen;
            for (id, presence) in unseen {
                match presence {
                    Presence::There(_) => places.subscriptions.push(id),
                    missing => places.gaps.extend(gap(Subject::Subscription(id), missing)),
                }
            }
        }
        Err(error) => places.gaps.push(Gap::Unreadable { subject: Subject::Subscriptions, error }),
    }
    match vaults {
        Ok(vaults) => places.vaults = vaults,
        Err(error) => places.gaps.push(Gap::Unreadable { subject: Subject::Vaults, error }),
    }
    let is_listed = |id: &VaultId| places.vaults.iter().any(|vault| vault.id == *id);
    for (id, presence) in tenant.unlisted_vaults(is_listed, until).await {
        match presence {
            Presence::There(vault) => places.vaults.push(vault),
            missing => places.gaps.extend(gap(Subject::Vault(id), missing)),
        }
    }
    places
}

/// What is said of an expected thing that is not there.
fn gap<T>(subject: Subject, presence: Presence<T>) -> Option<Gap> {
    match presence {
        Presence::There(_) => None,
        Presence::Absent => Some(Gap::Absent { subject }),
        Presence::Unreadable(error) => Some(Gap::Unreadable { subject, error }),
    }
}

/// The items of one kind in a vault.
///
/// # Errors
/// For a list that was not read to its end.
pub async fn items(tenant: &Tenant, vault: &VaultId, kind: ItemKind, until: Instant) -> Result<Vec<Item>, Error> {
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

fn subject(vault: &VaultId, list: &List) -> Subject {
    match list {
        List::Jobs(_) => Subject::JobsOf(vault.clone()),
        List::Items(_) => Subject::ItemsOf(vault.clone()),
    }
}

async fn read(
    tenant: &Tenant,
    vault: &VaultId,
    list: &List,
    started: (Timestamp, Timestamp),
    until: Instant,
) -> Result<Read, Error> {
    match list {
        List::Jobs(status) => {
            let filter = JobFilter { status: status.clone(), operation: None, started };
            tenant.subscription(&vault.subscription()).jobs(vault, &filter, until).await.map(Read::Jobs)
        }
        List::Items(kind) => items(tenant, vault, *kind, until).await.map(Read::Items),
    }
}
