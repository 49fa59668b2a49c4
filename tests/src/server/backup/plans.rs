//! Plans, selections and what is opted in.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::wire::{Answer, Request};
use super::pages::{found, lifecycle, page, seconds, trimmed};
use super::segment;
use crate::world::{Plan, Rule, Selection, TagTest, Tags, World};

pub(super) fn list_backup_plans(world: &World, request: &Request) -> Answer {
    let plans: Vec<_> = world.plans.iter().filter(|_| request.region == world.region).collect();
    page(world, request, "BackupPlansList", &plans, |plan| listed_plan(plan))
}

/// Any version of a plan, and what a deleted plan was.
pub(super) fn get_backup_plan(world: &World, request: &Request) -> Answer {
    let id = segment(request, 2);
    let version = request.parameter("versionId");
    let wanted = |plan: &&Plan| version.is_none_or(|version| plan.version == version);
    let old = || {
        let is_of = |(plan, deleted): &&(Plan, Option<Timestamp>)| {
            plan.id == id
                && request.region == world.region
                && if version.is_some() { wanted(&plan) } else { deleted.is_some() }
        };
        let (plan, _) = world.old_plans.iter().find(is_of)?;
        let deleted = world.old_plans.iter().find_map(|(of, deleted)| deleted.filter(|_| of.id == plan.id));
        let mut told = whole_plan(plan);
        if let Some(deleted) = deleted {
            told["DeletionDate"] = json!(seconds(deleted));
        }
        Some(told)
    };
    found(plan(world, request).filter(wanted).map(whole_plan).or_else(old), id)
}

/// The newest first.
pub(super) fn list_backup_plan_versions(world: &World, request: &Request) -> Answer {
    let id = segment(request, 2);
    let old = world.old_plans.iter().rev().map(|(plan, _)| plan).filter(|plan| plan.id == id);
    let versions: Vec<&Plan> = plan(world, request).into_iter().chain(old).collect();
    if versions.is_empty() || request.region != world.region {
        return found(None, id);
    }
    page(world, request, "BackupPlanVersionsList", &versions, |plan| listed_plan(plan))
}

pub(super) fn list_backup_selections(world: &World, request: &Request) -> Answer {
    let Some(plan) = plan(world, request) else {
        return found(None, segment(request, 2));
    };
    let selections: Vec<_> = world.selections.iter().filter(|selection| selection.plan_id == plan.id).collect();
    page(world, request, "BackupSelectionsList", &selections, |selection| {
        json!({
            "SelectionId": selection.id,
            "SelectionName": selection.name,
            "BackupPlanId": selection.plan_id,
            "CreationDate": seconds(plan.created),
            "IamRoleArn": selection.role_arn
        })
    })
}

pub(super) fn get_backup_selection(world: &World, request: &Request) -> Answer {
    let id = segment(request, 4);
    let plan = plan(world, request);
    let selection = plan.and_then(|plan| {
        let found = world.selections.iter().find(|selection| selection.id == id && selection.plan_id == plan.id)?;
        Some(json!({
            "SelectionId": found.id,
            "BackupPlanId": found.plan_id,
            "CreationDate": seconds(plan.created),
            "BackupSelection": whole_selection(found)
        }))
    });
    found(selection, id)
}

pub(super) fn describe_region_settings(world: &World) -> Answer {
    let mut preferences: BTreeMap<&str, bool> = TYPES.iter().map(|kind| (*kind, true)).collect();
    preferences.extend(world.opt_in.iter().map(|(kind, opted_in)| (kind.as_str(), *opted_in)));
    Answer::json(&json!({
        "ResourceTypeOptInPreference": preferences,
        "ResourceTypeManagementPreference": {"DynamoDB": true, "EFS": true}
    }))
}

/// The types that AWS names in its Region settings.
const TYPES: [&str; 18] = [
    "Aurora",
    "CloudFormation",
    "DocumentDB",
    "DynamoDB",
    "EBS",
    "EC2",
    "EFS",
    "EKS",
    "FSx",
    "Neptune",
    "RDS",
    "Redshift",
    "Redshift Serverless",
    "S3",
    "SAP HANA on Amazon EC2",
    "Storage Gateway",
    "Timestream",
    "VirtualMachine",
];

fn plan<'a>(world: &'a World, request: &Request) -> Option<&'a Plan> {
    let id = segment(request, 2);
    world.plans.iter().find(|plan| plan.id == id && request.region == world.region)
}

fn listed_plan(plan: &Plan) -> Value {
    trimmed(json!({
        "BackupPlanArn": plan.arn,
        "BackupPlanId": plan.id,
        "BackupPlanName": plan.name,
        "CreationDate": seconds(plan.created),
        "VersionId": plan.version,
        "AdvancedBackupSettings": options(plan)
    }))
}

fn whole_plan(plan: &Plan) -> Value {
    let options = options(plan);
    trimmed(json!({
        "BackupPlan": trimmed(json!({
            "BackupPlanName": plan.name,
            "Rules": plan.rules.iter().map(rule).collect::<Vec<_>>(),
            "AdvancedBackupSettings": options
        })),
        "BackupPlanArn": plan.arn,
        "BackupPlanId": plan.id,
        "CreationDate": seconds(plan.created),
        "VersionId": plan.version,
        "AdvancedBackupSettings": options
    }))
}

fn options(plan: &Plan) -> Option<Vec<Value>> {
    let setting = |(kind, options): (&String, &Tags)| json!({"ResourceType": kind, "BackupOptions": options});
    (!plan.options.is_empty()).then(|| plan.options.iter().map(setting).collect())
}

fn rule(rule: &Rule) -> Value {
    let copies: Vec<Value> = rule
        .copies
        .iter()
        .map(|copy| json!({"DestinationBackupVaultArn": copy.vault_arn, "Lifecycle": lifecycle(copy.lifecycle)}))
        .collect();
    trimmed(json!({
        "RuleId": rule.id,
        "RuleName": rule.name,
        "TargetBackupVaultName": rule.vault,
        "ScheduleExpression": rule.cron,
        "ScheduleExpressionTimezone": rule.timezone,
        "StartWindowMinutes": rule.start_window_minutes,
        "CompletionWindowMinutes": rule.completion_window_minutes,
        "Lifecycle": lifecycle(rule.lifecycle),
        "RecoveryPointTags": (!rule.tags.is_empty()).then_some(&rule.tags),
        "CopyActions": (!copies.is_empty()).then_some(copies),
        "EnableContinuousBackup": rule.continuous
    }))
}

fn whole_selection(selection: &Selection) -> Value {
    let tag = |(key, value): &(String, String)| json!({"ConditionType": "STRINGEQUALS", "ConditionKey": key, "ConditionValue": value});
    json!({
        "SelectionName": selection.name,
        "IamRoleArn": selection.role_arn,
        "Resources": selection.resources,
        "NotResources": selection.not_resources,
        "ListOfTags": selection.tags.iter().map(tag).collect::<Vec<_>>(),
        "Conditions": conditions(selection)
    })
}

fn conditions(selection: &Selection) -> Value {
    let tests = [TagTest::StringEquals, TagTest::StringNotEquals, TagTest::StringLike, TagTest::StringNotLike];
    let mut members = Map::new();
    for test in tests {
        let of_test = selection.conditions.iter().filter(|condition| condition.test == test);
        let shape = |condition: &crate::world::TagCondition| json!({"ConditionKey": condition.key, "ConditionValue": condition.value});
        members.insert(test.name().to_owned(), of_test.map(shape).collect());
    }
    Value::Object(members)
}
