//! What one night and the day after it say to people and to programs, word for word: every log line, answer, mail and document. A change
//! in how something is found out shows here if it is told in another way.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tests::events::sqs_batch;
use tests::world::{Condition, admins_only, naming, vault_denying};
use tests::{Function, Outcome, Simulator, World};

const ACCOUNT: &str = "111122223333";
const ROLE: &str = "arn:aws:iam::111122223333:role/AWSBackupNightly";
const TOPICS: [(&str, &str); 3] = [
    ("ALERT_TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:alerts"),
    ("CHAT_TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:chat"),
    ("NOTICE_TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:notices"),
];

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Three databases behind one key, two volumes, a file system and a table with an off-site copy. Two good nights are over.
fn account() -> World {
    let mut world = World::at("2026-03-07T00:00:00Z");
    world.add_role("AWSBackupNightly");
    world.add_vault("prod");
    world.add_vault("offsite");
    for topic in ["alerts", "chat", "notices"] {
        world.add_topic(topic);
    }
    let key = world.add_key("databases");
    key.policy = naming(ACCOUNT, ROLE);
    let key = key.arn.clone();
    for (name, minutes) in [("orders", 14), ("invoices", 12), ("customers", 10)] {
        let resource = world.add_resource("RDS", name);
        resource.key = Some(key.clone());
        resource.duration = SignedDuration::from_mins(minutes);
    }
    world.add_resource("EBS", "vol-0aa");
    world.add_resource("EBS", "vol-0bb");
    world.add_resource("EFS", "fs-0cc");
    let offsite = world.vault_arn("offsite");
    world.add_plan("nightly");
    world.add_rule("nightly", "daily", "cron(0 3 ? * * *)", "prod");
    world.add_selection("nightly", "AWSBackupNightly", &["orders", "invoices", "customers", "vol-0aa", "vol-0bb"]);
    world.add_plan("copied");
    world.add_rule("copied", "daily-offsite", "cron(0 4 ? * * *)", "prod").copy_to(&offsite);
    world.add_selection("copied", "AWSBackupNightly", &["fs-0cc"]);
    for night in ["2026-03-08", "2026-03-09"] {
        world.run_night("nightly", at(&format!("{night}T03:00:00Z")));
        world.run_night("copied", at(&format!("{night}T04:00:00Z")));
    }
    world
}

/// All that came of one invocation.
fn tell(transcript: &mut String, title: &str, simulator: &Simulator, outcome: &Outcome) {
    let _ = writeln!(transcript, "==== {title}");
    for line in &outcome.logs {
        let _ = writeln!(transcript, "log {line}");
    }
    for told in simulator.take_published() {
        let topic = told.topic.rsplit(':').next().unwrap();
        let _ = writeln!(transcript, "{topic} {}", told.subject.as_deref().unwrap_or("-"));
        for (name, (kind, value)) in &told.attributes {
            let _ = writeln!(transcript, "    {name} ({kind}) {value}");
        }
        let document = serde_json::from_str::<Value>(&told.message).and_then(|it| serde_json::to_string_pretty(&it));
        for line in document.unwrap_or(told.message).lines() {
            let _ = writeln!(transcript, "  | {line}");
        }
    }
    match &outcome.answer {
        Ok(answer) => writeln!(transcript, "answer {answer}"),
        Err(error) => writeln!(transcript, "error {error}"),
    }
    .unwrap();
}

fn tick(simulator: &Simulator, verify: &mut Function<'_>) -> Outcome {
    let now = simulator.with_world(|world| world.clock).as_second();
    verify.invoke(&json!({"time": Timestamp::from_second(now - now % 900).unwrap().to_string()}))
}

#[test]
fn a_night_and_the_day_after_it_are_told_word_for_word() {
    let simulator = Simulator::start(account());
    let mut classify = Function::start("classify", &simulator, &TOPICS).unwrap();
    let mut verify = Function::start("verify", &simulator, &TOPICS).unwrap();
    let mut report = Function::start("report", &simulator, &TOPICS).unwrap();
    let mut transcript = String::new();

    let (events, restore) = simulator.with_world(|world| {
        world.key("databases").policy = admins_only(ACCOUNT);
        world.resource("vol-0aa").condition = Condition::Invalid;
        world.vault("offsite").policy = Some(vault_denying("backup:CopyIntoBackupVault"));
        let mut jobs = world.run_night("nightly", at("2026-03-10T03:00:00Z")).jobs();
        jobs.extend(world.run_night("copied", at("2026-03-10T04:00:00Z")).jobs());
        let point = world.present_recovery_points().next().unwrap().arn.clone();
        world.role("AWSBackupNightly").lose("rds:RestoreDBInstanceFromDBSnapshot");
        let begins = world.clock;
        let restore = world.restore(&point, "AWSBackupNightly", begins);
        world.advance_until_idle();
        (world.events(&jobs), world.events(&[restore]))
    });
    let outcome = classify.invoke(&sqs_batch(&events));
    tell(&mut transcript, "classify: the night in one batch", &simulator, &outcome);
    let outcome = classify.invoke(&sqs_batch(&events[..2]));
    tell(&mut transcript, "classify: two of its events once more", &simulator, &outcome);
    for event in &restore {
        let outcome = classify.invoke(event);
        tell(&mut transcript, "classify: a restore, as a bare event", &simulator, &outcome);
    }
    let outcome = tick(&simulator, &mut verify);
    tell(&mut transcript, "verify: nothing is mended", &simulator, &outcome);

    simulator.with_world(|world| world.key("databases").policy = naming(ACCOUNT, ROLE));
    for n in 1..=4 {
        simulator.with_world(|world| world.advance(SignedDuration::from_mins(15)));
        let outcome = tick(&simulator, &mut verify);
        tell(&mut transcript, &format!("verify: tick {n} after the key is mended"), &simulator, &outcome);
    }
    let outcome = verify.invoke(&json!({"dry_run": true}));
    tell(&mut transcript, "verify: a dry run", &simulator, &outcome);

    simulator.with_world(|world| world.clock = at("2026-03-10T12:00:00Z"));
    let outcome = report.invoke(&json!({"time": "2026-03-10T12:00:00Z"}));
    tell(&mut transcript, "report", &simulator, &outcome);
    insta::assert_snapshot!("a-night-and-the-day-after-it", transcript);
}
