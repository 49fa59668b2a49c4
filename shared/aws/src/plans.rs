//! What backup plans promise: plans with their rules, and selections.

use aws_sdk_backup::operation::get_backup_plan::GetBackupPlanOutput;
use aws_sdk_backup::operation::get_backup_selection::GetBackupSelectionOutput;
use aws_sdk_backup::types::{AdvancedBackupSetting, BackupPlansListMember, BackupRule};
use aws_sdk_backup::types::{ConditionParameter, Conditions, CopyAction, LifecycleDeleteAfterEvent};
use jiff::Timestamp;
use promise::{TagCondition, TagTest};
use tokio::time::Instant;

use crate::account::Account;
use crate::convert::{filled, lifecycle, sorted, timestamp};
use crate::error::{Error, found};
use crate::paging::{Far, List, Next, PAGE, Page, each_item};

/// A plan as its list names it; [`Account::plan`] has the rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedPlan {
    pub id: String,
    pub name: String,
    pub created: Option<Timestamp>,
}

impl Account {
    /// All plans of a Region that are not deleted.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListBackupPlans.html>
    pub async fn plans(&self, until: Instant) -> Result<Vec<ListedPlan>, Error> {
        const OPERATION: &str = "backup:ListBackupPlans";
        let list = self.backup().list_backup_plans().max_results(PAGE);
        let mut plans = Vec::new();
        each_item(
            List { gate: &self.gates().backup_lists, operation: OPERATION, far: Far::END, until },
            |token| list.clone().set_next_token(token).send(),
            |page| Page { items: page.backup_plans_list, next: Next::of(page.next_token) },
            |plan| plan.backup_plan_id.as_deref(),
            |plan| plans.push(plan),
        )
        .await?;
        let named = |plan: BackupPlansListMember| {
            Some(ListedPlan {
                id: filled(plan.backup_plan_id)?,
                name: plan.backup_plan_name.unwrap_or_default(),
                created: plan.creation_date.and_then(timestamp),
            })
        };
        plans.into_iter().map(named).collect::<Option<_>>().ok_or_else(|| Error::without(OPERATION, "id of a plan"))
    }

    /// The current version of a plan. `None` when it does not exist or is deleted.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_GetBackupPlan.html>
    pub async fn plan(&self, plan_id: &str, until: Instant) -> Result<Option<promise::Plan>, Error> {
        const OPERATION: &str = "backup:GetBackupPlan";
        let send = self.backup().get_backup_plan().backup_plan_id(plan_id).send();
        let answer = self.gates().backup_reads.call(until, OPERATION, send).await;
        match found(answer)? {
            // AWS may still tell what a deleted plan was.
            Some(answer) if answer.deletion_date.is_none() => {
                whole_plan(answer, plan_id).map(Some).ok_or_else(|| Error::without(OPERATION, "plan"))
            }
            _ => Ok(None),
        }
    }

    /// A plan as one of its versions has it. AWS may still tell what a deleted plan was. `None` when it does not.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_GetBackupPlan.html>
    pub async fn plan_version(
        &self,
        plan_id: &str,
        version: &str,
        until: Instant,
    ) -> Result<Option<promise::Plan>, Error> {
        const OPERATION: &str = "backup:GetBackupPlan";
        let send = self.backup().get_backup_plan().backup_plan_id(plan_id).version_id(version).send();
        let answer = self.gates().backup_reads.call(until, OPERATION, send).await;
        let Some(answer) = found(answer)? else { return Ok(None) };
        whole_plan(answer, plan_id).map(Some).ok_or_else(|| Error::without(OPERATION, "plan"))
    }

    /// The ids of the versions of a plan, the newest first; none when the plan does not exist.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListBackupPlanVersions.html>
    pub async fn plan_versions(&self, plan_id: &str, until: Instant) -> Result<Vec<String>, Error> {
        const OPERATION: &str = "backup:ListBackupPlanVersions";
        let list = self.backup().list_backup_plan_versions().backup_plan_id(plan_id).max_results(PAGE);
        let mut versions = Vec::new();
        let read = each_item(
            List { gate: &self.gates().backup_lists, operation: OPERATION, far: Far::END, until },
            |token| list.clone().set_next_token(token).send(),
            |page| Page { items: page.backup_plan_versions_list, next: Next::of(page.next_token) },
            |version| version.version_id.as_deref(),
            |version| versions.push((version.creation_date.and_then(timestamp), filled(version.version_id))),
        )
        .await;
        if found(read)?.is_none() {
            return Ok(Vec::new());
        }
        // Those of one second stay in the order in which AWS lists them.
        versions.sort_by_key(|(created, _)| std::cmp::Reverse(*created));
        let ids: Option<Vec<String>> = versions.into_iter().map(|(_, id)| id).collect();
        ids.ok_or_else(|| Error::without(OPERATION, "id of a version"))
    }

    /// The ids of a plan's selections; none when the plan does not exist. [`Account::selection`] says what each covers.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListBackupSelections.html>
    pub async fn selections(&self, plan_id: &str, until: Instant) -> Result<Vec<String>, Error> {
        const OPERATION: &str = "backup:ListBackupSelections";
        let list = self.backup().list_backup_selections().backup_plan_id(plan_id).max_results(PAGE);
        let mut ids = Vec::new();
        let read = each_item(
            List { gate: &self.gates().backup_lists, operation: OPERATION, far: Far::END, until },
            |token| list.clone().set_next_token(token).send(),
            |page| Page { items: page.backup_selections_list, next: Next::of(page.next_token) },
            |selection| selection.selection_id.as_deref(),
            |selection| ids.push(filled(selection.selection_id)),
        )
        .await;
        // A plan that was deleted while its list was read has no selections either.
        if found(read)?.is_none() {
            return Ok(Vec::new());
        }
        ids.into_iter().collect::<Option<_>>().ok_or_else(|| Error::without(OPERATION, "id of a selection"))
    }

    /// What a selection covers. `None` when it or its plan does not exist.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_GetBackupSelection.html>
    pub async fn selection(
        &self,
        plan_id: &str,
        selection_id: &str,
        until: Instant,
    ) -> Result<Option<promise::Selection>, Error> {
        const OPERATION: &str = "backup:GetBackupSelection";
        let get = self.backup().get_backup_selection();
        let send = get.backup_plan_id(plan_id).selection_id(selection_id).send();
        let answer = self.gates().backup_reads.call(until, OPERATION, send).await;
        let Some(answer) = found(answer)? else { return Ok(None) };
        whole_selection(answer, plan_id, selection_id).map(Some).ok_or_else(|| Error::without(OPERATION, "selection"))
    }
}

fn whole_plan(answer: GetBackupPlanOutput, asked_for: &str) -> Option<promise::Plan> {
    let held = answer.backup_plan?;
    // The API tells the settings in the plan and beside it.
    let settings = held.advanced_backup_settings.filter(|settings| !settings.is_empty());
    let settings = settings.or(answer.advanced_backup_settings).unwrap_or_default();
    Some(promise::Plan {
        id: filled(answer.backup_plan_id).unwrap_or_else(|| asked_for.to_owned()),
        name: held.backup_plan_name,
        version: filled(answer.version_id),
        created: answer.creation_date.and_then(timestamp),
        rules: held.rules.into_iter().map(rule).collect(),
        type_options: settings.into_iter().map(type_options).collect(),
    })
}

fn rule(rule: BackupRule) -> promise::Rule {
    let after_event = rule.lifecycle.as_ref().and_then(|lifecycle| lifecycle.delete_after_event.as_ref());
    let deleted_once_copied = after_event == Some(&LifecycleDeleteAfterEvent::DeleteAfterCopy);
    promise::Rule {
        id: rule.rule_id.unwrap_or_default(),
        name: rule.rule_name,
        schedule: filled(rule.schedule_expression),
        time_zone: filled(rule.schedule_expression_timezone),
        vault_name: rule.target_backup_vault_name,
        air_gapped_vault_arn: filled(rule.target_logically_air_gapped_backup_vault_arn),
        start_window_minutes: rule.start_window_minutes,
        completion_window_minutes: rule.completion_window_minutes,
        lifecycle: rule.lifecycle.map(lifecycle),
        tags: sorted(rule.recovery_point_tags),
        copies: rule.copy_actions.unwrap_or_default().into_iter().map(copy_action).collect(),
        continuous: rule.enable_continuous_backup.unwrap_or_default(),
        deleted_once_copied,
        scanned: rule.scan_actions.is_some_and(|actions| !actions.is_empty()),
        grace: promise::Grace::OfWindows,
    }
}

fn copy_action(action: CopyAction) -> promise::CopyAction {
    promise::CopyAction {
        destination_vault_arn: action.destination_backup_vault_arn,
        lifecycle: action.lifecycle.map(lifecycle),
    }
}

fn type_options(settings: AdvancedBackupSetting) -> promise::TypeOptions {
    promise::TypeOptions {
        resource_type: settings.resource_type.unwrap_or_default(),
        options: sorted(settings.backup_options),
    }
}

fn whole_selection(answer: GetBackupSelectionOutput, plan_id: &str, selection_id: &str) -> Option<promise::Selection> {
    let held = answer.backup_selection?;
    let tags = held.list_of_tags.unwrap_or_default();
    Some(promise::Selection {
        id: filled(answer.selection_id).unwrap_or_else(|| selection_id.to_owned()),
        plan_id: filled(answer.backup_plan_id).unwrap_or_else(|| plan_id.to_owned()),
        name: held.selection_name,
        role_arn: held.iam_role_arn,
        created: answer.creation_date.and_then(timestamp),
        resources: held.resources.unwrap_or_default(),
        not_resources: held.not_resources.unwrap_or_default(),
        tags: tags.into_iter().map(|tag| (tag.condition_key, tag.condition_value)).collect(),
        conditions: held.conditions.map(conditions).unwrap_or_default(),
    })
}

fn conditions(conditions: Conditions) -> Vec<TagCondition> {
    let of = |test: TagTest, parameters: Option<Vec<ConditionParameter>>| {
        parameters.into_iter().flatten().map(move |parameter| TagCondition {
            test,
            key: parameter.condition_key.unwrap_or_default(),
            value: parameter.condition_value.unwrap_or_default(),
        })
    };
    of(TagTest::Equals, conditions.string_equals)
        .chain(of(TagTest::Like, conditions.string_like))
        .chain(of(TagTest::NotEquals, conditions.string_not_equals))
        .chain(of(TagTest::NotLike, conditions.string_not_like))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use aws_sdk_backup::primitives::DateTime;
    use aws_sdk_backup::types::{BackupPlan, BackupSelection, Condition, ConditionType, Lifecycle, ScanAction};

    use super::*;

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn a_plan_keeps_all_that_a_rerun_repeats() {
        let daily = BackupRule::builder()
            .rule_id("r-1")
            .rule_name("daily")
            .target_backup_vault_name("main")
            .target_logically_air_gapped_backup_vault_arn("arn:gap")
            .schedule_expression("cron(0 5 ? * * *)")
            .schedule_expression_timezone("Europe/Berlin")
            .start_window_minutes(480)
            .completion_window_minutes(10_080)
            .lifecycle(
                Lifecycle::builder()
                    .delete_after_days(35)
                    .delete_after_event(LifecycleDeleteAfterEvent::DeleteAfterCopy)
                    .build(),
            )
            .scan_actions(ScanAction::builder().build())
            .recovery_point_tags("team", "db")
            .copy_actions(
                CopyAction::builder()
                    .destination_backup_vault_arn("arn:far")
                    .lifecycle(Lifecycle::builder().delete_after_days(90).build())
                    .build()
                    .unwrap(),
            )
            .enable_continuous_backup(true)
            .build()
            .unwrap();
        let held = BackupPlan::builder().backup_plan_name("databases").rules(daily).build().unwrap();
        let answer = GetBackupPlanOutput::builder().backup_plan(held).backup_plan_id("p-1").version_id("v-7");
        let answer = answer.creation_date(DateTime::from_secs(1_795_000_000)).build();
        let kept = |days| Some(promise::Lifecycle { delete_after_days: Some(days), ..promise::Lifecycle::default() });
        let expected = promise::Plan {
            id: "p-1".to_owned(),
            name: "databases".to_owned(),
            version: Some("v-7".to_owned()),
            created: Timestamp::from_second(1_795_000_000).ok(),
            rules: vec![promise::Rule {
                id: "r-1".to_owned(),
                name: "daily".to_owned(),
                schedule: Some("cron(0 5 ? * * *)".to_owned()),
                time_zone: Some("Europe/Berlin".to_owned()),
                vault_name: "main".to_owned(),
                air_gapped_vault_arn: Some("arn:gap".to_owned()),
                start_window_minutes: Some(480),
                completion_window_minutes: Some(10_080),
                lifecycle: kept(35),
                tags: BTreeMap::from([pair("team", "db")]),
                copies: vec![promise::CopyAction { destination_vault_arn: "arn:far".to_owned(), lifecycle: kept(90) }],
                continuous: true,
                deleted_once_copied: true,
                scanned: true,
                grace: promise::Grace::OfWindows,
            }],
            type_options: Vec::new(),
        };
        assert_eq!(whole_plan(answer, "asked"), Some(expected));
    }

    #[test]
    fn a_rule_that_says_little_promises_little() {
        let bare = BackupRule::builder()
            .rule_name("bare")
            .target_backup_vault_name("main")
            .schedule_expression("")
            .target_logically_air_gapped_backup_vault_arn("")
            .build()
            .unwrap();
        let expected =
            promise::Rule { name: "bare".to_owned(), vault_name: "main".to_owned(), ..promise::Rule::default() };
        assert_eq!(rule(bare), expected);
    }

    #[test]
    fn settings_of_a_type_are_read_in_the_plan_and_beside_it() {
        let vss =
            || AdvancedBackupSetting::builder().resource_type("EC2").backup_options("WindowsVSS", "enabled").build();
        let s3 = || AdvancedBackupSetting::builder().resource_type("S3").build();
        let options = |resource_type: &str, pairs: &[(String, String)]| promise::TypeOptions {
            resource_type: resource_type.to_owned(),
            options: pairs.iter().cloned().collect(),
        };
        let table = [
            (None, None, vec![]),
            (Some(vec![vss()]), None, vec![options("EC2", &[pair("WindowsVSS", "enabled")])]),
            (None, Some(vec![vss()]), vec![options("EC2", &[pair("WindowsVSS", "enabled")])]),
            (Some(Vec::new()), Some(vec![s3()]), vec![options("S3", &[])]),
            (Some(vec![s3()]), Some(vec![s3(), vss()]), vec![options("S3", &[])]),
        ];
        for (inside, beside, expected) in table {
            let held = BackupPlan::builder().backup_plan_name("p").set_rules(Some(Vec::new()));
            let held = held.set_advanced_backup_settings(inside.clone()).build().unwrap();
            let answer = GetBackupPlanOutput::builder().backup_plan(held);
            let answer = answer.set_advanced_backup_settings(beside.clone()).build();
            let plan = whole_plan(answer, "asked").unwrap();
            assert_eq!((plan.id.as_str(), plan.type_options), ("asked", expected), "{inside:?} {beside:?}");
        }
    }

    #[test]
    fn a_selection_keeps_its_resources_tags_and_conditions() {
        let parameter =
            |key: &str, value: &str| ConditionParameter::builder().condition_key(key).condition_value(value).build();
        let tag = |key: &str, value: &str| {
            let tag = Condition::builder().condition_type(ConditionType::Stringequals);
            tag.condition_key(key).condition_value(value).build().unwrap()
        };
        let held = BackupSelection::builder()
            .selection_name("tagged")
            .iam_role_arn("arn:role")
            .resources("arn:aws:rds:*")
            .not_resources("arn:aws:rds:*:*:db:test")
            .list_of_tags(tag("backup", "daily"))
            .list_of_tags(tag("backup", "hourly"))
            .conditions(
                Conditions::builder()
                    .string_equals(parameter("aws:ResourceTag/a", "1"))
                    .string_equals(parameter("aws:ResourceTag/b", "2"))
                    .string_like(parameter("aws:ResourceTag/c", "3*"))
                    .set_string_not_equals(Some(Vec::new()))
                    .string_not_like(ConditionParameter::builder().build())
                    .build(),
            )
            .build()
            .unwrap();
        let answer = GetBackupSelectionOutput::builder().backup_selection(held).selection_id("");
        let answer = answer.creation_date(DateTime::from_secs(1_795_000_000)).build();
        let condition =
            |test, key: &str, value: &str| TagCondition { test, key: key.to_owned(), value: value.to_owned() };
        let expected = promise::Selection {
            id: "s-1".to_owned(),
            plan_id: "p-1".to_owned(),
            created: Timestamp::from_second(1_795_000_000).ok(),
            name: "tagged".to_owned(),
            role_arn: "arn:role".to_owned(),
            resources: vec!["arn:aws:rds:*".to_owned()],
            not_resources: vec!["arn:aws:rds:*:*:db:test".to_owned()],
            tags: vec![pair("backup", "daily"), pair("backup", "hourly")],
            conditions: vec![
                condition(TagTest::Equals, "aws:ResourceTag/a", "1"),
                condition(TagTest::Equals, "aws:ResourceTag/b", "2"),
                condition(TagTest::Like, "aws:ResourceTag/c", "3*"),
                condition(TagTest::NotLike, "", ""),
            ],
        };
        assert_eq!(whole_selection(answer, "p-1", "s-1"), Some(expected));
    }

    #[test]
    fn an_answer_that_holds_nothing_is_no_plan_and_no_selection() {
        assert_eq!(whole_plan(GetBackupPlanOutput::builder().backup_plan_id("p-1").build(), "p-1"), None);
        let answer = GetBackupSelectionOutput::builder().selection_id("s-1").build();
        assert_eq!(whole_selection(answer, "p-1", "s-1"), None);
    }
}
