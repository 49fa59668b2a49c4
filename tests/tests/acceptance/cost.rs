//! What Night One costs begins with what it does: the calls and the log lines in the README's table are measured here.
//!
//! The column of 10,000 resources was measured with `SIZE` set so: a minute a report, too long for every day.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tests::world::{BackupJob, History, admins_only};
use tests::{Function, Simulator, World, events};

const SIZE: usize = 100;
const NIGHTS: i64 = 30;
const MORNING: &str = "2026-11-21T07:00:00Z";
const ALERTS: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";

/// 30 nights of volumes, all of one plan; so many fail on the last, because a key refuses the role.
fn account(failing: usize) -> World {
    let mut world = World::at("2026-09-01T00:00:00Z");
    let account = world.account.clone();
    world.add_role("AWSBackupNightly");
    world.add_vault("prod");
    world.add_topic("alerts");
    let key = world.add_key("volumes");
    key.policy = admins_only(&account);
    let key = key.arn.clone();
    world.add_plan("nightly");
    world.add_rule("nightly", "daily", "cron(0 2 ? * * *)", "prod");
    world.add_selection("nightly", "AWSBackupNightly", &[]);
    world.selections[0].resources = vec!["arn:aws:ec2:*:*:volume/*".to_owned()];
    let last: Timestamp = "2026-11-21T02:00:00Z".parse().unwrap();
    let runs: Vec<Timestamp> = (0..NIGHTS).rev().map(|ago| last - SignedDuration::from_hours(24 * ago)).collect();
    let history = History {
        plan: "nightly",
        rule: "daily",
        role: "AWSBackupNightly",
        kind: "EBS",
        prefix: "vol",
        resources: SIZE,
        runs: &runs,
    };
    let words = format!(
        "User: arn:aws:sts::{account}:assumed-role/AWSBackupNightly/AWSBackup-AWSBackupNightly is not authorized to perform: \
         kms:CreateGrant on resource: {key} because no resource-based policy allows the kms:CreateGrant action"
    );
    world.add_history(&history, |resource, run| (run + 1 == runs.len() && resource < failing).then(|| words.clone()));
    world.clock = MORNING.parse().unwrap();
    world
}

fn failed(world: &World) -> impl Iterator<Item = &BackupJob> {
    world.backup_jobs.iter().filter(|job| job.message.is_some())
}

/// The calls to AWS of one invocation, and the kilobytes it logs.
fn measured(function: &str, failing: usize) -> (usize, f64) {
    let mut world = account(failing);
    let payload = if function == "classify" {
        let failed: Vec<String> = failed(&world).map(|job| job.id.clone()).collect();
        // Its events come when a job ends.
        let ended = self::failed(&world).filter_map(|job| job.ends).max().unwrap();
        world.clock = ended + SignedDuration::from_mins(1);
        events::sqs_batch(&world.events(&failed))
    } else {
        json!({"time": MORNING})
    };
    let simulator = Simulator::start(world);
    let mut function = Function::start(function, &simulator, &[("ALERT_TOPIC_ARN", ALERTS)]).unwrap();
    // As long as Lambda gives report: what it had no time to read it would not count.
    function.time_limit = Duration::from_secs(900);
    let outcome = function.invoke(&payload);
    let answer = outcome.answer.unwrap();
    assert!(answer.is_object() && answer["coverage"]["complete"] != false, "{answer}");
    let bytes: usize = outcome.logs.iter().map(|line| line.len() + 1).sum();
    (simulator.calls().len(), bytes as f64 / 1000.0)
}

/// The row of the README's table that begins so: calls and kilobytes, for 100 resources.
fn told(what: &str) -> (usize, f64) {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
    let row = readme.lines().find(|line| line.starts_with(&format!("| {what} |"))).expect(what).to_owned();
    let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
    (cells[1].parse().unwrap(), cells[3].parse().unwrap())
}

#[test]
fn the_readme_tells_what_runs_cost() {
    for (what, function, failing) in [
        ("verify, nothing open", "verify", 0),
        ("verify, one cause, one failure", "verify", 1),
        ("verify, one cause, every tenth resource", "verify", SIZE / 10),
        ("report, a good night", "report", 0),
        ("report, every hundredth resource failed", "report", SIZE / 100),
        ("classify, one failure", "classify", 1),
        ("classify, every tenth resource", "classify", SIZE / 10),
    ] {
        let (calls, kilobytes) = measured(function, failing);
        println!("{what}: {calls} calls, {kilobytes:.1} kB");
        let (told_calls, told_kilobytes) = told(what);
        assert_eq!(told_calls, calls, "calls of \"{what}\": README.md (left) and measured (right)");
        // A longer word in a log line is no news; a line that became twice as long is.
        let ratio = told_kilobytes / kilobytes;
        assert!((0.7..1.5).contains(&ratio), "{what}: README.md says {told_kilobytes} kB, measured {kilobytes:.1} kB");
    }
}
