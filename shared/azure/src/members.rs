//! Reads the members of a record one by one. A member that is missing, null, empty or of another type is `None`: one strange member must not
//! hide a failed job.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::secret::without_secrets;
use crate::time;

/// A record, or a part of it. What is not there has no members.
#[derive(Clone, Copy)]
pub(crate) struct Members<'a>(pub(crate) &'a Value);

impl<'a> Members<'a> {
    /// The member itself; names are compared without case where they are not found as written.
    pub(crate) fn get(self, name: &str) -> Option<&'a Value> {
        let members = self.0.as_object()?;
        let found = members.get(name);
        found.or_else(|| members.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value))
    }

    pub(crate) fn part(self, name: &str) -> Members<'a> {
        Members(self.get(name).unwrap_or(&Value::Null))
    }

    /// A text that is not blank. A number is read as its digits.
    pub(crate) fn text(self, name: &str) -> Option<String> {
        let text = match self.get(name)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    /// A text for people, without what would let somebody in.
    pub(crate) fn words(self, name: &str) -> Option<String> {
        self.text(name).map(|text| without_secrets(&text))
    }

    /// A whole number, written as one or as a text.
    pub(crate) fn number(self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// Yes or no, written as such or as a text.
    pub(crate) fn flag(self, name: &str) -> Option<bool> {
        match self.get(name)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) => text.trim().to_ascii_lowercase().parse().ok(),
            _ => None,
        }
    }

    pub(crate) fn instant(self, name: &str) -> Option<Timestamp> {
        time::instant(self.get(name)?.as_str()?)
    }

    pub(crate) fn duration(self, name: &str) -> Option<SignedDuration> {
        time::duration(self.get(name)?.as_str()?)
    }

    /// The elements of a list; one that stands alone is a list of one.
    pub(crate) fn list(self, name: &str) -> Vec<Members<'a>> {
        match self.get(name) {
            Some(Value::Array(elements)) => elements.iter().map(Members).collect(),
            Some(element @ Value::Object(_)) => vec![Members(element)],
            _ => Vec::new(),
        }
    }

    /// The texts of a list; one that stands alone is a list of one.
    pub(crate) fn texts(self, name: &str) -> Vec<String> {
        let texts: Vec<&str> = match self.get(name) {
            Some(Value::Array(elements)) => elements.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(text)) => vec![text],
            _ => Vec::new(),
        };
        texts.into_iter().map(str::trim).filter(|text| !text.is_empty()).map(without_secrets).collect()
    }
}
