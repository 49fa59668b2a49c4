//! The longest interval between neighbouring runs of several schedules.
//!
//! A rule may run every minute and a horizon has ten thousand days, so runs are not counted one by one. Days without a
//! clock change on which the same rules run at the same offsets from UTC look alike: each kind is looked at once.

use std::collections::HashMap;

use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use crate::cron::Cron;
use crate::schedule::{Pattern, Schedule};
use crate::union::Union;
use crate::zone::Zone;

pub(crate) fn longest_interval(schedules: &[&Schedule], around: Timestamp) -> Option<SignedDuration> {
    let rate = schedules.iter().filter_map(|schedule| match &schedule.0 {
        Pattern::Rate(rate) => Some(rate.interval),
        Pattern::Cron(..) => None,
    });
    let crons: Vec<&Schedule> =
        schedules.iter().copied().filter(|schedule| matches!(schedule.0, Pattern::Cron(..))).collect();
    rate.chain(longest_among_crons(&crons, around)).min()
}

fn longest_among_crons(schedules: &[&Schedule], around: Timestamp) -> Option<SignedDuration> {
    let union = Union::new(schedules.iter().copied());
    let mut rules: Vec<Rule> = schedules.iter().filter_map(|schedule| Rule::of(schedule)).collect();
    let years_ahead = if rules.iter().all(|rule| rule.cron.repeats_weekly()) { 1 } else { CALENDAR_CYCLE_YEARS };

    let today = around.clamp(FIRST, LAST).as_second().div_euclid(DAY.as_secs());
    let mut kinds: HashMap<Vec<DayOfRule>, Option<Day>> = HashMap::new();
    let mut longest = None;
    let mut last_run = union.last_before(midnight(today - DAYS_OF_YEAR)? + SignedDuration::from_nanos(1));
    for day in today - DAYS_OF_YEAR..today + DAYS_OF_YEAR * years_ahead {
        let from = midnight(day)?;
        let kind: Option<Vec<DayOfRule>> = rules.iter_mut().map(|rule| rule.kind_of_day(from)).collect();
        let runs = match kind {
            None => Day::look_at(&union, from),
            Some(kind) if kind.iter().all(|rule| !rule.today && !rule.tomorrow) => None,
            Some(kind) => *kinds.entry(kind).or_insert_with(|| Day::look_at(&union, from)),
        };
        let Some(runs) = runs else { continue };
        longest = longest.max(runs.longest).max(last_run.map(|last| (from + runs.first).duration_since(last)));
        last_run = Some(from + runs.last);
    }
    let beyond = last_run.and_then(|last| Some(union.next_after(last)?.duration_since(last)));
    longest.max(beyond)
}

const DAY: SignedDuration = SignedDuration::from_hours(24);
const DAYS_OF_YEAR: i64 = 366;

/// No clock has gone back further than this since 1970; the most was seven hours (Antarctica/Vostok, 1994).
const LONGEST_REPETITION: SignedDuration = SignedDuration::from_hours(12);

/// After this many years the same dates fall on the same weekdays, except across 2100.
const CALENDAR_CYCLE_YEARS: i64 = 28;

/// The years AWS accepts, 1970 to 2199. No rule runs outside.
const FIRST: Timestamp = Timestamp::UNIX_EPOCH;
const LAST: Timestamp = Timestamp::constant(7_258_118_399, 0);

fn midnight(day: i64) -> Option<Timestamp> {
    Timestamp::from_second(day * DAY.as_secs()).ok()
}

/// One cron rule on the way through the days, with its next clock change remembered.
struct Rule<'a> {
    cron: &'a Cron,
    zone: &'a Zone,
    next_clock_change: Option<Timestamp>,
}

/// All that decides when a rule runs within a UTC day without a clock change. Such a day touches two local days.
#[derive(PartialEq, Eq, Hash)]
struct DayOfRule {
    offset: Offset,
    today: bool,
    tomorrow: bool,
}

impl<'a> Rule<'a> {
    fn of(schedule: &'a Schedule) -> Option<Self> {
        match &schedule.0 {
            Pattern::Cron(cron, zone) => Some(Self { cron, zone, next_clock_change: Some(Timestamp::MIN) }),
            Pattern::Rate(_) => None,
        }
    }

    /// None on days that have to be looked at for themselves: the clock changes on them or shortly before. The time
    /// before matters because the second pass of a repeated hour, which holds no runs, may reach over midnight.
    fn kind_of_day(&mut self, from: Timestamp) -> Option<DayOfRule> {
        let shortly_before = from - LONGEST_REPETITION;
        if self.next_clock_change.is_some_and(|change| change <= shortly_before) {
            self.next_clock_change = self.zone.next_clock_change(shortly_before);
        }
        if self.next_clock_change.is_some_and(|change| change <= from + DAY) {
            return None;
        }
        let offset = self.zone.offset(from);
        let today = offset.to_datetime(from).date();
        let tomorrow = today.tomorrow().ok()?;
        Some(DayOfRule { offset, today: self.cron.runs_on(today), tomorrow: self.cron.runs_on(tomorrow) })
    }
}

/// The runs of a UTC day, from its midnight (excluded) to the next (included).
#[derive(Clone, Copy)]
struct Day {
    first: SignedDuration,
    last: SignedDuration,
    /// None if there is only one run.
    longest: Option<SignedDuration>,
}

impl Day {
    fn look_at(union: &Union, from: Timestamp) -> Option<Self> {
        let mut runs = union.runs_between(from, from + DAY).map(|run| run.duration_since(from));
        let first = runs.next()?;
        Some(runs.fold(Self { first, last: first, longest: None }, |day, run| Self {
            last: run,
            longest: day.longest.max(Some(run - day.last)),
            ..day
        }))
    }
}
