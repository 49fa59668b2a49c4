use cause::judged::Judged;
use jiff::SignedDuration;
use job::{JobKind, JobState};
use promise::BackupOrder;

use super::*;
use crate::ledger::Ledger;
use crate::rerun::Order;
use cause::stuck::Habits;

const NOW: &str = "2026-11-21T03:45:00Z";

fn failure(id: &str, message: &str) -> Job {
    Job {
        message: message.into(),
        resource_arn: "arn:aws:rds:eu-west-1:111122223333:db:orders".into(),
        resource_type: "RDS".into(),
        ended: Some("2026-11-21T01:12:00Z".parse().unwrap()),
        ..Job::new(JobKind::Backup, id, JobState::Failed)
    }
}

#[test]
fn the_lines_of_a_rerun_have_their_members_in_order() {
    let ledger = Ledger::new(vec![failure("1", "Access denied to KMS key.")], Vec::new());
    let cause = ledger.causes().remove(0);
    let id = cause.id.as_str();
    let rerun = Rerun {
        resource_arn: "arn:orders".into(),
        resource_type: "RDS".into(),
        kind: JobKind::Backup,
        aim: Aim::Proof { attempt: 2 },
        order: Order::Aws(promise::Order::Backup(BackupOrder {
            resource_arn: "arn:orders".into(),
            vault_name: "production".into(),
            air_gapped_vault_arn: None,
            role_arn: "arn:role".into(),
            token: "night-one-1".into(),
            start_window_minutes: 61,
            completion_window_minutes: None,
            lifecycle: None,
            tags: std::collections::BTreeMap::new(),
            options: std::collections::BTreeMap::new(),
        })),
    };
    assert_eq!(
        log::line("rerun_started", &started(&cause, &rerun, Some("r-1"), "It is\nfixed.")),
        format!(
            r#"{{"record":"rerun_started","root_cause_id":"{id}","root_cause_class":"kms-policy-denied","attempt":2,"job_id":"r-1","job_type":"backup","resource_arn":"arn:orders","resource_type":"RDS","vault":"production","role_arn":"arn:role","token":"night-one-1","reason":"It is fixed."}}"#
        )
    );
    let job = Job { resource_arn: "arn:orders".into(), ..failure("r-1", "Flux\ncapacitor") };
    let other = Judged::new(job.clone()).cause;
    let line = |failed_of| log::line("rerun_outcome", &ended(&cause.id, 2, &job, RerunOutcome::Failed, failed_of));
    let expected = |new: &str| {
        format!(
            r#"{{"record":"rerun_outcome","root_cause_id":"{id}","attempt":2,"job_id":"r-1","state":"FAILED","outcome":"failed","resource_arn":"arn:orders","recovery_point_arn":null,"message":"Flux capacitor","new_root_cause_id":{new},"announced_by":"verify"}}"#
        )
    };
    assert_eq!(line(Some(&other)), expected(&format!("\"{other}\"")));
    assert_eq!(line(Some(&cause.id)), expected("null"));
}

#[test]
fn the_answer_names_the_cause_and_what_was_looked_at() {
    let ledger = Ledger::new(vec![failure("1", "Access denied to KMS key.")], Vec::new());
    let cause = ledger.causes().remove(0);
    let now: Timestamp = NOW.parse().unwrap();
    let standing = Standing::of(&cause, &ledger, &[], &Habits::new(SignedDuration::from_hours(4)), now).unwrap();
    let probe = Probe {
        verdict: Verdict::NotFixed,
        sentence: "It denies.".into(),
        evidence: vec!["The key is usable.".into()],
        could_not_read: vec!["Grants.".into()],
        found: None,
    };
    let summary = Summary {
        root_causes: vec![CauseLine::new(
            &cause,
            &standing,
            Some(&probe),
            (Status::Waiting, "Not fixed: it denies."),
            now,
        )],
        started: 0,
        announced: 0,
        stuck: 0,
        unknown_claims: Vec::new(),
        stops: Vec::new(),
        catch_up: Vec::new(),
        mode: VerifyMode::DryRun,
        dry_run: true,
        coverage: Coverage::of(vec!["backup:ListCopyJobs denied".into()]),
    };
    let id = cause.id.as_str();
    assert_eq!(
        log::line("verify_summary", &summary),
        format!(
            r#"{{"record":"verify_summary","root_causes":[{{"id":"{id}","class":"kms-policy-denied","status":"waiting","verdict":"not-fixed","reason":"Not fixed: it denies.","jobs":1,"resources":1,"evidence":["The key is usable.","Could not be read: Grants."],"attempts":0,"since":"2026-11-21T01:12:00Z","incident_id":"{id}-20261121"}}],"started":0,"announced":0,"stuck":0,"unknown_claims":[],"mode":"dry-run","dry_run":true,"coverage":{{"complete":false,"errors":["backup:ListCopyJobs denied"]}}}}"#
        )
    );
}
