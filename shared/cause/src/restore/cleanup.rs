//! What became of what a restore test made. What stays is billed.

use jiff::{SignedDuration, Timestamp};
use job::{Deletion, Job};

/// The most time that a validator gets.
pub const LONGEST_VALIDATION: SignedDuration = SignedDuration::from_hours(168);

/// A deletion that takes longer than this hangs. A bucket is emptied by a lifecycle rule, which may take days.
const PATIENCE: SignedDuration = SignedDuration::from_hours(24);
const PATIENCE_OF_S3: SignedDuration = SignedDuration::from_hours(3 * 24);
pub const LONGEST_PATIENCE: SignedDuration = PATIENCE_OF_S3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cleanup {
    /// AWS Backup has nothing to delete yet, or never will.
    NotDue,
    Gone,
    UnderWay,
    /// It could not be deleted, or the deletion hangs: it stays, and costs money.
    Leftover,
    /// AWS used a word that nobody knows.
    Unknown,
}

/// What became of what a restore made. `window`: how long its validator may take. No record says when a deletion began: it is not before the
/// validation, and at most the window after the end of the restore.
pub fn cleanup(job: &Job, window: SignedDuration, now: Timestamp) -> Cleanup {
    let Some(record) = &job.restore else { return Cleanup::NotDue };
    match &record.deletion {
        None => Cleanup::NotDue,
        Some(Deletion::Successful) => Cleanup::Gone,
        Some(Deletion::Failed) => Cleanup::Leftover,
        Some(Deletion::Other(_)) => Cleanup::Unknown,
        Some(Deletion::Deleting) => {
            let window = if record.validation.is_some() { window } else { SignedDuration::ZERO };
            let longest = window + patience(job);
            let hangs = job.ended.or(job.created).is_some_and(|ended| now.duration_since(ended) > longest);
            if hangs { Cleanup::Leftover } else { Cleanup::UnderWay }
        }
    }
}

/// How long the deletion of what a restore made may take.
pub fn patience(job: &Job) -> SignedDuration {
    if job.base_type() == "S3" { PATIENCE_OF_S3 } else { PATIENCE }
}

#[cfg(test)]
mod tests {
    use job::RestoreRecord;

    use super::super::tests::restore;
    use super::*;

    #[test]
    fn a_deletion_hangs_once_it_takes_longer_than_it_can() {
        let ended: Timestamp = "2026-11-20T02:00:00Z".parse().unwrap();
        let window = SignedDuration::from_hours(10);
        let table = [
            (None, None, "RDS", 90, Cleanup::NotDue),
            (Some("SUCCESSFUL"), None, "RDS", 90, Cleanup::Gone),
            (Some("FAILED"), None, "RDS", 1, Cleanup::Leftover),
            (Some("RETAINED"), None, "RDS", 1, Cleanup::Unknown),
            (Some("DELETING"), None, "RDS", 24, Cleanup::UnderWay),
            (Some("DELETING"), None, "RDS", 25, Cleanup::Leftover),
            (Some("DELETING"), Some("TIMED_OUT"), "RDS", 34, Cleanup::UnderWay),
            (Some("DELETING"), Some("TIMED_OUT"), "RDS", 35, Cleanup::Leftover),
            (Some("DELETING"), None, "S3", 72, Cleanup::UnderWay),
            (Some("DELETING"), None, "S3", 73, Cleanup::Leftover),
        ];
        for (deletion, validation, of_type, hours, expected) in table {
            let mut job = restore("COMPLETED", "", Some("arn:plan"), validation);
            job.restore = job
                .restore
                .map(|record| Box::new(RestoreRecord { deletion: deletion.map(Deletion::parse), ..*record }));
            job.resource_type = of_type.into();
            job.ended = Some(ended);
            let now = ended + SignedDuration::from_hours(hours);
            assert_eq!(cleanup(&job, window, now), expected, "{deletion:?} {validation:?} {of_type} {hours}");
        }
    }
}
