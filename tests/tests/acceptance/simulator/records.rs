//! An account that is given as records answers what they say, as far as its clock has come.

use serde_json::{Value, json};
use tests::world::Records;
use tests::{Simulator, World};

use super::{at, get};

/// A database that is backed up each night, on the third of them still.
fn account() -> Simulator {
    let job = |id: &str, created: &str, state: &str, more: Value| {
        let mut job = json!({
            "BackupJobId": id, "State": state, "ResourceArn": "arn:aws:rds:eu-west-1:111122223333:db:orders", "ResourceType": "RDS",
            "BackupVaultName": "production", "BackupVaultArn": "arn:aws:backup:eu-west-1:111122223333:backup-vault:production",
            "IamRoleArn": "arn:aws:iam::111122223333:role/BackupRole", "CreationDate": created, "StartBy": "2026-11-21T00:00:00Z"
        });
        let members = more.as_object().unwrap().clone();
        job.as_object_mut().unwrap().extend(members);
        job
    };
    let point = |id: &str| format!("arn:aws:backup:eu-west-1:111122223333:recovery-point:{id}");
    let records: Records = serde_json::from_value(json!({
        "id": "111122223333",
        "region": "eu-west-1",
        "backup_jobs": [
            job("OLD", "2026-10-01T01:00:00Z", "COMPLETED", json!({"CompletionDate": "2026-10-01T01:30:00Z", "RecoveryPointArn": point("OLD")})),
            job("GOOD", "2026-11-18T01:00:00Z", "COMPLETED", json!({"CompletionDate": "2026-11-18T03:00:00Z", "RecoveryPointArn": point("GOOD")})),
            job("BAD-{i}", "2026-11-19T01:00:00Z", "FAILED", json!({"CompletionDate": "2026-11-19T01:05:00Z", "StatusMessage": "No.", "repeat": 2})),
            job("LATE", "2026-11-20T01:00:00Z", "COMPLETED", json!({
                "InitiationDate": "2026-11-20T05:00:00Z", "CompletionDate": "2026-11-20T09:00:00Z", "StatusMessage": "Yes.", "RecoveryPointArn": point("LATE")
            }))
        ],
        "recovery_points_gone": [point("OLD")]
    }))
    .unwrap();
    Simulator::start(World::from_records(records))
}

/// Id and state of each job that is listed.
fn listed(simulator: &Simulator, now: &str) -> Vec<(String, String)> {
    simulator.with_world(|world| world.clock = at(now));
    let jobs = get(simulator, "/backup-jobs").1["BackupJobs"].as_array().unwrap().clone();
    let text = |job: &Value, member: &str| job[member].as_str().unwrap().to_owned();
    jobs.iter().map(|job| (text(job, "BackupJobId"), text(job, "State"))).collect()
}

#[test]
fn a_job_is_what_its_dates_say() {
    let simulator = account();
    let of = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(id, state)| ((*id).to_owned(), (*state).to_owned())).collect()
    };
    let bad = [("BAD-00", "FAILED"), ("BAD-01", "FAILED"), ("GOOD", "COMPLETED")];
    assert_eq!(listed(&simulator, "2026-10-15T00:00:00Z"), of(&[("OLD", "COMPLETED")]));
    assert_eq!(listed(&simulator, "2026-11-19T02:00:00Z"), of(&bad), "one is ahead, one is gone from the record");
    let with = |state| of(&[&[("LATE", state)], &bad[..]].concat());
    assert_eq!(listed(&simulator, "2026-11-20T04:00:00Z"), with("CREATED"));
    assert_eq!(listed(&simulator, "2026-11-20T06:00:00Z"), with("RUNNING"));
    let running = get(&simulator, "/backup-jobs/LATE").1;
    let known = ["StatusMessage", "RecoveryPointArn", "CompletionDate"].map(|member| running.get(member).is_some());
    assert_eq!(known, [false; 3], "{running}");
    assert_eq!(running["InitiationDate"], at("2026-11-20T05:00:00Z").as_second() as f64);
    assert_eq!(listed(&simulator, "2026-11-20T10:00:00Z"), with("COMPLETED"));
    assert_eq!(get(&simulator, "/backup-jobs/LATE").1["StatusMessage"], "Yes.");
}

#[test]
fn recovery_points_come_of_jobs_that_completed_and_a_resource_is_as_old_as_its_last() {
    let simulator = account();
    let resource = "/resources/arn%3Aaws%3Ards%3Aeu-west-1%3A111122223333%3Adb%3Aorders";
    for (now, points, last) in [
        ("2026-10-15T00:00:00Z", &[][..], "2026-10-01T01:30:00Z"),
        ("2026-11-18T02:00:00Z", &[], "2026-10-01T01:30:00Z"),
        ("2026-11-20T06:00:00Z", &["GOOD"], "2026-11-18T03:00:00Z"),
        ("2026-11-20T10:00:00Z", &["LATE", "GOOD"], "2026-11-20T09:00:00Z"),
    ] {
        simulator.with_world(|world| world.clock = at(now));
        let listed = get(&simulator, &format!("{resource}/recovery-points")).1;
        let arns: Vec<&str> = listed["RecoveryPoints"]
            .as_array()
            .unwrap()
            .iter()
            .map(|point| point["RecoveryPointArn"].as_str().unwrap())
            .collect();
        let names: Vec<&str> = arns.iter().map(|arn| arn.rsplit(':').next().unwrap()).collect();
        assert_eq!(names, points, "at {now}");
        assert_eq!(get(&simulator, resource).1["LastBackupTime"], at(last).as_second() as f64, "at {now}");
    }
}

#[test]
fn a_member_that_nobody_reads_is_a_mistake() {
    let records = |more: &str| format!("{{\"id\": \"111122223333\", \"region\": \"eu-west-1\"{more}}}");
    assert!(serde_json::from_str::<Records>(&records("")).is_ok());
    assert!(serde_json::from_str::<Records>(&records(", \"copyjobs\": []")).is_err());
}
