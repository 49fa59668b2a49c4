//! The metrics of a tick.

use jiff::Timestamp;
use lambda::metrics::Metrics;

/// What was brought in, and what could not be read.
pub fn line(now: Timestamp, collected: usize, gaps: usize) -> String {
    let mut metrics = Metrics::default();
    metrics.count("JobsCollected", collected);
    metrics.count("CollectCoverageErrors", gaps);
    metrics.line(now, None)
}
