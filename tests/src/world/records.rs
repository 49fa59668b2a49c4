//! An account given as records, in the shapes that AWS's own lists have, for what no world can be made to do: jobs of other people's
//! automation, plans that were changed since, a past that nobody lived through.
//!
//! What a record says holds from its dates on. A job that is created later is not there yet; one that ends later is CREATED, from its
//! `InitiationDate` (else from its `CreationDate`) on RUNNING, and has no message and no recovery point. The vaults have one healthy
//! key, and the role `BackupRole` may do everything.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// What an account answers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Records {
    /// Of the account.
    pub id: String,
    pub region: String,
    #[serde(default = "production")]
    pub vaults: Vec<String>,
    /// They take the place of the one key of all vaults.
    #[serde(default)]
    pub keys: Vec<KeyRecord>,
    #[serde(default)]
    pub plans: Vec<PlanRecord>,
    /// `"repeat": 25` in a record stands for 25 of them, in which `{i}` is 00, 01 and so on.
    #[serde(default)]
    pub backup_jobs: Vec<Value>,
    #[serde(default)]
    pub copy_jobs: Vec<Value>,
    #[serde(default)]
    pub restore_jobs: Vec<Value>,
    /// More recovery points than those that the COMPLETED jobs have made.
    #[serde(default)]
    pub recovery_points: Vec<RecoveryPointRecord>,
    /// Those of COMPLETED jobs that are there no more, by ARN.
    #[serde(default)]
    pub recovery_points_gone: Vec<String>,
    /// Those that AWS Backup finds no more, by ARN.
    #[serde(default)]
    pub resources_gone: Vec<String>,
}

fn production() -> Vec<String> {
    vec!["production".to_owned()]
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct KeyRecord {
    pub(super) arn: String,
    pub(super) key_state: String,
    pub(super) policy: Value,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct PlanRecord {
    pub(super) backup_plan_id: String,
    #[serde(default = "first_version")]
    pub(super) version_id: String,
    pub(super) backup_plan: PlanBody,
    #[serde(default)]
    pub(super) selections: Vec<SelectionRecord>,
}

fn first_version() -> String {
    "v1".to_owned()
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct PlanBody {
    pub(super) backup_plan_name: String,
    pub(super) rules: Vec<RuleRecord>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct RuleRecord {
    pub(super) rule_name: String,
    pub(super) rule_id: String,
    pub(super) target_backup_vault_name: String,
    pub(super) schedule_expression: String,
    pub(super) schedule_expression_timezone: String,
    pub(super) start_window_minutes: i64,
    pub(super) completion_window_minutes: i64,
    pub(super) lifecycle: LifecycleRecord,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct LifecycleRecord {
    pub(super) delete_after_days: Option<i64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct SelectionRecord {
    pub(super) selection_id: String,
    pub(super) backup_selection: SelectionBody,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct SelectionBody {
    pub(super) selection_name: String,
    pub(super) iam_role_arn: String,
    #[serde(default)]
    pub(super) resources: Vec<String>,
    #[serde(default)]
    pub(super) list_of_tags: Vec<TagRecord>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct TagRecord {
    pub(super) condition_key: String,
    pub(super) condition_value: String,
    #[serde(rename = "ConditionType")]
    pub(super) _type: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct BackupJobRecord {
    pub(super) backup_job_id: String,
    pub(super) state: String,
    pub(super) resource_arn: String,
    pub(super) resource_type: String,
    pub(super) backup_vault_name: String,
    pub(super) backup_vault_arn: String,
    pub(super) iam_role_arn: String,
    pub(super) creation_date: Timestamp,
    pub(super) start_by: Timestamp,
    pub(super) initiation_date: Option<Timestamp>,
    pub(super) completion_date: Option<Timestamp>,
    pub(super) recovery_point_arn: Option<String>,
    pub(super) encryption_key_arn: Option<String>,
    pub(super) backup_size_in_bytes: Option<i64>,
    pub(super) status_message: Option<String>,
    pub(super) message_category: Option<String>,
    pub(super) created_by: Option<CreatorRecord>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct CopyJobRecord {
    pub(super) copy_job_id: String,
    pub(super) state: String,
    pub(super) resource_arn: String,
    pub(super) resource_type: String,
    pub(super) source_backup_vault_arn: String,
    pub(super) source_recovery_point_arn: String,
    pub(super) destination_backup_vault_arn: String,
    pub(super) destination_recovery_point_arn: Option<String>,
    pub(super) iam_role_arn: String,
    pub(super) creation_date: Timestamp,
    pub(super) completion_date: Option<Timestamp>,
    pub(super) status_message: Option<String>,
    pub(super) message_category: Option<String>,
    pub(super) created_by: Option<CreatorRecord>,
    pub(super) created_by_backup_job_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct RestoreJobRecord {
    pub(super) restore_job_id: String,
    pub(super) status: String,
    pub(super) status_message: Option<String>,
    pub(super) recovery_point_arn: String,
    pub(super) iam_role_arn: String,
    pub(super) resource_type: String,
    pub(super) creation_date: Timestamp,
    pub(super) completion_date: Option<Timestamp>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct RecoveryPointRecord {
    pub(super) recovery_point_arn: String,
    pub(super) resource_arn: String,
    pub(super) resource_type: String,
    pub(super) backup_vault_arn: String,
    pub(super) creation_date: Timestamp,
    pub(super) status: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct CreatorRecord {
    pub(super) backup_plan_id: String,
    pub(super) backup_plan_arn: String,
    pub(super) backup_plan_name: String,
    pub(super) backup_plan_version: String,
    pub(super) backup_rule_id: String,
    pub(super) backup_rule_name: String,
    pub(super) backup_rule_cron: String,
    pub(super) backup_rule_timezone: String,
}

/// The records, one by one.
pub(super) fn each<Record: serde::de::DeserializeOwned>(values: &[Value]) -> impl Iterator<Item = Record> {
    values.iter().flat_map(|value| {
        let mut one = value.clone();
        let times = one.as_object_mut().and_then(|members| members.remove("repeat"));
        let text = one.to_string();
        (0..times.map_or(1, |times| times.as_u64().expect("a number"))).map(move |i| {
            let text = text.replace("{i}", &format!("{i:02}"));
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
        })
    })
}
