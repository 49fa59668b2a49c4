//! The log line that every function writes when something went wrong.

use notice::{log, text};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// Longest outside text in a log line, in characters.
pub const LONG: usize = 2_000;

/// What an error is about. Each kind has its own member in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ids<'a> {
    /// `message_ids`: the SQS messages given back because of it.
    Messages(&'a [String]),
    /// `page_ids`: the notices that somebody did not get.
    Pages(&'a [String]),
    /// `root_cause_ids`
    RootCauses(&'a [String]),
}

/// Writes an `error` line.
pub fn error(message: &str, ids: Ids<'_>) {
    log::write("error", &line(message, ids));
}

#[derive(Serialize)]
struct Line<'a> {
    message: String,
    #[serde(flatten)]
    ids: Ids<'a>,
}

fn line<'a>(message: &str, ids: Ids<'a>) -> Line<'a> {
    Line { message: text::outside(message, LONG), ids }
}

impl Serialize for Ids<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (member, ids) = match self {
            Ids::Messages(ids) => ("message_ids", ids),
            Ids::Pages(ids) => ("page_ids", ids),
            Ids::RootCauses(ids) => ("root_cause_ids", ids),
        };
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(member, ids)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_what_it_is_about() {
        let ids = ["a".to_owned()];
        for (of, members) in [
            (Ids::Messages(&[]), r#""message_ids":[]"#),
            (Ids::Messages(&ids), r#""message_ids":["a"]"#),
            (Ids::Pages(&ids), r#""page_ids":["a"]"#),
            (Ids::RootCauses(&ids), r#""root_cause_ids":["a"]"#),
        ] {
            let expected = format!(r#"{{"record":"error","message":"it broke",{members}}}"#);
            assert_eq!(log::line("error", &line("it\nbroke", of)), expected);
        }
    }
}
