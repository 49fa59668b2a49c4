//! Orders for jobs: what a rule or a person asks for, and what comes of it in the world as it is.

use jiff::{SignedDuration, Timestamp};

use super::sentence::{self, Failure};
use super::{
    BackupJob, Condition, CopyJob, Creator, JobState, Lifecycle, RecoveryPoint, Resource, Tags, World, access,
};

/// An order for one backup. Resource, vault and role are given by ARN or, for the vault, by name.
#[derive(Clone, Debug)]
pub struct Order {
    pub resource_arn: String,
    pub vault_name: String,
    pub role_arn: String,
    pub start_window_minutes: i64,
    pub completion_window_minutes: i64,
    pub lifecycle: Lifecycle,
    /// None for a job on demand.
    pub created_by: Option<Creator>,
    /// RecoveryPointTags.
    pub tags: Tags,
    /// BackupOptions.
    pub options: Tags,
    /// Whether the rule asks for a continuous backup; on demand there are only snapshots.
    pub continuous: bool,
}

/// An order for one copy of a recovery point.
#[derive(Clone, Debug)]
pub struct CopyOrder {
    pub recovery_point_arn: String,
    pub destination_vault_arn: String,
    pub role_arn: String,
    pub lifecycle: Lifecycle,
    pub created_by: Option<Creator>,
    pub created_by_backup_job: Option<String>,
}

/// Services take a minute to begin and another and a half to say no.
const TO_BEGIN: SignedDuration = SignedDuration::from_secs(60);
const TO_REFUSE: SignedDuration = SignedDuration::from_secs(90);

/// How a job goes.
struct Course {
    begins: Timestamp,
    ends: Option<Timestamp>,
    failure: Option<Failure>,
}

impl Order {
    /// A job on demand with AWS's default windows, kept for ever.
    #[must_use]
    pub fn on_demand(resource_arn: &str, vault_name: &str, role_arn: &str) -> Self {
        Order {
            resource_arn: resource_arn.to_owned(),
            vault_name: vault_name.to_owned(),
            role_arn: role_arn.to_owned(),
            start_window_minutes: 480,
            completion_window_minutes: 10_080,
            lifecycle: Lifecycle::default(),
            created_by: None,
            tags: Tags::new(),
            options: Tags::new(),
            continuous: false,
        }
    }
}

impl World {
    /// Makes a backup job at an instant and decides how it will end; returns its id. The clock stays. A composite resource gets
    /// a job for itself, whose id this is, and one for each of its members.
    pub fn back_up(&mut self, order: &Order, at: Timestamp) -> String {
        let resource = self.resource(&order.resource_arn).clone();
        if resource.members.is_empty() {
            self.back_up_one(order, resource, at)
        } else {
            self.back_up_all(order, resource, at)
        }
    }

    pub(super) fn back_up_one(&mut self, order: &Order, resource: Resource, at: Timestamp) -> String {
        let id = self.next_id();
        let course = self.course(order, &resource, at);
        let key = self.key_of_backup(order, &resource);
        let completes = course.ends.filter(|_| course.failure.is_none());
        let recovery_point_arn = completes.map(|ends| self.keep(order, &resource, key.clone(), at, ends));
        let (end, message, category) = told(course.failure, resource.remark.clone());
        self.backup_jobs.push(BackupJob {
            id: id.clone(),
            key: recovery_point_arn.as_ref().and(key),
            begins: course.begins,
            ends: course.ends,
            end,
            message,
            category: Some(category),
            recovery_point_arn,
            expected: course.begins.saturating_add(resource.duration).unwrap_or(Timestamp::MAX),
            ..self.job_of(order, resource, at)
        });
        id
    }

    /// What a job has from its order and resource, before anything has come of it.
    pub(super) fn job_of(&self, order: &Order, resource: Resource, at: Timestamp) -> BackupJob {
        BackupJob {
            id: String::new(),
            resource_arn: resource.arn,
            resource_name: resource.name,
            kind: resource.kind,
            vault_name: order.vault_name.clone(),
            vault_arn: self.vault_arn(&order.vault_name),
            role_arn: order.role_arn.clone(),
            key: None,
            created: at,
            initiated: Some(at),
            start_by: at + SignedDuration::from_mins(order.start_window_minutes),
            begins: at + TO_BEGIN,
            ends: None,
            end: JobState::Completed,
            message: None,
            category: None,
            recovery_point_arn: None,
            bytes: resource.bytes,
            lifecycle: order.lifecycle,
            created_by: order.created_by.clone(),
            tags: order.tags.clone(),
            options: order.options.clone(),
            expected: at + TO_BEGIN + resource.duration,
            parent: None,
            is_parent: false,
        }
    }

    fn course(&self, order: &Order, resource: &Resource, at: Timestamp) -> Course {
        let start_by = at + SignedDuration::from_mins(order.start_window_minutes);
        let close = at + SignedDuration::from_mins(order.completion_window_minutes);
        let fails = |begins, ends, failure| Course { begins, ends: Some(ends), failure: Some(failure) };
        if resource.condition == Condition::Waits {
            return Course { begins: Timestamp::MAX, ends: None, failure: None };
        }
        let Some(begins) = self.turn_of(resource, at + TO_BEGIN, start_by) else {
            return fails(start_by, start_by, sentence::busy());
        };
        match self.trouble_of_backup(order, resource) {
            Some(failure) if failure.state == JobState::Expired => fails(begins, start_by, failure),
            Some(failure) => fails(begins, begins + TO_REFUSE, failure),
            None if resource.condition == Condition::Hangs => Course { begins, ends: None, failure: None },
            None if begins + resource.duration > close => {
                fails(begins, close, sentence::too_long(resource.wording.unwrap_or(self.wording)))
            }
            None => Course { begins, ends: Some(begins + resource.duration), failure: None },
        }
    }

    /// Puts what a job will have made into the vault; returns its ARN.
    pub(super) fn keep(
        &mut self,
        order: &Order,
        resource: &Resource,
        key: Option<String>,
        at: Timestamp,
        ends: Timestamp,
    ) -> String {
        let vault_arn = self.vault_arn(&order.vault_name);
        if order.continuous
            && let Some(arn) = self.renew(&resource.arn, &vault_arn, ends)
        {
            return arn;
        }
        let (account, region) = (self.account.clone(), self.region.clone());
        let arn = if order.continuous {
            format!("arn:aws:backup:{region}:{account}:recovery-point:continuous:{}", self.next_id())
        } else {
            self.recovery_point_arn(resource, &account, &region)
        };
        self.recovery_points.push(RecoveryPoint {
            arn: arn.clone(),
            resource_arn: resource.arn.clone(),
            resource_name: resource.name.clone(),
            kind: resource.kind.clone(),
            vault_arn,
            created: at,
            completed: ends,
            status: "COMPLETED".to_owned(),
            bytes: resource.bytes,
            key,
            role_arn: order.role_arn.clone(),
            lifecycle: order.lifecycle,
            created_by: order.created_by.clone(),
            source_vault_arn: None,
            tags: order.tags.clone(),
            is_parent: false,
            parent: None,
            renewals: Vec::new(),
            continuous: order.continuous,
            scan: None,
        });
        arn
    }

    /// The continuous recovery point of a resource in a vault, renewed at an instant; none if there is none to renew.
    fn renew(&mut self, resource_arn: &str, vault_arn: &str, at: Timestamp) -> Option<String> {
        let now = self.clock;
        let point = self.recovery_points.iter_mut().find(|point| {
            point.continuous
                && point.resource_arn == resource_arn
                && point.vault_arn == vault_arn
                && !point.outlived(now)
        })?;
        point.renewals.push(at);
        Some(point.arn.clone())
    }

    /// Makes a copy job at an instant and decides how it will end; returns its id. The clock stays.
    pub fn copy(&mut self, order: &CopyOrder, at: Timestamp) -> String {
        let found = self.recovery_points.iter().find(|point| point.arn == order.recovery_point_arn);
        let source = found.unwrap_or_else(|| panic!("no recovery point {}", order.recovery_point_arn)).clone();
        let resource = self.resource(&source.resource_arn).clone();
        let id = self.next_id().to_uppercase();
        let begins = at + TO_BEGIN;
        let failure = self.trouble_of_copy(order, &resource);
        let ends = begins + if failure.is_some() { TO_REFUSE } else { resource.duration };
        let destination = failure.is_none().then(|| {
            let mut parts = order.destination_vault_arn.split(':').skip(3).map(str::to_owned);
            let (region, account) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            self.recovery_point_arn(&resource, &account, &region)
        });
        if let Some(arn) = &destination {
            let key = self.vault_at(&order.destination_vault_arn).and_then(|vault| vault.key.clone());
            self.recovery_points.push(RecoveryPoint {
                arn: arn.clone(),
                vault_arn: order.destination_vault_arn.clone(),
                created: at,
                completed: ends,
                key,
                lifecycle: order.lifecycle,
                source_vault_arn: Some(source.vault_arn.clone()),
                renewals: Vec::new(),
                continuous: false,
                ..source.clone()
            });
        }
        let (end, message, category) = told(failure, None);
        self.copy_jobs.push(CopyJob {
            id: id.clone(),
            resource_arn: resource.arn,
            resource_name: resource.name,
            kind: resource.kind,
            source_vault_arn: source.vault_arn,
            source_recovery_point_arn: source.arn,
            destination_vault_arn: order.destination_vault_arn.clone(),
            destination_recovery_point_arn: destination,
            role_arn: order.role_arn.clone(),
            created: at,
            begins,
            ends: Some(ends),
            end,
            message,
            category: Some(category),
            bytes: source.bytes,
            lifecycle: order.lifecycle,
            created_by: order.created_by.clone(),
            created_by_backup_job: order.created_by_backup_job.clone(),
            parent: None,
            is_parent: false,
        });
        id
    }

    /// When a job's turn comes: one backup at a time for each resource. None if not within the start window.
    fn turn_of(&self, resource: &Resource, earliest: Timestamp, start_by: Timestamp) -> Option<Timestamp> {
        let mut turn = earliest;
        for job in self.backup_jobs.iter().filter(|job| job.resource_arn == resource.arn && job.begins <= start_by) {
            turn = turn.max(job.ends?);
        }
        (turn <= start_by).then_some(turn)
    }

    /// The key that encrypts the backup.
    pub(super) fn key_of_backup(&self, order: &Order, resource: &Resource) -> Option<String> {
        if !resource.fully_managed() {
            return resource.key.clone();
        }
        let arn = self.vault_arn(&order.vault_name);
        self.vaults.iter().find(|vault| vault.arn == arn).and_then(|vault| vault.key.clone())
    }

    /// What stands in the way of a backup: the first thing that AWS would come upon.
    pub(super) fn trouble_of_backup(&self, order: &Order, resource: &Resource) -> Option<Failure> {
        let wording = resource.wording.unwrap_or(self.wording);
        let vault_arn = self.vault_arn(&order.vault_name);
        let Some(vault) = self.vaults.iter().find(|vault| vault.arn == vault_arn) else {
            return Some(sentence::no_such_vault(&vault_arn));
        };
        let role = self.role_at(&order.role_arn);
        let Some(role) = role.filter(|role| access::assumable(role)) else {
            return Some(sentence::role_unassumable(wording, &order.role_arn));
        };
        if let Some(action) = resource.backup_action()
            && let Err(refusal) = access::may_act(self, &role, action, &resource.arn)
        {
            return Some(sentence::refused(wording, &role, action, &resource.arn, &refusal));
        }
        if let Some(failure) = sentence::condition(wording, resource) {
            return Some(failure);
        }
        if !vault.admits(order.lifecycle.delete_after_days) {
            return Some(sentence::retention_of_backup());
        }
        let key = self.key_of_backup(order, resource)?;
        let (action, refusal) = access::may_use_key(self, &role, &key, resource).err()?;
        Some(sentence::key_refused(wording, &role, action, &key, resource, &refusal))
    }

    fn trouble_of_copy(&self, order: &CopyOrder, resource: &Resource) -> Option<Failure> {
        let wording = resource.wording.unwrap_or(self.wording);
        let Some(vault) = self.vault_at(&order.destination_vault_arn) else {
            return Some(sentence::no_such_destination(&order.destination_vault_arn));
        };
        let role = self.role_at(&order.role_arn);
        let Some(role) = role.filter(|role| access::assumable(role)) else {
            return Some(sentence::role_unassumable(wording, &order.role_arn));
        };
        if let Err(refusal) = access::may_copy_into(self, &role, &vault) {
            return Some(sentence::refused(wording, &role, "backup:CopyIntoBackupVault", &vault.arn, &refusal));
        }
        if !vault.admits(order.lifecycle.delete_after_days) {
            return Some(sentence::retention_of_copy());
        }
        let key = vault.key.as_deref()?;
        let (action, refusal) = access::may_use_key(self, &role, key, resource).err()?;
        Some(sentence::destination_key_refused(wording, &role, action, key, resource, &refusal))
    }
}

/// State, message and category of a job's end.
fn told(failure: Option<Failure>, remark: Option<String>) -> (JobState, Option<String>, String) {
    match (failure, remark) {
        (Some(failure), _) => (failure.state, Some(failure.message), failure.category.to_owned()),
        (None, Some(remark)) => (JobState::Completed, Some(remark), "MISCELLANEOUS".to_owned()),
        (None, None) => (JobState::Completed, None, "SUCCESS".to_owned()),
    }
}
