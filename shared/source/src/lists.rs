//! Which of AWS Backup's lists tell what. ListBackupJobs and its siblings take one state a call, so the states are named here.

use jiff::SignedDuration;
use job::{JobKind, JobState};

/// AWS Backup keeps job records for 30 days.
pub const RECORDS: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A job may end long after it began, and the lists filter by its beginning: they have to reach back so much further.
pub const LONGEST_JOB: SignedDuration = SignedDuration::from_hours(8 * 24);

/// How many resources of a cause are asked for their COMPLETED jobs: nearly all jobs complete, so they are listed only by resource.
pub const CANDIDATES: usize = 10;

/// The states of a failure. A job that completed with issues is COMPLETED, and in none of these lists.
pub fn failed_states(kind: JobKind) -> &'static [JobState] {
    match kind {
        JobKind::Backup => &[JobState::Failed, JobState::Expired, JobState::Aborted, JobState::Partial],
        JobKind::Copy => &[JobState::Failed, JobState::Partial],
        JobKind::Restore => &[JobState::Failed, JobState::Aborted],
    }
}

/// The states of a job that may still end well. ABORTING is not among them: it ends as ABORTED, and is listed then.
pub fn in_flight_states(kind: JobKind) -> &'static [JobState] {
    match kind {
        JobKind::Backup => &[JobState::Created, JobState::Pending, JobState::Running],
        JobKind::Copy => &[JobState::Created, JobState::Running],
        JobKind::Restore => &[JobState::Pending, JobState::Running],
    }
}

#[cfg(test)]
mod tests {
    use job::Job;

    use super::*;

    #[test]
    fn a_state_is_listed_for_what_it_is() {
        for kind in JobKind::ALL {
            let job = |state: &JobState| Job::new(kind, "1", state.clone());
            assert!(failed_states(kind).iter().all(|state| job(state).is_bad()), "{kind:?}");
            assert!(in_flight_states(kind).iter().all(JobState::in_flight), "{kind:?}");
        }
    }
}
