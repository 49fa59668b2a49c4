//! The accounts and Regions besides those that we run in: which there are, what is known of them without a role, and a round in each.
//!
//! Each account has its own share of the time, so that one that does not answer holds up no other, and is let go of before the next one comes.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::StreamExt;
use futures::future::join;
use jiff::{SignedDuration, Timestamp};
use job::{Job, JobKind, Scope};
use lambda::record::Layer;
use source::central::{Asked, Central, Doubt, Seen};
use source::lists::{RECORDS, failed_states, in_flight_states};
use source::{Closed, Member, MemberState, Source, Whose, share};
use tokio::time::Instant;

use crate::act::Budget;
use crate::announce::Window;
use crate::gather::{FromOutside, OnHand, created_after};
use crate::quiet;
use crate::record::Reached;
use crate::round::{Errand, Outcome, Tick};
use crate::turns::Turns;

/// Accounts looked at side by side, and Regions of each.
const ACCOUNTS_AT_ONCE: usize = 30;
const REGIONS_AT_ONCE: usize = 4;
/// An account gets so long at least, as far as there is time, however many wait behind it.
const LEAST: Duration = Duration::from_secs(30);
/// Lists that reach back so far tell where each episode began.
const HISTORY: SignedDuration = SignedDuration::from_hours(RECORDS.as_hours() - 24);
/// A window that was missed is made up for, unless it is longer ago than that: the report has told it then.
const MADE_UP_FOR: SignedDuration = SignedDuration::from_hours(24);

/// What is known of one Region of an account before anybody goes there.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) scope: Scope,
    pub(crate) seen: BTreeMap<JobKind, Seen>,
    /// When the oldest job was created that the organization's lists show of any other account here.
    pub(crate) visible_since: Option<Timestamp>,
}

impl Tick<'_> {
    /// Looks at every account and Region that is watched besides our own. `missed`: windows that earlier ticks could not look at.
    pub async fn members(
        &self,
        missed: &BTreeMap<Scope, Window>,
        in_all: &Cell<usize>,
        until: Instant,
    ) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        let members = match self.accounts.all(share(until, 4)).await {
            Ok(members) => members,
            Err(why) => {
                let why = format!(
                    "the accounts of the organization could not be listed, and only our own was looked at: {why}"
                );
                outcomes.push(Outcome { problems: vec![why], ..Outcome::default() });
                Vec::new()
            }
        };
        let own = self.accounts.own();
        let regions = self.accounts.watch().regions(&own.scope().region);
        let (active, others): (Vec<Member>, Vec<Member>) = members
            .into_iter()
            .filter(|member| member.id != own.scope().account)
            .partition(|member| member.state == MemberState::Active);
        outcomes.extend(others.iter().map(|member| not_active(member, &regions)));

        let turns = Turns::of(active.len() * regions.len());
        let mut central = Central::default();
        if !active.is_empty() {
            let rounds: [fn(JobKind) -> _; 2] = [in_flight_states, failed_states];
            let asked = Asked {
                whose: Whose::Everyone,
                rounds: &rounds,
                created_after: created_after(self.now),
                ended_after: None,
                now: self.now,
            };
            central = Central::of_organization(&own, &regions, asked, share(until, 3)).await;
        }
        let elsewhere = regions.iter().filter(|region| **region != own.scope().region);
        let mut accounts = vec![Account {
            id: own.scope().account.clone(),
            regions: elsewhere.map(|region| Known::nothing(&own.scope().account, region)).collect(),
        }];
        for member in active {
            let regions = regions.iter().map(|region| Known::take(&mut central, &member.id, region)).collect();
            accounts.push(Account { id: member.id, regions });
        }
        drop(central);
        let waiting = Cell::new(accounts.len());
        let work = accounts.into_iter().enumerate().map(|(number, account)| {
            let waiting = &waiting;
            async move {
                let until = its_share(waiting.get(), until);
                let outcome = self.account(account, (missed, turns), in_all, until).await;
                waiting.set(waiting.get().saturating_sub(1));
                (number, outcome)
            }
        });
        let mut done: Vec<(usize, Outcome)> =
            futures::stream::iter(work).buffer_unordered(ACCOUNTS_AT_ONCE).collect().await;
        done.sort_by_key(|(number, _)| *number);
        outcomes.extend(done.into_iter().map(|(_, outcome)| outcome));
        outcomes
    }

    async fn account(
        &self,
        account: Account,
        (missed, turns): (&BTreeMap<Scope, Window>, Turns),
        in_all: &Cell<usize>,
        until: Instant,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        let (quiet, regions): (Vec<Known>, Vec<Known>) = account.regions.into_iter().partition(Known::is_quiet);
        let due: Vec<(Scope, Window)> =
            quiet.iter().filter_map(|known| Some((known.scope.clone(), self.trail_of(&known.scope, turns)?))).collect();
        if regions.is_empty() && due.is_empty() {
            outcome.reached.extend(quiet.into_iter().map(|known| nothing_failed(known, Vec::new())));
            return outcome;
        }
        let home = Scope { region: self.accounts.own().scope().region.clone(), ..Scope::aws(&account.id, "") };
        // Half of its time, so that there is some for what is said of one that does not answer.
        match self.accounts.at(&home, share(until, 2)).await {
            Ok(open) => {
                let budget = Budget::new(self.settings.reruns_per_tick, in_all);
                let (open, budget) = (&open, &budget);
                let rounds = regions.into_iter().map(|known| async move {
                    let window = self.window_of(missed.get(&known.scope).copied());
                    let source = Source::Aws(open.in_region(&known.scope.region));
                    let trail = self.trail_of(&known.scope, turns);
                    let on_hand = match known.scope.account == self.accounts.own().scope().account {
                        true => OnHand::Nothing,
                        false => OnHand::Central(known.on_hand(self.now)),
                    };
                    self.round(vec![Errand { source, on_hand, trail }], window, budget, until).await
                });
                let looks = due.into_iter().map(|(scope, trail)| async move {
                    self.changes_alone(open.in_region(&scope.region), trail, until).await
                });
                let rounds = futures::stream::iter(rounds).buffered(REGIONS_AT_ONCE).collect::<Vec<_>>();
                let looks = futures::stream::iter(looks).buffered(REGIONS_AT_ONCE).collect::<Vec<_>>();
                let (rounds, looks) = join(rounds, looks).await;
                rounds.into_iter().chain(looks).for_each(|round| outcome.add(round));
                outcome.reached.extend(quiet.into_iter().map(|known| nothing_failed(known, Vec::new())));
            }
            Err(closed) => {
                outcome.reached.extend(quiet.into_iter().map(|known| {
                    let is_due = due.iter().any(|(scope, _)| *scope == known.scope);
                    let why = || format!("who changed selections and locks: {}", Closed::Account(closed.clone()));
                    nothing_failed(known, is_due.then(why).into_iter().collect())
                }));
                let of = |known: &Known| Some((known.scope.clone(), self.trail_of(&known.scope, turns)?));
                let due = due.into_iter().chain(regions.iter().filter_map(of)).collect();
                outcome.trail_missed.extend(quiet::unread(due, &closed));
                outcome.add(self.outside(&account.id, &closed, regions, until).await);
            }
        }
        self.accounts.close(&account.id);
        outcome
    }

    /// The window of a place of which an earlier one was missed.
    pub(crate) fn window_of(&self, missed: Option<Window>) -> Option<Window> {
        let window = self.window?;
        let whole = missed.map(|missed| window.with(missed)).filter(|whole| whole.length() <= MADE_UP_FOR);
        Some(whole.unwrap_or(window))
    }
}

/// One account, and what is known of each of its Regions.
struct Account {
    id: String,
    regions: Vec<Known>,
}

/// A place that is known to have no failed job and none on its way.
fn nothing_failed(known: Known, errors: Vec<String>) -> Reached {
    Reached { scope: known.scope, layer: Layer::Central, errors, jobs_counted: 0 }
}

/// An account in which nobody can work.
fn not_active(member: &Member, regions: &BTreeSet<String>) -> Outcome {
    let state = match &member.state {
        MemberState::NotActive(state) => state.as_str(),
        MemberState::Active => "ACTIVE",
    };
    let why = format!("the organization says that the account is {state}: nothing is read there");
    let reached = regions.iter().map(|region| Reached {
        scope: Scope::aws(&member.id, region),
        layer: Layer::None,
        errors: vec![why.clone()],
        jobs_counted: 0,
    });
    Outcome { reached: reached.collect(), ..Outcome::default() }
}

/// When the first of those that wait has to be done.
fn its_share(waiting: usize, until: Instant) -> Instant {
    let rounds = u32::try_from(waiting.div_ceil(ACCOUNTS_AT_ONCE)).unwrap_or(u32::MAX);
    share(until, rounds.max(2)).max(Instant::now() + LEAST).min(until)
}

impl Known {
    fn nothing(account: &str, region: &str) -> Self {
        Self { scope: Scope::aws(account, region), seen: BTreeMap::new(), visible_since: None }
    }

    fn take(central: &mut Central, account: &str, region: &str) -> Self {
        let scope = Scope::aws(account, region);
        let seen = JobKind::ALL.into_iter().map(|kind| (kind, central.take(&scope, kind))).collect();
        Self { scope, seen, visible_since: central.visible_since(region) }
    }

    /// Whether it is known that no job failed there and none is on its way.
    fn is_quiet(&self) -> bool {
        let is_empty = |seen: &Seen| matches!(seen, Seen::All(jobs) if jobs.is_empty());
        JobKind::ALL.iter().all(|kind| self.seen.get(kind).is_some_and(is_empty))
    }

    /// The lists that need not be read again. Where failures may be older than what is visible, the account itself knows when its episodes
    /// began: by that its incidents are named.
    fn on_hand(self, now: Timestamp) -> FromOutside {
        let reaches_back = self.visible_since.is_some_and(|oldest| oldest <= now - HISTORY);
        let mut known = FromOutside::default();
        for (kind, seen) in self.seen {
            match seen {
                Seen::All(jobs) if reaches_back || !jobs.iter().any(Job::is_bad) => known.whole.insert(kind, jobs),
                Seen::All(jobs) | Seen::Part { jobs, .. } => known.part.insert(kind, jobs),
            };
        }
        known
    }

    /// Why the organization's lists do not tell all of it.
    pub(crate) fn doubt(&self) -> Option<&Doubt> {
        self.seen.values().find_map(|seen| match seen {
            Seen::Part { why, .. } => Some(why),
            Seen::All(_) => None,
        })
    }
}

/// Whether another look may find an account open.
pub(crate) fn may_open(closed: &Closed) -> bool {
    match closed {
        Closed::Account(aws::Closed::NoRole { why, .. }) => why.kind != source::ErrorKind::Denied,
        Closed::Account(aws::Closed::NotWatched { .. }) | Closed::Subscription(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use job::JobState;

    use super::*;

    fn known(jobs: &[(JobKind, JobState)], doubted: &[JobKind], visible_since: Option<&str>) -> Known {
        let seen = JobKind::ALL.map(|kind| {
            let of_kind = jobs.iter().filter(|(of, _)| *of == kind);
            let jobs: Vec<Job> = of_kind.map(|(kind, state)| Job::new(*kind, "1", state.clone())).collect();
            let why = Doubt::NoneOfBefore;
            (kind, if doubted.contains(&kind) { Seen::Part { jobs, why } } else { Seen::All(jobs) })
        });
        let scope = Scope::aws("444455556666", "eu-west-1");
        let visible_since = visible_since.map(|text| text.parse().unwrap());
        Known { scope, seen: BTreeMap::from(seen), visible_since }
    }

    #[test]
    fn what_is_known_without_a_role() {
        use JobKind::{Backup, Copy, Restore};
        use JobState::{Failed, Running};
        let now: Timestamp = "2026-11-28T06:00:00Z".parse().unwrap();
        let (long_ago, lately) = (Some("2026-10-28T06:00:00Z"), Some("2026-11-20T06:00:00Z"));
        type Row = (&'static str, Known, bool, &'static [JobKind]);
        let table: [Row; 6] = [
            ("nothing happened", known(&[], &[], lately), true, &[Backup, Copy, Restore]),
            ("copies are doubted", known(&[], &[Copy], long_ago), false, &[Backup, Restore]),
            ("a failure, far back", known(&[(Backup, Failed)], &[], long_ago), false, &[Backup, Copy, Restore]),
            ("a failure, and little is visible", known(&[(Backup, Failed)], &[], lately), false, &[Copy, Restore]),
            ("a failure alone is visible", known(&[(Copy, Failed)], &[], None), false, &[Backup, Restore]),
            ("a job on its way", known(&[(Backup, Running)], &[], lately), false, &[Backup, Copy, Restore]),
        ];
        for (name, known, is_quiet, whole) in table {
            assert_eq!(known.is_quiet(), is_quiet, "{name}");
            assert_eq!(known.on_hand(now).whole.into_keys().collect::<Vec<_>>(), whole, "{name}");
        }
        assert!(!Known::nothing("444455556666", "eu-west-1").is_quiet());
    }

    #[test]
    fn each_account_gets_its_share_of_the_time() {
        let seconds = |waiting, left| {
            let until = Instant::now() + Duration::from_secs(left);
            its_share(waiting, until).saturating_duration_since(Instant::now()).as_secs_f64().round()
        };
        for (waiting, left, expected) in
            [(1, 240, 120.0), (60, 240, 120.0), (120, 240, 60.0), (3_000, 240, 30.0), (3_000, 20, 20.0)]
        {
            assert_eq!(seconds(waiting, left), expected, "{waiting} wait");
        }
    }
}
