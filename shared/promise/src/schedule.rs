//! One rule's schedule.

use std::iter::successors;

use jiff::Timestamp;

use crate::ScheduleError;
use crate::cron::Cron;
use crate::rate::Rate;
use crate::zone::Zone;

/// When a rule runs: `ScheduleExpression` and `ScheduleExpressionTimezone` of a backup rule.
///
/// A cron expression is evaluated on the wall clock of its zone. A run in the hour that is missing in spring is
/// skipped, a run in the hour that repeats in autumn happens once, in the first of the two hours.
///
/// `0 13/12` runs once a day, at 13:00: steps end with the day, as AWS Backup's page points out.
///
/// A rate has no anchor in its text. Unless [`Schedule::first_run_at`] gives one, its runs are counted from whatever
/// instant is asked about: the next run is one interval later, the last one was one interval earlier.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/plan-options-and-configuration.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule(pub(crate) Pattern);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    Cron(Cron, Zone),
    Rate(Rate),
}

/// What AWS Backup runs when a rule gives no expression: daily at 05:00 UTC, `cron(0 5 ? * * *)`.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupRule.html>, "ScheduleExpression"
pub fn default_schedule() -> Schedule {
    Schedule(Pattern::Cron(Cron::daily_at(5 * 60), Zone::utc()))
}

impl Schedule {
    /// Reads `cron(…)`, `rate(…)`, or the six bare cron fields, as AWS Backup's API reference writes its examples.
    ///
    /// `time_zone` is an IANA name; without one the expression is in UTC.
    pub fn parse(expression: &str, time_zone: Option<&str>) -> Result<Self, ScheduleError> {
        let zone = Zone::parse(time_zone)?;
        let text = expression.trim();
        let inside = |word| text.strip_prefix(word)?.strip_prefix('(')?.strip_suffix(')');
        if let Some(fields) = inside("cron") {
            Ok(Self(Pattern::Cron(Cron::parse(fields)?, zone)))
        } else if let Some(rate) = inside("rate") {
            Ok(Self(Pattern::Rate(Rate::parse(rate)?)))
        } else if text.split_whitespace().count() == 6 && !text.contains(['(', ')']) {
            Ok(Self(Pattern::Cron(Cron::parse(text)?, zone)))
        } else {
            Err(ScheduleError::Form { text: expression.to_owned() })
        }
    }

    /// The same schedule, with a rate counted from `first_run`, before which it does not run. A cron is not changed.
    #[must_use]
    pub fn first_run_at(mut self, first_run: Timestamp) -> Self {
        if let Pattern::Rate(rate) = &mut self.0 {
            rate.first_run = Some(first_run);
        }
        self
    }

    /// The first run strictly after `t`. None if the schedule has ended, or never runs (30 February).
    pub fn next_after(&self, t: Timestamp) -> Option<Timestamp> {
        let (cron, zone) = match &self.0 {
            Pattern::Cron(cron, zone) => (cron, zone),
            Pattern::Rate(rate) => return rate.next_after(t),
        };
        // A wall-clock time may have no instant, or, while an hour repeats, one that has passed.
        successors(cron.next_after(zone.local(t)), |local| cron.next_after(*local))
            .find_map(|local| zone.instant(local).filter(|run| *run > t))
    }

    /// The last run strictly before `t`. None if there was none.
    ///
    /// For runs it undoes [`Schedule::next_after`]. For "at or before", add a nanosecond to `t`.
    pub fn last_before(&self, t: Timestamp) -> Option<Timestamp> {
        let (cron, zone) = match &self.0 {
            Pattern::Cron(cron, zone) => (cron, zone),
            Pattern::Rate(rate) => return rate.last_before(t),
        };
        successors(cron.last_before(zone.passed(t)), |local| cron.last_before(*local))
            .find_map(|local| zone.instant(local).filter(|run| *run < t))
    }

    /// The runs after `from` up to and including `to`, ascending.
    pub fn runs_between(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = Timestamp> + use<'_> {
        successors(self.next_after(from), |run| self.next_after(*run)).take_while(move |run| *run <= to)
    }
}
