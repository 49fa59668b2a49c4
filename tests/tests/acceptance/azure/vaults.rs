//! Backup vaults: their jobs and instances have members of their own, and go the same way.

use jiff::SignedDuration;
use tests::Simulator;
use tests::world::azure::{ItemKind, SUBSCRIPTION};

use super::report::worlds::{MORNING, report, row};
use super::support::{Stack, at, break_items, company, run_all, start};
use super::verify::{night, triggers};
use crate::classify::support::values;
use crate::verify::support::text;

const DENIED: &str = "Backup Vault managed identity is missing the necessary permissions to do this operation.";

/// The company with two disks in a Backup vault, after a night in which one of them failed.
fn a_disk_failed() -> Simulator {
    let mut world = company();
    let vault = world.azure.add_backup_vault("bv-prod");
    for name in ["disk-01", "disk-02"] {
        world.azure.add_item(&vault, ItemKind::Disk, name);
        let now = world.clock;
        world.azure.schedule(name, now - SignedDuration::from_hours(24));
    }
    world.advance(SignedDuration::ZERO);
    break_items(&mut world, &["disk-01"], "UserErrorDiskBackupAuthorizationFailed", 0, DENIED);
    run_all(&mut world);
    world.advance(SignedDuration::from_mins(30));
    Simulator::start(world)
}

#[test]
fn a_job_that_failed_pages_with_its_cause_and_the_commands_of_its_vault() {
    let simulator = a_disk_failed();
    let played = Stack::new(&simulator).pages();
    let [mail] = &played.mails[..] else { panic!("{:#?}", played.mails) };
    assert_eq!(values(mail, "root_cause_class"), ["iam-permission-missing"]);
    assert_eq!(
        (values(mail, "account"), values(mail, "region")),
        (vec![SUBSCRIPTION.to_owned()], vec!["westeurope".to_owned()])
    );
    assert_eq!(values(mail, "resource_types"), ["AzureDisk"]);
    assert!(mail.message.contains("disk-01") && !mail.message.contains("disk-02"), "{}", mail.message);
    assert!(!mail.message.contains("az backup "), "commands of the other kind of vault: {}", mail.message);
}

/// Its backups can be started by people alone.
#[test]
fn nothing_is_rerun_and_the_next_good_job_of_the_schedule_closes_it() {
    let simulator = a_disk_failed();
    let mut night = night(&simulator);
    let waiting = night.tick();
    assert_eq!(text(waiting.cause(), "status"), "not-rerunnable", "{}", waiting.reason());
    simulator.with_world(|world| {
        world.azure.item("disk-01").cause = None;
        let now = world.clock;
        world.azure.schedule("disk-01", now);
    });
    let told = night.ticks_for(SignedDuration::from_hours(2));
    assert_eq!(triggers(&simulator), 0);
    assert_eq!(crate::verify::support::kinds(&told), ["verified"]);
}

#[test]
fn each_instance_is_a_row_of_the_report() {
    let simulator = a_disk_failed();
    simulator.with_world(|world| world.clock = at(MORNING));
    let told = report(&simulator, &[]);
    for (name, verdict) in [("disk-01", "in-breach"), ("disk-02", "within-objective")] {
        let row = row(&told, name);
        assert_eq!((&row["verdict"], &row["resource_type"]), (&verdict.into(), &"AzureDisk".into()), "{row:#?}");
    }
}

#[test]
fn a_check_sees_a_backup_vault() {
    let simulator = a_disk_failed();
    let mut collect = start(&simulator, "collect", &[("EVENT_BUS_NAME", "night-one")]);
    let outcome = collect.invoke(&serde_json::json!({"check": true}));
    let answer = outcome.answer.unwrap().to_string();
    assert!(answer.contains("bv-prod"), "{answer}");
}
