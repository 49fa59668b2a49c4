//! A setting has one name, one default and one range, wherever they are told.

use std::collections::BTreeSet;

use serde_json::Value;

use super::names::{prose, sources, spans, words};
use super::{documents, read, rows};
use crate::sources::settings;
use crate::template::Template;

/// What people read beside the code and docs/. The schema is given away, the runbook is linked to by pages.
const OTHERS: [&str; 3] = ["events/README.md", "shared/classification/RUNBOOK.md", "shared/notice/notice.schema.json"];

/// Words in capitals that are no settings of ours, beside those that begin with AWS_. Some stand in commands for what the reader knows.
const NOT_SETTINGS: [&str; 18] = [
    "CAPABILITY_AUTO_EXPAND",
    "CAPABILITY_IAM",
    "CAPABILITY_NAMED_IAM",
    "CARGO_LAMBDA_COMPILER",
    "COMPLETED_WITH_ISSUES",
    "DELEGATED_ADMIN",
    "EKS_BACKUP_OBJECT_FAILED",
    "NIGHT_ONE_CLOCK_FILE",
    "ERROR_CODE",
    "FORMER_DAYS",
    "NEW_PLAN",
    "KEY_ARN",
    "MANUAL_DELETE",
    "NON_ALPHANUMERIC",
    "OUT_DIR",
    "PENDING_CLOSURE",
    "TIMED_OUT",
    "UNIX_EPOCH",
];

/// The variables that some function reads.
fn variables() -> BTreeSet<String> {
    settings::FUNCTIONS.into_iter().flat_map(|function| settings::settings(function).into_keys()).collect()
}

/// In a document, in a comment or in a sentence of a mail.
#[test]
fn a_setting_that_is_named_is_one_that_the_code_reads() {
    let settings = variables();
    let sources = sources();
    let constants: BTreeSet<&str> = sources
        .iter()
        .flat_map(|(_, text)| ["const ", "static "].into_iter().flat_map(|head| text.split(head).skip(1)))
        .filter_map(|rest| rest.split(':').next())
        .collect();
    // The page for approvers has the names that scanners give to their rules.
    let own = documents().into_iter().filter(|path| path != "docs/security.md");
    let paths = own.chain(OTHERS.map(str::to_owned));
    let documents = paths.map(|path| (path.clone(), prose(&read(&path))));
    let mut named = 0;
    for (path, text) in documents.chain(sources.iter().cloned()) {
        for word in words(&text, |letter| letter.is_ascii_alphanumeric() || letter == '_') {
            let capitals = word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
            let foreign = word.starts_with("AWS_") || word.starts_with("CARGO_") || NOT_SETTINGS.contains(&word);
            let setting = capitals && word.trim_matches('_').contains('_') && !foreign && !constants.contains(word);
            named += usize::from(setting);
            assert!(!setting || settings.contains(word), "{path}: nobody reads {word}");
        }
    }
    assert!(named > settings.len());
}

#[test]
fn every_word_that_is_no_setting_is_named_and_read_by_nobody() {
    let settings = variables();
    let documents = documents().into_iter().filter(|path| path != "docs/security.md").chain(OTHERS.map(str::to_owned));
    let texts: Vec<String> =
        documents.map(|path| prose(&read(&path))).chain(sources().into_iter().map(|(_, text)| text)).collect();
    let letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let named: BTreeSet<&str> = texts.iter().flat_map(|text| words(text, letter)).collect();
    let idle: Vec<&str> =
        NOT_SETTINGS.into_iter().filter(|word| !named.contains(word) || settings.contains(*word)).collect();
    assert!(idle.is_empty(), "nothing names {idle:?}, or it is a setting");
}

/// `StormWindowHours` sets STORM_WINDOW_HOURS and nothing else.
#[test]
fn a_parameter_sets_the_setting_of_its_name() {
    let settings = variables();
    let document = read("docs/settings.md");
    for row in rows(&document, "Parameters") {
        let told = words(row[2], |letter| letter.is_ascii_uppercase() || letter == '_');
        for setting in told.into_iter().filter(|word| settings.contains(*word)) {
            let named: String = row[0].trim_matches('`').to_ascii_uppercase();
            assert_eq!(setting.replace('_', ""), named, "docs/settings.md: {}", row[2]);
        }
    }
}

#[test]
fn what_each_setting_takes_is_told() {
    let document = read("docs/settings.md");
    for row in rows(&document, "Settings") {
        let (variable, default, meaning) = (row[0].trim_matches('`'), row[2], row[3]);
        let function = if row[1] == "all" { "classify" } else { row[1].split(", ").next().unwrap() };
        let setting = settings::settings(function).remove(variable).expect(variable);
        let first = setting.default.map(|number| number.to_string()).or(setting.words.first().cloned());
        assert!(first.is_none_or(|first| first == default), "docs/settings.md: {variable} is not {default} by default");
        let range = setting.range.map(|(low, high)| format!("{low} to {high}"));
        assert!(
            range.as_ref().is_none_or(|range| meaning.contains(range)),
            "docs/settings.md: {variable} takes {range:?}"
        );
        for word in setting.words {
            assert!(spans(meaning).any(|span| span == word), "docs/settings.md: {variable} takes {word}");
        }
    }
}

#[test]
fn the_default_of_each_parameter_is_told() {
    let template = Template::load();
    let document = read("docs/settings.md");
    for row in rows(&document, "Parameters") {
        let name = row[0].trim_matches('`');
        let default = match &template.tree["Parameters"][name]["Default"] {
            Value::String(text) if text.is_empty() => "empty".to_owned(),
            Value::String(text) => text.clone(),
            number => number.to_string(),
        };
        assert_eq!(row[1].trim_matches('`'), default, "docs/settings.md (left) and template.yaml (right): {name}");
    }
}
