use jiff::{SignedDuration, Timestamp};

use super::clock::UNTIL_EMITTED;
use super::{CopyOrder, Creator, JobState, Order, Plan, Resource, Rule, World};

/// What one night made, in the order in which it was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Night {
    pub backup_jobs: Vec<String>,
    pub copy_jobs: Vec<String>,
}

impl Night {
    /// The ids of all jobs, backups first.
    #[must_use]
    pub fn jobs(&self) -> Vec<String> {
        self.backup_jobs.iter().chain(&self.copy_jobs).cloned().collect()
    }
}

impl World {
    /// Runs every rule of a plan once, scheduled at an instant, and moves the clock until all of it has ended.
    pub fn run_night(&mut self, plan: &str, at: Timestamp) -> Night {
        let rules: Vec<String> = self.plan(plan).rules.iter().map(|rule| rule.name.clone()).collect();
        let mut night = Night::default();
        for rule in rules {
            let run = self.schedule(plan, &rule, at);
            night.backup_jobs.extend(run.backup_jobs);
            night.copy_jobs.extend(run.copy_jobs);
        }
        let jobs = self.backup_jobs.iter().filter(|job| night.backup_jobs.contains(&job.id)).filter_map(|job| job.ends);
        let copies = self.copy_jobs.iter().filter(|job| night.copy_jobs.contains(&job.id)).filter_map(|job| job.ends);
        if let Some(last) = jobs.chain(copies).max() {
            self.clock = self.clock.max(last + UNTIL_EMITTED);
        }
        night
    }

    /// Makes the jobs of one rule at an instant. The clock stays, so that a test can look at them while they run.
    pub fn schedule(&mut self, plan: &str, rule: &str, at: Timestamp) -> Night {
        let plan = self.plan(plan).clone();
        let found = plan.rules.iter().find(|candidate| candidate.name == rule);
        let rule = found.unwrap_or_else(|| panic!("plan {} has no rule {rule}", plan.name));
        let selections = self.selections.clone();
        let mut night = Night::default();
        for selection in selections.iter().filter(|selection| selection.plan_id == plan.id) {
            for resource_arn in self.selected(selection) {
                // Jobs of one run are created one after the other, not all in the same millisecond.
                let created = at + SignedDuration::from_millis(137 * night.backup_jobs.len() as i64);
                let order = order(&plan, rule, self.resource(&resource_arn), &selection.role_arn);
                let id = self.back_up(&order, created);
                night.copy_jobs.extend(self.copy_after(&id, rule));
                night.backup_jobs.push(id);
            }
        }
        night
    }

    fn copy_after(&mut self, backup_job: &str, rule: &Rule) -> Vec<String> {
        let job = self.backup_job(backup_job).expect("just made").clone();
        let (Some(recovery_point_arn), Some(ends), JobState::Completed) = (job.recovery_point_arn, job.ends, job.end)
        else {
            return Vec::new();
        };
        let order = |destination: &super::CopyAction| CopyOrder {
            recovery_point_arn: recovery_point_arn.clone(),
            destination_vault_arn: destination.vault_arn.clone(),
            role_arn: job.role_arn.clone(),
            lifecycle: destination.lifecycle,
            created_by: job.created_by.clone(),
            created_by_backup_job: Some(job.id.clone()),
        };
        rule.copies.iter().map(|action| self.copy(&order(action), ends + SignedDuration::from_secs(5))).collect()
    }
}

pub(super) fn order(plan: &Plan, rule: &Rule, resource: &Resource, role_arn: &str) -> Order {
    Order {
        resource_arn: resource.arn.clone(),
        vault_name: rule.vault.clone(),
        role_arn: role_arn.to_owned(),
        start_window_minutes: rule.start_window_minutes,
        completion_window_minutes: rule.completion_window_minutes,
        lifecycle: rule.lifecycle,
        created_by: Some(Creator {
            plan_id: plan.id.clone(),
            plan_arn: plan.arn.clone(),
            plan_name: plan.name.clone(),
            plan_version: plan.version.clone(),
            rule_id: rule.id.clone(),
            rule_name: rule.name.clone(),
            rule_cron: rule.cron.clone(),
            rule_timezone: rule.timezone.clone(),
        }),
        tags: rule.tags.clone(),
        options: plan.options.get(&resource.kind).cloned().unwrap_or_default(),
        continuous: rule.continuous && resource.supports_continuous(),
    }
}
