//! Times and durations as Azure writes them: two forms of each, and values that mean "never".

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

/// An instant. `None` for no instant, and for the values that stand for "never": all of the year 1, and the first day of 2001.
///
/// Times have up to nine decimals, and those of the year 1 come without a zone. A time without a zone is read as UTC.
pub fn instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let instant = text.parse::<Timestamp>().ok().or_else(|| {
        let local: DateTime = text.parse().ok()?;
        local.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    })?;
    let never = instant.as_second() == NEVER;
    job::believable(instant).filter(|_| !never)
}

/// 2001-01-01T00:00:00Z, in seconds.
const NEVER: i64 = 978_307_200;

/// A duration in either form: ISO 8601 (`PT55M53.25S`) or a clock (`00:03:13.6439467`, with days `1.02:00:00`). `None` for all else, and for what
/// is negative: the least value of .NET stands for "not set".
pub fn duration(text: &str) -> Option<SignedDuration> {
    let text = text.trim();
    clock(text).or_else(|| iso(text)).filter(|duration| !duration.is_negative())
}

fn iso(text: &str) -> Option<SignedDuration> {
    if !text.starts_with(['P', 'p']) {
        return None;
    }
    let span: Span = text.parse().ok()?;
    // In schedules a week has seven days, and a day 24 hours. A month is as long as the first one of a year.
    span.to_duration(SpanRelativeTo::days_are_24_hours())
        .or_else(|_| span.to_duration(DateTime::constant(2026, 1, 1, 0, 0, 0, 0)))
        .ok()
}

fn clock(text: &str) -> Option<SignedDuration> {
    let (days, clock) = match text.split_once('.') {
        Some((days, rest)) if rest.contains(':') => (days.parse::<u32>().ok()?, rest),
        _ => (0, text),
    };
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = whole.split(':').map(|part| part.parse::<u32>().ok().filter(|_| part.len() <= 9));
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || minutes > 59 || seconds > 59 || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let mut nanoseconds = 0_i32;
    for place in 0..9 {
        let digit = fraction.as_bytes().get(place).map_or(0, |digit| i32::from(digit - b'0'));
        nanoseconds = nanoseconds * 10 + digit;
    }
    let hours = u64::from(days) * 24 + u64::from(hours);
    let seconds = hours * 3600 + u64::from(minutes) * 60 + u64::from(seconds);
    Some(SignedDuration::new(i64::try_from(seconds).ok()?, nanoseconds))
}

/// An instant as filters of job lists want it: UTC, to the second, by a clock of twelve hours. Midnight is `12:00:00 AM`.
pub(crate) fn in_filter(instant: Timestamp) -> String {
    let local = instant.to_zoned(TimeZone::UTC).datetime();
    let half = if local.hour() < 12 { "AM" } else { "PM" };
    let hour = match local.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    format!("{} {hour:02}:{:02}:{:02} {half}", local.date(), local.minute(), local.second())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    #[test]
    fn instants_are_read_in_every_form_and_never_is_none() {
        for (text, expected) in [
            ("2026-03-13T01:00:08.1196317Z", Some("2026-03-13T01:00:08.1196317Z")),
            ("2026-03-13T01:00:08Z", Some("2026-03-13T01:00:08Z")),
            ("2021-12-17T08:00:00+00:00", Some("2021-12-17T08:00:00Z")),
            ("2026-03-13T01:00:08.11", Some("2026-03-13T01:00:08.11Z")),
            ("2001-01-01T00:00:00Z", None),
            ("2001-01-01T00:00:00", None),
            ("2001-01-01T00:00:01Z", Some("2001-01-01T00:00:01Z")),
            ("0001-01-01T00:00:00", None),
            ("0001-01-01T00:00:00Z", None),
            ("9999-12-31T23:59:59.9999999Z", None),
            ("", None),
            ("yesterday", None),
        ] {
            assert_eq!(instant(text), expected.map(|text| text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn durations_are_read_in_both_forms() {
        let seconds = |seconds: f64| Some(SignedDuration::from_secs_f64(seconds));
        for (text, expected) in [
            ("00:03:13.6439467", Some(SignedDuration::new(193, 643_946_700))),
            ("00:04:10", seconds(250.0)),
            ("1.02:00:00", seconds(93_600.0)),
            ("36600.00:00:00", seconds(36_600.0 * 86_400.0)),
            ("PT55M53.25S", seconds(3353.25)),
            ("PT5H2M11.1234567S", Some(SignedDuration::new(18_131, 123_456_700))),
            ("P1D", seconds(86_400.0)),
            ("P1W", seconds(604_800.0)),
            ("P1M", seconds(31.0 * 86_400.0)),
            ("PT0S", seconds(0.0)),
            ("-10675199.02:48:05.4775808", None),
            ("-PT5M", None),
            ("00:61:00", None),
            ("5", None),
            ("", None),
            ("1:2:3:4", None),
        ] {
            assert_eq!(duration(text), expected, "{text}");
        }
    }

    #[test]
    fn filters_have_a_clock_of_twelve_hours() {
        for (text, expected) in [
            ("2026-03-12T01:00:00Z", "2026-03-12 01:00:00 AM"),
            ("2026-03-12T00:00:00Z", "2026-03-12 12:00:00 AM"),
            ("2026-03-12T12:00:00Z", "2026-03-12 12:00:00 PM"),
            ("2026-03-12T23:59:59.999Z", "2026-03-12 11:59:59 PM"),
        ] {
            assert_eq!(in_filter(text.parse().unwrap()), expected);
        }
    }

    proptest! {
        #[test]
        fn both_forms_say_the_same(seconds in 0_i64..40_000_000, nanos in 0_i32..10_000_000) {
            let expected = SignedDuration::new(seconds, nanos * 100);
            let (days, rest) = (seconds / 86_400, seconds % 86_400);
            let clock = format!("{days}.{:02}:{:02}:{:02}.{nanos:07}", rest / 3600, rest / 60 % 60, rest % 60);
            proptest::prop_assert_eq!(duration(&clock), Some(expected));
            proptest::prop_assert_eq!(duration(&format!("PT{}M{}.{nanos:07}S", seconds / 60, seconds % 60)), Some(expected));
        }

        #[test]
        fn no_text_is_too_strange(text in any::<String>()) {
            let _ = (instant(&text), duration(&text));
        }
    }
}
