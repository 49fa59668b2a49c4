//! The samples in `events/`, played bare, and what no sample shows: other accounts, unknown states, composite jobs.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tests::world::JobState;
use tests::{Simulator, World};

use super::support::{ACCOUNT, account, at, broken, play, play_batch, start, text, values};

fn samples(folder: &str) -> Vec<(PathBuf, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(folder);
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    files.sort();
    files
        .into_iter()
        .map(|path| (path.clone(), serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()))
        .collect()
}

/// An account with a topic and nothing else.
fn empty() -> Simulator {
    let mut world = World::at("2026-11-20T12:00:00Z");
    world.add_topic("alerts");
    Simulator::start(world)
}

#[test]
fn every_sample_pages_and_answers_with_a_summary() {
    let samples = samples("events");
    assert!(samples.len() >= 9);
    for (path, event) in samples {
        let simulator = empty();
        let played = play(&simulator, &mut start(&simulator), &event);
        let count = |member: &str| played.summary()[member].as_u64().unwrap();
        if path.ends_with("doc-region-setting-modified.json") {
            // It switches a type on: no rule can tell that from one that is switched off.
            assert_eq!((count("ignored"), played.mails.len()), (1, 0), "{played:#?}");
            continue;
        }
        // A job that failed, or a change that took protection away: never both, and never neither.
        let is_failure =
            event.get("Records").is_some() || event["detail-type"].as_str().is_some_and(|kind| kind.contains(" Job"));
        let told = (count("failures") > 0, count("protection"), played.mails.is_empty());
        assert_eq!(told, (is_failure, u64::from(!is_failure), false), "{}: {played:#?}", path.display());
        let kinds: BTreeSet<String> = played.mails.iter().flat_map(|mail| values(mail, "kind")).collect();
        let kind = if is_failure { "page" } else { "protection" };
        assert_eq!(kinds, BTreeSet::from([kind.to_owned()]), "{}", path.display());
        let answer = played.answer.as_ref().unwrap();
        if event.get("Records").is_none() {
            let mut summary = played.summary().clone();
            summary.as_object_mut().unwrap().remove("record");
            assert_eq!(answer, &summary, "{}", path.display());
            if is_failure {
                assert_eq!(answer["root_causes"][0]["outcome"], "paged", "{}", path.display());
            } else {
                let outcomes: Vec<String> =
                    played.lines("protection").into_iter().map(|line| text(line, "outcome")).collect();
                assert_eq!(
                    (&answer["protection"], outcomes),
                    (&json!(1), vec!["told".to_owned()]),
                    "{}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn no_sample_of_the_ignored_ones_ever_pages() {
    let samples = samples("events/ignored");
    assert!(samples.len() >= 20);
    let simulator = empty();
    let mut classify = start(&simulator);
    for (path, event) in samples {
        let played = play(&simulator, &mut classify, &event);
        assert!(played.mails.is_empty(), "{}: {played:#?}", path.display());
        let said = [played.lines("ignored"), played.lines("error")].concat();
        assert_eq!(said.len(), 1, "{}: logged, with the reason", path.display());
    }
    assert_eq!(simulator.calls(), [], "what is ignored costs no call");
}

#[test]
fn a_state_that_nobody_knows_pages() {
    for state in ["EXPLODED", "failed ", "COMPLETED_WITH_WARNINGS", "0"] {
        let (world, mut events) = broken(&[1]);
        events[0]["detail"]["state"] = json!(state);
        let simulator = Simulator::start(world);
        let played = play(&simulator, &mut start(&simulator), &events[0]);
        assert_eq!(played.mails.len(), 1, "{state}: {played:#?}");
    }
}

#[test]
fn completed_with_issues_pages_and_plainly_completed_does_not() {
    for (remark, pages) in [(Some("Some objects could not be backed up."), 1), (None, 0)] {
        let mut world = account(&[1]);
        world.resource("db-0").remark = remark.map(str::to_owned);
        let night = world.run_night("nightly", at("2026-03-10T03:00:00Z"));
        let events = world.events(&night.backup_jobs);
        let simulator = Simulator::start(world);
        let played = play_batch(&simulator, &mut start(&simulator), &events);
        assert_eq!(played.mails.len(), pages, "{remark:?}");
        for mail in &played.mails {
            assert!(mail.subject.as_deref().unwrap().contains("completed with issues"), "{:?}", mail.subject);
        }
    }
}

/// The parent says PARTIAL and nothing else; its child says why.
#[test]
fn a_partial_parent_joins_the_cause_of_its_child() {
    for together in [true, false] {
        let (mut world, _) = broken(&[2]);
        let parent = world.backup_jobs[1].id.clone();
        world.backup_jobs[0].parent = Some(parent.clone());
        world.backup_jobs[1].is_parent = true;
        world.backup_jobs[1].end = JobState::Partial;
        world.backup_jobs[1].message = None;
        let child = world.backup_jobs[0].id.clone();
        let batch = if together { world.events(&[parent, child]) } else { world.events(&[parent]) };
        let simulator = Simulator::start(world);
        let played = play_batch(&simulator, &mut start(&simulator), &batch);
        assert_eq!(values(played.mail(), "root_cause_class"), ["kms-policy-denied"], "together {together}");
        assert_eq!(played.causes().len(), 1);
    }
}

#[test]
fn events_of_another_account_page_without_a_look_at_ours() {
    for message in ["\"Access Denied\"", "\"KMS key is disabled\"", "\"A sentence that fits nothing\""] {
        let (world, mut events) = broken(&[2]);
        for event in &mut events {
            *event = serde_json::from_str(&event.to_string().replace(ACCOUNT, "444455556666")).unwrap();
            event["detail"]["statusMessage"] = json!(message);
        }
        let simulator = Simulator::start(world);
        let mut classify = start(&simulator);
        simulator.forget_calls();
        let played = play_batch(&simulator, &mut classify, &events);
        let services: BTreeSet<String> = simulator.calls().into_iter().map(|call| call.service).collect();
        assert_eq!(services, BTreeSet::from(["sns".to_owned()]), "{message}");
        assert_eq!(values(played.mail(), "account"), ["444455556666"]);
        assert!(played.mail().message.contains("another account"), "{}", played.mail().message);
    }
}

const THEIRS: &str = "444455556666";

/// An event of another account, whose job asks for a key of ours.
fn foreign_event(job: &str) -> Value {
    let (world, events) = broken(&[1]);
    let key = world.keys[0].arn.clone();
    let mut event: Value = serde_json::from_str(&events[0].to_string().replace(ACCOUNT, THEIRS)).unwrap();
    event["detail"]["backupJobId"] = json!(job);
    event["detail"]["statusMessage"] = json!(format!(
        "User: arn:aws:sts::{THEIRS}:assumed-role/evil/x is not authorized to perform: kms:CreateGrant on resource: {key} because no resource-based policy allows the kms:CreateGrant action"
    ));
    event
}

/// Who chooses the words of an event must not get a mail that opens our keys to them, nor a mail for each of their jobs.
#[test]
fn a_foreign_event_gets_no_command_about_ours_and_its_repeats_are_counted() {
    let (world, _) = broken(&[1]);
    let simulator = Simulator::start(world);
    let mut classify = start(&simulator);
    let mut pages = Vec::new();
    for number in 1..=8 {
        let played = play_batch(&simulator, &mut classify, &[foreign_event(&format!("job-{number}"))]);
        pages.push(played.mails.len());
        for mail in &played.mails {
            let commands = mail.message.lines().filter(|line| line.trim_start().starts_with("aws ")).count();
            assert_eq!(commands, 0, "{}", mail.message);
            assert!(!mail.message.contains("\"Principal\""), "{}", mail.message);
            let prose = mail.message.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(prose.contains("asks for something of this account"), "{}", mail.message);
            let incident = values(mail, "incident_id").concat();
            assert!(incident.ends_with("-20260309"), "one for its night: {incident}");
        }
    }
    assert_eq!(pages, [1, 1, 0, 1, 0, 0, 0, 1], "the first, second, fourth and eighth");
}

/// AWS passes a role within one account only.
#[test]
fn an_event_whose_role_is_of_another_account_is_not_believed() {
    let (world, mut events) = broken(&[1]);
    events[0]["detail"]["iamRoleArn"] = json!(format!("arn:aws:iam::{THEIRS}:role/evil"));
    let simulator = Simulator::start(world);
    let mail = play_batch(&simulator, &mut start(&simulator), &events).mail().message.clone();
    assert!(mail.starts_with("Do not trust this event as it is"), "{mail}");
    assert!(!mail.contains("put-key-policy --key-id"), "{mail}");
}

#[test]
fn a_page_says_where_its_event_comes_from_and_whether_the_list_has_its_job() {
    let by_hand = "This event came by hand";
    let unlisted = "AWS Backup's list does not have this job (yet).";
    let (world, events) = broken(&[1]);
    let mut unknown = events[0].clone();
    unknown["detail"]["backupJobId"] = json!("nobody-knows-it");
    for (event, bare, said) in [(&events[0], false, ""), (&events[0], true, by_hand), (&unknown, false, unlisted)] {
        let simulator = Simulator::start(world.clone());
        let mut classify = start(&simulator);
        let played = match bare {
            true => play(&simulator, &mut classify, event),
            false => play_batch(&simulator, &mut classify, std::slice::from_ref(event)),
        };
        for sentence in [by_hand, unlisted] {
            assert_eq!(played.mail().message.contains(sentence), sentence == said, "{}", played.mail().message);
        }
    }
}
