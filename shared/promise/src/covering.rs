//! A rule that covers a resource and destination, and the time in which it answers for runs.

use jiff::{SignedDuration, Timestamp};

use crate::error::ScheduleError;
use crate::plan::{COMPLETION_WINDOW, Grace, Rule, START_WINDOW};
use crate::rate::Rate;
use crate::schedule::{Pattern, Schedule, default_schedule};

/// A rule that covers a resource and destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoveringRule {
    pub schedule: Schedule,
    /// How long after a run its job may begin.
    pub start_window: SignedDuration,
    /// How long a job may take.
    pub completion_window: SignedDuration,
    pub grace: Grace,
    /// How many days its recovery points are kept. `None`: for ever.
    pub keeps_days: Option<i64>,
    /// A rule answers for the runs after this instant: it did not exist before, or was another one. `None`: for all.
    pub since: Option<Timestamp>,
    /// A rule of an older version of its plan answers for the runs up to this instant. `None`: it is in force.
    pub until: Option<Timestamp>,
}

impl CoveringRule {
    /// Whether its runs may lie at any time: a rate of which no run is known.
    pub(crate) fn floats(&self) -> bool {
        matches!(&self.schedule.0, Pattern::Rate(rate) if rate.first_run.is_none())
    }

    /// A rule of a plan, as it is today.
    ///
    /// # Errors
    /// When its schedule cannot be read: nobody knows then what it promises.
    pub fn of(rule: &Rule) -> Result<Self, ScheduleError> {
        let schedule = match &rule.schedule {
            None => default_schedule(),
            Some(expression) => Schedule::parse(expression, rule.time_zone.as_deref())?,
        };
        Ok(Self {
            start_window: rule.start_window(),
            completion_window: rule.completion_window(),
            grace: rule.grace,
            keeps_days: rule.lifecycle.and_then(|lifecycle| lifecycle.delete_after_days),
            ..Self::of_schedule(schedule)
        })
    }

    /// A rule of which only the schedule is known, as the jobs that it made tell it: AWS's default windows, kept for ever.
    pub fn of_schedule(schedule: Schedule) -> Self {
        Self {
            schedule,
            start_window: START_WINDOW,
            completion_window: COMPLETION_WINDOW,
            grace: Grace::OfWindows,
            keeps_days: None,
            since: None,
            until: None,
        }
    }

    /// A policy of Azure, of which only the interval is known. `None` for less than a minute.
    pub fn of_policy(interval: SignedDuration) -> Option<Self> {
        let schedule = Schedule(Pattern::Rate(Rate { interval, first_run: None }));
        (interval >= SignedDuration::from_mins(1)).then(|| Self {
            start_window: SignedDuration::ZERO,
            grace: Grace::OfPolicy,
            ..Self::of_schedule(schedule)
        })
    }

    /// The same rule with its last run: a rate counts from there. `None`: that is not known.
    #[must_use]
    pub fn counted_from(self, last_run: Option<Timestamp>) -> Self {
        match last_run {
            Some(last_run) => Self { schedule: self.schedule.first_run_at(last_run), ..self },
            None => self,
        }
    }

    /// How long its recovery points are kept. `None`: for ever.
    pub fn keeps(&self) -> Option<SignedDuration> {
        let days = self.keeps_days?.clamp(0, LONGEST_DAYS);
        Some(SignedDuration::from_hours(24 * days))
    }

    pub(crate) fn is_in_force(&self) -> bool {
        self.until.is_none()
    }

    /// Whether it, or an older version of a rule, promised something before that instant.
    pub(crate) fn was_in_force_before(&self, instant: Timestamp) -> bool {
        self.since.is_none_or(|since| since < instant)
    }

    pub(crate) fn answers_for(&self, run: Timestamp) -> bool {
        self.since.is_none_or(|since| run > since) && self.until.is_none_or(|until| run <= until)
    }

    /// Its first run after an instant that it answers for.
    pub(crate) fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        let from = self.since.map_or(after, |since| since.max(after));
        self.schedule.next_after(from).filter(|run| self.answers_for(*run))
    }
}

/// The longest retention that AWS accepts: 100 years.
const LONGEST_DAYS: i64 = 36_500;
