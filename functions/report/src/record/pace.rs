//! The lines of backups that take too long.

use promise::Slow;
use serde::Serialize;

use super::{OfResource, instant, seconds};
use crate::pace::SlowRow;
use crate::report::Report;

/// A backup that used over 80 % of its completion window, or took over twice the median of its row.
#[derive(Debug, Serialize)]
pub(super) struct BackupSlow<'a> {
    #[serde(flatten)]
    pub of: OfResource<'a>,
    pub vault_arn: &'a str,
    /// `near-window` or `slower`.
    pub slow: &'static str,
    pub job_id: &'a str,
    /// Without it the job is on its way.
    pub ended: Option<String>,
    /// Since it began to work, and since it was created.
    pub took_s: i64,
    pub used_s: i64,
    pub window_s: Option<i64>,
    /// Of all its good jobs that are on record, to the minute.
    pub median_s: Option<i64>,
    pub p95_s: Option<i64>,
    pub runs: Option<usize>,
}

pub(super) fn slow<'a>(report: &'a Report, one: &SlowRow<'a>) -> BackupSlow<'a> {
    BackupSlow {
        of: OfResource::of_row(report, one.row),
        vault_arn: report.ledger().word(one.row.key.vault),
        slow: match one.slow {
            Slow::NearWindow { .. } => "near-window",
            Slow::Slower { .. } => "slower",
        },
        job_id: one.job,
        ended: instant(one.ended),
        took_s: one.run.took.as_secs(),
        used_s: one.run.used.as_secs(),
        window_s: seconds(one.window),
        median_s: seconds(one.usual.map(|usual| usual.median)),
        p95_s: seconds(one.usual.map(|usual| usual.p95)),
        runs: one.usual.map(|usual| usual.runs),
    }
}
