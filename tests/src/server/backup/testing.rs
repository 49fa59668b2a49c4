//! Restore testing plans and their selections.

use serde_json::json;

use super::super::wire::{Answer, Request};
use super::pages::{found, page, seconds, trimmed};
use super::segment;
use crate::world::{TestingPlan, World};

pub(super) fn list_restore_testing_plans(world: &World, request: &Request) -> Answer {
    let plans: Vec<&TestingPlan> = world.testing_plans.iter().filter(|_| request.region == world.region).collect();
    page(world, request, "RestoreTestingPlans", &plans, |plan| {
        trimmed(json!({
            "RestoreTestingPlanName": plan.name,
            "RestoreTestingPlanArn": plan.arn,
            "ScheduleExpression": plan.cron,
            "ScheduleExpressionTimezone": plan.timezone,
            "StartWindowHours": plan.start_window_hours,
            "CreationTime": seconds(plan.created),
            "LastExecutionTime": plan.last_run.map(seconds)
        }))
    })
}

pub(super) fn list_restore_testing_selections(world: &World, request: &Request) -> Answer {
    let name = segment(request, 2);
    let known = world.testing_plans.iter().find(|plan| plan.name == name && request.region == world.region);
    let Some(plan) = known else { return found(None, name) };
    page(world, request, "RestoreTestingSelections", &plan.selections, |selection| {
        json!({
            "RestoreTestingPlanName": plan.name,
            "RestoreTestingSelectionName": selection.name,
            "ProtectedResourceType": selection.kind,
            "IamRoleArn": format!("arn:aws:iam::{}:role/{}", world.account, selection.role),
            "CreationTime": seconds(plan.created),
            "ValidationWindowHours": selection.validation_window.as_hours()
        })
    })
}
