//! When each of many places is asked for the changes that took protection away: CloudTrail is asked place by place. Pure.
//!
//! Few places are asked in each tick. Of many, each account has its turn in one tick of several, for the time of all of them: so each instant is asked
//! for once, and nothing has to be remembered.

use crate::announce::Window;

/// Places asked in one tick, unless there are more than 64 times as many.
const PLACES: usize = 64;
/// Ticks between two turns of an account, at most: 16 hours of quarters.
const MOST: usize = 64;

/// How many ticks share the accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turns(u64);

impl Turns {
    /// `places`: accounts times Regions.
    pub(crate) fn of(places: usize) -> Self {
        Self(places.div_ceil(PLACES).next_power_of_two().min(MOST) as u64)
    }

    /// What to ask of an account in a tick. `window`: that of the tick. `None`: it is not its turn.
    pub(crate) fn window(self, account: &str, window: Window) -> Option<Window> {
        let interval = window.length().as_secs().max(1);
        let tick = u64::try_from(window.until().as_second().div_euclid(interval)).ok()?;
        let number =
            account.bytes().fold(0_u64, |number, digit| number.wrapping_mul(10).wrapping_add(u64::from(digit)));
        (tick.wrapping_add(number) % self.0 == 0).then(|| window.times(self.0))
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::*;

    const QUARTER: SignedDuration = SignedDuration::from_mins(15);

    #[test]
    fn few_places_are_asked_in_each_tick_and_many_in_turns() {
        for (places, ticks) in [(0, 1), (1, 1), (64, 1), (65, 2), (300, 8), (900, 16), (5_100, 64), (85_000, 64)] {
            assert_eq!(Turns::of(places), Turns(ticks), "{places}");
        }
    }

    #[test]
    fn each_instant_of_each_account_is_asked_for_once_and_no_tick_asks_all() {
        let midnight: Timestamp = "2026-11-28T00:00:00Z".parse().unwrap();
        let ticks: Vec<Window> = (0..200).map(|tick| Window::of(midnight + QUARTER * tick, QUARTER)).collect();
        let accounts: Vec<String> = (0..300).map(|number| (200_000_000_000_u64 + number).to_string()).collect();
        let turns = Turns::of(accounts.len());
        for account in &accounts {
            let asked: Vec<Window> = ticks.iter().filter_map(|window| turns.window(account, *window)).collect();
            assert!(asked.len() >= 200 / 8, "{account}");
            assert!(asked.windows(2).all(|two| two[0].until() == two[1].after()), "{account}: {asked:?}");
        }
        let most = ticks
            .iter()
            .map(|window| accounts.iter().filter(|account| turns.window(account, *window).is_some()).count());
        assert!(most.max() <= Some(2 * 300 / 8));
    }
}
