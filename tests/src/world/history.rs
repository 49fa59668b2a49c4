//! Long pasts of large accounts. They are written down, not lived through: no policy is looked at.

use jiff::{SignedDuration, Timestamp};

use super::clock::UNTIL_EMITTED;
use super::night::order;
use super::{BackupJob, JobState, World};

/// Jobs of one run are created one after the other.
const STEP: SignedDuration = SignedDuration::from_millis(10);

/// A past of one rule over many resources of one type, which are added with it.
#[derive(Clone, Debug)]
pub struct History<'a> {
    /// A plan and a rule of it that the world has.
    pub plan: &'a str,
    pub rule: &'a str,
    /// A role that the world has, by name or ARN.
    pub role: &'a str,
    pub kind: &'a str,
    /// Resources are named `prefix-0`, `prefix-1` and so on.
    pub prefix: &'a str,
    pub resources: usize,
    /// When the rule ran, oldest first.
    pub runs: &'a [Timestamp],
}

impl World {
    /// Adds resources and one job for each run of each: COMPLETED with a recovery point, or FAILED with the message that
    /// `failure` has for (resource, run). The clock moves past the last of them. No selection is added.
    pub fn add_history(&mut self, history: &History<'_>, failure: impl Fn(usize, usize) -> Option<String>) {
        let plan = self.plan(history.plan).clone();
        let found = plan.rules.iter().find(|rule| rule.name == history.rule);
        let rule = found.unwrap_or_else(|| panic!("plan {} has no rule {}", plan.name, history.rule)).clone();
        let role_arn = self.role(history.role).arn.clone();
        let first = self.resources.len();
        for number in 0..history.resources {
            self.add_resource(history.kind, &format!("{}-{number}", history.prefix));
        }
        let mut last = self.clock;
        for (run, scheduled) in history.runs.iter().enumerate() {
            for number in 0..history.resources {
                let created = *scheduled + STEP * i32::try_from(number).unwrap_or(i32::MAX);
                let resource = self.resources[first + number].clone();
                let order = order(&plan, &rule, &resource, &role_arn);
                let id = self.next_id();
                let begins = created + SignedDuration::from_secs(60);
                let ends = begins + resource.duration;
                let message = failure(number, run);
                let recovery_point_arn =
                    message.is_none().then(|| self.keep(&order, &resource, resource.key.clone(), created, ends));
                last = last.max(ends);
                self.backup_jobs.push(BackupJob {
                    id,
                    ends: Some(ends),
                    end: if message.is_some() { JobState::Failed } else { JobState::Completed },
                    category: Some(if message.is_some() { "MISCELLANEOUS" } else { "SUCCESS" }.to_owned()),
                    message,
                    key: recovery_point_arn.as_ref().and(resource.key.clone()),
                    recovery_point_arn,
                    ..self.job_of(&order, resource, created)
                });
            }
        }
        self.clock = self.clock.max(last + UNTIL_EMITTED);
    }
}
