//! Where a root cause stands, by the records alone: open or proven fixed, what was tried, what is on its way. Pure.

use std::collections::{BTreeMap, BTreeSet};

use ::cause::episode::{Course, Episode, Latest, Maker, ProvenByWhom};
use ::cause::judged::Judged;
use classification::identity::RootCauseId;
use jiff::{SignedDuration, Timestamp};
use job::{Job, JobKind, JobState, Origin};

use crate::ledger::{Cause, Ledger};
use ::cause::stuck::Habits;

/// What the records say of a cause.
#[derive(Clone, Debug)]
pub struct Standing<'a> {
    pub episode: Episode,
    /// The job that proves it fixed; `None` while it is open.
    pub proof: Option<&'a Job>,
    /// The jobs that proved one kind of its failures each. A cause may hold backups and copies, and is proven when both are.
    pub proven_kinds: BTreeMap<JobKind, &'a Job>,
    /// What became of each resource of the episode since its latest failure, by kind and in the order of their ARNs.
    pub fates: Vec<Fate<'a>>,
    /// The latest failure of each resource that is still open under it, in the order of their ARNs.
    pub open: Vec<&'a Job>,
    /// The resources that failed with it and fail for another reason by now.
    pub failing_otherwise: BTreeSet<&'a str>,
    /// The resources that failed with it in this episode.
    pub held_back: BTreeSet<&'a str>,
    /// Our reruns in this episode, oldest first, those on their way too. Of Azure all backups on demand, because no record tells whose they are.
    pub attempts: Vec<&'a Job>,
    /// Copies that no plan made and that CloudTrail does not call ours, of resources that it held back, begun since the episode did, oldest
    /// first. CloudTrail comes late, so all of them count where nothing may be started too often.
    pub copies_on_demand: Vec<&'a Job>,
    /// Jobs on their way that could be the proof.
    pub on_their_way: Vec<&'a Job>,
}

/// What became of a resource that a cause held back, as far as its jobs of that kind tell.
#[derive(Clone, Copy, Debug)]
pub struct Fate<'a> {
    /// Its latest failure under the cause.
    pub failure: &'a Job,
    pub since: Since<'a>,
    /// The first job after that which the cause did not hold back: a good one, or one that failed of another cause.
    pub released_by: Option<&'a Job>,
}

#[derive(Clone, Copy, Debug)]
pub enum Since<'a> {
    /// The latest of its good jobs that began after the failure; nothing failed after that.
    CameBack { by: &'a Job },
    /// Its latest job failed, of another cause.
    FailsOtherwise { with: &'a Judged },
    /// It has no good job yet.
    NoGoodJob,
}

impl<'a> Standing<'a> {
    /// `completions`: the COMPLETED jobs of the resources that were looked at, those whose recovery point is gone left out. `None` if the
    /// cause has no failure with a date.
    pub fn of(
        cause: &'a Cause,
        ledger: &'a Ledger,
        completions: &'a [Job],
        habits: &Habits,
        now: Timestamp,
    ) -> Option<Self> {
        let failures: Vec<&Job> = cause.jobs().collect();
        let completed: Vec<&Job> = completions.iter().collect();
        let course = Course::of(&failures, &completed, cause.entry().proven_by);
        let Latest { episode, proof } = course.latest()?;
        let goods = Goods::of(completions);

        let mut newest: BTreeMap<(JobKind, &str), &Job> = BTreeMap::new();
        for job in cause.jobs().filter(|job| job.ended.is_some_and(|ended| ended >= episode.start)) {
            newest.insert((job.kind, &job.resource_arn), job);
        }
        let held_back = newest.keys().map(|(_, resource)| *resource).collect();
        let fates: Vec<Fate<'_>> =
            newest.into_values().map(|failure| fate(&cause.id, failure, ledger, &goods)).collect();
        let proven_kinds: BTreeMap<JobKind, &Job> =
            JobKind::ALL.into_iter().filter_map(|kind| Some((kind, course.settled(kind)?))).collect();
        let is_open = |fate: &&Fate<'_>| {
            let no_good_job = matches!(fate.since, Since::NoGoodJob);
            proof.is_none() && no_good_job && !proven_kinds.contains_key(&fate.failure.kind)
        };
        let open: Vec<&Job> = fates.iter().filter(is_open).map(|fate| fate.failure).collect();
        let fails_otherwise = |fate: &&Fate<'_>| matches!(fate.since, Since::FailsOtherwise { .. });
        let failing_otherwise =
            fates.iter().filter(fails_otherwise).map(|fate| fate.failure.resource_arn.as_str()).collect();

        let open_resources: BTreeSet<(JobKind, &str)> =
            open.iter().map(|failure| (failure.kind, failure.resource_arn.as_str())).collect();
        let on_their_way = ledger
            .in_flight()
            .iter()
            .filter(|job| open_resources.contains(&(job.kind, &job.resource_arn)))
            .filter(|job| job.is_attempt() || (course.waits_for(job) && !habits.is_stuck(job, now)))
            .collect();
        let attempts = attempts(&cause.id, ledger, completions, &goods, episode.start, proof);
        let copies_on_demand = copies_on_demand(ledger, completions, &fates, episode.start);
        Some(Self {
            episode,
            proof,
            proven_kinds,
            fates,
            open,
            failing_otherwise,
            held_back,
            attempts,
            copies_on_demand,
            on_their_way,
        })
    }

    /// How many of the resources held back have recovered.
    pub fn recovered(&self) -> usize {
        let open: BTreeSet<&str> = self.open.iter().map(|job| job.resource_arn.as_str()).collect();
        self.held_back.iter().filter(|arn| !open.contains(*arn) && !self.failing_otherwise.contains(*arn)).count()
    }

    /// The reruns that have ended.
    pub(crate) fn ended_attempts(&self) -> impl DoubleEndedIterator<Item = &'a Job> {
        self.attempts.iter().copied().filter(|job| !job.state.in_flight())
    }

    /// Which rerun the next one is, from 1. It makes the order's token: two ticks that see the same jobs send the same order.
    pub(crate) fn next_number(&self) -> usize {
        self.attempts.len() + self.copies_on_demand.len() + 1
    }

    /// When the next rerun may follow the last: at once, then after an hour, then after six. One that proved its kind holds up no other.
    /// Copies that no plan made count, whoever made them.
    pub(crate) fn next_attempt_at(&self) -> Option<Timestamp> {
        let proved = |rerun: &Job| self.proven_kinds.values().any(|proof| proof.id == rerun.id);
        let copies = || self.copies_on_demand.iter().copied().filter(|copy| !copy.state.in_flight());
        let in_vain = || self.ended_attempts().chain(copies()).filter(|rerun| !proved(rerun));
        let last = in_vain().filter_map(|job| job.ended.or(job.created)).max()?;
        let pause = if in_vain().count() <= 1 { 1 } else { 6 };
        Some(last + SignedDuration::from_hours(pause))
    }
}

/// The good jobs by resource, in the order of their ends: those without a message, as only these bring anything back.
struct Goods<'a>(BTreeMap<(JobKind, &'a str), Vec<&'a Job>>);

impl<'a> Goods<'a> {
    fn of(completions: &'a [Job]) -> Self {
        let mut of_resource: BTreeMap<(JobKind, &str), Vec<&Job>> = BTreeMap::new();
        for job in completions.iter().filter(|job| job.completed_clean() && job.ended.is_some()) {
            of_resource.entry((job.kind, &job.resource_arn)).or_default().push(job);
        }
        for jobs in of_resource.values_mut() {
            jobs.sort_by(|one, other| one.by_end(other));
        }
        Self(of_resource)
    }

    /// The good jobs of the resource of this job, oldest first.
    fn like<'s>(&'s self, job: &'s Job) -> &'s [&'a Job] {
        self.0.get(&(job.kind, job.resource_arn.as_str())).map_or(&[], Vec::as_slice)
    }
}

fn copies_on_demand<'a>(
    ledger: &'a Ledger,
    completions: &'a [Job],
    fates: &[Fate<'a>],
    since: Timestamp,
) -> Vec<&'a Job> {
    let copied = fates.iter().map(|fate| fate.failure).filter(|failure| failure.kind == JobKind::Copy);
    let resources: BTreeSet<&str> = copied.map(|failure| failure.resource_arn.as_str()).collect();
    let failed = resources.iter().flat_map(|arn| ledger.bad_jobs_of(JobKind::Copy, arn)).map(|judged| &judged.job);
    let good = completions.iter().filter(|job| job.state == JobState::Completed);
    let mut copies: Vec<&Job> = failed
        .chain(good)
        .chain(ledger.in_flight())
        .filter(|job| job.kind == JobKind::Copy && job.origin == Origin::Operator)
        .filter(|job| resources.contains(job.resource_arn.as_str()) && job.created > Some(since))
        .collect();
    copies.sort_by_key(|job| (job.created, &job.id));
    copies.dedup_by_key(|job| &job.id);
    copies
}

fn fate<'a>(cause: &RootCauseId, failure: &'a Job, ledger: &'a Ledger, goods: &Goods<'a>) -> Fate<'a> {
    let says_something = ProvenByWhom::of(failure);
    let counts = |job: &&Job| job.created > failure.ended && says_something.admits(Maker::of(&job.origin));
    let good = goods.like(failure).iter().rev().copied().find(counts);
    let is_of_another = |bad: &&Judged| bad.cause != *cause && bad.job.ended > failure.ended;
    let bad_jobs = || ledger.bad_jobs_of(failure.kind, &failure.resource_arn);
    let bad =
        bad_jobs().next_back().filter(|bad| bad.cause != *cause && good.is_none_or(|good| good.ended < bad.job.ended));
    let first_good = goods.like(failure).iter().copied().find(counts);
    let first_bad = bad_jobs().find(is_of_another).map(|bad| &bad.job);
    let released_by = first_good.into_iter().chain(first_bad).min_by_key(|job| job.ended);
    let since = match (good, bad) {
        (_, Some(with)) => Since::FailsOtherwise { with },
        (Some(by), None) => Since::CameBack { by },
        (None, None) => Since::NoGoodJob,
    };
    Fate { failure, since, released_by }
}

/// Our reruns that ended since the episode began or are on their way, of resources that were open under this cause when the rerun was made.
/// A rerun that failed with another cause was an attempt all the same.
fn attempts<'a>(
    cause: &RootCauseId,
    ledger: &'a Ledger,
    completions: &'a [Job],
    goods: &Goods<'a>,
    since: Timestamp,
    proof: Option<&'a Job>,
) -> Vec<&'a Job> {
    let was_open = |rerun: &Job| {
        let before = |ended: Option<Timestamp>| ended.is_some() && ended < rerun.created;
        let last_bad = ledger
            .bad_jobs_of(rerun.kind, &rerun.resource_arn)
            .rfind(|judged| judged.job.id != rerun.id && before(judged.job.ended));
        let last_good = goods.like(rerun).iter().rev().find(|job| job.id != rerun.id && before(job.ended));
        last_bad.is_some_and(|bad| bad.cause == *cause && last_good.is_none_or(|good| good.ended <= bad.job.ended))
    };
    let failed = ledger.failed_reruns().map(|judged| &judged.job);
    let good = completions.iter().filter(|job| job.state == JobState::Completed);
    let under_way = ledger.in_flight().iter();
    let mut attempts: Vec<&Job> = failed
        .chain(good)
        .chain(under_way)
        .filter(|job| job.is_attempt() && (job.state.in_flight() || job.ended.is_some_and(|ended| ended >= since)))
        .filter(|job| proof.is_none_or(|proof| job.created <= proof.created))
        .filter(|job| was_open(job))
        .collect();
    attempts.sort_by_key(|job| (job.created, &job.id));
    attempts.dedup_by_key(|job| &job.id);
    attempts
}
