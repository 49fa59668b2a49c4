//! What each item is, after a night that somebody has changed.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::world::azure::{ItemKind, Point, Step};
use tests::{Simulator, World};

use super::worlds::{
    MORNING, SQL_WITH_LOGS, age, good_night, hours, is_of, item, never, policy, report, row, runs, told, verdict,
};
use crate::azure::support::{NIGHT, SECOND, at, break_items, company, run_all};

#[test]
fn a_good_night_is_green_and_every_item_is_a_row() {
    let told = told(good_night());
    for name in ["vm-01", "vm-12", "crm-02", "orders", "finance", "fs01"] {
        assert_eq!(verdict(&told, name), "within-objective", "{name}: {}", told.mail());
    }
    // Each server has a volume of this name.
    assert_eq!(row(&told, "fs01")["resource_name"], "D:\\ [fs01.corp.example]");
    assert_eq!(told.lines("rpo_gap").len(), 0);
    let line = row(&told, "crm-01");
    assert_eq!((&line["subscription"], &line["location"]), (&json!(SECOND), &json!("westeurope")));
    assert_eq!((&line["account"], &line["region"]), (&json!(SECOND), &json!("westeurope")));
    assert_eq!((&line["policy"], &line["objective_s"]), (&json!("daily"), &json!(26 * 3600)));
    assert!(line["item"].as_str().unwrap().ends_with(";crm-01"), "{line}");
    assert!(line["job_id"].is_string() && line["vault"].as_str().unwrap().ends_with("/rsv-crm"), "{line}");
    assert_eq!(told.answer()["within_objective"], 17);
    assert_eq!(told.answer()["coverage"]["complete"], true, "{}", told.mail());
    assert_eq!(told.metric("ResourcesInBreach"), 0);
}

/// A change to one item of the company, its verdict, and what its line says.
type Change =
    (&'static str, &'static str, fn(&mut World, &str), &'static str, &'static [(&'static str, fn(&Value) -> bool)]);

#[test]
fn each_world_has_its_verdict() {
    let table: &[Change] = &[
        ("past it", "vm-01", |w, n| age(w, n, 31), "in-breach", &[("age_s", |v| *v == 31 * 3600)]),
        (
            "past it, and one runs",
            "vm-02",
            |w, n| {
                age(w, n, 31);
                runs(w, n, 1, Step::Snapshot)
            },
            "at-risk",
            &[],
        ),
        (
            "past it, and one is stuck",
            "vm-03",
            |w, n| {
                age(w, n, 31);
                runs(w, n, 5, Step::Snapshot)
            },
            "in-breach",
            &[("stuck_since", Value::is_string)],
        ),
        (
            "past it, and one transfers",
            "vm-04",
            |w, n| {
                age(w, n, 31);
                runs(w, n, 5, Step::Transfer)
            },
            "at-risk",
            &[("stuck_since", Value::is_null)],
        ),
        ("never", "vm-05", never, "never-backed-up", &[]),
        (
            "never, and Azure calls it protected",
            "crm-01",
            |w, n| {
                never(w, n);
                "Protected".clone_into(&mut item(w, n).protection_state);
            },
            "never-backed-up",
            &[],
        ),
        (
            "stopped",
            "vm-06",
            |w, n| "ProtectionStopped".clone_into(&mut item(w, n).protection_state),
            "stopped",
            &[("stopped", |v| v == "stopped")],
        ),
        (
            "paused",
            "vm-07",
            |w, n| "ProtectionPaused".clone_into(&mut item(w, n).protection_state),
            "stopped",
            &[("stopped", |v| v == "paused")],
        ),
        (
            "suspended",
            "vm-08",
            |w, n| "BackupsSuspended".clone_into(&mut item(w, n).protection_state),
            "stopped",
            &[("stopped", |v| v == "suspended")],
        ),
        (
            "deleted",
            "vm-09",
            |w, n| {
                item(w, n).soft_deleted = true;
                item(w, n).deleted_for_good = Some(at(MORNING) + hours(12 * 24));
            },
            "soft-deleted",
            &[("deleted_for_good", Value::is_string)],
        ),
        (
            "a snapshot only",
            "vm-10",
            |w, n| {
                item(w, n).points = vec![
                    Point { time: at(MORNING) - hours(40), in_vault: true },
                    Point { time: at(NIGHT), in_vault: false },
                ];
            },
            "snapshot-only",
            &[("last_in_vault", Value::is_string)],
        ),
        ("no policy", "vm-11", |w, n| item(w, n).policy.clear(), "not-assessed", &[]),
        (
            "a policy that nobody can read",
            "vm-12",
            |w, n| policy(w, n, json!({"backupManagementType": "AzureIaasVM"})),
            "not-assessed",
            &[],
        ),
        (
            "a server that is silent",
            "fs01",
            |w, n| {
                age(w, n, 60);
                item(w, n).last_heard = Some(at(MORNING) - hours(55));
            },
            "in-breach",
            &[("last_heard", Value::is_string)],
        ),
        ("logs", "orders", |w, n| policy(w, n, SQL_WITH_LOGS()), "in-breach", &[("objective_s", |v| *v == 135 * 60)]),
        (
            "every four hours by day",
            "finance",
            |w, n| {
                policy(
                    w,
                    n,
                    json!({"backupManagementType": "AzureStorage", "schedulePolicy": {
                "schedulePolicyType": "SimpleSchedulePolicy", "scheduleRunFrequency": "Hourly",
                "hourlySchedule": {"interval": 4, "scheduleWindowDuration": 12}}}),
                );
            },
            "within-objective",
            &[("objective_s", |v| *v == 14 * 3600)],
        ),
    ];
    let mut world = good_night();
    for (_, name, change, _, _) in table {
        change(&mut world, name);
    }
    let told = told(world);
    for (world, name, _, expected, says) in table {
        assert_eq!(verdict(&told, name), *expected, "{world}: {:#?}\n{}", row(&told, name), told.mail());
        let gaps = told.lines("rpo_gap");
        let gap = gaps.iter().find(|line| is_of(line, name));
        let printed = !matches!(*expected, "within-objective" | "not-assessed");
        assert_eq!(gap.is_some(), printed, "{world}: {gap:?}");
        for (member, holds) in *says {
            let value = gap.map_or(&row(&told, name)[*member], |gap| &gap[*member]);
            assert!(holds(value), "{world}: {member} is {value}");
        }
    }
    let answer = told.answer();
    assert_eq!(
        (&answer["stopped"], &answer["soft_deleted"], &answer["snapshot_only"]),
        (&json!(3), &json!(1), &json!(1))
    );
    assert_eq!((told.severity(), &answer["stuck"]), ("critical", &json!(1)));
}

#[test]
fn a_job_that_failed_puts_its_row_at_risk_with_its_cause_code_and_number() {
    let mut world = company();
    break_items(
        &mut world,
        &["vm-01", "vm-02"],
        "UserErrorGuestAgentStatusUnavailable",
        400_153,
        "VM agent unable to communicate with Azure Backup.",
    );
    run_all(&mut world);
    // Their last good backup is of the night before; the policy lets it be a day and two hours old.
    world.clock = at("2026-03-12T23:30:00Z");
    let told = told(world);
    assert_eq!(verdict(&told, "vm-01"), "at-risk");
    let gaps = told.lines("rpo_gap");
    let gap = gaps.iter().find(|line| is_of(line, "vm-01")).unwrap();
    assert_eq!((&gap["code"], &gap["number"]), (&json!("UserErrorGuestAgentStatusUnavailable"), &json!(400_153)));
    assert_eq!(gap["breaches_at"], "2026-03-13T00:00:04Z");
    assert!(gap["failed_job_id"].is_string() && gap["root_cause_id"].is_string(), "{gap}");
    let causes = told.lines("root_cause");
    let cause = causes.iter().find(|cause| cause["root_cause_id"] == gap["root_cause_id"]).unwrap();
    assert_eq!((&cause["status"], &cause["resources_held_back"]), (&json!("new"), &json!(2)));
    for (member, value) in [("cloud", json!("azure")), ("number", json!(400_153)), ("location", json!("westeurope"))] {
        assert_eq!(cause[member], value, "{cause}");
    }
    assert!(cause["vault"].is_string() && cause["item"].is_string() && cause["job_id"].is_string(), "{cause}");
    assert!(told.mail().contains("UserErrorGuestAgentStatusUnavailable (400153)"), "{}", told.mail());
    assert_eq!(told.metric("ResourcesAtRisk"), 2);
    assert_eq!(told.metric("OpenRootCauses"), 1);
}

#[test]
fn what_only_a_server_knows_is_assessed_by_rpo_hours_alone() {
    let world = || {
        let mut world = company();
        let vault = world.azure.vaults[0].id.clone();
        world.azure.add_item(&vault, ItemKind::Dpm, "dpm-01");
        run_all(&mut world);
        world.clock = at(MORNING);
        world
    };
    let silent = |mut world: World| {
        item(&mut world, "dpm-01").last_heard = Some(at(MORNING) - hours(50));
        world
    };
    type Setting = (&'static str, &'static str);
    let table: [(World, &[Setting], &str, &str); 3] = [
        (
            world(),
            &[],
            "not-assessed",
            "its schedule is kept on its backup server, and Azure does not know it: set RPO_HOURS",
        ),
        (silent(world()), &[], "not-assessed", "its server has stopped to report to Azure"),
        (world(), &[("RPO_HOURS", "24")], "within-objective", ""),
    ];
    for (world, settings, expected, why) in table {
        let told = report(&Simulator::start(world), settings);
        assert_eq!(verdict(&told, "dpm-01"), expected, "{}", told.mail());
        assert_eq!(row(&told, "dpm-01")["not_assessed"].as_str().unwrap_or_default(), why);
        // The policy of MARS is known.
        assert_eq!(verdict(&told, "fs01"), "within-objective");
    }
}

#[test]
fn a_log_backup_that_no_list_has_is_told_by_its_item() {
    let mut world = good_night();
    policy(&mut world, "orders", SQL_WITH_LOGS());
    world.clock = at(NIGHT) + hours(2);
    run_all(&mut world);
    break_items(&mut world, &["orders"], "UserErrorSQLLSNValidationFailure", 0, "Log chain is broken.");
    let now = world.clock;
    world.azure.schedule("orders", now - SignedDuration::from_mins(45));
    world.advance(SignedDuration::from_mins(10));
    let told = told(world);
    assert_eq!(verdict(&told, "orders"), "at-risk", "{}", told.mail());
    let gaps = told.lines("rpo_gap");
    let gap = gaps.iter().find(|line| is_of(line, "orders")).unwrap();
    assert_eq!(gap["code"], "UserErrorSQLLSNValidationFailure");
    assert!(gap["failed_job_id"].as_str().unwrap().starts_with("item:"), "{gap}");
    assert!(told.mail().contains("full backup not seen"), "{}", told.mail());
}

#[test]
fn what_is_protected_since_yesterday_is_not_due_yet() {
    let mut world = good_night();
    never(&mut world, "vm-01");
    let configured = |ago: i64, world: &mut World| {
        let id = world.azure.schedule("vm-01", at(MORNING) - hours(ago));
        let job = world.azure.jobs.iter_mut().find(|job| job.id == id).unwrap();
        "ConfigureBackup".clone_into(&mut job.operation);
        "Completed".clone_into(&mut job.status);
    };
    configured(20, &mut world);
    let simulator = Simulator::start(world);
    assert_eq!(verdict(&report(&simulator, &[]), "vm-01"), "not-due-yet");
    simulator.with_world(|world| world.clock = at(MORNING) + hours(24));
    assert_eq!(verdict(&report(&simulator, &[]), "vm-01"), "never-backed-up");
}

#[test]
fn a_restore_that_failed_and_one_that_is_stuck_are_told_and_no_row_is_worse_for_them() {
    let mut world = good_night();
    let restore = |world: &mut World, name: &str, ago: i64, status: &str| {
        let id = world.azure.schedule(name, at(MORNING) - hours(ago));
        let job = world.azure.jobs.iter_mut().find(|job| job.id == id).unwrap();
        "Restore".clone_into(&mut job.operation);
        status.clone_into(&mut job.status);
        job.ends = if status == "Failed" { at(MORNING) - hours(ago - 1) } else { at(MORNING) + hours(9) };
        job.error = Some(tests::world::azure::Cause {
            title: "UserErrorVMSizeNotAvailable".into(),
            number: 0,
            text: "The requested VM size is not available in the current region.".into(),
        });
        id
    };
    let failed = restore(&mut world, "vm-01", 5, "Failed");
    let stuck = restore(&mut world, "vm-02", 7, "InProgress");
    let told = told(world);
    assert_eq!([verdict(&told, "vm-01"), verdict(&told, "vm-02")], ["within-objective"; 2]);
    let line = told.lines("restore_failed")[0];
    assert_eq!((&line["job_id"], &line["code"]), (&json!(failed), &json!("UserErrorVMSizeNotAvailable")));
    let restores = told.section("RESTORES THAT FAILED SINCE THE LAST REPORT");
    assert!(restores.contains("of vm-01 in vault rsv-prod in rg-backup of subscription"), "{restores}");
    let also = told.section("ALSO TO LOOK AT").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(also.contains(&format!("a restore seems stuck: {stuck} of vm-02 (Azure VM): runs for 7 h")), "{also}");
}
