//! A company with two subscriptions, and the functions that watch it.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tests::world::azure::{Cause, ItemKind};
use tests::{Function, Simulator, World};

use crate::classify::support::{ALERTS, Played, play_batch};

pub(crate) const SECOND: &str = "0a000000-0000-4000-8000-00000000bbbb";
const BUS: &str = "night-one";
/// When the schedules of all policies run.
pub(crate) const NIGHT: &str = "2026-03-12T22:00:00Z";

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Twelve machines, a database, a server and a share, each with a good backup of the night before.
pub(crate) fn company() -> World {
    let mut world = World::at("2026-03-11T22:00:00Z");
    world.add_topic("alerts");
    world.add_bus(BUS);
    world.azure.subscriptions.push(SECOND.to_owned());
    world.azure.names.insert(SECOND.to_owned(), "prod-crm".to_owned());
    let main = world.azure.add_vault("rsv-prod");
    let second = world.azure.add_vault_in(SECOND, "rsv-crm");
    for number in 1..=12 {
        world.azure.add_item(&main, ItemKind::Vm, &format!("vm-{number:02}"));
    }
    world.azure.add_item(&second, ItemKind::Vm, "crm-01");
    world.azure.add_item(&second, ItemKind::Vm, "crm-02");
    world.azure.add_item(&main, ItemKind::Sql, "orders");
    world.azure.add_item(&main, ItemKind::FileShare, "finance");
    world.azure.add_item(&main, ItemKind::Mars, "fs01");
    run_all(&mut world);
    world.clock = at(NIGHT);
    world
}

/// Every item that is protected is backed up, and an hour passes.
pub(crate) fn run_all(world: &mut World) {
    let names: Vec<String> = world.azure.items.iter().map(|item| item.name.clone()).collect();
    for name in names {
        let now = world.clock;
        world.azure.schedule(&name, now);
    }
    world.advance(SignedDuration::from_hours(1));
}

pub(crate) fn break_items(world: &mut World, names: &[&str], title: &str, number: i64, text: &str) {
    for name in names {
        world.azure.item(name).cause = Some(Cause { title: title.into(), number, text: text.into() });
    }
}

/// The functions of a stack that watches both clouds.
pub(crate) struct Stack<'a> {
    pub(crate) simulator: &'a Simulator,
    collect: Function<'a>,
    pub(crate) classify: Function<'a>,
}

impl<'a> Stack<'a> {
    pub(crate) fn new(simulator: &'a Simulator) -> Self {
        let collect = start(simulator, "collect", &[("EVENT_BUS_NAME", BUS)]);
        Self { simulator, collect, classify: start(simulator, "classify", &[]) }
    }

    /// What collect puts on the bus by this time: a tick every ten minutes for two hours.
    pub(crate) fn collected(&mut self) -> Vec<Value> {
        let now = self.simulator.with_world(|world| world.clock);
        let first = now - SignedDuration::from_hours(2);
        for tick in 0..=12 {
            let time = first + SignedDuration::from_mins(10 * tick);
            let outcome = self.collect.invoke(&json!({"time": time.to_string()}));
            assert!(outcome.answer.is_ok(), "{outcome:?}");
        }
        self.simulator.with_world(|world| world.take_events(BUS))
    }

    /// What the tick of this time puts on the bus.
    pub(crate) fn tick(&mut self) -> Vec<Value> {
        let now = self.simulator.with_world(|world| world.clock);
        let outcome = self.collect.invoke(&json!({"time": now.to_string()}));
        assert!(outcome.answer.is_ok(), "{outcome:?}");
        self.simulator.with_world(|world| world.take_events(BUS))
    }

    /// The pages of one batch of all that was collected.
    pub(crate) fn pages(&mut self) -> Played {
        let events = self.collected();
        play_batch(self.simulator, &mut self.classify, &events)
    }
}

/// A function that watches both clouds.
pub(crate) fn start<'a>(simulator: &'a Simulator, name: &str, more: &[(&str, &str)]) -> Function<'a> {
    let azure = simulator.with_world(|world| world.azure.settings(simulator.url()));
    let mut variables: Vec<(&str, &str)> = azure.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    variables.push(("ALERT_TOPIC_ARN", ALERTS));
    variables.extend(more);
    Function::start(name, simulator, &variables).unwrap()
}
