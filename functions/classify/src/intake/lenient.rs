//! Reading members of an event that AWS writes in more than one way. What can not be read is missing, never an error.
//!
//! The quirks are those of AWS's own samples in `events/`: numbers as strings, an empty object where an ARN is meant, three forms of dates.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use job::believable;
use serde_json::{Map, Value};

/// Longest text of a member, in characters. No ARN, id or name of AWS is longer; what is goes into request paths and log lines, which have limits.
const LONGEST: usize = 2_048;
/// Longest status message, in characters.
const LONGEST_MESSAGE: usize = 32_768;

/// The members of an event's `detail`.
pub(crate) struct Members<'a>(pub(crate) &'a Map<String, Value>);

impl Members<'_> {
    /// A non-empty string. Numbers and booleans are taken as their text; objects and lists (`"destinationRecoveryPointArn": {}`) are missing.
    ///
    /// What is longer than anything AWS writes is cut.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.text_up_to(name, LONGEST)
    }

    /// The same, with room for a whole sentence of AWS and what it encodes.
    pub(crate) fn message(&self, name: &str) -> Option<String> {
        self.text_up_to(name, LONGEST_MESSAGE)
    }

    fn text_up_to(&self, name: &str, limit: usize) -> Option<String> {
        match self.0.get(name)? {
            Value::String(text) if !text.is_empty() => Some(text.chars().take(limit).collect()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(truth) => Some(truth.to_string()),
            _ => None,
        }
    }

    /// Whole numbers, also as strings (`"bytesTransferred": "36048896"`).
    pub(crate) fn integer(&self, name: &str) -> Option<i64> {
        match self.0.get(name)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// Percentages: `100`, `0.0`, `"0.0"`, `"0.00%"`.
    pub(crate) fn percent(&self, name: &str) -> Option<f64> {
        match self.0.get(name)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().trim_end_matches('%').parse().ok(),
            _ => None,
        }
        .filter(|percent| percent.is_finite())
    }

    /// A date; see [`instant`].
    pub(crate) fn instant(&self, name: &str) -> Option<Timestamp> {
        self.text(name).as_deref().and_then(instant)
    }

    pub(crate) fn truth(&self, name: &str) -> bool {
        self.text(name).is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    pub(crate) fn object(&self, name: &str) -> Option<Members<'_>> {
        self.0.get(name)?.as_object().map(Members)
    }
}

/// RFC 3339 with or without fractions, or Java's `Jul 15, 2020 9:39:07 PM`, which carries no zone and is taken as UTC.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(instant) = text.parse() {
        return believable(instant);
    }
    let java = DateTime::strptime("%b %d, %Y %I:%M:%S %p", text).ok()?;
    believable(java.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_forms_of_dates() {
        let table = [
            ("2020-07-29T20:13:07.392Z", Some("2020-07-29T20:13:07.392Z")),
            ("2020-07-29T13:00:00Z", Some("2020-07-29T13:00:00Z")),
            ("Jul 15, 2020 9:39:07 PM", Some("2020-07-15T21:39:07Z")),
            ("yesterday", None),
            ("9999-12-30T21:59:59Z", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(instant(text), expected.map(|text| text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn endless_text_is_cut() {
        let value = serde_json::json!({"a": "é".repeat(100_000)});
        let members = Members(value.as_object().unwrap());
        let length = |text: Option<String>| text.unwrap().chars().count();
        assert_eq!((length(members.text("a")), length(members.message("a"))), (LONGEST, LONGEST_MESSAGE));
    }

    #[test]
    fn numbers_strings_and_empty_objects() {
        let value = serde_json::json!({"a": "36048896", "b": 7, "c": {}, "d": "", "e": "0.00%", "f": 0.5, "g": "true", "h": null, "i": ["x"]});
        let members = Members(value.as_object().unwrap());
        assert_eq!(
            (members.integer("a"), members.integer("b"), members.integer("c")),
            (Some(36_048_896), Some(7), None)
        );
        assert_eq!(
            (members.text("c"), members.text("d"), members.text("h"), members.text("i")),
            (None, None, None, None)
        );
        assert_eq!((members.percent("e"), members.percent("f"), members.percent("g")), (Some(0.0), Some(0.5), None));
        assert!(members.truth("g") && !members.truth("a"));
    }
}
