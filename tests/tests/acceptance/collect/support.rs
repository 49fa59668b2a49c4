//! A company with three vaults, a clock to move, ticks that come every ten minutes, and what they put on the bus.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tests::told::records;
use tests::world::azure::{Cause, ItemKind};
use tests::{Function, Outcome, Simulator, World};

pub(crate) const NIGHT: &str = "2026-03-13T01:00:00Z";
pub(crate) const BUS: &str = "night-one";
pub(crate) const TEN: SignedDuration = SignedDuration::from_mins(10);
const ALERTS: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Three vaults: machines, a database and a server in the first, machines in the second and third.
pub(crate) fn company() -> World {
    let mut world = World::at(NIGHT);
    world.add_bus(BUS);
    let vaults = ["rsv-a", "rsv-b", "rsv-c"].map(|name| world.azure.add_vault(name));
    for (vault, machines) in vaults.iter().zip([["vm-a1", "vm-a2"], ["vm-b1", "vm-b2"], ["vm-c1", "vm-c2"]]) {
        for machine in machines {
            world.azure.add_item(vault, ItemKind::Vm, machine);
        }
    }
    world.azure.add_item(&vaults[0], ItemKind::Sql, "orders");
    world.azure.add_item(&vaults[0], ItemKind::Mars, "fs01");
    world
}

/// Lets an item fail from now on.
pub(crate) fn break_item(world: &mut World, name: &str) {
    let item = world.azure.item(name);
    let cause = match item.kind {
        ItemKind::Sql | ItemKind::Hana => Cause::log_chain(),
        _ => Cause::agent_down(),
    };
    item.cause = Some(cause);
}

/// Runs a scheduled job of an item that begins now and takes so long. Answers its id.
pub(crate) fn job(world: &mut World, name: &str, minutes: i64) -> String {
    world.azure.item(name).takes = SignedDuration::from_mins(minutes);
    let now = world.clock;
    world.azure.schedule(name, now)
}

/// A collect function in its company.
pub(crate) struct Collector<'a> {
    pub(crate) simulator: &'a Simulator,
    pub(crate) function: Function<'a>,
}

/// What one invocation answered, logged and put on the bus.
#[derive(Debug)]
pub(crate) struct Played {
    pub(crate) answer: Result<Value, Value>,
    pub(crate) logs: Vec<Value>,
    pub(crate) events: Vec<Value>,
}

impl<'a> Collector<'a> {
    pub(crate) fn new(simulator: &'a Simulator) -> Self {
        Self::with(simulator, &[])
    }

    pub(crate) fn with(simulator: &'a Simulator, settings: &[(&str, &str)]) -> Self {
        let mut function = start(simulator, settings).unwrap();
        // It waits for a service that fails as long as it has time: less than Lambda gives shows the same.
        function.time_limit = Duration::from_secs(30);
        Self { simulator, function }
    }

    /// The tick of the world's time.
    pub(crate) fn tick(&mut self) -> Played {
        let now = self.simulator.with_world(|world| world.clock);
        self.tick_of(now)
    }

    pub(crate) fn tick_of(&mut self, time: Timestamp) -> Played {
        self.play(&json!({"time": time.to_string()}))
    }

    /// Ticks every ten minutes for so long, and what they put on the bus.
    pub(crate) fn ticks_for(&mut self, time: SignedDuration) -> Vec<Played> {
        let until = self.simulator.with_world(|world| world.clock) + time;
        let mut played = Vec::new();
        while self.simulator.with_world(|world| world.clock) < until {
            self.simulator.with_world(|world| world.advance(TEN));
            played.push(self.tick());
        }
        played
    }

    pub(crate) fn play(&mut self, payload: &Value) -> Played {
        let outcome = self.function.invoke(payload);
        self.played(outcome)
    }

    fn played(&self, outcome: Outcome) -> Played {
        let events = self.simulator.with_world(|world| world.take_events(BUS));
        // Lines of metrics have no record.
        let (metrics, lines): (Vec<String>, Vec<String>) =
            outcome.logs.iter().cloned().partition(|line| line.contains("\"_aws\":"));
        for metric in &metrics {
            let metric: Value = serde_json::from_str(metric).unwrap();
            assert_eq!(metric["_aws"]["CloudWatchMetrics"][0]["Namespace"], "NightOne");
        }
        let told = Outcome { logs: lines, ..outcome };
        Played { logs: records(&told), answer: told.answer, events }
    }
}

/// The function with all that it must be told, and these settings over it.
pub(crate) fn start<'a>(simulator: &'a Simulator, settings: &[(&str, &str)]) -> Result<Function<'a>, String> {
    let azure = simulator.with_world(|world| world.azure.settings(simulator.url()));
    let mut variables: Vec<(&str, &str)> = azure.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    variables.extend([("ALERT_TOPIC_ARN", ALERTS), ("EVENT_BUS_NAME", BUS)]);
    variables.extend(settings.iter().copied());
    Function::start("collect", simulator, &variables)
}

impl Played {
    pub(crate) fn summary(&self) -> &Value {
        self.answer.as_ref().unwrap_or_else(|error| panic!("no answer but {error}"))
    }

    pub(crate) fn errors(&self) -> Vec<String> {
        let errors = self.summary()["coverage"]["errors"].as_array().unwrap();
        errors.iter().map(|error| error.as_str().unwrap().to_owned()).collect()
    }

    pub(crate) fn lines(&self, record: &str) -> Vec<&Value> {
        self.logs.iter().filter(|line| line["record"] == record).collect()
    }

    /// The ids of the jobs and items on the bus, in their order.
    pub(crate) fn ids(&self) -> Vec<String> {
        ids(&self.events)
    }
}

pub(crate) fn ids(events: &[Value]) -> Vec<String> {
    events.iter().map(|event| event["detail"]["job"]["name"].as_str().unwrap().to_owned()).collect()
}

pub(crate) fn all_ids(played: &[Played]) -> Vec<String> {
    played.iter().flat_map(Played::ids).collect()
}
