//! The evidence of restores, for auditors.

use cause::restore::{How, Outcome};
use notice::text;
use serde::Serialize;

use super::{LONG, OfResource, Where, instant};
use crate::report::Report;
use crate::restores::Tested;

/// A protected resource, and what is known of whether it can be restored.
#[derive(Debug, Serialize)]
pub(super) struct RestoreEvidence<'a> {
    #[serde(flatten)]
    pub of: OfResource<'a>,
    pub verdict: &'static str,
    /// `validated` or `by-hand`.
    pub proven_by: Option<&'static str>,
    pub restore_job_id: Option<&'a str>,
    /// When it ended; of one on its way when it began.
    pub restored_at: Option<String>,
    pub age_s: Option<i64>,
    pub restore_test_days: i64,
    pub recovery_point_arn: Option<&'a str>,
    pub restore_testing_plan_arn: Option<&'a str>,
    /// When AWS says that the latest restore was begun, where no list has one.
    pub last_tried: Option<String>,
    /// What the validator said, else what AWS said.
    pub said: Option<String>,
}

pub(super) fn evidence<'a>(report: &'a Report, tested: &'a Tested) -> RestoreEvidence<'a> {
    let night = report.night();
    let restore = tested.restore.as_ref();
    RestoreEvidence {
        of: OfResource::of(report, Where::at(report, &night.scope), tested.resource),
        verdict: tested.verdict.as_str(),
        proven_by: restore.and_then(|restore| match restore.outcome {
            Outcome::Proven(How::Validated) => Some("validated"),
            Outcome::Proven(How::ByHand) => Some("by-hand"),
            _ => None,
        }),
        restore_job_id: restore.map(|restore| &*restore.job),
        restored_at: instant(restore.map(|restore| restore.at)),
        age_s: restore.map(|restore| night.now.duration_since(restore.at).as_secs()),
        restore_test_days: night.settings.restore_within.as_hours() / 24,
        recovery_point_arn: restore.and_then(|restore| restore.recovery_point.as_deref()),
        restore_testing_plan_arn: restore.and_then(|restore| restore.plan.as_deref()),
        last_tried: instant(tested.last_tried.get()),
        said: restore.map(|restore| text::outside(&restore.said, LONG)).filter(|said| !said.is_empty()),
    }
}
