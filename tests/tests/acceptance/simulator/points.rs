//! Composite resources, continuous backups and the ages of recovery points.

use serde_json::{Value, json};
use tests::world::{Condition, Lifecycle};
use tests::{Simulator, World};

use super::{NIGHT, at, get, orders};

/// A stack of three databases under the plan instead of the databases themselves.
fn stack() -> World {
    let mut world = orders();
    world.add_resource("CloudFormation", "orders").members =
        ["orders-1", "orders-2", "orders-3"].map(str::to_owned).to_vec();
    world.selections.clear();
    world.add_selection("nightly", "NightlyBackup", &["orders"]);
    world
}

#[test]
fn a_parent_ends_as_its_children_let_it() {
    let breaking: [(&[&str], &str, Option<&str>); 3] = [
        (&[], "COMPLETED", Some("COMPLETED")),
        (&["orders-2"], "PARTIAL", Some("PARTIAL")),
        (&["orders-1", "orders-2", "orders-3"], "FAILED", None),
    ];
    for (gone, end, point) in breaking {
        let mut world = stack();
        for name in gone {
            world.delete_resource(name);
        }
        let night = world.run_night("nightly", at(NIGHT));
        assert_eq!(night.backup_jobs.len(), 1, "the parent stands for its children");
        let parent = &night.backup_jobs[0];
        let event = world.event(parent);
        assert_eq!(event["detail"]["state"], end);
        assert_eq!(event["detail"].get("statusMessage").is_some(), end == "FAILED", "{event}");
        let children: Vec<_> =
            world.children(parent).iter().map(|id| world.backup_job(id).unwrap().end.name()).collect();
        let simulator = Simulator::start(world);

        let job = get(&simulator, &format!("/backup-jobs/{parent}")).1;
        assert_eq!(
            (&job["State"], &job["IsParent"], &job["NumberOfChildJobs"]),
            (&json!(end), &json!(true), &json!(3))
        );
        for state in ["COMPLETED", "FAILED"] {
            let count = children.iter().filter(|end| **end == state).count() as u64;
            assert_eq!(job["ChildJobsInState"][state].as_u64().unwrap_or(0), count, "{job}");
        }
        assert_eq!(children.iter().filter(|end| **end == "FAILED").count(), gone.len());
        let listed = get(&simulator, &format!("/backup-jobs?parentJobId={parent}")).1;
        assert_eq!(listed["BackupJobs"].as_array().unwrap().len(), 3);
        let points = simulator.with_world(|world| world.recovery_points.clone());
        let whole = points.iter().find(|point| point.is_parent);
        assert_eq!(whole.map(|point| point.status.as_str()), point);
        assert!(
            points.iter().filter(|point| !point.is_parent).all(|child| child.parent.as_ref() == whole.map(|p| &p.arn))
        );
    }
}

#[test]
fn what_stops_the_whole_makes_no_children() {
    let mut world = stack();
    world.vaults.clear();
    let night = world.run_night("nightly", at(NIGHT));
    let job = world.backup_job(&night.backup_jobs[0]).unwrap();
    assert_eq!((job.end.name(), job.is_parent, world.backup_jobs.len()), ("FAILED", true, 1));
}

#[test]
fn a_parent_waits_for_a_child_that_hangs() {
    let mut world = stack();
    world.resource("orders-2").condition = Condition::Hangs;
    let night = world.run_night("nightly", at(NIGHT));
    assert_eq!(world.end_of_job(&night.backup_jobs[0]), None);
}

#[test]
fn a_continuous_backup_is_one_point_that_every_job_renews() {
    let mut world = orders();
    world.add_resource("EBS", "vol-1");
    world.add_selection("nightly", "NightlyBackup", &["vol-1"]);
    world.plan("nightly").rules[0].continuous = true;
    world.plan("nightly").rules[0].lifecycle = Lifecycle::days(3);
    for day in 10..15 {
        world.run_night("nightly", at(&format!("2026-03-{day}T03:00:00Z")));
    }
    let of = |world: &World, name: &str| {
        let points = world.present_recovery_points().filter(|point| point.resource_name == name);
        points.map(|point| point.arn.clone()).collect::<Vec<_>>()
    };
    let continuous = of(&world, "orders-1");
    assert_eq!(continuous.len(), 1);
    assert!(continuous[0].contains(":recovery-point:continuous:"), "{continuous:?}");
    assert_eq!(of(&world, "vol-1").len(), 3, "a volume has snapshots, and the older two are outlived");

    let jobs = world.backup_jobs.iter().filter(|job| job.resource_name == "orders-1");
    assert!(jobs.clone().all(|job| job.recovery_point_arn.as_ref() == continuous.first()));
    let last = jobs.filter_map(|job| job.ends).max().unwrap();
    let resource = world.resource("orders-1").arn.replace(':', "%3A");
    let path = format!("/backup-vaults/prod/recovery-points/{}", continuous[0].replace(':', "%3A"));
    // A renewal that is still to come is not told of.
    world.schedule("nightly", "daily", at("2026-03-15T03:00:00Z"));
    let simulator = Simulator::start(world);
    let point = get(&simulator, &path).1;
    assert_eq!(point["CreationDate"].as_f64(), Some(at("2026-03-10T03:00:00Z").as_second() as f64));
    assert_eq!(point["CompletionDate"].as_f64(), Some(last.as_millisecond() as f64 / 1000.0));
    let protected = get(&simulator, &format!("/resources/{resource}")).1;
    assert_eq!(protected["LastBackupTime"], point["CompletionDate"]);
}

#[test]
fn a_stopped_renewal_leaves_the_point() {
    let mut world = orders();
    world.plan("nightly").rules[0].continuous = true;
    world.run_night("nightly", at(NIGHT));
    let first = world.recovery_points[0].clone();
    world.clock = at("2026-03-11T03:05:00Z");
    let night = world.schedule("nightly", "daily", at("2026-03-11T03:00:00Z"));
    world.stop_backup_job(&night.backup_jobs[0]);
    world.advance_until_idle();
    assert_eq!(world.recovery_points[0].last_completed(world.clock), first.completed);
    assert_eq!(world.present_recovery_points().count(), 3);
}

#[test]
fn recovery_points_grow_cold_and_go() {
    let mut world = orders();
    world.plan("nightly").rules[0].lifecycle = Lifecycle { delete_after_days: Some(100), cold_after_days: Some(10) };
    world.run_night("nightly", at(NIGHT));
    let (arn, resource) = (world.recovery_points[0].arn.clone(), world.resource("orders-1").arn.clone());
    let simulator = Simulator::start(world);
    let seen = |clock: &str| {
        simulator.with_world(|world| world.clock = at(clock));
        let encoded = arn.replace(':', "%3A");
        let (status, point) = get(&simulator, &format!("/backup-vaults/prod/recovery-points/{encoded}"));
        if status == 200 {
            assert_eq!(point["ResourceArn"], resource);
            assert_eq!(
                point["CalculatedLifecycle"]["DeleteAt"].as_f64().unwrap() as i64,
                at("2026-06-18T03:00:00Z").as_second()
            );
            let cold = point["CalculatedLifecycle"]["MoveToColdStorageAt"].as_f64().unwrap() as i64;
            assert_eq!(cold, at("2026-03-20T03:00:00Z").as_second());
        }
        (status, point["StorageClass"].clone())
    };
    assert_eq!(seen("2026-03-20T02:59:00Z"), (200, json!("WARM")));
    assert_eq!(seen("2026-03-20T03:00:00Z"), (200, json!("COLD")));
    assert_eq!(seen("2026-06-18T02:59:00Z"), (200, json!("COLD")));
    assert_eq!(seen("2026-06-18T03:00:00Z"), (400, Value::Null));
}
