//! Our own reruns among the failures: which of them verify tells. Pure.

use job::Job;
use lambda::record::Announcer;

/// Who tells people of a failed job: verify tells of its own reruns.
pub fn announcer(job: &Job, recorded: &[&Job]) -> Announcer {
    if is_left_to_verify(job, recorded) { Announcer::Verify } else { Announcer::Classify }
}

/// Whether a job is a rerun of ours, or in Azure may be one, that failed as its resource did before: verify announces those. One that failed
/// in a new way pages.
///
/// `recorded`: the failures of its cause on record.
pub fn is_left_to_verify(job: &Job, recorded: &[&Job]) -> bool {
    let was_open = |earlier: &&Job| {
        earlier.id != job.id
            && earlier.resource_arn == job.resource_arn
            && earlier.ended.is_some()
            && earlier.ended < job.created
    };
    job.is_attempt() && recorded.iter().any(was_open)
}
