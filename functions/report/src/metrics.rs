//! The metrics of a night.
//!
//! Totals have no dimension; further lines go by resource type and by vault. A resource is never a dimension: each would be a metric of its
//! own to pay for. What was not measured is left out, for a 0 or a 100 would be a claim.

use jiff::Timestamp;
use lambda::metrics::Metrics;

use crate::counters::COUNTERS;
use crate::digest::Rests;
use crate::ledger::Window;
use crate::summary::Numbers;
use crate::whole::{Extent, Whole};

/// The line that tells CloudWatch that people were told. Print it only after the publish has succeeded: its absence is an alarm.
pub fn report_sent(now: Timestamp) -> String {
    let mut metrics = Metrics::default();
    metrics.count("ReportSent", 1);
    metrics.line(now, None)
}

/// Whether the page of a night could not be kept. More than 0 is an alarm.
pub fn evidence_not_written(now: Timestamp, pages: usize) -> String {
    let mut metrics = Metrics::default();
    metrics.count("EvidenceNotWritten", pages);
    metrics.line(now, None)
}

pub fn lines(whole: &Whole) -> Vec<String> {
    let (frame, digest, summary) = (&whole.frame, &whole.digest, &whole.digest.summary);
    let mut total = numbers(whole, &summary.total);
    total.count("OpenRootCauses", digest.open_causes().count());
    total.count("Accepted", summary.total.accepted + summary.total.copies_accepted);
    total.count("RerunsRefused", summary.reruns_failed);
    total.count("CoverageErrors", digest.gaps());
    if let Some(subscriptions) = whole.frame.subscriptions {
        total.count("SubscriptionsConfirmed", subscriptions);
    }
    let mut lines = vec![total.line(frame.now, None)];
    for (resource_type, of_type) in &summary.by_type {
        // A dimension must not be empty.
        let resource_type = if resource_type.is_empty() { "unknown" } else { resource_type };
        lines.push(numbers(whole, of_type).line(frame.now, Some(("ResourceType", resource_type))));
    }
    // Each vault is a metric of its own to pay for: with many accounts the log has them.
    let vaults = summary.by_vault.iter().filter(|_| frame.extent == Extent::One);
    for (vault, of_vault) in vaults {
        let label = whole.vault_label(vault);
        let label = if label.is_empty() { "unknown".to_owned() } else { label };
        let mut metrics = Metrics::default();
        metrics.count("ResourcesInBreach", of_vault.in_breach);
        metrics.hours("WorstGapHours", of_vault.worst_gap);
        lines.push(metrics.line(frame.now, Some(("Vault", &label))));
    }
    lines
}

fn numbers(whole: &Whole, of: &Numbers) -> Metrics {
    let mut metrics = Metrics::default();
    if whole.digest.has_all(Rests::ProtectedResources) {
        metrics.count("ResourcesProtected", of.protected);
    }
    for counter in COUNTERS.iter().filter(|counter| !counter.metric.is_empty()) {
        metrics.add(counter.metric, (counter.number)(of));
    }
    metrics.hours("WorstGapHours", of.worst_gap);
    metrics.hours("WorstCopyGapHours", of.worst_copy_gap);
    metrics.percent("JobSuccessRate", whole.success_rate(&of.rates, Window::Day));
    metrics
}
