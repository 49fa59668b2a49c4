//! A cron expression on the wall clock: it knows dates and times of day, but no time zone.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime};

use crate::ScheduleError;
use crate::days::Days;
use crate::field::{HOURS, MINUTES, MONTH, YEAR};

/// The search goes by years, months and days and only then by minutes, so that a rule which runs on the rare
/// 29th of February that is a Monday is found as quickly as one that runs every minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cron {
    /// Minutes of the day, ascending and never empty. They are the same on each day that runs.
    times: Vec<u16>,
    days: Days,
    months: BTreeSet<u16>,
    years: BTreeSet<u16>,
}

impl Cron {
    pub(crate) fn daily_at(minute_of_day: u16) -> Self {
        Self { times: vec![minute_of_day], days: Days::every_day(), months: MONTH.every(), years: YEAR.every() }
    }

    /// The six fields, without the surrounding `cron()`.
    pub(crate) fn parse(text: &str) -> Result<Self, ScheduleError> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let &[minutes, hours, day_of_month, month, day_of_week, year] = fields.as_slice() else {
            return Err(ScheduleError::FieldCount { text: text.to_owned(), found: fields.len() });
        };
        let minutes = MINUTES.parse(minutes)?;
        let hours = HOURS.parse(hours)?;
        Ok(Self {
            times: hours.iter().flat_map(|hour| minutes.iter().map(move |minute| hour * 60 + minute)).collect(),
            days: Days::parse(day_of_month, day_of_week)?,
            months: MONTH.parse(month)?,
            years: YEAR.parse(year)?,
        })
    }

    /// The first wall-clock time after `local` that matches.
    pub(crate) fn next_after(&self, local: DateTime) -> Option<DateTime> {
        let today = local.date();
        let later = self.times.partition_point(|time| *time <= minute_of_day(local));
        if let Some(time) = self.times.get(later)
            && self.runs_on(today)
        {
            return at(today, *time);
        }
        at(self.next_day(today)?, *self.times.first()?)
    }

    /// The last wall-clock time before `local` that matches.
    pub(crate) fn last_before(&self, local: DateTime) -> Option<DateTime> {
        let today = local.date();
        let begun = minute_of_day(local) + u16::from(local.second() > 0 || local.subsec_nanosecond() > 0);
        let earlier = self.times.partition_point(|time| *time < begun);
        if let Some(time) = earlier.checked_sub(1).and_then(|last| self.times.get(last))
            && self.runs_on(today)
        {
            return at(today, *time);
        }
        at(self.last_day(today)?, *self.times.last()?)
    }

    pub(crate) fn runs_on(&self, day: Date) -> bool {
        self.days_in_month(day.first_of_month()) & bit(day) != 0
    }

    pub(crate) fn repeats_weekly(&self) -> bool {
        self.days.repeat_weekly() && self.months == MONTH.every() && self.years == YEAR.every()
    }

    fn next_day(&self, after: Date) -> Option<Date> {
        let mut month = after.first_of_month();
        let mut days = self.days_in_month(month) & !(bit(after) | (bit(after) - 1));
        while days == 0 {
            month = self.next_month(month)?;
            days = self.days_in_month(month);
        }
        day_of(month, days.trailing_zeros())
    }

    fn last_day(&self, before: Date) -> Option<Date> {
        let mut month = before.first_of_month();
        let mut days = self.days_in_month(month) & (bit(before) - 1);
        while days == 0 {
            month = self.last_month(month)?;
            days = self.days_in_month(month);
        }
        day_of(month, days.ilog2())
    }

    fn next_month(&self, after: Date) -> Option<Date> {
        let (year, month) = year_and_month(after);
        if self.years.contains(&year)
            && let Some(month) = self.months.range(month + 1..).next()
        {
            return first_of(year, *month);
        }
        first_of(*self.years.range(year + 1..).next()?, *self.months.first()?)
    }

    fn last_month(&self, before: Date) -> Option<Date> {
        let (year, month) = year_and_month(before);
        if self.years.contains(&year)
            && let Some(month) = self.months.range(..month).next_back()
        {
            return first_of(year, *month);
        }
        first_of(*self.years.range(..year).next_back()?, *self.months.last()?)
    }

    fn days_in_month(&self, first: Date) -> u32 {
        let (year, month) = year_and_month(first);
        if !self.years.contains(&year) || !self.months.contains(&month) {
            return 0;
        }
        self.days.in_month(first)
    }
}

/// Years before 0 become 0: nothing runs in either.
fn year_and_month(date: Date) -> (u16, u16) {
    (u16::try_from(date.year()).unwrap_or(0), date.month().unsigned_abs().into())
}

fn first_of(year: u16, month: u16) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, 1).ok()
}

fn day_of(first_of_month: Date, day: u32) -> Option<Date> {
    first_of_month.with().day(i8::try_from(day).ok()?).build().ok()
}

fn bit(day: Date) -> u32 {
    1 << day.day()
}

fn minute_of_day(local: DateTime) -> u16 {
    u16::from(local.hour().unsigned_abs()) * 60 + u16::from(local.minute().unsigned_abs())
}

fn at(day: Date, minute_of_day: u16) -> Option<DateTime> {
    let (hour, minute) = (i8::try_from(minute_of_day / 60).ok()?, i8::try_from(minute_of_day % 60).ok()?);
    Some(day.at(hour, minute, 0, 0))
}
