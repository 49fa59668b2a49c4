//! How loud a page is. Pure, and the whole rule in one place.

use cause::rank::Block;
use classification::class::Class;
use classification::table::Rerun;
use jiff::Timestamp;
use job::{Cloud, Job, JobState};
use notice::Severity;
use source::diagnosis::Diagnosis;

use crate::risk::AtRisk;

pub fn severity<'a>(
    jobs: impl Iterator<Item = &'a Job>,
    diagnosis: &Diagnosis,
    at_risk: &[AtRisk],
    page: Option<(Block, usize)>,
    now: Timestamp,
) -> Severity {
    let mut jobs = jobs.peekable();
    let cloud = jobs.peek().map_or(Cloud::Aws, |job| job.scope.cloud);
    let aborted_by_a_person = diagnosis.class == Class::UserCancelled && jobs.all(|job| job.state == JobState::Aborted);
    let first_of_its_block = matches!(page, Some((_, 1)));
    // Not read is not "within RPO": only what was seen to be fresh makes a page quiet.
    let is_within =
        |resource: &AtRisk| resource.objective.is_ok() && resource.age(now).is_some() && !resource.past_objective(now);
    let all_within = !at_risk.is_empty() && at_risk.iter().all(is_within);
    let cannot_wait = at_risk.iter().any(AtRisk::exceeds_before_next_run);
    if at_risk.iter().any(|resource| resource.has_nothing_good() || resource.past_objective(now)) {
        Severity::Critical
    } else if aborted_by_a_person && !cannot_wait {
        Severity::Info
    } else if diagnosis.class.is_denial_key_or_unknown() {
        Severity::Critical
    } else if diagnosis.class.entry_in(cloud).rerun == Rerun::Rest && first_of_its_block && all_within && !cannot_wait {
        Severity::Info
    } else {
        Severity::Warning
    }
}
