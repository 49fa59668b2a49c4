//! What failed of one fault in other accounts and Regions, by AWS Backup's own lists: every process that is handed a part of a fault ranks it alike.
//!
//! The lists of all accounts tell it, where our account may read them and AWS Backup's own counts bear them out. Else each account is asked. Where
//! they are too many, the same part of them is asked by every process: each ranks by that part and by what it has seen itself, and the page says so.

use std::collections::{BTreeMap, BTreeSet};

use cause::judged::{Judged, join_parents};
use futures::{FutureExt, StreamExt};
use jiff::{SignedDuration, Timestamp};
use job::{Cloud, Job, JobKind, Scope};
use source::central::{self, COUNTED, Central, Seen};
use source::lists::{LONGEST_JOB, failed_states};
use source::{JobQuery, MemberState, Sources, Whose, bad_jobs, share};
use tokio::time::Instant;

use crate::fault::Fault;
use crate::tonight::Tonight;

/// Accounts and Regions that are asked one by one: 300 accounts in three Regions take some three seconds at 100 ms a call.
const PLACES: usize = 1_000;
/// How many of them side by side. The rates of each are its own.
const AT_ONCE: usize = 50;
/// How long before the block of a batch a failure shows that the fault is not new in its account. A weekly rule is within it.
const BEFORE: SignedDuration = SignedDuration::from_hours(8 * 24);

/// What was read of all watched accounts and Regions.
#[derive(Debug, Default)]
pub(crate) struct Elsewhere {
    /// The failures of the faults, by their end.
    pub(crate) failures: Vec<Judged>,
    /// Why not all is known of a kind of jobs.
    unread: BTreeMap<JobKind, String>,
}

impl Elsewhere {
    /// Looks for what else failed of those faults that may be in several accounts.
    pub(crate) async fn read(
        sources: &Sources,
        faults: &[Fault],
        tonight: &Tonight,
        now: Timestamp,
        until: Instant,
    ) -> Self {
        let jobs = || faults.iter().filter(|fault| fault.family.is_some()).flat_map(|fault| fault.whole.jobs());
        let batch: Vec<&Job> = jobs().filter(|job| job.scope.cloud == Cloud::Aws).collect();
        let kinds: BTreeSet<JobKind> = batch.iter().map(|job| job.kind).collect();
        let Some(tonight) = tonight.begins().filter(|_| !kinds.is_empty()) else { return Self::default() };
        let watched = match watched(sources, share(until, 4)).await {
            Ok(watched) => watched,
            // This process counts what it has seen itself.
            Err(why) => {
                return Self { unread: kinds.iter().map(|kind| (*kind, why.clone())).collect(), ..Self::default() };
            }
        };
        let search = Search { sources, watched: &watched, batch: &batch, since: tonight - BEFORE, now };
        let mut central = search.of_all_accounts(&kinds, share(until, 2)).await;
        let (mut elsewhere, mut found) = (Self::default(), Vec::new());
        let left: Vec<Left> = kinds.iter().map(|kind| search.take(&mut central, *kind, &mut found)).collect();
        drop(central);
        for left in left {
            let kind = left.kind;
            let (jobs, unread) = search.one_by_one(left, until).boxed_local().await;
            found.extend(jobs);
            elsewhere.unread.extend(unread.map(|why| (kind, why)));
        }
        // The lists reach back further, to be weighed.
        found.retain(|job| job.is_bad() && job.created.is_none_or(|created| created >= search.since));
        elsewhere.failures = found.into_iter().map(Judged::new).collect();
        join_parents(elsewhere.failures.iter_mut());
        let of_family = |judged: &Judged| faults.iter().any(|fault| fault.family.is_some() && fault.has(judged));
        elsewhere.failures.retain(of_family);
        elsewhere.failures.sort_by(|a, b| a.job.by_end(&b.job));
        elsewhere
    }

    /// Why more may have failed of a fault than is known.
    pub(crate) fn unread_of(&self, fault: &Fault) -> Option<&str> {
        let kinds: BTreeSet<JobKind> = fault.whole.jobs().map(|job| job.kind).collect();
        kinds.iter().filter(|_| fault.family.is_some()).find_map(|kind| self.unread.get(kind)).map(String::as_str)
    }
}

/// Each watched account in each of its Regions.
async fn watched(sources: &Sources, until: Instant) -> Result<BTreeSet<Scope>, String> {
    let members = sources.accounts().all(until).await;
    let members = members.map_err(|why| format!("the accounts of the organization could not be listed ({why})"))?;
    let active = members.into_iter().filter(|member| member.state == MemberState::Active);
    let scopes = active.flat_map(|member| {
        sources.regions_of(&member.id).into_iter().map(move |region| Scope::aws(&member.id, &region))
    });
    Ok(scopes.collect())
}

/// What is asked for.
#[derive(Clone, Copy)]
struct Search<'a> {
    sources: &'a Sources,
    watched: &'a BTreeSet<Scope>,
    batch: &'a [&'a Job],
    since: Timestamp,
    now: Timestamp,
}

/// The places that have to be asked for a kind of jobs, and why the lists of all accounts do not tell of them.
struct Left {
    kind: JobKind,
    places: Vec<Scope>,
    why: Option<central::Doubt>,
}

impl Search<'_> {
    /// The lists of all accounts in each Region.
    async fn of_all_accounts(&self, kinds: &BTreeSet<JobKind>, until: Instant) -> Central {
        let hub = self.sources.own();
        let others = self.watched.iter().filter(|scope| scope.account != hub.scope().account);
        let regions: BTreeSet<String> = others.map(|scope| scope.region.clone()).collect();
        let asked = central::Asked {
            whose: Whose::Everyone,
            rounds: &[failed_states],
            created_after: self.since.min(self.now - COUNTED - LONGEST_JOB),
            ended_after: None,
            now: self.now,
        };
        Central::of_kinds(&hub, &regions, kinds, asked, until).await
    }

    /// Takes what the lists of all accounts tell, and answers which places are left. Those of the batch were read for it.
    fn take(&self, central: &mut Central, kind: JobKind, found: &mut Vec<Job>) -> Left {
        let own = &self.sources.own().scope().account.clone();
        let was_read: BTreeSet<&Scope> =
            self.batch.iter().filter(|job| job.kind == kind).map(|job| &job.scope).collect();
        let mut left = Left { kind, places: Vec::new(), why: None };
        for scope in self.watched {
            let doubt = match central.take(scope, kind) {
                Seen::All(jobs) => {
                    found.extend(jobs);
                    None
                }
                Seen::Part { jobs, why } => {
                    found.extend(jobs);
                    Some(why)
                }
            };
            // The lists of all are asked for other accounts.
            let is_left = doubt.is_some() || scope.account == *own;
            if is_left && !was_read.contains(scope) {
                left.places.push(scope.clone());
                left.why = left.why.or(doubt.filter(|_| scope.account != *own));
            }
        }
        left
    }

    /// The jobs of the places that are left, and why not all were read.
    async fn one_by_one(&self, left: Left, until: Instant) -> (Vec<Job>, Option<String>) {
        let count = left.places.len();
        let too_many = (count > PLACES).then(|| {
            let why = left.why.as_ref().map(|why| format!("{why}, and ")).unwrap_or_default();
            format!("{why}of {count} accounts and Regions Night One asked {PLACES}: all are too many to ask one by one")
        });
        let failed_in = self.batch.iter().map(|job| job.scope.region.as_str()).collect();
        let places = asked_first(left.places, &failed_in);
        let query = JobQuery { created_after: Some(self.since), ..JobQuery::of(left.kind) };
        let reads = places.iter().map(|scope| {
            let query = &query;
            async move {
                let account = self.sources.accounts().at(scope, until).await.map_err(|closed| closed.to_string());
                Ok(bad_jobs(&account?, query, None, until).boxed_local().await)
            }
        });
        let read: Vec<Result<_, String>> = futures::stream::iter(reads).buffered(AT_ONCE).collect().await;
        let (mut jobs, mut unread) = (Vec::new(), Vec::new());
        for (scope, place) in places.iter().zip(read) {
            match place {
                Ok(bad) => {
                    jobs.extend(bad.jobs);
                    let place = || format!("{}, {}", self.sources.called(scope), scope.region);
                    unread.extend(bad.errors.first().map(|why| format!("in {}, {why}", place())));
                }
                Err(closed) => unread.push(closed),
            }
        }
        let why = unread.first().map(|first| match unread.len() {
            1 => first.clone(),
            more => format!("{first}; and {} more could not be read", more - 1),
        });
        (jobs, too_many.or(why))
    }
}

/// The places that are asked where all are too many: those in the Regions of the batch before others, by the ids of their accounts. Every process
/// that has a part of the fault asks the same ones, so that they agree on what came before.
fn asked_first(mut places: Vec<Scope>, failed_in: &BTreeSet<&str>) -> Vec<Scope> {
    places.sort_by_cached_key(|scope| (!failed_in.contains(scope.region.as_str()), scope.clone()));
    places.truncate(PLACES);
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_process_asks_the_same_places_and_first_where_it_failed() {
        let places = |accounts: usize| {
            let place = |number: usize, region: &str| Scope::aws(format!("{number:012}"), region);
            (0..accounts).flat_map(move |number| ["eu-west-1", "us-east-1"].map(|region| place(number, region)))
        };
        let told = |asked: &[Scope]| {
            let there = asked.iter().filter(|scope| scope.region == "us-east-1").count();
            let last = asked.iter().map(|scope| scope.account.parse::<usize>().unwrap()).max();
            (asked.len(), there, last)
        };
        let table = [
            ("few: all of them", 500, vec!["us-east-1"], (1_000, 500, Some(499))),
            ("those of the Region, then others", 600, vec!["us-east-1"], (1_000, 600, Some(599))),
            ("too many in one Region", 5_000, vec!["us-east-1"], (1_000, 1_000, Some(999))),
            ("in both", 5_000, vec!["eu-west-1", "us-east-1"], (1_000, 500, Some(499))),
        ];
        for (name, accounts, failed_in, expected) in table {
            let failed_in = failed_in.into_iter().collect();
            let asked = asked_first(places(accounts).collect(), &failed_in);
            assert_eq!(told(&asked), expected, "{name}");
            let mut backwards: Vec<Scope> = places(accounts).collect();
            backwards.reverse();
            assert_eq!(asked_first(backwards, &failed_in), asked, "{name}: in whatever order they are listed");
        }
    }
}
