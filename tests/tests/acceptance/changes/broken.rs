//! classify names the change between good and bad, and pages in time without it.

use jiff::SignedDuration;
use serde_json::json;
use tests::world::{admins_only, naming, vault_denying};
use tests::{Fault, Function, Repeat, Simulator, World};

use crate::classify::support::{ACCOUNT, ALERTS, NIGHT, Played, ROLE, account, at, play_batch, text};

const GOOD_NIGHT: &str = "2026-03-09T03:00:00Z";
const AFTERNOON: &str = "2026-03-09T14:00:00Z";

/// An account after a good night, at work on the afternoon before a bad one.
fn afternoon(world: World) -> World {
    let mut world = world;
    world.run_night("nightly", at(GOOD_NIGHT));
    world.clock = at(AFTERNOON);
    world
}

/// The page of the night after these changes.
fn page(change: impl FnOnce(&mut World)) -> Played {
    page_of(afternoon(account(&[2])), &[], change, |_| {})
}

fn page_of(
    mut world: World,
    settings: &[(&str, &str)],
    change: impl FnOnce(&mut World),
    fail: impl FnOnce(&Simulator),
) -> Played {
    change(&mut world);
    let night = world.run_night("nightly", at(NIGHT));
    let events: Vec<_> =
        world.events(&night.jobs()).into_iter().filter(|event| event["detail"]["state"] == "FAILED").collect();
    let simulator = Simulator::start(world);
    fail(&simulator);
    let env: Vec<(&str, &str)> = [("ALERT_TOPIC_ARN", ALERTS)].into_iter().chain(settings.iter().copied()).collect();
    let mut function = Function::start("classify", &simulator, &env).unwrap();
    play_batch(&simulator, &mut function, &events)
}

fn break_key(world: &mut World) {
    world.by("alex").put_key_policy("key-0", &admins_only(ACCOUNT));
}

/// A mail on one line, as a person reads its sentences.
fn prose(played: &Played) -> String {
    played.mail().message.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_change_between_the_last_good_job_and_the_first_bad_one_is_named() {
    let by = "by arn:aws:sts::111122223333:assumed-role/Operations/alex, 2026-03-09 14:00 UTC, from 198.51.100.0/24";
    type Change = fn(&mut World);
    let table: [(Change, &str); 5] = [
        (break_key, "Changed in between: PutKeyPolicy"),
        (|world| _ = world.by("alex").disable_key("key-0"), "Who broke it: DisableKey"),
        (|world| _ = world.by("alex").delete_role("NightlyBackup"), "Who broke it: DeleteRole"),
        (
            |world| _ = world.by("alex").take_from_role("NightlyBackup", "rds:CreateDBSnapshot"),
            "Changed in between: PutRolePolicy",
        ),
        (|world| _ = world.by("alex").delete_vault("prod"), "Who broke it: DeleteBackupVault"),
    ];
    for (change, expected) in table {
        let played = page(change);
        let expected = format!("{expected} {by}");
        assert!(prose(&played).contains(&expected), "no {expected:?} in\n{}", played.mail().message);
        let line = played.lines("page")[0];
        assert_eq!(line["changes"][0]["time"], "2026-03-09T14:00:00Z", "{line}");
        assert_eq!(line["changes"][0]["source_address"], "198.51.100.0/24", "{line}");
    }
}

#[test]
fn the_page_reads_so() {
    insta::assert_snapshot!("the-page-reads-so", page(break_key).mail().message);
}

/// Two a second for each account and Region, and people who look at CloudTrail's console share them.
#[test]
fn however_many_causes_a_question_is_asked_once() {
    let mut world = afternoon(account(&[1, 1, 1, 1]));
    for key in ["key-0", "key-1", "key-2", "key-3"] {
        world.by("alex").put_key_policy(key, &admins_only(ACCOUNT));
    }
    let night = world.run_night("nightly", at(NIGHT));
    let events = world.events(&night.backup_jobs);
    let simulator = Simulator::start(world);
    simulator.limit("cloudtrail", "LookupEvents", 2);
    let mut function = Function::start("classify", &simulator, &[("ALERT_TOPIC_ARN", ALERTS)]).unwrap();
    let played = play_batch(&simulator, &mut function, &events);
    assert_eq!(played.mails.len(), 4);
    // PutKeyPolicy, RevokeGrant, and the role.
    assert!((3..=4).contains(&simulator.count("cloudtrail")), "one may come too early, and is tried again");
    for mail in &played.mails {
        assert_eq!(mail.message.matches("PutKeyPolicy by").count(), 1, "{}", mail.message);
    }
}

/// The offsite copy is refused by the vault policy that somebody wrote.
#[test]
fn a_copy_is_refused_by_a_policy_that_somebody_wrote() {
    let mut world = account(&[1]);
    let offsite = world.add_vault("offsite").arn.clone();
    world.plan("nightly").rules[0].copy_to(&offsite);
    let deny = |world: &mut World| {
        world.by("kim").put_vault_policy("offsite", &vault_denying("backup:CopyIntoBackupVault"));
    };
    let played = page_of(afternoon(world), &[], deny, |_| {});
    let expected =
        "Changed in between: PutBackupVaultAccessPolicy by arn:aws:sts::111122223333:assumed-role/Operations/kim";
    assert!(prose(&played).contains(expected), "{}", played.mail().message);
}

#[test]
fn what_lies_elsewhere_is_not_named() {
    let nothing = "Who changed it: CloudTrail has nothing. Searched: PutKeyPolicy in eu-west-1";
    type Change = fn(&mut World);
    let table: [(&str, Change); 4] = [
        ("before the last good job", |world| {
            world.clock = at("2026-03-08T14:00:00Z");
            world.by("early").put_key_policy("key-0", &naming(ACCOUNT, ROLE));
            world.clock = at(AFTERNOON);
        }),
        ("it failed", |world| {
            world.by("failed").put_key_policy("key-0", &naming(ACCOUNT, ROLE));
            world.trail.last_mut().unwrap().error = Some("AccessDenied".to_owned());
        }),
        ("another key", |world| {
            world.add_key("other");
            world.by("other").put_key_policy("other", &admins_only(ACCOUNT));
        }),
        ("another Region", |world| {
            world.by("away").put_key_policy("key-0", &admins_only(ACCOUNT));
            world.trail.last_mut().unwrap().region = "us-east-1".to_owned();
        }),
    ];
    for (why, change) in table {
        let played = page_of(
            afternoon(account(&[2])),
            &[],
            |world| {
                change(world);
                // Nobody has recorded this one.
                world.key("key-0").policy = admins_only(ACCOUNT);
            },
            // By now CloudTrail would have it.
            |simulator| simulator.with_world(|world| world.advance(SignedDuration::from_mins(15))),
        );
        let mail = prose(&played);
        assert!(mail.contains(nothing), "{why}\n{}", played.mail().message);
        assert!(!mail.contains("Operations/"), "{why}\n{}", played.mail().message);
        assert_eq!(played.lines("page")[0]["changes"], json!([]), "{why}");
    }
}

#[test]
fn so_young_a_change_is_not_listed_yet() {
    let mut world = afternoon(account(&[2]));
    world.clock = at("2026-03-10T02:59:00Z");
    let late = |world: &mut World| {
        break_key(world);
        world.trail.last_mut().unwrap().listed += SignedDuration::from_hours(1);
    };
    let played = page_of(world, &[], late, |_| {});
    assert!(prose(&played).contains("Who changed it: nothing found yet."), "{}", played.mail().message);
    assert!(text(played.lines("page")[0], "changes_note").contains("nothing found yet"));
}

#[test]
fn the_page_goes_out_in_time_while_cloudtrail_is_throttled_denied_or_mute() {
    let faults = [Fault::Throttle, Fault::Denied, Fault::Delay(60_000), Fault::Malformed];
    for fault in faults {
        let told = format!("{fault:?}");
        let started = std::time::Instant::now();
        let fail = |simulator: &Simulator| simulator.fail("cloudtrail", "LookupEvents", fault, Repeat::Always);
        let played = page_of(afternoon(account(&[2])), &[], break_key, fail);
        assert!(started.elapsed() < std::time::Duration::from_secs(25), "{told}: {:?}", started.elapsed());
        let mail = prose(&played);
        assert!(mail.contains("Who changed it: CloudTrail could not be read ("), "{told}\n{}", played.mail().message);
        assert!(mail.contains("kms:CreateGrant"), "{told}: the rest of the page is as it was");
        assert!(played.given_back().is_empty(), "{told}");
    }
}

#[test]
fn a_whole_address_is_shown_where_a_setting_says_so() {
    let show = [("SHOW_SOURCE_ADDRESS", "true")];
    let played = page_of(afternoon(account(&[2])), &show, break_key, |_| {});
    assert!(prose(&played).contains("from 198.51.100.7"), "{}", played.mail().message);
}

/// The first page has told it: on the nights after, nobody asks again.
#[test]
fn cloudtrail_is_asked_on_the_first_night_alone() {
    let mut world = afternoon(account(&[2]));
    break_key(&mut world);
    world.run_night("nightly", at(NIGHT));
    let night = world.run_night("nightly", at("2026-03-11T03:00:00Z"));
    let events = world.events(&night.backup_jobs);
    let simulator = Simulator::start(world);
    let mut function = Function::start("classify", &simulator, &[("ALERT_TOPIC_ARN", ALERTS)]).unwrap();
    let played = play_batch(&simulator, &mut function, &events);
    assert_eq!(simulator.count("cloudtrail"), 0);
    assert!(!prose(&played).contains("CloudTrail has"), "{}", played.mail().message);
}
