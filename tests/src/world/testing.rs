//! Restore testing: plans, and what becomes of what a test restored.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::World;

#[derive(Clone, Debug)]
pub struct TestingPlan {
    pub name: String,
    pub arn: String,
    pub cron: String,
    pub timezone: Option<String>,
    pub start_window_hours: i64,
    pub created: Timestamp,
    /// None: it never ran.
    pub last_run: Option<Timestamp>,
    pub selections: Vec<TestingSelection>,
}

#[derive(Clone, Debug)]
pub struct TestingSelection {
    pub name: String,
    /// As AWS Backup writes it: RDS, EBS, DynamoDB and so on.
    pub kind: String,
    /// By name or ARN.
    pub role: String,
    /// Zero: nobody is asked to validate.
    pub validation_window: SignedDuration,
}

/// What makes a restore a test.
#[derive(Clone, Debug)]
pub struct Test {
    pub plan_arn: String,
    pub validation_window: SignedDuration,
    /// When a validator spoke, and its status and words.
    pub validated: Option<(Timestamp, String, Option<String>)>,
    pub cleanup: Cleanup,
}

/// What becomes of the deletion of what a test restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cleanup {
    /// It takes ten minutes.
    Works,
    /// Somebody took the tag away by which AWS Backup finds it.
    Fails,
    /// It never ends.
    Hangs,
}

const TO_DELETE: SignedDuration = SignedDuration::from_mins(10);

impl Test {
    pub(super) fn of(plan_arn: &str, validation_window: SignedDuration) -> Self {
        Test { plan_arn: plan_arn.to_owned(), validation_window, validated: None, cleanup: Cleanup::Works }
    }

    /// The validation of a test that has completed, and its message.
    pub(crate) fn validation(&self, completed: Timestamp, now: Timestamp) -> Option<(&str, Option<&str>)> {
        let closes = completed + self.validation_window;
        match &self.validated {
            _ if self.validation_window.is_zero() => None,
            Some((at, status, message)) if *at <= now => Some((status, message.as_deref())),
            _ if closes <= now => Some(("TIMED_OUT", None)),
            _ => Some(("VALIDATING", None)),
        }
    }

    /// The deletion of what a test restored that has completed, and its message.
    pub(crate) fn deletion(&self, completed: Timestamp, now: Timestamp) -> Option<(&str, Option<&str>)> {
        let closes = completed + self.validation_window;
        let begins = self.validated.as_ref().map_or(closes, |(at, ..)| (*at).min(closes));
        match self.cleanup {
            _ if now < begins => None,
            Cleanup::Works | Cleanup::Fails if now < begins + TO_DELETE => Some(("DELETING", None)),
            Cleanup::Works => Some(("SUCCESSFUL", None)),
            Cleanup::Fails => Some(("FAILED", Some("The resource does not have the tag awsbackup-restore-test."))),
            Cleanup::Hangs => Some(("DELETING", None)),
        }
    }
}

impl World {
    /// Adds a restore testing plan that runs every Sunday at 05:00, and that never ran.
    pub fn add_testing_plan(&mut self, name: &str) -> &mut TestingPlan {
        let id = self.next_id();
        let place = format!("arn:{}:backup:{}:{}", self.partition(), self.region, self.account);
        self.testing_plans.push(TestingPlan {
            name: name.to_owned(),
            arn: format!("{place}:restore-testing-plan:{name}-{id}"),
            cron: "cron(0 5 ? * SUN *)".to_owned(),
            timezone: None,
            start_window_hours: 24,
            created: self.clock,
            last_run: None,
            selections: Vec::new(),
        });
        self.testing_plans.last_mut().expect("just added")
    }

    /// The restore testing plan of that name.
    pub fn testing_plan(&mut self, name: &str) -> &mut TestingPlan {
        let found = self.testing_plans.iter_mut().find(|plan| plan.name == name);
        found.unwrap_or_else(|| panic!("the world has no restore testing plan {name}"))
    }

    /// What is known of a restore as a test.
    pub fn test_of(&mut self, restore_job: &str) -> &mut Test {
        let found = self.restore_jobs.iter_mut().find(|job| job.id == restore_job);
        let job = found.unwrap_or_else(|| panic!("the world has no restore job {restore_job}"));
        job.test.as_mut().expect("a restore that a testing plan made")
    }

    /// A validator says what it found: `SUCCESSFUL` or `FAILED`. CloudTrail records it.
    pub fn validate(&mut self, restore_job: &str, status: &str, message: &str, at: Timestamp) {
        self.test_of(restore_job).validated = Some((at, status.to_owned(), Some(message.to_owned())));
        let request = json!({
            "restoreJobId": restore_job, "validationStatus": status, "validationStatusMessage": message,
        });
        self.record("backup", "PutRestoreValidationResult", at, request);
    }
}

impl TestingPlan {
    /// Tests all recovery points of a type under a role, and gives validators this number of hours.
    pub fn tests(&mut self, kind: &str, role: &str, validation_hours: i64) -> &mut Self {
        self.selections.push(TestingSelection {
            name: format!("all_{}", kind.to_lowercase()),
            kind: kind.to_owned(),
            role: role.to_owned(),
            validation_window: SignedDuration::from_hours(validation_hours),
        });
        self
    }
}
