//! What Azure tells only as long as it is so: the failure of a scheduled log backup stands on no list, and its item forgets it once it is
//! healthy again. A proof needs both.
//!
//! It lives as long as the process. A new one does not know what failed before it, and says nothing of what healed in between.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use job::{Job, Scope};

use crate::ledger::Ledger;

/// How long a failure is remembered after it was seen last. Its proof is announced long before that.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// The first and the last failure of each item, by what is backed up.
#[derive(Debug, Default)]
pub struct Memory(BTreeMap<String, (Job, Job)>);

impl Memory {
    /// The failures of a subscription that its records may not tell any more.
    pub fn of(&self, scope: &Scope) -> Vec<Job> {
        let is_here = |job: &Job| (job.scope.cloud, &job.scope.account) == (scope.cloud, &scope.account);
        let both = self.0.values().filter(|(first, _)| is_here(first));
        both.flat_map(|(first, last)| [first.clone(), last.clone()]).collect()
    }

    /// Keeps what this tick has seen.
    pub fn keep(&mut self, ledger: &Ledger, now: Timestamp) {
        for job in ledger.bad_jobs().filter(|job| job.is_unlisted()) {
            let (_, last) = self.0.entry(job.resource_arn.clone()).or_insert_with(|| (job.clone(), job.clone()));
            if job.ended > last.ended {
                *last = job.clone();
            }
        }
        self.0.retain(|_, (_, last)| last.ended.is_some_and(|ended| now.duration_since(ended) < KEPT));
    }
}

#[cfg(test)]
mod tests {
    use job::{AzureRecord, JobKind, JobState, Unlisted};

    use super::*;

    fn failed(id: &str, resource: &str, ended: &str, unlisted: Option<Unlisted>) -> Job {
        Job {
            scope: Scope::azure("0a", "westeurope"),
            resource_arn: resource.into(),
            ended: Some(ended.parse().unwrap()),
            azure: Some(Box::new(AzureRecord { unlisted, ..AzureRecord::default() })),
            ..Job::new(JobKind::Backup, id, JobState::Failed)
        }
    }

    #[test]
    fn the_first_and_the_last_failure_of_an_item_are_kept_for_a_day() {
        let mut memory = Memory::default();
        let hours = ["2026-11-21T01:00:00Z", "2026-11-21T02:00:00Z", "2026-11-21T03:00:00Z"];
        for hour in hours {
            let told = failed(&format!("a@{hour}"), "a", hour, Some(Unlisted::default()));
            let jobs = vec![told, failed("job", "b", hour, None)];
            memory.keep(&Ledger::new(jobs, Vec::new()), hour.parse().unwrap());
        }
        let ids = |memory: &Memory, subscription: &str| -> Vec<String> {
            memory.of(&Scope::azure(subscription, "")).into_iter().map(|job| job.id).collect()
        };
        assert_eq!(ids(&memory, "0a"), ["a@2026-11-21T01:00:00Z", "a@2026-11-21T03:00:00Z"]);
        assert!(ids(&memory, "0b").is_empty());
        memory.keep(&Ledger::default(), "2026-11-22T03:00:00Z".parse().unwrap());
        assert!(ids(&memory, "0a").is_empty());
    }
}
