//! The page of the night and its files, in the bucket.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::{Fault, Repeat};

use super::support::*;
use tests::Simulator;

const BUCKET: &str = "night-one-evidence";
const FOLDER: &str = "nights/2026-11-21";

fn with_bucket() -> tests::World {
    let mut world = databases(&["orders", "users"]);
    nights(&mut world, 4);
    world.add_bucket(BUCKET);
    world
}

fn not_written(told: &Told) -> Vec<&Value> {
    told.metrics.iter().filter_map(|line| line.get("EvidenceNotWritten")).collect()
}

#[test]
fn a_night_leaves_its_page_and_its_files_and_the_mail_says_where() {
    let simulator = Simulator::start(with_bucket());
    let mut morning = Morning::with(&simulator, &[("EVIDENCE_BUCKET", BUCKET)]);
    let told = morning.report();
    let address = "https://eu-west-1.console.aws.amazon.com/s3/object/night-one-evidence?region=eu-west-1&prefix=nights/2026-11-21/night.html";
    assert!(told.mails[0].message.lines().any(|line| line.ends_with(address)), "{}", told.mails[0].message);
    assert_eq!(not_written(&told), [0]);
    let first = simulator.with_world(|world| world.bucket(BUCKET).clone());
    let keys: BTreeSet<&str> = first.objects.keys().map(String::as_str).collect();
    let files = ["night.html", "night.json", "rows.csv"].map(|name| format!("{FOLDER}/{name}"));
    assert_eq!(keys, files.iter().map(String::as_str).collect());
    let kinds = files.each_ref().map(|key| first.newest(key).unwrap().content_type.clone());
    assert_eq!(kinds, ["text/html; charset=utf-8", "application/json", "text/csv; charset=utf-8"]);
    let [page, document, table] = files.each_ref().map(|key| first.text(key).unwrap());
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("orders") && page.contains("users"));
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["schema"], "night-one/night/1");
    assert_eq!(document["summary"]["resources"], 2);
    assert_eq!(document["groups"][0]["rows"].as_array().unwrap().len(), 2);
    assert_eq!(table.lines().count(), 3);
    // The jobs that prove a night are those of the log.
    let proofs: BTreeSet<&str> = told
        .logs
        .iter()
        .filter(|line| line["record"] == "backup_evidence")
        .filter_map(|line| line["job_id"].as_str())
        .collect();
    assert!(proofs.len() == 2 && proofs.iter().all(|job| table.contains(job)), "{table}");

    // A second report of the night is a second version.
    morning.report();
    simulator.with_world(|world| {
        let bucket = world.bucket(BUCKET);
        for key in &files {
            let versions = &bucket.objects[key];
            assert_eq!(versions.len(), 2, "{key}");
            assert_eq!(versions.first(), first.newest(key), "{key}: the first one is as it was");
        }
    });
}

#[test]
fn a_bucket_that_refuses_is_an_alarm_and_holds_no_mail_back() {
    let simulator = Simulator::start(with_bucket());
    simulator.fail("s3", "PutObject", Fault::Denied, Repeat::Always);
    let told = Morning::with(&simulator, &[("EVIDENCE_BUCKET", BUCKET)]).report();
    assert_eq!(told.answer()["resources"], 2);
    assert_eq!(not_written(&told), [1]);
    assert!(told.mail().starts_with("All 2 resources are within their RPO."), "{}", told.mail());
    let errors = told.lines("error");
    let [error] = errors.as_slice() else { panic!("{errors:?}") };
    let why = error["message"].as_str().unwrap();
    let expected =
        "the page of the night was not kept: nights/2026-11-21/rows.csv could not be written into the bucket";
    assert!(why.starts_with(expected), "{why}");
}

#[test]
fn without_a_bucket_there_is_no_page_and_nobody_is_told_of_one() {
    let simulator = Simulator::start(with_bucket());
    let told = Morning::new(&simulator).report();
    assert_eq!(simulator.count("s3"), 0);
    assert_eq!(not_written(&told), Vec::<&Value>::new());
    assert!(!told.mails[0].message.contains("night.html"), "{}", told.mails[0].message);
}

/// What the console of CloudWatch sends for a widget.
fn of_a_dashboard() -> Value {
    json!({"widgetContext": {"dashboardName": "night-one", "widgetId": "widget-1", "accountId": ACCOUNT, "theme": "light"}})
}

#[test]
fn a_dashboard_shows_the_last_night_and_its_buttons_ask_verify() {
    let mut world = with_bucket();
    world.key("databases").policy = tests::world::admins_only(ACCOUNT);
    world.run_night("nightly", at("2026-11-21T04:00:00Z"));
    world.clock = at(MORNING);
    let simulator = Simulator::start(world);
    let mut morning = Morning::with(&simulator, &[("EVIDENCE_BUCKET", BUCKET)]);
    let before = morning.play(&of_a_dashboard());
    assert!(before.answer().as_str().unwrap().contains("has left its page"), "no night yet: {:?}", before.answer);
    morning.report();
    // Still the last night on the evening of the next day.
    simulator.with_world(|world| world.clock += DAY + 12 * HOUR);
    simulator.forget_calls();
    let told = morning.play(&of_a_dashboard());
    let shown = told.answer().as_str().unwrap();
    for part in [
        "2026-11-21 07:00 UTC",
        "endpoint=\"arn:aws:lambda:eu-west-1:111122223333:function:",
        "{&quot;dry_run&quot;:true}",
        "{&quot;fixed&quot;:[&quot;rc-",
        "prefix=nights/2026-11-21/night.html",
    ] {
        assert!(shown.contains(part), "{part} is missing in {shown}");
    }
    assert!(told.mails.is_empty(), "who looks at a dashboard sends no mail");
    let services: BTreeSet<String> = simulator.calls().into_iter().map(|call| call.service).collect();
    assert_eq!(services, BTreeSet::from(["s3".to_owned()]), "it reads the bucket, and nothing of AWS Backup");
}

/// An older night is never shown as the last one.
#[test]
fn a_dashboard_says_that_the_last_night_cannot_be_read() {
    let simulator = Simulator::start(with_bucket());
    let mut morning = Morning::with(&simulator, &[("EVIDENCE_BUCKET", BUCKET)]);
    morning.report();
    morning.report_at(at(MORNING) + DAY);
    simulator.with_world(|world| {
        let newest = world.bucket(BUCKET).objects.get_mut("nights/2026-11-22/night.json").unwrap().last_mut().unwrap();
        newest.body.truncate(20);
    });
    let shown = morning.play(&of_a_dashboard()).answer().as_str().unwrap().to_owned();
    assert!(!shown.contains("2026-11-21") && shown.contains("night.json"), "{shown}");
}

#[test]
fn a_dashboard_without_a_bucket_says_how_to_have_one() {
    let simulator = Simulator::start(with_bucket());
    let mut morning = Morning::new(&simulator);
    assert!(morning.play(&of_a_dashboard()).answer().as_str().unwrap().contains("EvidenceBucket"));
    let described = morning.play(&json!({"describe": true}));
    assert!(described.answer().as_str().unwrap().starts_with("## The last night"));
    assert!(simulator.calls().is_empty());
}
