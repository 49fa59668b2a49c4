//! A cause on the copy leg is proven by a copy.

use jiff::SignedDuration;
use tests::world::{JobState, naming, vault_allowing, vault_denying};
use tests::{Simulator, World};

use super::support::{ACCOUNT, Night, ROLE, at, kinds, recopies, reruns};

const OFFSITE: &str = "arn:aws:backup:eu-central-1:111122223333:backup-vault:offsite";

/// Local backups are good, and the vault of the copies refuses.
fn account() -> World {
    let mut world = World::at("2026-03-07T00:00:00Z");
    world.add_role("AWSBackupNightly");
    world.add_topic("alerts");
    world.add_vault("prod");
    world.add_vault_in(ACCOUNT, "eu-central-1", "offsite");
    let key = world.add_key("key-0");
    key.policy = naming(ACCOUNT, ROLE);
    let key = key.arn.clone();
    for name in ["vol-0", "vol-1"] {
        world.add_resource("EBS", name).key = Some(key.clone());
    }
    world.add_plan("nightly");
    world.add_rule("nightly", "daily", "cron(0 3 ? * * *)", "prod").copy_to(OFFSITE);
    world.add_selection("nightly", "AWSBackupNightly", &["vol-0", "vol-1"]);
    world.run_night("nightly", at("2026-03-09T03:00:00Z"));
    world.vault("offsite").policy = Some(vault_denying("backup:CopyIntoBackupVault"));
    world.run_night("nightly", at("2026-03-10T03:00:00Z"));
    world
}

#[test]
fn a_mended_vault_policy_is_one_copy_and_no_backup() {
    let simulator = Simulator::start(account());
    let mut night = Night::new(&simulator);
    let waiting = night.tick();
    assert_eq!(waiting.status(), "waiting", "{}", waiting.reason());
    simulator.with_world(|world| world.vault("offsite").policy = Some(vault_allowing(ACCOUNT)));
    let started = night.tick();
    assert_eq!(started.status(), "started", "{}", started.reason());
    let copies = recopies(&simulator);
    assert_eq!(copies.len(), 1);
    assert_eq!(copies[0].destination_vault_arn, OFFSITE);
    assert_eq!(copies[0].lifecycle.delete_after_days, Some(35), "as the copy action says");
    assert!(reruns(&simulator).is_empty());

    let later = night.ticks_for(SignedDuration::from_hours(3));
    assert_eq!(kinds(&later), ["verified"]);
    assert_eq!(recopies(&simulator).len(), 1);
}

#[test]
fn a_copy_whose_source_is_gone_is_not_rerun() {
    let simulator = Simulator::start(account());
    let mut night = Night::new(&simulator);
    simulator.with_world(|world| {
        world.vault("offsite").policy = Some(vault_allowing(ACCOUNT));
        world.recovery_points.clear();
    });
    let played = night.tick();
    assert_eq!(played.status(), "not-rerunnable", "{}", played.reason());
    assert!(played.reason().contains("vol-0: the recovery point to copy is gone or expired: "), "{}", played.reason());
    assert!(recopies(&simulator).is_empty());
}

/// One key refuses a backup and, of a volume whose backup is good, the copy: one root cause with two legs.
#[test]
fn a_good_backup_does_not_prove_the_copies() {
    let mut world = account();
    world.vault("offsite").policy = Some(vault_allowing(ACCOUNT));
    let denied = |key: &str| {
        format!(
            "User: arn:aws:sts::{ACCOUNT}:assumed-role/AWSBackupNightly/AWSBackup-AWSBackupNightly is not authorized to perform: \
             kms:CreateGrant on resource: {key} because no resource-based policy allows the kms:CreateGrant action"
        )
    };
    let key = world.key("key-0").arn.clone();
    for job in world.copy_jobs.iter_mut().filter(|job| job.end == JobState::Failed) {
        job.message = Some(denied(&key));
    }
    let failed = world.backup_jobs.iter_mut().rfind(|job| job.resource_name == "vol-1").unwrap();
    failed.end = JobState::Failed;
    failed.message = Some(denied(&key));
    let simulator = Simulator::start(world);
    let mut night = Night::new(&simulator);
    let mut mails = Vec::new();
    for _ in 0..16 {
        mails.extend(kinds(&[night.tick()]));
        simulator.with_world(|world| world.advance(SignedDuration::from_mins(15)));
    }
    let backups = reruns(&simulator).len();
    let copies = recopies(&simulator).len();
    assert_eq!((mails, backups, copies), (vec!["verified".to_owned()], 1, 1), "both legs, one mail");
}
