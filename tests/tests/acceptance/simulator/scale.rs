//! A large account is listed to its end within the patience of a test.

use jiff::{SignedDuration, Timestamp};
use tests::world::History;
use tests::{Simulator, World};

use super::{at, get, orders, send};

/// Three nights of a large account; every hundredth resource fails on the last.
fn large(resources: usize) -> World {
    let mut world = orders();
    let first = at("2026-03-08T03:00:00Z");
    let runs: [Timestamp; 3] = [0, 24, 48].map(|hours| first + SignedDuration::from_hours(hours));
    let history = History {
        plan: "nightly",
        rule: "daily",
        role: "NightlyBackup",
        kind: "EBS",
        prefix: "vol",
        resources,
        runs: &runs,
    };
    world.add_history(&history, |resource, run| (run == 2 && resource % 100 == 0).then(|| "Access Denied".to_owned()));
    world
}

#[test]
fn a_history_looks_like_one_that_was_lived_through() {
    let world = large(200);
    assert_eq!([world.backup_jobs.len(), world.present_recovery_points().count()], [600, 598]);
    let simulator = Simulator::start(world);
    let failed = get(&simulator, "/backup-jobs?state=FAILED").1;
    let failed = failed["BackupJobs"].as_array().unwrap();
    assert_eq!(failed.len(), 2);
    assert_eq!(failed[0]["StatusMessage"], "Access Denied");
    assert_eq!(failed[0]["CreatedBy"]["BackupRuleName"], "daily");
    assert_eq!(get(&simulator, "/resources").1["Results"].as_array().unwrap().len(), 200);
}

#[test]
fn a_cached_list_forgets_when_the_world_changes() {
    let simulator = Simulator::start(large(10));
    let running = || get(&simulator, "/backup-jobs?state=RUNNING").1["BackupJobs"].as_array().unwrap().len();
    assert_eq!(running(), 0);
    simulator.with_world(|world| world.backup_jobs[0].ends = None);
    assert_eq!(running(), 1);
    let (arn, vault) = simulator.with_world(|world| (world.resource("vol-5").arn.clone(), "prod"));
    let role = "arn:aws:iam::111122223333:role/NightlyBackup";
    let all = || get(&simulator, "/backup-jobs").1["BackupJobs"].as_array().unwrap().len();
    assert_eq!(all(), 30);
    let order = format!(r#"{{"BackupVaultName":"{vault}","ResourceArn":"{arn}","IamRoleArn":"{role}"}}"#);
    assert_eq!(send(&simulator, "PUT", "/backup-jobs", &[], &order).0, 200);
    assert_eq!(all(), 31);
}

#[test]
fn three_hundred_thousand_jobs_are_listed_in_pages_of_a_thousand() {
    let simulator = Simulator::start(large(100_000));
    let pages = |path: &str| {
        let (mut pages, mut token) = (0, String::new());
        loop {
            let (status, body) = send(&simulator, "GET", &format!("{path}?maxResults=1000{token}"), &[], "");
            assert_eq!(status, 200);
            pages += 1;
            match body.strip_prefix("{\"NextToken\":\"").and_then(|rest| rest.split('"').next()) {
                Some(next) => token = format!("&nextToken={next}"),
                None => return pages,
            }
        }
    };
    assert_eq!([pages("/backup-jobs"), pages("/resources")], [300, 100]);
}
