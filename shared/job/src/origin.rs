//! Which jobs are Night One's own reruns.

use jiff::SignedDuration;

use crate::{Job, JobKind};

/// The start window of our reruns, in minutes. No console and no plan uses it, so it marks them in every list and event.
pub const RERUN_START_WINDOW_MINUTES: i64 = 61;

/// AWS may cut StartBy to the minute beside a CreationDate with milliseconds (its own samples do), so that our 61 minutes may look like little
/// more than 60. An operator's own 60, cut likewise, never look like more than 60.
const SHORTEST: SignedDuration = SignedDuration::from_secs(60 * (RERUN_START_WINDOW_MINUTES - 1) + 1);
const LONGEST: SignedDuration = SignedDuration::from_secs(60 * RERUN_START_WINDOW_MINUTES + 30);

/// Whether a job is a rerun that Night One started.
///
/// Only jobs that no plan made can be. Of those, the start window of 61 minutes marks ours, as far as StartBy still tells it: StartBy −
/// CreationDate is more than 60 min 1 s and at most 61 min 30 s. One without StartBy counts as ours, so that a doubtful job is never taken
/// for an operator's and counted as no attempt.
pub fn is_ours(job: &Job) -> bool {
    if job.created_by.is_some() || job.created_by_backup_job_id.is_some() {
        return false;
    }
    match (job.kind, job.start_by, job.created) {
        (JobKind::Restore, ..) => false,
        (JobKind::Copy, ..) => true,
        (JobKind::Backup, Some(start_by), Some(created)) => {
            let window = start_by.duration_since(created);
            SHORTEST < window && window <= LONGEST
        }
        (JobKind::Backup, ..) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CreatedBy, JobState};

    fn job(created: &str, start_by: Option<&str>) -> Job {
        Job {
            created: Some(created.parse().unwrap()),
            start_by: start_by.map(|text| text.parse().unwrap()),
            ..Job::new(JobKind::Backup, "1", JobState::Failed)
        }
    }

    #[test]
    fn the_start_window_marks_our_jobs() {
        let whole = "2026-11-21T01:00:00Z";
        let table = [
            (whole, Some("2026-11-21T02:01:00Z"), true),
            (whole, Some("2026-11-21T02:01:30Z"), true),
            (whole, Some("2026-11-21T02:01:31Z"), false),
            (whole, Some("2026-11-21T02:00:00Z"), false),
            (whole, Some("2026-11-21T02:00:01Z"), false),
            (whole, Some("2026-11-21T02:00:01.001Z"), true),
            (whole, Some("2026-11-21T09:00:00Z"), false),
            (whole, None, true),
            // Our 61 minutes, cut to the minute.
            ("2026-11-21T01:00:00.500Z", Some("2026-11-21T02:01:00Z"), true),
            ("2026-11-21T01:00:31Z", Some("2026-11-21T02:01:00Z"), true),
            ("2026-11-21T01:00:58.900Z", Some("2026-11-21T02:01:00Z"), true),
            // An operator's 60 minutes, cut to the minute.
            ("2026-11-21T01:00:00.500Z", Some("2026-11-21T02:00:00Z"), false),
            ("2026-11-21T01:00:58.900Z", Some("2026-11-21T02:00:00Z"), false),
        ];
        for (created, start_by, ours) in table {
            assert_eq!(is_ours(&job(created, start_by)), ours, "{created} {start_by:?}");
        }
        let by_plan = Job { created_by: Some(CreatedBy::default()), ..job(whole, Some("2026-11-21T02:01:00Z")) };
        assert!(!is_ours(&by_plan));
    }
}
