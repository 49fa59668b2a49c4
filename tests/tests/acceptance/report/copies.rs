//! Copies are rows of their own: the one off site may fail for weeks behind a green local backup.

use tests::World;
use tests::world::{Condition, vault_allowing, vault_denying};

use super::support::*;

const OFFSITE: &str = "arn:aws:backup:eu-central-1:111122223333:backup-vault:offsite";
const OTHERS: &str = "arn:aws:backup:eu-west-1:999988887777:backup-vault:others";

fn copied() -> World {
    let mut world = databases(&["orders", "users"]);
    world.add_vault_in(ACCOUNT, "eu-central-1", "offsite");
    world.plan("nightly").rules[0].copy_to(OFFSITE);
    world
}

#[test]
fn green_local_backups_with_a_copy_that_fails_for_nine_nights_are_a_breach_on_the_copys_row() {
    let mut world = copied();
    play(&mut world, 20, |world, ago| {
        if ago == 8 {
            world.vault(OFFSITE).policy = Some(vault_denying("backup:CopyIntoBackupVault"));
        }
    });
    let told = told(world);
    for name in ["orders", "users"] {
        assert_eq!(told.verdict(name), "within-objective");
        let gap = told.gap(name, "offsite");
        assert_eq!((&gap["leg"], &gap["verdict"]), (&"copy".into(), &"in-breach".into()));
        assert_eq!((hours(gap, "age_s") / 24, &gap["runs_missed"], &gap["nights_failing"]), (9, &9.into(), &9.into()));
        assert_eq!(gap["since"], "2026-11-13T02:00:00Z");
    }
    assert_eq!(told.subject(), "2 copies past the RPO, worst 9 d");
    assert_eq!(told.severity(), "critical");
    assert_eq!([told.metric("ResourcesInBreach"), told.metric("CopiesInBreach")], [&0, &2]);
    assert_eq!(told.metric("WorstCopyGapHours"), 9 * 24 + 4);
    assert_eq!(told.metric("WorstGapHours"), 0);
}

#[test]
fn a_failed_backup_is_told_once_and_its_copy_only_lacks_what_to_copy() {
    let mut world = copied();
    play(&mut world, 5, |world, ago| {
        if ago == 1 {
            world.resource("orders").condition = Condition::Invalid;
        }
    });
    let told = told(world);
    assert_eq!(told.verdict("orders"), "in-breach");
    let copy = told.gap("orders", "offsite");
    assert_eq!(copy["root_cause_id"], told.gap("orders", "prod")["root_cause_id"]);
    assert!(told.mail().contains("nothing to copy: "), "{}", told.mail());
    let worst = told.section("THE WORST");
    let last = worst.lines().rfind(|line| line.contains("(RDS)"));
    assert!(last.is_some_and(|line| line.starts_with("2. copy of orders (RDS)")), "{worst}");
    assert_eq!(told.row("users", "offsite")["verdict"], "within-objective");
}

#[test]
fn healthy_copies_are_green_and_have_their_evidence() {
    let mut world = copied();
    nights(&mut world, 3);
    let copies: Vec<String> = world.copy_jobs.iter().map(|job| job.id.clone()).collect();
    let told = told(world);
    assert_eq!((told.severity(), told.subject()), ("info", "All 2 resources within their RPO"));
    assert!(
        told.mail().starts_with("All 2 resources are within their RPO, and so are their 2 copies."),
        "{}",
        told.mail()
    );
    let row = told.row("users", "offsite");
    assert!(copies.contains(&row["job_id"].as_str().unwrap().to_owned()), "{row}");
    assert!(row["recovery_point_arn"].as_str().is_some_and(|arn| arn.contains(":eu-central-1:")), "{row}");
    assert_eq!((&row["plan"], &row["rule"]), (&"nightly".into(), &"daily".into()));
}

#[test]
fn a_copy_in_another_account_is_judged_and_its_recovery_point_is_said_not_to_be_looked_at() {
    let mut world = databases(&["orders"]);
    world.add_vault_in("999988887777", "eu-west-1", "others").policy = Some(vault_allowing(ACCOUNT));
    world.plan("nightly").rules[0].copy_to(OTHERS);
    play(&mut world, 6, |world, ago| {
        if ago == 3 {
            world.vault(OTHERS).policy = Some(vault_denying("backup:CopyIntoBackupVault"));
        }
    });
    let told = told(world);
    let gap = told.gap("orders", "others");
    assert_eq!(gap["verdict"], "in-breach");
    assert_eq!(gap["recovery_point"], "not looked at: its vault is in account 999988887777");
    assert!(
        told.mail().contains("copy of orders (RDS) in vault others of 999988887777 in eu-west-1"),
        "{}",
        told.mail()
    );
}
