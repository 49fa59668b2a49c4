//! The accounts and Regions besides those that we run in: which there are, what is known of them without a role, and a round in each.
//!
//! Each account has its own share of the time, so that one that does not answer holds up no other, and is let go of before the next one comes.

mod known;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::time::Duration;

use futures::StreamExt;
use futures::future::join;
use job::{JobKind, Scope};
use lambda::record::Layer;
use source::central::{Asked, Central};
use source::lists::{failed_states, in_flight_states};
use source::{Closed, Member, MemberState, Source, Whose, share};
use tokio::time::Instant;

use crate::act::Budget;
use crate::gather::{OnHand, created_after};
use crate::quiet;
use crate::record::Reached;
use crate::round::{Errand, Outcome, Tick};
use crate::turns::{Listing, Pace, Subject, Turns};

pub(crate) use known::Known;

/// Accounts looked at side by side, and Regions of each.
const ACCOUNTS_AT_ONCE: usize = 30;
const REGIONS_AT_ONCE: usize = 4;
/// An account gets at least this long, as far as there is time, however many accounts wait behind it.
const LEAST: Duration = Duration::from_secs(30);

/// What came of all accounts and Regions besides those that we run in.
#[derive(Debug)]
pub struct Members {
    pub outcomes: Vec<Outcome>,
    pub listing: Listing,
}

/// One account, and what is known of each of its Regions.
struct Account {
    id: String,
    regions: Vec<Known>,
}

/// A Region in one tick.
struct Region {
    known: Known,
    turns: Turns,
}

impl Tick<'_> {
    /// Looks at every account and Region that is watched besides our own.
    pub async fn members(&self, in_all: &Cell<usize>, until: Instant) -> Members {
        let (members, listing, mut outcomes) = match self.accounts().all(share(until, 4)).await {
            Ok(members) => (members, Listing::Read, Vec::new()),
            Err(why) => (Vec::new(), Listing::Unread, vec![not_listed(&why)]),
        };
        let own = self.accounts().own();
        let regions = self.accounts().watch().regions(&own.scope().region);
        let members = members.into_iter().filter(|member| member.id != own.scope().account);
        let (active, others): (Vec<Member>, Vec<Member>) =
            members.partition(|member| member.state == MemberState::Active);
        outcomes.extend(others.iter().map(|member| not_active(member, &regions)));

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
        outcomes.extend(self.each(accounts, in_all, until).await);
        Members { outcomes, listing }
    }

    /// Goes to each account, many side by side. What came of them is in their order.
    async fn each(&self, accounts: Vec<Account>, in_all: &Cell<usize>, until: Instant) -> Vec<Outcome> {
        let waiting = Cell::new(accounts.len());
        let work = accounts.into_iter().enumerate().map(|(number, account)| {
            let waiting = &waiting;
            async move {
                let until = its_share(waiting.get(), until);
                let outcome = self.account(account, in_all, until).await;
                waiting.set(waiting.get().saturating_sub(1));
                (number, outcome)
            }
        });
        let mut done: Vec<(usize, Outcome)> =
            futures::stream::iter(work).buffer_unordered(ACCOUNTS_AT_ONCE).collect().await;
        done.sort_by_key(|(number, _)| *number);
        done.into_iter().map(|(_, outcome)| outcome).collect()
    }

    async fn account(&self, account: Account, in_all: &Cell<usize>, until: Instant) -> Outcome {
        let regions = account.regions.into_iter().map(|known| self.region(known));
        let (quiet, busy): (Vec<Region>, Vec<Region>) = regions.partition(|region| region.known.is_quiet());
        let mut outcome = Outcome::default();
        if busy.is_empty() && !quiet.iter().any(|region| region.turns.is_due()) {
            outcome.reached.extend(quiet.into_iter().map(|region| region.nothing_failed(None)));
            return outcome;
        }
        let home = Scope { region: self.accounts().own().scope().region.clone(), ..Scope::aws(&account.id, "") };
        // Half of its time, so that there is some for what is said of one that does not answer.
        match self.accounts().at(&home, share(until, 2)).await {
            Ok(open) => {
                let rounds = self.rounds(&open, busy, in_all, until);
                let (rounds, looks) = join(rounds, self.looks(&open, &quiet, until)).await;
                rounds.into_iter().chain(looks).for_each(|round| outcome.add(round));
                outcome.reached.extend(quiet.into_iter().map(|region| region.nothing_failed(None)));
            }
            Err(closed) => {
                let closed = Closed::Account(closed);
                if may_open(&closed) {
                    let missed = quiet.iter().chain(&busy).flat_map(Region::asked);
                    outcome.missed.extend(missed.map(|missed| (missed, closed.to_string())));
                }
                outcome.reached.extend(quiet.into_iter().map(|region| region.nothing_failed(Some(&closed))));
                let busy = busy.into_iter().map(|region| region.known).collect();
                outcome.add(self.outside(&account.id, &closed, busy, until).await);
            }
        }
        self.accounts().close(&account.id);
        outcome
    }

    fn region(&self, known: Known) -> Region {
        let pace = match self.is_own(&known.scope) {
            true => Pace::EachTick,
            false => Pace::InTurns,
        };
        let turn = |subject, pace| {
            let turn = |window| self.asked_until.turn(&known.scope, subject, pace, window);
            self.window.and_then(turn)
        };
        let turns = Turns {
            jobs: turn(Subject::Jobs, Pace::EachTick),
            changes: turn(Subject::Changes, pace),
            tests: turn(Subject::RestoreTests, pace),
        };
        Region { known, turns }
    }

    /// A round in each Region of an open account in which a job failed or is on its way.
    async fn rounds(
        &self,
        open: &aws::Account,
        regions: Vec<Region>,
        in_all: &Cell<usize>,
        until: Instant,
    ) -> Vec<Outcome> {
        let budget = &Budget::new(self.settings.reruns_per_tick, in_all);
        let rounds = regions.into_iter().map(|Region { known, turns }| async move {
            let source = Source::Aws(open.in_region(&known.scope.region));
            let on_hand = match self.is_own(&known.scope) {
                true => OnHand::Nothing,
                false => OnHand::Central(known.on_hand(self.now)),
            };
            self.round(vec![Errand { source, on_hand, turns }], budget, until).await
        });
        futures::stream::iter(rounds).buffered(REGIONS_AT_ONCE).collect().await
    }

    /// A look at those of the quiet Regions of an open account whose turn it is.
    async fn looks(&self, open: &aws::Account, quiet: &[Region], until: Instant) -> Vec<Outcome> {
        let due = quiet.iter().filter(|region| region.turns.is_due());
        let looks = due.map(|region| {
            let account = open.in_region(&region.known.scope.region);
            self.quiet(account, region.turns, until)
        });
        futures::stream::iter(looks).buffered(REGIONS_AT_ONCE).collect().await
    }

    fn is_own(&self, scope: &Scope) -> bool {
        scope.account == self.accounts().own().scope().account
    }
}

impl Members {
    /// Where no other account is watched.
    pub fn none() -> Self {
        Self { outcomes: Vec::new(), listing: Listing::Read }
    }

    /// The places that this tick went to, or knew not to.
    pub fn places(&self) -> BTreeSet<Scope> {
        let reached = self.outcomes.iter().flat_map(|outcome| &outcome.reached);
        reached.map(|reached| reached.scope.clone()).collect()
    }

    /// What could not be asked.
    pub fn missed(&self) -> BTreeSet<(Scope, Subject)> {
        self.outcomes.iter().flat_map(|outcome| outcome.missed.keys()).cloned().collect()
    }
}

impl Region {
    /// What it is to be asked in this tick.
    fn asked(&self) -> impl Iterator<Item = (Scope, Subject)> {
        self.turns.subjects().map(|subject| (self.known.scope.clone(), subject))
    }

    /// A place that is known to have no failed job and none on its way. `closed`: why nobody could go there in its turn.
    fn nothing_failed(self, closed: Option<&Closed>) -> Reached {
        let errors = closed.filter(|_| self.turns.is_due()).map(quiet::closed).into_iter().collect();
        Reached { scope: self.known.scope, layer: Layer::Central, errors, jobs_counted: 0 }
    }
}

fn not_listed(why: &aws::Error) -> Outcome {
    let why = format!("the accounts of the organization could not be listed, and only our own was looked at: {why}");
    Outcome { problems: vec![why], ..Outcome::default() }
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

/// Whether another look may find an account open.
pub(crate) fn may_open(closed: &Closed) -> bool {
    match closed {
        Closed::Account(aws::Closed::NoRole { why, .. }) => why.kind != source::ErrorKind::Denied,
        Closed::Account(aws::Closed::NotWatched { .. }) | Closed::Subscription(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
