//! Jobs from any stream of JSON values.

use std::io::{self, BufReader, Read};

use crate::azure;
use classification::classify::{Classification, Symptom, classify};
use jiff::Timestamp;
use job::{Arn, Job, JobKind, JobState};
use serde_json::error::Category;
use serde_json::{Map, Value};

/// What can be read, for those who gave something else.
pub(crate) const ACCEPTED: &str = "accepted are jobs and events as JSON objects, one after another or in an array, the answers of aws backup \
                                   list-backup-jobs, list-copy-jobs and list-restore-jobs, and of az backup job list and az dataprotection job list";

/// A job with its class, and what the corpus says about it.
pub(crate) struct Row {
    pub(crate) job: Job,
    pub(crate) classification: Classification,
    pub(crate) label: Option<String>,
    pub(crate) origin: String,
}

/// Hands over each job as soon as it is read, and what is no job as a sentence that says what it is instead.
///
/// # Errors
/// For an input that is no JSON from some place on: what stands before it was handed over. And the first error of `take`.
pub(crate) fn each(input: impl Read, mut take: impl FnMut(Result<Row, String>) -> io::Result<()>) -> io::Result<()> {
    let mut started = false;
    for value in serde_json::Deserializer::from_reader(BufReader::new(input)).into_iter::<Value>() {
        let value = value.map_err(|error| match error.classify() {
            Category::Io => io::Error::other(format!("the input cannot be read: {error}; {ACCEPTED}")),
            _ if !started && error.line() <= 1 && error.column() <= 1 => {
                io::Error::other(format!("this is not JSON ({error}); {ACCEPTED}"))
            }
            _ => io::Error::other(format!("this JSON is broken ({error}); {ACCEPTED}")),
        })?;
        started = true;
        read(&value, None, &mut take)?;
    }
    Ok(())
}

fn read(
    value: &Value,
    listed_as: Option<JobKind>,
    take: &mut impl FnMut(Result<Row, String>) -> io::Result<()>,
) -> io::Result<()> {
    match value {
        Value::Array(values) => values.iter().try_for_each(|value| read(value, listed_as, take)),
        Value::Object(object) => match listed(object) {
            Some((jobs, kind)) => jobs.iter().try_for_each(|job| read(job, Some(kind), take)),
            None if azure::is_record(object) => {
                // A vault does more than backups and restores; the rest is no job here.
                azure::record(object).map_or(Ok(()), |job| take(Ok(judged(job, object))))
            }
            None if azure::is_row(object) => take(Ok(judged(azure::row(object), object))),
            None => match event(object) {
                Some(row) => take(row),
                None => take(row(object, listed_as)),
            },
        },
        other => take(Err(format!("{} is no job; {ACCEPTED}", short(other)))),
    }
}

/// An event of EventBridge: its detail is the job, and its envelope says where that ran. `None`: it is no event.
fn event(event: &Map<String, Value>) -> Option<Result<Row, String>> {
    let detail_type = event.get("detail-type")?.as_str().unwrap_or_default();
    let kind = match detail_type {
        "Backup Job State Change" => JobKind::Backup,
        "Copy Job State Change" => JobKind::Copy,
        "Restore Job State Change" => JobKind::Restore,
        other => return Some(Err(format!("an event \"{other}\" tells of no job; {ACCEPTED}"))),
    };
    let Some(detail) = event.get("detail").and_then(Value::as_object) else {
        return Some(Err(format!("this event has no detail; {ACCEPTED}")));
    };
    let mut detail = detail.clone();
    for member in ["account", "region"] {
        detail.extend(event.get(member).map(|value| (member.to_owned(), value.clone())));
    }
    // FAILED events carry no date of their end.
    if let (false, Some(time)) = (detail.contains_key("completionDate"), event.get("time")) {
        detail.insert("completionDate".to_owned(), time.clone());
    }
    Some(row(&detail, Some(kind)))
}

/// The jobs of a list call's answer.
fn listed(document: &Map<String, Value>) -> Option<(&Vec<Value>, JobKind)> {
    let lists = [("BackupJobs", JobKind::Backup), ("CopyJobs", JobKind::Copy), ("RestoreJobs", JobKind::Restore)];
    lists.into_iter().find_map(|(member, kind)| Some((document.get(member)?.as_array()?, kind)))
}

const MEMBERS_OF_A_JOB: [&str; 8] =
    ["BackupJobId", "CopyJobId", "RestoreJobId", "StatusMessage", "State", "Status", "message", "status_message"];

/// A member of the API, or of an event, which begins in lower case.
fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| {
        let mut letters = name.chars();
        let first = letters.next()?.to_ascii_lowercase();
        object.get(&format!("{first}{}", letters.as_str()))
    })
}

fn row(object: &Map<String, Value>, listed_as: Option<JobKind>) -> Result<Row, String> {
    if !MEMBERS_OF_A_JOB.iter().any(|name| member(object, name).is_some()) {
        let members: Vec<&str> = object.keys().take(3).map(String::as_str).collect();
        return Err(format!("an object with the members \"{}\" is no job; {ACCEPTED}", members.join("\", \"")));
    }
    let text = |names: &[&str]| -> Result<Option<String>, String> {
        for name in names {
            match member(object, name) {
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
            None if member(object, "CopyJobId").is_some() => JobKind::Copy,
            None if member(object, "RestoreJobId").is_some() => JobKind::Restore,
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
    job.created = member(object, "CreationDate").and_then(instant);
    job.ended = member(object, "CompletionDate").and_then(instant);
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

/// The CLI prints dates with their zone or, as version 1 did, in seconds since 1970.
fn instant(value: &Value) -> Option<Timestamp> {
    let read = match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(seconds) => Timestamp::from_millisecond((seconds.as_f64()? * 1000.0) as i64).ok(),
        _ => None,
    };
    read.and_then(job::believable)
}

fn short(value: &Value) -> String {
    value.to_string().chars().take(40).collect()
}
