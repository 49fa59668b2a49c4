//! Jobs know from the start how and when they will end; what is seen of them depends on the world's clock.

use jiff::Timestamp;

use super::testing::Test;
use super::{Lifecycle, Tags, World};

#[derive(Clone, Debug)]
pub struct BackupJob {
    pub id: String,
    pub resource_arn: String,
    pub resource_name: String,
    pub kind: String,
    pub vault_name: String,
    pub vault_arn: String,
    pub role_arn: String,
    /// The key of the backup, where AWS names it: only once there is a recovery point.
    pub key: Option<String>,
    pub created: Timestamp,
    /// InitiationDate, where AWS tells it.
    pub initiated: Option<Timestamp>,
    pub start_by: Timestamp,
    pub begins: Timestamp,
    /// None: it never ends by itself.
    pub ends: Option<Timestamp>,
    /// The state it will have at its end.
    pub end: JobState,
    pub message: Option<String>,
    pub category: Option<String>,
    pub recovery_point_arn: Option<String>,
    pub bytes: i64,
    pub lifecycle: Lifecycle,
    /// The plan and rule that made it; none for a job on demand.
    pub created_by: Option<Creator>,
    /// The tags that it gives its recovery point.
    pub tags: Tags,
    pub options: Tags,
    /// When it would end if all went well, as AWS guesses once it runs.
    pub expected: Timestamp,
    pub parent: Option<String>,
    pub is_parent: bool,
}

#[derive(Clone, Debug)]
pub struct CopyJob {
    pub id: String,
    pub resource_arn: String,
    pub resource_name: String,
    pub kind: String,
    pub source_vault_arn: String,
    pub source_recovery_point_arn: String,
    pub destination_vault_arn: String,
    pub destination_recovery_point_arn: Option<String>,
    pub role_arn: String,
    pub created: Timestamp,
    pub begins: Timestamp,
    pub ends: Option<Timestamp>,
    pub end: JobState,
    pub message: Option<String>,
    pub category: Option<String>,
    pub bytes: i64,
    pub lifecycle: Lifecycle,
    pub created_by: Option<Creator>,
    pub created_by_backup_job: Option<String>,
    pub parent: Option<String>,
    pub is_parent: bool,
}

#[derive(Clone, Debug)]
pub struct RestoreJob {
    pub id: String,
    pub recovery_point_arn: String,
    pub source_resource_arn: Option<String>,
    pub kind: String,
    pub vault_arn: Option<String>,
    pub role_arn: String,
    pub created: Timestamp,
    pub begins: Timestamp,
    pub ends: Option<Timestamp>,
    pub end: JobState,
    pub message: Option<String>,
    pub created_resource_arn: Option<String>,
    pub bytes: i64,
    pub recovery_point_created: Option<Timestamp>,
    /// Set for a test that a restore testing plan made.
    pub test: Option<Test>,
    pub parent: Option<String>,
}

/// The plan and rule behind a job.
#[derive(Clone, Debug)]
pub struct Creator {
    pub plan_id: String,
    pub plan_arn: String,
    pub plan_name: String,
    pub plan_version: String,
    pub rule_id: String,
    pub rule_name: String,
    pub rule_cron: String,
    pub rule_timezone: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum JobState {
    Created,
    Pending,
    Running,
    Aborting,
    Aborted,
    Completed,
    Failed,
    Expired,
    Partial,
}

impl JobState {
    /// The name in the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            JobState::Created => "CREATED",
            JobState::Pending => "PENDING",
            JobState::Running => "RUNNING",
            JobState::Aborting => "ABORTING",
            JobState::Aborted => "ABORTED",
            JobState::Completed => "COMPLETED",
            JobState::Failed => "FAILED",
            JobState::Expired => "EXPIRED",
            JobState::Partial => "PARTIAL",
        }
    }
}

impl World {
    #[must_use]
    pub fn backup_job(&self, id: &str) -> Option<&BackupJob> {
        self.backup_jobs.iter().find(|job| job.id == id)
    }

    #[must_use]
    pub fn copy_job(&self, id: &str) -> Option<&CopyJob> {
        self.copy_jobs.iter().find(|job| job.id == id)
    }

    #[must_use]
    pub fn restore_job(&self, id: &str) -> Option<&RestoreJob> {
        self.restore_jobs.iter().find(|job| job.id == id)
    }

    /// Stops a backup job as a user would, now.
    pub fn stop_backup_job(&mut self, id: &str) {
        let now = self.clock;
        let found = self.backup_jobs.iter_mut().find(|job| job.id == id);
        let job = found.unwrap_or_else(|| panic!("the world has no backup job {id}"));
        let ends = job.ends.replace(now);
        job.end = JobState::Aborted;
        job.message = Some("Backup job was stopped by user.".to_owned());
        job.category = Some("MISCELLANEOUS".to_owned());
        job.key = None;
        let made = job.recovery_point_arn.take();
        self.unmake(made, ends);
    }

    /// Makes a backup or copy job hang from now on: it never ends, and nothing comes of it.
    ///
    /// # Panics
    /// If the world has no such job.
    pub fn hang(&mut self, id: &str) {
        let (made, ends) = if let Some(job) = self.backup_jobs.iter_mut().find(|job| job.id == id) {
            (job.recovery_point_arn.take(), job.ends.take())
        } else {
            let found = self.copy_jobs.iter_mut().find(|job| job.id == id);
            let job = found.unwrap_or_else(|| panic!("the world has no job {id}"));
            (job.destination_recovery_point_arn.take(), job.ends.take())
        };
        self.unmake(made, ends);
    }

    /// Takes away what a job that ends otherwise than decided would have made.
    fn unmake(&mut self, made: Option<String>, at: Option<Timestamp>) {
        // A continuous point that other jobs made or renewed stays without this one's renewal.
        self.recovery_points.retain_mut(|point| {
            let renewals = point.renewals.len();
            point.renewals.retain(|renewal| Some(&point.arn) != made.as_ref() || Some(*renewal) != at);
            Some(&point.arn) != made.as_ref() || renewals != point.renewals.len()
        });
    }
}

impl BackupJob {
    /// How much of it is done, from 0 to 100. A job that hangs stops short of its end.
    #[must_use]
    pub fn percent_done(&self, now: Timestamp) -> f64 {
        let length = (self.expected.as_second() - self.begins.as_second()).max(1) as f64;
        let passed = (now.as_second() - self.begins.as_second()).max(0) as f64;
        let most = if self.ends.is_none() { 80.0 } else { 99.0 };
        match self.state(now) {
            JobState::Completed | JobState::Partial => 100.0,
            JobState::Running => (passed / length * 100.0).min(most).floor(),
            _ => 0.0,
        }
    }

    #[must_use]
    pub fn state(&self, now: Timestamp) -> JobState {
        state(self.begins, self.ends, self.end, now)
    }

    #[must_use]
    pub fn ended(&self, now: Timestamp) -> bool {
        self.ends.is_some_and(|end| end <= now)
    }
}

impl CopyJob {
    #[must_use]
    pub fn state(&self, now: Timestamp) -> JobState {
        state(self.begins, self.ends, self.end, now)
    }

    #[must_use]
    pub fn ended(&self, now: Timestamp) -> bool {
        self.ends.is_some_and(|end| end <= now)
    }
}

impl RestoreJob {
    /// A restore waits as PENDING; there is no CREATED.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> JobState {
        match state(self.begins, self.ends, self.end, now) {
            JobState::Created => JobState::Pending,
            other => other,
        }
    }

    #[must_use]
    pub fn ended(&self, now: Timestamp) -> bool {
        self.ends.is_some_and(|end| end <= now)
    }
}

fn state(begins: Timestamp, ends: Option<Timestamp>, end: JobState, now: Timestamp) -> JobState {
    match ends {
        Some(ends) if ends <= now => end,
        _ if begins <= now => JobState::Running,
        _ => JobState::Created,
    }
}
