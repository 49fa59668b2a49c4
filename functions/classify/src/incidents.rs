//! Which incidents a page opens, or adds to: one for each account of a fault. Pure.

use std::collections::{BTreeMap, BTreeSet};

use cause::episode::{Course, incident_id};
use cause::group::resources;
use cause::judged::Judged;
use classification::identity::RootCauseId;
use jiff::Timestamp;
use job::{Job, Scope};

use crate::causes::CauseTonight;
use crate::decide::PageDecision;
use crate::fault::Fault;
use crate::page::{Access, Incident};

/// The incidents of a fault, one for each cause, the largest first: those of the batch, then those that it joins tonight.
/// `accounts`: the decisions on its causes, in their order. `recorded`: its failures on record. `place`: what people call an account, and whether
/// it lets us look.
pub fn incidents(
    fault: &Fault,
    accounts: &[PageDecision],
    tonight: &CauseTonight<'_>,
    recorded: &[&Judged],
    place: impl Fn(&Scope) -> (Option<String>, Access),
    now: Timestamp,
) -> Vec<Incident> {
    let of_batch = fault.whole.failures.iter().map(|failure| &failure.judged);
    let cause_of: BTreeMap<&str, &RootCauseId> =
        recorded.iter().copied().chain(of_batch).map(|judged| (judged.job.id.as_str(), &judged.cause)).collect();
    // A fault may be in thousands of accounts: its jobs are gone through once, and not once for each.
    let mut jobs_of: BTreeMap<&RootCauseId, Vec<&Job>> = BTreeMap::new();
    for job in tonight.every_job() {
        let id = if fault.family.is_some() { cause_of.get(job.id.as_str()).copied() } else { Some(&fault.whole.id) };
        if let Some(id) = id {
            jobs_of.entry(id).or_default().push(job);
        }
    }
    let of = |id: &RootCauseId, incident_id: Option<String>| {
        let jobs = jobs_of.get(id)?;
        let scope = jobs.first().map(|job| job.scope.clone())?;
        let (count, resources) = (jobs.len(), resources(jobs.iter().copied()).len());
        let (name, access) = place(&scope);
        Some(Incident { cause: id.clone(), id: incident_id, name, access, scope, jobs: count, resources })
    };
    let own = fault.causes.iter().zip(accounts);
    let mut incidents: Vec<Incident> =
        own.filter_map(|(cause, decision)| of(&cause.id, decision.incident_id(cause, now))).collect();
    let told: BTreeSet<&RootCauseId> = fault.causes.iter().map(|cause| &cause.id).collect();
    let beside: BTreeSet<&str> = tonight.beside.iter().map(|job| job.id.as_str()).collect();
    let mut others: BTreeMap<&RootCauseId, Vec<&Job>> = BTreeMap::new();
    for judged in recorded.iter().filter(|judged| !told.contains(&judged.cause)) {
        others.entry(&judged.cause).or_default().push(&judged.job);
    }
    for (id, failures) in others {
        let tonight = failures.iter().filter(|job| beside.contains(job.id.as_str())).count();
        if tonight == 0 {
            continue;
        }
        // When an episode began that failed on an earlier night is known where its account was read, and this one was not.
        let is_new = tonight == failures.len();
        let course = Course::of(&failures, &[], fault.whole.entry().proven_by);
        let latest = course.latest().filter(|_| is_new);
        let incident_id = latest.map(|latest| incident_id(id, &latest.episode, now));
        incidents.extend(of(id, incident_id));
    }
    let named = |incident: &Incident| incident.name.clone().unwrap_or_else(|| incident.scope.account.clone());
    incidents.sort_by_cached_key(|incident| (std::cmp::Reverse(incident.resources), named(incident)));
    incidents
}

#[cfg(test)]
mod tests {
    use cause::group::group;
    use job::{JobKind, JobState, RoleRef, Scope};

    use super::*;
    use crate::causes::{Failure, Listed};
    use crate::decide::{PageDecision, Rules};
    use crate::fault::{Wide, faults};

    fn failure(account: usize, resource: &str) -> Judged {
        Judged::new(Job {
            scope: Scope::aws(format!("{account:012}"), "eu-west-1"),
            resource_arn: format!("arn:aws:rds:eu-west-1:{account:012}:db:{resource}"),
            role: Some(RoleRef::parse(format!("arn:aws:iam::{account:012}:role/backup"))),
            message: format!("IAM Role arn:aws:iam::{account:012}:role/backup cannot be assumed by AWS Backup"),
            ended: "2026-11-21T02:00:00Z".parse().ok(),
            ..Job::new(JobKind::Backup, format!("{account} {resource}"), JobState::Failed)
        })
    }

    /// To compare each failure with all others would take hours here.
    #[test]
    fn a_fault_in_thousands_of_accounts_has_an_incident_in_each() {
        const ACCOUNTS: usize = 5_000;
        let all: Vec<Judged> =
            (0..ACCOUNTS).flat_map(|account| ["a", "b"].map(|resource| failure(account, resource))).collect();
        let batch = all.iter().take(10).map(|judged| Failure {
            event_id: String::new(),
            message_ids: Vec::new(),
            listed: Listed::Yes,
            judged: judged.clone(),
        });
        let mut fault = faults(group(batch), Wide::Several).remove(0);
        fault.in_all_accounts.clone_from(&all);
        let recorded: Vec<&Judged> = all.iter().collect();
        let beside = all.iter().skip(10).map(|judged| &judged.job).collect();
        let rules = Rules { hours: 24, escalate_nights: 3, is_accepted: &|_| false };
        let accounts: Vec<PageDecision> =
            fault.causes.iter().map(|cause| PageDecision::of(cause, &[], &[], rules)).collect();
        let tonight = CauseTonight { cause: &fault.whole, beside };
        let now = "2026-11-21T03:00:00Z".parse().unwrap();
        let incidents = incidents(&fault, &accounts, &tonight, &recorded, |_| (None, Access::Open), now);
        assert_eq!(incidents.len(), ACCOUNTS);
        assert!(incidents.iter().all(|one| one.id.is_some() && (one.jobs, one.resources) == (2, 2)));
    }
}
