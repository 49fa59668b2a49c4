//! The time that one tick stands for. Nothing remembers what was brought in: the windows of all ticks tile time.

use jiff::{SignedDuration, Timestamp};

/// A cloud lists the end of a job some time after it: Azure within minutes, AWS Backup in turns of five minutes. Nothing is said of a job before
/// this much time has passed since its end.
pub const SETTLED: SignedDuration = SignedDuration::from_mins(15);

/// After its beginning, up to and with its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub after: Timestamp,
    pub until: Timestamp,
}

/// The windows of a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Of jobs of both clouds, by their end.
    pub jobs: Window,
    /// Of items of Azure that no job tells of, by the time of their last backup. Each further attempt moves that time, so that one which is looked at too
    /// late would be gone.
    pub items: Window,
}

impl Window {
    pub fn holds(&self, instant: Timestamp) -> bool {
        self.after < instant && instant <= self.until
    }

    /// When a job began at the earliest that ended in this window.
    pub fn began_after(&self, longest: SignedDuration) -> Timestamp {
        self.after.checked_sub(longest).unwrap_or(Timestamp::MIN)
    }
}

impl Windows {
    /// Of the tick that the scheduler meant for `tick`. A tick that comes late, by less than an interval, has the same ones.
    pub fn of(tick: Timestamp, interval: SignedDuration) -> Self {
        let interval = interval.as_secs().max(1);
        let tick = tick.as_second().div_euclid(interval).saturating_mul(interval);
        // The tick comes from outside: one at the beginning of time has no time before it.
        let before = |seconds: i64| Timestamp::from_second(tick.saturating_sub(seconds)).unwrap_or(Timestamp::MIN);
        let window = |later: i64| Window { after: before(later.saturating_add(interval)), until: before(later) };
        Self { jobs: window(SETTLED.as_secs()), items: window(0) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert_eq, proptest};

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_tick_stands_for_its_interval_however_late_it_comes() {
        let ten = SignedDuration::from_mins(10);
        let expected = Windows {
            jobs: Window { after: at("2026-03-13T01:35:00Z"), until: at("2026-03-13T01:45:00Z") },
            items: Window { after: at("2026-03-13T01:50:00Z"), until: at("2026-03-13T02:00:00Z") },
        };
        for tick in ["2026-03-13T02:00:00Z", "2026-03-13T02:00:01Z", "2026-03-13T02:09:59.9Z"] {
            assert_eq!(Windows::of(at(tick), ten), expected, "{tick}");
        }
        assert_eq!(expected.jobs.began_after(SignedDuration::from_hours(192)), at("2026-03-05T01:35:00Z"));
        assert!(!expected.jobs.holds(expected.jobs.after) && expected.jobs.holds(expected.jobs.until));
    }

    #[test]
    fn no_time_is_too_strange() {
        for tick in [Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH] {
            for interval in [SignedDuration::ZERO, SignedDuration::from_hours(24), SignedDuration::MAX] {
                let _ = Windows::of(tick, interval).jobs.began_after(SignedDuration::from_hours(192));
            }
        }
    }

    proptest! {
        #[test]
        fn every_instant_is_in_exactly_one_window(second in 0_i64..4_000_000_000, minutes in 5_i64..=1440, offset in 0_i64..86_400) {
            let interval = SignedDuration::from_mins(minutes);
            let instant = Timestamp::from_second(second + 200_000).unwrap();
            // A schedule begins when its stack is made, at whatever second.
            let first = (second / interval.as_secs() - 3) * interval.as_secs() + offset % interval.as_secs();
            let ticks = (0..10).map(|tick| Timestamp::from_second(first + 200_000 / interval.as_secs() * interval.as_secs() + tick * interval.as_secs()).unwrap());
            let windows: Vec<Windows> = ticks.map(|tick| Windows::of(tick, interval)).collect();
            for of in [|windows: &Windows| windows.jobs, |windows: &Windows| windows.items] {
                let all = windows.iter().map(of).filter(|window| window.holds(instant)).count();
                let spanned = of(&windows[0]).after < instant && instant <= of(&windows[9]).until;
                prop_assert_eq!(all, usize::from(spanned));
            }
        }
    }
}
