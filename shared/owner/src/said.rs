//! What the tags of one resource say.

use std::fmt;

use jiff::SignedDuration;

use crate::exception::{Exception, date};
use crate::tags::{ACCEPTED_BECAUSE, ACCEPTED_UNTIL, OwnerTag, RPO_HOURS, Tags, mistyped, value};

/// Who has to act: a team, a person, an address. The value of a tag, on one line and bounded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner(String);

/// What the tags of a resource say. A tag that is wrong says nothing, and Night One reports it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub owner: Option<Owner>,
    /// How old its last good recovery point may be.
    pub objective: Option<SignedDuration>,
    pub exception: Option<Exception>,
    pub wrong: Vec<Wrong>,
}

/// A tag that does not say what it should.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// Its value is no day of the calendar.
    Date { found: String },
    /// A reason, and no day until which it is accepted.
    NoDate,
    /// A day, and no reason.
    NoReason,
    /// Its value is no whole number of hours in the range.
    Hours { found: String },
    /// Its name is like those of Night One, and is none of them.
    Mistyped { name: String },
}

/// 366 days, as RPO_HOURS takes.
const MOST_HOURS: i64 = 8784;
const LONGEST_OWNER: usize = 100;
const LONGEST_REASON: usize = 200;
const LONGEST_FOUND: usize = 40;

impl Said {
    pub fn of(tags: &Tags, owner_tag: &OwnerTag) -> Self {
        let mut wrong = Vec::new();
        let objective = value(tags, RPO_HOURS).and_then(|text| kept(hours(text), &mut wrong));
        let exception = exception(tags).and_then(|read| kept(read, &mut wrong));
        wrong.extend(mistyped(tags, owner_tag).map(|name| Wrong::Mistyped { name: shown(name) }));
        Self { owner: Owner::of(tags, owner_tag), objective, exception, wrong }
    }
}

impl Owner {
    /// `None` where there is no such tag, or nothing in it.
    pub fn of(tags: &Tags, owner_tag: &OwnerTag) -> Option<Self> {
        filled(value(tags, owner_tag.as_str())?, LONGEST_OWNER).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A sentence without a full stop.
impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::Date { found } => write!(
                f,
                "tag {ACCEPTED_UNTIL} is \"{found}\", which is no date like 2026-11-30: nothing is accepted because of it"
            ),
            Wrong::NoDate => {
                write!(f, "tag {ACCEPTED_BECAUSE} has no {ACCEPTED_UNTIL} beside it: nothing is accepted because of it")
            }
            Wrong::NoReason => {
                write!(f, "tag {ACCEPTED_UNTIL} has no reason in {ACCEPTED_BECAUSE}: nothing is accepted because of it")
            }
            Wrong::Hours { found } => write!(
                f,
                "tag {RPO_HOURS} is \"{found}\", which is no whole number of hours from 1 to {MOST_HOURS}: it is not used"
            ),
            Wrong::Mistyped { name } => {
                write!(f, "no tag of Night One is called \"{name}\": correct its name, or remove it")
            }
        }
    }
}

fn kept<T>(read: Result<T, Wrong>, wrong: &mut Vec<Wrong>) -> Option<T> {
    read.map_err(|found| wrong.push(found)).ok()
}

fn hours(text: &str) -> Result<SignedDuration, Wrong> {
    let is_plain = text.trim().bytes().all(|sign| sign.is_ascii_digit());
    let number = text.trim().parse::<i64>().ok().filter(|hours| is_plain && (1..=MOST_HOURS).contains(hours));
    number.map(SignedDuration::from_hours).ok_or_else(|| Wrong::Hours { found: shown(text) })
}

/// `None` where neither tag is set.
fn exception(tags: &Tags) -> Option<Result<Exception, Wrong>> {
    let (until, because) = (value(tags, ACCEPTED_UNTIL), value(tags, ACCEPTED_BECAUSE));
    let Some(until) = until else { return because.map(|_| Err(Wrong::NoDate)) };
    Some(match (date(until.trim()), because.and_then(|text| filled(text, LONGEST_REASON))) {
        (None, _) => Err(Wrong::Date { found: shown(until) }),
        (Some(_), None) => Err(Wrong::NoReason),
        (Some(until), Some(because)) => Ok(Exception { until, because }),
    })
}

/// One line, if there is anything on it.
fn filled(text: &str, limit: usize) -> Option<String> {
    let line = notice::text::outside(text, limit);
    line.chars().any(char::is_alphanumeric).then_some(line)
}

fn shown(text: &str) -> String {
    notice::text::outside(text, LONGEST_FOUND)
}
