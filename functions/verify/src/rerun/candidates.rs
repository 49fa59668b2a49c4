//! The resources that a rerun may be made of. Pure.

use std::collections::{BTreeMap, BTreeSet};

use ::cause::episode::{Maker, ProvenByWhom};
use ::cause::stuck::GRACE;
use jiff::{SignedDuration, Timestamp};
use job::RERUN_START_WINDOW_MINUTES;
use job::{Arn, Cloud};
use job::{Job, JobKind, JobState, Look};
use owner::{Exception, Owners};
use promise::{CoveringRule, Order as AwsOrder};
use source::RecoveryPoint;

use super::{
    BackedUp, Candidate, Means, OnDemand, Order, Own, PlanLook, Unfit, azure, by_cost, duration, order, timetable,
};
use crate::ledger::{Cause, Ledger};
use crate::standing::Standing;

/// What was read about the resources of a cause.
#[derive(Debug, Default)]
pub struct Looks {
    /// COMPLETED jobs of the resources looked at.
    pub completions: Vec<Job>,
    /// COMPLETED jobs of other resources that were held back, as far as a page tells: their ages, and no proof.
    pub recent: Vec<Job>,
    /// The resources that were looked at: nobody else is a candidate.
    pub resources: BTreeSet<String>,
}

/// The recovery points that were looked at, where they decide something.
#[derive(Debug, Default)]
pub struct Points {
    /// Of a resource, the newest first; `Err` if they could not be read.
    pub of_resources: BTreeMap<String, Result<Vec<RecoveryPoint>, String>>,
    /// Those that failed copies read, by ARN; `None` if AWS says it is gone.
    pub sources: BTreeMap<String, Result<Option<RecoveryPoint>, String>>,
}

/// All that decides about the reruns of a cause.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    pub looks: &'a Looks,
    pub points: &'a Points,
    pub ledger: &'a Ledger,
    pub means: Means<'a>,
    /// Which failures somebody accepts.
    pub owners: &'a Owners,
    /// When a rerun would start.
    pub starts_at: Timestamp,
}

/// One resource by its latest failure, with its order or with what stands against it.
pub fn candidate<'a>(cause: &'a Cause, failure: &'a Job, ground: &Ground<'_>) -> Candidate<'a> {
    match ground.means {
        Means::Aws { own, plans } => of_aws(cause, failure, ground, own, plans),
        Means::Azure(on_demand) => of_azure(cause, failure, ground, on_demand),
    }
}

/// Every open resource that was looked at, the cheapest first, each with its order or with what stands against it.
pub fn candidates<'a>(cause: &'a Cause, standing: &Standing<'a>, ground: &Ground<'_>) -> Vec<Candidate<'a>> {
    let Ground { looks, .. } = *ground;
    let looked_at = standing.open.iter().copied().filter(|failure| looks.resources.contains(&failure.resource_arn));
    let mut candidates: Vec<Candidate<'a>> = looked_at.map(|failure| candidate(cause, failure, ground)).collect();
    by_cost(&mut candidates);
    candidates
}

/// The COMPLETED jobs of the resource of a failure.
fn completed<'l>(looks: &'l Looks, failure: &Job) -> Vec<&'l Job> {
    let of_resource = |job: &&Job| job.kind == failure.kind && job.resource_arn == failure.resource_arn;
    looks.completions.iter().filter(of_resource).filter(|job| job.state == JobState::Completed).collect()
}

fn of_aws<'a>(
    cause: &'a Cause,
    failure: &'a Job,
    ground: &Ground<'_>,
    own: &Own,
    plans: &BTreeMap<String, PlanLook>,
) -> Candidate<'a> {
    let Ground { looks, points, ledger, owners, starts_at, .. } = *ground;
    let model = model(cause, failure);
    let completed = completed(looks, failure);
    let of_resource = points.of_resources.get(&failure.resource_arn);
    let look = model.rule().and_then(|by| plans.get(by.plan_id.as_deref()?));
    let longest_duration = completed.iter().copied().filter_map(duration).max();
    let next_run = upcoming(ledger, failure, looks, look, starts_at);
    let order = on_demand_says_something(failure, &looks.completions)
        .and_then(|()| order(model, &cause.id, look, own))
        .and_then(|order| with_source(order, points))
        .map(Order::Aws)
        .and_then(|order| free(order, ledger, failure))
        .and_then(|order| out_of_the_way(order, &next_run, longest_duration, starts_at));
    Candidate {
        failure,
        model,
        last_duration: completed.iter().max_by_key(|job| job.ended).and_then(|job| duration(job)),
        longest_duration,
        size: of_resource.and_then(|points| points.as_ref().ok()?.first()?.size_bytes),
        backed_up: backed_up(&completed, of_resource),
        accepted: accepted(failure, owners),
        next_run: next_run.ok().flatten(),
        order,
    }
}

/// Azure tells of each item when it was backed up last, so that no recovery point has to be looked at.
fn of_azure<'a>(cause: &'a Cause, failure: &'a Job, ground: &Ground<'_>, on_demand: &OnDemand) -> Candidate<'a> {
    let Ground { looks, ledger, owners, starts_at, .. } = *ground;
    let completed = completed(looks, failure);
    // What an item or a recovery point tells has no length.
    let took = |job: &&Job| duration(job).filter(|took| !took.is_zero());
    let longest_duration = completed.iter().filter_map(took).max();
    let bad = ledger.bad_jobs_of(failure.kind, &failure.resource_arn).map(|judged| &judged.job);
    let jobs: Vec<&Job> = bad.chain(completed.iter().copied()).collect();
    let model = model(cause, failure);
    let ordered = azure::order(model, &cause.jobs().collect::<Vec<_>>(), on_demand, starts_at);
    let next_run = ordered.as_ref().ok().and_then(|order| azure::next_run(order, on_demand, &jobs, starts_at));
    let order = ordered
        .map(Order::Azure)
        .and_then(|order| free(order, ledger, failure))
        .and_then(|order| out_of_the_way(order, &Ok(next_run), longest_duration, starts_at));
    let last = completed.iter().filter(|job| took(job).is_some()).max_by_key(|job| job.ended);
    Candidate {
        failure,
        model,
        last_duration: last.and_then(took),
        longest_duration,
        size: None,
        backed_up: azure::backed_up(failure, on_demand),
        accepted: accepted(failure, owners),
        next_run,
        order,
    }
}

/// What failed while it was accepted is paged to nobody, and a rerun of it would be the first that people hear of it. The failure after that pages.
fn accepted(failure: &Job, owners: &Owners) -> Option<Exception> {
    owners.accepted(&failure.resource_arn, failure.ended?).cloned()
}

fn on_demand_says_something(failure: &Job, completions: &[Job]) -> Result<(), Unfit> {
    let whose = ProvenByWhom::of(failure);
    if whose == ProvenByWhom::Anybody {
        return Ok(());
    }
    let in_vain = completions.iter().rfind(|job| {
        let of_resource = job.kind == failure.kind && job.resource_arn == failure.resource_arn;
        of_resource && job.created > failure.ended && !whose.admits(Maker::of(&job.origin))
    });
    Err(Unfit::ScheduleOnly { completed: in_vain.map(|job| notice::text::outside(&job.id, 80)) })
}

/// The failure whose plan, vault and role a rerun follows: the latest of this resource that a plan made, because that is what has to work
/// again; else the latest that is no rerun of ours.
pub fn model<'a>(cause: &'a Cause, failure: &'a Job) -> &'a Job {
    let same = |job: &&Job| job.kind == failure.kind && job.resource_arn == failure.resource_arn;
    let of_resource = || cause.jobs().rev().filter(same);
    let planned = of_resource().find(|job| job.rule().is_some());
    planned.or_else(|| of_resource().find(|job| !job.is_attempt())).unwrap_or(failure)
}

fn backed_up(completed: &[&Job], points: Option<&Result<Vec<RecoveryPoint>, String>>) -> BackedUp {
    match points {
        _ if !completed.is_empty() => BackedUp::Before,
        Some(Ok(points)) if points.is_empty() => BackedUp::Never,
        Some(Ok(_)) => BackedUp::Before,
        Some(Err(_)) | None => BackedUp::Unknown,
    }
}

/// A copy needs its source: there, whole and warm.
fn with_source(order: AwsOrder, points: &Points) -> Result<AwsOrder, Unfit> {
    let AwsOrder::Copy(copy) = &order else { return Ok(order) };
    let arn = &copy.source_recovery_point_arn;
    match points.sources.get(arn) {
        None => Err(Unfit::Unread { why: "its source recovery point was not looked at".to_owned() }),
        Some(Err(why)) => Err(Unfit::Unread { why: why.clone() }),
        Some(Ok(None)) => Err(Unfit::SourcePointGone { arn: arn.clone() }),
        Some(Ok(Some(point))) if !point.is_usable() => Err(Unfit::SourcePointGone { arn: arn.clone() }),
        Some(Ok(Some(point))) if point.storage_class == Some(source::StorageClass::Cold) => {
            Err(Unfit::SourcePointCold { arn: arn.clone() })
        }
        Some(Ok(Some(_))) => Ok(order),
    }
}

/// AWS runs one backup or copy of a resource at a time. Restores from it do not count.
fn free(order: Order, ledger: &Ledger, failure: &Job) -> Result<Order, Unfit> {
    let in_the_way = |job: &&Job| job.kind != JobKind::Restore && job.resource_arn == failure.resource_arn;
    match ledger.in_flight().iter().find(in_the_way) {
        Some(busy) => Err(Unfit::Busy { job_id: busy.id.clone() }),
        None => Ok(order),
    }
}

/// A rerun may wait in its start window and then take as long as the longest of late. If its next scheduled run falls into that time, that
/// run might expire over it.
fn out_of_the_way(
    order: Order,
    next_run: &Result<Option<Timestamp>, String>,
    longest: Option<SignedDuration>,
    starts_at: Timestamp,
) -> Result<Order, Unfit> {
    let waits = match order {
        Order::Aws(_) => SignedDuration::from_mins(RERUN_START_WINDOW_MINUTES),
        // A backup on demand begins at once.
        Order::Azure(_) => SignedDuration::ZERO,
    };
    let done = starts_at + waits + longest.unwrap_or(UNKNOWN);
    match next_run {
        Ok(Some(next_run)) if *next_run <= done => Err(Unfit::ScheduleIsNear { next_run: *next_run }),
        Ok(_) => Ok(order),
        Err(why) => Err(Unfit::Unread { why: why.clone() }),
    }
}

/// How long a rerun is taken to last where no good job of late tells.
const UNKNOWN: SignedDuration = SignedDuration::from_hours(3);

/// The next run of a resource, or one that is just due and whose job has not shown yet.
fn upcoming(
    ledger: &Ledger,
    failure: &Job,
    looks: &Looks,
    look: Option<&PlanLook>,
    starts_at: Timestamp,
) -> Result<Option<Timestamp>, String> {
    let rules = timetables(ledger, failure, looks, look).collect::<Result<Vec<CoveringRule>, String>>()?;
    let after = |instant| promise::next_run(rules.iter().cloned(), instant);
    // AWS Backup makes the job of a run, and lists it, some time after the run is due.
    let Some(run) = after(starts_at - GRACE) else { return Ok(None) };
    let bad = ledger.bad_jobs_of(failure.kind, &failure.resource_arn).map(|judged| &judged.job);
    let good = looks.completions.iter().filter(|job| job.resource_arn == failure.resource_arn);
    let has_shown = bad.chain(good).any(|job| job.created >= Some(run));
    Ok(if run <= starts_at && has_shown { after(starts_at) } else { Some(run) })
}

/// The rules that are known to cover a resource: those of its plan as they are today, and of other plans what its jobs tell.
fn timetables<'a>(
    ledger: &'a Ledger,
    failure: &Job,
    looks: &'a Looks,
    look: Option<&'a PlanLook>,
) -> impl Iterator<Item = Result<CoveringRule, String>> {
    let kinds = [JobKind::Backup, JobKind::Copy];
    let bad =
        kinds.into_iter().flat_map(|kind| ledger.bad_jobs_of(kind, &failure.resource_arn)).map(|judged| &judged.job);
    let good = looks.completions.iter().filter(|job| job.resource_arn == failure.resource_arn);
    // The latest job of each rule stands for its last run.
    let mut last: BTreeMap<(Option<&str>, Option<&str>), &Job> = BTreeMap::new();
    for job in bad.chain(good) {
        let Some(by) = job.rule() else { continue };
        let latest = last.entry((by.plan_id.as_deref(), by.rule_id.as_deref())).or_insert(job);
        if job.created > latest.created {
            *latest = job;
        }
    }
    let own = match look {
        Some(Look::Seen((plan, _))) => Some(plan),
        _ => None,
    };
    let of_today: Vec<_> = own
        .into_iter()
        .flat_map(|plan| plan.rules.iter().map(move |rule| (plan, rule)))
        .map(|(plan, rule)| {
            let last = last.get(&(Some(plan.id.as_str()), Some(rule.id.as_str())));
            timetable::of_today(rule, last.and_then(|job| job.created))
        })
        .collect();
    let elsewhere = last.into_iter().filter(move |((plan, _), _)| own.is_none_or(|own| *plan != Some(own.id.as_str())));
    let told = elsewhere.filter_map(|(_, job)| timetable::as_told(job.rule()?, job.created));
    of_today.into_iter().chain(told)
}

/// The resources of which the recovery points tell something that matters: whether one without a good job was ever backed up, and which of
/// several equally quick ones is the smallest.
pub fn undecided<'c>(candidates: &'c [Candidate<'_>]) -> Vec<&'c Job> {
    let quickest =
        candidates.iter().filter(|candidate| candidate.order.is_ok()).map(|candidate| candidate.last_duration).next();
    let tied = |candidate: &&Candidate<'_>| Some(candidate.last_duration) == quickest && candidate.order.is_ok();
    let ties = candidates.iter().filter(tied).count();
    candidates
        .iter()
        .filter(|candidate| candidate.backed_up == BackedUp::Unknown || (ties > 1 && tied(candidate)))
        .map(|candidate| candidate.model)
        .collect()
}

/// The resources of a cause to look at, at most `limit`: first those that a rerun of ours may have brought back, then those whose failure
/// nobody accepts, because the others are not rerun. Of each the cheapest by `recent` come first, then those that failed last.
///
/// `recent`: COMPLETED jobs of the time before the cause, and since it began, as far as one page of each tells.
pub fn worth_a_look(cause: &Cause, ledger: &Ledger, recent: &[Job], owners: &Owners, limit: usize) -> BTreeSet<String> {
    struct Choice<'a> {
        tried: bool,
        accepted: bool,
        took: Option<SignedDuration>,
        failed: Option<Timestamp>,
        arn: &'a str,
    }
    let mut last: BTreeMap<(JobKind, &str), &Job> = BTreeMap::new();
    for job in cause.jobs().filter(|job| job.kind != JobKind::Restore) {
        last.insert((job.kind, &job.resource_arn), job);
    }
    let still_open = |job: &Job| {
        let newest = ledger.bad_jobs_of(job.kind, &job.resource_arn).next_back();
        let is_back = |good: &Job| {
            good.kind == job.kind
                && good.resource_arn == job.resource_arn
                && good.completed_clean()
                && good.created > job.ended
        };
        newest.is_none_or(|judged| judged.cause == cause.id) && !recent.iter().any(is_back)
    };
    let mut choices: Vec<Choice<'_>> = last
        .into_iter()
        .filter(|((_, arn), job)| (job.scope.cloud == Cloud::Azure || Arn::parse(arn).is_some()) && still_open(job))
        .map(|((_, arn), job)| Choice {
            tried: job.is_attempt(),
            accepted: accepted(job, owners).is_some(),
            took: recent
                .iter()
                .filter(|done| done.resource_arn == arn)
                .max_by_key(|done| done.ended)
                .and_then(duration),
            failed: job.ended,
            arn,
        })
        .collect();
    choices.sort_by(|a, b| {
        b.tried
            .cmp(&a.tried)
            .then_with(|| a.accepted.cmp(&b.accepted))
            .then_with(|| a.took.is_none().cmp(&b.took.is_none()))
            .then_with(|| a.took.cmp(&b.took))
            .then_with(|| b.failed.cmp(&a.failed))
            .then_with(|| a.arn.cmp(b.arn))
    });
    let mut chosen = BTreeSet::new();
    for choice in choices {
        if chosen.len() < limit {
            chosen.insert(choice.arn.to_owned());
        }
    }
    chosen
}
