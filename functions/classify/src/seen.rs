//! What a warm process has seen of the accounts that it watches: a fault of several accounts comes account by account, and no list tells of
//! all of them.

use std::collections::{BTreeSet, VecDeque};

use cause::judged::Judged;
use classification::identity::FamilyId;
use jiff::{SignedDuration, Timestamp};
use job::Job;

use crate::fault::Fault;

/// Failures remembered. The oldest is forgotten first: at worst a fault pages once more.
const FAILURES: usize = 2_000;
/// A night, and the one before it.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(48);

/// The failures that may belong to a fault of several accounts.
#[derive(Debug, Default)]
pub struct Seen(VecDeque<Judged>);

impl Seen {
    /// In this order, those that it does not know yet.
    pub fn remember<'a>(&mut self, failures: impl Iterator<Item = &'a Judged>, now: Timestamp) {
        let is_young = |judged: &Judged| judged.job.ended.is_none_or(|ended| ended + REMEMBERED >= now);
        self.0.retain(is_young);
        for judged in failures.filter(|judged| FamilyId::of(&judged.job, &judged.classification).is_some()) {
            if self.0.iter().all(|known| known.job.id != judged.job.id) {
                self.0.push_back(judged.clone());
            }
        }
        let too_many = self.0.len().saturating_sub(FAILURES);
        self.0.drain(..too_many);
    }

    /// The failures of a fault as they rank: those that are on record by their end, which every process knows alike, then the others in the order
    /// in which they became known to this one.
    pub fn known(&self, fault: &Fault, recorded: &[&Judged]) -> Vec<Judged> {
        let is_recorded = |judged: &Judged| recorded.iter().any(|known| known.job.id == judged.job.id);
        let others = self.0.iter().filter(|judged| fault.has(judged) && !is_recorded(judged));
        recorded.iter().copied().chain(others).cloned().collect()
    }

    pub fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.0.iter().map(|judged| &judged.job)
    }

    pub fn accounts(&self) -> BTreeSet<String> {
        self.jobs().map(|job| job.scope.account.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use job::{JobKind, JobState, RoleRef, Scope};

    use super::*;

    fn failure(account: &str, ended: &str) -> Judged {
        let mut job = Job::new(JobKind::Backup, format!("of-{account}"), JobState::Failed);
        job.scope = Scope::aws(account, "eu-west-1");
        job.role = Some(RoleRef::parse(format!("arn:aws:iam::{account}:role/backup")));
        job.message = format!("IAM Role arn:aws:iam::{account}:role/backup cannot be assumed by AWS Backup");
        job.ended = ended.parse().ok();
        Judged::new(job)
    }

    #[test]
    fn it_remembers_each_failure_once_and_for_two_nights() {
        let (first, second) =
            (failure("444455556666", "2026-11-20T02:00:00Z"), failure("777788889999", "2026-11-21T02:00:00Z"));
        let mut seen = Seen::default();
        seen.remember([&first, &first].into_iter(), "2026-11-20T03:00:00Z".parse().unwrap());
        seen.remember([&second].into_iter(), "2026-11-21T03:00:00Z".parse().unwrap());
        assert_eq!(seen.accounts().into_iter().collect::<Vec<_>>(), ["444455556666", "777788889999"]);
        assert_eq!(seen.jobs().count(), 2);
        seen.remember(std::iter::empty(), "2026-11-22T03:00:00Z".parse().unwrap());
        assert_eq!(seen.accounts().into_iter().collect::<Vec<_>>(), ["777788889999"]);
    }

    #[test]
    fn what_is_of_one_account_alone_is_not_remembered() {
        let mut job = failure("444455556666", "2026-11-20T02:00:00Z").job;
        job.message = "Backup job expired before completion".into();
        let mut seen = Seen::default();
        seen.remember([&Judged::new(job)].into_iter(), "2026-11-20T03:00:00Z".parse().unwrap());
        assert_eq!(seen.jobs().count(), 0);
    }
}
