//! Somebody stops the protection of an item, or deletes its backups: told once, with who it was and how to undo it.

use insta::assert_snapshot;
use jiff::SignedDuration;
use tests::world::azure::{ItemKind, Keeps};
use tests::{Fault, Repeat, Simulator, World};

use super::taken::{Done, Told, WHO, is_told_once, mails, shown};
use super::{lists, night};
use crate::azure::support::company;
use crate::verify::support::{Played, kinds};

/// The activity log lists an entry late, so that these are told 30 to 45 minutes after they happened.
const TOLD_BY: SignedDuration = SignedDuration::from_mins(60);

/// What a person did, and what came of it for two hours: the notices of each tick.
fn played(done: impl FnOnce(&mut World)) -> (Simulator, Vec<Played>) {
    let mut world = company();
    world.advance(SignedDuration::from_mins(5));
    done(&mut world);
    let simulator = Simulator::start(world);
    let told = night(&simulator).ticks_for(TOLD_BY * 2);
    (simulator, told)
}

#[test]
fn what_was_taken_away_is_told_once_and_as_badly_as_it_is() {
    let table: [(&str, Done, Told); 8] = [
        (
            "stopped",
            |world| _ = world.azure.stop_protection("vm-02", WHO, world.clock),
            Some(("WARNING", "The protection of vm-02 was stopped")),
        ),
        (
            "deleted softly",
            |world| _ = world.azure.delete_backups("vm-03", WHO, Keeps::Softly(14), world.clock),
            Some(("CRITICAL", "The backups of vm-03 were deleted, and are kept for some days")),
        ),
        (
            "deleted for good",
            |world| _ = world.azure.delete_backups("vm-03", WHO, Keeps::Nothing, world.clock),
            Some(("CRITICAL", "The backups of vm-03 were deleted for good")),
        ),
        (
            "a database",
            |world| _ = world.azure.delete_backups("orders", WHO, Keeps::Softly(14), world.clock),
            Some(("CRITICAL", "The backups of MSSQLSERVER/orders [vm-sql] were deleted")),
        ),
        (
            "stopped and then deleted: the deletion alone is told",
            |world| {
                world.azure.stop_protection("vm-02", WHO, world.clock);
                world.advance(SignedDuration::from_mins(3));
                world.azure.delete_backups("vm-02", WHO, Keeps::Softly(14), world.clock);
            },
            Some(("CRITICAL", "The backups of vm-02 were deleted, and are kept for some days")),
        ),
        (
            "brought back, and not protected: stopped",
            |world| {
                world.azure.delete_backups("vm-03", WHO, Keeps::Softly(14), world.clock);
                world.azure.item("vm-03").soft_deleted = false;
            },
            Some(("WARNING", "The protection of vm-03 was stopped")),
        ),
        (
            "protected again before verify looked",
            |world| {
                world.azure.stop_protection("vm-02", WHO, world.clock);
                "Protected".clone_into(&mut world.azure.item("vm-02").protection_state);
            },
            None,
        ),
        (
            "the job failed",
            |world| {
                let id = world.azure.stop_protection("vm-02", WHO, world.clock);
                "Failed".clone_into(&mut world.azure.job(&id).status);
            },
            None,
        ),
    ];
    is_told_once(table, played);
}

#[test]
fn the_mail_says_who_it_was_and_how_to_undo_it() {
    let (_, told) = played(|world| _ = world.azure.stop_protection("vm-02", WHO, world.clock));
    assert_snapshot!("azure-stopped", shown(mails(&told)[0]));
    let (_, told) = played(|world| _ = world.azure.delete_backups("vm-03", WHO, Keeps::Softly(14), world.clock));
    assert_snapshot!("azure-soft-deleted", shown(mails(&told)[0]));
    // Azure forgets the policy of an item that is stopped, and its activity log may name nobody.
    let (_, told) = played(|world| {
        world.azure.stop_protection("orders", WHO, world.clock);
        world.azure.item("orders").policy.clear();
        world.azure.activities.clear();
    });
    assert_snapshot!("azure-stopped-by-nobody", shown(mails(&told)[0]));
}

/// Its vault lists it no more: the log alone knows it.
#[test]
fn who_deleted_an_item_for_good_is_named_or_said_not_to_be_known() {
    let known = "by alex@contoso.com";
    type Row = (&'static str, &'static [&'static str], Option<(&'static str, Fault)>, &'static str);
    let table: [Row; 7] = [
        ("a machine", &["vm-03"], None, known),
        ("a share", &["finance"], None, known),
        // Only their storage account tells of which items the calls were.
        ("two shares of one account", &["finance", "sales"], None, "calls on several items that may be this one"),
        ("a database", &["orders"], None, known),
        ("two machines", &["vm-02", "vm-03"], None, known),
        ("a log that may not be read", &["vm-03"], Some(("ListActivities", Fault::Denied)), "could not be read"),
        ("a list of items that may not be read", &["vm-03"], Some(("ListItems", Fault::Denied)), known),
    ];
    for (what, names, fault, expected) in table {
        let mut world = company();
        let vault = world.azure.vaults[0].id.clone();
        world.azure.add_item(&vault, ItemKind::FileShare, "sales");
        world.advance(SignedDuration::from_mins(5));
        for name in names {
            world.azure.delete_backups(name, WHO, Keeps::Nothing, world.clock);
        }
        let simulator = Simulator::start(world);
        if let Some((operation, fault)) = fault {
            simulator.fail("azure", operation, fault, Repeat::Always);
        }
        let told = night(&simulator).ticks_for(TOLD_BY);
        let [mail] = mails(&told)[..] else { panic!("{what}: {told:#?}") };
        let text = mail.message.replace('\n', " ");
        assert!(text.contains(expected), "{what}: {text}");
        assert_eq!(text.contains(known), expected == known, "{what}: {text}");
    }
}

#[test]
fn several_items_of_one_vault_are_one_notice_and_several_changes() {
    let (_, told) = played(|world| {
        for name in ["vm-02", "vm-03", "finance"] {
            world.azure.stop_protection(name, WHO, world.clock);
        }
        world.azure.stop_protection("crm-01", WHO, world.clock);
    });
    let subjects: Vec<&str> = mails(&told).iter().filter_map(|mail| mail.subject.as_deref()).collect();
    let expected = [
        "[prod-main/westeurope] WARNING: The protection of 3 items was stopped",
        "[prod-crm/westeurope] WARNING: The protection of crm-01 was stopped",
    ];
    assert_eq!(subjects, expected);
    let lines: usize = told.iter().map(|played| played.lines("protection").len()).sum();
    assert_eq!(lines, 4);
}

#[test]
fn a_list_that_fails_loses_nothing() {
    let mut world = company();
    world.advance(SignedDuration::from_mins(5));
    world.azure.stop_protection("vm-02", WHO, world.clock);
    let simulator = Simulator::start(world);
    let mut night = night(&simulator);
    let mut told = night.ticks_for(SignedDuration::from_mins(30));
    simulator.with_world(|world| world.advance(SignedDuration::from_mins(15)));
    simulator.fail("azure", "ListJobs[DisableBackup]", Fault::ServerError, Repeat::Always);
    let unread = night.tick();
    assert_eq!(unread.answer.as_ref().unwrap_err()["errorType"], "NotRead");
    assert!(unread.mails.is_empty(), "{:?}", unread.mails);
    // Lambda runs it again.
    simulator.heal();
    told.push(night.tick());
    told.extend(night.ticks_for(SignedDuration::from_mins(30)));
    assert_eq!(kinds(&told), ["protection"]);
}

#[test]
fn what_may_not_be_read_is_coverage_and_the_notice_goes_out() {
    let (simulator, _) = played(|_| {});
    simulator.with_world(|world| _ = world.azure.stop_protection("vm-02", WHO, world.clock));
    simulator.fail("azure", "ListActivities", Fault::Denied, Repeat::Always);
    simulator.fail("azure", "ListItems", Fault::Denied, Repeat::Always);
    let told = night(&simulator).ticks_for(TOLD_BY);
    let [mail] = mails(&told)[..] else { panic!("{told:#?}") };
    let text = mail.message.replace('\n', " ");
    assert!(text.contains("the activity log of Azure could not be read"), "{text}");
    assert!(text.contains("How it is now could not be read"), "{text}");
    // The lists of these jobs too.
    simulator.fail("azure", "ListJobs[DisableBackup]", Fault::Denied, Repeat::Always);
    let denied = night(&simulator).tick();
    let coverage = &denied.summary()["coverage"];
    assert_eq!(coverage["complete"], false, "{coverage}");
    assert!(coverage["errors"].to_string().contains("backupJobs/read"), "{coverage}");
}

/// Where nobody took anything away, two short lists of each vault and one of the log of each subscription are all that it costs.
#[test]
fn a_quiet_tick_asks_for_jobs_and_once_for_calls() {
    let simulator = Simulator::start(company());
    night(&simulator).tick();
    let count = |name: &str| lists(&simulator, name);
    assert_eq!((count("ListJobs[DisableBackup]"), count("ListJobs[DeleteBackupData]")), (2, 2), "two vaults");
    assert_eq!((count("ListActivities"), count("ListItems")), (2, 0), "two subscriptions");
}
