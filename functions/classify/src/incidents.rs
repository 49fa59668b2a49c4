//! Which incidents a page opens, or adds to: one for each account of a fault. Pure.

use std::collections::BTreeSet;

use cause::episode::{Course, incident_id};
use cause::group::resources;
use cause::judged::Judged;
use classification::identity::RootCauseId;
use jiff::Timestamp;
use job::Job;

use crate::causes::CauseTonight;
use crate::decide::PageDecision;
use crate::fault::Fault;
use crate::page::Incident;

/// The incidents of a fault, one for each cause, the largest first: those of the batch, then those that it joins tonight.
/// `accounts`: the decisions on its causes, in their order. `recorded`: its failures on record. `name`: what people call an account.
pub fn incidents(
    fault: &Fault,
    accounts: &[PageDecision],
    tonight: &CauseTonight<'_>,
    recorded: &[&Judged],
    name: impl Fn(&str) -> Option<String>,
    now: Timestamp,
) -> Vec<Incident> {
    let of = |id: &RootCauseId, incident_id: Option<String>| {
        let is_of = |job: &&Job| {
            let known = recorded.iter().copied().chain(fault.whole.failures.iter().map(|failure| &failure.judged));
            known.into_iter().any(|judged| judged.job.id == job.id && judged.cause == *id)
        };
        let jobs: Vec<&Job> = match fault.family {
            Some(_) => tonight.every_job().filter(is_of).collect(),
            None => tonight.every_job().collect(),
        };
        let scope = jobs.first().map(|job| job.scope.clone())?;
        let (count, resources) = (jobs.len(), resources(jobs.iter().copied()).len());
        Some(Incident { cause: id.clone(), id: incident_id, name: name(&scope.account), scope, jobs: count, resources })
    };
    let own = fault.causes.iter().zip(accounts);
    let mut incidents: Vec<Incident> =
        own.filter_map(|(cause, decision)| of(&cause.id, decision.incident_id(cause, now))).collect();
    let is_told = |id: &RootCauseId| fault.causes.iter().any(|cause| cause.id == *id);
    let beside = recorded.iter().filter(|judged| tonight.beside.iter().any(|job| job.id == judged.job.id));
    let others: BTreeSet<&RootCauseId> = beside.map(|judged| &judged.cause).filter(|id| !is_told(id)).collect();
    for id in others {
        let failures: Vec<&Job> =
            recorded.iter().filter(|judged| judged.cause == *id).map(|judged| &judged.job).collect();
        // When an episode began that failed on an earlier night is known where its account was read, and this one was not.
        let is_new = failures.iter().all(|job| tonight.beside.iter().any(|other| other.id == job.id));
        let course = Course::of(&failures, &[], fault.whole.entry().proven_by);
        let latest = course.latest().filter(|_| is_new);
        let incident_id = latest.map(|latest| incident_id(id, &latest.episode, now));
        incidents.extend(of(id, incident_id));
    }
    let named = |incident: &Incident| incident.name.clone().unwrap_or_else(|| incident.scope.account.clone());
    incidents.sort_by_cached_key(|incident| (std::cmp::Reverse(incident.resources), named(incident)));
    incidents
}
