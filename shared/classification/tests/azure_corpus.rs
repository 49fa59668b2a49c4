//! Real messages of Azure. Every row must come out right, by the rung and the rule that it names, or stand with its reason in
//! known-wrong-azure.toml.

#![expect(clippy::unwrap_used, reason = "a test may stop where its own data is wrong")]

#[path = "../examples/classify/azure.rs"]
#[expect(dead_code, reason = "the example reads records as well")]
mod azure;

use classification::class::Class;
use classification::classify::{Classification, Confidence, Symptom, classify};
use serde_json::Value;
use std::collections::BTreeMap;

#[test]
fn rows_come_out_right() {
    let known = known_wrong();
    let mut wrong = Vec::new();
    for row in rows() {
        let (id, label) = (text(&row, "id"), text(&row, "label"));
        let got = answer(&row).class;
        match (known.contains_key(&id), got.id() == label) {
            (true, true) => wrong.push(format!("{id} is right now: take it off known-wrong-azure.toml")),
            (false, false) => wrong.push(format!("{id}: {got} instead of {label}: {}", text(&row, "message"))),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn known_wrong_rows_exist_and_say_why() {
    for (id, reason) in known_wrong() {
        assert!(rows().iter().any(|row| text(row, "id") == id), "{id} is no row of the corpus");
        assert!(reason.len() > 40, "{id}: a reason, please");
    }
}

/// The right class for a wrong reason is luck. `BLESS=1 cargo test -p classification` writes what decides now.
#[test]
fn rows_are_decided_by_what_they_name() {
    if std::env::var_os("BLESS").is_some() {
        return bless();
    }
    let mut wrong = Vec::new();
    for row in rows() {
        let (got, named) = (decided_by(&answer(&row)), text(&row, "rule"));
        if got != named {
            wrong.push(format!("{}: {got} instead of {named}: {}", text(&row, "id"), text(&row, "message")));
        }
    }
    assert!(wrong.is_empty(), "{}\n\nRead them, then BLESS=1 writes what decides now.", wrong.join("\n"));
}

/// Writes into each row what decides now, as the last member, and leaves the rest of the line as it is.
fn bless() {
    let lines = corpus();
    let lines = lines.lines().map(|line| {
        let decided = decided_by(&answer(&serde_json::from_str(line).unwrap()));
        let bare = line.split(", \"rule\": ").next().unwrap().trim_end_matches('}');
        format!("{bare}, \"rule\": {}}}\n", serde_json::to_string(&decided).unwrap())
    });
    let blessed: String = lines.collect();
    std::fs::write(CORPUS, blessed).unwrap();
}

/// `name code:azure/VmNotInDesirableState`
fn decided_by(answer: &Classification) -> String {
    format!("{} {}", answer.rung.as_str(), answer.fingerprint.unwrap_or("none"))
}

#[test]
fn a_row_is_never_claimed_with_a_class_and_without_a_rule() {
    for row in rows() {
        let answer = answer(&row);
        assert_eq!(answer.class == Class::Unknown, answer.fingerprint.is_none(), "{row}");
        assert_eq!(answer.class == Class::Unknown, answer.confidence == Confidence::Unknown, "{row}");
    }
}

fn answer(row: &Value) -> Classification {
    classify(&Symptom::of(&azure::row(row.as_object().unwrap())))
}

fn text(row: &Value, name: &str) -> String {
    row[name].as_str().unwrap_or_default().to_owned()
}

fn rows() -> Vec<Value> {
    corpus().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/azure.jsonl");

/// Read at run time: a blessed corpus is tested without compiling again.
fn corpus() -> String {
    std::fs::read_to_string(CORPUS).unwrap()
}

fn known_wrong() -> BTreeMap<String, String> {
    toml::from_str(include_str!("known-wrong-azure.toml")).unwrap()
}
