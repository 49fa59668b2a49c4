//! What proves a fix, and what only looks as if it did.

use jiff::SignedDuration;
use serde_json::json;
use tests::Simulator;
use tests::world::azure::{Cause, Leaves};

use super::{agents_down, cause, fails_tonight, mend, night, reruns, status, triggers};
use crate::azure::support::{break_items, company};
use crate::verify::support::{kinds, text};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

#[test]
fn nothing_before_the_fix_and_then_one_trigger_and_one_mail() {
    let simulator = Simulator::start(agents_down(&["vm-03", "vm-07"]));
    simulator.with_world(|world| world.azure.item("vm-07").takes = SignedDuration::from_mins(20));
    let mut night = night(&simulator);
    let before = night.tick();
    assert_eq!((status(&before), text(before.cause(), "verdict")), ("waiting".into(), "not-fixed".into()));
    assert!(text(before.cause(), "reason").contains("agent"), "{before:?}");
    assert_eq!(before.cause()["subscription"], tests::world::azure::SUBSCRIPTION);
    assert_eq!(before.cause()["location"], "westeurope");
    assert_eq!(triggers(&simulator), 0);

    // One machine is mended: it is the one that is rerun.
    mend(&simulator, &["vm-03"]);
    let started = night.tick();
    assert_eq!(status(&started), "started", "{}", started.reason());
    assert_eq!((triggers(&simulator), reruns(&simulator)[0].entity.as_str()), (1, "vm-03"));
    let line = started.lines("rerun_started")[0];
    assert_eq!(line["job_id"], reruns(&simulator)[0].id.as_str());
    assert!(line.get("role_arn").is_none() && line.get("token").is_none(), "{line}");
    assert_eq!(status(&night.tick()), "in-flight");

    let played = night.ticks_for(HOUR);
    assert_eq!(kinds(&played), ["verified"]);
    let mail = played.iter().flat_map(|played| &played.mails).next().unwrap();
    assert!(mail.subject.as_deref().unwrap().contains("PARTLY VERIFIED: 1 of 2"), "{:?}", mail.subject);
    assert_eq!(mail.attributes["account"].1, tests::world::azure::SUBSCRIPTION);
    assert_eq!(triggers(&simulator), 1, "the other is not mended");

    // The schedule brings back the last one.
    mend(&simulator, &["vm-07"]);
    simulator.with_world(|world| {
        world.clock = "2026-03-13T22:00:00Z".parse().unwrap();
        super::run_all(world);
    });
    let last = night.ticks_for(HOUR);
    assert_eq!(last.last().unwrap().status(), "verified", "{}", last.last().unwrap().reason());
}

#[test]
fn the_quickest_of_the_mended_is_rerun_and_kept_for_a_week() {
    let mut world = company();
    for name in ["vm-01", "vm-02", "vm-03"] {
        world.azure.item(name).cause = Some(Cause::agent_down());
    }
    // The night before, one of them took less than the others.
    let quick = world.azure.item("vm-02").id.clone();
    world
        .azure
        .jobs
        .iter_mut()
        .filter(|job| job.item == quick)
        .for_each(|job| job.ends -= SignedDuration::from_mins(9));
    let simulator = Simulator::start(fails_tonight(world));
    mend(&simulator, &["vm-01", "vm-02", "vm-03"]);
    let played = night(&simulator).tick();
    assert_eq!(status(&played), "started", "{}", played.reason());
    let [rerun] = &reruns(&simulator)[..] else { panic!("one job") };
    assert_eq!((rerun.entity.as_str(), rerun.operation.as_str()), ("vm-02", "Backup"));
    assert!(rerun.keep_until.as_deref().unwrap().starts_with("2026-03-20T"), "{:?}", rerun.keep_until);
}

#[test]
fn a_job_without_a_newer_point_and_one_with_warnings_prove_nothing() {
    let table = [
        (Leaves::Nothing, "no newer recovery point", &[][..], "recovery-point-gone"),
        (Leaves::Warnings, "The snapshot is crash consistent only", &["still-failing"][..], "completed-with-issues"),
    ];
    for (leaves, words, mails, outcome) in table {
        let simulator = Simulator::start(agents_down(&["vm-03"]));
        mend(&simulator, &["vm-03"]);
        simulator.with_world(|world| world.azure.item("vm-03").leaves = leaves);
        let mut night = night(&simulator);
        assert_eq!(status(&night.tick()), "started");
        let played = night.ticks_for(HOUR);
        assert_eq!(kinds(&played), mails, "{leaves:?}");
        let last = played.last().unwrap();
        assert_eq!(status(last), "waiting", "{leaves:?}: {}", last.reason());
        assert!(last.reason().contains("Still open") && last.reason().contains(words), "{}", last.reason());
        let outcomes: Vec<_> = played.iter().flat_map(|played| played.lines("rerun_outcome")).collect();
        assert_eq!(outcomes.len(), 1, "{outcomes:?}");
        assert_eq!(outcomes[0]["outcome"], outcome, "{leaves:?}");
        // The next scheduled job leaves one, and proves it.
        simulator.with_world(|world| {
            world.azure.item("vm-03").leaves = Leaves::Point;
            world.clock = "2026-03-13T22:00:00Z".parse().unwrap();
            super::run_all(world);
        });
        let later = night.ticks_for(HOUR);
        assert_eq!(later.last().unwrap().status(), "verified", "{leaves:?}");
    }
}

#[test]
fn a_server_with_the_agent_is_not_rerunnable_and_the_answer_says_what_to_do() {
    let mut world = company();
    break_items(&mut world, &["fs01"], "", 0, "The agent on the server is not responding.");
    let simulator = Simulator::start(fails_tonight(world));
    let mut night = night(&simulator);
    let played = night.tick();
    assert_eq!(status(&played), "not-rerunnable", "{}", played.reason());
    assert!(played.reason().contains("start a backup with the MARS agent on the server"), "{}", played.reason());
    let claimed = night.play(&json!({"fixed": [text(played.cause(), "id")]}));
    assert_eq!(status(&claimed), "not-rerunnable");
    assert_eq!(triggers(&simulator), 0);
}

/// A scheduled log backup leaves no job that anybody lists.
#[test]
fn a_broken_log_chain_is_proven_by_a_full_backup_on_a_claim() {
    let mut world = company();
    world.azure.item("orders").cause = Some(Cause::log_chain());
    let simulator = Simulator::start(fails_tonight(world));
    let mut night = night(&simulator);
    let waiting = night.tick();
    assert_eq!(status(&waiting), "waiting", "{}", waiting.reason());
    let id = text(waiting.cause(), "id");
    simulator.with_world(|world| world.azure.item("orders").cause = None);
    let claimed = night.play(&json!({"fixed": [id]}));
    assert_eq!(status(&claimed), "started", "{}", claimed.reason());
    assert_eq!(reruns(&simulator)[0].operation, "Backup (Full)");
    assert_eq!(claimed.lines("rerun_started")[0]["backup_type"], "Full");
    assert_eq!(kinds(&night.ticks_for(HOUR)), ["verified"]);
}

/// A share may have 200 snapshots, and each backup on demand takes one that nobody cleans up.
#[test]
fn a_share_that_is_full_of_snapshots_is_backed_up_for_a_claim_alone() {
    let mut world = company();
    let full = "You have reached the max limit of snapshots for this file share.";
    break_items(&mut world, &["finance"], "AFSMaxSnapshotReached", 0, full);
    let simulator = Simulator::start(fails_tonight(world));
    let mut night = night(&simulator);
    let waiting = night.tick();
    assert_eq!(status(&waiting), "waiting", "{}", waiting.reason());
    simulator.with_world(|world| world.azure.item("finance").cause = None);
    night.ticks_for(HOUR);
    assert_eq!(triggers(&simulator), 0);
    let claimed = night.play(&json!({"fixed": [text(waiting.cause(), "id")]}));
    assert_eq!((status(&claimed).as_str(), triggers(&simulator)), ("started", 1), "{}", claimed.reason());
}

#[test]
fn a_share_is_rerun_with_its_own_request_and_a_restore_never() {
    let mut world = company();
    break_items(&mut world, &["finance"], "FileShareNotFound", 0, "Something odd happened to the share.");
    let no_size = Cause { title: "UserErrorVmSizeNotAvailable".into(), number: 0, text: "The size is gone.".into() };
    let now = world.clock;
    world.azure.restore("vm-01", Some(no_size), now);
    let simulator = Simulator::start(fails_tonight(world));
    simulator.with_world(|world| world.azure.item("finance").cause = None);
    let mut night = night(&simulator);
    let played = night.tick();
    assert_eq!(played.causes().len(), 2, "{played:?}");
    let ids: Vec<String> = played.causes().iter().map(|cause| text(cause, "id")).collect();
    let claimed = night.play(&json!({"fixed": ids}));
    let statuses: Vec<String> = claimed.causes().iter().map(|cause| text(cause, "status")).collect();
    assert!(
        statuses.contains(&"started".to_owned()) && statuses.contains(&"not-rerunnable".to_owned()),
        "{statuses:?}"
    );
    let _ = cause(&claimed, "not-rerunnable");
    assert_eq!((triggers(&simulator), reruns(&simulator)[0].job_type.as_str()), (1, "AzureStorageJob"));
}
