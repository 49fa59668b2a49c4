//! What logs and metrics hold.

use job::{JobKind, JobState};
use report::{Coverage, Source, metrics::report_sent};
use serde_json::{Value, json};

use crate::world::*;

fn bad() -> World {
    World {
        jobs: vec![good("orders", 0), failed("users", 0), failed("users", 1)],
        protected: vec![protected(&db("orders"), night(0)), protected(&db("users"), night(2))],
        ..World::default()
    }
}

fn metrics(world: World) -> Vec<Value> {
    world.judged().metrics().iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn evidence_is_there_for_healthy_rows_too() {
    let report = bad().judged();
    let evidence = lines(&report, "backup_evidence");
    assert_eq!(evidence.len(), 2);
    let orders = evidence.iter().find(|line| line["resource_name"] == "orders").unwrap();
    let expected = json!({
        "record": "backup_evidence",
        "account": "111122223333",
        "region": "eu-west-1",
        "resource_arn": "arn:aws:rds:eu-west-1:111122223333:db:orders",
        "resource_name": "orders",
        "resource_type": "RDS",
        "leg": "backup",
        "vault_arn": VAULT,
        "verdict": "within-objective",
        "not_assessed": null,
        "job_id": "orders-0-completed",
        "start": "2026-11-21T01:00:00Z",
        "end": "2026-11-21T01:20:00Z",
        "recovery_point_arn": "arn:aws:rds:eu-west-1:111122223333:snapshot:awsbackup:orders-0",
        "plan": "nightly",
        "rule": "daily",
        "size_bytes": 1_000_000_000,
        "age_s": 5 * 3_600,
        "objective_s": 32 * 3_600 + 1_200,
        "objective_source": "nightly/daily",
        "owner": null,
        "owner_from": "unknown",
        "exception": null,
    });
    assert_eq!(*orders, expected);
}

#[test]
fn members_keep_their_order() {
    let order = |record: &str| {
        let line = bad().judged().lines().find(|line| line.starts_with(&format!("{{\"record\":\"{record}\""))).unwrap();
        let mut members = Vec::new();
        let mut depth = 0;
        for part in line.split('"') {
            depth += part.matches(['{', '[']).count() as i32 - part.matches(['}', ']']).count() as i32;
            members.push((depth, part.to_owned()));
        }
        let names: Vec<String> = members
            .windows(2)
            .filter(|pair| pair[0].0 == 1 && pair[1].1.starts_with(':'))
            .map(|pair| pair[0].1.clone())
            .collect();
        names.join(" ")
    };
    insta::assert_snapshot!(
        ["rpo_gap", "backup_evidence", "root_cause", "rpo_summary"]
            .map(|record| format!("{record}: {}", order(record)))
            .join("\n")
    );
}

#[test]
fn metrics_go_by_total_type_and_vault_and_never_by_resource() {
    let lines = metrics(bad());
    let dimensions: Vec<&Value> =
        lines.iter().map(|line| &line["_aws"]["CloudWatchMetrics"][0]["Dimensions"]).collect();
    assert_eq!(dimensions, [&json!([[]]), &json!([["ResourceType"]]), &json!([["Vault"]])]);
    let total = &lines[0];
    for (name, value) in [
        ("ResourcesProtected", json!(2)),
        ("ResourcesInBreach", json!(1)),
        ("ResourcesAtRisk", json!(0)),
        ("NeverBackedUp", json!(0)),
        ("NotAssessed", json!(0)),
        ("WorstGapHours", json!(53)),
        ("CopiesInBreach", json!(0)),
        ("OpenRootCauses", json!(1)),
        ("StuckJobs", json!(0)),
        ("JobSuccessRate", json!(50.0)),
        ("Accepted", json!(0)),
        ("RerunsRefused", json!(0)),
        ("CoverageErrors", json!(0)),
        ("SubscriptionsConfirmed", json!(2)),
    ] {
        assert_eq!(total[name], value, "{name}");
        let definitions = total["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
        assert_eq!(definitions.iter().filter(|metric| metric["Name"] == name).count(), 1, "{name}");
    }
    assert_eq!(total["WorstCopyGapHours"], Value::Null, "there are no copies");
    // The dashboard searches for these.
    let of_vault = ["Vault", "ResourcesInBreach", "WorstGapHours"].map(|name| &lines[2][name]);
    assert_eq!(of_vault, [&json!("production"), &json!(1), &json!(53)]);
    for line in &lines {
        assert!(line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap().len() <= 100);
        assert!(!line.to_string().contains("arn:aws:rds"), "{line}");
    }
    let sent: Value = serde_json::from_str(&report_sent(now())).unwrap();
    assert_eq!((&sent["ReportSent"], &sent["_aws"]["Timestamp"]), (&json!(1), &json!(1_795_240_800_000_i64)));
}

#[test]
fn a_rate_that_was_not_measured_is_absent() {
    let mut unread = Coverage::default();
    unread.missed(Source::Jobs(JobKind::Copy, JobState::Failed), "denied");
    let table = [
        World { coverage: unread, ..bad() },
        World { jobs: vec![], ..bad() },
        World { jobs: vec![good("orders", 3)], ..bad() },
    ];
    for world in table {
        assert_eq!(metrics(world)[0]["JobSuccessRate"], Value::Null);
    }
    assert_eq!(metrics(World { subscriptions: None, ..bad() })[0]["SubscriptionsConfirmed"], Value::Null);
    let nothing = metrics(World { plans: vec![], ..World::default() });
    assert_eq!((&nothing[0]["ResourcesProtected"], &nothing[0]["WorstGapHours"]), (&json!(0), &Value::Null));
}

/// A type that was switched off is watched by nobody: no number may fall because of it.
#[test]
fn what_is_switched_off_is_not_assessed() {
    let off = World {
        jobs: vec![good("orders", 5)],
        protected: vec![protected(&db("orders"), night(5))],
        opted_out: vec!["RDS"],
        ..World::default()
    };
    assert_eq!(metrics(off)[0]["NotAssessed"], json!(1));
}
