//! An account from its records.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::records::{
    BackupJobRecord, CopyJobRecord, CreatorRecord, KeyRecord, PlanRecord, Records, RecoveryPointRecord,
    RestoreJobRecord, RuleRecord, SelectionRecord, each,
};
use super::{
    BackupJob, CopyJob, Creator, JobState, KeyState, LastBackup, Lifecycle, RecoveryPoint, RestoreJob, Rule, Selection,
    Tags, World,
};

/// What was before all records, such as the making of vaults and plans.
const LONG_AGO: &str = "2026-01-01T00:00:00Z";
/// How long a backup takes that is started in the world.
const DURATION: SignedDuration = SignedDuration::from_mins(10);
const BYTES: i64 = 8 << 30;

impl World {
    /// The account that answers with these records, long before the first of them.
    ///
    /// # Panics
    /// If a record has a member that is not read here, or lacks one.
    #[must_use]
    pub fn from_records(records: Records) -> Self {
        let mut world = World::at(LONG_AGO);
        (world.account, world.region) = (records.id, records.region);
        world.last_backup = LastBackup::EndOfJob;
        world.add_role("BackupRole").statements = vec![json!({"Effect": "Allow", "Action": ["*"], "Resource": "*"})];
        let key = world.add_keys(records.keys);
        for name in &records.vaults {
            world.add_vault(name).key = Some(key.clone());
        }
        for plan in records.plans {
            world.add_plan_of(plan);
        }
        for job in each::<BackupJobRecord>(&records.backup_jobs) {
            world.add_backup_job(job);
        }
        world.copy_jobs = each::<CopyJobRecord>(&records.copy_jobs).map(copy_job).collect();
        world.restore_jobs = each::<RestoreJobRecord>(&records.restore_jobs).map(restore_job).collect();
        for point in records.recovery_points {
            world.meet(&point.resource_arn, &point.resource_type);
            world.recovery_points.push(recovery_point(point));
        }
        for point in &mut world.recovery_points {
            if records.recovery_points_gone.contains(&point.arn) {
                point.lifecycle = Lifecycle::days(0);
            }
        }
        for arn in &records.resources_gone {
            world.delete_resource(arn);
        }
        world
    }

    /// Returns the key of the vaults.
    fn add_keys(&mut self, records: Vec<KeyRecord>) -> String {
        if records.is_empty() {
            return self.add_key("vaults").arn.clone();
        }
        for record in records {
            let state = [KeyState::Enabled, KeyState::Disabled, KeyState::PendingDeletion]
                .into_iter()
                .find(|state| state.name() == record.key_state);
            let key = self.add_key("of a record");
            key.arn = record.arn;
            key.policy = record.policy.to_string();
            key.state = state.unwrap_or_else(|| panic!("no key can be {}", record.key_state));
        }
        self.keys[0].arn.clone()
    }

    fn add_plan_of(&mut self, record: PlanRecord) {
        let plan = self.add_plan(&record.backup_plan.backup_plan_name);
        let arn = plan.arn.rsplit_once(':').expect("an ARN").0;
        plan.arn = format!("{arn}:{}", record.backup_plan_id);
        plan.id = record.backup_plan_id.clone();
        plan.version = record.version_id;
        plan.rules = record.backup_plan.rules.into_iter().map(rule).collect();
        for SelectionRecord { selection_id, backup_selection: body } in record.selections {
            self.selections.push(Selection {
                id: selection_id,
                plan_id: record.backup_plan_id.clone(),
                name: body.selection_name,
                role_arn: body.iam_role_arn,
                resources: body.resources,
                not_resources: Vec::new(),
                tags: body.list_of_tags.into_iter().map(|tag| (tag.condition_key, tag.condition_value)).collect(),
                conditions: Vec::new(),
            });
        }
    }

    /// Records tell no tags: what a plan by tags made a job of had one of them.
    fn tag_as_selected(&mut self, arn: &str, plan_id: &str) {
        let of_plan = self.selections.iter().filter(|selection| selection.plan_id == plan_id);
        let tag = of_plan.flat_map(|selection| &selection.tags).next().cloned();
        if let (Some((key, value)), Some(resource)) = (tag, self.resources.iter_mut().find(|one| one.arn == arn)) {
            resource.tags.insert(key, value);
        }
    }

    fn add_backup_job(&mut self, record: BackupJobRecord) {
        self.meet(&record.resource_arn, &record.resource_type);
        let created_by = record.created_by.map(creator);
        if let Some(by) = &created_by {
            self.tag_as_selected(&record.resource_arn, &by.plan_id);
        }
        let bytes = record.backup_size_in_bytes.unwrap_or(BYTES);
        let key = record.encryption_key_arn;
        let end = state(&record.state);
        let begins = begin(end, record.creation_date, record.initiation_date);
        if let (Some(arn), Some(completed), JobState::Completed) =
            (&record.recovery_point_arn, record.completion_date, end)
        {
            let record = RecoveryPointRecord {
                recovery_point_arn: arn.clone(),
                resource_arn: record.resource_arn.clone(),
                resource_type: record.resource_type.clone(),
                backup_vault_arn: record.backup_vault_arn.clone(),
                creation_date: record.creation_date,
                status: "COMPLETED".to_owned(),
            };
            let (key, created_by) = (key.clone(), created_by.clone());
            self.recovery_points.push(RecoveryPoint { completed, bytes, key, created_by, ..recovery_point(record) });
        }
        self.backup_jobs.push(BackupJob {
            id: record.backup_job_id,
            resource_name: name_of(&record.resource_arn),
            resource_arn: record.resource_arn,
            kind: record.resource_type,
            vault_name: record.backup_vault_name,
            vault_arn: record.backup_vault_arn,
            role_arn: record.iam_role_arn,
            key,
            created: record.creation_date,
            initiated: record.initiation_date,
            start_by: record.start_by,
            begins,
            ends: record.completion_date,
            end,
            message: record.status_message,
            category: record.message_category,
            recovery_point_arn: record.recovery_point_arn,
            bytes,
            lifecycle: Lifecycle::default(),
            created_by,
            tags: Tags::new(),
            options: Tags::new(),
            expected: begins.saturating_add(DURATION).unwrap_or(Timestamp::MAX),
            parent: None,
            is_parent: false,
        });
    }

    /// What a record speaks of is there.
    fn meet(&mut self, arn: &str, kind: &str) {
        if self.resources.iter().all(|known| known.arn != arn) {
            let resource = self.add_resource(kind, &name_of(arn));
            resource.arn = arn.to_owned();
            resource.duration = DURATION;
        }
    }
}

fn rule(record: RuleRecord) -> Rule {
    Rule {
        id: record.rule_id,
        name: record.rule_name,
        cron: record.schedule_expression,
        timezone: record.schedule_expression_timezone,
        vault: record.target_backup_vault_name,
        start_window_minutes: record.start_window_minutes,
        completion_window_minutes: record.completion_window_minutes,
        lifecycle: Lifecycle { delete_after_days: record.lifecycle.delete_after_days, cold_after_days: None },
        copies: Vec::new(),
        continuous: false,
        tags: Tags::new(),
    }
}

fn copy_job(record: CopyJobRecord) -> CopyJob {
    CopyJob {
        id: record.copy_job_id,
        resource_name: name_of(&record.resource_arn),
        resource_arn: record.resource_arn,
        kind: record.resource_type,
        source_vault_arn: record.source_backup_vault_arn,
        source_recovery_point_arn: record.source_recovery_point_arn,
        destination_vault_arn: record.destination_backup_vault_arn,
        destination_recovery_point_arn: record.destination_recovery_point_arn,
        role_arn: record.iam_role_arn,
        created: record.creation_date,
        begins: record.creation_date,
        ends: record.completion_date,
        end: state(&record.state),
        message: record.status_message,
        category: record.message_category,
        bytes: BYTES,
        lifecycle: Lifecycle::default(),
        created_by: record.created_by.map(creator),
        created_by_backup_job: record.created_by_backup_job_id,
        parent: None,
        is_parent: false,
    }
}

fn restore_job(record: RestoreJobRecord) -> RestoreJob {
    RestoreJob {
        id: record.restore_job_id,
        recovery_point_arn: record.recovery_point_arn,
        source_resource_arn: None,
        kind: record.resource_type,
        vault_arn: None,
        role_arn: record.iam_role_arn,
        created: record.creation_date,
        begins: record.creation_date,
        ends: record.completion_date,
        end: state(&record.status),
        message: record.status_message,
        created_resource_arn: None,
        bytes: BYTES,
        recovery_point_created: None,
        test: None,
        parent: None,
    }
}

fn recovery_point(record: RecoveryPointRecord) -> RecoveryPoint {
    RecoveryPoint {
        arn: record.recovery_point_arn,
        resource_name: name_of(&record.resource_arn),
        resource_arn: record.resource_arn,
        kind: record.resource_type,
        vault_arn: record.backup_vault_arn,
        created: record.creation_date,
        completed: record.creation_date,
        status: record.status,
        bytes: BYTES,
        key: None,
        role_arn: String::new(),
        lifecycle: Lifecycle::default(),
        created_by: None,
        source_vault_arn: None,
        tags: Tags::new(),
        is_parent: false,
        parent: None,
        renewals: Vec::new(),
        continuous: false,
        scan: None,
    }
}

fn creator(record: CreatorRecord) -> Creator {
    Creator {
        plan_id: record.backup_plan_id,
        plan_arn: record.backup_plan_arn,
        plan_name: record.backup_plan_name,
        plan_version: record.backup_plan_version,
        rule_id: record.backup_rule_id,
        rule_name: record.backup_rule_name,
        rule_cron: record.backup_rule_cron,
        rule_timezone: record.backup_rule_timezone,
    }
}

/// When a job begins to run. One that its record has as CREATED never does.
fn begin(end: JobState, created: Timestamp, initiated: Option<Timestamp>) -> Timestamp {
    if end == JobState::Created { Timestamp::MAX } else { initiated.unwrap_or(created) }
}

fn state(name: &str) -> JobState {
    use JobState::{Aborted, Completed, Created, Expired, Failed, Partial, Running};
    let known = [Aborted, Completed, Created, Expired, Failed, Partial, Running];
    known.into_iter().find(|state| state.name() == name).unwrap_or_else(|| panic!("no job is {name}"))
}

fn name_of(arn: &str) -> String {
    arn.rsplit([':', '/']).next().unwrap_or(arn).to_owned()
}
