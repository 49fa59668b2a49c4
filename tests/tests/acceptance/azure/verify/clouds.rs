//! Both clouds in one tick: one answer, one budget, one list of claims.

use jiff::SignedDuration;
use serde_json::json;
use tests::world::azure::{Cause, ItemKind};
use tests::{Fault, Repeat, Simulator, World};

use super::{night, night_with, reruns, triggers};
use crate::verify::support::{self, Night, broken, mend_key, text};

/// Two databases whose key refused the role last night, and a machine whose agent was down. Both are mended.
fn both() -> World {
    let mut world = broken(&[2], &[]);
    mend_key(&mut world, "key-0");
    let vault = world.azure.add_vault("rsv-prod");
    world.azure.add_item(&vault, ItemKind::Vm, "vm-01");
    let before = world.clock - SignedDuration::from_hours(24);
    world.azure.schedule("vm-01", before);
    world.advance(SignedDuration::from_mins(1));
    world.azure.item("vm-01").cause = Some(Cause::agent_down());
    let now = world.clock;
    world.azure.schedule("vm-01", now);
    world.advance(SignedDuration::from_hours(2));
    world.azure.item("vm-01").cause = None;
    world
}

fn statuses(played: &support::Played) -> Vec<String> {
    played.causes().iter().map(|cause| text(cause, "status")).collect()
}

#[test]
fn one_tick_serves_both_with_one_budget() {
    let simulator = Simulator::start(both());
    let mut night = night_with(&simulator, &[("MAX_RERUNS_PER_TICK", "1")]);
    let played = night.tick();
    assert_eq!(statuses(&played), ["started", "budget"], "{played:?}");
    assert_eq!(played.summary()["started"], 1);
    assert_eq!((support::reruns(&simulator).len(), reruns(&simulator).len()), (1, 0));
    let [aws, azure] = played.causes() else { panic!("{played:?}") };
    assert!(aws.get("subscription").is_none() && azure.get("subscription").is_some());
    simulator.with_world(|world| world.advance(SignedDuration::from_mins(15)));
    assert_eq!(night.tick().summary()["started"], 1);
    assert_eq!((support::reruns(&simulator).len(), reruns(&simulator).len()), (1, 1));
}

#[test]
fn one_list_of_claims_is_for_both() {
    let simulator = Simulator::start(both());
    let mut night = night(&simulator);
    let dry = night.play(&json!({"dry_run": true}));
    let ids: Vec<String> = dry.causes().iter().map(|cause| text(cause, "id")).collect();
    let played = night.play(&json!({"fixed": [ids[0], ids[1], "rc-ffffffffff"]}));
    assert_eq!(played.summary()["unknown_claims"], json!(["rc-ffffffffff"]));
    assert_eq!(statuses(&played), ["started", "started"], "{played:?}");
}

#[test]
fn a_cloud_that_cannot_be_read_does_not_hold_up_the_other() {
    let simulator = Simulator::start(both());
    simulator.fail("azure", "*", Fault::Denied, Repeat::Always);
    let played = night(&simulator).tick();
    assert_eq!(played.answer.as_ref().unwrap_err()["errorType"], "NotRead");
    assert_eq!(played.lines("verify_summary")[0]["started"], 1);
    assert_eq!(support::reruns(&simulator).len(), 1);
}

#[test]
fn without_settings_nothing_of_azure_is_called() {
    let simulator = Simulator::start(both());
    let played = Night::new(&simulator).tick();
    assert_eq!(statuses(&played), ["started"]);
    assert_eq!(
        (simulator.count("azure"), simulator.count("entra"), simulator.count("sts"), triggers(&simulator)),
        (0, 0, 0, 0)
    );
}
