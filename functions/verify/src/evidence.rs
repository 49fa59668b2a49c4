//! All that is known of one root cause, as a document for auditors: in parts, each with its hash, so that a change of any shows.
//!
//! [`parts`] says what stands in it, [`told`] what people were told of it as far as the bucket knows, [`keep`] leaves it in the bucket. What a
//! part is hashed as is its JSON, without a blank or a line's end: the same bytes as those of its file.

mod keep;
mod parts;
mod told;

pub use keep::keep;
pub use parts::{Gathered, gather};
pub use told::{Told, nights};

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use job::Scope;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::coverage::Coverage;

/// The version of this document. A member that is added leaves it as it is; one that goes, or means something else, raises it.
pub(crate) const SCHEMA: &str = "night-one/cause/1";
/// Failed jobs of all documents of an answer, which Lambda limits to 6 MB.
const JOBS: usize = 4_000;

/// What an auditor is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    pub evidence: Known,
    pub root_cause_id: String,
    pub made: Timestamp,
    /// One for each account and Region that has this root cause.
    pub documents: Vec<Document>,
    /// Where it is not known: what to do instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub coverage: Coverage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Known {
    Known,
    Unknown,
}

/// What is known of a root cause in one account and Region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Document {
    pub schema: &'static str,
    pub account: String,
    pub region: String,
    pub parts: BTreeMap<&'static str, Value>,
    /// Of the JSON of each part, in hex digits.
    pub sha256: BTreeMap<&'static str, String>,
    /// Of the list of these hashes, as it is kept beside the parts.
    pub sha256_of_all: String,
    pub kept: Kept,
}

/// Where a document is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "kebab-case")]
pub enum Kept {
    /// EVIDENCE_BUCKET is not set.
    NoBucket,
    DryRun,
    Kept {
        bucket: String,
        folder: String,
    },
    NotKept {
        why: String,
    },
}

impl Document {
    /// Puts what was gathered in its final form. `told`: the same in all places.
    pub fn new(gathered: Gathered, told: &Told, coverage: &Coverage) -> Self {
        let Gathered { scope: Scope { account, region, .. }, mut parts, .. } = gathered;
        parts.insert("told", serde_json::to_value(told).unwrap_or_default());
        parts.insert("coverage", serde_json::to_value(coverage).unwrap_or_default());
        let sha256: BTreeMap<&str, String> =
            parts.iter().map(|(name, part)| (*name, hash(part.to_string().as_bytes()))).collect();
        let sha256_of_all = hash(list(&sha256).as_bytes());
        Self { schema: SCHEMA, account, region, parts, sha256, sha256_of_all, kept: Kept::NoBucket }
    }

    /// The hashes as `sha256sum --check` reads them.
    pub fn list(&self) -> String {
        list(&self.sha256)
    }
}

/// How many failed jobs each document may name, where an answer has this many documents.
pub(crate) fn jobs_of_each(documents: usize) -> usize {
    JOBS / documents.max(1)
}

/// What is answered where no document is: the cause is not among those that were looked into.
pub fn unknown(id: &str, on_record: &BTreeSet<String>, days: i64, coverage: &Coverage) -> String {
    let why = match on_record.contains(id) {
        true => "This root cause is on record, but too many larger ones were looked into before it. Ask again when those are fixed.".to_owned(),
        false => format!(
            "No failed job of the last {days} days has this root cause where Night One looks. {{\"dry_run\":true}} lists those that there are; an older one may have its documents in EVIDENCE_BUCKET, below causes/, and its lines in the log: the saved query \"Root causes\"."
        ),
    };
    match coverage.complete {
        true => why,
        false => format!("{why} Not everything could be read, as coverage says: it may be among that."),
    }
}

fn list(hashes: &BTreeMap<&str, String>) -> String {
    hashes.iter().map(|(name, hash)| format!("{hash}  {name}.json\n")).collect()
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_part_has_the_hash_of_its_json() {
        let gathered = Gathered {
            scope: Scope::aws("111122223333", "eu-west-1"),
            since: None,
            parts: BTreeMap::from([("jobs", json!([])), ("proof", Value::Null)]),
        };
        let told = Told::new("arn:aws:sns:eu-west-1:111122223333:alerts", "rc-0123456789", Default::default());
        let document = Document::new(gathered, &told, &Coverage::of(Vec::new()));
        // `printf '[]' | sha256sum`
        let empty = "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945";
        assert_eq!(document.sha256["jobs"], empty);
        assert_eq!(document.list().lines().nth(1), Some(format!("{empty}  jobs.json").as_str()));
        assert_eq!(document.list().lines().count(), document.parts.len());
        assert_eq!(document.sha256_of_all, hash(document.list().as_bytes()));
    }

    #[test]
    fn what_is_unknown_says_what_to_do() {
        let (all, part) = (Coverage::of(Vec::new()), Coverage::of(vec!["denied".to_owned()]));
        let on_record = BTreeSet::from(["rc-0123456789".to_owned()]);
        let unknown = |id, coverage| unknown(id, &on_record, 30, coverage);
        assert!(unknown("rc-9876543210", &all).contains("{\"dry_run\":true}"));
        assert!(unknown("rc-0123456789", &all).starts_with("This root cause is on record"));
        assert!(unknown("rc-9876543210", &part).ends_with("it may be among that."));
    }
}
