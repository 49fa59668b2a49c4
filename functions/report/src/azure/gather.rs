//! Reads what the report needs of Azure: for each subscription its items, policies and vaults by the resource graph, for each vault its jobs.
//! What could not be read is a gap, and costs nothing else.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use azure::{Error, ItemId, Presence, SubscriptionId, Tenant, Vault, VaultId};
use futures::StreamExt;
use jiff::{SignedDuration, Timestamp};
use job::{Job, JobKind, JobState, Look, Scope};
use source::{JobQuery, Place, Source, Sources, share};
use tokio::time::Instant;

use super::points::{Points, WantedPoints};
use super::read::{Beside, full_backups, is_pending, lost, watched};
use super::{Azure, List, Phase};

/// Completed jobs are many, and few of them are needed: those of a week and a day hold a run of every weekly policy.
pub const COMPLETED: SignedDuration = SignedDuration::from_hours(8 * 24);
/// Jobs that run for long and are looked at, the oldest of each subscription.
const PHASES: usize = 5;
/// Lists that are read side by side. The edge keeps the calls within what Azure takes.
const AT_ONCE: usize = 6;

/// All that was read.
#[derive(Debug, Default)]
pub struct Read {
    pub azure: Azure,
    pub jobs: Vec<Job>,
    /// The backups that left the newest recovery points, by the items.
    pub last: Vec<Job>,
    /// What could not be read, and why.
    pub unread: Vec<(List, String)>,
}

/// Which times are read.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    pub since: Timestamp,
    pub now: Timestamp,
    pub last_report: Timestamp,
    /// Jobs that run for longer are looked at.
    pub stuck_after: SignedDuration,
}

/// Reads all subscriptions. Not one call where there are none.
pub async fn gather(sources: &Sources, times: Times, until: Instant) -> Read {
    let places: Vec<&Place> = sources.places().collect();
    let Some(first) = places.first() else { return Read::default() };
    let tenant = first.subscription().tenant();
    let reads = futures::stream::iter(&places).map(|place| of_place(place, times, until)).buffered(AT_ONCE);
    let (seen, (read, vaults)) = futures::join!(
        tenant.seen(until),
        reads.fold((Read::default(), BTreeSet::new()), |(mut read, mut all), (one, vaults)| {
            read.add(one);
            all.extend(vaults);
            async { (read, all) }
        })
    );
    let absent = futures::join!(absent_subscriptions(tenant, seen, until), absent_vaults(tenant, &vaults, until));
    // Only now the names of the subscriptions are known.
    let unread = read.unread.into_iter().chain(absent.0).chain(absent.1);
    let unread =
        unread.map(|(list, why)| (list.called(|of| sources.id_and_name(&Scope::azure(of, ""))), why)).collect();
    let names = places.iter().map(|place| place.scope());
    let names = names.filter_map(|scope| Some((scope.account.clone(), sources.name_of(scope)?.to_owned()))).collect();
    Read { azure: Azure { subscriptions: places.len(), names, ..read.azure }, unread, ..read }
}

/// The recovery points of items: one list for each.
pub async fn points(sources: &Sources, wanted: Vec<WantedPoints>, until: Instant) -> Vec<(usize, Look<Points>)> {
    let looks = wanted.into_iter().map(|wanted| async move {
        let source = sources.at(&Scope::azure(&wanted.subscription, ""));
        let look = match (source.as_ref().ok().and_then(place), ItemId::parse(&wanted.item)) {
            (Some(place), Some(item)) => match place.subscription().recovery_points(&item, until).await {
                Ok(points) => Look::Seen(Points::of(&points)),
                Err(error) => Look::Unreadable { why: error.to_string() },
            },
            _ => Look::NotLooked { why: "its id is not known".to_owned() },
        };
        (wanted.row, look)
    });
    futures::stream::iter(looks).buffered(AT_ONCE).collect().await
}

fn place(source: &Source) -> Option<&Place> {
    match source {
        Source::Azure(place) => Some(place),
        Source::Aws(_) => None,
    }
}

impl Read {
    fn add(&mut self, one: Read) {
        self.azure.items.extend(one.azure.items);
        self.azure.failures_unread.extend(one.azure.failures_unread);
        self.azure.phases.extend(one.azure.phases);
        self.azure.restores.extend(one.azure.restores);
        self.azure.unprotected.extend(one.azure.unprotected);
        self.jobs.extend(one.jobs);
        self.last.extend(one.last);
        self.unread.extend(one.unread);
    }

    fn missed(&mut self, list: List, why: &Error) {
        self.unread.push((list, why.to_string()));
    }
}

/// One subscription, with the vaults that it has.
async fn of_place(place: &Place, times: Times, until: Instant) -> (Read, Vec<VaultId>) {
    let of = place.scope().account.clone();
    let mut read = Read::default();
    // Half of the time is left for jobs.
    let early = share(until, 2);
    let (items, policies, vaults) = futures::join!(place.items(early), place.policies(early), place.vaults(early));
    let policies = policies.map_err(|why| read.missed(List::Policies(of.clone()), &why)).ok();
    let vaults = vaults.map_err(|why| read.missed(List::Vaults(of.clone()), &why)).unwrap_or_default();
    let ids: Vec<VaultId> = vaults.iter().map(|vault| vault.id.clone()).collect();
    let items = match items {
        Ok(items) => items,
        Err(why) => {
            read.missed(List::Items(of), &why);
            return (read, ids);
        }
    };
    jobs(place, &vaults, times, until, &mut read).await;
    let from = times.now - COMPLETED;
    let protected_since: BTreeMap<String, Timestamp> = if items.iter().any(is_pending) {
        // Its list is one of those that were just read: where it was not, that is a gap already.
        let since = place.protected_since(from, until).await.unwrap_or_default();
        since.into_iter().map(|(item, since)| (item.as_str().to_owned(), since)).collect()
    } else {
        BTreeMap::new()
    };
    let full = full_backups(&read.jobs);
    let policies = policies.as_ref().map(|policies| policies.as_slice());
    let beside = Beside { policies, protected_since: &protected_since, full: &full };
    for item in items.iter() {
        let vault = vaults.iter().find(|vault| vault.id == *item.id.vault());
        let location = vault.map(|vault| vault.location.as_str()).or(item.location.as_deref()).unwrap_or_default();
        if vault.is_none() {
            read.azure.failures_unread.insert(item.id.vault().as_str().to_owned());
        }
        read.azure.items.push(watched(item, location, beside));
        read.last.extend(item.last_good_backup(location).filter(|_| !item.soft_deleted));
    }
    phases(place, times, until, &mut read).await;
    let (jobs, calls) = futures::join!(
        place.unprotected_since(from, until),
        place.instances_unprotected_since(times.last_report, until)
    );
    match jobs {
        Ok(all) => read.azure.unprotected.extend(all.iter().map(|one| lost(one, &items))),
        Err(why) => read.missed(List::Unprotected(of.clone()), &why),
    }
    match calls {
        Ok(all) => read.azure.unprotected.extend(all.iter().map(|one| lost(one, &items))),
        Err(unseen) => {
            let list = List::Calls { of, calls: unseen.calls };
            read.unread.push((list, unseen.reason()));
        }
    }
    (read, ids)
}

/// The jobs of all vaults, each once.
async fn jobs(place: &Place, vaults: &[Vault], times: Times, until: Instant, read: &mut Read) {
    let lists = vaults.iter().flat_map(|vault| queries(times).into_iter().map(move |query| (vault, query)));
    let reads = lists.map(|(vault, query)| async move {
        let query = JobQuery { vault_name: Some(vault.id.name()), ..query };
        let jobs = place.jobs(&query, until).await;
        (vault, query.kind, query.state, jobs)
    });
    let mut seen = HashSet::new();
    // In their order: a job that was listed as running and a moment later as done is one.
    let mut answers = futures::stream::iter(reads).buffered(AT_ONCE);
    while let Some((vault, kind, state, jobs)) = answers.next().await {
        let state = state.unwrap_or(JobState::Other(String::new()));
        match jobs {
            Ok(jobs) => {
                // Two groups may each have a vault of this name.
                let is_new = |job: &Job| seen.insert((job.vault_arn().unwrap_or_default().to_owned(), job.id.clone()));
                let jobs: Vec<Job> = jobs.into_iter().filter(is_new).collect();
                if kind == JobKind::Restore && state == JobState::Running {
                    read.azure.restores.extend(jobs);
                } else {
                    read.jobs.extend(jobs);
                }
            }
            Err(why) => {
                if kind == JobKind::Backup && matches!(state, JobState::Failed | JobState::Aborted) {
                    read.azure.failures_unread.insert(vault.id.as_str().to_owned());
                }
                let vault = vault.id.as_str().to_owned();
                let why = source::Error::from(why).to_string();
                read.unread.push((List::Jobs { vault, kind, state }, why));
            }
        }
    }
}

/// What is asked of each vault. Backups and restores of one state are in one list, which is read once.
fn queries(times: Times) -> Vec<JobQuery<'static>> {
    let of = |kind, state, since| JobQuery { state: Some(state), created_after: Some(since), ..JobQuery::of(kind) };
    let (since, of_late) = (times.since, times.now - COMPLETED);
    vec![
        of(JobKind::Backup, JobState::Completed, of_late.max(since)),
        of(JobKind::Backup, JobState::Failed, since),
        of(JobKind::Backup, JobState::Aborted, since),
        of(JobKind::Backup, JobState::Running, since),
        of(JobKind::Restore, JobState::Failed, since),
        of(JobKind::Restore, JobState::Aborted, since),
        of(JobKind::Restore, JobState::Running, since),
    ]
}

/// What the oldest of the jobs do that run for long.
async fn phases(place: &Place, times: Times, until: Instant, read: &mut Read) {
    let runs_long = |job: &&Job| {
        job.state.in_flight() && job.created.is_some_and(|begun| times.now.duration_since(begun) > times.stuck_after)
    };
    let mut long: Vec<(Option<Timestamp>, String, String)> = read
        .jobs
        .iter()
        .chain(&read.azure.restores)
        .filter(runs_long)
        .map(|job| (job.created, job.vault_arn().unwrap_or_default().to_owned(), job.id.clone()))
        .collect();
    long.sort();
    for (_, vault, id) in long.into_iter().take(PHASES) {
        let Some(of) = VaultId::parse(&vault) else { continue };
        match place.subscription().job(&of, &id, until).await {
            Ok(Some(job)) => {
                read.azure.phases.insert(id, Phase::of(&job.tasks));
            }
            Ok(None) => {}
            Err(why) => read.missed(List::Phase { vault, job: id }, &why),
        }
    }
}

/// Subscriptions that are expected, and that Azure does not show.
async fn absent_subscriptions(
    tenant: &Tenant,
    seen: Result<Vec<SubscriptionId>, Error>,
    until: Instant,
) -> Vec<(List, String)> {
    let unseen = tenant.unseen_subscriptions(&seen.unwrap_or_default(), until).await.into_iter();
    let told = |(id, presence): (SubscriptionId, Presence<_>)| {
        let why = match presence {
            Presence::There(_) => return None,
            Presence::Absent => {
                "AZURE_SUBSCRIPTION_IDS expects it, and Azure does not show it to the identity of this function"
                    .to_owned()
            }
            Presence::Unreadable(error) => error.to_string(),
        };
        Some((List::Subscription(id.as_str().to_owned()), why))
    };
    unseen.filter_map(told).collect()
}

/// Vaults that are expected, and that the graph does not list.
async fn absent_vaults(tenant: &Tenant, listed: &BTreeSet<VaultId>, until: Instant) -> Vec<(List, String)> {
    let unlisted = tenant.unlisted_vaults(|id| listed.contains(id), until).await.into_iter();
    let told = |(id, presence): (VaultId, Presence<_>)| {
        let why = match presence {
            Presence::There(_) => {
                "it is there, and the resource graph does not list it: its items and jobs were not read".to_owned()
            }
            Presence::Absent => "AZURE_VAULT_IDS expects it, and Azure does not know it".to_owned(),
            Presence::Unreadable(error) => error.to_string(),
        };
        (List::Vault(id.as_str().to_owned()), why)
    };
    unlisted.map(told).collect()
}
