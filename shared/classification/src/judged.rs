//! Jobs with their verdicts: the class of each, and the root cause that it belongs to.

use std::collections::BTreeMap;

use crate::classify::{Classification, Symptom, classify};
use crate::identity::RootCauseId;
use crate::job::{Job, JobState};

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
    jobs.sort_by(|a, b| (a.job.ended, &a.job.id).cmp(&(b.job.ended, &b.job.id)));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::JobKind;

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
}
