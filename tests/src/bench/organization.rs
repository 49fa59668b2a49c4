//! The report of 300 accounts in one process, every call 100 ms away: calls, time and memory.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::figure::Figure;
use crate::world::REGIONS;
use crate::{Function, Organization, Simulator, World};

/// Each has databases in the first three Regions.
const ACCOUNTS: usize = 300;
const AWAY: Duration = Duration::from_millis(100);
/// What the template gives the function at most.
const TIME_LIMIT: Duration = Duration::from_secs(15 * 60);
/// 40 calls for each of 900 places that hold something, 3 for each of 4,200 that hold nothing.
const ESTIMATE: f64 = 49_000.0;

pub(super) fn measure() -> Result<Vec<Figure>, String> {
    let now: Timestamp = "2026-11-21T07:00:00Z".parse().map_err(|error| format!("no time: {error}"))?;
    let simulator = Simulator::start_organization(organization(now));
    let regions = REGIONS.join(",");
    let topic = "arn:aws:sns:eu-west-1:111122223333:alerts";
    let env = [("ALERT_TOPIC_ARN", topic), ("WATCH_ACCOUNTS", "organization"), ("WATCH_REGIONS", &regions)];
    let mut function = Function::start("report", &simulator, &env)?;
    function.time_limit = TIME_LIMIT;
    simulator.set_latency(AWAY);
    let begin = Instant::now();
    let outcome = function.invoke(&json!({ "time": now.to_string() }));
    let took = begin.elapsed().as_secs_f64();
    let answer = outcome.answer.map_err(|error| format!("report answered with an error: {error}"))?;
    if answer["resources"] != json!(ACCOUNTS * 6) || answer["coverage"]["complete"] != true {
        return Err(format!("report did not read it all: {answer}"));
    }
    let peak_mb = function.peak_memory_kb().ok_or("this system does not tell a process's peak memory")? as f64 / 1024.0;
    let calls = simulator.calls().len() as f64;
    println!("\nreport: {ACCOUNTS} accounts in {} Regions, {} ms a call", REGIONS.len(), AWAY.as_millis());
    println!("  {calls} calls in {took:.1} s, {peak_mb:.1} MB");
    let of = |what: &str| format!("report: {ACCOUNTS} accounts x {} Regions: {what}", REGIONS.len());
    Ok(vec![
        Figure::at_most(1.3, "times", of("calls : estimate"), calls / ESTIMATE),
        Figure::at_most(TIME_LIMIT.as_secs_f64(), "s", of("time"), took),
        Figure::at_most(512.0, "MB", of("RSS"), peak_mb),
    ])
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

/// Two databases that were backed up on the last two nights.
fn databases(account: &str, region: &str, begin: Timestamp, now: Timestamp) -> World {
    let mut world = World::of(account, region, begin);
    world.add_role("NightlyBackup");
    world.add_vault("prod");
    world.add_resource("RDS", "db-1");
    world.add_resource("RDS", "db-2");
    world.add_plan("nightly");
    world.add_rule("nightly", "daily", "cron(0 2 ? * * *)", "prod");
    world.add_selection("nightly", "NightlyBackup", &["db-1", "db-2"]);
    for hours in [29, 5] {
        world.run_night("nightly", now - SignedDuration::from_hours(hours));
    }
    world
}
