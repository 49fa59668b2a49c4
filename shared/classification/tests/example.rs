//! The example `classify`: what it reads, what it refuses in one sentence, and that a closed pipe is no failure.

#![expect(clippy::unwrap_used, reason = "a test may stop where its own data is wrong")]

#[path = "../examples/classify/azure.rs"]
mod azure;
#[path = "../examples/classify/read.rs"]
mod read;
#[path = "../examples/classify/tell.rs"]
mod tell;

fn said(text: &str, tell: fn(&mut Vec<u8>, &[read::Row]) -> std::io::Result<()>) -> Result<String, String> {
    let rows = read::rows(text)?;
    let mut out = Vec::new();
    tell(&mut out, &rows).unwrap();
    Ok(String::from_utf8(out).unwrap())
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
        assert_eq!(read::rows(&text).unwrap().len(), jobs, "{text}");
    }
}

#[test]
fn what_is_no_job_is_refused_in_one_sentence() {
    for (text, what) in [
        ("JobId,State\n1,FAILED", "this is not JSON"),
        ("{\"BackupJobs\": [{\"BackupJobId\": \"1\"", "this JSON is broken"),
        ("{\"BackupJobSummaries\": []}", "an object with the members \"BackupJobSummaries\" is no job"),
        ("{\"foo\": 1}", "an object with the members \"foo\" is no job"),
        ("{\"detail-type\": \"Backup Job State Change\", \"detail\": {}}", "this is an event"),
        ("17", "17 is no job"),
        ("{\"StatusMessage\": 17}", "the member \"StatusMessage\" of a job is 17"),
    ] {
        let error = read::rows(text).err().unwrap();
        assert!(error.starts_with(what) && error.lines().count() == 1, "{text}: {error}");
    }
}

#[test]
fn a_line_names_its_job() {
    let lines = said(JOB, tell::lines).unwrap();
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
    let lines = said(&format!("[{failed}, {good}, {other}]{row}"), tell::lines).unwrap();
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
    assert_eq!(said(&good, tell::count).unwrap(), "no jobs that ended badly, of 1\n");
}

#[test]
fn counts_have_a_heading_titles_and_a_total_and_show_what_is_unknown() {
    let unknown = r#"{"BackupJobId": "2", "State": "FAILED", "StatusMessage": "The moon was full"}"#;
    let good = r#"{"BackupJobId": "3", "State": "COMPLETED"}"#;
    insta::assert_snapshot!(said(&format!("{JOB}{JOB}{unknown}{good}"), tell::count).unwrap());
    assert_eq!(said("", tell::count).unwrap(), "no jobs\n");
    assert_eq!(said(good, tell::count).unwrap(), "no jobs that ended badly, of 1\n");
}

#[test]
fn scores_are_of_rows_with_a_label() {
    let row = r#"{"id": "a", "message": "Access Denied", "label": "kms-policy-denied", "origin": "variant"}"#;
    let score = said(row, tell::score).unwrap();
    assert!(score.contains("kms-policy-denied -> access-denied-unspecified: a"), "{score}");
    assert_eq!(said(JOB, tell::score).unwrap(), "no jobs with a label\n");
}
