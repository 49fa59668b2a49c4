//! Polled mode: what failed in accounts and Regions that forward no events.

mod central;
mod check;
mod faults;
mod pages;
mod ticks;

use jiff::SignedDuration;
use serde_json::Value;
use tests::world::{BackupJob, JobState, Order, Organization};
use tests::{Function, Simulator, World};

use super::support::{BUS, Collector, Played, TEN, at};

const HUB: &str = "111122223333";
const HOME: &str = "eu-west-1";
const AWAY: &str = "us-east-1";
const LOOK: &str = "night-one-look";
const ALERTS: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";
/// The settings of a hub that polls its organization.
const POLLED: [(&str, &str); 2] = [("MEMBER_EVENTS", "polled"), ("WATCH_ACCOUNTS", "organization")];

/// `prod-00` is account 400000000000.
fn id(number: usize) -> String {
    format!("4000000000{number:02}")
}

/// A hub, and `members` accounts with two databases each, whose plan runs as a role `NightlyBackup`. They let the hub look, and forward nothing.
fn organization(members: usize) -> Organization {
    let clock = at("2026-03-13T01:00:00Z");
    let mut hub = World::of(HUB, HOME, clock);
    hub.add_topic("alerts");
    hub.add_bus(BUS);
    furnish(&mut hub);
    let mut organization = Organization::around(hub);
    for number in 0..members {
        let mut world = World::of(&id(number), HOME, clock);
        furnish(&mut world);
        organization.admit(world, &format!("prod-{number:02}"));
        organization.add_look_role(&id(number), LOOK);
    }
    organization
}

fn furnish(world: &mut World) {
    world.add_role("NightlyBackup");
    world.add_vault("prod");
    world.add_resource("RDS", "orders");
    world.add_resource("RDS", "invoices");
    world.add_plan("nightly");
    world.add_rule("nightly", "daily", "cron(0 3 ? * * *)", "prod");
    world.add_selection("nightly", "NightlyBackup", &["orders", "invoices"]);
}

/// A backup of `orders` that begins now and ends after `minutes` in this state, with a message unless it is to be clean. Answers its id.
fn backup(world: &mut World, state: JobState, minutes: i64) -> String {
    let role = world.role("NightlyBackup").arn.clone();
    let orders = world.resource("orders").arn.clone();
    let now = world.clock;
    let id = world.back_up(&Order::on_demand(&orders, "prod", &role), now);
    let job = job(world, &id);
    (job.end, job.ends) = (state, Some(now + SignedDuration::from_mins(minutes)));
    job.begins = now;
    job.message = Some("Backup job failed because there was an internal error.".to_owned());
    id
}

fn job<'a>(world: &'a mut World, id: &str) -> &'a mut BackupJob {
    world.backup_jobs.iter_mut().find(|job| job.id == id).unwrap()
}

/// A collect function without Azure.
fn start<'a>(simulator: &'a Simulator, env: &[(&str, &str)]) -> Function<'a> {
    let all = [&[("ALERT_TOPIC_ARN", ALERTS), ("EVENT_BUS_NAME", BUS)], env].concat();
    Function::start("collect", simulator, &all).unwrap()
}

fn collector<'a>(simulator: &'a Simulator, env: &[(&str, &str)]) -> Collector<'a> {
    Collector { simulator, function: start(simulator, env) }
}

/// The ids of the jobs on the bus, in their order.
fn ids(events: &[Value]) -> Vec<String> {
    events.iter().map(|event| id_of(&event["detail"]["job"])).collect()
}

/// The id of a job of any kind, as its event or its record tells it.
fn id_of(job: &Value) -> String {
    let id = ["backupJobId", "copyJobId", "restoreJobId"].into_iter().find_map(|name| job[name].as_str());
    id.unwrap_or_else(|| panic!("a job without an id: {job}")).to_owned()
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

/// The scope of each list of jobs that was asked for.
fn listed(simulator: &Simulator) -> Vec<(String, String)> {
    let calls = simulator.calls().into_iter();
    calls.filter(|call| call.service == "backup").map(|call| (call.account, call.region)).collect()
}
