//! Reads what a tick needs of the accounts of AWS that forward no events: by the lists of all accounts where they may be believed, else account by
//! account with its look role, Region by Region. What could not be read is a gap, and costs nothing else.

use std::collections::BTreeSet;
use std::time::Duration;

use aws::{Account, Closed, Error, JobQuery, Member, MemberState};
use futures::StreamExt;
use futures::future::join_all;
use futures::stream;
use job::{Job, JobKind, Scope};
use source::central::{Asked, COUNTED, Central, Seen};
use source::lists::{LONGEST_JOB, failed_states};
use source::{BadJobs, Sources, Whose, bad_jobs, share};
use tokio::time::Instant;

use super::gap::{Gap, Named, Subject};
use crate::window::Window;

/// Accounts that are read side by side, and Regions of each.
const ACCOUNTS: usize = 24;
const REGIONS: usize = 4;
/// A place that says nothing must not cost the others their time.
const OF_AN_ACCOUNT: Duration = Duration::from_secs(60);
const OF_A_SCOPE: Duration = Duration::from_secs(20);
/// With at least this many other accounts the lists of all together cost less than three calls for each.
const WORTH_A_LIST: usize = 8;

/// All that was read.
#[derive(Debug, Default)]
pub struct Gathered {
    /// Those that may have ended badly in the window, and others. One may be there twice.
    pub jobs: Vec<Job>,
    /// Accounts that were looked at, whether they let us in or not.
    pub accounts: usize,
    /// Accounts and Regions whose lists were read to their end.
    pub scopes: usize,
    pub gaps: Vec<Gap>,
}

/// An account with the Regions that forward nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Polled {
    pub account: Named,
    pub regions: BTreeSet<String>,
}

/// Which places are polled. Ours is not: its events reach us. An organization that cannot be listed leaves us our own account.
pub async fn polled(sources: &Sources, until: Instant) -> (Vec<Polled>, Option<Error>) {
    let (members, error) = match sources.accounts().all(until).await {
        Ok(members) => (members, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    let own = sources.own().scope().clone();
    let own_alone = members.is_empty().then(|| Named { id: own.account.clone(), name: None });
    // Nothing is backed up in an account that is suspended or closed.
    let active = members.into_iter().filter(|member| member.state == MemberState::Active).map(named);
    let places = active.chain(own_alone).map(|account| {
        let mut regions = sources.regions_of(&account.id);
        if account.id == own.account {
            regions.remove(&own.region);
        }
        Polled { account, regions }
    });
    (places.filter(|place| !place.regions.is_empty()).collect(), error)
}

fn named(member: Member) -> Named {
    let name = (member.name != member.id).then_some(member.name);
    Named { id: member.id, name }
}

pub async fn gather(sources: &Sources, window: Window, until: Instant) -> Gathered {
    let (places, error) = polled(sources, share(until, 3)).await;
    let mut gathered = Gathered { accounts: places.len(), ..Gathered::default() };
    gathered.gaps.extend(error.map(|error| Gap::new(Subject::Accounts, None, error)));
    let own = sources.own().scope().account.clone();
    let mut central = of_all_accounts(sources, &places, window, share(until, 3)).await;
    let mut left: Vec<Polled> = Vec::new();
    for place in &places {
        let (jobs, rest) = known(&mut central, &own, place);
        gathered.scopes += place.regions.len() - rest.regions.len();
        gathered.jobs.extend(jobs);
        left.push(rest);
    }
    drop(central);
    let looks = left.iter().map(|place| of_member(sources, place, window, until));
    let mut looks = stream::iter(looks).buffer_unordered(ACCOUNTS);
    while let Some(looked) = looks.next().await {
        gathered.jobs.extend(looked.jobs);
        gathered.scopes += looked.scopes;
        gathered.gaps.extend(looked.gaps);
    }
    drop(looks);
    gathered
}

/// The lists of all accounts. Where accounts are few, each is asked: that costs less.
async fn of_all_accounts(sources: &Sources, places: &[Polled], window: Window, until: Instant) -> Central {
    let own = sources.own();
    let others: Vec<&Polled> = places.iter().filter(|place| place.account.id != own.scope().account).collect();
    if others.len() < WORTH_A_LIST {
        return Central::default();
    }
    let regions = others.iter().flat_map(|place| place.regions.iter().cloned()).collect();
    let asked = Asked {
        whose: Whose::Everyone,
        rounds: &[failed_states],
        created_after: window.began_after(COUNTED + LONGEST_JOB),
        ended_after: Some(window.after),
        now: window.until,
    };
    Central::of_organization(&own, &regions, asked, until).await
}

/// Takes out of the lists of all accounts what may be believed of an account. Answers its jobs, and the Regions that are left to ask.
fn known(central: &mut Central, own: &str, place: &Polled) -> (Vec<Job>, Polled) {
    let (mut jobs, mut left) = (Vec::new(), Polled { regions: BTreeSet::new(), ..place.clone() });
    for region in &place.regions {
        let scope = Scope::aws(&place.account.id, region);
        let seen = JobKind::ALL.map(|kind| central.take(&scope, kind));
        // The lists of all are asked for other accounts.
        if place.account.id == own || seen.iter().any(|seen| matches!(seen, Seen::Part { .. })) {
            left.regions.insert(region.clone());
        } else {
            jobs.extend(seen.into_iter().flat_map(Seen::jobs));
        }
    }
    (jobs, left)
}

/// One AssumeRole for all Regions. An account that is done with leaves nothing behind.
async fn of_member(sources: &Sources, place: &Polled, window: Window, until: Instant) -> Gathered {
    let until = until.min(Instant::now() + OF_AN_ACCOUNT);
    let mut looked = Gathered::default();
    let Some(first) = place.regions.first() else { return looked };
    match sources.accounts().at(&Scope::aws(&place.account.id, first), until).await {
        Ok(account) => {
            let looks = place.regions.iter().map(|region| {
                let account = account.in_region(region);
                async move { of_scope(&account, &place.account, window, until).await }
            });
            let mut looks = stream::iter(looks).buffer_unordered(REGIONS);
            while let Some((jobs, gaps)) = looks.next().await {
                looked.jobs.extend(jobs);
                looked.scopes += usize::from(gaps.is_empty());
                looked.gaps.extend(gaps);
            }
        }
        Err(Closed::NoRole { role, why, .. }) => {
            looked.gaps.push(Gap::new(Subject::Role(role), Some(place.account.clone()), why));
        }
        // It left the organization since it was listed.
        Err(Closed::NotWatched { .. }) => {}
    }
    sources.accounts().close(&place.account.id);
    looked
}

/// The jobs of one account in one Region.
async fn of_scope(account: &Account, named: &Named, window: Window, until: Instant) -> (Vec<Job>, Vec<Gap>) {
    let until = until.min(Instant::now() + OF_A_SCOPE);
    let created_after = Some(window.began_after(LONGEST_JOB));
    let asked = JobKind::ALL.map(|kind| JobQuery { created_after, ..JobQuery::of(kind) });
    let reads = asked.iter().map(|asked| bad_jobs(account, asked, Some(window.after), until));
    let (mut jobs, mut gaps): (Vec<Job>, Vec<Gap>) = (Vec::new(), Vec::new());
    for BadJobs { jobs: read, errors } in join_all(reads).await {
        jobs.extend(read);
        let subject = || Subject::Jobs { region: account.scope().region.clone() };
        gaps.extend(errors.into_iter().map(|error| Gap::new(subject(), Some(named.clone()), error)));
    }
    (jobs, gaps)
}
