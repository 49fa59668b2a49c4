//! An episode of a root cause: from its first failure after its last proof to its next proof.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::job::Job;
use crate::rank::Block;
use crate::table::ProvenBy;

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

/// The moment a cause was last proven fixed: the end of the job that proved it. `None`: never, as far as is known.
///
/// `failures` are the failed jobs of the cause, `completions` jobs of the same kind that ended COMPLETED and whose recovery point exists,
/// in any order. A job begun before the last failure proves nothing, and "completed with issues" proves nothing.
pub fn last_proof(failures: &[&Job], completions: &[&Job], proven_by: ProvenBy) -> Option<Timestamp> {
    match proven_by {
        ProvenBy::One => proven_by_one(failures, completions),
        ProvenBy::Each => proven_by_each(failures, completions),
    }
}

/// The open episode: the failures after the last proof. `None` when every failure known lies before it.
pub fn open_episode(failures: &[&Job], last_proof: Option<Timestamp>) -> Option<Episode> {
    let mut ends: Vec<Timestamp> = failures
        .iter()
        .filter_map(|job| job.ended)
        .filter(|ended| last_proof.is_none_or(|proof| *ended > proof))
        .collect();
    ends.sort();
    let mut nights: Vec<Block> = ends.iter().map(|ended| Block::containing(*ended, 24)).collect();
    nights.dedup();
    Some(Episode { start: *ends.first()?, last: *ends.last()?, failures: ends.len(), nights: nights.len() })
}

/// The id that threads a chat and closes a pager incident: the cause and the day its episode began.
///
/// AWS keeps job records for 30 days. Once the beginning is older than the records it is written as `open`, so that the id
/// changes once and not every night.
pub fn incident_id(cause: &crate::identity::RootCauseId, episode: Option<&Episode>, now: Timestamp) -> String {
    const RECORDS: SignedDuration = SignedDuration::from_hours(29 * 24);
    match episode {
        Some(episode) if now.duration_since(episode.start) < RECORDS => {
            let day = episode.start.to_zoned(jiff::tz::TimeZone::UTC);
            format!("{cause}-{}", day.strftime("%Y%m%d"))
        }
        Some(_) => format!("{cause}-open"),
        None => format!("{cause}-{}", now.to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y%m%d")),
    }
}

/// One job proves the key, role, vault or setting for all: same role and vault (and key, where both records name it) as a failure.
fn proven_by_one(failures: &[&Job], completions: &[&Job]) -> Option<Timestamp> {
    completions
        .iter()
        .filter(|job| job.completed_clean())
        .filter(|proof| {
            failures.iter().any(|failure| same_path(proof, failure))
                && begun_after_every_earlier_failure(proof, failures)
        })
        .filter_map(|proof| proof.ended)
        .max()
}

fn same_path(proof: &Job, failure: &Job) -> bool {
    let same_key = match (&proof.encryption_key_arn, &failure.encryption_key_arn) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    };
    proof.kind == failure.kind
        && role_name(proof) == role_name(failure)
        && proof.written_vault_arn() == failure.written_vault_arn()
        && same_key
}

fn role_name(job: &Job) -> Option<&str> {
    let role = job.role_arn.as_deref()?;
    crate::arn::Arn::parse(role).and_then(|arn| arn.role_name()).or(Some(role))
}

fn begun_after_every_earlier_failure(proof: &Job, failures: &[&Job]) -> bool {
    let (Some(begun), Some(ended)) = (proof.created, proof.ended) else { return false };
    let mut earlier = failures.iter().filter_map(|failure| failure.ended).filter(|failed| *failed < ended).peekable();
    earlier.peek().is_some() && earlier.all(|failed| failed < begun)
}

/// Each resource recovers by itself: the cause is proven whenever no resource is left open.
fn proven_by_each(failures: &[&Job], completions: &[&Job]) -> Option<Timestamp> {
    let clean = completions.iter().filter(|job| job.completed_clean());
    let mut history: Vec<(Timestamp, &str, bool)> = failures
        .iter()
        .filter_map(|job| Some((job.ended?, job.resource_arn.as_str(), false)))
        .chain(clean.filter_map(|job| Some((job.ended?, job.resource_arn.as_str(), true))))
        .collect();
    // A failure at the same instant counts after a success: unknown is never green.
    history.sort_by_key(|(ended, resource, good)| (*ended, !good, *resource));

    let mut open: BTreeSet<&str> = BTreeSet::new();
    let mut proof = None;
    for (ended, resource, good) in history {
        if !good {
            open.insert(resource);
        } else if open.remove(resource) && open.is_empty() {
            proof = Some(ended);
        }
    }
    proof
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{JobKind, JobState};

    fn at(hour: i64) -> Timestamp {
        let start: Timestamp = "2026-11-20T00:00:00Z".parse().unwrap();
        start + SignedDuration::from_hours(hour)
    }

    fn job(resource: &str, state: JobState, created: i64, ended: i64) -> Job {
        Job {
            resource_arn: resource.into(),
            created: Some(at(created)),
            ended: Some(at(ended)),
            role_arn: Some("arn:aws:iam::111122223333:role/Backup".into()),
            vault_arn: Some("arn:aws:backup:eu-west-1:111122223333:backup-vault:main".into()),
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
        other_vault.vault_arn = Some("arn:aws:backup:eu-west-1:111122223333:backup-vault:other".into());
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
        let all: Vec<&Job> = failures.iter().collect();
        let whole = open_episode(&all, None).unwrap();
        assert_eq!((whole.nights, whole.failures, whole.start), (3, 3, at(2)));
        let after = open_episode(&all, Some(at(10))).unwrap();
        assert_eq!((after.nights, after.start), (2, at(26)));
        assert_eq!(open_episode(&all, Some(at(60))), None);
    }
}
