//! Jobs from any stream of JSON values.

use crate::azure;
use classification::classify::{Classification, Symptom, classify};
use job::{Arn, Job, JobKind, JobState};
use serde_json::{Map, Value};

/// What can be read, for whoever gave something else.
pub(crate) const ACCEPTED: &str = "accepted are jobs as JSON objects, one after another or in an array, the answers of aws backup \
                                   list-backup-jobs, list-copy-jobs and list-restore-jobs, and of az backup job list and az dataprotection job list";

/// A job with its class, and what the corpus says about it.
pub(crate) struct Row {
    pub(crate) job: Job,
    pub(crate) classification: Classification,
    pub(crate) label: Option<String>,
    pub(crate) origin: String,
}

/// All jobs of a text, or one sentence that says what it is instead.
pub(crate) fn rows(text: &str) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        let value = value.map_err(|error| {
            let what =
                if text.trim_start().starts_with(['{', '[']) { "this JSON is broken" } else { "this is not JSON" };
            format!("{what} ({error}); {ACCEPTED}")
        })?;
        read(&value, None, &mut rows)?;
    }
    Ok(rows)
}

fn read(value: &Value, listed_as: Option<JobKind>, rows: &mut Vec<Row>) -> Result<(), String> {
    match value {
        Value::Array(values) => values.iter().try_for_each(|value| read(value, listed_as, rows)),
        Value::Object(object) => match listed(object) {
            Some((jobs, kind)) => jobs.iter().try_for_each(|job| read(job, Some(kind), rows)),
            None if azure::is_record(object) => {
                // A vault does more than backups and restores; the rest is no job here.
                rows.extend(azure::record(object).map(|job| judged(job, object)));
                Ok(())
            }
            None if azure::is_row(object) => {
                rows.push(judged(azure::row(object), object));
                Ok(())
            }
            None => {
                rows.push(row(object, listed_as)?);
                Ok(())
            }
        },
        other => Err(format!("{} is no job; {ACCEPTED}", short(other))),
    }
}

/// The jobs of a list call's answer.
fn listed(document: &Map<String, Value>) -> Option<(&Vec<Value>, JobKind)> {
    let lists = [("BackupJobs", JobKind::Backup), ("CopyJobs", JobKind::Copy), ("RestoreJobs", JobKind::Restore)];
    lists.into_iter().find_map(|(member, kind)| Some((document.get(member)?.as_array()?, kind)))
}

const MEMBERS_OF_A_JOB: [&str; 8] =
    ["BackupJobId", "CopyJobId", "RestoreJobId", "StatusMessage", "State", "Status", "message", "status_message"];

fn row(object: &Map<String, Value>, listed_as: Option<JobKind>) -> Result<Row, String> {
    if object.contains_key("detail-type") {
        return Err(format!("this is an event, which make run reads; {ACCEPTED}"));
    }
    if !MEMBERS_OF_A_JOB.iter().any(|member| object.contains_key(*member)) {
        let members: Vec<&str> = object.keys().take(3).map(String::as_str).collect();
        return Err(format!("an object with the members \"{}\" is no job; {ACCEPTED}", members.join("\", \"")));
    }
    let text = |names: &[&str]| -> Result<Option<String>, String> {
        for name in names {
            match object.get(*name) {
                None | Some(Value::Null) => {}
                Some(Value::String(text)) => return Ok(Some(text.clone())),
                Some(other) => return Err(format!("the member \"{name}\" of a job is {}, not a text", short(other))),
            }
        }
        Ok(None)
    };
    let kind = match listed_as {
        Some(kind) => kind,
        None => match text(&["job", "job_type"])?.map(|word| word.to_ascii_lowercase()) {
            None if object.contains_key("CopyJobId") => JobKind::Copy,
            None if object.contains_key("RestoreJobId") => JobKind::Restore,
            None => JobKind::Backup,
            Some(word) => JobKind::ALL
                .into_iter()
                .find(|kind| kind.as_str() == word)
                .ok_or_else(|| format!("there is no job kind \"{word}\""))?,
        },
    };
    let id = text(&["BackupJobId", "CopyJobId", "RestoreJobId", "id"])?.unwrap_or_default();
    let state = text(&["state", "State", "Status", "status"])?.unwrap_or_else(|| "FAILED".to_owned());
    let mut job = Job::new(kind, id, JobState::parse(&state));
    job.message = text(&["message", "StatusMessage", "status_message"])?.unwrap_or_default();
    job.resource_type = text(&["resource_type", "ResourceType"])?.unwrap_or_default();
    job.resource_arn = text(&["resource_arn", "ResourceArn", "SourceResourceArn"])?.unwrap_or_default();
    job.resource_name = text(&["resource_name", "ResourceName"])?;
    job.scope.account = text(&["account", "AccountId"])?.unwrap_or_default();
    job.scope.region = text(&["region"])?.unwrap_or_default();
    job.role = text(&["role_arn", "IamRoleArn"])?.map(Into::into);
    job.vault = text(&["vault_arn", "BackupVaultArn", "SourceBackupVaultArn"])?.map(Into::into);
    job.destination = text(&["destination_vault_arn", "DestinationBackupVaultArn"])?.map(Into::into);
    job.encryption_key_arn = text(&["EncryptionKeyArn"])?;
    if job.scope.region.is_empty() {
        // A list call is made in one Region and does not repeat it; the vault's ARN does.
        let arns = [job.vault_arn().map(str::to_owned), Some(job.resource_arn.clone())];
        let region = arns.into_iter().flatten().find_map(|arn| Some(Arn::parse(&arn)?.region.to_owned()));
        job.scope.region = region.unwrap_or_default();
    }
    Ok(judged(job, object))
}

fn judged(job: Job, object: &Map<String, Value>) -> Row {
    let text = |name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
    let origin = text("origin").unwrap_or_else(|| "(none)".to_owned());
    Row { classification: classify(&Symptom::of(&job)), label: text("label"), origin, job }
}

fn short(value: &Value) -> String {
    value.to_string().chars().take(40).collect()
}
