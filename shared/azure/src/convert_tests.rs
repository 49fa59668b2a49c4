use job::{JobKind, JobState, Origin};
use serde_json::{Value, json};

use crate::item::Item;
use crate::job::VaultJob;

const VAULT: &str = "/subscriptions/0a000000-0000-0000-0000-000000000000/resourceGroups/rg-backup/providers/Microsoft.RecoveryServices/vaults/Main";
const BACKUP_VAULT: &str = "/subscriptions/0a000000-0000-0000-0000-000000000000/resourceGroups/rg-backup/providers/Microsoft.DataProtection/backupVaults/Main";

fn job(properties: Value) -> VaultJob {
    let mut all = json!({
        "entityFriendlyName": "vm-1", "backupManagementType": "AzureIaasVM", "operation": "Backup", "status": "Failed",
        "containerName": "iaasvmcontainerv2;RG-app;vm-1", "startTime": "2026-03-13T01:00:00Z", "endTime": "2026-03-13T01:20:00Z",
    });
    for (name, value) in properties.as_object().unwrap() {
        all[name] = value.clone();
    }
    VaultJob::read(json!({ "id": format!("{VAULT}/backupJobs/J-1"), "properties": all })).unwrap()
}

fn item(container: &str, name: &str, properties: Value) -> Item {
    let mut all = json!({ "backupManagementType": "AzureIaasVM", "containerName": container });
    for (name, value) in properties.as_object().unwrap() {
        all[name] = value.clone();
    }
    let id = format!("{VAULT}/backupFabrics/Azure/protectionContainers/{container}/protectedItems/{name}");
    Item::read(json!({ "id": id, "properties": all })).unwrap()
}

fn vm() -> Item {
    item(
        "iaasvmcontainerv2;rg-app;vm-1",
        "VM;iaasvmcontainerv2;rg-app;vm-1",
        json!({ "friendlyName": "vm-1", "policyId": format!("{VAULT}/backupPolicies/Daily"), "policyName": "Daily",
            "sourceResourceId": "/subscriptions/0a000000-0000-0000-0000-000000000000/resourceGroups/rg-app/providers/Microsoft.Compute/virtualMachines/vm-1" }),
    )
}

fn message_of(properties: Value) -> String {
    job(properties).to_job("westeurope", None).unwrap().message
}

#[test]
fn states_are_those_of_both_clouds_and_new_ones_are_kept() {
    let error = json!([{ "errorString": "It failed." }]);
    for (status, state, message) in [
        ("Completed", JobState::Completed, ""),
        ("CompletedWithWarnings", JobState::Completed, "It failed."),
        ("Failed", JobState::Failed, "It failed."),
        ("Cancelled", JobState::Aborted, "It failed."),
        ("InProgress", JobState::Running, ""),
        ("Cancelling", JobState::Running, ""),
        ("Paused", JobState::Running, ""),
        ("Melted", JobState::Other("Melted".into()), "It failed."),
    ] {
        let made = job(json!({ "status": status, "errorDetails": error })).to_job("westeurope", None).unwrap();
        assert_eq!((made.state, made.message.as_str()), (state, message), "{status}");
    }
    let silent = job(json!({ "status": "CompletedWithWarnings" })).to_job("westeurope", None).unwrap();
    assert!(silent.is_bad() && silent.message == "Completed with warnings.");
}

#[test]
fn the_message_has_name_and_number_in_front() {
    for (details, expected) in [
        (
            json!([{ "errorTitle": "Conflict", "errorCode": 510_008, "errorString": "Wait." }]),
            "Conflict (510008): Wait.",
        ),
        (json!([{ "errorTitle": "Conflict", "errorCode": 0, "errorString": "Wait." }]), "Conflict: Wait."),
        // The title is the machine, and says nothing.
        (json!([{ "errorTitle": "VM-1", "errorCode": 320_001, "errorString": "Gone." }]), "320001: Gone."),
        (json!([{ "errorTitle": "Something went wrong", "errorString": "Gone." }]), "Gone."),
        (json!({ "errorString": "Alone." }), "Alone."),
        (json!(null), ""),
    ] {
        assert_eq!(message_of(json!({ "errorDetails": details })), expected);
    }
}

/// Azure says false to both of errors that begin with UserError, and of texts that say "retry".
#[test]
fn whether_azure_calls_an_error_retryable_or_a_users_changes_nothing() {
    let error = |retryable: Value, user: Value| {
        let details =
            json!([{ "code": "UserErrorX", "message": "No.", "isRetryable": retryable, "isUserError": user }]);
        let mut made = job(json!({ "errorDetails": details })).to_job("westeurope", Some(&vm())).unwrap();
        made.azure.take().map(|record| (made, record.error))
    };
    let silent = error(json!(null), json!(null));
    for (retryable, user) in [(true, true), (true, false), (false, true), (false, false)] {
        assert_eq!(error(json!(retryable), json!(user)), silent, "{retryable} {user}");
    }
}

#[test]
fn names_and_kinds_of_things_are_those_that_people_know() {
    let made = job(json!({})).to_job("West Europe", Some(&vm())).unwrap();
    assert_eq!(made.scope.to_string(), "0a000000-0000-0000-0000-000000000000/westeurope");
    assert_eq!((made.kind, made.id.as_str(), made.resource_type.as_str()), (JobKind::Backup, "j-1", "AzureIaasVM"));
    assert!(made.resource_arn.ends_with("/microsoft.compute/virtualmachines/vm-1"), "{}", made.resource_arn);
    assert_eq!(made.resource_name.as_deref(), Some("vm-1"));
    assert_eq!(made.vault_arn(), Some(VAULT.to_lowercase().as_str()));
    assert!(
        made.azure
            .as_ref()
            .unwrap()
            .item
            .as_deref()
            .unwrap()
            .ends_with("protecteditems/vm;iaasvmcontainerv2;rg-app;vm-1")
    );
    assert_eq!(job(json!({ "operation": "ConfigureBackup" })).to_job("", None), None);
    for (management, workload, expected) in [
        ("AzureWorkload", "SQLDataBase", "AzureWorkload/SQL"),
        ("AzureWorkload", "SAPHanaDatabase", "AzureWorkload/SAPHana"),
        ("AzureStorage", "AzureFileShare", "AzureStorage/FileShare"),
        ("MAB", "FileFolder", "MAB"),
        ("Lunar", "x", "Lunar"),
    ] {
        let made =
            job(json!({ "backupManagementType": management, "workloadType": workload })).to_job("", None).unwrap();
        assert_eq!(made.resource_type, expected);
    }
    let disk = json!({ "id": format!("{BACKUP_VAULT}/backupJobs/1"), "properties": { "operation": "Backup", "status": "Failed",
        "dataSourceType": "Microsoft.Compute/disks", "dataSourceId": "/subscriptions/S/resourceGroups/r/providers/Microsoft.Compute/disks/D",
        "policyId": format!("{BACKUP_VAULT}/backupPolicies/P"), "policyName": "P",
        "errorDetails": [{ "code": "UserErrorX", "message": "No.", "innerError": { "code": "Y" } }] } });
    let made = VaultJob::read(disk).unwrap().to_job("westeurope", None).unwrap();
    assert_eq!((made.resource_type.as_str(), made.message.as_str()), ("AzureDisk", "UserErrorX: No."));
    assert_eq!(made.resource_arn, "/subscriptions/s/resourcegroups/r/providers/microsoft.compute/disks/d");
    assert_eq!(made.rule().unwrap().plan_name.as_deref(), Some("P"));
    assert_eq!(made.azure.unwrap().error.inner, ["Y"]);
}

#[test]
fn what_a_person_starts_is_an_operators_and_all_else_a_policys() {
    let origin = |properties| job(properties).to_job("", Some(&vm())).unwrap().origin;
    assert_eq!(origin(json!({ "isUserTriggered": true })), Origin::Operator);
    assert_eq!(origin(json!({ "operation": "Restore" })), Origin::Operator);
    for properties in [json!({ "isUserTriggered": false }), json!({})] {
        let Origin::Rule(by) = origin(properties) else { panic!("a policy's") };
        assert_eq!(
            (by.plan_name.as_deref(), by.plan_id),
            (Some("Daily"), Some(format!("{VAULT}/backupPolicies/Daily").to_lowercase()))
        );
    }
}

#[test]
fn a_job_finds_its_item_or_none() {
    let sql = |server: &str, parent: &str, name: &str| {
        item(
            &format!("VMAppContainer;Compute;rg-app;{server}"),
            &format!("SQLDataBase;{parent};{name}"),
            json!({ "backupManagementType": "AzureWorkload", "workloadType": "SQLDataBase", "friendlyName": name, "parentName": parent,
                "serverName": server }),
        )
    };
    let share = |account: &str| {
        item(
            &format!("StorageContainer;storage;rg-app;{account}"),
            "AzureFileShare;0a1b",
            json!({ "backupManagementType": "AzureStorage", "friendlyName": "docs" }),
        )
    };
    let items = [
        vm(),
        sql("vm-sql-01", "MSSQLSERVER", "orders"),
        sql("vm-sql-02", "MSSQLSERVER", "orders"),
        sql("vm-sql-02", "SECOND", "orders"),
        share("acc1"),
        share("acc2"),
    ];
    let found = |properties: Value| {
        Item::of_job(&job(properties), &items).map(|item| item.id.as_str().rsplit_once("containers/").unwrap().1)
    };
    let database = |entity: &str| json!({ "backupManagementType": "AzureWorkload", "entityFriendlyName": entity, "containerName": null });
    assert_eq!(found(json!({})), Some("iaasvmcontainerv2;rg-app;vm-1/protecteditems/vm;iaasvmcontainerv2;rg-app;vm-1"));
    assert_eq!(found(json!({ "containerName": "iaasvmcontainerv2;other;vm-1" })), None, "another group");
    assert_eq!(found(json!({ "containerName": null })), None, "a name alone is none");
    assert_eq!(
        found(database("mssqlserver/orders [vm-sql-01.contoso.com]")),
        Some("vmappcontainer;compute;rg-app;vm-sql-01/protecteditems/sqldatabase;mssqlserver;orders")
    );
    assert_eq!(
        found(database("SECOND/orders")),
        Some("vmappcontainer;compute;rg-app;vm-sql-02/protecteditems/sqldatabase;second;orders")
    );
    assert_eq!(found(database("MSSQLSERVER/orders")), None, "on two hosts");
    assert_eq!(found(database("MSSQLSERVER/orders [vm-sql-03]")), None);
    let of_account = |account: &str| json!({ "backupManagementType": "AzureStorage", "entityFriendlyName": "docs", "storageAccountName": account });
    assert_eq!(
        found(of_account("ACC2")),
        Some("storagecontainer;storage;rg-app;acc2/protecteditems/azurefileshare;0a1b")
    );
    assert_eq!(found(of_account("acc3")), None);
    // The graph names the item.
    let id = items[3].id.as_str().to_uppercase().replace("/SUBSCRIPTIONS", "/subscriptions");
    assert!(found(json!({ "backupInstanceId": id })).unwrap().ends_with("second;orders"));
    let made = job(database("MSSQLSERVER/orders")).to_job("", None).unwrap();
    assert_eq!((made.resource_arn.as_str(), made.azure.unwrap().item), ("MSSQLSERVER/orders", None));
    let made = job(database("MSSQLSERVER/orders [vm-sql-01]")).to_job("", Some(&items[1])).unwrap();
    assert!(
        made.resource_arn.ends_with("sqldatabase;mssqlserver;orders"),
        "without a source its own id: {}",
        made.resource_arn
    );
}

#[test]
fn an_item_speaks_of_its_last_backup_only() {
    let note = |at: &str| {
        item(
            "iaasvmcontainerv2;rg-app;vm-1",
            "vm",
            json!({ "lastBackupTime": at, "kpisHealths": {
                "RestoreOperationStatusKPI": { "resourceHealthDetails": [{ "title": "OfARestore", "code": 1 }] },
                "BackupOperationStatusKPI": { "resourceHealthDetails": [{ "title": "OfABackup", "code": 400_158 }] } } }),
        )
    };
    let heard = |at: &str, operation: &str| {
        let made = job(json!({ "operation": operation })).to_job("", Some(&note(at))).unwrap();
        made.azure.unwrap().health.iter().map(|said| said.message()).collect::<Vec<_>>()
    };
    assert_eq!(heard("2026-03-13T01:00:04Z", "Backup"), ["OfABackup (400158)"]);
    assert_eq!(heard("2026-03-12T01:00:04Z", "Backup"), [] as [&str; 0], "the night before");
    assert_eq!(heard("2026-03-13T02:00:04Z", "Backup"), [] as [&str; 0], "a later one");
    assert_eq!(heard("2026-03-13T01:00:04Z", "Restore"), [] as [&str; 0]);
}

#[test]
fn an_unhealthy_database_without_a_job_is_a_failure() {
    let database = |status: &str| {
        item(
            "VMAppContainer;Compute;rg-app;vm-sql-01",
            "SQLDataBase;MSSQLSERVER;orders",
            json!({ "backupManagementType": "AzureWorkload", "workloadType": "SQLDataBase", "friendlyName": "orders",
                "sourceResourceId": "/subscriptions/S/resourceGroups/rg-app/providers/Microsoft.Compute/virtualMachines/vm-sql-01",
                "lastBackupStatus": status, "lastBackupTime": "2026-03-13T11:55:01Z",
                "lastBackupErrorDetail": { "code": "UserErrorSQLLSNValidationFailure", "message": "Log chain is broken." } }),
        )
    };
    let made = database("Unhealthy").failed_backup("westeurope").unwrap();
    assert!(made.id.starts_with("item:/subscriptions/") && made.id.ends_with("@2026-03-13T11:55:01Z"), "{}", made.id);
    assert_eq!(
        (made.state, made.message.as_str()),
        (JobState::Failed, "UserErrorSQLLSNValidationFailure: Log chain is broken.")
    );
    assert!(made.resource_arn.ends_with("virtualmachines/vm-sql-01/orders"), "{}", made.resource_arn);
    assert_eq!(database("Healthy").failed_backup("westeurope"), None);
}

/// What MARS says has neither name nor number, and a restore says nothing of its item's last backup.
#[test]
fn every_example_of_a_failed_job_is_converted() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples");
    let mut converted = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.file_name().unwrap().to_str().unwrap().contains("job-get-failed") {
            continue;
        }
        let example: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let record = VaultJob::read(example.pointer("/response/body").unwrap().clone()).unwrap();
        let made = record.to_job("westeurope", None).unwrap();
        assert!(
            made.is_bad() && !made.message.is_empty() && !made.resource_arn.is_empty(),
            "{}: {made:?}",
            path.display()
        );
        converted += 1;
    }
    assert!(converted >= 5, "{converted}");
}
