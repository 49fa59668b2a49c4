//! The world of the tests in this folder: one database, one plan, one vault.

use cause::group::group;
use cause::judged::Judged;
use classification::classify::{Symptom, classify};
use classification::identity::RootCauseId;
use jiff::Timestamp;
use job::{CreatedBy, Job, JobKind, JobState, Origin, Scope};
use promise::{Lifecycle, Plan, Rule};

use crate::ledger::Cause;
use crate::rerun::Own;

pub(super) const DB: &str = "arn:aws:rds:eu-west-1:111122223333:db:orders";
pub(super) const VAULT: &str = "arn:aws:backup:eu-west-1:111122223333:backup-vault:main";

pub(super) fn at(text: &str) -> Option<Timestamp> {
    Some(text.parse().unwrap())
}

/// Made by rule `daily` at 01:00, to start by 02:00.
pub(super) fn failure() -> Job {
    Job {
        scope: Scope::aws("111122223333", "eu-west-1"),
        resource_arn: DB.to_owned(),
        resource_type: "RDS".to_owned(),
        role: Some("arn:aws:iam::111122223333:role/Backup".into()),
        vault: Some(VAULT.into()),
        created: at("2026-11-21T01:00:00Z"),
        start_by: at("2026-11-21T02:00:00Z"),
        ended: at("2026-11-21T03:00:00Z"),
        origin: Origin::Rule(CreatedBy {
            plan_id: Some("p-1".to_owned()),
            plan_name: Some("databases".to_owned()),
            rule_id: Some("r-1".to_owned()),
            rule_name: Some("daily".to_owned()),
            rule_schedule: Some("cron(0 1 ? * * *)".to_owned()),
            ..CreatedBy::default()
        }),
        ..Job::new(JobKind::Backup, "j-1", JobState::Failed)
    }
}

/// As it was when the failed job was made: 60 minutes to start, 120 to complete.
pub(super) fn rule() -> Rule {
    Rule {
        id: "r-1".to_owned(),
        name: "daily".to_owned(),
        schedule: Some("cron(0 1 ? * * *)".to_owned()),
        vault_name: "main".to_owned(),
        start_window_minutes: Some(60),
        completion_window_minutes: Some(120),
        lifecycle: days(35),
        ..Rule::default()
    }
}

pub(super) fn plan(rule: Rule) -> Plan {
    Plan { id: "p-1".to_owned(), name: "databases".to_owned(), rules: vec![rule], ..Plan::default() }
}

pub(super) fn days(days: i64) -> Option<Lifecycle> {
    Some(Lifecycle { delete_after_days: Some(days), ..Lifecycle::default() })
}

pub(super) fn vault(arn: &str, least: Option<i64>, most: Option<i64>) -> source::Vault {
    let name = arn.rsplit(':').next().unwrap().to_owned();
    source::Vault {
        name,
        arn: arn.to_owned(),
        min_retention_days: least,
        max_retention_days: most,
        ..source::Vault::default()
    }
}

pub(super) fn own(vaults: Result<Vec<source::Vault>, String>) -> Own {
    Own { account: "111122223333".into(), region: "eu-west-1".into(), retention_days: 7, vaults }
}

/// What these jobs failed of, by the words of the first.
pub(super) fn cause(failures: Vec<Job>) -> Cause {
    let job = failures.first().unwrap();
    let classification = classify(&Symptom::of(job));
    let id = RootCauseId::of(job, &classification);
    let judged = |job| Judged { job, classification: classification.clone(), cause: id.clone() };
    group(failures.into_iter().map(judged)).remove(0)
}
