//! Starts of jobs on demand.

use serde_json::{Value, json};

use super::super::State;
use super::super::wire::{Answer, Request, Service};
use super::pages::{found, seconds, trimmed};
use crate::world::{CopyOrder, Lifecycle, Order, Refused, Tags};

pub(super) fn start_backup_job(state: &mut State, request: &Request) -> Answer {
    let input: Value = serde_json::from_str(&request.body).unwrap_or_default();
    let order = match backup_order(&input) {
        Ok(order) => order,
        Err(refused) => return answer_refused(&refused),
    };
    let starter = request.caller.starter(&state.organization);
    let mut world = state.organization.visit(&request.caller.account, &request.region);
    if request.region != world.region {
        return found(None, &order.vault_name);
    }
    let id = match world.start_backup_job(&order, input["IdempotencyToken"].as_str(), &starter) {
        Ok(id) => id,
        Err(refused) => return answer_refused(&refused),
    };
    state.listings.forget();
    let job = world.backup_job(&id).expect("just started");
    // AWS names the recovery point before it exists, but for these two types only.
    let named_early = matches!(job.kind.as_str(), "EFS" | "DynamoDB.FullyManaged");
    Answer::json(&trimmed(json!({
        "BackupJobId": job.id,
        "CreationDate": seconds(job.created),
        "IsParent": job.is_parent,
        "RecoveryPointArn": job.recovery_point_arn.as_ref().filter(|_| named_early)
    })))
}

pub(super) fn start_copy_job(state: &mut State, request: &Request) -> Answer {
    let input: Value = serde_json::from_str(&request.body).unwrap_or_default();
    let (order, source_vault) = match copy_order(&input) {
        Ok(read) => read,
        Err(refused) => return answer_refused(&refused),
    };
    let starter = request.caller.starter(&state.organization);
    let actor = request.caller.session_arn(&state.organization);
    let mut world = state.organization.visit(&request.caller.account, &request.region);
    if request.region != world.region {
        return found(None, &source_vault);
    }
    let id = match world.start_copy_job(&order, &source_vault, input["IdempotencyToken"].as_str(), &starter) {
        Ok(id) => id,
        Err(refused) => return answer_refused(&refused),
    };
    let now = world.clock;
    let event =
        world.record("backup", "StartCopyJob", now, json!({"destinationBackupVaultArn": order.destination_vault_arn}));
    event.actor = actor;
    event.answer = json!({"copyJobId": id});
    state.listings.forget();
    let job = world.copy_job(&id).expect("just started");
    Answer::json(&json!({"CopyJobId": job.id, "CreationDate": seconds(job.created), "IsParent": job.is_parent}))
}

fn answer_refused(refused: &Refused) -> Answer {
    let status = if refused.code == "AccessDeniedException" { 403 } else { 400 };
    Service::Backup.error(status, refused.code, &refused.message)
}

fn backup_order(input: &Value) -> Result<Order, Refused> {
    let asked = Order::on_demand(
        &required(input, "ResourceArn")?,
        &required(input, "BackupVaultName")?,
        &required(input, "IamRoleArn")?,
    );
    Ok(Order {
        start_window_minutes: input["StartWindowMinutes"].as_i64().unwrap_or(asked.start_window_minutes),
        completion_window_minutes: input["CompleteWindowMinutes"].as_i64().unwrap_or(asked.completion_window_minutes),
        lifecycle: lifecycle(&input["Lifecycle"])?,
        tags: texts(&input["RecoveryPointTags"]),
        options: texts(&input["BackupOptions"]),
        ..asked
    })
}

fn copy_order(input: &Value) -> Result<(CopyOrder, String), Refused> {
    let order = CopyOrder {
        recovery_point_arn: required(input, "RecoveryPointArn")?,
        destination_vault_arn: required(input, "DestinationBackupVaultArn")?,
        role_arn: required(input, "IamRoleArn")?,
        lifecycle: lifecycle(&input["Lifecycle"])?,
        created_by: None,
        created_by_backup_job: None,
    };
    Ok((order, required(input, "SourceBackupVaultName")?))
}

fn required(input: &Value, member: &str) -> Result<String, Refused> {
    let text = input[member].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    text.ok_or_else(|| Refused::new("MissingParameterValueException", format!("{member} is missing")))
}

fn lifecycle(input: &Value) -> Result<Lifecycle, Refused> {
    if !input["DeleteAfterEvent"].is_null() {
        let message = "DeleteAfterEvent is not valid for a job on demand";
        return Err(Refused::new("InvalidParameterValueException", message));
    }
    Ok(Lifecycle {
        delete_after_days: input["DeleteAfterDays"].as_i64(),
        cold_after_days: input["MoveToColdStorageAfterDays"].as_i64(),
    })
}

fn texts(input: &Value) -> Tags {
    let entry = |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
    input.as_object().into_iter().flatten().filter_map(entry).collect()
}
