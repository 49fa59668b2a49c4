//! The two day fields: which days of a given month a cron expression means.

use jiff::civil::Date;

use crate::ScheduleError;
use crate::field::{DAY_OF_MONTH, DAY_OF_WEEK, number};

/// What stands in the one day field that is not `?`. Any item of the list is enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Days(Vec<Item>);

/// Days of the month and weekdays are sets of bits, bit 1 for the first of the month or for Sunday.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Item {
    DaysOfMonth(u32),
    /// `L`, and `L-3` for three days before the last.
    FromLast(u32),
    /// `LW`: the last day of the month that is no Saturday or Sunday.
    LastWorkday,
    /// `15W`: the workday nearest to the 15th, without leaving the month. In a month that lacks the day: none.
    NearestWorkday(u32),
    Weekdays(u32),
    /// `6L`: the last Friday.
    LastOfWeekday(u32),
    /// `2#1`: the first Monday.
    NthOfWeekday(u32, u32),
}

impl Days {
    pub(crate) fn parse(day_of_month: &str, day_of_week: &str) -> Result<Self, ScheduleError> {
        match (day_of_month, day_of_week) {
            ("?", "?") => Err(both(day_of_month, day_of_week)),
            (text, "?") => list(text, day_of_month_item).ok_or_else(|| DAY_OF_MONTH.refuse(text)),
            ("?", text) if text.contains('#') => {
                // AWS allows one expression only next to "#": "3#1,6#3" is refused.
                nth(text).map(|item| Self(vec![item])).ok_or_else(|| DAY_OF_WEEK.refuse(text))
            }
            ("?", text) => list(text, day_of_week_item).ok_or_else(|| DAY_OF_WEEK.refuse(text)),
            _ => Err(both(day_of_month, day_of_week)),
        }
    }

    pub(crate) fn every_day() -> Self {
        Self(vec![Item::Weekdays(bits(1..=7))])
    }

    /// The days that run, as bits, in the month that begins with `first`.
    pub(crate) fn in_month(&self, first: Date) -> u32 {
        let month = Month { first_weekday: first.weekday().to_sunday_one_offset().unsigned_abs().into(), first };
        self.0.iter().fold(0, |days, item| days | month.days_of(item))
    }

    /// Whether a week looks like any other, so that no month or year has to be looked at.
    pub(crate) fn repeat_weekly(&self) -> bool {
        self.0.iter().all(|item| match item {
            Item::Weekdays(_) => true,
            Item::DaysOfMonth(days) => *days == bits(1..=31),
            _ => false,
        })
    }
}

struct Month {
    first: Date,
    first_weekday: u32,
}

impl Month {
    fn days_of(&self, item: &Item) -> u32 {
        match *item {
            Item::DaysOfMonth(days) => days & self.days(),
            Item::FromLast(before) => bits(self.last().checked_sub(before).filter(|day| *day > 0)),
            Item::LastWorkday => bits([self.nearest_workday(self.last())]),
            Item::NearestWorkday(day) if day <= self.last() => bits([self.nearest_workday(day)]),
            Item::NearestWorkday(_) => 0,
            Item::Weekdays(weekdays) => self.days_of_weekdays(weekdays),
            Item::LastOfWeekday(weekday) => bits((1..=self.last()).rev().find(|day| self.weekday(*day) == weekday)),
            Item::NthOfWeekday(weekday, nth) => {
                let first = 1 + (weekday + 7 - self.first_weekday) % 7;
                bits(Some(first + 7 * (nth - 1)).filter(|day| *day <= self.last()))
            }
        }
    }

    /// A schedule is asked for thousands of months, and most run on weekdays: one week is laid out and repeated, no day is looked at.
    fn days_of_weekdays(&self, weekdays: u32) -> u32 {
        let week = u64::from(weekdays >> 1);
        let before = self.first_weekday - 1;
        let first_week = (week >> before | week << (7 - before)) & 0x7f;
        let days = (0..5).fold(0, |days, nth| days | first_week << (7 * nth + 1));
        days as u32 & self.days()
    }

    /// All days of the month.
    fn days(&self) -> u32 {
        (u32::MAX >> (31 - self.last())) - 1
    }

    fn nearest_workday(&self, day: u32) -> u32 {
        match self.weekday(day) {
            SATURDAY if day == 1 => 3,
            SATURDAY => day - 1,
            SUNDAY if day == self.last() => day - 2,
            SUNDAY => day + 1,
            _ => day,
        }
    }

    fn weekday(&self, day: u32) -> u32 {
        1 + (self.first_weekday + day - 2) % 7
    }

    fn last(&self) -> u32 {
        self.first.days_in_month().unsigned_abs().into()
    }
}

const SUNDAY: u32 = 1;
const SATURDAY: u32 = 7;

fn list(text: &str, item: fn(&str) -> Option<Item>) -> Option<Days> {
    text.split(',').map(|part| item(&part.to_ascii_uppercase())).collect::<Option<_>>().map(Days)
}

fn day_of_month_item(text: &str) -> Option<Item> {
    match text {
        "L" => return Some(Item::FromLast(0)),
        "LW" => return Some(Item::LastWorkday),
        _ => {}
    }
    if let Some(before) = text.strip_prefix("L-") {
        return number(before).filter(|before| (1..=30).contains(before)).map(|before| Item::FromLast(before.into()));
    }
    if let Some(day) = text.strip_suffix('W') {
        return DAY_OF_MONTH.value(day).map(|day| Item::NearestWorkday(day.into()));
    }
    DAY_OF_MONTH.item(text).map(|days| Item::DaysOfMonth(bits(days.into_iter().map(u32::from))))
}

fn day_of_week_item(text: &str) -> Option<Item> {
    if text == "L" {
        // AWS: "the last day of the month or week". The week begins on Sunday.
        return Some(Item::Weekdays(bits([SATURDAY])));
    }
    if let Some(weekday) = text.strip_suffix('L') {
        return DAY_OF_WEEK.value(weekday).map(|weekday| Item::LastOfWeekday(weekday.into()));
    }
    DAY_OF_WEEK.item(text).map(|weekdays| Item::Weekdays(bits(weekdays.into_iter().map(u32::from))))
}

fn nth(text: &str) -> Option<Item> {
    let (weekday, nth) = text.split_once('#')?;
    let nth = number(nth).filter(|nth| (1..=5).contains(nth))?;
    Some(Item::NthOfWeekday(DAY_OF_WEEK.value(weekday)?.into(), nth.into()))
}

fn bits(days: impl IntoIterator<Item = u32>) -> u32 {
    days.into_iter().fold(0, |bits, day| bits | 1 << day)
}

fn both(day_of_month: &str, day_of_week: &str) -> ScheduleError {
    ScheduleError::DayFields { day_of_month: day_of_month.to_owned(), day_of_week: day_of_week.to_owned() }
}
