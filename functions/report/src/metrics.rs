//! The metrics of a night.
//!
//! Totals have no dimension; further lines go by resource type and by vault. A resource is never a dimension: each would be a metric of its
//! own to pay for. What was not measured is left out, for a 0 or a 100 would be a claim.

use jiff::Timestamp;
use lambda::metrics::Metrics;

use crate::counters::COUNTERS;
use crate::ledger::Window;
use crate::promises::vault_label;
use crate::report::Report;
use crate::summary::{Numbers, success_rate};

/// The line that tells CloudWatch that people were told. Print it only after the publish has succeeded: its absence is an alarm.
pub fn report_sent(now: Timestamp) -> String {
    let mut metrics = Metrics::default();
    metrics.count("ReportSent", 1);
    metrics.line(now, None)
}

pub fn lines(report: &Report) -> Vec<String> {
    let (night, summary) = (report.night(), report.summary());
    let mut total = numbers(report, &summary.total);
    total.count("OpenRootCauses", report.causes().iter().filter(|cause| cause.is_open()).count());
    total.count("RerunsRefused", summary.reruns_failed);
    total.count("CoverageErrors", night.coverage.gaps.len());
    if let Some(subscriptions) = night.subscriptions {
        total.count("SubscriptionsConfirmed", subscriptions);
    }
    let mut lines = vec![total.line(night.now, None)];
    for (resource_type, of_type) in &summary.by_type {
        // A dimension must not be empty.
        let resource_type = if resource_type.is_empty() { "unknown" } else { resource_type };
        lines.push(numbers(report, of_type).line(night.now, Some(("ResourceType", resource_type))));
    }
    for (vault, of_vault) in &summary.by_vault {
        let label = vault_label(vault, &night.scope);
        let label = if label.is_empty() { "unknown".to_owned() } else { label };
        let mut metrics = Metrics::default();
        metrics.count("ResourcesInBreach", of_vault.in_breach);
        metrics.hours("WorstGapHours", of_vault.worst_gap);
        lines.push(metrics.line(night.now, Some(("Vault", &label))));
    }
    lines
}

fn numbers(report: &Report, of: &Numbers) -> Metrics {
    let coverage = &report.night().coverage;
    let mut metrics = Metrics::default();
    if coverage.has(&crate::Source::ProtectedResources) {
        metrics.count("ResourcesProtected", of.protected);
    }
    for counter in COUNTERS.iter().filter(|counter| !counter.metric.is_empty()) {
        metrics.add(counter.metric, (counter.number)(of));
    }
    metrics.hours("WorstGapHours", of.worst_gap);
    metrics.hours("WorstCopyGapHours", of.worst_copy_gap);
    metrics.percent("JobSuccessRate", success_rate(&of.rates, Window::Day, report.night()));
    metrics
}
