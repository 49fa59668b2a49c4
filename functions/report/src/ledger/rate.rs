//! How many ended jobs left a usable recovery point, over 1, 7 and 30 days.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    Usable,
    Bad,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Window {
    Day,
    Week,
    Month,
}

impl Window {
    pub const ALL: [Window; 3] = [Window::Day, Window::Week, Window::Month];

    pub fn days(self) -> i64 {
        match self {
            Window::Day => 1,
            Window::Week => 7,
            Window::Month => 30,
        }
    }
}

/// Counts of ended jobs, each window with the ones before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rates {
    usable: [u64; 3],
    ended: [u64; 3],
}

impl Rates {
    /// A job without any date counts in the longest window only, and none counts in a window beyond `longest`.
    pub(crate) fn count(&mut self, how: Ended, at: Option<Timestamp>, longest: Window, now: Timestamp) {
        for (slot, window) in Window::ALL.into_iter().enumerate().filter(|(_, window)| *window <= longest) {
            let length = SignedDuration::from_hours(24 * window.days());
            let inside = at.map_or(window == Window::Month, |at| now.duration_since(at) <= length);
            if let (true, Some(ended), Some(usable)) = (inside, self.ended.get_mut(slot), self.usable.get_mut(slot)) {
                *ended += 1;
                *usable += u64::from(how == Ended::Usable);
            }
        }
    }

    pub(crate) fn add(&mut self, other: &Rates) {
        for (sum, part) in self.usable.iter_mut().zip(other.usable).chain(self.ended.iter_mut().zip(other.ended)) {
            *sum += part;
        }
    }

    /// Usable and ended jobs of a window.
    pub fn of(&self, window: Window) -> (u64, u64) {
        let slot = window as usize;
        (self.usable.get(slot).copied().unwrap_or(0), self.ended.get(slot).copied().unwrap_or(0))
    }

    /// In percent, rounded to a tenth, but up to 100 never: that means all. `None` when no job ended: nothing is no success.
    pub fn percent(&self, window: Window) -> Option<f64> {
        let (usable, ended) = self.of(window);
        let rounded = (usable * 1000 + ended / 2).checked_div(ended)?;
        let thousandths = if usable < ended { rounded.min(999) } else { rounded };
        u32::try_from(thousandths).ok().map(|thousandths| f64::from(thousandths) / 10.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_nest_and_nothing_ended_is_no_rate() {
        let now: Timestamp = "2026-11-21T06:00:00Z".parse().unwrap();
        let mut rates = Rates::default();
        assert_eq!(rates.percent(Window::Month), None);
        for (hours, how) in [(1, Ended::Usable), (30, Ended::Bad), (200, Ended::Usable), (800, Ended::Bad)] {
            rates.count(how, Some(now - SignedDuration::from_hours(hours)), Window::Month, now);
        }
        rates.count(Ended::Bad, None, Window::Month, now);
        rates.count(Ended::Bad, Some(now - SignedDuration::from_hours(200)), Window::Week, now);
        assert_eq!(Window::ALL.map(|window| rates.of(window)), [(1, 1), (1, 2), (2, 4)]);
        assert_eq!(rates.percent(Window::Day), Some(100.0));
        let mut many = Rates::default();
        for _ in 0..9_999 {
            many.count(Ended::Usable, Some(now), Window::Month, now);
        }
        many.count(Ended::Bad, Some(now), Window::Month, now);
        assert_eq!(many.percent(Window::Day), Some(99.9), "one failure in ten thousand is not 100");
    }

    #[test]
    fn a_rate_is_rounded_and_only_all_is_100() {
        let now: Timestamp = "2026-11-21T06:00:00Z".parse().unwrap();
        for (usable, ended, expected) in
            [(0, 3, 0.0), (18, 65, 27.7), (1, 3, 33.3), (2, 3, 66.7), (1, 16, 6.3), (1999, 2000, 99.9), (7, 7, 100.0)]
        {
            let mut rates = Rates::default();
            for number in 0..ended {
                rates.count(if number < usable { Ended::Usable } else { Ended::Bad }, Some(now), Window::Month, now);
            }
            assert_eq!(rates.percent(Window::Day), Some(expected), "{usable} of {ended}");
        }
    }
}
