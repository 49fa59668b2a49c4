use jiff::{SignedDuration, Timestamp};

use super::testing::Test;
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
            test: None,
            parent: None,
        });
        id
    }

    /// The same as a test of the restore testing plan of that name, under the role and within the validation window of its selection.
    pub fn test_restore(&mut self, recovery_point_arn: &str, plan: &str, at: Timestamp) -> String {
        let plan = self.testing_plan(plan);
        plan.last_run = plan.last_run.max(Some(at));
        let plan = plan.clone();
        let found = self.recovery_points.iter().find(|point| point.arn == recovery_point_arn);
        let kind = found.unwrap_or_else(|| panic!("no recovery point {recovery_point_arn}")).kind.clone();
        let base = kind.split('.').next().unwrap_or_default();
        let selection = plan.selections.iter().find(|selection| selection.kind == base);
        let selection = selection.unwrap_or_else(|| panic!("plan {} does not test {base}", plan.name));
        let id = self.restore(recovery_point_arn, &selection.role, at);
        let job = self.restore_jobs.last_mut().expect("just added");
        let restored = job.created_resource_arn.as_ref().and(job.source_resource_arn.as_deref());
        job.created_resource_arn = restored.map(|arn| test_name(arn, &id));
        job.test = Some(Test::of(&plan.arn, selection.validation_window));
        id
    }
}

/// What AWS Backup calls what a test restores: its name begins with these words, whatever it was restored from.
fn test_name(source: &str, id: &str) -> String {
    let (head, _) = source.rsplit_once([':', '/']).unwrap_or_default();
    let separator = source.get(head.len()..=head.len()).unwrap_or(":");
    format!("{head}{separator}awsbackup-restore-test-{}", id.to_lowercase())
}
