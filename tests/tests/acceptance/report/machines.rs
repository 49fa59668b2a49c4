//! What logs and metrics hold, for auditors and alarms.

use std::collections::BTreeMap;

use tests::world::{Condition, vault_denying};

use super::support::*;

const OFFSITE: &str = "arn:aws:backup:eu-central-1:111122223333:backup-vault:offsite";

/// Something of everything: healthy rows, a breach, a copy that fails, one never backed up.
fn mixed() -> Told {
    let mut world = databases(&["orders", "users", "carts"]);
    world.add_resource("EFS", "share");
    let share = world.resource("share").arn.clone();
    world.selections[0].resources.push(share);
    world.add_vault_in(ACCOUNT, "eu-central-1", "offsite");
    world.plan("nightly").rules[0].copy_to(OFFSITE);
    world.resource("carts").condition = Condition::Invalid;
    play(&mut world, 6, |world, ago| {
        if ago == 2 {
            world.vault(OFFSITE).policy = Some(vault_denying("backup:CopyIntoBackupVault"));
            world.resource("users").condition = Condition::Invalid;
        }
    });
    told(world)
}

#[test]
fn there_is_evidence_for_every_row_healthy_ones_too() {
    let told = mixed();
    assert_eq!(told.lines("backup_evidence").len(), 8, "four resources, two destinations");
    // AWS writes zero for a database, of which it does not know the size.
    for (name, size_is_known) in [("orders", false), ("share", true)] {
        let row = told.row(name, "prod");
        assert_eq!(row["verdict"], "within-objective");
        assert!(row["start"].as_str().unwrap().starts_with("2026-11-21T02:00:00"), "{row}");
        assert_eq!((&row["plan"], &row["rule"]), (&"nightly".into(), &"daily".into()));
        assert_eq!(row["size_bytes"].as_i64().is_some_and(|size| size > 0), size_is_known, "{row}");
        assert_eq!(row["size_bytes"].is_null(), !size_is_known, "{row}");
        for member in ["job_id", "end", "recovery_point_arn", "vault_arn"] {
            assert!(!row[member].is_null(), "{member} in {row}");
        }
    }
    let gaps = told.lines("rpo_gap");
    assert!(gaps.iter().all(|gap| gap["verdict"] != "within-objective"));
    assert_eq!(gaps.len(), 6, "the copies of four, and two backups");
    assert_eq!(told.lines("rpo_summary").len(), 1);
    assert_eq!(told.lines("error").len(), 0);
}

#[test]
fn members_stand_in_the_same_order_in_every_line_of_a_record() {
    let told = mixed();
    let mut orders: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in &told.raw {
        let Members(members) = serde_json::from_str(line).unwrap();
        let record = serde_json::from_str::<serde_json::Value>(line).unwrap()["record"].as_str().unwrap().to_owned();
        assert_eq!(members[0], "record");
        assert_eq!(members, *orders.entry(record).or_insert_with(|| members.clone()), "{line}");
    }
    let records: Vec<&str> = orders.keys().map(String::as_str).collect();
    assert_eq!(records, ["backup_evidence", "page", "restore_evidence", "root_cause", "rpo_gap", "rpo_summary"]);
}

#[test]
fn the_metrics_of_the_night_are_all_there() {
    let told = mixed();
    for name in [
        "ResourcesProtected",
        "ResourcesInBreach",
        "ResourcesAtRisk",
        "NeverBackedUp",
        "NotAssessed",
        "WorstGapHours",
        "CopiesInBreach",
        "WorstCopyGapHours",
        "OpenRootCauses",
        "Accepted",
        "StuckJobs",
        "JobSuccessRate",
        "RerunsRefused",
        "CoverageErrors",
        "SubscriptionsConfirmed",
        "ReportSent",
    ] {
        assert!(!told.metric(name).is_null(), "{name} is missing");
    }
    assert_eq!([told.metric("ResourcesInBreach"), told.metric("CopiesInBreach")], [&1, &3]);
    let of = |dimension: &str| -> Vec<&serde_json::Value> {
        told.metrics.iter().map(|line| &line[dimension]).filter(|value| !value.is_null()).collect()
    };
    assert_eq!(of("ResourceType"), ["EFS", "RDS"]);
    assert_eq!(of("Vault"), ["offsite in eu-central-1", "prod"]);
    for line in told.metrics.iter().filter(|line| !line["Vault"].is_null()) {
        assert!(line["ResourcesInBreach"].is_number() && line["WorstGapHours"].is_number(), "{line}");
    }
    // Whatever is asked of a metric by resource is in the log instead.
    assert!(told.metrics.iter().all(|line| !line.to_string().contains("orders")));
}
