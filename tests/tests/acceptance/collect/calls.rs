//! What a tick costs: calls grow with vaults and with pages, and not with jobs.

use jiff::SignedDuration;
use tests::world::azure::{Cause, ItemKind};
use tests::{Simulator, World};

use super::support::{Collector, company, job};

/// So many failed jobs of seven causes over the three vaults.
fn storm(jobs: usize) -> World {
    let mut world = company();
    for number in 0..jobs {
        let names = ["vm-a1", "vm-a2", "vm-b1", "vm-b2", "vm-c1", "vm-c2"];
        let (name, cause) = (names[number % names.len()], number % 7);
        let text = format!("Cause {cause}");
        world.azure.item(name).cause = Some(Cause { title: format!("UserErrorCause{cause}"), number: 0, text });
        job(&mut world, name, 20);
    }
    world.advance(SignedDuration::from_mins(40));
    world
}

fn calls(world: World) -> (usize, usize, usize) {
    let jobs = world.azure.jobs.len();
    let simulator = Simulator::start(world);
    let played = Collector::new(&simulator).tick();
    assert_eq!(played.events.len(), jobs);
    assert_eq!((simulator.count("sts"), simulator.count("entra")), (1, 1));
    let graph = simulator.count_of("azure", "QueryGraph");
    (graph, simulator.count("azure") - graph, simulator.count("events"))
}

#[test]
fn a_storm_costs_pages_and_not_jobs() {
    // Three queries of the graph; of each vault three lists of jobs and four of items.
    assert_eq!(calls(storm(0)), (3, 3 * 7, 0));
    // And the machines of each vault, once.
    assert_eq!(calls(storm(3 * 7)), (3, 3 * 7 + 3, 3));
    // 334, 333 and 333 failed jobs: one more page in each vault.
    assert_eq!(calls(storm(1000)), (3, 3 * 7 + 3 + 3, 100));
}

#[test]
fn what_only_the_graph_knows_is_asked_for_a_few_times_at_most() {
    let mut world = company();
    let vault = world.azure.vaults[0].id.clone();
    world.azure.habits.graph_has_errors = false;
    for number in 0..60 {
        let name = format!("db-{number}");
        world.azure.add_item(&vault, ItemKind::Sql, &name).cause = Some(Cause::log_chain());
        job(&mut world, &name, 20);
        world.azure.jobs.last_mut().unwrap().operation = "Backup (Full)".to_owned();
    }
    world.advance(SignedDuration::from_mins(40));
    let (_, others, _) = calls(world);
    assert_eq!(others, 3 * 7 + 25);
}
