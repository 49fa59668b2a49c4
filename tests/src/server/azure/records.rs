//! The world as records of Azure's services.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::vault;
use crate::world::azure::{Azure, AzureActivity, AzureJob, Cause, ErrorShape, Habits, Item, ItemKind, Machine, Step};

/// With seven decimals, as .NET writes it.
pub(super) fn time(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%S%.9fZ").to_string().replacen("00Z", "Z", 1)
}

pub(super) fn duration(habits: &Habits, of: SignedDuration) -> String {
    let seconds = of.as_secs();
    if habits.iso_durations {
        format!("PT{}M{}.1234567S", seconds / 60, seconds % 60)
    } else {
        format!("{:02}:{:02}:{:02}.1234567", seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
}

/// As it stands in lists: without the steps.
pub(super) fn listed_job(habits: &Habits, job: &AzureJob, english: bool) -> Value {
    let mut record = self::job(habits, job, english);
    if let Some(properties) = record["properties"].as_object_mut() {
        properties.remove("extendedInfo");
    }
    record
}

pub(super) fn job(habits: &Habits, job: &AzureJob, english: bool) -> Value {
    if job.kind == ItemKind::Disk {
        return vault::job(habits, job, english);
    }
    let [management, workload, _, _] = job.kind.words();
    let id = format!("{}/backupJobs/{}", job.vault, job.id);
    let id = if habits.shouted_ids {
        id.replace("/subscriptions/", "/Subscriptions/").replace("/resourceGroups/", "/RESOURCEGROUPS/")
    } else {
        id
    };
    let action = if habits.actions_as_numbers { json!(1) } else { json!("Cancellable") };
    let mut is = json!({
        "jobType": job.job_type, "backupManagementType": management, "workloadType": workload,
        "entityFriendlyName": job.entity, "operation": job.operation, "status": job.status,
        "startTime": time(job.started), "duration": duration(habits, job.ends.duration_since(job.started)),
        "isUserTriggered": job.user_triggered, "actionsInfo": [action],
        "activityId": "0b5e1f0a-0000-4000-8000-000000000001",
    });
    if !job.is_running() {
        is["endTime"] = json!(time(job.ends));
    }
    let server = || json!(job.container.rsplit(';').next());
    match job.kind {
        ItemKind::Vm => is["containerName"] = json!(job.container),
        ItemKind::FileShare => is["storageAccountName"] = server(),
        ItemKind::Mars => is["mabServerName"] = server(),
        ItemKind::Dpm => is["dpmServerName"] = server(),
        ItemKind::Sql | ItemKind::Hana | ItemKind::Disk => {}
    }
    // Servers of one's own do not tell who began a job.
    if let (ItemKind::Mars | ItemKind::Dpm, Some(members)) = (job.kind, is.as_object_mut()) {
        members.remove("isUserTriggered");
    }
    if let Some(cause) = &job.error {
        let error = error(habits, job, cause, english);
        match habits.errors {
            ErrorShape::One => is["errorDetails"] = json!([error]),
            ErrorShape::Two => is["errorDetails"] = json!([error, {"errorString": "A second error."}]),
            ErrorShape::Null => is["errorDetails"] = Value::Null,
            ErrorShape::Absent => {}
        }
    }
    let (first, second) = match (job.status.as_str(), job.step) {
        ("InProgress", Step::Snapshot) => ("InProgress", "NotStarted"),
        ("InProgress", Step::Transfer) => ("Completed", "InProgress"),
        (other, _) => (other, other),
    };
    let unset = "0001-01-01T00:00:00";
    is["extendedInfo"] = json!({
        "tasksList": [
            {"taskId": "Take Snapshot", "status": first, "startTime": time(job.started), "endTime": unset},
            {"taskId": "Transfer data to vault", "status": second, "startTime": unset, "endTime": unset},
        ],
        "propertyBag": {"VM Name": job.entity},
    });
    json!({"id": id, "name": job.id, "type": "Microsoft.RecoveryServices/vaults/backupJobs", "properties": is})
}

/// MARS and DPM tell a text and nothing else.
fn error(habits: &Habits, job: &AzureJob, cause: &Cause, english: bool) -> Value {
    let text = if english || !habits.localised { cause.text.clone() } else { "Fehler bei der Sicherung.".to_owned() };
    if matches!(job.kind, ItemKind::Mars | ItemKind::Dpm) {
        return json!({"errorString": text, "recommendations": []});
    }
    let title = if habits.title_is_entity { &job.entity } else { &cause.title };
    json!({"errorTitle": title, "errorCode": cause.number, "errorString": text, "recommendations": ["Mend it, then retry."]})
}

pub(super) fn item(habits: &Habits, item: &Item) -> Value {
    if item.kind == ItemKind::Disk {
        return vault::instance(item);
    }
    let [management, workload, _, item_type] = item.kind.words();
    let (good, bad) = if item.kind.is_database() { ("Healthy", "Unhealthy") } else { ("Completed", "Failed") };
    let status = match (&item.last_backup, &item.last_failed) {
        (None, _) if item.kind.is_database() => "IRPending",
        (None, _) => "",
        (Some(_), None) => good,
        (Some(_), Some(_)) => bad,
    };
    let never = || "2001-01-01T00:00:00Z".to_owned();
    let mut is = json!({
        "friendlyName": item.friendly(), "sourceResourceId": item.source(), "containerName": item.container(),
        "policyId": item.policy, "policyName": "daily", "backupManagementType": management,
        "workloadType": workload, "protectedItemType": item_type, "protectionStatus": "Healthy",
        "protectionState": item.protection_state, "lastBackupStatus": status,
        "lastBackupTime": item.last_backup.map_or_else(never, time),
        "isScheduledForDeferredDelete": item.soft_deleted,
        "healthStatus": if item.cause.is_some() { "ActionRequired" } else { "Passed" },
    });
    if let Some(point) = item.points.last() {
        is["lastRecoveryPoint"] = json!(time(point.time));
    }
    if item.kind.is_database() {
        is["parentName"] = json!("MSSQLSERVER");
        is["serverName"] = json!("vm-sql");
    }
    let heard = item.last_heard.or(item.last_backup).map_or_else(never, time);
    if let (ItemKind::Dpm, Some(members)) = (item.kind, is.as_object_mut()) {
        members.remove("lastBackupTime");
        members.remove("policyId");
        members.remove("containerName");
        members.insert("backupEngineName".to_owned(), json!(item.container().rsplit(';').next()));
        let status = members.remove("lastBackupStatus");
        members.insert("extendedInfo".to_owned(), json!({"lastBackupStatus": status, "lastRefreshedAt": heard}));
    } else if item.kind == ItemKind::Mars {
        is["computerName"] = json!(item.container().rsplit(';').next());
        is["extendedInfo"] = json!({"lastRefreshedAt": heard});
    }
    if let (true, Some(cause)) = (habits.items_tell, &item.last_failed) {
        let said = json!({"code": cause.number, "title": cause.title, "message": cause.text, "recommendations": []});
        is["kpisHealths"] = json!({"BackupOperationStatusKPI": {
            "resourceHealthStatus": "PersistentUnhealthy", "resourceHealthDetails": [said],
        }});
    }
    if let Some(health) = &item.health {
        is["healthStatus"] = json!(health.word);
        is["healthDetails"] = json!([{
            "code": health.code, "title": health.title, "message": health.text, "recommendations": ["See the agent."],
        }]);
    }
    if let Some(at) = item.deleted_for_good {
        is["deferredDeleteTimeInUTC"] = json!(time(at));
    }
    if item.policy.is_empty() {
        is["policyId"] = Value::Null;
        is["policyName"] = Value::Null;
    } else {
        is["policyName"] = json!(item.policy.rsplit('/').next());
    }
    if let (true, Some(cause)) = (item.kind.is_database(), &item.last_failed) {
        is["lastBackupErrorDetail"] = json!({"code": cause.title, "message": cause.text, "recommendations": []});
    }
    json!({"id": item.id, "name": item.id.rsplit('/').next(), "properties": is})
}

/// The policies of a vault.
pub(super) fn policies(azure: &Azure, vault: &str) -> Vec<Value> {
    let of_vault = azure.policies.iter().filter(|policy| policy.id.starts_with(&format!("{vault}/")));
    let more = of_vault
        .map(|policy| json!({"id": policy.id, "name": policy.id.rsplit('/').next(), "properties": policy.properties}));
    std::iter::once(self::policy(vault)).chain(more).collect()
}

fn policy(of: &str) -> Value {
    if of.contains("/backupVaults/") {
        return vault::policy(of);
    }
    json!({"id": format!("{of}/backupPolicies/daily"), "name": "daily", "properties": {
        "backupManagementType": "AzureIaasVM", "timeZone": "UTC",
        "schedulePolicy": {"schedulePolicyType": "SimpleSchedulePolicy", "scheduleRunFrequency": "Daily",
                           "scheduleRunTimes": ["2026-03-01T01:00:00Z"]},
    }})
}

pub(super) fn points(item: &Item) -> Vec<Value> {
    let record = |(number, point): (usize, &crate::world::azure::Point)| {
        let hardened = if point.in_vault { "Valid" } else { "Disabled" };
        json!({"id": format!("{}/recoveryPoints/{number}", item.id), "name": number.to_string(), "properties": {
            "objectType": "IaasVMRecoveryPoint", "recoveryPointType": "AppConsistent", "recoveryPointTime": time(point.time),
            "recoveryPointTierDetails": [{"type": "InstantRP", "status": "Valid"}, {"type": "HardenedRP", "status": hardened}],
        }})
    };
    let record = |point| if item.kind == ItemKind::Disk { vault::point(item, point) } else { record(point) };
    item.points.iter().enumerate().map(record).collect()
}

/// The entries of a subscription in a span of time: `eventTimestamp ge '...' and eventTimestamp le '...' and resourceProvider eq '...'`.
pub(super) fn activities(azure: &Azure, subscription: &str, filter: &str) -> Vec<Value> {
    let bound = |word: &str| -> Timestamp {
        let text = filter.split(&format!("eventTimestamp {word} '")).nth(1).and_then(|rest| rest.split('\'').next());
        text.and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("the log is asked for a time: {filter}"))
    };
    let provider = filter.split("resourceProvider eq '").nth(1).and_then(|rest| rest.split('\'').next());
    let provider = provider.unwrap_or_else(|| panic!("the log is asked for one service: {filter}"));
    let (from, to) = (bound("ge"), bound("le"));
    let of = format!("/subscriptions/{subscription}/");
    let of_provider = |entry: &&AzureActivity| entry.operation.starts_with(&format!("{provider}/"));
    let known = azure.activities.iter().filter(|entry| entry.resource.starts_with(&of)).filter(of_provider);
    let numbered = known.filter(|entry| (from..=to).contains(&entry.at)).enumerate();
    let record = |(number, entry): (usize, &AzureActivity)| {
        json!({
            "id": format!("{}/events/{number}/ticks/{}", entry.resource, entry.at.as_second()), "eventDataId": format!("event-{number}"),
            "correlationId": entry.request,
            "eventTimestamp": time(entry.at), "caller": entry.caller, "resourceId": entry.resource,
            "operationName": {"value": entry.operation, "localizedValue": entry.operation},
            "status": {"value": entry.status, "localizedValue": entry.status},
            "httpRequest": {"clientIpAddress": entry.address, "method": "PUT"},
        })
    };
    numbered.map(record).collect()
}

pub(super) fn instance_view(machine: &Machine) -> Value {
    let power = json!({"code": format!("PowerState/{}", machine.power), "displayStatus": "VM"});
    let agent = if machine.agent_ready {
        json!({"code": "ProvisioningState/succeeded", "displayStatus": "Ready", "message": "Guest Agent is running"})
    } else {
        json!({"code": "ProvisioningState/Unavailable", "displayStatus": "Not Ready",
               "message": "VM status blob is found but not yet populated."})
    };
    json!({
        "vmAgent": {"vmAgentVersion": "2.7.41491.1095", "statuses": [agent]},
        "extensions": [{"name": "VMSnapshot", "type": "Microsoft.Azure.RecoveryServices.VMSnapshot",
                        "statuses": [{"code": "ProvisioningState/succeeded", "displayStatus": "Provisioning succeeded"}]}],
        "statuses": [{"code": "ProvisioningState/succeeded"}, power],
    })
}
