//! Jobs with their verdicts: the class of each, and the root cause that it belongs to.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use classification::class::Class;
use classification::classify::{Classification, Symptom, classify};
use classification::identity::RootCauseId;
use job::{Job, JobState};

/// A bad job, judged by its words and state.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    pub job: Job,
    pub classification: Classification,
    pub cause: RootCauseId,
}

impl Judged {
    pub fn new(job: Job) -> Self {
        let classification = classify(&Symptom::of(&job));
        let cause = RootCauseId::of(&job, &classification);
        Self { job, classification, cause }
    }
}

/// Lets PARTIAL parents join the cause of a failed child: a composite job is PARTIAL because of it, and must not count as a fault of its
/// own. Of several failed children the first by end and id speaks.
pub fn join_parents<'a>(jobs: impl IntoIterator<Item = &'a mut Judged>) {
    let mut jobs: Vec<&mut Judged> = jobs.into_iter().collect();
    jobs.sort_by(|a, b| a.job.by_end(&b.job));
    let mut children: BTreeMap<String, (Classification, RootCauseId)> = BTreeMap::new();
    for child in &jobs {
        if let Some(parent) = &child.job.parent_job_id {
            children.entry(parent.clone()).or_insert_with(|| (child.classification.clone(), child.cause.clone()));
        }
    }
    for parent in jobs.into_iter().filter(|parent| parent.job.state == JobState::Partial) {
        if let Some((classification, cause)) = children.get(&parent.job.id) {
            parent.classification.clone_from(classification);
            parent.cause.clone_from(cause);
        }
    }
}

/// The failure that speaks for a group of one root cause: the KMS family may hold two classes under one id. The class read most often speaks,
/// of two the first in the table, and of that class the first failure by end and id. `None` for an empty group.
pub(crate) fn speaker<'a>(failures: &[&'a Judged]) -> Option<&'a Judged> {
    let mut votes: BTreeMap<Class, usize> = BTreeMap::new();
    for failure in failures {
        *votes.entry(failure.classification.class).or_default() += 1;
    }
    let (class, _) = votes.into_iter().max_by_key(|(class, count)| (*count, Reverse(*class)))?;
    let of_class = failures.iter().copied().filter(|failure| failure.classification.class == class);
    of_class.min_by(|a, b| a.job.by_end(&b.job))
}

#[cfg(test)]
mod tests {
    use super::*;
    use job::JobKind;

    fn judged(id: &str, state: JobState, message: &str, parent: Option<&str>) -> Judged {
        Judged::new(Job {
            message: message.into(),
            parent_job_id: parent.map(str::to_owned),
            resource_type: "CloudFormation".into(),
            ..Job::new(JobKind::Backup, id, state)
        })
    }

    #[test]
    fn a_partial_parent_joins_its_failed_child_and_nobody_else_moves() {
        let mut jobs = [
            judged("parent", JobState::Partial, "", None),
            judged("other", JobState::Partial, "", None),
            judged("child", JobState::Failed, "Access Denied", Some("parent")),
        ];
        let other = jobs[1].cause.clone();
        join_parents(&mut jobs);
        assert_eq!(jobs[0].cause, jobs[2].cause);
        assert_eq!(jobs[0].classification, jobs[2].classification);
        assert_eq!(jobs[1].cause, other);
        assert_ne!(other, jobs[2].cause);
    }

    #[test]
    fn the_class_read_most_often_speaks_by_its_first_failure() {
        const POLICY: &str = "Access denied to KMS key.";
        const STATE: &str = "KMS key is disabled.";
        let table = [
            (vec![], None),
            (vec![("3", STATE), ("2", POLICY), ("1", POLICY)], Some("1")),
            (vec![("1", POLICY), ("3", STATE), ("2", STATE)], Some("2")),
            // A tie: kms-policy-denied stands before kms-key-unusable in the table.
            (vec![("1", STATE), ("2", POLICY)], Some("2")),
        ];
        for (failures, expected) in table {
            let failures: Vec<Judged> =
                failures.iter().map(|(id, message)| judged(id, JobState::Failed, message, None)).collect();
            let speaks = speaker(&failures.iter().collect::<Vec<_>>()).map(|failure| failure.job.id.as_str());
            assert_eq!(speaks, expected, "{failures:?}");
        }
    }
}
