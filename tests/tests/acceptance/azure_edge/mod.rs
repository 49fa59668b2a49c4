//! The edge to Azure against the simulated tenant: each call, each fault, and what must never be told.

mod calls;
mod faults;
mod identity;
mod lists;

use std::sync::Arc;
use std::time::Duration;

use aws::{Home, Timeouts};
use azure::{Settings, Subscription, Tenant, VaultId};
use jiff::Timestamp;
use tests::world::azure::ItemKind;
use tests::{Simulator, World};
use tokio::time::Instant;

pub(crate) const NIGHT: &str = "2026-03-13T01:00:00Z";

/// The id of a tenant or client that is not ours.
pub(crate) const OTHER: &str = "33333333-3333-3333-3333-333333333333";

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A vault with two machines, a database and a server with the agent.
pub(crate) fn company() -> World {
    let mut world = World::at(NIGHT);
    let vault = world.azure.add_vault("rsv-prod-01");
    world.azure.add_item(&vault, ItemKind::Vm, "vm-orders");
    world.azure.add_item(&vault, ItemKind::Vm, "vm-web");
    world.azure.add_item(&vault, ItemKind::Sql, "orders");
    world.azure.add_item(&vault, ItemKind::Mars, "fs01");
    world
}

pub(crate) fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

/// The crate as a function has it: settings and AWS from variables.
pub(crate) fn tenant(simulator: &Simulator) -> Tenant {
    let url = simulator.url().to_owned();
    let mut variables = simulator.with_world(|world| world.azure.settings(&url));
    for (name, value) in [
        ("AWS_ENDPOINT_URL", url.as_str()),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "simulated"),
        ("AWS_SECRET_ACCESS_KEY", "simulated"),
    ] {
        variables.push((name.to_owned(), value.to_owned()));
    }
    let lookup = |name: &str| variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let timeouts = Timeouts {
        operation: Duration::from_secs(10),
        attempt: Duration::from_secs(2),
        connect: Duration::from_secs(1),
    };
    let settings = Settings::read(&lookup).unwrap().expect("Azure is on");
    Tenant::new(settings, Arc::new(Home::read(&lookup, timeouts)))
}

pub(crate) fn subscription(simulator: &Simulator) -> Subscription {
    tenant(simulator).subscriptions().remove(0)
}

pub(crate) fn vault(simulator: &Simulator) -> VaultId {
    VaultId::parse(&simulator.with_world(|world| world.azure.vaults[0].id.clone())).unwrap()
}

pub(crate) fn item(simulator: &Simulator, name: &str) -> azure::ItemId {
    azure::ItemId::parse(&simulator.with_world(|world| world.azure.item(name).id.clone())).unwrap()
}

pub(crate) fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}
