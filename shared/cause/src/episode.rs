//! An episode of a root cause: from its first failure after its last proof to its next proof.

mod course;
mod facts;
mod leg;

use jiff::{SignedDuration, Timestamp};

pub use self::course::Course;
pub use self::facts::{Completed, JobFacts, Maker, ProvenByWhom};
use classification::table::ProvenBy;
use job::Job;

/// The open episode of a cause, as far back as AWS Backup's records reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Episode {
    /// When its first failure ended.
    pub start: Timestamp,
    /// The last failure of the episode.
    pub last: Timestamp,
    pub failures: usize,
    /// On how many nights (noon to noon, UTC) it failed, counted from 1.
    pub nights: usize,
}

/// The latest episode of a cause, and the job that ended it.
#[derive(Clone, Debug, PartialEq)]
pub struct Latest<J> {
    pub episode: Episode,
    /// The job that proved the cause fixed; `None` while it is open.
    pub proof: Option<J>,
}

/// The latest episode of a cause: the open one, or the one that ended last. `None` without failures.
///
/// `failures` are the failed jobs of the cause, `completions` COMPLETED jobs whose recovery points exist, in any order.
///
/// - A proof covers its own kind: a cause that one job proves is over once each kind of its failures has its proof, restores left out
///   unless nothing else failed. The job that completed the set is the proof that is told.
/// - A proof was created after every failure of its kind that had ended by its own end: a job begun before the last failure proves nothing,
///   and "completed with issues" proves nothing.
/// - A job that was created before the proof, and fails after it, says nothing of the time after the proof: it joins the episode that is
///   over and opens none, unless the proof and it are of one scheduled run. Once a new episode is open, it belongs to that.
/// - A cause that one job can prove is over, too, when each of its resources has recovered by itself (moved to another key, say): it holds
///   nothing back any more.
pub fn latest<J: JobFacts>(failures: &[J], completions: &[J], proven_by: ProvenBy) -> Option<Latest<J>> {
    Course::of(failures, completions, proven_by).latest()
}

/// The moment a cause was last proven fixed: the end of the job that proved it. `None`: never, as far as is known. The arguments are those
/// of [`latest`], whose proof this is if nothing is open.
pub fn last_proof<J: JobFacts>(failures: &[J], completions: &[J], proven_by: ProvenBy) -> Option<Timestamp> {
    Course::of(failures, completions, proven_by).last_proof()?.ended()
}

/// So far back an episode is known to its beginning. AWS keeps job records for 30 days, and of the oldest one some may be gone already.
const KNOWN: SignedDuration = SignedDuration::from_hours(29 * 24);

/// The id that threads a chat and closes a pager incident: the cause and the day its episode began.
///
/// Once the beginning may be older than the records it is written as `open`, so that the id changes once and not every night. Who could not
/// read the episode has no id: one of its own making would open an incident that no VERIFIED closes.
pub fn incident_id(cause: &classification::identity::RootCauseId, episode: &Episode, now: Timestamp) -> String {
    match episode.reaches_back(now) {
        ReachesBack::AtLeast => format!("{cause}-open"),
        ReachesBack::ToItsBeginning => {
            let day = episode.start.to_zoned(jiff::tz::TimeZone::UTC);
            format!("{cause}-{}", day.strftime("%Y%m%d"))
        }
    }
}

/// How much of an episode is on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReachesBack {
    ToItsBeginning,
    /// It may be older than AWS's records.
    AtLeast,
}

impl Episode {
    pub fn reaches_back(&self, now: Timestamp) -> ReachesBack {
        if now.duration_since(self.start) < KNOWN { ReachesBack::ToItsBeginning } else { ReachesBack::AtLeast }
    }
}

/// Whether a job goes the way that a failure went, so that its success says something about it: the same kind, role and vault, and the
/// same key where both name one. Our own rerun of the resource does what its plan says today, role and vault included, so it counts even
/// where these were changed to mend the cause.
pub fn same_path(job: &Job, failure: &Job) -> bool {
    let same_key = match (&job.encryption_key_arn, &failure.encryption_key_arn) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    };
    let by_the_plan = job.is_our_rerun() && job.resource_arn == failure.resource_arn;
    job.kind == failure.kind && same_key && (by_the_plan || job.way() == failure.way())
}

#[cfg(test)]
mod tests {
    use super::*;
    use job::{JobKind, JobState};

    fn at(hour: i64) -> Timestamp {
        let start: Timestamp = "2026-11-20T00:00:00Z".parse().unwrap();
        start + SignedDuration::from_hours(hour)
    }

    fn job(resource: &str, state: JobState, created: i64, ended: i64) -> Job {
        Job {
            resource_arn: resource.into(),
            created: Some(at(created)),
            ended: Some(at(ended)),
            role: Some("arn:aws:iam::111122223333:role/Backup".into()),
            vault: Some("arn:aws:backup:eu-west-1:111122223333:backup-vault:main".into()),
            ..Job::new(JobKind::Backup, format!("{resource}-{created}"), state)
        }
    }

    fn proof(failures: &[Job], completions: &[Job], proven_by: ProvenBy) -> Option<Timestamp> {
        last_proof(&failures.iter().collect::<Vec<_>>(), &completions.iter().collect::<Vec<_>>(), proven_by)
    }

    #[test]
    fn one_good_job_begun_after_the_failures_proves_a_key() {
        let failures = [job("a", JobState::Failed, 1, 2), job("b", JobState::Failed, 1, 3)];
        let good = job("a", JobState::Completed, 4, 5);
        assert_eq!(proof(&failures, std::slice::from_ref(&good), ProvenBy::One), Some(at(5)));
    }

    #[test]
    fn what_proves_nothing() {
        let failures = [job("a", JobState::Failed, 1, 2), job("b", JobState::Failed, 1, 6)];
        let begun_before_the_last_failure = job("c", JobState::Completed, 5, 7);
        let mut with_issues = job("c", JobState::Completed, 8, 9);
        with_issues.message = "Some items failed".into();
        let mut other_vault = job("c", JobState::Completed, 8, 9);
        other_vault.vault = Some("arn:aws:backup:eu-west-1:111122223333:backup-vault:other".into());
        let before_any_failure = job("c", JobState::Completed, 0, 1);
        for useless in [begun_before_the_last_failure, with_issues, other_vault, before_any_failure] {
            assert_eq!(proof(&failures, std::slice::from_ref(&useless), ProvenBy::One), None, "{useless:?}");
        }
    }

    #[test]
    fn each_resource_recovers_by_itself() {
        let failures = [job("a", JobState::Failed, 1, 2), job("b", JobState::Failed, 1, 3)];
        let a = job("a", JobState::Completed, 4, 5);
        let b = job("b", JobState::Completed, 6, 7);
        assert_eq!(proof(&failures, std::slice::from_ref(&a), ProvenBy::Each), None);
        assert_eq!(proof(&failures, &[b, a], ProvenBy::Each), Some(at(7)));
    }

    #[test]
    fn an_episode_begins_after_the_proof_and_counts_nights() {
        let failures =
            [job("a", JobState::Failed, 1, 2), job("a", JobState::Failed, 24, 26), job("a", JobState::Failed, 48, 50)];
        let of = |completions: &[Job]| {
            let (failures, completions): (Vec<&Job>, Vec<&Job>) =
                (failures.iter().collect(), completions.iter().collect());
            latest(&failures, &completions, ProvenBy::One).unwrap().episode
        };
        let whole = of(&[]);
        assert_eq!((whole.nights, whole.failures, whole.start), (3, 3, at(2)));
        let after = of(&[job("a", JobState::Completed, 8, 10)]);
        assert_eq!((after.nights, after.failures, after.start), (2, 2, at(26)));
    }
}
