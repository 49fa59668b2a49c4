//! What a warm process has seen where no list tells all of it: a fault of several accounts comes account by account, and the records of an account that
//! is not watched, or does not let us in, are not ours to read.

use std::collections::{BTreeSet, VecDeque};

use cause::judged::Judged;
use cause::rank::{self, Ranked};
use classification::identity::{FamilyId, RootCauseId};
use jiff::{SignedDuration, Timestamp};
use job::Job;

use crate::causes::Cause;
use crate::decide::{ranked_job, ranked_jobs};
use crate::fault::Fault;

/// Failures remembered. The oldest is forgotten first: at worst a fault pages once more.
const FAILURES: usize = 10_000;

/// The failures that a process remembers, in the order in which they became known to it.
#[derive(Debug, Default)]
pub struct Seen(VecDeque<(Thing, Judged)>);

/// What a failure is remembered for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    /// A fault that may be in several accounts.
    Fault(FamilyId),
    /// A cause in an account that we cannot look into.
    Foreign(RootCauseId),
}

impl Seen {
    /// Remembers those that may belong to a fault of several accounts.
    pub fn remember<'a>(&mut self, failures: impl Iterator<Item = &'a Judged>, now: Timestamp) {
        let of_fault = |judged: &'a Judged| {
            let family = FamilyId::of(&judged.job, &judged.classification)?;
            Some((Thing::Fault(family), judged))
        };
        self.add(failures.filter_map(of_fault), now);
    }

    /// Ranks the batch of a cause that we cannot look into among what was seen of it, and remembers it. A batch that is delivered again keeps its
    /// ranks.
    pub fn rank_foreign(&mut self, cause: &Cause, hours: u16, now: Timestamp) -> Vec<Ranked> {
        let thing = Thing::Foreign(cause.id.clone());
        let listed: Vec<rank::Failure> =
            self.of(&thing).into_iter().filter_map(|judged| ranked_job(&judged.job)).collect();
        self.add(cause.failures.iter().map(|failure| (thing.clone(), &failure.judged)), now);
        rank::rank(&ranked_jobs(cause), &listed, None, hours)
    }

    /// The failures of a fault as they rank: those that are on record by their end, which every process knows alike, then the others in the order
    /// in which they became known to this one.
    pub fn known(&self, fault: &Fault, recorded: &[&Judged]) -> Vec<Judged> {
        let is_recorded: BTreeSet<&str> = recorded.iter().map(|known| known.job.id.as_str()).collect();
        let of_family = fault.family.iter().flat_map(|family| self.of(&Thing::Fault(family.clone())));
        let others = of_family.filter(|judged| !is_recorded.contains(judged.job.id.as_str()));
        recorded.iter().copied().chain(others).cloned().collect()
    }

    /// The jobs of faults that may be in several accounts.
    pub fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.0.iter().filter(|(thing, _)| matches!(thing, Thing::Fault(_))).map(|(_, judged)| &judged.job)
    }

    /// The accounts of these.
    pub fn accounts(&self) -> BTreeSet<String> {
        self.jobs().map(|job| job.scope.account.clone()).collect()
    }

    fn of(&self, wanted: &Thing) -> Vec<&Judged> {
        self.0.iter().filter(|(thing, _)| thing == wanted).map(|(_, judged)| judged).collect()
    }

    /// Adds, in this order, those that it does not know yet.
    fn add<'a>(&mut self, failures: impl Iterator<Item = (Thing, &'a Judged)>, now: Timestamp) {
        let is_young = |thing: &Thing, job: &Job| job.ended.is_none_or(|ended| ended + thing.remembered() >= now);
        self.0.retain(|(thing, judged)| is_young(thing, &judged.job));
        let known: BTreeSet<(&Thing, &str)> =
            self.0.iter().map(|(thing, judged)| (thing, judged.job.id.as_str())).collect();
        let mut fresh: Vec<(Thing, Judged)> = Vec::new();
        let mut ids: BTreeSet<(Thing, &str)> = BTreeSet::new();
        for (thing, judged) in failures {
            let id = judged.job.id.as_str();
            if !known.contains(&(&thing, id)) && ids.insert((thing.clone(), id)) {
                fresh.push((thing, judged.clone()));
            }
        }
        self.0.extend(fresh);
        let too_many = self.0.len().saturating_sub(FAILURES);
        self.0.drain(..too_many);
    }
}

impl Thing {
    fn remembered(&self) -> SignedDuration {
        match self {
            // A night, and the one before it.
            Thing::Fault(_) => SignedDuration::from_hours(48),
            // Longer than the longest block.
            Thing::Foreign(_) => SignedDuration::from_hours(8 * 24),
        }
    }
}

#[cfg(test)]
mod tests {
    use cause::group::group;
    use job::{JobKind, JobState, RoleRef, Scope};

    use super::*;
    use crate::causes::{Failure, Listed};

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

    #[test]
    fn repeats_of_an_account_that_is_not_ours_are_counted_and_a_redelivery_keeps_its_rank() {
        let mut seen = Seen::default();
        let mut rank = |minute: usize| {
            let mut judged = failure("444455556666", &format!("2026-11-21T01:{minute:02}:00Z"));
            judged.job.id = format!("job-{minute}");
            let one = Failure { event_id: String::new(), message_ids: vec![], listed: Listed::NotRead, judged };
            let now = "2026-11-21T03:00:00Z".parse().unwrap();
            seen.rank_foreign(&group(vec![one])[0], 24, now)[0].page_rank
        };
        assert_eq!([rank(1), rank(2), rank(3), rank(4)], [Some(1), Some(2), None, Some(4)]);
        assert_eq!([rank(1), rank(3)], [Some(1), None], "delivered again");
        assert_eq!(seen.jobs().count(), 0, "its account is not opened");
    }
}
