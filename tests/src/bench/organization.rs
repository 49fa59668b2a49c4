//! 300 accounts in one process, every call 100 ms away: calls, time and memory of the report, and of one tick of verify.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::figure::Figure;
use crate::world::REGIONS;
use crate::{Function, Organization, Simulator, World};

/// Each has databases in the first three Regions.
const ACCOUNTS: usize = 300;
const AWAY: Duration = Duration::from_millis(100);
/// 40 calls for each of 900 places that hold something, 3 for each of 4,200 that hold nothing.
const ESTIMATE: f64 = 49_000.0;

/// One invocation.
struct Measured {
    function: &'static str,
    answer: Value,
    took: Duration,
    time_limit: Duration,
    peak_mb: f64,
    calls: f64,
}

pub(super) fn measure() -> Result<Vec<Figure>, String> {
    let now: Timestamp = "2026-11-21T07:00:00Z".parse().map_err(|error| format!("no time: {error}"))?;
    let simulator = Simulator::start_organization(organization(now));
    simulator.set_latency(AWAY);
    println!("\n{ACCOUNTS} accounts in {} Regions, {} ms a call", REGIONS.len(), AWAY.as_millis());
    let report = Measured::of("report", &simulator, now)?;
    if report.answer["resources"] != json!(ACCOUNTS * 6) || report.answer["coverage"]["complete"] != true {
        return Err(format!("report did not read it all: {}", report.answer));
    }
    // Nothing failed anywhere: each place of a quarter of the accounts is asked for changes and for restore tests.
    let verify = Measured::of("verify", &simulator, now)?;
    if verify.answer["coverage"]["complete"] != true {
        return Err(format!("verify did not read it all: {}", verify.answer));
    }
    let calls = Figure::at_most(1.3, "times", report.called("calls : estimate"), report.calls / ESTIMATE);
    Ok([vec![calls], report.figures(), verify.figures()].concat())
}

impl Measured {
    fn of(function: &'static str, simulator: &Simulator, now: Timestamp) -> Result<Self, String> {
        let regions = REGIONS.join(",");
        let topic = "arn:aws:sns:eu-west-1:111122223333:alerts";
        let env = [("ALERT_TOPIC_ARN", topic), ("WATCH_ACCOUNTS", "organization"), ("WATCH_REGIONS", &regions)];
        let mut started = Function::start(function, simulator, &env)?;
        simulator.forget_calls();
        let begin = Instant::now();
        let outcome = started.invoke(&json!({ "time": now.to_string() }));
        let took = begin.elapsed();
        let answer = outcome.answer.map_err(|error| format!("{function} answered with an error: {error}"))?;
        let peak = started.peak_memory_kb().ok_or("this system does not tell a process's peak memory")?;
        let (peak_mb, calls) = (peak as f64 / 1024.0, simulator.calls().len() as f64);
        println!("  {function}: {calls} calls in {:.1} s, {peak_mb:.1} MB", took.as_secs_f64());
        Ok(Self { function, answer, took, time_limit: started.time_limit, peak_mb, calls })
    }

    fn called(&self, what: &str) -> String {
        format!("{}: {ACCOUNTS} accounts x {} Regions: {what}", self.function, REGIONS.len())
    }

    fn figures(&self) -> Vec<Figure> {
        vec![
            Figure::at_most(self.time_limit.as_secs_f64(), "s", self.called("time"), self.took.as_secs_f64()),
            Figure::at_most(512.0, "MB", self.called("RSS"), self.peak_mb),
        ]
    }
}

fn organization(now: Timestamp) -> Organization {
    let begin = now - SignedDuration::from_hours(30 * 24);
    let mut hub = World::at(&begin.to_string());
    hub.add_topic("alerts");
    let mut organization = Organization::around(hub);
    for number in 0..ACCOUNTS {
        let id = format!("5{number:011}");
        for region in REGIONS.iter().take(3) {
            organization.admit(databases(&id, region, begin, now), &format!("member-{number:03}"));
        }
        organization.add_look_role(&id, "night-one-look");
    }
    let hub = organization.hub().to_owned();
    organization.with_account(&hub, "eu-west-1", |world| world.clock = now);
    organization
}

/// Two databases that were backed up on the last three nights: then verify believes the lists of all accounts.
fn databases(account: &str, region: &str, begin: Timestamp, now: Timestamp) -> World {
    let mut world = World::of(account, region, begin);
    world.add_role("NightlyBackup");
    world.add_vault("prod");
    world.add_resource("RDS", "db-1");
    world.add_resource("RDS", "db-2");
    world.add_plan("nightly");
    world.add_rule("nightly", "daily", "cron(0 2 ? * * *)", "prod");
    world.add_selection("nightly", "NightlyBackup", &["db-1", "db-2"]);
    for hours in [53, 29, 5] {
        world.run_night("nightly", now - SignedDuration::from_hours(hours));
    }
    world
}
