//! The report of every account and Region: in one process and in parts, and what it says of places that do not answer.

mod calls;
mod outside;
mod pages;
mod parts;
mod places;

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Function, Organization, Simulator, World};

use crate::report::support::{ALERTS, MORNING, Told, at};

const HUB: &str = "111122223333";
const CRM: &str = "400000000001";
const WEB: &str = "400000000002";
const LAB: &str = "400000000003";
const OLD: &str = "400000000004";
const NEW: &str = "400000000005";
const LOOK: &str = "night-one-look";
const BUCKET: &str = "night-one-evidence";
const NIGHT: &str = "2026-11-21";

/// Each database is backed up at 02:00, on `nights` nights up to the last.
fn databases(account: &str, region: &str, names: &[&str], nights: i32) -> World {
    let mut world = World::of(account, region, at("2026-09-01T00:00:00Z"));
    world.add_role("NightlyBackup");
    world.add_vault("prod");
    names.iter().for_each(|name| {
        world.add_resource("RDS", name);
    });
    world.add_plan("nightly");
    world.add_rule("nightly", "daily", "cron(0 2 ? * * *)", "prod");
    world.add_selection("nightly", "NightlyBackup", names);
    for ago in (0..nights).rev() {
        world.run_night("nightly", at("2026-11-21T02:00:00Z") - SignedDuration::from_hours(24) * ago);
    }
    world
}

/// The role is gone for the last `nights` nights: every backup of them fails.
fn broken(world: &mut World, nights: i32) {
    let role = world.roles.iter().position(|role| role.name == "NightlyBackup").unwrap();
    let role = world.roles.remove(role);
    for ago in (0..nights).rev() {
        world.run_night("nightly", at("2026-11-21T02:00:00Z") - SignedDuration::from_hours(24) * ago);
    }
    drop(role);
}

/// Six accounts in two Regions: one is well, two have lost the same role, one has no role for us, one is suspended, one has nothing.
fn organization() -> Organization {
    let mut hub = World::at("2026-09-01T00:00:00Z");
    hub.add_topic("alerts");
    hub.add_bucket(BUCKET);
    let mut organization = Organization::around(hub);
    let mut crm = databases(CRM, "eu-west-1", &["orders", "invoices"], 0);
    for ago in (3..12).rev() {
        crm.run_night("nightly", at("2026-11-21T02:00:00Z") - SignedDuration::from_hours(24) * ago);
    }
    broken(&mut crm, 3);
    let mut web = databases(WEB, "us-east-1", &["sessions"], 0);
    for ago in (2..12).rev() {
        web.run_night("nightly", at("2026-11-21T02:00:00Z") - SignedDuration::from_hours(24) * ago);
    }
    broken(&mut web, 2);
    for (world, name) in [
        (crm, "prod-crm"),
        (web, "prod-web"),
        (databases(LAB, "eu-west-1", &["lab"], 12), "lab"),
        (databases(OLD, "eu-west-1", &["archive"], 12), "old"),
    ] {
        organization.admit(world, name);
    }
    organization.add(NEW, "new");
    for id in [CRM, WEB, NEW] {
        organization.add_look_role(id, LOOK);
    }
    organization.member(OLD).state = tests::world::AccountState::Suspended;
    organization.with_account(HUB, "eu-west-1", |world| world.clock = at(MORNING));
    organization
}

/// A report function that watches the organization in two Regions, with a bucket.
fn start<'a>(simulator: &'a Simulator, more: &[(&str, &str)]) -> Function<'a> {
    let all = [
        ("ALERT_TOPIC_ARN", ALERTS),
        ("WATCH_ACCOUNTS", "organization"),
        ("WATCH_REGIONS", "eu-west-1,us-east-1"),
        ("EVIDENCE_BUCKET", BUCKET),
    ];
    Function::start("report", simulator, &[&all[..], more].concat()).unwrap()
}

fn play(simulator: &Simulator, report: &mut Function<'_>, payload: &Value) -> Told {
    simulator.take_published();
    let outcome = report.invoke(payload);
    Told::of(outcome, simulator.take_published(), simulator.with_world(|world| world.clock))
}

/// The report of the morning, in one process.
fn morning(organization: Organization) -> Told {
    let simulator = Simulator::start_organization(organization);
    let mut report = start(&simulator, &[]);
    play(&simulator, &mut report, &json!({ "time": MORNING }))
}
