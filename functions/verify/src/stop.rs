//! Jobs that hang and that a person wants to be stopped. No tick stops a job by itself.
//!
//! Stopping takes minutes. In Azure one rerun of the resource follows: who comes again with the same claim finds the job stopped and has its rerun
//! started, or finds that another began. In AWS the stopped job is a root cause of its own, which is claimed like any other.

mod aws;

pub use aws::no_way;

use std::collections::BTreeSet;
use std::time::Duration;

use azure::{JobStatus, VaultId};
use job::{Cloud, Job, JobKind, JobState};
use notice::text;
use source::{Place, Source};
use tokio::time::{Instant, sleep};

use crate::act::{Licence, Starter};
use crate::decide::{Decision, Status};
use crate::gather;
use crate::ledger::Ledger;
use crate::record::{StopLine, StopStatus};
use crate::rerun::{self, Aim, OnDemand, Order, Rerun};
use crate::review::{Question, View};
use crate::visit::{Judged, Visit};

/// How long to wait for a job to be stopped, and how long between two looks.
const WAIT: Duration = Duration::from_secs(45);
const PAUSE: Duration = Duration::from_secs(3);

/// What comes of those jobs of these ids that one of these places has.
pub async fn each(
    ids: &BTreeSet<String>,
    places: &[Judged<'_>],
    starter: &mut Starter<'_>,
    until: Instant,
) -> Vec<StopLine> {
    let mut lines = Vec::new();
    for id in ids {
        let found = places.iter().find_map(|place| Some((place, Found::of(id, &place.visit.records.ledger)?)));
        if let Some((place, found)) = found {
            lines.push(line(id, one(place, &found, starter, until).await));
        }
    }
    lines
}

/// What comes of those jobs of these ids that an account has which does not let us in. `closed`: which account, and why.
pub fn outside(ids: &BTreeSet<String>, ledger: &Ledger, closed: &str) -> Vec<StopLine> {
    let refused = |found: Found<'_>, id: &str| {
        let (Found::OnItsWay(job) | Found::Over(job)) = found;
        let why = format!(
            "Job {} of {} is in another account, and nothing can be stopped there: {closed}.",
            job.id,
            called(job)
        );
        line(id, (StopStatus::Refused, why))
    };
    ids.iter().filter_map(|id| Some(refused(Found::of(id, ledger)?, id))).collect()
}

/// Adds those that no place has, and puts all in the order of their ids. `unread`: the places that could not be read, each with the reason.
pub(crate) fn with_unknown(ids: &BTreeSet<String>, mut lines: Vec<StopLine>, unread: &[String]) -> Vec<StopLine> {
    let (status, why) = match unread {
        [] => (
            StopStatus::Unknown,
            "No place that is watched has a job of this id on its way, or one that was stopped.".to_owned(),
        ),
        [first, others @ ..] => {
            let others = match others.len() {
                0 => String::new(),
                others => format!("; and {}", text::count(others, "other place")),
            };
            let why = "No place that could be read has a job of this id on its way, or one that was stopped";
            (StopStatus::NotRead, format!("{why}. Not read: {first}{others}."))
        }
    };
    let all = ids.iter().map(|id| {
        let known = lines.iter().position(|line| line.job_id == text::outside(id, 80));
        known.map_or_else(|| line(id, (status, why.clone())), |place| lines.remove(place))
    });
    all.collect()
}

fn line(id: &str, (status, reason): (StopStatus, String)) -> StopLine {
    StopLine { job_id: text::outside(id, 80), status, reason: text::outside(&reason, 900) }
}

/// A job that is to be stopped, as the lists of this tick have it.
enum Found<'a> {
    OnItsWay(&'a Job),
    Over(&'a Job),
}

impl<'a> Found<'a> {
    fn of(id: &str, ledger: &'a Ledger) -> Option<Self> {
        // Azure compares ids without case, and AWS writes each in one.
        let is_it = |job: &&Job| job.id == id || (job.scope.cloud == Cloud::Azure && job.id.eq_ignore_ascii_case(id));
        let on_its_way = ledger.in_flight().iter().find(is_it).map(Found::OnItsWay);
        on_its_way.or_else(|| ledger.bad_jobs().find(is_it).map(Found::Over))
    }
}

async fn one(
    judged: &Judged<'_>,
    found: &Found<'_>,
    starter: &mut Starter<'_>,
    until: Instant,
) -> (StopStatus, String) {
    let Judged { visit, question, .. } = judged;
    match found {
        Found::OnItsWay(job) if !visit.records.habits.is_stuck(job, question.now) => {
            return (StopStatus::Refused, format!("Job {} of {} does not hang.", job.id, called(job)));
        }
        Found::Over(job) if job.state != JobState::Aborted => {
            let state = job.state.as_str();
            return (StopStatus::Refused, format!("Job {} of {} has ended: {state}.", job.id, called(job)));
        }
        Found::OnItsWay(_) | Found::Over(_) => {}
    }
    match &visit.source {
        Source::Aws(account) => match starter.as_who_may_act(account).await {
            Ok(account) => aws::one(&account, found, &visit.records.ledger, starter.licence(), until).await,
            Err((_, why)) => (StopStatus::Refused, why),
        },
        Source::Azure(place) => in_azure(place, judged, found, starter, until).await,
    }
}

async fn in_azure(
    place: &Place,
    judged: &Judged<'_>,
    found: &Found<'_>,
    starter: &mut Starter<'_>,
    until: Instant,
) -> (StopStatus, String) {
    let Judged { visit, question, views } = judged;
    let job = match found {
        Found::OnItsWay(job) => {
            if starter.licence() != Licence::Start {
                return (
                    StopStatus::WouldStop,
                    format!("Job {} of {} hangs, and would be stopped.", job.id, called(job)),
                );
            }
            match stop(place, job, until).await {
                Ok(()) => job,
                Err(answer) => return answer,
            }
        }
        Found::Over(job) => job,
    };
    if let Some(later) = begun_since(job, visit, views) {
        let why = format!("Job {} of {} is stopped, and job {} of it began since.", job.id, called(job), later.id);
        return (StopStatus::Done, why);
    }
    let Some(around) = visit.surroundings.on_demand() else {
        return (StopStatus::Stopped, format!("Job {} of {} is stopped.", job.id, called(job)));
    };
    // Where no cause is open, nothing was read of the items.
    let on_demand = gather::on_demand(place, around.retention_days, until).await;
    rerun(&visit.source, job, &on_demand, starter, question).await
}

/// Asks the vault to stop a job, and waits until it is.
async fn stop(place: &Place, job: &Job, until: Instant) -> Result<(), (StopStatus, String)> {
    let named = format!("Job {} of {}", job.id, called(job));
    let refused = |why: String| (StopStatus::Refused, why);
    let vault = job.vault_arn().and_then(VaultId::parse);
    let vault = vault.ok_or_else(|| refused(format!("{named} does not name its vault.")))?;
    let look = async || place.subscription().job(&vault, &job.id, until).await;
    match look().await {
        Ok(Some(now)) if now.can_cancel() => {
            if let Err(why) = place.subscription().cancel(&vault, &job.id, until).await {
                return Err(match why.refused_by_azure() {
                    true => refused(format!("{named} was not stopped. Azure says: {}", why.said())),
                    false => (StopStatus::Stopping, format!("Whether {named} is being stopped is not known: {why}.")),
                });
            }
        }
        Ok(Some(now)) if matches!(now.status, JobStatus::Cancelling | JobStatus::Cancelled) => {}
        Ok(Some(now)) => {
            return Err(refused(format!(
                "{named} cannot be stopped: it is {}, and Azure offers no way.",
                now.status.as_str()
            )));
        }
        Ok(None) => return Err(refused(format!("{named} is not known to its vault."))),
        Err(why) => return Err(refused(format!("{named} could not be read: {why}."))),
    }
    let until = until.min(Instant::now() + WAIT);
    loop {
        match look().await {
            Ok(Some(now)) if now.status == JobStatus::Cancelled => return Ok(()),
            Ok(Some(now)) if !matches!(now.status, JobStatus::Cancelling | JobStatus::InProgress) => {
                return Err(refused(format!("{named} has ended by itself: {}.", now.status.as_str())));
            }
            _ if Instant::now() + PAUSE >= until => {
                let why = format!(
                    "{named} is being stopped. Send the same claim again in a few minutes: it starts the rerun."
                );
                return Err((StopStatus::Stopping, why));
            }
            _ => sleep(PAUSE).await,
        }
    }
}

/// Another job of the same resource that began later: nothing is left to do.
fn begun_since<'a>(job: &Job, visit: &'a Visit, views: &'a [View<'_>]) -> Option<&'a Job> {
    let ledger = &visit.records.ledger;
    let good = views.iter().flat_map(|view| &view.case.looks.completions);
    ledger.in_flight().iter().chain(ledger.bad_jobs()).chain(good).find(|other| {
        other.kind == JobKind::Backup && other.resource_arn == job.resource_arn && other.created > job.created
    })
}

async fn rerun(
    source: &Source,
    job: &Job,
    on_demand: &OnDemand,
    starter: &mut Starter<'_>,
    question: &Question<'_>,
) -> (StopStatus, String) {
    let stopped = format!("Job {} of {} is stopped.", job.id, called(job));
    if job.kind == JobKind::Restore {
        return (StopStatus::Stopped, format!("{stopped} Restores are never rerun."));
    }
    let order = match rerun::azure::order(job, &[job], on_demand, question.starts_at) {
        Ok(order) => Order::Azure(order),
        Err(unfit) => return (StopStatus::Stopped, format!("{stopped} It is not rerun: {unfit}.")),
    };
    let rerun = Rerun {
        resource_arn: job.resource_arn.clone(),
        resource_type: job.resource_type.clone(),
        kind: job.kind,
        aim: Aim::Proof { attempt: 1 },
        order,
    };
    let act = starter.carry_out(source, Decision::Rerun { reruns: vec![rerun], reason: stopped }).await;
    let status = match act.status {
        Status::Started => StopStatus::Started,
        Status::WouldStart => StopStatus::WouldStop,
        Status::InFlight => StopStatus::Done,
        _ => StopStatus::Stopped,
    };
    (status, act.reason)
}

fn called(job: &Job) -> String {
    text::outside(job.resource_name.as_deref().unwrap_or(&job.resource_arn), 200)
}
