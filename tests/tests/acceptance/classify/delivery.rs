//! Nothing is lost: what could not be told is given back, what could not be looked up is paged all the same.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::Value;
use tests::events::sqs_batch;
use tests::world::Condition;
use tests::{Fault, Function, Repeat, Simulator, Wording, World};

use super::support::{
    ALERTS, NIGHT, account, at, break_keys, broken, message_ids, play, play_batch, start, text, values,
};

#[test]
fn while_sns_is_down_every_message_is_given_back_and_pages_when_it_is_up_again() {
    for fault in [Fault::ServerError, Fault::Throttle, Fault::Denied, Fault::Reset] {
        let mut world = account(&[4, 3]);
        break_keys(&mut world);
        world.resource("db-0").condition = Condition::Gone;
        let night = world.run_night("nightly", at(NIGHT));
        let batch = sqs_batch(&world.events(&night.backup_jobs));
        let simulator = Simulator::start(world);
        let mut classify = start(&simulator);

        simulator.fail("sns", "Publish", fault, Repeat::Always);
        let down = play(&simulator, &mut classify, &batch);
        assert_eq!(down.given_back(), message_ids(&batch), "{fault:?}");
        assert!(down.mails.is_empty() && down.lines("page").is_empty());
        let named: BTreeSet<String> = down
            .lines("error")
            .iter()
            .flat_map(|line| line["message_ids"].as_array().unwrap())
            .map(|id| id.as_str().unwrap().to_owned())
            .collect();
        assert_eq!(named, message_ids(&batch), "the log names what was given back");

        simulator.heal();
        let up = play(&simulator, &mut classify, &batch);
        assert_eq!((up.mails.len(), up.given_back().len()), (3, 0), "{fault:?}");
        let again = play(&simulator, &mut classify, &batch);
        assert_eq!((again.mails.len(), again.given_back().len()), (0, 0), "a redelivery to a warm process is silent");
    }
}

#[test]
fn only_the_cause_that_could_not_be_told_is_given_back() {
    let (world, events) = broken(&[3, 2]);
    let batch = sqs_batch(&events);
    let simulator = Simulator::start(world);
    let mut classify = start(&simulator);
    // The SDK tries more than once; a refusal is final at once.
    simulator.fail("sns", "Publish", Fault::Denied, Repeat::Times(1));
    let played = play(&simulator, &mut classify, &batch);
    assert_eq!((played.mails.len(), played.given_back().len()), (1, 3), "the largest cause met the fault");
    let all: Vec<String> =
        batch["Records"].as_array().unwrap().iter().map(|record| text(record, "messageId")).collect();
    assert_eq!(played.given_back(), all[..3].iter().cloned().collect());
}

#[test]
fn a_bare_event_that_could_not_be_told_is_an_error() {
    let (world, events) = broken(&[1]);
    let simulator = Simulator::start(world);
    let mut classify = start(&simulator);
    simulator.fail("sns", "Publish", Fault::Denied, Repeat::Always);
    let down = play(&simulator, &mut classify, &events[0]);
    assert_eq!(down.answer.unwrap_err()["errorType"], "NotPublished");
    simulator.heal();
    assert_eq!(play(&simulator, &mut classify, &events[0]).mails.len(), 1);
}

#[test]
fn chat_gets_the_notice_too_and_gives_nothing_back_while_it_is_down() {
    let (world, events) = broken(&[2]);
    let batch = sqs_batch(&events);
    let chat = "arn:aws:sns:eu-west-1:111122223333:chat";
    let simulator = Simulator::start(world);
    let env = [("ALERT_TOPIC_ARN", ALERTS), ("CHAT_TOPIC_ARN", chat)];
    let mut classify = Function::start("classify", &simulator, &env).unwrap();

    let without = play(&simulator, &mut classify, &batch);
    assert_eq!((without.mail().topic.as_str(), without.given_back().len()), (ALERTS, 0));
    assert_eq!(without.lines("error").len(), 1, "{without:#?}");

    simulator.with_world(|world| world.add_topic("chat").arn.clone());
    classify.cold_start().unwrap();
    let with = play(&simulator, &mut classify, &batch);
    let notice = with.mails.iter().find(|mail| mail.topic == chat).unwrap();
    let document: Value = serde_json::from_str(&notice.message).unwrap();
    assert_eq!((&document["version"], &document["source"]), (&"1.0".into(), &"custom".into()));
    assert_eq!(document["metadata"]["threadId"], text_of(&values(notice, "incident_id")));
    assert_eq!((with.mails.len(), with.given_back().len(), with.lines("error").len()), (2, 0, 0));
}

fn text_of(values: &[String]) -> Value {
    Value::String(values.concat())
}

#[test]
fn it_pages_while_the_history_can_not_be_read() {
    for fault in [Fault::Denied, Fault::Throttle, Fault::ServerError, Fault::Malformed, Fault::Reset] {
        let (world, events) = broken(&[3]);
        let simulator = Simulator::start(world);
        let mut classify = start(&simulator);
        simulator.fail("backup", "ListBackupJobs", fault, Repeat::Always);
        let played = play_batch(&simulator, &mut classify, &events);
        let mail = played.mail();
        assert!(mail.message.contains("How many nights it has failed is not known"), "{fault:?}: {}", mail.message);
        assert!(!mail.message.contains("First night"), "{fault:?}");
        let errors = played.summary()["coverage_errors"].as_array().unwrap();
        let [error] = errors.as_slice() else { panic!("{fault:?}: {errors:?}") };
        assert!(error.as_str().unwrap().contains("backup:ListBackupJobs"), "{fault:?}: {error}");
        assert_eq!(values(mail, "root_cause_class"), ["kms-policy-denied"]);
        assert!(played.given_back().is_empty());
    }
}

#[test]
fn it_pages_and_does_not_guess_while_the_evidence_can_not_be_read() {
    type Spoil = fn(&Simulator);
    let unreadable: [(&str, Spoil); 4] = [
        ("key and role, in the world", |simulator| {
            simulator.with_world(|world| {
                world.key("key-0").readable = false;
                world.role("NightlyBackup").readable = false;
            });
        }),
        ("denied", |simulator| {
            simulator.fail("kms", "*", Fault::Denied, Repeat::Always);
            simulator.fail("iam", "*", Fault::Denied, Repeat::Always);
        }),
        ("throttled", |simulator| {
            simulator.fail("kms", "*", Fault::Throttle, Repeat::Always);
            simulator.fail("iam", "*", Fault::Throttle, Repeat::Always);
        }),
        ("slow", |simulator| {
            simulator.fail("kms", "*", Fault::Delay(60_000), Repeat::Always);
            simulator.fail("iam", "*", Fault::Delay(60_000), Repeat::Always);
        }),
    ];
    for (name, spoil) in unreadable {
        let mut world = account(&[2]);
        world.wording = Wording::Terse;
        world.run_night("nightly", at("2026-03-08T03:00:00Z"));
        break_keys(&mut world);
        let night = world.run_night("nightly", at(NIGHT));
        let events = world.events(&night.backup_jobs);
        let simulator = Simulator::start(world);
        let mut classify = start(&simulator);
        // What does not answer is waited for for a share of it.
        classify.time_limit = std::time::Duration::from_secs(30);
        spoil(&simulator);
        let played = play_batch(&simulator, &mut classify, &events);
        let mail = played.mail();
        assert_eq!(values(mail, "root_cause_class"), ["access-denied-unspecified"], "{name}");
        assert!(mail.message.contains("Could not be read:"), "{name}: {}", mail.message);
        assert!(!mail.message.contains("Evidence:"), "{name}: {}", mail.message);
        let line = played.lines("page")[0];
        assert!(!line["could_not_read"].as_array().unwrap().is_empty() && line["finding"].is_null(), "{name}: {line}");
    }
}

#[test]
fn what_is_at_risk_is_unknown_and_not_fine_while_it_can_not_be_read() {
    let mut world = account(&[1]);
    world.run_night("nightly", at("2026-03-08T03:00:00Z"));
    break_keys(&mut world);
    let night = world.run_night("nightly", at(NIGHT));
    let events = world.events(&night.backup_jobs);
    let simulator = Simulator::start(world.clone());
    let mut classify = start(&simulator);
    simulator.fail("backup", "ListRecoveryPointsByResource", Fault::Denied, Repeat::Always);
    let mail = play_batch(&simulator, &mut classify, &events).mail().message.clone();
    assert!(mail.contains("Last good recovery point could not be read"), "{mail}");
    assert!(!mail.contains("NO USABLE RECOVERY POINT"), "{mail}");

    let simulator = Simulator::start(world);
    let mut classify = start(&simulator);
    simulator.fail_asking("backup", "ListBackupJobs", "resourceArn=", Fault::Denied, Repeat::Always);
    let mail = play_batch(&simulator, &mut classify, &events).mail().message.clone();
    assert!(mail.contains("Its RPO is not known: its jobs could not be read"), "{mail}");
}

#[test]
fn a_page_more_than_six_hours_late_says_so_first() {
    for (minutes, late) in [(5 * 60 + 50, false), (6 * 60 + 10, true), (49 * 60, true)] {
        let (mut world, events) = broken(&[1]);
        let ended = world.backup_jobs[0].ends.unwrap();
        world.clock = ended + SignedDuration::from_mins(minutes);
        let simulator = Simulator::start(world);
        let played = play_batch(&simulator, &mut start(&simulator), &events);
        assert_eq!(played.mail().message.starts_with("Late notice"), late, "{minutes} min late");
    }
}

/// A job that the lists do not show yet is no reason for silence, and its twin in the same batch none for a second page.
#[test]
fn an_event_ahead_of_the_lists_pages_and_one_delivered_twice_pages_once() {
    let (mut world, events): (World, Vec<Value>) = broken(&[2]);
    world.backup_jobs.clear();
    let simulator = Simulator::start(world);
    let twice: Vec<Value> = events.iter().chain(&events).cloned().collect();
    let played = play_batch(&simulator, &mut start(&simulator), &twice);
    assert!(played.mail().subject.as_deref().unwrap().contains(": 2 RDS backups"), "{:?}", played.mail().subject);
    assert_eq!(played.lines("job_classified").len(), 2);
}
