//! A failure that somebody accepts until a day.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// What two tags say together. Both have to be right: a date that is none, or a missing reason, accepts nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exception {
    /// Its last day, in UTC.
    pub until: Date,
    /// One line.
    pub because: String,
}

/// Whether an exception holds for what ended at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It holds: what failed is accepted.
    Accepted,
    /// Its last day was before. What fails is loud again.
    Ended,
}

impl Exception {
    /// Its last day belongs to it to the end.
    pub fn standing(&self, at: Timestamp) -> Standing {
        if day(at) <= self.until { Standing::Accepted } else { Standing::Ended }
    }
}

/// The day of an instant in UTC.
fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// A day of the calendar in the one form `2026-11-30`: nobody has to guess which number is the month.
pub(crate) fn date(text: &str) -> Option<Date> {
    let is_in_form = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, sign)| if at == 4 || at == 7 { sign == b'-' } else { sign.is_ascii_digit() });
    is_in_form.then(|| text.parse().ok()).flatten()
}
