//! Jobs of Azure: rows of a corpus, and records as `az backup job list` and `az dataprotection job list` print them.

use job::{AzureError, AzureRecord, Job, JobKind, JobState, Scope};
use serde_json::{Map, Value};

/// A row that says `"provider": "azure"`.
pub(crate) fn is_row(object: &Map<String, Value>) -> bool {
    object.get("provider").and_then(Value::as_str).is_some_and(|word| word.eq_ignore_ascii_case("azure"))
}

/// A record of a job of a vault.
pub(crate) fn is_record(object: &Map<String, Value>) -> bool {
    let is_job = |id: &Value| id.as_str().is_some_and(|id| id.to_ascii_lowercase().contains("/backupjobs/"));
    object.get("id").is_some_and(is_job) && object.get("properties").is_some_and(Value::is_object)
}

/// `{"provider": "azure", "code": "...", "message": "...", "job": "backup", "state": "FAILED", "resource_type": "AzureIaasVM"}`
pub(crate) fn row(object: &Map<String, Value>) -> Job {
    let text = |name: &str| text(object.get(name)).unwrap_or_default();
    let kind = JobKind::ALL.into_iter().find(|kind| kind.as_str() == text("job").to_lowercase());
    let code = text("code");
    let number = code.parse().ok().filter(|number| *number != 0);
    let error = AzureError {
        name: Some(code).filter(|code| !code.is_empty() && number.is_none()),
        number,
        text: Some(text("message")).filter(|text| !text.is_empty()),
        ..AzureError::default()
    };
    let message = text("message");
    Job {
        message: if message.is_empty() { error.message() } else { message },
        resource_type: text("resource_type"),
        scope: Scope::azure(&text("subscription"), &text("location")),
        azure: Some(Box::new(AzureRecord { error, ..AzureRecord::default() })),
        ..Job::new(kind.unwrap_or(JobKind::Backup), text("id"), state(&text("state")))
    }
}

/// `None` for what is neither a backup nor a restore.
pub(crate) fn record(object: &Map<String, Value>) -> Option<Job> {
    let none = Map::new();
    let is = object.get("properties").and_then(Value::as_object).unwrap_or(&none);
    let of = |names: &[&str]| names.iter().find_map(|name| text(is.get(*name))).unwrap_or_default();
    let operation = of(&["operation", "operationCategory"]);
    let begins = |word: &str| operation.to_ascii_lowercase().starts_with(word);
    let kind = if begins("backup") {
        JobKind::Backup
    } else if begins("restore") {
        JobKind::Restore
    } else {
        return None;
    };
    let id = text(object.get("id")).unwrap_or_default().to_lowercase();
    let (vault, _) = id.split_once("/backupjobs/").unwrap_or((&id, ""));
    let entity = of(&["entityFriendlyName", "dataSourceName"]);
    let errors = is.get("errorDetails");
    let first = errors.and_then(|errors| errors.get(0)).or(errors).and_then(Value::as_object).unwrap_or(&none);
    let said = |names: &[&str]| names.iter().find_map(|name| text(first.get(*name)));
    let list = |name: &str| {
        let texts = first.get(name).and_then(Value::as_array).into_iter().flatten();
        texts.filter_map(Value::as_str).map(str::to_owned)
    };
    let is_name = |name: &String| !name.eq_ignore_ascii_case(&entity) && !name.contains(char::is_whitespace);
    let error = AzureError {
        name: said(&["code", "errorTitle"]).filter(is_name),
        number: said(&["errorCode"]).and_then(|number| number.parse().ok()).filter(|number| *number != 0),
        text: said(&["errorString", "message"]),
        recommendations: list("recommendations").chain(list("recommendedAction")).collect(),
        ..AzureError::default()
    };
    let state = state(&of(&["status"]));
    Some(Job {
        message: if state == JobState::Completed && errors.is_none_or(Value::is_null) {
            String::new()
        } else {
            error.message()
        },
        scope: Scope::azure(vault.split('/').nth(2).unwrap_or_default(), &of(&["dataSourceLocation"])),
        resource_type: resource_type(&of(&["backupManagementType"]), &of(&["workloadType", "dataSourceType"])),
        resource_arn: of(&["dataSourceId"]).to_lowercase(),
        resource_name: Some(entity).filter(|entity| !entity.is_empty()),
        vault: Some(vault.into()),
        azure: Some(Box::new(AzureRecord { operation, error, ..AzureRecord::default() })),
        ..Job::new(kind, text(object.get("name")).unwrap_or_default(), state)
    })
}

/// Azure's words, and those of the corpus.
fn state(word: &str) -> JobState {
    match word.to_ascii_lowercase().replace('_', "").as_str() {
        "completed" | "completedwithwarnings" => JobState::Completed,
        "cancelled" | "aborted" => JobState::Aborted,
        "inprogress" | "cancelling" | "paused" | "running" => JobState::Running,
        "failed" | "" => JobState::Failed,
        _ => JobState::Other(word.to_owned()),
    }
}

fn resource_type(management: &str, workload: &str) -> String {
    let workload = workload.to_ascii_lowercase();
    let known = [
        ("AzureWorkload", "sql", "AzureWorkload/SQL"),
        ("AzureWorkload", "hana", "AzureWorkload/SAPHana"),
        ("AzureStorage", "", "AzureStorage/FileShare"),
        ("", "compute/disks", "AzureDisk"),
        ("", "blobservices", "AzureBlob"),
        ("", "postgresql", "AzurePostgreSQL"),
        ("", "managedclusters", "AzureKubernetesService"),
    ];
    let fits = |kind: &&(&str, &str, &str)| management.eq_ignore_ascii_case(kind.0) && workload.contains(kind.1);
    known.iter().find(fits).map_or(management, |(_, _, name)| name).to_owned()
}

/// A number is read as its digits.
fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
