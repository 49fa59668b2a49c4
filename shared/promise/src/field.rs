//! One field of a cron expression: a list of values, ranges and steps within bounds.

use std::collections::BTreeSet;

use crate::ScheduleError;

/// The bounds and the names of a field, as AWS tabulates them.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html>
pub(crate) struct Field {
    pub(crate) name: &'static str,
    first: u16,
    last: u16,
    /// Names of the values, the first for `first`. Empty where only numbers are accepted.
    names: &'static [&'static str],
    /// AWS refuses a step that can never be taken, such as `*/60` minutes.
    largest_step: u16,
    /// Years do not come round again; all other fields do, so a range in them may wrap.
    wraps: bool,
    accepted: &'static str,
}

pub(crate) const MINUTES: Field = Field {
    name: "minutes",
    first: 0,
    last: 59,
    names: &[],
    largest_step: 59,
    wraps: true,
    accepted: "0-59 with , - * / and steps of 1-59",
};

pub(crate) const HOURS: Field = Field {
    name: "hours",
    first: 0,
    last: 23,
    names: &[],
    largest_step: 23,
    wraps: true,
    accepted: "0-23 with , - * / and steps of 1-23",
};

pub(crate) const DAY_OF_MONTH: Field = Field {
    name: "day-of-month",
    first: 1,
    last: 31,
    names: &[],
    largest_step: 31,
    wraps: true,
    accepted: "1-31 with , - * ? / L W and steps of 1-31",
};

pub(crate) const MONTH: Field = Field {
    name: "month",
    first: 1,
    last: 12,
    names: &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
    largest_step: 12,
    wraps: true,
    accepted: "1-12 or JAN-DEC with , - * / and steps of 1-12",
};

/// AWS's table gives day-of-week no `/`, yet nothing says that it is refused, so we read it.
pub(crate) const DAY_OF_WEEK: Field = Field {
    name: "day-of-week",
    first: 1,
    last: 7,
    names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
    largest_step: 7,
    wraps: true,
    accepted: "1-7 (1 is Sunday) or SUN-SAT with , - * ? L, or a single day#1 to day#5",
};

pub(crate) const YEAR: Field = Field {
    name: "year",
    first: 1970,
    last: 2199,
    names: &[],
    largest_step: 229,
    wraps: false,
    accepted: "1970-2199 with , - * / and steps of 1-229",
};

impl Field {
    /// All values that a list such as `1,3-5,8/2` names.
    pub(crate) fn parse(&self, text: &str) -> Result<BTreeSet<u16>, ScheduleError> {
        let mut values = BTreeSet::new();
        for item in text.split(',') {
            values.extend(self.item(item).ok_or_else(|| self.refuse(text))?);
        }
        Ok(values)
    }

    /// `*`, `5`, `1-5`, and each with a step behind a slash. `5/10` begins at 5 and goes on to the field's end.
    pub(crate) fn item(&self, item: &str) -> Option<Vec<u16>> {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(number(step).filter(|step| (1..=self.largest_step).contains(step))?)),
            None => (item, None),
        };
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (self.value(from)?, self.value(to)?),
            None if range == "*" => (self.first, self.last),
            None => {
                let from = self.value(range)?;
                (from, if step.is_some() { self.last } else { from })
            }
        };
        if from > to && !self.wraps {
            return None;
        }
        let span = self.last - self.first + 1;
        let end = if from > to { to + span } else { to };
        let steps = (from..=end).step_by(usize::from(step.unwrap_or(1)));
        Some(steps.map(|value| if value > self.last { value - span } else { value }).collect())
    }

    /// A single value, by number or by name in either case.
    pub(crate) fn value(&self, text: &str) -> Option<u16> {
        let named = self.names.iter().zip(self.first..).find(|(name, _)| name.eq_ignore_ascii_case(text));
        let value = named.map(|(_, value)| value).or_else(|| number(text))?;
        (self.first..=self.last).contains(&value).then_some(value)
    }

    pub(crate) fn refuse(&self, text: &str) -> ScheduleError {
        ScheduleError::Field { field: self.name, text: text.to_owned(), accepted: self.accepted }
    }

    pub(crate) fn every(&self) -> BTreeSet<u16> {
        (self.first..=self.last).collect()
    }
}

/// Digits only: Rust would also read `+5`, which AWS does not.
pub(crate) fn number(text: &str) -> Option<u16> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}
