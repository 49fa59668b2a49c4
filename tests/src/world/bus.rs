use serde_json::Value;

use super::World;

/// An event bus of our own. What is put on it stays there until a test takes it.
#[derive(Clone, Debug)]
pub struct Bus {
    pub name: String,
    /// As rules and their targets see them.
    pub events: Vec<Value>,
    /// So many further events it refuses, each by itself.
    pub refuses: u32,
}

impl World {
    pub fn add_bus(&mut self, name: &str) -> &mut Bus {
        self.buses.push(Bus { name: name.to_owned(), events: Vec::new(), refuses: 0 });
        self.buses.last_mut().expect("just added")
    }

    /// # Panics
    /// If there is no such bus.
    pub fn bus(&mut self, name: &str) -> &mut Bus {
        self.buses.iter_mut().find(|bus| bus.name == name).unwrap_or_else(|| panic!("no bus {name}"))
    }

    /// Empties a bus: its events, in the order in which they came. [`crate::events::sqs_batch`] makes of them what classify's queue hands on.
    pub fn take_events(&mut self, bus: &str) -> Vec<Value> {
        std::mem::take(&mut self.bus(bus).events)
    }
}
