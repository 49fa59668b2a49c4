//! Which time a tick asks about a place of another account. Pure.
//!
//! The lists of the organization tell the jobs of all accounts in each tick. CloudTrail and restore tests are asked place by place: of each account
//! once an hour, for the hour before. The account and the time alone say in which tick of the hour that is, so that neither an account that joins nor
//! a process that begins moves the turn of another: each instant of each account is asked once.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use job::Scope;

use crate::announce::Window;

/// Between two turns of an account. Where ticks are further apart, each tick is a turn.
const TURN: SignedDuration = SignedDuration::from_hours(1);

/// What is asked of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// What became of its jobs.
    Jobs,
    /// Which changes took protection away.
    Changes,
    /// What its restore tests came to.
    RestoreTests,
}

impl Subject {
    const ALL: [Self; 3] = [Self::Jobs, Self::Changes, Self::RestoreTests];

    /// What was not told is made up for, unless it is longer ago than that: the report has told it then.
    fn made_up_for(self) -> SignedDuration {
        match self {
            Subject::Jobs | Subject::RestoreTests => SignedDuration::from_hours(24),
            Subject::Changes => SignedDuration::from_hours(48),
        }
    }
}

/// How often a place is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    EachTick,
    InTurns,
}

impl Pace {
    /// Until when a place is asked by a tick that looks until `instant`. `interval`: between two ticks.
    fn asked_until(self, account: &str, instant: Timestamp, interval: SignedDuration) -> Timestamp {
        let interval = interval.as_secs().max(1);
        let ticks = match self {
            Pace::EachTick => 1,
            Pace::InTurns => TURN.as_secs().saturating_add(interval - 1) / interval,
        };
        let number = account.bytes().fold(0_i64, |number, digit| number.wrapping_mul(10).wrapping_add(digit.into()));
        let tick = instant.as_second().div_euclid(interval);
        let since = tick.wrapping_add(number).rem_euclid(ticks).saturating_mul(interval);
        instant.checked_sub(SignedDuration::from_secs(since)).unwrap_or(Timestamp::MIN)
    }
}

/// For which times a tick asks about a place. `None`: it is not its turn.
#[derive(Clone, Copy, Debug, Default)]
pub struct Turns {
    pub jobs: Option<Window>,
    pub changes: Option<Window>,
    pub tests: Option<Window>,
}

impl Turns {
    /// Of a place that each tick asks for its own time.
    pub(crate) fn of_each_tick(window: Option<Window>) -> Self {
        Self { jobs: window, changes: window, tests: window }
    }

    /// Whether the place itself is asked for what no list of the organization tells.
    pub(crate) fn is_due(self) -> bool {
        self.subjects().next().is_some()
    }

    /// What only the place itself tells in this tick.
    pub(crate) fn subjects(self) -> impl Iterator<Item = Subject> {
        let changes = self.changes.map(|_| Subject::Changes);
        changes.into_iter().chain(self.tests.map(|_| Subject::RestoreTests))
    }
}

/// Until when places were asked that earlier ticks could not ask. It lives as long as the process: a new one goes by the time alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AskedUntil {
    known: BTreeMap<(Scope, Subject), Timestamp>,
    /// Where the first of the latest ticks began in which the accounts could not be listed.
    unlisted_since: Option<Timestamp>,
}

/// Whether a tick knew which accounts there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    Read,
    Unread,
}

impl AskedUntil {
    /// Which time the tick of this window asks about a place. `None`: it is not its turn.
    pub(crate) fn turn(&self, scope: &Scope, subject: Subject, pace: Pace, window: Window) -> Option<Window> {
        let until = |instant| pace.asked_until(&scope.account, instant, window.length());
        Window::between(until(self.since(scope, subject, window)), until(window.until()))
    }

    /// What later ticks have to know of this one: which places it went to, and of which it could not ask.
    pub(crate) fn keep(
        &mut self,
        window: Window,
        places: &BTreeSet<Scope>,
        missed: &BTreeSet<(Scope, Subject)>,
        listing: Listing,
    ) {
        let since = |(scope, subject): &(Scope, Subject)| self.since(scope, *subject, window);
        let behind: Vec<_> = missed.iter().map(|missed| (missed.clone(), since(missed))).collect();
        let mut asked = Self { known: behind.into_iter().collect(), unlisted_since: None };
        if listing == Listing::Unread {
            // Nobody went to places that are not among these.
            for (scope, subject) in places.iter().flat_map(|scope| Subject::ALL.map(|subject| (scope.clone(), subject)))
            {
                asked.known.entry((scope, subject)).or_insert(window.until());
            }
            for (place, until) in &self.known {
                asked.known.entry(place.clone()).or_insert(*until);
            }
            asked.unlisted_since = Some(self.unlisted_since.unwrap_or(window.after()).min(window.after()));
        }
        *self = asked;
    }

    /// The instant after which nothing of a place was asked before the tick of this window.
    fn since(&self, scope: &Scope, subject: Subject, window: Window) -> Timestamp {
        let known = self.known.get(&(scope.clone(), subject)).copied().or(self.unlisted_since);
        let is_young = |since: &Timestamp| window.until().duration_since(*since) <= subject.made_up_for();
        known.filter(is_young).map_or(window.after(), |since| since.min(window.after()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const QUARTER: SignedDuration = SignedDuration::from_mins(15);

    fn scope(number: u64) -> Scope {
        Scope::aws(format!("{:012}", 200_000_000_000 + number), "eu-west-1")
    }

    fn tick(number: i64, interval: SignedDuration) -> Window {
        let midnight: Timestamp = "2026-11-28T00:00:00Z".parse().unwrap();
        let seconds = interval.as_secs().saturating_mul(number);
        Window::of(midnight + SignedDuration::from_secs(seconds), interval)
    }

    #[test]
    fn an_account_is_asked_once_an_hour_and_no_tick_asks_all() {
        let asked = AskedUntil::default();
        for (minutes, turns_of_a_day) in [(5, 24), (15, 24), (25, 19), (60, 24), (180, 8)] {
            let interval = SignedDuration::from_mins(minutes);
            let ticks: Vec<Window> = (0..1_440 / minutes).map(|number| tick(number, interval)).collect();
            let mut of_tick = vec![0; ticks.len()];
            for number in 0..300 {
                let mut turns: usize = 0;
                for (window, of_tick) in ticks.iter().zip(&mut of_tick) {
                    let is_due = asked.turn(&scope(number), Subject::Changes, Pace::InTurns, *window).is_some();
                    turns += usize::from(is_due);
                    *of_tick += usize::from(is_due);
                }
                assert!(turns.abs_diff(turns_of_a_day) <= 1, "{turns} turns with a tick each {minutes} minutes");
            }
            let share = 60_i64.div_euclid(minutes).max(1);
            assert!(of_tick.iter().all(|asked| *asked <= 300 / usize::try_from(share).unwrap() + 1), "{of_tick:?}");
        }
    }

    #[test]
    fn what_was_not_asked_for_two_days_is_left_to_the_report() {
        let mut asked = AskedUntil::default();
        let (place, missed) = (scope(1), BTreeSet::from([(scope(1), Subject::Changes), (scope(1), Subject::Jobs)]));
        for number in 0..400 {
            let window = tick(number, QUARTER);
            let length = |subject| {
                let turn = asked.turn(&place, subject, Pace::EachTick, window);
                turn.map(|turn| turn.length())
            };
            let most = |hours: i64| QUARTER * i32::try_from((number + 1).min(hours * 4)).unwrap();
            if number < 96 {
                assert_eq!(length(Subject::Jobs), Some(most(24)));
            }
            if number < 192 {
                assert_eq!(length(Subject::Changes), Some(most(48)));
            }
            if number == 192 {
                assert_eq!((length(Subject::Changes), length(Subject::RestoreTests)), (Some(QUARTER), Some(QUARTER)));
            }
            asked.keep(window, &BTreeSet::from([place.clone()]), &missed, Listing::Read);
        }
    }

    /// What becomes of a place in a tick.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Fate {
        NotThere,
        Asked,
        /// It does not answer.
        Mute,
    }

    fn fates() -> impl Strategy<Value = Vec<Fate>> {
        proptest::collection::vec(prop_oneof![Just(Fate::NotThere), Just(Fate::Asked), Just(Fate::Mute)], 20)
    }

    proptest! {
        /// Accounts come and go from tick to tick, lists fail, accounts do not answer. The first account is always there, and `last` ticks are
        /// good so that all can be made up for. Without a fault it holds of a new process in each tick, too.
        #[test]
        fn each_instant_of_an_account_that_stays_is_asked_once(
            account in 0_u64..1_000_000,
            minutes in prop_oneof![Just(5_i64), Just(15), Just(20), Just(45), Just(60), Just(120)],
            pace in prop_oneof![Just(Pace::EachTick), Just(Pace::InTurns)],
            others in proptest::collection::vec(fates(), 60),
            mute in proptest::collection::vec(proptest::bool::ANY, 60),
            unread in proptest::collection::vec(proptest::bool::ANY, 60),
            fault in proptest::bool::ANY,
        ) {
            let interval = SignedDuration::from_mins(minutes);
            let all: Vec<Scope> = (0..20).map(|number| scope(account + 1 + number)).collect();
            let mut memory = AskedUntil::default();
            let mut asked: Vec<Window> = Vec::new();
            for number in 0..60_usize + 24 {
                let window = tick(i64::try_from(number).unwrap(), interval);
                let is = |of: &[bool]| fault && of.get(number).copied().unwrap_or_default();
                // As long a time as is made up for.
                let is_long_ago = minutes * i64::try_from(number).unwrap() > 20 * 60;
                let (mute, unread) = (is(&mute) && !is_long_ago, is(&unread) && !is_long_ago);
                let turn = memory.turn(&scope(account), Subject::Changes, pace, window);
                let mut places = BTreeSet::new();
                let mut missed = BTreeSet::new();
                let here = scope(account);
                if !unread {
                    places.insert(here.clone());
                    match turn {
                        Some(_) if mute => _ = missed.insert((here.clone(), Subject::Changes)),
                        turn => asked.extend(turn),
                    }
                    for (other, fate) in all.iter().zip(others.get(number).into_iter().flatten()) {
                        if *fate != Fate::NotThere {
                            places.insert(other.clone());
                        }
                        if *fate == Fate::Mute && fault {
                            missed.insert((other.clone(), Subject::Changes));
                        }
                    }
                }
                memory.keep(window, &places, &missed, if unread { Listing::Unread } else { Listing::Read });
                if !fault {
                    prop_assert_eq!(&memory, &AskedUntil::default(), "a process has nothing to remember");
                }
            }
            prop_assert!(asked.windows(2).all(|two| two[0].until() == two[1].after()), "{:?}", asked);
            let (first, last) = (tick(0, interval), tick(83, interval));
            let turn = TURN.max(interval * 2);
            prop_assert!(asked.first().is_some_and(|asked| asked.after() <= first.after()));
            prop_assert!(asked.last().is_some_and(|asked| last.until().duration_since(asked.until()) < turn));
        }
    }
}
