//! Real messages of Azure. Every row must come out right, by the rung and the rule that it names, or stand with its reason in
//! known-wrong-azure.toml.

use crate::azure;
use crate::corpus::Corpus;
use classification::classify::{Symptom, classify};

const AZURE: Corpus = Corpus {
    path: concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/azure.jsonl"),
    known_wrong: include_str!("known-wrong-azure.toml"),
    answer: |row| classify(&Symptom::of(&azure::row(row.as_object().unwrap()))),
    // `name code:azure/VmNotInDesirableState`
    rule: |answer| format!("{} {}", answer.rung.as_str(), answer.fingerprint.unwrap_or("none")).into(),
};

#[test]
fn rows_come_out_right() {
    AZURE.comes_out_right();
}

#[test]
fn known_wrong_rows_exist_and_say_why() {
    AZURE.has_its_known_wrong_rows_and_their_reasons();
}

#[test]
fn rows_are_decided_by_what_they_name() {
    AZURE.is_decided_by_the_rules_it_names();
}

#[test]
fn a_row_is_never_claimed_with_a_class_and_without_a_rule() {
    AZURE.claims_no_class_without_a_rule();
}
