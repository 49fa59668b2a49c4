//! Classifies messages from a file or standard input: one JSON object a line, or the answer of `aws backup list-backup-jobs`
//! (or `list-copy-jobs`, `list-restore-jobs`). Prints one JSON line for each, in the same order.
//!
//!     cargo run -p classification --example classify -- [--count|--score] [FILE]

use classification::class::Class;
use classification::classify::{Classification, Confidence, Symptom, classify};
use classification::identity::RootCauseId;
use job::Arn;
use job::{Job, JobKind, JobState};
use serde_json::{Map, Value, json};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // A reader that has seen enough (`| head`) is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("classify: {error}");
            ExitCode::FAILURE
        }
    }
}

/// `false` when some line could not be read.
fn run() -> io::Result<bool> {
    let mut mode = None;
    let mut file = None;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--count" | "--score" if mode.is_none() => mode = Some(argument),
            other if other.starts_with("--") || file.is_some() => {
                return Err(io::Error::other(format!(
                    "unexpected argument {other}; usage: classify [--count|--score] [FILE]"
                )));
            }
            _ => file = Some(argument),
        }
    }
    let text = match file.as_deref() {
        None | Some("-") => {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text)?;
            text
        }
        Some(path) => std::fs::read_to_string(path).map_err(|error| io::Error::other(format!("{path}: {error}")))?,
    };

    let rows = rows(&text);
    let mut good = true;
    for row in &rows {
        if let Row::Bad { line, error } = row {
            eprintln!("classify: line {line}: {error}");
            good = false;
        }
    }
    let mut out = io::stdout().lock();
    match mode.as_deref() {
        Some("--count") => count(&mut out, &rows)?,
        Some("--score") => score(&mut out, &rows)?,
        _ => {
            for row in &rows {
                writeln!(out, "{}", answer(row))?;
            }
        }
    }
    Ok(good)
}

enum Row {
    Job { job: Box<Job>, classification: Classification, label: Option<String>, origin: String, name: String },
    Bad { line: usize, error: String },
}

fn rows(text: &str) -> Vec<Row> {
    // The answer of a list call is one JSON document over many lines; its items have no line of their own to blame.
    if let Ok(Value::Object(document)) = serde_json::from_str(text)
        && let Some(jobs) = listed(&document)
    {
        return jobs;
    }
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .flat_map(|(number, line)| match serde_json::from_str(line) {
            Ok(Value::Object(object)) => listed(&object).unwrap_or_else(|| vec![row(number + 1, &object, None)]),
            Ok(_) => vec![Row::Bad { line: number + 1, error: "not a JSON object".to_owned() }],
            Err(error) => vec![Row::Bad { line: number + 1, error: error.to_string() }],
        })
        .collect()
}

/// The jobs of a list call's answer.
fn listed(document: &Map<String, Value>) -> Option<Vec<Row>> {
    let lists = [("BackupJobs", JobKind::Backup), ("CopyJobs", JobKind::Copy), ("RestoreJobs", JobKind::Restore)];
    let (jobs, kind) = lists.iter().find_map(|(member, kind)| Some((document.get(*member)?.as_array()?, *kind)))?;
    Some(
        jobs.iter()
            .enumerate()
            .map(|(number, job)| match job {
                Value::Object(job) => row(number + 1, job, Some(kind)),
                _ => Row::Bad { line: number + 1, error: "a listed job is not a JSON object".to_owned() },
            })
            .collect(),
    )
}

fn row(line: usize, object: &Map<String, Value>, listed_as: Option<JobKind>) -> Row {
    let text = |names: &[&str]| -> Result<Option<String>, String> {
        for name in names {
            match object.get(*name) {
                None | Some(Value::Null) => {}
                Some(Value::String(text)) => return Ok(Some(text.clone())),
                Some(_) => return Err(format!("\"{name}\" is not a string")),
            }
        }
        Ok(None)
    };
    let read = || -> Result<Row, String> {
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
        let mut job = Job::new(kind, id.clone(), JobState::parse(&state));
        job.message = text(&["message", "StatusMessage", "status_message"])?.unwrap_or_default();
        job.resource_type = text(&["resource_type", "ResourceType"])?.unwrap_or_default();
        job.resource_arn = text(&["resource_arn", "ResourceArn", "SourceResourceArn"])?.unwrap_or_default();
        job.resource_name = text(&["resource_name", "ResourceName"])?;
        job.account = text(&["account", "AccountId"])?.unwrap_or_default();
        job.region = text(&["region"])?.unwrap_or_default();
        job.role_arn = text(&["role_arn", "IamRoleArn"])?;
        job.vault_arn = text(&["vault_arn", "BackupVaultArn", "SourceBackupVaultArn"])?;
        job.destination_vault_arn = text(&["destination_vault_arn", "DestinationBackupVaultArn"])?;
        job.encryption_key_arn = text(&["EncryptionKeyArn"])?;
        if job.region.is_empty() {
            // A list call is made in one Region and does not repeat it; the vault's ARN does.
            let arns = [job.vault_arn.as_deref(), Some(job.resource_arn.as_str())];
            job.region =
                arns.into_iter().flatten().find_map(|arn| Some(Arn::parse(arn)?.region)).unwrap_or_default().to_owned();
        }
        let classification = classify(&Symptom::of(&job));
        let origin = text(&["origin"])?.unwrap_or_else(|| "(none)".to_owned());
        Ok(Row::Job { job: Box::new(job), classification, label: text(&["label"])?, origin, name: id })
    };
    read().unwrap_or_else(|error| Row::Bad { line, error })
}

fn answer(row: &Row) -> Value {
    match row {
        Row::Job { job, classification, .. } => json!({
            "class": classification.class.id(),
            "confidence": classification.confidence.as_str(),
            "root_cause_id": RootCauseId::of(job, classification).to_string(),
            "fingerprint": classification.fingerprint,
        }),
        Row::Bad { .. } => json!({
            "class": Class::Unknown.id(),
            "confidence": Confidence::Unknown.as_str(),
            "root_cause_id": null,
            "fingerprint": null,
        }),
    }
}

fn count(out: &mut impl Write, rows: &[Row]) -> io::Result<()> {
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for row in rows {
        let (class, id) = match row {
            // A list call answers with good jobs, too: those are no fault of anybody.
            Row::Job { job, .. } if !job.is_bad() => continue,
            Row::Job { job, classification, .. } => {
                (classification.class.id(), RootCauseId::of(job, classification).to_string())
            }
            Row::Bad { .. } => ("(unreadable)", "-".to_owned()),
        };
        *counts.entry((class.to_owned(), id)).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| Reverse(*count));
    for ((class, id), count) in counts {
        writeln!(out, "{count:>7}  {class:<28} {id}")?;
    }
    Ok(())
}

fn score(out: &mut impl Write, rows: &[Row]) -> io::Result<()> {
    let mut origins: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    let mut confusion: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for row in rows {
        let Row::Job { classification, label: Some(label), origin, name, .. } = row else { continue };
        let got = classification.class.id();
        let (right, abstained, all) = origins.entry(origin).or_default();
        *all += 1;
        if got == label {
            *right += 1;
        } else {
            confusion.entry((label, got)).or_default().push(name);
            if matches!(classification.class, Class::Unknown | Class::AccessDeniedUnspecified) {
                *abstained += 1;
            }
        }
    }
    writeln!(out, "origin                   right  wrong  abstained  accuracy")?;
    let total = origins.values().fold((0, 0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1, sum.2 + one.2));
    for (origin, (right, abstained, all)) in origins.into_iter().chain([("all", total)]) {
        let wrong = all - right - abstained;
        let percent = if all == 0 { 0.0 } else { right as f64 * 100.0 / all as f64 };
        writeln!(out, "{origin:<24} {right:>5}  {wrong:>5}  {abstained:>9}  {percent:>7.1}%")?;
    }
    writeln!(out, "\nlabel -> answer, where they differ")?;
    for ((label, got), names) in confusion {
        writeln!(out, "{:>5}  {label} -> {got}: {}", names.len(), names.join(" "))?;
    }
    Ok(())
}
