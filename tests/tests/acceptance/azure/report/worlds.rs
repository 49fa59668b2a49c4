//! Changes to the company, and the report of the morning after them.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::world::azure::{AzureJob, Item, Point, Step};
use tests::{Simulator, World};

use crate::azure::support::{at, company, run_all};
use crate::report::support::{Morning, Told};

/// Nine hours after the policies have run.
pub(in crate::azure) const MORNING: &str = "2026-03-13T07:00:00Z";

pub(super) fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

/// The company after a good night.
pub(super) fn good_night() -> World {
    let mut world = company();
    run_all(&mut world);
    world.clock = at(MORNING);
    world
}

pub(in crate::azure) fn report(simulator: &Simulator, settings: &[(&str, &str)]) -> Told {
    let azure = simulator.with_world(|world| world.azure.settings(simulator.url()));
    let azure: Vec<(&str, &str)> = azure.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let settings = [azure.as_slice(), settings].concat();
    let mut morning = Morning::with(simulator, &settings);
    morning.report()
}

pub(super) fn told(world: World) -> Told {
    report(&Simulator::start(world), &[])
}

/// The line of an item, whatever its verdict.
pub(in crate::azure) fn row<'a>(told: &'a Told, name: &str) -> &'a Value {
    let lines = told.lines("backup_evidence");
    let found: Vec<&&Value> = lines.iter().filter(|line| is_of(line, name)).collect();
    assert_eq!(found.len(), 1, "{name}: {lines:#?}");
    found[0]
}

pub(super) fn verdict<'a>(told: &'a Told, name: &str) -> &'a str {
    row(told, name)["verdict"].as_str().unwrap()
}

pub(super) fn item<'a>(world: &'a mut World, name: &str) -> &'a mut Item {
    world.azure.item(name)
}

/// Nothing was backed up for this many hours.
pub(super) fn age(world: &mut World, name: &str, ago: i64) {
    let time = at(MORNING) - hours(ago);
    let item = item(world, name);
    item.points = vec![Point { time, in_vault: true }];
    item.last_backup = Some(time);
    let id = item.id.clone();
    world.azure.jobs.retain(|job| job.item != id);
}

pub(super) fn runs(world: &mut World, name: &str, ago: i64, step: Step) {
    let begun = at(MORNING) - hours(ago);
    let id = world.azure.schedule(name, begun);
    let job = world.azure.jobs.iter_mut().find(|job| job.id == id).unwrap();
    *job = AzureJob { ends: at(MORNING) + hours(99), step, ..job.clone() };
}

pub(super) fn policy(world: &mut World, name: &str, properties: Value) {
    let vault = world.azure.vaults[0].id.clone();
    let id = world.azure.add_policy(&vault, &format!("of-{name}"), properties);
    item(world, name).policy = id;
}

pub(super) fn never(world: &mut World, name: &str) {
    age(world, name, 1);
    let item = item(world, name);
    item.points.clear();
    item.last_backup = None;
    "IRPending".clone_into(&mut item.protection_state);
}

pub(super) const SQL_WITH_LOGS: fn() -> Value = || {
    json!({
        "backupManagementType": "AzureWorkload", "workLoadType": "SQLDataBase",
        "subProtectionPolicy": [
            {"policyType": "Full", "schedulePolicy": {"schedulePolicyType": "SimpleSchedulePolicy", "scheduleRunFrequency": "Daily"}},
            {"policyType": "Log", "schedulePolicy": {"schedulePolicyType": "LogSchedulePolicy", "scheduleFrequencyInMins": 15}},
        ],
    })
};

/// Whether a line is about the item of this name: the id of a share does not tell it, its resource does. What a server of one's own protects is
/// told by the server alone.
pub(super) fn is_of(line: &Value, name: &str) -> bool {
    let ends =
        |member: &str, sign: char| line[member].as_str().is_some_and(|id| id.ends_with(&format!("{sign}{name}")));
    let label = line["resource_name"].as_str().unwrap_or_default();
    let on_server = label.starts_with(&format!("{name} [")) || label.ends_with(&format!(" [{name}.corp.example]"));
    line["item"].is_string() && (ends("item", ';') || ends("resource_arn", '/') || on_server)
}
