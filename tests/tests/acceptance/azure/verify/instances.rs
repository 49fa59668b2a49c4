//! Somebody stops or deletes an instance of a Backup vault. No job tells of it: verify reads the activity log.

use insta::assert_snapshot;
use jiff::SignedDuration;
use serde_json::Value;
use tests::world::azure::{ItemKind, Keeps, SUBSCRIPTION, Stop};
use tests::{Fault, Repeat, Simulator, World};

use super::taken::{Done, Told, WHO, is_told_once, mails, shown};
use super::{lists, night};
use crate::azure::support::{SECOND, company};
use crate::verify::support::{Played, kinds};

const PROVIDER: &str = "Microsoft.DataProtection";

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

/// The company with a Backup vault for two disks, which had a good backup.
fn with_disks() -> World {
    let mut world = company();
    let vault = world.azure.add_backup_vault("bv-prod");
    for name in ["disk-01", "disk-02"] {
        world.azure.add_item(&vault, ItemKind::Disk, name);
        world.azure.schedule(name, world.clock - minutes(60));
    }
    world.advance(minutes(5));
    world
}

/// What a person did, and what came of it for long enough that a notice would come twice.
fn played(done: impl FnOnce(&mut World)) -> (Simulator, Vec<Played>) {
    let mut world = with_disks();
    done(&mut world);
    let simulator = Simulator::start(world);
    let told = night(&simulator).ticks_for(minutes(75));
    (simulator, told)
}

fn stop(world: &mut World, how: Stop) {
    world.azure.stop_instance("disk-01", WHO, how, world.clock);
}

fn delete(world: &mut World, keeps: Keeps) {
    world.azure.delete_instance("disk-01", WHO, keeps, world.clock);
}

#[test]
fn what_was_taken_away_is_told_once_and_as_badly_as_it_is() {
    let table: [(&str, Done, Told); 8] = [
        ("stopped", |world| stop(world, Stop::Protection), Some(("WARNING", "The protection of disk-01 was stopped"))),
        ("suspended", |world| stop(world, Stop::Backups), Some(("WARNING", "The protection of disk-01 was stopped"))),
        (
            "deleted softly",
            |world| delete(world, Keeps::Softly(14)),
            Some(("CRITICAL", "The backups of disk-01 were deleted, and are kept for some days")),
        ),
        (
            "deleted for good",
            |world| delete(world, Keeps::Nothing),
            Some(("CRITICAL", "The backups of disk-01 were deleted for good")),
        ),
        (
            "stopped and then deleted: the deletion alone is told",
            |world| {
                stop(world, Stop::Protection);
                world.advance(minutes(3));
                delete(world, Keeps::Softly(14));
            },
            Some(("CRITICAL", "The backups of disk-01 were deleted, and are kept for some days")),
        ),
        (
            "brought back, and not protected: stopped",
            |world| {
                delete(world, Keeps::Softly(14));
                let disk = world.azure.item("disk-01");
                disk.soft_deleted = false;
                "ProtectionStopped".clone_into(&mut disk.protection_state);
            },
            Some(("WARNING", "The protection of disk-01 was stopped")),
        ),
        (
            "protected again before verify looked",
            |world| {
                stop(world, Stop::Protection);
                "Protected".clone_into(&mut world.azure.item("disk-01").protection_state);
            },
            None,
        ),
        (
            "Azure refused it in the end",
            |world| {
                stop(world, Stop::Protection);
                "Failed".clone_into(&mut world.azure.activities.last_mut().unwrap().status);
            },
            None,
        ),
    ];
    is_told_once(table, played);
}

#[test]
fn the_mail_says_who_it_was_and_how_to_undo_it() {
    let (_, told) = played(|world| stop(world, Stop::Protection));
    assert_snapshot!("instance-stopped", shown(mails(&told)[0]));
    let line = told.iter().flat_map(|played| played.lines("protection")).next().unwrap();
    assert_eq!((&line["event"], &line["actor"]), (&"backupInstances/stopProtection".into(), &WHO.into()), "{line}");
    let (_, told) = played(|world| stop(world, Stop::Backups));
    let text = mails(&told)[0].message.replace('\n', " ");
    assert!(text.contains("It is suspended: its recovery points expire as its policy says"), "{text}");
    let (_, told) = played(|world| delete(world, Keeps::Softly(14)));
    assert_snapshot!("instance-soft-deleted", shown(mails(&told)[0]));
    let (_, told) = played(|world| delete(world, Keeps::Nothing));
    let text = &mails(&told)[0].message;
    assert!(text.contains("az dataprotection backup-instance list") && !text.contains("undelete"), "{text}");
}

/// It was the only Backup vault: nothing but the log knows that it was there.
#[test]
fn a_vault_that_is_deleted_with_its_instances_is_told() {
    let (_, told) = played(|world| world.azure.delete_backup_vault("bv-prod", WHO, world.clock));
    let [mail] = mails(&told)[..] else { panic!("{told:#?}") };
    assert_snapshot!("vault-deleted", shown(mail));
    // That asks the vault, which is not there.
    assert!(!mail.message.contains("--vault-name"), "{}", mail.message);
    let line = told.iter().flat_map(|played| played.lines("protection")).next().unwrap();
    assert_eq!(line["actor"], WHO, "{line}");
}

/// Each minute of an hour is in the window of one tick.
#[test]
fn no_call_is_lost_between_two_ticks_and_none_is_told_twice() {
    for minute in (0..60).step_by(11) {
        let mut world = with_disks();
        world.advance(minutes(minute));
        stop(&mut world, Stop::Protection);
        // The tick that tells of it is yet to come.
        world.advance(minutes(minute % 28));
        let simulator = Simulator::start(world);
        let told = night(&simulator).ticks_for(minutes(60));
        assert_eq!(kinds(&told), ["protection"], "minute {minute}");
    }
}

#[test]
fn several_instances_of_one_vault_are_one_notice_and_several_changes() {
    let (_, told) = played(|world| {
        for name in ["disk-01", "disk-02"] {
            world.azure.stop_instance(name, WHO, Stop::Protection, world.clock);
        }
    });
    let [mail] = mails(&told)[..] else { panic!("{told:#?}") };
    assert!(mail.subject.as_deref().unwrap().contains("The protection of 2 items was stopped"), "{mail:?}");
    let lines: usize = told.iter().map(|played| played.lines("protection").len()).sum();
    assert_eq!(lines, 2);
}

#[test]
fn a_log_that_fails_loses_nothing() {
    let mut world = with_disks();
    stop(&mut world, Stop::Protection);
    let simulator = Simulator::start(world);
    let mut night = night(&simulator);
    let mut told = night.ticks_for(minutes(30));
    simulator.with_world(|world| world.advance(minutes(15)));
    simulator.fail_asking("azure", "ListActivities", PROVIDER, Fault::ServerError, Repeat::Always);
    let unread = night.tick();
    assert_eq!(unread.answer.as_ref().unwrap_err()["errorType"], "NotRead");
    assert!(unread.mails.is_empty(), "{:?}", unread.mails);
    // Lambda runs it again.
    simulator.heal();
    told.push(night.tick());
    told.extend(night.ticks_for(minutes(30)));
    assert_eq!(kinds(&told), ["protection"]);
}

#[test]
fn what_may_not_be_read_is_coverage_and_changes_nothing_else() {
    let mut world = with_disks();
    stop(&mut world, Stop::Protection);
    world.azure.stop_protection("vm-02", WHO, world.clock);
    let simulator = Simulator::start(world);
    simulator.fail_asking("azure", "ListActivities", PROVIDER, Fault::Denied, Repeat::Always);
    let told = night(&simulator).ticks_for(minutes(60));
    let [mail] = mails(&told)[..] else { panic!("{told:#?}") };
    assert!(mail.message.starts_with("The protection of vm-02 was stopped"), "{}", mail.message);
    for played in &told {
        let coverage = &played.summary()["coverage"];
        assert_eq!(coverage["complete"], false, "{coverage}");
        // The second subscription has no Backup vault: of one that was deleted the log alone tells.
        let why = "Night One may not call Microsoft.Insights/eventtypes/values/read (AuthorizationFailed); check the roles of its identity: Reader on the subscription allows it";
        let calls = [
            format!(
                "subscription {SUBSCRIPTION} (prod-main): the calls that stop protection or delete backups in Backup vaults: {why}"
            ),
            format!(
                "subscription {SECOND} (prod-crm): the calls that delete a Backup vault with its backups (there is none now): {why}"
            ),
        ];
        let mut told: Vec<&str> = coverage["errors"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        told.sort_unstable();
        assert_eq!(told, calls);
    }
    // The lists of instances too: the notice goes out with the worse of what may be.
    let mut world = with_disks();
    delete(&mut world, Keeps::Nothing);
    let simulator = Simulator::start(world);
    simulator.fail("azure", "ListDeletedInstances", Fault::Denied, Repeat::Always);
    let told = night(&simulator).ticks_for(minutes(60));
    let text = mails(&told)[0].message.replace('\n', " ");
    assert!(text.contains("were deleted, and are kept") && text.contains("How it is now could not be read"), "{text}");
}

/// One question for each of the two subscriptions.
#[test]
fn a_quiet_tick_asks_the_log_once() {
    let simulator = Simulator::start(with_disks());
    night(&simulator).tick();
    let count = |name: &str| lists(&simulator, name);
    assert_eq!((count("ListActivities"), count("ListInstances"), count("ListDeletedInstances")), (2, 0, 0));
}
