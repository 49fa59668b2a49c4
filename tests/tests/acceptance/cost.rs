//! What Night One costs begins with what it does: the calls and the log lines in the table of docs/cost.md are measured here.
//!
//! `RESOURCES=10000` holds the columns of so many: some minutes, too long for every day.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tests::world::{BackupJob, History, admins_only};
use tests::{Function, Simulator, World, events};

/// The sizes of an account that docs/cost.md has columns of.
#[derive(Clone, Copy)]
enum Size {
    Hundred,
    TenThousand,
}

impl Size {
    fn wanted() -> Self {
        match std::env::var("RESOURCES").as_deref() {
            Err(_) | Ok("100") => Size::Hundred,
            Ok("10000") => Size::TenThousand,
            Ok(other) => panic!("RESOURCES is 100 or 10000, not {other}"),
        }
    }

    fn resources(self) -> usize {
        match self {
            Size::Hundred => 100,
            Size::TenThousand => 10_000,
        }
    }

    /// The cells of a row that hold its calls and its kilobytes.
    fn columns(self) -> (usize, usize) {
        match self {
            Size::Hundred => (1, 3),
            Size::TenThousand => (2, 4),
        }
    }
}

const NIGHTS: i64 = 30;
const MORNING: &str = "2026-11-21T07:00:00Z";
const ALERTS: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";

/// 30 nights of volumes, all of one plan; so many fail on the last, because a key refuses the role.
fn account(resources: usize, failing: usize) -> World {
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
        resources,
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
fn measured(function: &str, resources: usize, failing: usize) -> (usize, f64) {
    let mut world = account(resources, failing);
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

/// The row of the table of docs/cost.md that begins so: calls and kilobytes.
fn told(what: &str, size: Size) -> (usize, f64) {
    let document = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/cost.md")).unwrap();
    let row = document.lines().find(|line| line.starts_with(&format!("| {what} |"))).expect(what).to_owned();
    let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
    let (calls, kilobytes) = size.columns();
    (cells[calls].replace(',', "").parse().unwrap(), cells[kilobytes].replace(',', "").parse().unwrap())
}

#[test]
fn the_page_on_cost_tells_what_runs_cost() {
    let size = Size::wanted();
    let resources = size.resources();
    let mut wrong = Vec::new();
    for (what, function, failing) in [
        ("verify, nothing open", "verify", 0),
        ("verify, one cause, one failure", "verify", 1),
        ("verify, one cause, every tenth resource", "verify", resources / 10),
        ("report, a good night", "report", 0),
        ("report, every hundredth resource failed", "report", resources / 100),
        ("classify, one failure", "classify", 1),
        ("classify, every tenth resource", "classify", resources / 10),
    ] {
        let (calls, kilobytes) = measured(function, resources, failing);
        println!("{what}: {calls} calls, {kilobytes:.1} kB");
        let (told_calls, told_kilobytes) = told(what, size);
        // A longer word in a log line is no news; a line that became twice as long is.
        if told_calls != calls || !(0.7..1.5).contains(&(told_kilobytes / kilobytes)) {
            wrong.push(format!(
                "{what}: docs/cost.md {told_calls}, {told_kilobytes} kB; measured {calls}, {kilobytes:.1} kB"
            ));
        }
    }
    assert_eq!(wrong, [""; 0], "calls and kilobytes that docs/cost.md does not tell as they are");
}
