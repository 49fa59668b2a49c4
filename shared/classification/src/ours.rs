//! Which jobs are Night One's own reruns.

use jiff::SignedDuration;

use crate::job::{Job, JobKind};

/// The start window of our reruns, in minutes. No console and no plan uses it, so it marks them in every list and event.
pub const RERUN_START_WINDOW_MINUTES: i64 = 61;

/// Whether a job is a rerun that Night One started.
///
/// Only jobs that no plan made can be. Of those, the start window of 61 minutes (give or take 30 s) marks ours; one without StartBy
/// counts as ours, so that a doubtful job is never taken for an operator's and counted as no attempt.
pub fn is_ours(job: &Job) -> bool {
    if job.created_by.is_some() || job.created_by_backup_job_id.is_some() {
        return false;
    }
    match (job.kind, job.start_by, job.created) {
        (JobKind::Restore, ..) => false,
        (JobKind::Copy, ..) => true,
        (JobKind::Backup, Some(start_by), Some(created)) => {
            let window = start_by.duration_since(created);
            let ours = SignedDuration::from_mins(RERUN_START_WINDOW_MINUTES);
            (window - ours).abs() <= SignedDuration::from_secs(30)
        }
        (JobKind::Backup, ..) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{CreatedBy, JobState};

    #[test]
    fn the_start_window_marks_our_jobs() {
        let job = |start_by: Option<&str>| Job {
            created: Some("2026-11-21T01:00:00Z".parse().unwrap()),
            start_by: start_by.map(|text| text.parse().unwrap()),
            ..Job::new(JobKind::Backup, "1", JobState::Failed)
        };
        let table = [
            (Some("2026-11-21T02:01:00Z"), true),
            (Some("2026-11-21T02:01:30Z"), true),
            (Some("2026-11-21T02:01:31Z"), false),
            (Some("2026-11-21T02:00:00Z"), false),
            (Some("2026-11-21T09:00:00Z"), false),
            (None, true),
        ];
        for (start_by, ours) in table {
            assert_eq!(is_ours(&job(start_by)), ours, "{start_by:?}");
        }
        assert!(!is_ours(&Job { created_by: Some(CreatedBy::default()), ..job(Some("2026-11-21T02:01:00Z")) }));
    }
}
