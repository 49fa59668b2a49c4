//! The summary of a week or a month.

use serde::Serialize;

use crate::period::{Origin, Review};

/// What is told of a period: the answer, and its log line `period_summary`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PeriodSummary {
    pub period: &'static str,
    pub from: String,
    pub to: String,
    /// `bucket` or `aws`.
    pub source: &'static str,
    /// Why it is told from what AWS lists now.
    pub why: Option<String>,
    /// Reports that it rests on, and the last of them.
    pub reports: usize,
    pub as_of: String,
    /// Nights of which no report is there, and why others could not be read.
    pub missing: Vec<String>,
    pub unread: Vec<String>,
    /// Ids of root causes.
    pub closed: Vec<String>,
    pub open: Vec<String>,
    pub failed_jobs: usize,
    pub reruns_completed: usize,
    pub reruns_failed: usize,
    pub success_rate: Option<f64>,
    pub in_breach: usize,
    pub at_risk: usize,
    pub never_backed_up: usize,
    pub no_plan: usize,
    /// Null where the last report is of an older release that does not tell, as are the numbers of tests.
    pub restores_proven: Option<usize>,
    pub restores_failed: usize,
    pub restores_never_tested: Option<usize>,
    /// Restore tests of the 30 days before its end, and those that were validated.
    pub restore_tests: Option<usize>,
    pub restore_tests_validated: Option<usize>,
    pub longest_backup_s: Option<i64>,
    pub longest_restore_s: Option<i64>,
    pub owners: Vec<String>,
}

impl PeriodSummary {
    pub fn of(review: &Review) -> Self {
        let (source, why, missing, unread) = match &review.origin {
            Origin::Bucket { missing, unread } => ("bucket", None, missing.as_slice(), unread.as_slice()),
            Origin::Aws { why } => ("aws", Some(why.clone()), &[][..], &[][..]),
        };
        let (numbers, restores) = (&review.numbers, review.restores.as_ref());
        Self {
            period: review.period.as_str(),
            from: review.from.to_string(),
            to: review.to.to_string(),
            source,
            why,
            reports: review.reports,
            as_of: review.as_of.to_string(),
            missing: missing.iter().map(ToString::to_string).collect(),
            unread: unread.iter().map(|why| notice::text::outside(why, 300)).collect(),
            closed: review.closed().map(|cause| cause.id.clone()).collect(),
            open: review.open().map(|cause| cause.id.clone()).collect(),
            failed_jobs: review.failures(),
            reruns_completed: numbers.reruns_completed,
            reruns_failed: numbers.reruns_failed,
            success_rate: review.success_rate(),
            in_breach: numbers.in_breach,
            at_risk: numbers.at_risk,
            never_backed_up: numbers.never_backed_up,
            no_plan: numbers.no_plan,
            restores_proven: numbers.restores_proven,
            restores_failed: numbers.restores_failed,
            restores_never_tested: numbers.restores_never_tested,
            restore_tests: restores.map(|restores| restores.tests.values().sum()),
            restore_tests_validated: restores.map(|restores| restores.tests.get("proven").copied().unwrap_or_default()),
            longest_backup_s: review.slow.first().map(|slow| slow.longest_s),
            longest_restore_s: restores.and_then(|restores| restores.longest.first()).map(|restore| restore.took_s),
            owners: review.owners.iter().take(100).map(|(owner, _)| owner.clone()).collect(),
        }
    }
}
