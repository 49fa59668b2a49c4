//! Orders for jobs: what a rule or a person asks for, and what comes of it in the world as it is.

use jiff::{SignedDuration, Timestamp};

use super::sentence::{self, Failure};
use super::{BackupJob, CopyJob, Creator, JobState, Lifecycle, RecoveryPoint, Resource, World, access};

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

impl World {
    /// Makes a backup job at an instant and decides how it will end; returns its id. The clock stays.
    pub fn back_up(&mut self, order: &Order, at: Timestamp) -> String {
        let resource = self.resource(&order.resource_arn).clone();
        let id = self.next_id();
        let start_by = at + SignedDuration::from_mins(order.start_window_minutes);
        let close = at + SignedDuration::from_mins(order.completion_window_minutes);
        let begins = self.turn_of(&resource, at + TO_BEGIN, start_by);

        let (ends, failure) = match (begins, self.trouble_of_backup(order, &resource)) {
            (None, _) => (start_by, Some(sentence::busy())),
            (Some(_), Some(failure)) if failure.state == JobState::Expired => (start_by, Some(failure)),
            (Some(begins), Some(failure)) => (begins + TO_REFUSE, Some(failure)),
            (Some(begins), None) if begins + resource.duration > close => {
                (close, Some(sentence::too_long(resource.wording.unwrap_or(self.wording))))
            }
            (Some(begins), None) => (begins + resource.duration, None),
        };
        let key = self.key_of_backup(order, &resource);
        let recovery_point_arn = failure.is_none().then(|| {
            let (account, region) = (self.account.clone(), self.region.clone());
            self.recovery_point_arn(&resource, &account, &region)
        });
        if let Some(arn) = &recovery_point_arn {
            self.recovery_points.push(RecoveryPoint {
                arn: arn.clone(),
                resource_arn: resource.arn.clone(),
                resource_name: resource.name.clone(),
                kind: resource.kind.clone(),
                vault_arn: self.vault_arn(&order.vault_name),
                created: at,
                completed: ends,
                status: "COMPLETED".to_owned(),
                bytes: resource.bytes,
                key: key.clone(),
                role_arn: order.role_arn.clone(),
                lifecycle: order.lifecycle,
                created_by: order.created_by.clone(),
                source_vault_arn: None,
            });
        }
        let (end, message, category) = told(failure, resource.remark.clone());
        self.backup_jobs.push(BackupJob {
            id: id.clone(),
            resource_arn: resource.arn,
            resource_name: resource.name,
            kind: resource.kind,
            vault_name: order.vault_name.clone(),
            vault_arn: self.vault_arn(&order.vault_name),
            role_arn: order.role_arn.clone(),
            key: recovery_point_arn.as_ref().and(key),
            created: at,
            start_by,
            begins: begins.unwrap_or(start_by),
            ends: Some(ends),
            end,
            message,
            category: Some(category),
            recovery_point_arn,
            bytes: resource.bytes,
            lifecycle: order.lifecycle,
            created_by: order.created_by.clone(),
            parent: None,
            is_parent: false,
        });
        id
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
            let key =
                self.vaults.iter().find(|vault| vault.arn == order.destination_vault_arn).and_then(|v| v.key.clone());
            self.recovery_points.push(RecoveryPoint {
                arn: arn.clone(),
                vault_arn: order.destination_vault_arn.clone(),
                created: at,
                completed: ends,
                key,
                lifecycle: order.lifecycle,
                source_vault_arn: Some(source.vault_arn.clone()),
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
    fn key_of_backup(&self, order: &Order, resource: &Resource) -> Option<String> {
        if !resource.fully_managed() {
            return resource.key.clone();
        }
        let arn = self.vault_arn(&order.vault_name);
        self.vaults.iter().find(|vault| vault.arn == arn).and_then(|vault| vault.key.clone())
    }

    /// What stands in the way of a backup: the first thing that AWS would come upon.
    fn trouble_of_backup(&self, order: &Order, resource: &Resource) -> Option<Failure> {
        let wording = resource.wording.unwrap_or(self.wording);
        let vault_arn = self.vault_arn(&order.vault_name);
        let Some(vault) = self.vaults.iter().find(|vault| vault.arn == vault_arn) else {
            return Some(sentence::no_such_vault(&vault_arn));
        };
        let role = self.roles.iter().find(|role| role.arn == order.role_arn);
        let Some(role) = role.filter(|role| access::assumable(role)) else {
            return Some(sentence::role_unassumable(wording, &order.role_arn));
        };
        if let Some(action) = resource.backup_action()
            && let Err(refusal) = access::may_act(self, role, action, &resource.arn)
        {
            return Some(sentence::refused(wording, role, action, &resource.arn, &refusal));
        }
        if let Some(failure) = sentence::condition(wording, resource) {
            return Some(failure);
        }
        if !vault.admits(order.lifecycle.delete_after_days) {
            return Some(sentence::retention_of_backup());
        }
        let key = self.key_of_backup(order, resource)?;
        let (action, refusal) = access::may_use_key(self, role, &key, resource).err()?;
        Some(sentence::key_refused(wording, role, action, &key, resource, &refusal))
    }

    fn trouble_of_copy(&self, order: &CopyOrder, resource: &Resource) -> Option<Failure> {
        let wording = resource.wording.unwrap_or(self.wording);
        let Some(vault) = self.vaults.iter().find(|vault| vault.arn == order.destination_vault_arn) else {
            return Some(sentence::no_such_destination(&order.destination_vault_arn));
        };
        let role = self.roles.iter().find(|role| role.arn == order.role_arn);
        let Some(role) = role.filter(|role| access::assumable(role)) else {
            return Some(sentence::role_unassumable(wording, &order.role_arn));
        };
        if let Err(refusal) = access::may_copy_into(self, role, vault) {
            return Some(sentence::refused(wording, role, "backup:CopyIntoBackupVault", &vault.arn, &refusal));
        }
        if !vault.admits(order.lifecycle.delete_after_days) {
            return Some(sentence::retention_of_copy());
        }
        let key = vault.key.as_deref()?;
        let (action, refusal) = access::may_use_key(self, role, key, resource).err()?;
        Some(sentence::destination_key_refused(wording, role, action, key, resource, &refusal))
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
