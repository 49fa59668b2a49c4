//! Ticks: nothing lost, nothing repeated, whatever becomes of one of them.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::world::azure::{Cause, ItemKind};
use tests::{Fault, Held, Repeat, Simulator, events};

use super::support::{BUS, Collector, TEN, all_ids, at, break_item, company, ids, job};

#[test]
fn one_event_a_job_says_where_it_was_and_what_azure_said() {
    let mut world = company();
    break_item(&mut world, "vm-a1");
    let failed = job(&mut world, "vm-a1", 20);
    world.advance(SignedDuration::from_mins(40));
    let (vault, item) = (world.azure.vaults[0].id.to_lowercase(), world.azure.item("vm-a1").id.to_lowercase());
    let simulator = Simulator::start(world);
    let played = Collector::new(&simulator).tick();
    let [event] = played.events.as_slice() else { panic!("one event: {:?}", played.events) };
    assert_eq!((&event["source"], &event["detail-type"]), (&json!("night-one"), &json!("Azure Backup Job")));
    let detail = &event["detail"];
    assert_eq!(detail["cloud"], "azure");
    assert_eq!(detail["subscription"], tests::world::azure::SUBSCRIPTION);
    assert_eq!(detail["location"], "westeurope");
    assert_eq!((&detail["vault_id"], &detail["item_id"]), (&json!(vault), &json!(item)));
    let members: Vec<&String> = detail.as_object().unwrap().keys().collect();
    assert_eq!(members, ["cloud", "item_id", "job", "location", "subscription", "vault_id"]);
    assert_eq!(detail["job"]["name"], failed);
    assert_eq!(detail["job"]["properties"]["errorDetails"][0]["errorTitle"], "GuestAgentSnapshotTaskStatusError");
    let summary = played.summary();
    assert_eq!((&summary["collected"], &summary["vaults"]), (&json!(1), &json!(3)));
    assert_eq!(summary["sources"], json!({"vault_lists": 1, "resource_graph": 0, "items": 0}));
    assert_eq!(summary["coverage"], json!({"complete": true, "errors": []}));
    let [line] = played.lines("job_collected")[..] else { panic!("one line") };
    assert_eq!((&line["job_id"], &line["end"]), (&json!(failed), &json!("2026-03-13T01:20:00Z")));
    // What classify's queue makes of it.
    let batch = events::sqs_batch(&played.events);
    let body: Value = serde_json::from_str(batch["Records"][0]["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["detail"]["job"]["name"], failed);
}

/// Jobs of every length end at every minute of half a day; machines fail and recover.
#[test]
fn consecutive_ticks_lose_nothing_and_repeat_nothing() {
    let mut random = fastrand::Rng::with_seed(11);
    let simulator = Simulator::start(company());
    let mut collector = Collector::new(&simulator);
    let mut played = Vec::new();
    for _ in 0..36 {
        simulator.with_world(|world| {
            for name in ["vm-a1", "vm-a2", "vm-b1", "vm-b2", "vm-c1"] {
                world.azure.item(name).cause = random.bool().then(Cause::agent_down);
                job(world, name, random.i64(0..45));
            }
        });
        played.extend(collector.ticks_for(TEN));
    }
    // Until the last job is settled.
    played.extend(collector.ticks_for(SignedDuration::from_mins(80)));
    let mut failed: Vec<String> = simulator.with_world(|world| {
        world.azure.jobs.iter().filter(|job| job.status == "Failed").map(|job| job.id.clone()).collect()
    });
    let mut told = all_ids(&played);
    assert!(failed.len() > 50, "{}", failed.len());
    failed.sort();
    told.sort();
    assert_eq!(told, failed);
    assert!(played.iter().all(|played| played.summary()["coverage"]["complete"] == true));
}

#[test]
fn a_tick_twice_or_late_brings_the_same() {
    let mut world = company();
    break_item(&mut world, "vm-a1");
    let failed = job(&mut world, "vm-a1", 20);
    world.advance(SignedDuration::from_mins(40));
    let simulator = Simulator::start(world);
    let mut collector = Collector::new(&simulator);
    let tick = at("2026-03-13T01:40:00Z");
    let one = [failed];
    assert_eq!(collector.tick_of(tick).ids(), one);
    assert_eq!(collector.tick_of(tick).ids(), one);
    // A schedule does not begin at the full minute.
    simulator.with_world(|world| world.advance(TEN));
    assert_eq!(collector.tick_of(at("2026-03-13T01:49:59Z")).ids(), one);
    simulator.with_world(|world| world.advance(SignedDuration::from_hours(30)));
    assert_eq!(collector.tick_of(tick).ids(), one);
    collector.function.cold_start().unwrap();
    assert_eq!(collector.tick_of(tick).ids(), one);
    assert_eq!(collector.tick().ids(), Vec::<String>::new());
}

#[test]
fn who_asks_by_hand_gets_what_the_newest_tick_brings() {
    let mut world = company();
    break_item(&mut world, "vm-a1");
    let failed = job(&mut world, "vm-a1", 20);
    world.advance(SignedDuration::from_mins(44));
    let simulator = Simulator::start(world);
    let mut collector = Collector::new(&simulator);
    assert_eq!(collector.play(&json!({})).ids(), [failed]);
    let refused = collector.play(&json!({"chek": true}));
    assert_eq!(refused.answer.unwrap_err()["errorType"], "MalformedPayload");
    assert_eq!(refused.logs.len(), 1);
}

/// Whatever call of a tick is the last before its process dies, the next run brings all.
#[test]
fn a_tick_that_dies_half_way_loses_nothing() {
    let mut world = company();
    let mut failed = Vec::new();
    for name in ["vm-a1", "vm-b1", "vm-c1"] {
        break_item(&mut world, name);
        failed.push(job(&mut world, name, 20));
    }
    world.advance(SignedDuration::from_mins(40));
    failed.sort();
    let simulator = Simulator::start(world);
    let mut collector = Collector::new(&simulator);
    for (calls, held) in [
        (0, Held::NotDone),
        (1, Held::Done),
        (4, Held::NotDone),
        (9, Held::Done),
        (20, Held::NotDone),
        (27, Held::Done),
    ] {
        simulator.hold_after(calls, held);
        let died = collector.tick();
        simulator.let_go();
        assert!(died.answer.is_err(), "{calls}: {died:?}");
        let mut told = collector.tick().ids();
        told.sort();
        assert_eq!(told, failed, "{calls}");
    }
}

#[test]
fn what_one_vault_does_not_tell_now_is_told_by_the_next_run_and_the_rest_at_once() {
    for fault in [
        Fault::Throttle,
        Fault::ServerError,
        Fault::Reset,
        Fault::Html(502),
        Fault::Truncated,
        Fault::Malformed,
        Fault::Delay(3_600_000),
    ] {
        let mut world = company();
        for name in ["vm-a1", "vm-b1"] {
            break_item(&mut world, name);
        }
        let (first, second) = (job(&mut world, "vm-a1", 20), job(&mut world, "vm-b1", 20));
        world.advance(SignedDuration::from_mins(40));
        let simulator = Simulator::start(world);
        let mut collector = Collector::new(&simulator);
        collector.function.time_limit = std::time::Duration::from_secs(8);
        simulator.fail_asking("azure", "ListJobs", "vaults/rsv-b/", fault, Repeat::Always);
        let half = collector.tick();
        assert_eq!(half.ids(), std::slice::from_ref(&first), "{fault:?}");
        let error = half.answer.as_ref().unwrap_err();
        assert_eq!(error["errorType"], "NotRead", "{fault:?}");
        assert!(error["errorMessage"].as_str().unwrap().contains("/vaults/rsv-b could not be read"), "{error}");
        simulator.heal();
        let mut told = collector.tick().ids();
        told.sort();
        let mut both = [first, second];
        both.sort();
        assert_eq!(told, both, "{fault:?}");
    }
}

#[test]
fn what_the_bus_refuses_is_sent_again_and_then_told() {
    let mut world = company();
    break_item(&mut world, "vm-a1");
    for _ in 0..25 {
        job(&mut world, "vm-a1", 20);
    }
    world.advance(SignedDuration::from_mins(40));
    let simulator = Simulator::start(world);
    let mut collector = Collector::new(&simulator);
    // 3 of 25 are refused once.
    simulator.with_world(|world| world.bus(BUS).refuses = 3);
    let played = collector.tick();
    assert_eq!((played.ids().len(), &played.summary()["collected"]), (25, &json!(25)));
    assert_eq!(simulator.count_of("events", "PutEvents"), 4);
    // The first ten are refused for good, and the others go out.
    simulator.with_world(|world| world.bus(BUS).refuses = 40);
    let played = collector.tick();
    assert_eq!(played.ids().len(), 15);
    assert_eq!(played.answer.as_ref().unwrap_err()["errorType"], "NotPut");
    let [summary] = played.lines("collect_summary")[..] else { panic!("one summary") };
    assert_eq!((&summary["collected"], &summary["not_put"]), (&json!(15), &json!(10)));
    assert_eq!(played.lines("job_collected").len(), 15);
    assert_eq!(collector.tick().ids().len(), 25);
    for fault in [Fault::Denied, Fault::ServerError, Fault::Reset, Fault::NoMembers] {
        simulator.fail("events", "*", fault, Repeat::Always);
        let played = collector.tick();
        let error = played.answer.unwrap_err();
        assert_eq!(error["errorType"], "NotPut", "{fault:?}");
        // Without its answer nobody knows whether they were put.
        assert_eq!(played.events.len(), if fault == Fault::NoMembers { 25 } else { 0 }, "{fault:?}");
        assert!(error["errorMessage"].as_str().unwrap().contains("events:PutEvents"), "{error}");
        simulator.heal();
    }
}

/// The bus takes 256 KB a call, and an event of that size would not go through the queue behind it.
#[test]
fn a_record_that_is_too_large_is_cut_and_not_lost() {
    let mut world = company();
    let mut cause = Cause::agent_down();
    cause.text = format!("Could not communicate with the VM agent: {}", "\u{e9}\"x".repeat(200_000));
    world.azure.item("vm-a1").cause = Some(cause);
    let failed = job(&mut world, "vm-a1", 20);
    break_item(&mut world, "vm-a2");
    let other = job(&mut world, "vm-a2", 20);
    world.advance(SignedDuration::from_mins(40));
    let simulator = Simulator::start(world);
    let played = Collector::new(&simulator).tick();
    let mut told = played.ids();
    told.sort();
    let mut both = [failed.clone(), other];
    both.sort();
    assert_eq!(told, both);
    let event = played.events.iter().find(|event| event["detail"]["job"]["name"] == failed).unwrap();
    let error = &event["detail"]["job"]["properties"]["errorDetails"][0];
    assert_eq!(error["errorTitle"], "GuestAgentSnapshotTaskStatusError");
    assert!(error["errorString"].as_str().unwrap().starts_with("Could not communicate with the VM agent: "));
    assert!(event.to_string().len() < 256 * 1024);
}

/// Lists are filtered by the start of a job, and windows go by its end: what runs for days is told all the same.
#[test]
fn a_job_that_ran_for_days_is_told_when_it_ends() {
    let mut world = company();
    let mut told = Vec::new();
    for (name, hours) in [("vm-a1", 3), ("vm-a2", 49), ("fs01", 7 * 24)] {
        break_item(&mut world, name);
        let id = job(&mut world, name, 20);
        let now = world.clock;
        let job = world.azure.job(&id);
        job.started = now - SignedDuration::from_hours(hours);
        told.push(id);
    }
    world.advance(SignedDuration::from_mins(40));
    let simulator = Simulator::start(world);
    let mut ids = Collector::new(&simulator).tick().ids();
    ids.sort();
    told.sort();
    assert_eq!(ids, told);
}

/// Backups and restores are told; what else a vault does is counted by its name. A state that nobody knows is told.
#[test]
fn bad_ends_of_every_kind_are_told_and_nothing_else() {
    let mut world = company();
    let mut told = Vec::new();
    for (status, operation, comes) in [
        ("Failed", "Backup", true),
        ("Failed", "Restore", true),
        ("Failed", "ConfigureBackup", false),
        ("Failed", "DeleteBackupData", false),
        ("Cancelled", "Backup", true),
        ("CompletedWithWarnings", "Backup", true),
        ("Completed", "Backup", false),
    ] {
        let id = job(&mut world, "fs01", 20);
        let job = world.azure.jobs.last_mut().unwrap();
        (job.status, job.operation) = (status.to_owned(), operation.to_owned());
        told.extend(comes.then_some(id));
    }
    // Only the graph tells of a state that no list was asked for.
    let unknown = job(&mut world, "orders", 20);
    let job = world.azure.jobs.last_mut().unwrap();
    (job.status, job.operation) = ("Reticulating".to_owned(), "Backup (Full)".to_owned());
    told.push(unknown);
    world.advance(SignedDuration::from_mins(40));
    let simulator = Simulator::start(world);
    let played = Collector::new(&simulator).tick();
    let mut ids = ids(&played.events);
    ids.sort();
    told.sort();
    assert_eq!(ids, told);
    assert_eq!(played.summary()["ignored"], json!({"ConfigureBackup": 1, "DeleteBackupData": 1}));
}

#[test]
fn ids_are_the_same_in_every_case_and_pages_repeat_nothing() {
    let mut world = company();
    world.azure.habits.lists_hidden_jobs = true;
    for name in ["vm-a1", "orders"] {
        break_item(&mut world, name);
    }
    for _ in 0..5 {
        job(&mut world, "vm-a1", 20);
        job(&mut world, "orders", 20);
        // In the list and in the graph.
        world.azure.jobs.last_mut().unwrap().operation = "Backup (Full)".to_owned();
    }
    world.advance(SignedDuration::from_mins(40));
    let vault = world.azure.vaults[0].id.to_lowercase();
    for (shouted, fault) in [(false, None), (true, None), (true, Some(Fault::Twice)), (false, Some(Fault::EmptyPage))] {
        let mut world = world.clone();
        world.azure.habits.shouted_ids = shouted;
        // These faults make pages of their own.
        world.azure.habits.page_size = if fault.is_some() { 200 } else { 2 };
        let simulator = Simulator::start(world);
        if let Some(fault) = fault {
            simulator.fail("azure", "*", fault, Repeat::Always);
        }
        let played = Collector::new(&simulator).tick();
        let mut ids = played.ids();
        ids.sort();
        ids.dedup();
        assert_eq!((ids.len(), played.events.len()), (10, 10), "{shouted} {fault:?}");
        assert_eq!(played.summary()["sources"], json!({"vault_lists": 10, "resource_graph": 5, "items": 0}));
        for event in &played.events {
            assert_eq!(event["detail"]["vault_id"], vault);
            let item = event["detail"]["item_id"].as_str().unwrap();
            assert_eq!(item, item.to_lowercase());
        }
    }
}

/// An item whose name says nothing of it is no candidate for anything: two databases of one name on one host.
#[test]
fn an_item_that_is_not_certain_is_none() {
    let mut world = company();
    let vault = world.azure.vaults[0].id.clone();
    world.azure.add_item(&vault, ItemKind::Hana, "twin");
    world.azure.add_item(&vault, ItemKind::Sql, "twin");
    world.azure.habits.lists_hidden_jobs = true;
    break_item(&mut world, "twin");
    // The graph leaves out log backups, so that no row names the item.
    job(&mut world, "twin", 20);
    world.advance(SignedDuration::from_mins(40));
    let simulator = Simulator::start(world);
    let played = Collector::new(&simulator).tick();
    assert_eq!(played.events.len(), 1);
    assert!(played.events[0]["detail"]["item_id"].is_null(), "{:?}", played.events);
}

/// A tick that is given up is brought in by no other: it waits for a service that fails, as long as it has time.
#[test]
fn a_service_that_comes_back_within_the_tick_costs_nothing_but_time() {
    let mut world = company();
    for name in ["vm-a1", "vm-b1"] {
        break_item(&mut world, name);
        job(&mut world, name, 20);
    }
    world.advance(SignedDuration::from_mins(40));
    // The edge tries each call four times; of the graph there are three queries, and of the three vaults nine lists of jobs.
    for (service, operation, times) in [("azure", "ListJobs", 36), ("azure", "QueryGraph", 12), ("entra", "Token", 4)] {
        let simulator = Simulator::start(world.clone());
        let mut collector = Collector::new(&simulator);
        simulator.fail(service, operation, Fault::ServerError, Repeat::Times(times));
        let played = collector.tick();
        assert_eq!(played.errors(), Vec::<String>::new(), "{operation}");
        assert_eq!(played.ids().len(), 2, "{operation}");
    }
}

/// Whatever hangs, there is time for an answer.
#[test]
fn a_call_that_hangs_leaves_time_to_answer() {
    for (service, operation, told) in [
        ("sts", "*", "NotSignedIn"),
        ("entra", "*", "NotSignedIn"),
        ("azure", "QueryGraph", "NotRead"),
        ("azure", "ListItems", "NotRead"),
        ("events", "*", "NotPut"),
    ] {
        let mut world = company();
        break_item(&mut world, "vm-a1");
        job(&mut world, "vm-a1", 20);
        world.advance(SignedDuration::from_mins(40));
        let simulator = Simulator::start(world);
        let mut collector = Collector::new(&simulator);
        collector.function.time_limit = std::time::Duration::from_secs(10);
        simulator.fail(service, operation, Fault::Delay(3_600_000), Repeat::Always);
        let error = collector.play(&json!({"time": "2026-03-13T01:40:00Z"})).answer.unwrap_err();
        assert_eq!(error["errorType"], told, "{service} {operation}: {error}");
        // A check tells which link is broken, and is no failure.
        let checked = collector.play(&json!({"check": true}));
        assert!(checked.summary()["links"].is_array(), "{service} {operation}: {checked:?}");
    }
}
