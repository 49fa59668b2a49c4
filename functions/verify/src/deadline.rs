//! How long a resource that is not backed up may wait: until its last good backup is older than its objective. Pure.
//!
//! Objective and age are those of the report: a tag of the resource, else the rules of the plan as they are today, and the start of the last good job.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use job::{Job, JobKind, JobState, Look};
use owner::Owners;
use promise::{CoveringRule, Plan, Promise, Rule};

use crate::ledger::Cause;
use crate::rerun::PlanLook;

/// What is known of the resources that a cause held back.
#[derive(Clone, Copy, Debug)]
pub struct Outlook<'a> {
    /// By plan id.
    pub plans: &'a BTreeMap<String, PlanLook>,
    /// COMPLETED jobs, of as many of the resources as were looked at.
    pub known: &'a [Job],
    /// What the tags of the resources say; `None`: no tag goes before a plan.
    pub owners: Option<&'a Owners>,
    pub now: Timestamp,
}

/// When a resource exceeds its objective.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exceeds {
    pub at: Timestamp,
    pub objective: SignedDuration,
}

/// The deadlines of one cause: each promise is worked out once, for it may cover hundreds of resources.
#[derive(Debug)]
pub struct Deadlines<'a> {
    outlook: Outlook<'a>,
    /// By plan and destination.
    promises: BTreeMap<(JobKind, &'a str, &'a str), Option<Promise>>,
    of_resource: BTreeMap<&'a str, Vec<&'a Job>>,
}

impl<'a> Deadlines<'a> {
    pub fn of(outlook: Outlook<'a>) -> Self {
        let mut of_resource: BTreeMap<&str, Vec<&Job>> = BTreeMap::new();
        for job in outlook.known.iter().filter(|job| job.state == JobState::Completed) {
            of_resource.entry(&job.resource_arn).or_default().push(job);
        }
        Self { outlook, promises: BTreeMap::new(), of_resource }
    }

    /// When the resource of this failure exceeds its objective; `None` where no plan covers it, or its last good job or its plan was not seen.
    pub(crate) fn exceeds(&mut self, cause: &'a Cause, failure: &'a Job) -> Option<Exceeds> {
        let vault = failure.written_vault()?;
        let jobs = self.of_resource.get(failure.resource_arn.as_str())?;
        let same = |kind: JobKind| jobs.iter().filter(move |job| job.kind == kind);
        let of_row = || same(failure.kind).filter(|job| job.written_vault() == Some(vault));
        let begun = |job: &&&Job| job.began();
        let last_good = of_row().filter(|job| job.completed_clean()).filter_map(|job| begun(&job)).max()?;
        if let Some(objective) = self.outlook.owners.and_then(|owners| owners.objective(&failure.resource_arn)) {
            return Exceeds::after(last_good, objective);
        }
        let longest = of_row().filter_map(|job| job.ran_for()).max();
        // A copy begins when the backup that it copies is done.
        let begins_after = match failure.kind {
            JobKind::Copy => same(JobKind::Backup).filter_map(|job| job.ran_for()).max().unwrap_or_default(),
            JobKind::Backup | JobKind::Restore => SignedDuration::ZERO,
        };
        let last = cause
            .jobs()
            .rev()
            .find(|job| job.kind == failure.kind && job.resource_arn == failure.resource_arn && job.rule().is_some())?;
        let plan_id = last.rule()?.plan_id.as_deref()?;
        let Some(Look::Seen((plan, _))) = self.outlook.plans.get(plan_id) else { return None };
        let now = self.outlook.now;
        let promise = self
            .promises
            .entry((failure.kind, plan_id, vault.arn.as_str()))
            .or_insert_with(|| promise(plan, failure, last.created, now));
        let objective = promise.as_ref()?.objective(longest)?.checked_add(begins_after)?;
        Exceeds::after(last_good, objective)
    }
}

impl Exceeds {
    fn after(last_good: Timestamp, objective: SignedDuration) -> Option<Self> {
        Some(Self { at: promise::breaches_at(last_good, objective)?, objective })
    }
}

/// What the rules of a plan that write where this job wrote promise together. `None` if one of their schedules can not be read.
fn promise(plan: &Plan, job: &Job, last_run: Option<Timestamp>, now: Timestamp) -> Option<Promise> {
    let vault = job.written_vault()?;
    let writes_there = |rule: &&Rule| match job.kind {
        JobKind::Copy => rule.copies.iter().any(|action| action.destination_vault_arn == vault.arn),
        JobKind::Backup | JobKind::Restore => rule.vault_name == vault.name,
    };
    let covering = |rule: &Rule| {
        let covering = CoveringRule::of(rule).ok()?;
        let schedule = last_run.map_or(covering.schedule.clone(), |run| covering.schedule.first_run_at(run));
        Some(CoveringRule { schedule, ..covering })
    };
    let rules: Option<Vec<CoveringRule>> = plan.rules.iter().filter(writes_there).map(covering).collect();
    Some(Promise::new(rules?, now))
}

#[cfg(test)]
mod tests {
    use job::{CreatedBy, Origin};

    use super::*;
    use crate::ledger::Ledger;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-{text}:00Z").parse().unwrap()
    }

    fn job(state: JobState, message: &str, created: &str, started: &str, ended: &str) -> Job {
        Job {
            message: message.into(),
            resource_arn: "arn:aws:rds:eu-west-1:111122223333:db:orders".into(),
            resource_type: "RDS".into(),
            vault: Some("arn:aws:backup:eu-west-1:111122223333:backup-vault:main".into()),
            created: Some(at(created)),
            started: Some(at(started)),
            ended: Some(at(ended)),
            origin: Origin::Rule(CreatedBy { plan_id: Some("p".into()), ..CreatedBy::default() }),
            ..Job::new(JobKind::Backup, created, state)
        }
    }

    #[test]
    fn a_resource_passes_its_objective_when_the_start_of_its_last_good_job_is_too_long_ago() {
        let rule = |vault: &str, window| Rule {
            schedule: Some("cron(0 1 ? * * *)".into()),
            vault_name: vault.into(),
            start_window_minutes: window,
            ..Rule::default()
        };
        let plan = |rules| Look::Seen((Plan { rules, ..Plan::default() }, vec![]));
        let good = job(JobState::Completed, "", "19T01:00", "19T01:20", "19T01:30");
        let with_issues = job(JobState::Completed, "Some items failed", "20T01:00", "20T01:00", "20T01:05");
        let elsewhere = Job {
            vault: Some("arn:aws:backup:eu-west-1:111122223333:backup-vault:other".into()),
            ..job(JobState::Completed, "", "20T01:00", "20T01:00", "20T05:00")
        };
        let all = [good, with_issues, elsewhere];
        let table = [
            (
                "a day, eight hours by default, ten minutes of work",
                plan(vec![rule("main", None)]),
                &all[..],
                Some("20T09:30"),
            ),
            ("an hour to start", plan(vec![rule("main", Some(60))]), &all[..], Some("20T02:30")),
            ("no rule writes there", plan(vec![rule("other", None)]), &all[..], None),
            ("the plan is gone", Look::Missing, &all[..], None),
            ("no good job was seen", plan(vec![rule("main", None)]), &all[1..], None),
        ];
        let failed = job(JobState::Failed, "Access denied to KMS key.", "20T01:00", "20T01:00", "20T01:02");
        let cause = Ledger::new(vec![failed.clone()], Vec::new()).causes().remove(0);
        for (name, look, known, expected) in table {
            let plans = BTreeMap::from([("p".to_owned(), look)]);
            let mut deadlines = Deadlines::of(Outlook { plans: &plans, known, owners: None, now: at("20T02:00") });
            assert_eq!(deadlines.exceeds(&cause, &failed).map(|exceeds| exceeds.at), expected.map(at), "{name}");
        }
    }
}
