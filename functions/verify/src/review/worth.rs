//! What the good jobs that were read are worth to each root cause.

use std::collections::{BTreeMap, BTreeSet};

use job::{Job, JobKind, Worth};

use super::Case;
use crate::rerun::azure::{is_full, is_log_chain};

/// What was read for one cause tells of another that holds back the same resource: both are judged by the same jobs, and each by what they are
/// worth to it.
pub(super) fn share(cases: &mut [Case]) {
    let mut of_resource: BTreeMap<(JobKind, String), Vec<Job>> = BTreeMap::new();
    for job in cases.iter().flat_map(|case| &case.looks.completions) {
        let job = Job { worth: job.worth.elsewhere(), ..job.clone() };
        of_resource.entry((job.kind, job.resource_arn.clone())).or_default().push(job);
    }
    for case in cases {
        let held_back: BTreeSet<(JobKind, String)> =
            case.cause.jobs().map(|job| (job.kind, job.resource_arn.clone())).collect();
        let read = held_back.iter().filter_map(|resource| of_resource.get(resource));
        let completions = &mut case.looks.completions;
        completions.extend(read.flatten().cloned());
        completions.sort_by(Job::by_end);
        completions.dedup_by(|a, b| a.id == b.id);
        only_full_backups_prove_a_chain(case);
    }
}

impl Case {
    /// The job stays on record as one that proves nothing: a rerun of ours was an attempt all the same.
    pub(super) fn found_worthless(&mut self, job_id: &str, worth: Worth) {
        for job in self.looks.completions.iter_mut().filter(|job| job.id == job_id) {
            job.worth = worth;
        }
    }
}

/// A broken chain of log backups is proven whole by a full backup, or by the item that Azure calls healthy again.
fn only_full_backups_prove_a_chain(case: &mut Case) {
    if !case.cause.jobs().any(is_log_chain) {
        return;
    }
    let backups = case.looks.completions.iter_mut().filter(|job| job.kind == JobKind::Backup);
    for job in backups.filter(|job| job.completed_clean() && !is_full(job)) {
        job.worth = Worth::NotFull;
    }
}

#[cfg(test)]
mod tests {
    use job::{AzureRecord, JobState};

    use jiff::Timestamp;

    use super::*;
    use crate::ledger::{Cause, Ledger};
    use crate::rerun::Looks;
    use crate::review::{Concern, Waiting};

    fn at(minute: i64) -> Timestamp {
        let midnight: Timestamp = "2026-11-21T00:00:00Z".parse().unwrap();
        midnight + jiff::SignedDuration::from_mins(minute)
    }

    /// A job of the database orders, a log backup unless its record tells more.
    fn job(id: &str, state: JobState, message: &str, ended: i64) -> Job {
        Job {
            scope: job::Scope::azure("0a", "westeurope"),
            resource_arn: "/subscriptions/0a/vm-1/orders".into(),
            resource_type: "AzureWorkload/SQL".into(),
            message: message.into(),
            created: Some(at(ended - 5)),
            ended: Some(at(ended)),
            azure: Some(Box::new(AzureRecord { operation: "Backup (Log)".into(), ..AzureRecord::default() })),
            ..Job::new(JobKind::Backup, id, state)
        }
    }

    fn case(cause: Cause, completions: Vec<Job>) -> Case {
        Case {
            cause,
            looks: Looks { completions, ..Looks::default() },
            unknown: None,
            concern: Concern::Open,
            waiting: Waiting::Somebody,
        }
    }

    /// A database fails of a broken log chain, and failed of something else. The other cause is looked at anew by other resources, because
    /// somebody accepts those that were looked at: it learns of the log backup from the first cause alone.
    #[test]
    fn a_log_backup_that_proves_no_chain_proves_another_cause_after_a_second_look() {
        let chain = job("f-1", JobState::Failed, "Log chain is broken.", 10);
        let other = job("f-2", JobState::Failed, "The operation timed out: the network path was not found.", 20);
        let causes = Ledger::new(vec![chain, other], Vec::new()).causes();
        let good = job("g", JobState::Completed, "", 60);
        let mut cases: Vec<Case> = causes.into_iter().map(|cause| case(cause, vec![good.clone()])).collect();
        assert_eq!(cases.len(), 2);
        share(&mut cases);
        let (mut of_chain, mut of_other): (Vec<_>, Vec<_>) =
            cases.into_iter().partition(|case| case.cause.jobs().any(is_log_chain));
        assert_eq!((of_chain.len(), of_other.len()), (1, 1));
        of_other[0].looks = Looks::default();
        of_chain.append(&mut of_other);
        let mut cases = of_chain;
        share(&mut cases);
        let proves: Vec<Vec<bool>> =
            cases.iter().map(|case| case.looks.completions.iter().map(Job::completed_clean).collect()).collect();
        assert_eq!(proves, [vec![false], vec![true]]);
        // What is gone is gone for both.
        cases[0].found_worthless("g", Worth::LeftNothing);
        cases[1].looks = Looks::default();
        share(&mut cases);
        assert!(cases.iter().all(|case| case.looks.completions[0].worth == Worth::LeftNothing), "{cases:?}");
    }
}
