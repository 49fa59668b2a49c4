//! `make run STORY=azure`: a night in which Azure Backup fails in five ways beside a quiet night of AWS, the fix of one of them, and the report.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::screen::Screen;
use super::ticks::{QUARTER, invoke, tick};
use super::{RUNBOOK, evidence, topic, worlds};
use crate::events::sqs_batch;
use crate::world::azure::{AzureJob, Cause, ItemKind, Step};
use crate::{Function, Simulator, World};

const BUS: &str = "night-one";
/// The interval of collect.
const TEN: SignedDuration = SignedDuration::from_mins(10);

/// Plays the night and prints every mail.
///
/// # Errors
/// A sentence saying what could not be played.
pub fn azure() -> Result<(), String> {
    let screen = Screen::new("azure")?;
    let simulator = Simulator::start(company());
    let settings = settings(&simulator)?;
    let functions = |name: &str, more: &[(&str, &str)]| {
        let own = settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let variables: Vec<(&str, &str)> = own.chain(more.iter().copied()).collect();
        Function::start(name, &simulator, &variables)
    };
    let mut collect = functions("collect", &[("EVENT_BUS_NAME", BUS)])?;
    let mut classify = functions("classify", &[])?;
    let mut verify = functions("verify", &[])?;

    screen.title("The way to Azure, link by link (aws lambda invoke ... '{\"check\":true}')");
    let check = collect.invoke(&json!({"check": true})).answer.map_err(|error| format!("collect answered: {error}"))?;
    for link in check["links"].as_array().into_iter().flatten() {
        let text = |member: &str| link[member].as_str().unwrap_or_default();
        screen.line(&format!("{:<8} {}: {}", text("state"), text("link"), text("found")));
    }

    screen.title("The night: 12 machines, a database, an encrypted machine, a server and a restore fail");
    simulator.with_world(bad_night);
    for _ in 0..12 {
        simulator.with_world(|world| world.advance(TEN));
        let time = simulator.with_world(|world| world.clock);
        let outcome = collect.invoke(&json!({"time": time.to_string()}));
        screen.logs(&outcome.logs);
        outcome.answer.map_err(|error| format!("collect answered with an error: {error}"))?;
    }
    let events = simulator.with_world(|world| world.take_events(BUS));
    let outcome = classify.invoke(&sqs_batch(&events));
    screen.logs(&outcome.logs);
    outcome.answer.map_err(|error| format!("classify answered with an error: {error}"))?;
    for mail in simulator.take_published() {
        screen.mail(&mail)?;
    }

    simulator.with_world(|world| {
        for (plan, hour) in [("crm-nightly", "01"), ("orders-nightly", "02")] {
            world.run_night(plan, at(&format!("2026-11-20T{hour}:00:00Z")));
        }
    });
    screen.title("The next morning, nothing is mended yet: a tick of verify, and why it starts nothing");
    tick(&screen, &simulator, &mut verify)?;
    simulator.with_world(mend_the_agents);
    screen.title("The agents of the machines run again: verify sees it, and reruns one machine. The others need their own good job");
    tick(&screen, &simulator, &mut verify)?;
    for _ in 0..5 {
        simulator.with_world(|world| world.advance(QUARTER));
        invoke(&screen, &simulator, &mut verify)?;
    }

    screen.title("07:00: the report of both clouds");
    simulator.with_world(|world| world.clock = at("2026-11-20T07:00:00Z"));
    let mut report = functions("report", &[])?;
    let outcome = report.invoke(&json!({"time": "2026-11-20T07:00:00Z"}));
    screen.logs(&outcome.logs);
    outcome.answer.map_err(|error| format!("report answered with an error: {error}"))?;
    for mail in simulator.take_published() {
        screen.mail(&mail)?;
    }
    simulator.with_world(|world| screen.pages(world.bucket(super::BUCKET)))?;
    screen.show("A night of Azure Backup, beside a quiet one of AWS", &[])
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a date of this file")
}

/// Where Azure is and where notices go, for every function.
fn settings(simulator: &Simulator) -> Result<Vec<(String, String)>, String> {
    let mut settings = simulator.with_world(|world| world.azure.settings(simulator.url()));
    settings.push(("ALERT_TOPIC_ARN".to_owned(), topic(simulator)?));
    settings.push((RUNBOOK.0.to_owned(), RUNBOOK.1.to_owned()));
    settings.extend(evidence(simulator).map(|(name, value)| (name.to_owned(), value)));
    Ok(settings)
}

/// The healthy account of AWS and, in Azure, machines, a database, a share and a server with a good backup of the night before.
fn company() -> World {
    let mut world = worlds::healthy();
    world.clock = at("2026-11-18T22:00:00Z");
    world.add_bus(BUS);
    let vault = world.azure.add_vault("rsv-prod");
    for name in machines().chain(["erp-01".to_owned()]) {
        world.azure.add_item(&vault, ItemKind::Vm, &name);
    }
    world.azure.add_item(&vault, ItemKind::Sql, "orders");
    world.azure.add_item(&vault, ItemKind::FileShare, "finance");
    world.azure.add_item(&vault, ItemKind::Mars, "fs01");
    schedule_all(&mut world);
    world.advance(SignedDuration::from_hours(1));
    world.clock = at("2026-11-19T22:00:00Z");
    world
}

fn machines() -> impl Iterator<Item = String> {
    (1..=12).map(|number| format!("app-{number:02}"))
}

fn schedule_all(world: &mut World) {
    let (now, items) = (world.clock, world.azure.items.clone());
    for item in items {
        world.azure.schedule(&item.name, now);
    }
}

/// Somebody rolled out an image without the agent. A log chain was broken by a tool of another vendor, a key vault lost a permission, an
/// application keeps files open, and a restore asks for a size of machine that the location does not have.
fn bad_night(world: &mut World) {
    for machine in machines() {
        world.azure.item(&machine).cause = Some(Cause::agent_down());
        world.azure.machine(&machine).agent_ready = false;
    }
    world.azure.item("orders").cause = Some(Cause::log_chain());
    let cause = |title: &str, text: &str| Cause { title: title.into(), number: 0, text: text.into() };
    world.azure.item("erp-01").cause = Some(cause(
        "UserErrorKeyVaultPermissionsNotConfigured",
        "Azure Backup Service does not have sufficient permissions to Key Vault for Backup of Encrypted Virtual Machines.",
    ));
    world.azure.item("fs01").cause =
        Some(cause("", "The process cannot access the file because it is being used by another process."));
    let now = world.clock;
    schedule_all(world);
    let restored = world.azure.item("erp-01").clone();
    world.azure.jobs.push(AzureJob {
        id: "5f0c2a10-6c1e-4a53-9a07-0d7c3d1f9b11".to_owned(),
        vault: world.azure.vaults[0].id.clone(),
        container: restored.container(),
        item: restored.id,
        kind: ItemKind::Vm,
        job_type: "AzureIaaSVMJob".to_owned(),
        entity: restored.name,
        operation: "Restore".to_owned(),
        status: "Failed".to_owned(),
        user_triggered: true,
        started: now,
        ends: now + TEN,
        error: Some(cause("UserErrorSkuNotAvailable", "The requested VM size is not available in the location.")),
        keep_until: None,
        step: Step::Snapshot,
        invisible: 0,
    });
}

fn mend_the_agents(world: &mut World) {
    for machine in machines() {
        world.azure.item(&machine).cause = None;
        world.azure.machine(&machine).agent_ready = true;
    }
}
