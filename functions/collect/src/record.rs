//! The log lines and the answer of this function. One struct a record; the order of the members is stable.

use std::collections::BTreeMap;

use lambda::record;
use notice::log;
use serde::Serialize;

pub use lambda::record::Ids;

use crate::azure::Sources;
use crate::check::Check;
use crate::coverage::{Coverage, Gap};
use crate::members::Members;
use crate::ready::JobCollected;
use crate::window::Windows;

/// What one invocation brought in: its answer, and its last log line, `collect_summary`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Events that went out.
    pub collected: usize,
    /// Events that the bus did not take.
    pub not_put: usize,
    pub sources: Sources,
    /// Of Azure.
    pub vaults: usize,
    /// The accounts of AWS that forward no events. Only where MEMBER_EVENTS is `polled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<Members>,
    /// The jobs of this tick ended after this, up to `until`.
    pub after: String,
    pub until: String,
    /// Jobs of Azure that are neither backups nor restores, by their operation.
    pub ignored: BTreeMap<String, usize>,
    pub coverage: Coverage,
}

/// An event was put on the bus.
pub fn job_collected(line: &JobCollected) {
    log::write("job_collected", line);
}

impl Summary {
    /// Of these windows, in which nothing was looked at yet.
    pub fn of(windows: &Windows) -> Self {
        Self {
            collected: 0,
            not_put: 0,
            sources: Sources::default(),
            vaults: 0,
            members: None,
            after: windows.jobs.after.to_string(),
            until: windows.jobs.until.to_string(),
            ignored: BTreeMap::new(),
            coverage: Coverage::of(&[]),
        }
    }
}

/// The last line of a tick.
pub fn summary(summary: &Summary) {
    log::write("collect_summary", summary);
}

/// The answer to `{"check":true}`.
pub fn check(answer: &Check) {
    log::write("collect_check", answer);
}

/// A line for each thing that could not be read, with all that the cloud said.
pub fn gaps(gaps: &[Gap]) {
    for gap in gaps {
        let vault: Vec<String> = gap.vault().map(|vault| vault.as_str().to_owned()).into_iter().collect();
        record::error(&gap.detail(), Ids::Vaults(&vault));
    }
}

/// An `error` line that is about no vault.
pub fn error(message: &str) {
    record::error(message, Ids::Vaults(&[]));
}
