//! Accounts and Regions of AWS that forward no events: their lists are read instead.
//!
//! Read in this order: [`gather`] (the reading, account by account), [`due`] (which of it is to be told), [`event`] (what is said of it), [`gap`]
//! (what could not be read), [`check`] (whether the way there is open).

pub mod check;
pub mod due;
pub mod event;
pub mod gap;
pub mod gather;

use job::{Cloud, Job};
use lambda::record::LONG;
use notice::text;
use serde::Serialize;
use source::Sources;
use tokio::time::Instant;

use crate::ready::{JobCollected, Ready, SeenBy};
use crate::window::Windows;

use gap::Gap;
use gather::Gathered;

/// What a tick brings in of other accounts and Regions.
#[derive(Debug)]
pub struct Brought {
    pub ready: Vec<Ready>,
    pub seen: Members,
    pub gaps: Vec<Gap>,
}

/// What was seen of the accounts of AWS that forward no events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Members {
    /// Accounts that were looked at, whether they let us in or not.
    pub accounts: usize,
    /// Their Regions whose lists were read to their end.
    pub scopes: usize,
    /// Jobs of theirs that are to be told.
    pub jobs: usize,
    /// What could not be read. One reason that several accounts have is one.
    pub gaps: usize,
}

/// What cannot be read is a gap.
pub async fn bring(sources: &Sources, windows: &Windows, until: Instant) -> Brought {
    let Gathered { jobs, accounts, scopes, gaps } = gather::gather(sources, windows.jobs, until).await;
    let due = due::due(jobs, windows.jobs);
    let gaps = gap::distinct(gaps);
    Brought {
        ready: due.iter().map(|job| Ready { event: event::event(job), line: line(job) }).collect(),
        seen: Members { accounts, scopes, jobs: due.len(), gaps: gaps.len() },
        gaps,
    }
}

fn line(job: &Job) -> JobCollected {
    JobCollected {
        cloud: Cloud::Aws.as_str(),
        account: text::outside(&job.scope.account, 40),
        region: Some(job.scope.region.clone()),
        subscription: None,
        vault_id: None,
        item_id: None,
        job_id: text::outside(&job.id, LONG),
        operation: Some(job.kind.as_str().to_owned()),
        state: text::outside(job.state.as_str(), 60),
        end: job.ended.map(|ended| ended.to_string()),
        seen_by: vec![SeenBy::JobList],
    }
}
