//! The example `classify`: what it reads, what it refuses in one sentence, and that a closed pipe is no failure.

use crate::{read, tell, why};

/// All jobs of a text, or the first sentence about what is none.
fn rows(text: &str) -> Result<Vec<read::Row>, String> {
    let mut rows = Vec::new();
    let read = read::each(text.as_bytes(), |row| row.map(|row| rows.push(row)).map_err(std::io::Error::other));
    read.map(|()| rows).map_err(|error| error.to_string())
}

fn lines(text: &str) -> String {
    let mut out = Vec::new();
    rows(text).unwrap().iter().for_each(|row| tell::line(&mut out, row).unwrap());
    String::from_utf8(out).unwrap()
}

fn score(text: &str) -> String {
    let mut out = Vec::new();
    tell::score(&mut out, &rows(text).unwrap()).unwrap();
    String::from_utf8(out).unwrap()
}

/// What people read, and the exit code.
fn why(text: &str) -> (String, u8) {
    let (mut why, mut out) = (why::Why::default(), Vec::new());
    let broken = read::each(text.as_bytes(), |row| {
        why.take(row);
        Ok(())
    });
    broken.unwrap();
    why.tell(&mut out).unwrap();
    (String::from_utf8(out).unwrap(), why.code())
}

const JOB: &str = r#"{"BackupJobId": "1", "State": "FAILED", "StatusMessage": "Access Denied"}"#;

#[test]
fn any_stream_of_values_is_read() {
    let pretty = JOB.replace(", ", ",\n  ");
    for (text, jobs) in [
        (JOB.to_owned(), 1),
        (format!("{JOB}\n{JOB}\n"), 2),
        (format!("[{JOB}, {JOB}]"), 2),
        (format!("{pretty}\n{pretty}"), 2),
        (format!("{{\"BackupJobs\": [{JOB}]}}\n{{\"CopyJobs\": [{pretty}, {JOB}]}}"), 3),
        (String::new(), 0),
        ("{\"BackupJobs\": []}".to_owned(), 0),
    ] {
        assert_eq!(rows(&text).unwrap().len(), jobs, "{text}");
    }
}

#[test]
fn what_is_no_job_is_refused_in_one_sentence() {
    for (text, what) in [
        ("JobId,State\n1,FAILED", "this is not JSON"),
        ("{\"BackupJobs\": [{\"BackupJobId\": \"1\"", "this JSON is broken"),
        ("{\"BackupJobSummaries\": []}", "an object with the members \"BackupJobSummaries\" is no job"),
        ("{\"foo\": 1}", "an object with the members \"foo\" is no job"),
        ("{\"detail-type\": \"Backup Job State Change\", \"detail\": {}}", "an object with the members"),
        ("17", "17 is no job"),
        ("{\"StatusMessage\": 17}", "the member \"StatusMessage\" of a job is 17"),
    ] {
        let error = rows(text).err().unwrap();
        assert!(error.starts_with(what) && error.lines().count() == 1, "{text}: {error}");
    }
}

#[test]
fn a_line_names_its_job() {
    let lines = lines(JOB);
    let line: serde_json::Value = serde_json::from_str(&lines).unwrap();
    assert_eq!((line["job"].as_str(), line["class"].as_str()), (Some("1"), Some("access-denied-unspecified")));
}

/// A row of a corpus, and what `az backup job list -o json` prints.
#[test]
fn jobs_of_azure_are_read() {
    let id = "/subscriptions/S/resourceGroups/rg/providers/Microsoft.RecoveryServices/vaults/v/backupJobs/J-1";
    let record = |properties: &str| format!(r#"{{"id": "{id}", "name": "J-1", "properties": {{{properties}}}}}"#);
    let failed = record(
        r#""backupManagementType": "AzureIaasVM", "entityFriendlyName": "vm-1", "operation": "Backup", "status": "Failed",
           "errorDetails": [{"errorCode": 320001, "errorTitle": "vm-1", "errorString": "No longer there.", "recommendations": []}]"#,
    );
    let good = record(
        r#""backupManagementType": "AzureIaasVM", "operation": "Backup", "status": "Completed", "errorDetails": null"#,
    );
    let other = record(r#""operation": "ConfigureBackup", "status": "Failed""#);
    let row = r#"{"id": "a-1", "provider": "azure", "job": "backup", "state": "FAILED", "resource_type": "AzureIaasVM",
                  "code": "VmNotInDesirableState", "message": "VmNotInDesirableState: It is off."}"#;
    let lines = lines(&format!("[{failed}, {good}, {other}]{row}"));
    let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |at: usize, name: &str| lines[at][name].as_str().unwrap_or_default().to_owned();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!(
        (of(0, "job"), of(0, "class"), of(0, "rung")),
        ("J-1".into(), "resource-not-found".into(), "number".into())
    );
    assert_eq!(
        (of(2, "class"), of(2, "rung"), of(2, "transient")),
        ("resource-state".into(), "name".into(), "no".into())
    );
    assert_eq!(why(&good), ("no jobs that ended badly, of 1\n".to_owned(), 0));
}

#[test]
fn people_read_causes_with_times_a_sentence_and_the_fix_and_the_unknown_in_full() {
    let job = |number: usize, rest: &str| {
        format!(
            r#"{{"BackupJobId": "{number}", "State": "FAILED", "ResourceArn": "arn:aws:rds:eu-west-1:111122223333:db:orders-{}",
                 "CompletionDate": "2026-11-2{number}T02:05:00+01:00", "ResourceType": "RDS", {rest}}}"#,
            number % 2
        )
    };
    let role = r#""StatusMessage": "IAM Role arn:aws:iam::111122223333:role/Nightly cannot be assumed by AWS Backup""#;
    let unknown = format!(r#""StatusMessage": "The moon was full {}""#, "and round ".repeat(30));
    let good = r#"{"BackupJobId": "9", "State": "COMPLETED"}"#;
    let text = [job(1, role), job(2, role), job(3, role), job(4, &unknown), good.to_owned()].concat();
    let (told, code) = why(&text);
    assert_eq!(code, 3, "{told}");
    insta::assert_snapshot!(told);
}

#[test]
fn a_script_can_tell_what_came_of_it() {
    let role = r#"{"State": "FAILED", "StatusMessage": "IAM Role arn:aws:iam::111122223333:role/Nightly cannot be assumed by AWS Backup"}"#;
    let table = [
        ("", 0, "no jobs\n"),
        (r#"{"BackupJobId": "3", "State": "COMPLETED"}"#, 0, "no jobs that ended badly, of 1\n"),
        (role, 1, "1 of 1 job ends badly, of 1 root cause.\n"),
        (r#"{"State": "FAILED", "StatusMessage": "The moon was full"}"#, 3, "No rule knows"),
        (
            &format!("{role}{{\"foo\": 1}}"),
            2,
            "1 value in the input is no job. The first: an object with the members \"foo\" is no job",
        ),
    ];
    for (text, code, says) in table {
        let (told, found) = why(text);
        assert!(found == code && told.contains(says), "{text}: {found} {told}");
    }
}

#[test]
fn events_are_read_as_eventbridge_sends_them() {
    let event = |detail_type: &str, detail: &str| {
        format!(
            r#"{{"id": "e", "source": "aws.backup", "account": "111122223333", "region": "eu-west-1",
                 "time": "2026-11-21T02:05:00Z", "detail-type": "{detail_type}", "detail": {{{detail}}}}}"#
        )
    };
    let copy =
        event("Copy Job State Change", r#""copyJobId": "c-1", "state": "FAILED", "statusMessage": "Access Denied""#);
    let read = rows(&copy).unwrap();
    let job = &read[0].job;
    assert_eq!((job.kind, job.id.as_str(), job.message.as_str()), (job::JobKind::Copy, "c-1", "Access Denied"));
    assert_eq!(
        (job.scope.to_string(), job.ended),
        ("111122223333/eu-west-1".into(), "2026-11-21T02:05:00Z".parse().ok())
    );
    let vault = event("Backup Vault State Change", "");
    assert!(rows(&vault).err().unwrap().starts_with("an event \"Backup Vault State Change\" tells of no job"));
}

#[test]
fn dates_are_read_as_both_versions_of_the_cli_print_them() {
    let job = |date: &str| format!(r#"{{"BackupJobId": "1", "State": "FAILED", "CreationDate": {date}}}"#);
    let of = |date: &str| rows(&job(date)).unwrap()[0].job.created.map(|at| at.to_string());
    let table = [
        (r#""2026-11-21T02:05:00+01:00""#, Some("2026-11-21T01:05:00Z")),
        ("1795223100.5", Some("2026-11-21T01:05:00.5Z")),
        (r#""yesterday""#, None),
        ("1e300", None),
    ];
    for (date, expected) in table {
        assert_eq!(of(date).as_deref(), expected, "{date}");
    }
}

#[test]
fn scores_are_of_rows_with_a_label() {
    let row = r#"{"id": "a", "message": "Access Denied", "label": "kms-policy-denied", "origin": "variant"}"#;
    let told = score(row);
    assert!(told.contains("kms-policy-denied -> access-denied-unspecified: a"), "{told}");
    assert_eq!(score(JOB), "no jobs with a label\n");
}
