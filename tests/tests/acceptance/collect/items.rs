//! What no list of a vault tells: scheduled jobs of databases in the graph, and items that say of themselves that they are unhealthy.

use jiff::SignedDuration;
use serde_json::json;
use tests::Simulator;
use tests::world::azure::{ErrorShape, ItemKind};

use super::support::{Collector, all_ids, break_item, company, job};

/// A scheduled full backup of a database: the vault hides it, the graph tells it.
#[test]
fn a_hidden_job_is_seen_through_the_graph() {
    for has_errors in [true, false] {
        let mut world = company();
        world.azure.habits.graph_has_errors = has_errors;
        break_item(&mut world, "orders");
        let failed = job(&mut world, "orders", 20);
        world.azure.jobs[0].operation = "Backup (Full)".to_owned();
        world.advance(SignedDuration::from_mins(40));
        let item = world.azure.item("orders").id.to_lowercase();
        let simulator = Simulator::start(world);
        let played = Collector::new(&simulator).tick();
        assert_eq!(played.ids(), [failed], "{has_errors}");
        let detail = &played.events[0]["detail"];
        assert_eq!((&detail["item_id"], &detail["location"]), (&json!(item), &json!("westeurope")));
        assert_eq!(detail["job"]["properties"]["errorDetails"][0]["errorTitle"], "UserErrorSQLLSNValidationFailure");
        assert_eq!(played.summary()["sources"], json!({"vault_lists": 0, "resource_graph": 1, "items": 0}));
        // Where the row has no errors the job itself is asked.
        assert_eq!(simulator.count_of("azure", "GetJob"), usize::from(!has_errors));
    }
}

#[test]
fn a_job_whose_errors_nobody_tells_is_told_without() {
    let mut world = company();
    world.azure.habits.errors = ErrorShape::Absent;
    break_item(&mut world, "orders");
    let failed = job(&mut world, "orders", 20);
    world.azure.jobs[0].operation = "Backup (Full)".to_owned();
    world.advance(SignedDuration::from_mins(40));
    let simulator = Simulator::start(world);
    assert_eq!(Collector::new(&simulator).tick().ids(), [failed]);
}

/// Every quarter of an hour a log backup fails, of which nobody keeps a job.
#[test]
fn a_log_chain_that_breaks_is_told_once_an_attempt_until_it_is_mended() {
    for kind in [ItemKind::Sql, ItemKind::Hana] {
        let mut world = company();
        let vault = world.azure.vaults[1].id.clone();
        world.azure.add_item(&vault, kind, "chain");
        break_item(&mut world, "chain");
        let item = world.azure.item("chain").id.clone();
        let simulator = Simulator::start(world);
        let mut collector = Collector::new(&simulator);
        let mut played = Vec::new();
        for attempt in 0..8 {
            simulator.with_world(|world| {
                if attempt == 6 {
                    world.azure.item("chain").cause = None;
                }
                job(world, "chain", 1);
            });
            for minutes in [5, 5, 5] {
                simulator.with_world(|world| world.advance(SignedDuration::from_mins(minutes)));
                let on_grid = simulator.with_world(|world| world.clock.as_second() % 600 == 0);
                if on_grid {
                    played.push(collector.tick());
                }
            }
        }
        let told: Vec<_> = played.iter().flat_map(|played| &played.events).collect();
        // The first within ten minutes of the attempt; six attempts failed.
        assert_eq!(played[0].events.len(), 1, "{kind:?}");
        assert_eq!(told.len(), 6, "{kind:?}");
        let mut times: Vec<String> =
            told.iter().map(|event| event["detail"]["job"]["properties"]["lastBackupTime"].to_string()).collect();
        times.dedup();
        assert_eq!(times.len(), 6);
        for event in told {
            let detail = &event["detail"];
            assert_eq!((&detail["item_id"], &detail["location"]), (&json!(item.to_lowercase()), &json!("westeurope")));
            assert_eq!(detail["job"]["id"], item);
            assert_eq!(
                detail["job"]["properties"]["lastBackupErrorDetail"]["code"],
                "UserErrorSQLLSNValidationFailure"
            );
        }
        let line = played[0].lines("job_collected")[0].clone();
        assert_eq!(line["job_id"], format!("item:{}@2026-03-13T01:01:00Z", item.to_lowercase()));
        assert_eq!((&line["operation"], &line["seen_by"]), (&json!(null), &json!(["item"])));
    }
}

/// A job that somebody started by hand is in the list of the vault: its item says nothing new.
#[test]
fn an_item_that_a_job_tells_of_is_told_by_the_job_alone() {
    for in_graph in [true, false] {
        let mut world = company();
        break_item(&mut world, "orders");
        let failed = job(&mut world, "orders", 5);
        if in_graph {
            world.azure.jobs[0].operation = "Backup (Full)".to_owned();
        } else {
            world.azure.jobs[0].user_triggered = true;
        }
        let simulator = Simulator::start(world);
        let mut collector = Collector::new(&simulator);
        let played = collector.ticks_for(SignedDuration::from_mins(60));
        assert_eq!(all_ids(&played), [failed], "{in_graph}");
    }
}

/// DPM and MABS: what is known of their items is as old as the last word of their server.
#[test]
fn a_server_with_dpm_is_seen_through_its_items() {
    let mut world = company();
    let vault = world.azure.vaults[2].id.clone();
    world.azure.add_item(&vault, ItemKind::Dpm, "dpm-files");
    break_item(&mut world, "dpm-files");
    job(&mut world, "dpm-files", 5);
    let at_work = world.clone();
    let simulator = Simulator::start(world);
    // The graph has its job as well, so the item is not told.
    let played = Collector::new(&simulator).ticks_for(SignedDuration::from_mins(40));
    assert_eq!(all_ids(&played).len(), 1);
    // Without the job the item is.
    let mut world = at_work;
    world.advance(SignedDuration::from_mins(10));
    world.azure.jobs.clear();
    let simulator = Simulator::start(world);
    let played = Collector::new(&simulator).tick();
    assert_eq!(played.events.len(), 1);
    assert_eq!(played.events[0]["detail"]["job"]["properties"]["extendedInfo"]["lastBackupStatus"], "Failed");
}
