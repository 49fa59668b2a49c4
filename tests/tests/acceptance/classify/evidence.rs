//! A bare "Access Denied" says nothing. The account does: the same sentence comes out as another class in each world.

use std::collections::BTreeSet;

use serde_json::Value;
use tests::world::{Condition, KeyState, delegating, vault_denying};
use tests::{Simulator, Wording, World};

use super::support::{ACCOUNT, NIGHT, account, at, break_keys, play_batch, start, values};

type Break = fn(&mut World);

/// A job that fails with no more words than these.
fn terse() -> World {
    let mut world = account(&[1]);
    world.wording = Wording::Terse;
    world
}

/// The same, with a copy to a second vault of the account.
fn terse_copy() -> World {
    let mut world = terse();
    let offsite = world.add_vault("offsite").arn.clone();
    world.plan("nightly").rules[0].copy_to(&offsite);
    world
}

/// A service that says "Access Denied" itself, whatever the world is like.
fn refused_by_the_service(world: &mut World) {
    world.resource("db-0").condition = Condition::Trouble("Access Denied".to_owned());
}

fn unreadable(world: &mut World) {
    break_keys(world);
    world.keys.iter_mut().for_each(|key| key.readable = false);
    world.roles.iter_mut().for_each(|role| role.readable = false);
    world.vaults.iter_mut().for_each(|vault| vault.readable = false);
}

/// Plays the failed job of one night in a world: the mail, and the id of its root cause.
fn diagnose(mut world: World, break_it: Break) -> (String, String, String) {
    // A good night first: its recovery point shows which key is in play.
    world.run_night("nightly", at("2026-03-08T03:00:00Z"));
    break_it(&mut world);
    let night = world.run_night("nightly", at(NIGHT));
    let failed: Vec<Value> =
        world.events(&night.jobs()).into_iter().filter(|event| event["detail"]["state"] == "FAILED").collect();
    assert_eq!(failed.len(), 1);
    let message = failed[0]["detail"]["statusMessage"].as_str().unwrap().trim_matches('"').to_owned();
    assert_eq!(message, "Access Denied", "the world is as mute as it was meant to be");
    let simulator = Simulator::start(world);
    let played = play_batch(&simulator, &mut start(&simulator), &failed);
    let mail = played.mail();
    (values(mail, "root_cause_class").concat(), values(mail, "root_cause_id").concat(), mail.message.clone())
}

#[test]
fn a_bare_access_denied_of_a_backup_is_settled_by_the_account() {
    let worlds: [(&str, Break, &str); 6] = [
        ("kms-policy-denied", break_keys, "kms:CreateGrant"),
        (
            "kms-key-unusable",
            |world| {
                refused_by_the_service(world);
                world.key("key-0").state = KeyState::Disabled;
            },
            "Disabled",
        ),
        (
            "iam-permission-missing",
            |world| world.role("NightlyBackup").lose("rds:CreateDBSnapshot"),
            "rds:CreateDBSnapshot",
        ),
        ("iam-role-unassumable", |world| world.role("NightlyBackup").trust = r#"{"Statement":[]}"#.to_owned(), "trust"),
        ("access-denied-unspecified", unreadable, "Could not be read:"),
        ("access-denied-unspecified", refused_by_the_service, "Looked at:"),
    ];
    let mut ids = BTreeSet::new();
    for (class, break_it, says) in worlds {
        let (found, id, mail) = diagnose(terse(), break_it);
        assert_eq!(found, class, "{mail}");
        assert!(mail.contains(says), "no {says:?} in\n{mail}");
        assert_eq!(mail.contains("Evidence:"), class != "access-denied-unspecified", "{mail}");
        ids.insert(id);
    }
    assert_eq!(ids.len(), 1, "one job, one root-cause id: {ids:?}");
}

#[test]
fn a_bare_access_denied_of_a_copy_is_settled_by_the_account() {
    let worlds: [(&str, Break); 3] = [
        ("vault-policy-denied", |world| {
            world.vault("offsite").policy = Some(vault_denying("backup:CopyIntoBackupVault"));
        }),
        ("iam-permission-missing", |world| world.role("NightlyBackup").lose("backup:CopyIntoBackupVault")),
        ("access-denied-unspecified", |world| {
            world.vault("offsite").policy = Some(vault_denying("backup:CopyIntoBackupVault"));
            world.vault("offsite").readable = false;
            world.role("NightlyBackup").readable = false;
            world.key("key-0").readable = false;
        }),
    ];
    let mut ids = BTreeSet::new();
    for (class, break_it) in worlds {
        let (found, id, mail) = diagnose(terse_copy(), break_it);
        assert_eq!(found, class, "{mail}");
        assert!(mail.contains("offsite"), "{mail}");
        ids.insert(id);
    }
    assert_eq!(ids.len(), 1, "one job, one root-cause id: {ids:?}");
}

/// The default service role may decrypt only through the services it backs up; that is how it should be, and no finding.
#[test]
fn the_default_role_is_not_blamed_for_lacking_decrypt() {
    let worlds: [Break; 2] = [refused_by_the_service, |world| {
        refused_by_the_service(world);
        world.key("key-0").policy = delegating(ACCOUNT);
    }];
    for break_it in worlds {
        let mut world = terse();
        world.role("NightlyBackup").statements.truncate(2);
        let (class, _, mail) = diagnose(world, break_it);
        assert_eq!(class, "access-denied-unspecified", "{mail}");
        assert!(!mail.contains("Evidence:") && !mail.contains("Also found"), "{mail}");
    }
}

/// Words that name the key but leave open what is wrong with it are settled too; clear words are confirmed.
#[test]
fn evidence_confirms_or_corrects_the_words() {
    let worlds: [(Wording, Break, &str); 3] = [
        (Wording::Ambiguous, break_keys, "kms-policy-denied"),
        (Wording::Ambiguous, |world| world.key("key-0").state = KeyState::PendingDeletion, "kms-key-unusable"),
        (Wording::Verbose, break_keys, "kms-policy-denied"),
    ];
    for (wording, break_it, class) in worlds {
        let mut world = account(&[1]);
        world.wording = wording;
        break_it(&mut world);
        let night = world.run_night("nightly", at(NIGHT));
        let events = world.events(&night.backup_jobs);
        let key = world.key("key-0").arn.clone();
        let simulator = Simulator::start(world);
        let played = play_batch(&simulator, &mut start(&simulator), &events);
        assert_eq!(values(played.mail(), "root_cause_class"), [class], "{wording:?}");
        assert!(played.mail().message.contains(&key));
        assert_eq!(played.lines("page")[0]["confidence"], "certain", "{}", played.mail().message);
    }
}
