use jiff::{SignedDuration, Timestamp};

use super::{JobState, RestoreJob, World, access, sentence};

impl World {
    /// Restores a recovery point under a role, by name or ARN, at an instant; returns the job's id. The clock stays.
    pub fn restore(&mut self, recovery_point_arn: &str, role: &str, at: Timestamp) -> String {
        let found = self.recovery_points.iter().find(|point| point.arn == recovery_point_arn);
        let point = found.unwrap_or_else(|| panic!("no recovery point {recovery_point_arn}")).clone();
        let resource = self.resource(&point.resource_arn).clone();
        let role = self.role(role).clone();
        let wording = resource.wording.unwrap_or(self.wording);
        let refused_by_key = point.key.as_deref().and_then(|key| {
            let (action, refusal) = access::may_use_key(self, &role, key, &resource).err()?;
            Some(sentence::key_refused(wording, &role, action, key, &resource, &refusal).message)
        });
        let message = if access::assumable(&role) {
            resource.restore_trouble.clone().or(refused_by_key)
        } else {
            Some(sentence::role_unassumable(wording, &role.arn).message)
        };
        let begins = at + SignedDuration::from_secs(60);
        let id = self.next_id().to_uppercase();
        self.restore_jobs.push(RestoreJob {
            id: id.clone(),
            recovery_point_arn: point.arn,
            source_resource_arn: Some(resource.arn.clone()),
            kind: resource.kind.clone(),
            vault_arn: Some(point.vault_arn),
            role_arn: role.arn,
            created: at,
            begins,
            ends: Some(begins + if message.is_some() { SignedDuration::from_secs(90) } else { resource.duration }),
            end: if message.is_some() { JobState::Failed } else { JobState::Completed },
            created_resource_arn: message.is_none().then(|| format!("{}-restored", resource.arn)),
            message,
            bytes: point.bytes,
            recovery_point_created: Some(point.created),
            restore_testing_plan_arn: None,
            parent: None,
        });
        id
    }
}
