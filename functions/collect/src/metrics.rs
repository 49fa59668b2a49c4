//! The metrics of a tick.

use jiff::Timestamp;
use lambda::metrics::Metrics;

use crate::members::Members;

/// What was brought in, what could not be read, and how much was seen of accounts that forward nothing.
pub fn line(now: Timestamp, collected: usize, gaps: usize, members: Option<Members>) -> String {
    let mut metrics = Metrics::default();
    metrics.count("JobsCollected", collected);
    metrics.count("CollectCoverageErrors", gaps);
    if let Some(members) = members {
        metrics.count("MemberAccounts", members.accounts);
        metrics.count("MemberScopesRead", members.scopes);
        metrics.count("MemberJobs", members.jobs);
        metrics.count("MemberGaps", members.gaps);
    }
    metrics.line(now, None)
}
