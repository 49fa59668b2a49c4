//! What a worker leaves of an account for the merge: a document of its own, with a version.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// Raised whenever a part of before could be read wrongly.
const VERSION: u32 = 2;

/// The night of one account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    version: u32,
    pub night: Date,
    pub account: String,
    /// When it was made.
    pub made: Timestamp,
    pub digest: Digest,
}

impl Part {
    pub fn new(night: Date, account: &str, made: Timestamp, digest: Digest) -> Self {
        Self { version: VERSION, night, account: account.to_owned(), made, digest }
    }

    /// # Errors
    /// A clause, for a document that is none, of another version, or of another night or account.
    pub fn parse(document: &[u8], night: Date, account: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let damaged = |error: serde_json::Error| format!("it cannot be read ({error})");
        let Versioned { version } = serde_json::from_slice(document).map_err(damaged)?;
        if version != VERSION {
            return Err(format!("it has the version {version}, and this is version {VERSION}: was the stack updated?"));
        }
        let part: Self = serde_json::from_slice(document).map_err(damaged)?;
        if (part.night, part.account.as_str()) != (night, account) {
            let (night, account) = (part.night, notice::text::outside(&part.account, 40));
            return Err(format!("it is of account {account} in the night of {night}"));
        }
        Ok(part)
    }

    /// # Errors
    /// For a number that JSON cannot hold.
    pub fn document(&self) -> Result<Vec<u8>, String> {
        serde_json::to_vec(self).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_read_back_or_says_why_not() {
        let night: Date = "2026-11-28".parse().unwrap();
        let part = Part::new(night, "444455556666", "2026-11-28T06:00:00Z".parse().unwrap(), Digest::default());
        let document = part.document().unwrap();
        assert_eq!(Part::parse(&document, night, "444455556666"), Ok(part));
        let text = String::from_utf8(document.clone()).unwrap();
        let half = document.get(..document.len() / 2).unwrap().to_vec();
        let table = [
            (half, "it cannot be read"),
            (b"[]".to_vec(), "it cannot be read"),
            (text.replace("\"version\":2", "\"version\":1").into_bytes(), "it has the version 1"),
            (text.replace("444455556666", "1").into_bytes(), "it is of account 1 in the night of 2026-11-28"),
            (
                text.replace("2026-11-28\"", "2026-11-27\"").into_bytes(),
                "it is of account 444455556666 in the night of 2026-11-27",
            ),
        ];
        for (document, why) in table {
            let error = Part::parse(&document, night, "444455556666").unwrap_err();
            assert!(error.starts_with(why), "{error}");
        }
    }
}
