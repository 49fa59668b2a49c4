//! Somebody who changes the account. CloudTrail records each change by itself, and for some of them AWS Backup sends an event.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Key, KeyState, Plan, World};

/// A person at work in the account, at the time that it is there.
#[derive(Debug)]
pub struct Hand<'a> {
    world: &'a mut World,
    session: String,
    /// The service that makes the calls in the name of the person.
    through: Option<String>,
}

impl World {
    /// A person, by the name of the session of the role Operations.
    pub fn by(&mut self, session: &str) -> Hand<'_> {
        Hand { world: self, session: session.to_owned(), through: None }
    }
}

impl Hand<'_> {
    /// The same person, who lets a service make the calls: `cloudformation`.
    #[must_use]
    pub fn through(self, service: &str) -> Self {
        Self { through: Some(format!("{service}.amazonaws.com")), ..self }
    }

    pub fn put_key_policy(mut self, key: &str, policy: &str) -> &'static str {
        let arn = self.change_key(key, |key| key.policy = policy.to_owned());
        let request = json!({"keyId": arn, "policyName": "default", "policy": policy});
        self.done("kms", "PutKeyPolicy", request, &[("AWS::KMS::Key", &arn)])
    }

    pub fn disable_key(mut self, key: &str) -> &'static str {
        let arn = self.change_key(key, |key| key.state = KeyState::Disabled);
        self.done("kms", "DisableKey", json!({"keyId": arn}), &[("AWS::KMS::Key", &arn)])
    }

    pub fn enable_key(mut self, key: &str) -> &'static str {
        let arn = self.change_key(key, |key| key.state = KeyState::Enabled);
        self.done("kms", "EnableKey", json!({"keyId": arn}), &[("AWS::KMS::Key", &arn)])
    }

    /// Takes an action from a role, by writing its policy anew.
    pub fn take_from_role(self, role: &str, action: &str) -> &'static str {
        self.world.role(role).lose(action);
        self.put_role_policy(role)
    }

    /// Allows a role an action on everything.
    pub fn give_to_role(self, role: &str, action: &str) -> &'static str {
        self.world.role(role).gain(action);
        self.put_role_policy(role)
    }

    fn put_role_policy(self, role: &str) -> &'static str {
        let request = json!({"roleName": role, "policyName": "backup", "policyDocument": "{}"});
        self.done("iam", "PutRolePolicy", request, &[("AWS::IAM::Role", role)])
    }

    pub fn delete_role(self, role: &str) -> &'static str {
        self.world.roles.retain(|known| known.name != role);
        self.done("iam", "DeleteRole", json!({"roleName": role}), &[("AWS::IAM::Role", role)])
    }

    pub fn put_vault_policy(self, vault: &str, policy: &str) -> &'static str {
        self.world.vault(vault).policy = Some(policy.to_owned());
        let request = json!({"backupVaultName": vault, "policy": policy});
        self.done("backup", "PutBackupVaultAccessPolicy", request, &[])
    }

    pub fn delete_vault_policy(self, vault: &str) -> &'static str {
        self.world.vault(vault).policy = None;
        self.done("backup", "DeleteBackupVaultAccessPolicy", json!({"backupVaultName": vault}), &[])
    }

    /// Puts a lock with a minimum of `days` on a vault.
    pub fn lock(self, vault: &str, days: i64) -> &'static str {
        self.world.vault(vault).min_retention_days = Some(days);
        let request = json!({"backupVaultName": vault, "minRetentionDays": days});
        self.done("backup", "PutBackupVaultLockConfiguration", request, &[])
    }

    pub fn unlock(self, vault: &str) -> &'static str {
        let found = self.world.vault(vault);
        (found.min_retention_days, found.max_retention_days) = (None, None);
        self.done("backup", "DeleteBackupVaultLockConfiguration", json!({"backupVaultName": vault}), &[])
    }

    /// Removes the selections of a plan. No event of AWS Backup tells of it.
    pub fn delete_selections(mut self, plan: &str) -> usize {
        let plan = self.world.plan(plan).id.clone();
        let all = std::mem::take(&mut self.world.selections);
        let (gone, kept): (Vec<_>, Vec<_>) = all.into_iter().partition(|selection| selection.plan_id == plan);
        self.world.selections = kept;
        for selection in &gone {
            let request = json!({"backupPlanId": plan, "selectionId": selection.id});
            self.record("backup", "DeleteBackupSelection", request, &[]);
        }
        gone.len()
    }

    /// Deletes a plan, with its selections. Its versions can still be read.
    pub fn delete_plan(mut self, plan: &str) -> Value {
        let found = self.world.plan(plan).clone();
        for selection in
            self.world.selections.iter().filter(|selection| selection.plan_id == found.id).cloned().collect::<Vec<_>>()
        {
            let request = json!({"backupPlanId": found.id, "selectionId": selection.id});
            self.record("backup", "DeleteBackupSelection", request, &[]);
        }
        self.world.selections.retain(|selection| selection.plan_id != found.id);
        self.world.plans.retain(|plan| plan.id != found.id);
        self.record("backup", "DeleteBackupPlan", json!({"backupPlanId": found.id}), &[]);
        let detail = json!({"backupPlanId": found.id, "versionId": found.version, "deletionDate": self.now(), "state": "DELETED"});
        let event = self.event("Backup Plan State Change", &[&found.arn], detail);
        let clock = self.world.clock;
        self.world.old_plans.push((found, Some(clock)));
        event
    }

    /// Writes a new version of a plan.
    pub fn update_plan(mut self, plan: &str, change: impl FnOnce(&mut Plan)) -> Value {
        let (old, version, clock) = (self.world.plan(plan).clone(), self.world.next_id(), self.world.clock);
        self.world.old_plans.push((old, None));
        let found = self.world.plan(plan);
        change(found);
        (found.version, found.created) = (version, clock);
        let (id, arn, version) = (found.id.clone(), found.arn.clone(), found.version.clone());
        self.record(
            "backup",
            "UpdateBackupPlan",
            json!({"backupPlanId": id, "backupPlan": {"backupPlanName": plan}}),
            &[],
        );
        let detail = json!({"backupPlanId": id, "versionId": version, "modifiedAt": self.now(), "state": "MODIFIED"});
        self.event("Backup Plan State Change", &[&arn], detail)
    }

    pub fn delete_vault(mut self, vault: &str) -> Value {
        let arn = self.world.vault(vault).arn.clone();
        self.world.vaults.retain(|known| known.arn != arn);
        self.record("backup", "DeleteBackupVault", json!({"backupVaultName": vault}), &[]);
        self.event("Backup Vault State Change", &[&arn], json!({"backupVaultName": vault, "state": "DELETED"}))
    }

    /// Opts types in or out. The event tells what was asked for, changed or not.
    pub fn set_opt_ins(mut self, types: &[(&str, bool)]) -> Value {
        let map: Map<String, Value> = types.iter().map(|(kind, on)| ((*kind).to_owned(), json!(on))).collect();
        self.world.opt_in.extend(types.iter().map(|(kind, on)| ((*kind).to_owned(), *on)));
        self.record("backup", "UpdateRegionSettings", json!({"resourceTypeOptInPreference": map}), &[]);
        let detail = json!({"modifiedAt": self.now(), "ResourceTypeOptInPreference": map, "state": "MODIFIED"});
        self.event("Region Setting State Change", &[], detail)
    }

    /// Deletes a recovery point.
    pub fn delete_recovery_point(mut self, arn: &str) -> Value {
        let place = self.world.recovery_points.iter().position(|point| point.arn == arn);
        let point = self.world.recovery_points.remove(place.unwrap_or_else(|| panic!("no recovery point {arn}")));
        let request = json!({"backupVaultName": point.vault_name(), "recoveryPointArn": arn});
        self.record("backup", "DeleteRecoveryPoint", request, &[]);
        let detail = json!({
            "backupVaultName": point.vault_name(), "backupVaultArn": point.vault_arn, "resourceArn": point.resource_arn,
            "resourceType": point.kind, "iamRoleArn": point.role_arn, "status": "DELETED", "deletedBy": "MANUAL_DELETE", "initiationDate": point.created.to_string(),
        });
        self.event("Recovery Point State Change", &[arn], detail)
    }

    /// Any other call that changes nothing that is simulated.
    pub fn call(mut self, service: &str, name: &str, request: Value) {
        self.record(service, name, request, &[]);
    }

    fn change_key(&mut self, key: &str, change: impl FnOnce(&mut Key)) -> String {
        let key = self.world.key(key);
        change(key);
        key.arn.clone()
    }

    fn done(mut self, service: &str, name: &'static str, request: Value, about: &[(&str, &str)]) -> &'static str {
        self.record(service, name, request, about);
        name
    }

    fn record(&mut self, service: &str, name: &str, request: Value, about: &[(&str, &str)]) {
        let clock = self.world.clock;
        let actor = format!("arn:aws:sts::{}:assumed-role/Operations/{}", self.world.account, self.session);
        let event = self.world.record(service, name, clock, request);
        about.iter().for_each(|(kind, name)| _ = event.about(kind, name));
        (event.actor, event.username) = (actor, self.session.clone());
        if let Some(service) = &self.through {
            (event.through, event.address) = (Some(service.clone()), service.clone());
        }
    }

    fn now(&self) -> String {
        millis(self.world.clock)
    }

    fn event(&mut self, detail_type: &str, resources: &[&str], detail: Value) -> Value {
        json!({
            "version": "0", "id": self.world.next_id(), "detail-type": detail_type, "source": "aws.backup",
            "account": self.world.account, "time": self.world.clock.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "region": self.world.region, "resources": resources, "detail": detail,
        })
    }
}

fn millis(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
