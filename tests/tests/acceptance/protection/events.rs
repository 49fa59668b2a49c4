//! classify tells what AWS Backup sends events of.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::events::sqs_batch;
use tests::world::{Lifecycle, Rule};
use tests::{Fault, Function, Published, Repeat, Simulator, World};

use crate::classify::support::{ALERTS, Played, account, at, play, play_batch, start, text, values};

/// CloudTrail has what happened by then.
pub(super) const LATER: SignedDuration = SignedDuration::from_mins(10);

/// An account after two good nights, on an afternoon.
pub(super) fn afternoon() -> World {
    let mut world = account(&[2]);
    world.plan("nightly").rules[0].lifecycle = Lifecycle::days(35);
    for night in ["2026-03-08T03:00:00Z", "2026-03-09T03:00:00Z"] {
        world.run_night("nightly", at(night));
    }
    world.clock = at("2026-03-09T14:00:00Z");
    world
}

type Change = fn(&mut World) -> Value;

fn delete_plan(world: &mut World) -> Value {
    world.by("alex").delete_plan("nightly")
}

fn delete_vault(world: &mut World) -> Value {
    world.add_vault("archive");
    world.by("alex").delete_vault("archive")
}

fn opt_out(world: &mut World) -> Value {
    world.by("alex").set_opt_ins(&[("RDS", false), ("EBS", true)])
}

fn newest_point(world: &World) -> String {
    world.present_recovery_points().max_by_key(|point| point.created).expect("a recovery point").arn.clone()
}

fn delete_point(world: &mut World) -> Value {
    let arn = newest_point(world);
    world.by("alex").delete_recovery_point(&arn)
}

fn weaken_plan(world: &mut World) -> Value {
    world.by("alex").update_plan("nightly", |plan| plan.rules[0].lifecycle = Lifecycle::days(3))
}

fn after(change: Change) -> (World, Value) {
    let mut world = afternoon();
    let event = change(&mut world);
    world.advance(LATER);
    (world, event)
}

fn told(change: Change) -> Played {
    let (world, event) = after(change);
    let simulator = Simulator::start(world);
    play_batch(&simulator, &mut start(&simulator), &[event])
}

pub(super) fn prose(mail: &Published) -> String {
    mail.message.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_taken_away_pages_once_with_who_did_it() {
    let by = "by arn:aws:sts::111122223333:assumed-role/Operations/alex, 2026-03-09 14:00 UTC, from 198.51.100.0/24.";
    let table: [(Change, &str, &str, &str); 5] = [
        (delete_plan, "CRITICAL: Backup plan nightly was deleted", "critical", "DeleteBackupPlan"),
        (delete_vault, "CRITICAL: Backup vault archive was deleted", "critical", "DeleteBackupVault"),
        (opt_out, "CRITICAL: AWS Backup was switched off for RDS", "critical", "UpdateRegionSettings"),
        (delete_point, "CRITICAL: A recovery point was deleted by hand", "critical", "DeleteRecoveryPoint"),
        (weaken_plan, "WARNING: Backup plan nightly protects less", "warning", "UpdateBackupPlan"),
    ];
    for (change, subject, severity, event) in table {
        let played = told(change);
        let mail = played.mail();
        assert_eq!(mail.subject.as_deref(), Some(format!("[111122223333/eu-west-1] {subject}").as_str()));
        assert_eq!(
            (values(mail, "kind"), values(mail, "severity")),
            (vec!["protection".into()], vec![severity.into()])
        );
        assert!(prose(mail).contains(&format!("Who did it: {event} {by}")), "{}", mail.message);
        assert!(values(mail, "incident_id").concat().starts_with("pc-"), "{mail:?}");
        let line = played.lines("protection")[0];
        assert_eq!((text(line, "event"), text(line, "outcome")), (event.to_owned(), "told".to_owned()));
        assert!(text(line, "actor").ends_with("/alex"), "{line}");
        assert_eq!(played.summary()["protection"], 1);
        assert!(played.given_back().is_empty());
        let name = subject.to_lowercase().replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
        insta::assert_snapshot!(name, mail.message);
    }
}

#[test]
fn the_same_event_twice_in_one_batch_or_two_is_one_page() {
    let changes: [Change; 5] = [delete_plan, delete_vault, opt_out, delete_point, weaken_plan];
    for change in changes {
        let (world, event) = after(change);
        let simulator = Simulator::start(world);
        let mut classify = start(&simulator);
        // Another delivery has another id.
        let mut again = event.clone();
        again["id"] = json!("another");
        let first = play_batch(&simulator, &mut classify, &[event.clone(), again.clone()]);
        assert_eq!(first.mails.len(), 1, "{event}");
        let second = play_batch(&simulator, &mut classify, &[again]);
        assert_eq!(second.mails.len(), 0, "{event}");
        assert_eq!(text(second.lines("protection")[0], "outcome"), "sent-before");
        // A new process repeats it under the same ids.
        let third = play_batch(&simulator, &mut start(&simulator), &[event]);
        assert_eq!(third.page_ids(), first.page_ids());
        assert_eq!(values(third.mail(), "incident_id"), values(first.mail(), "incident_id"));
    }
}

/// A rule that runs more rarely, or whose points are less safe, keeps them for as long as before.
#[test]
fn a_rule_that_is_weaker_in_another_way_than_its_retention_warns() {
    fn of_rule(world: &mut World, change: fn(&mut Rule)) -> Value {
        world.add_vault("open");
        world.add_vault("guarded").min_retention_days = Some(7);
        world.plan("nightly").rules[0].vault = "guarded".to_owned();
        world.by("alex").update_plan("nightly", |plan| change(&mut plan.rules[0]))
    }
    let table: [(Change, &str); 3] = [
        (
            |world| of_rule(world, |rule| rule.cron = "cron(0 3 ? * SUN *)".to_owned()),
            "has runs that are up to 7 d apart; before, its runs were at most 1 d apart.",
        ),
        (
            |world| of_rule(world, |rule| rule.vault = "open".to_owned()),
            "writes to vault open; before, it wrote to vault guarded. That one has a lock in governance mode, this one has no lock.",
        ),
        (
            |world| {
                world.plan("nightly").rules[0].continuous = true;
                of_rule(world, |rule| rule.continuous = false)
            },
            "makes no continuous backups any more: what it covers can be restored to the times of its runs, and to none between them.",
        ),
    ];
    for (change, expected) in table {
        let played = told(change);
        let mail = prose(played.mail());
        assert!(mail.contains(expected), "{expected}\n{}", played.mail().message);
        assert_eq!(values(played.mail(), "severity"), ["warning"]);
    }
    let moved = |world: &mut World| of_rule(world, |rule| rule.vault = "open".to_owned());
    let (world, event) = after(moved);
    let simulator = Simulator::start(world);
    simulator.fail("backup", "ListBackupVaults", Fault::Denied, Repeat::Always);
    let played = play_batch(&simulator, &mut start(&simulator), &[event]);
    let said = "Whether its lock is weaker could not be read:";
    assert!(prose(played.mail()).contains(said), "{}", played.mail().message);
}

/// As AWS Backup tells of a point that its lifecycle has deleted.
fn expired(world: &mut World) -> Value {
    let mut event = delete_point(world);
    event["detail"].as_object_mut().unwrap().remove("deletedBy");
    event
}

fn of_status(world: &mut World) -> Value {
    let mut event = expired(world);
    event["detail"]["status"] = json!("EXPIRED");
    event
}

#[test]
fn what_only_ages_or_gets_stronger_is_silent() {
    let longer = |world: &mut World| {
        world.by("alex").update_plan("nightly", |plan| plan.rules[0].lifecycle = Lifecycle::days(90))
    };
    let shorter_but_long = |world: &mut World| {
        world.by("alex").update_plan("nightly", |plan| plan.rules[0].lifecycle = Lifecycle::days(20))
    };
    let opt_in = |world: &mut World| world.by("alex").set_opt_ins(&[("RDS", true)]);
    let never_backed_up = |world: &mut World| world.by("alex").set_opt_ins(&[("S3", false)]);
    let off_already = |world: &mut World| {
        world.by("sam").set_opt_ins(&[("RDS", false)]);
        world.advance(SignedDuration::from_hours(1));
        world.by("alex").set_opt_ins(&[("RDS", false), ("EBS", true)])
    };
    let locked = |world: &mut World| {
        let mut event = delete_vault(world);
        event["detail"] = json!({"backupVaultName": "archive", "state": "MODIFIED", "isLocked": "true"});
        event
    };
    let table: [(&str, Change); 8] = [
        ("expired", expired),
        ("status EXPIRED", of_status),
        ("kept for longer", longer),
        ("shorter, and long enough", shorter_but_long),
        ("opted in", opt_in),
        ("a type that was never backed up", never_backed_up),
        ("a type that was off before", off_already),
        ("a vault was locked", locked),
    ];
    for (name, change) in table {
        let played = told(change);
        assert_eq!(played.mails.len(), 0, "{name}: {:?}", played.mails);
        assert_eq!(played.lines("ignored").len(), 1, "{name}");
        assert_eq!(played.summary()["ignored"], 1, "{name}");
    }
}

/// AWS answers a deletion with success, and keeps what its role may not delete.
#[test]
fn a_point_that_could_not_be_deleted_warns() {
    let played = told(|world| {
        let arn = newest_point(world);
        let place = world.recovery_points.iter().position(|point| point.arn == arn).unwrap();
        let mut kept = world.recovery_points[place].clone();
        let event = world.by("alex").delete_recovery_point(&arn);
        kept.status = "EXPIRED".to_owned();
        world.recovery_points.push(kept);
        event
    });
    let mail = played.mail();
    assert_eq!(values(mail, "severity"), ["warning"]);
    assert!(mail.message.contains("AWS Backup still has it, as EXPIRED."), "{}", mail.message);
    insta::assert_snapshot!("a-point-that-could-not-be-deleted", mail.message);
}

/// Each of many points has its own event, and one vault is one page.
#[test]
fn many_points_of_one_vault_are_one_page() {
    let mut world = afternoon();
    let points: Vec<String> = world.present_recovery_points().map(|point| point.arn.clone()).collect();
    assert_eq!(points.len(), 4);
    let events: Vec<Value> = points.iter().map(|arn| world.by("alex").delete_recovery_point(arn)).collect();
    world.advance(LATER);
    let simulator = Simulator::start(world);
    let mut classify = start(&simulator);
    let played = play_batch(&simulator, &mut classify, &events[..3]);
    assert!(played.mail().message.starts_with("3 recovery points were deleted by hand."), "{}", played.mail().message);
    assert_eq!(simulator.count("cloudtrail"), 1, "asked once for all of them");
    // One that comes again, and one that is new: told of the new one alone, in the same incident.
    let rest = play_batch(&simulator, &mut classify, &events[2..]);
    assert!(rest.mail().message.starts_with("A recovery point was deleted by hand."), "{}", rest.mail().message);
    assert_eq!(values(rest.mail(), "incident_id"), values(played.mail(), "incident_id"));
}

#[test]
fn it_pages_in_time_while_cloudtrail_has_nothing_yet_or_does_not_answer() {
    let yet = {
        let mut world = afternoon();
        let event = delete_plan(&mut world);
        let simulator = Simulator::start(world);
        play_batch(&simulator, &mut start(&simulator), &[event])
    };
    assert!(prose(yet.mail()).contains("Who did it: not yet on record."), "{}", yet.mail().message);
    assert!(yet.mail().message.contains("AttributeKey=EventName,AttributeValue=DeleteBackupPlan"));
    for fault in [Fault::Throttle, Fault::Denied, Fault::Delay(60_000)] {
        let (world, event) = after(delete_plan);
        let simulator = Simulator::start(world);
        simulator.fail("cloudtrail", "LookupEvents", fault, Repeat::Always);
        let played = play_batch(&simulator, &mut start(&simulator), &[event]);
        assert!(
            prose(played.mail()).contains("Who did it: CloudTrail could not be read ("),
            "{}",
            played.mail().message
        );
        assert!(played.given_back().is_empty());
    }
}

/// Unknown is never quiet.
#[test]
fn what_cannot_be_looked_at_pages_and_says_so() {
    let table: [(Change, &str, &str, &str); 4] = [
        (weaken_plan, "backup", "ListBackupPlanVersions", "What it protects now could not be read"),
        (opt_out, "backup", "DescribeRegionSettings", "Whether it is still switched off could not be read"),
        (opt_out, "backup", "ListProtectedResources", "Whether resources of it were backed up could not be read"),
        (delete_point, "backup", "DescribeRecoveryPoint", "Whether it is gone could not be read"),
    ];
    for (change, service, operation, expected) in table {
        let (world, event) = after(change);
        let simulator = Simulator::start(world);
        simulator.fail(service, operation, Fault::Denied, Repeat::Always);
        let played = play_batch(&simulator, &mut start(&simulator), &[event]);
        assert!(prose(played.mail()).contains(expected), "{operation}\n{}", played.mail().message);
    }
}

/// The list of versions may be behind the event: what was not compared did not stay as it was.
#[test]
fn a_version_that_is_not_listed_is_told_as_not_read() {
    let played = told(|world| {
        let mut event = weaken_plan(world);
        event["detail"]["versionId"] = json!("a-version-that-is-not-listed");
        event
    });
    let mail = prose(played.mail());
    let said = "What it protects now could not be read: its version is not on the list.";
    assert!(mail.contains(said), "{}", played.mail().message);
    assert!(!mail.contains("before, it kept them"), "{}", played.mail().message);
}

/// Two people change the settings of a Region within minutes: each event tells of its own call.
#[test]
fn who_switched_a_type_off_is_not_who_changed_another_type_later() {
    let played = told(|world| {
        let mut event = opt_out(world);
        world.advance(SignedDuration::from_secs(1));
        world.by("sam").set_opt_ins(&[("S3", false)]);
        // AWS tells of it seconds later.
        event["detail"]["modifiedAt"] = json!("2026-03-09T14:00:02Z");
        event
    });
    let mail = prose(played.mail());
    assert!(mail.contains("Operations/alex") && !mail.contains("Operations/sam"), "{}", played.mail().message);
}

#[test]
fn while_sns_is_down_it_is_given_back_and_told_once_later() {
    let (world, event) = after(delete_plan);
    let simulator = Simulator::start(world);
    let mut classify = start(&simulator);
    simulator.fail("sns", "Publish", Fault::ServerError, Repeat::Always);
    let batch = sqs_batch(&[event]);
    let played = play(&simulator, &mut classify, &batch);
    assert_eq!(played.given_back().len(), 1);
    simulator.heal();
    assert_eq!(play(&simulator, &mut classify, &batch).mails.len(), 1);
    assert_eq!(play(&simulator, &mut classify, &batch).mails.len(), 0);
}

#[test]
fn failures_and_changes_of_one_batch_are_told_side_by_side() {
    let mut world = afternoon();
    let plan = delete_point(&mut world);
    crate::classify::support::break_keys(&mut world);
    let night = world.run_night("nightly", at("2026-03-10T03:00:00Z"));
    let mut events = world.events(&night.backup_jobs);
    events.push(plan);
    let simulator = Simulator::start(world);
    let mut classify = Function::start("classify", &simulator, &[("ALERT_TOPIC_ARN", ALERTS)]).unwrap();
    let played = play_batch(&simulator, &mut classify, &events);
    let mut kinds: Vec<String> = played.mails.iter().flat_map(|mail| values(mail, "kind")).collect();
    kinds.sort();
    assert_eq!(kinds, ["page", "protection"]);
}
