//! `rate(5 minutes)`: a fixed interval. Days are 24 hours long, whatever the clocks do.

use jiff::{SignedDuration, Timestamp};

use crate::ScheduleError;

/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rate-expressions.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) interval: SignedDuration,
    /// The first run. AWS counts from an instant that the expression does not hold.
    pub(crate) first_run: Option<Timestamp>,
}

impl Rate {
    /// The value and the unit, without the surrounding `rate()`.
    pub(crate) fn parse(text: &str) -> Result<Self, ScheduleError> {
        let refused = || ScheduleError::Rate { text: text.to_owned() };
        let (value, unit) = text.trim().split_once(char::is_whitespace).ok_or_else(refused)?;
        let value = Some(value).filter(|value| value.bytes().all(|byte| byte.is_ascii_digit()));
        let value: u32 = value.and_then(|value| value.parse().ok()).ok_or_else(refused)?;
        // AWS demands "1 hour" and "5 hours" and refuses "1 hours" and "5 hour".
        let seconds: i64 = match (value, unit.trim_start()) {
            (1, "minute") | (2.., "minutes") => 60,
            (1, "hour") | (2.., "hours") => 3_600,
            (1, "day") | (2.., "days") => 86_400,
            _ => return Err(refused()),
        };
        Ok(Self { interval: SignedDuration::from_secs(i64::from(value) * seconds), first_run: None })
    }

    pub(crate) fn next_after(&self, t: Timestamp) -> Option<Timestamp> {
        let Some(first) = self.first_run else { return t.checked_add(self.interval).ok() };
        if t < first {
            return Some(first);
        }
        self.run(first, nanoseconds_between(first, t).div_euclid(self.interval.as_nanos()) + 1)
    }

    pub(crate) fn last_before(&self, t: Timestamp) -> Option<Timestamp> {
        let Some(first) = self.first_run else { return t.checked_sub(self.interval).ok() };
        if t <= first {
            return None;
        }
        self.run(first, (nanoseconds_between(first, t) - 1).div_euclid(self.interval.as_nanos()))
    }

    fn run(&self, first: Timestamp, nth: i128) -> Option<Timestamp> {
        Timestamp::from_nanosecond(first.as_nanosecond() + nth * self.interval.as_nanos()).ok()
    }
}

fn nanoseconds_between(from: Timestamp, to: Timestamp) -> i128 {
    to.as_nanosecond() - from.as_nanosecond()
}
