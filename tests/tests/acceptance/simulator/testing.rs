//! Restore testing: what AWS tells of a test, from its end to the deletion of what it restored.

use jiff::SignedDuration;
use serde_json::json;
use tests::Simulator;
use tests::world::{Cleanup, Scan};

use super::{NIGHT, at, get, orders};

#[test]
fn a_test_is_validated_or_times_out_and_is_deleted_after_that() {
    const MESSAGES: [Option<&str>; 2] = [None, Some("rows are missing")];
    // The validation window in hours, when a validator speaks, what becomes of the deletion; then in minutes after the end the two words.
    type Row =
        (i64, Option<(i64, &'static str)>, Cleanup, &'static [(i64, Option<&'static str>, Option<&'static str>)]);
    let table: [Row; 4] = [
        (0, None, Cleanup::Works, &[(1, None, Some("DELETING")), (15, None, Some("SUCCESSFUL"))]),
        (
            2,
            None,
            Cleanup::Hangs,
            &[
                (1, Some("VALIDATING"), None),
                (119, Some("VALIDATING"), None),
                (900, Some("TIMED_OUT"), Some("DELETING")),
            ],
        ),
        (
            2,
            Some((60, "FAILED")),
            Cleanup::Fails,
            &[
                (59, Some("VALIDATING"), None),
                (61, Some("FAILED"), Some("DELETING")),
                (300, Some("FAILED"), Some("FAILED")),
            ],
        ),
        (2, Some((5, "SUCCESSFUL")), Cleanup::Works, &[(30, Some("SUCCESSFUL"), Some("SUCCESSFUL"))]),
    ];
    for (window, validator, cleanup, looks) in table {
        let mut world = orders();
        world.add_testing_plan("weekly").tests("RDS", "NightlyBackup", window);
        world.run_night("nightly", at(NIGHT));
        let point = world.recovery_points[0].arn.clone();
        let begun = world.clock;
        let id = world.test_restore(&point, "weekly", begun);
        let ends = world.end_of_job(&id).unwrap();
        world.test_of(&id).cleanup = cleanup;
        if let Some((minute, word)) = validator {
            world.validate(&id, word, MESSAGES[1].unwrap(), ends + SignedDuration::from_mins(minute));
        }
        let plan = world.testing_plan("weekly").arn.clone();
        let simulator = Simulator::start(world);
        let running = get(&simulator, &format!("/restore-jobs/{id}")).1;
        assert_eq!((running.get("ValidationStatus"), running.get("DeletionStatus")), (None, None), "{running}");
        for (minute, validation, deletion) in looks {
            simulator.with_world(|world| world.clock = ends + SignedDuration::from_mins(*minute));
            let listed = get(&simulator, "/restore-jobs?status=COMPLETED").1;
            let job = &listed["RestoreJobs"][0];
            assert_eq!(job["CreatedBy"], json!({"RestoreTestingPlanArn": plan}));
            assert_eq!(job["ValidationStatus"], json!(validation), "{minute} {job}");
            assert_eq!(job["DeletionStatus"], json!(deletion), "{minute} {job}");
            assert_eq!(job["SourceResourceArn"], "arn:aws:rds:eu-west-1:111122223333:db:orders-1");
            let made = job["CreatedResourceArn"].as_str().unwrap();
            assert!(made.starts_with("arn:aws:rds:eu-west-1:111122223333:db:awsbackup-restore-test-"), "{made}");
        }
    }
}

#[test]
fn plans_selections_latest_restores_locks_and_scans_are_told() {
    let mut world = orders();
    world.add_testing_plan("weekly").tests("RDS", "NightlyBackup", 4);
    world.run_night("nightly", at(NIGHT));
    world.vault("prod").min_retention_days = Some(7);
    world.vault("prod").lock_date = Some(at("2026-04-01T00:00:00Z"));
    let point = world.recovery_points[0].arn.clone();
    world.recovery_points[0].scan = Some(Scan::Threats);
    world.recovery_points[0].lifecycle.delete_after_days = None;
    let begun = world.clock;
    world.test_restore(&point, "weekly", begun);
    world.advance(SignedDuration::from_hours(24 * 60));
    let simulator = Simulator::start(world);

    let plans = get(&simulator, "/restore-testing/plans").1;
    let plan = &plans["RestoreTestingPlans"][0];
    assert_eq!((&plan["RestoreTestingPlanName"], &plan["StartWindowHours"]), (&json!("weekly"), &json!(24)));
    assert_eq!(plan["LastExecutionTime"], json!(begun.as_millisecond() as f64 / 1e3));
    let selections = get(&simulator, "/restore-testing/plans/weekly/selections").1;
    assert_eq!(selections["RestoreTestingSelections"][0]["ValidationWindowHours"], 4);
    assert_eq!(get(&simulator, "/restore-testing/plans/daily/selections").0, 400);

    assert_eq!(get(&simulator, "/restore-jobs").1["RestoreJobs"], json!([]), "its record is gone");
    let of = |name: &str| {
        let arn = format!("arn%3Aaws%3Ards%3Aeu-west-1%3A111122223333%3Adb%3A{name}");
        get(&simulator, &format!("/resources/{arn}")).1["LatestRestoreJobCreationDate"].clone()
    };
    assert_eq!((of("orders-1"), of("orders-2")), (json!(begun.as_millisecond() as f64 / 1e3), json!(null)));
    let vaults = get(&simulator, "/backup-vaults").1;
    assert_eq!(vaults["BackupVaultList"][0]["LockDate"], json!(at("2026-04-01T00:00:00Z").as_second() as f64));
    let arn = "arn%3Aaws%3Ards%3Aeu-west-1%3A111122223333%3Adb%3Aorders-1";
    let points = get(&simulator, &format!("/resources/{arn}/recovery-points")).1;
    assert_eq!(points["RecoveryPoints"][0]["AggregatedScanResult"]["Findings"], json!(["MALWARE"]));
}
