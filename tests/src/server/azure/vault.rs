//! Backup vaults as records: their instances, jobs, policies and recovery points have members of their own.

use serde_json::{Value, json};

use super::records::{duration, time};
use crate::world::azure::{AzureJob, Habits, Item, Point};

/// An instance, as its vault lists it; one that was deleted softly, as the list of those.
pub(super) fn instance(item: &Item) -> Value {
    let state = match item.protection_state.as_str() {
        "Protected" => "ProtectionConfigured",
        other => other,
    };
    let of_source = json!({
        "datasourceType": "Microsoft.Compute/disks", "objectType": "Datasource", "resourceID": item.source(),
        "resourceLocation": "westeurope", "resourceName": item.name, "resourceType": "Microsoft.Compute/disks",
    });
    let mut is = json!({
        "objectType": "BackupInstance", "friendlyName": item.name, "currentProtectionState": state,
        "protectionStatus": {"status": state, "errorDetails": null},
        "dataSourceInfo": of_source, "dataSourceSetInfo": of_source,
        "policyInfo": {"policyId": item.policy, "policyVersion": null}, "provisioningState": "Succeeded",
    });
    let mut id = item.id.clone();
    if let Some(at) = item.deleted_for_good.filter(|_| item.soft_deleted) {
        id = id.replace("/backupInstances/", "/deletedBackupInstances/");
        is["objectType"] = json!("DeletedBackupInstance");
        is["deletionInfo"] =
            json!({"deleteActivityID": "0b5e1f0a-0000-4000-8000-000000000001", "scheduledPurgeTime": time(at)});
    }
    json!({"id": id, "name": item.name, "type": "Microsoft.DataProtection/backupVaults/backupInstances", "properties": is})
}

/// The graph alone tells how often there should be a recovery point, and when the newest one was made.
pub(super) fn row(item: &Item) -> Value {
    let mut row = instance(item);
    let newest = item.points.last().map_or("0001-01-01T00:00:00Z".to_owned(), |point| time(point.time));
    row["properties"]["backupInstanceExtendedProperties"] = json!({
        "policyExtendedInfo": {"configuredRPGenerationFrequency": "1.00:00:00"},
        "recoveryPointInfo": {"latestRecoveryPointInPrimaryRegion": newest},
    });
    row
}

pub(super) fn job(habits: &Habits, job: &AzureJob, english: bool) -> Value {
    let mut is = json!({
        "backupInstanceId": job.item, "backupInstanceFriendlyName": job.entity, "dataSourceName": job.entity,
        "dataSourceType": "Microsoft.Compute/disks", "dataSourceLocation": "westeurope", "operationCategory": "Backup",
        "operation": job.operation, "status": job.status, "isUserTriggered": job.user_triggered,
        "startTime": time(job.started), "duration": duration(habits, job.ends.duration_since(job.started)),
        "supportedActions": [], "errorDetails": null, "extendedInfo": null,
    });
    if !job.is_running() {
        is["endTime"] = json!(time(job.ends));
    }
    if let Some(cause) = &job.error {
        let text = if english || !habits.localised { cause.text.as_str() } else { "Fehler bei der Sicherung." };
        is["errorDetails"] =
            json!([{"code": cause.title, "message": text, "recommendedAction": ["Mend it, then retry."]}]);
    }
    let id = format!("{}/backupJobs/{}", job.vault, job.id);
    json!({"id": id, "name": job.id, "type": "Microsoft.DataProtection/backupVaults/backupJobs", "properties": is})
}

pub(super) fn policy(vault: &str) -> Value {
    let trigger = json!({
        "objectType": "ScheduleBasedTriggerContext",
        "schedule": {"repeatingTimeIntervals": ["R/2026-03-01T22:00:00+00:00/P1D"]},
    });
    json!({"id": format!("{vault}/backupPolicies/daily"), "name": "daily", "properties": {
        "objectType": "BackupPolicy", "datasourceTypes": ["Microsoft.Compute/disks"],
        "policyRules": [{"objectType": "AzureBackupRule", "name": "BackupDaily", "trigger": trigger}],
    }})
}

pub(super) fn point(item: &Item, (number, point): (usize, &Point)) -> Value {
    json!({"id": format!("{}/recoveryPoints/{number}", item.id), "name": number.to_string(), "properties": {
        "objectType": "AzureBackupDiscreteRecoveryPoint", "recoveryPointTime": time(point.time),
        "recoveryPointType": "Incremental",
    }})
}
