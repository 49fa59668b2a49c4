//! `{"evidence": ...}`: all that is known of one root cause, for auditors, in parts whose hashes hold.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tests::world::{admins_only, naming};
use tests::{Fault, Repeat, Simulator};

use super::support::{ACCOUNT, NIGHT, Night, Played, ROLE, account, at, reruns, text};
use crate::report::support::Morning;

const BUCKET: &str = "evidence";
const KEPT: [(&str, &str); 1] = [("EVIDENCE_BUCKET", BUCKET)];

/// Alex took a key from the role in the evening; both databases failed at night.
fn broken_by_alex() -> Simulator {
    let mut world = account(&[2], &[]);
    world.add_bucket(BUCKET);
    world.clock = at("2026-03-09T18:00:00Z");
    world.by("alex").put_key_policy("key-0", &admins_only(ACCOUNT));
    world.run_night("nightly", at(NIGHT));
    world.clock = at("2026-03-10T07:00:00Z");
    Simulator::start(world)
}

fn mended_by_sam(simulator: &Simulator) {
    simulator.with_world(|world| world.by("sam").put_key_policy("key-0", &naming(ACCOUNT, ROLE)));
}

/// The only document of an answer.
fn document(played: &Played) -> &Value {
    let answer = played.summary();
    assert_eq!(answer["evidence"], "known", "{answer:#}");
    assert_eq!(answer["documents"].as_array().unwrap().len(), 1, "{answer:#}");
    assert!(played.mails.is_empty(), "an auditor is answered alone");
    &answer["documents"][0]
}

fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The files below `causes/` and how often each was written.
fn files(simulator: &Simulator) -> BTreeMap<String, (String, usize)> {
    simulator.with_world(|world| {
        let bucket = world.bucket(BUCKET);
        let causes = bucket.objects.iter().filter(|(key, _)| key.starts_with("causes/"));
        causes.map(|(key, versions)| (key.clone(), (bucket.text(key).unwrap(), versions.len()))).collect()
    })
}

#[test]
fn a_cause_is_written_down_from_the_change_that_broke_it_to_the_proof() {
    let simulator = broken_by_alex();
    let mut night = Night::with(&simulator, &KEPT);
    let id = text(night.tick().cause(), "id");
    Morning::with(&simulator, &KEPT).report();
    let ask = json!({"evidence": id});

    let open = night.play(&ask);
    let parts = &document(&open)["parts"];
    assert_eq!((&parts["cause"]["is_open"], &parts["proof"]), (&json!(true), &Value::Null), "{parts:#}");
    assert_eq!(parts["jobs"]["count"], 2, "{parts:#}");
    assert_eq!(parts["looked_at"]["verdict"], "not-fixed", "{parts:#}");
    let broke = &parts["changes"]["broke"]["changes"][0];
    assert_eq!((broke["event"].as_str(), broke["time"].as_str()), (Some("PutKeyPolicy"), Some("2026-03-09T18:00:00Z")));
    assert!(text(broke, "actor").ends_with("/alex"), "{broke}");
    let report = &parts["told"]["reports"][0];
    assert_eq!((&report["night"], &report["cause"]["id"]), (&json!("2026-03-10"), &json!(id)), "{parts:#}");

    simulator.with_world(|world| world.advance(SignedDuration::from_mins(30)));
    mended_by_sam(&simulator);
    night.ticks_for(SignedDuration::from_hours(1));
    let started = reruns(&simulator).len();
    let proven = night.play(&ask);
    let parts = &document(&proven)["parts"];
    assert_eq!(parts["cause"]["is_open"], false);
    assert_eq!(parts["proof"]["job"]["job_id"], json!(reruns(&simulator)[0].id), "{parts:#}");
    assert_eq!(parts["proof"]["job"]["made_by"], "night-one");
    assert!(text(&parts["proof"]["recovery_point"], "recovery_point_arn").starts_with("arn:aws:rds:"));
    assert!(text(&parts["changes"]["mended"]["changes"][0], "actor").ends_with("/sam"), "{parts:#}");
    let fates: Vec<&str> =
        parts["resources"].as_array().unwrap().iter().map(|held| held["fate"].as_str().unwrap()).collect();
    assert_eq!(fates, ["backed-up", "waits"], "{parts:#}");
    assert_eq!(reruns(&simulator).len(), started, "an auditor's question starts nothing");

    // Both documents are kept, each file once.
    let files = files(&simulator);
    let lists = files.keys().filter(|key| key.ends_with("/SHA256SUMS")).count();
    assert_eq!(lists, 2, "{files:#?}");
    assert!(files.values().all(|(_, versions)| *versions == 1), "{files:#?}");
}

#[test]
fn the_hashes_are_those_of_the_files_and_of_the_answer() {
    let simulator = broken_by_alex();
    let mut night = Night::with(&simulator, &KEPT);
    let id = text(night.tick().cause(), "id");
    let played = night.play(&json!({"evidence": id}));
    let document = document(&played);
    let folder = text(&document["kept"], "folder");
    assert_eq!(folder, format!("causes/{id}/20260310T070000Z/{ACCOUNT}-eu-west-1/"));
    let files = files(&simulator);
    let list = &files[&format!("{folder}SHA256SUMS")].0;
    let parts = document["parts"].as_object().unwrap();
    assert_eq!(list.lines().count(), parts.len());
    assert_eq!(files.len(), parts.len() + 1);
    for line in list.lines() {
        let (expected, file) = line.split_once("  ").unwrap();
        let part = file.strip_suffix(".json").unwrap();
        assert_eq!(hash(&files[&format!("{folder}{file}")].0), expected, "{file}");
        assert_eq!(hash(&parts[part].to_string()), expected, "{part}");
        assert_eq!(document["sha256"][part], expected, "{part}");
    }
    // The log, which is another place, has the hash of them all.
    let logged = played.lines("cause_evidence")[0];
    assert_eq!(logged["sha256"], json!(hash(list)));
    assert_eq!(logged["folder"], json!(folder));
}

#[test]
fn nothing_is_kept_where_nobody_asks_for_it_or_the_bucket_refuses() {
    let simulator = broken_by_alex();
    let mut night = Night::with(&simulator, &KEPT);
    let id = text(night.tick().cause(), "id");
    let kept = |night: &mut Night<'_>, ask: &Value| document(&night.play(ask))["kept"].clone();
    assert_eq!(kept(&mut night, &json!({"evidence": id, "dry_run": true})), json!({"status": "dry-run"}));
    assert!(files(&simulator).is_empty());
    simulator.fail("s3", "PutObject", Fault::Denied, Repeat::Times(1));
    let refused = kept(&mut night, &json!({"evidence": id}));
    assert_eq!(refused["status"], "not-kept");
    assert!(text(&refused, "why").contains("could not be written into the bucket evidence"), "{refused}");
    // An answer that was lost is not taken for a file of somebody else.
    simulator.fail("s3", "PutObject", Fault::LostResponse, Repeat::Times(1));
    assert_eq!(kept(&mut night, &json!({"evidence": id}))["status"], "kept");
    let without = kept(&mut Night::new(&simulator), &json!({"evidence": id}));
    assert_eq!(without, json!({"status": "no-bucket"}));
}

#[test]
fn what_cannot_be_read_is_said() {
    let simulator = broken_by_alex();
    let mut night = Night::with(&simulator, &KEPT);
    let id = text(night.tick().cause(), "id");
    simulator.fail("cloudtrail", "LookupEvents", Fault::Denied, Repeat::Always);
    simulator.fail("s3", "GetObject", Fault::Denied, Repeat::Always);
    let played = night.play(&json!({"evidence": id}));
    let parts = &document(&played)["parts"];
    let broke = parts["changes"]["broke"]["sentences"][0].as_str().unwrap();
    assert!(broke.contains("CloudTrail could not be read"), "{broke}");
    assert!(parts["told"]["could_not_read"][0].as_str().unwrap().contains("cannot be read"), "{parts:#}");
}

#[test]
fn a_tag_gives_the_objective_of_what_waits() {
    let simulator = broken_by_alex();
    simulator.with_world(|world| {
        world.resource("db-1").tag("night-one:rpo-hours", "30");
    });
    let mut night = Night::new(&simulator);
    let id = text(night.tick().cause(), "id");
    let played = night.play(&json!({"evidence": id}));
    let resources = document(&played)["parts"]["resources"].as_array().unwrap().clone();
    let passes: Vec<String> = resources.iter().map(|held| text(held, "passes_objective")).collect();
    // The last good backups are of 03:00 the day before.
    assert!(passes[1].starts_with("2026-03-10T09:") && !passes[0].starts_with("2026-03-10T09:"), "{resources:#?}");
}

#[test]
fn an_id_that_nobody_knows_is_answered_with_the_way_out() {
    let simulator = broken_by_alex();
    let mut night = Night::with(&simulator, &KEPT);
    let played = night.play(&json!({"evidence": "rc-0123456789"}));
    let answer = played.summary();
    assert_eq!((&answer["evidence"], &answer["documents"]), (&json!("unknown"), &json!([])));
    assert!(text(answer, "reason").contains("{\"dry_run\":true} lists those that there are"), "{answer}");
    assert!(files(&simulator).is_empty());
    let refused = night.play(&json!({"evidence": "kms"})).answer.unwrap_err().to_string();
    assert!(refused.contains("evidence is \\\"kms\\\", and no id of a root cause"), "{refused}");
}
