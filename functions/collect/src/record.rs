//! The log lines and the answer of this function. One struct a record; the order of the members is stable.

use std::collections::BTreeMap;

use lambda::record::{self, LONG};
use notice::{log, text};
use serde::Serialize;

pub use lambda::record::Ids;

use crate::check::Check;
use crate::coverage::{Coverage, Gap};
use crate::merge::{Found, Record, SeenBy};
use crate::window::Windows;

#[derive(Serialize)]
struct JobCollected<'a> {
    subscription: &'a str,
    vault_id: &'a str,
    item_id: Option<&'a str>,
    job_id: String,
    operation: Option<String>,
    state: String,
    end: String,
    seen_by: &'a [SeenBy],
}

/// An event was put on the bus.
pub fn job_collected(found: &Found) {
    let (operation, state) = match &found.record {
        Record::Job(job) => (Some(text::outside(&job.operation, 60)), text::outside(job.status.as_str(), 60)),
        Record::Item(_) => (None, "Unhealthy".to_owned()),
    };
    let subscription = found.vault().subscription();
    let line = JobCollected {
        subscription: subscription.as_str(),
        vault_id: found.vault().as_str(),
        item_id: found.item.as_ref().map(azure::ItemId::as_str),
        job_id: text::outside(&found.id(), LONG),
        operation,
        state,
        end: found.at.to_string(),
        seen_by: &found.seen_by,
    };
    log::write("job_collected", &line);
}

/// What one invocation brought in: its answer, and its last log line, `collect_summary`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Events that went out.
    pub collected: usize,
    /// Events that the bus did not take.
    pub not_put: usize,
    pub sources: Sources,
    pub vaults: usize,
    /// The jobs of this tick ended after this, up to `until`.
    pub after: String,
    pub until: String,
    /// Jobs that are neither backups nor restores, by their operation.
    pub ignored: BTreeMap<String, usize>,
    pub coverage: Coverage,
}

/// What told of the jobs of this tick. One job may be told by two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sources {
    pub vault_lists: usize,
    pub resource_graph: usize,
    pub items: usize,
}

impl Sources {
    pub fn of(found: &[Found]) -> Self {
        let told = |by| found.iter().filter(|found| found.seen_by.contains(&by)).count();
        Self {
            vault_lists: told(SeenBy::VaultList),
            resource_graph: told(SeenBy::ResourceGraph),
            items: told(SeenBy::Item),
        }
    }
}

impl Summary {
    pub fn of(
        found: &[Found],
        not_put: usize,
        ignored: BTreeMap<String, usize>,
        vaults: usize,
        windows: &Windows,
        gaps: &[Gap],
    ) -> Self {
        Self {
            collected: found.len().saturating_sub(not_put),
            not_put,
            sources: Sources::of(found),
            vaults,
            after: windows.jobs.after.to_string(),
            until: windows.jobs.until.to_string(),
            ignored,
            coverage: Coverage::of(gaps),
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

/// A line for each thing that could not be read, with all that Azure said.
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
