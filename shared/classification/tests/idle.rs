//! No rule and no phrase is idle: each fingerprint has a text of its own, and whatever is taken away from a fingerprint, some text
//! comes out otherwise than its row says.

#![expect(clippy::unwrap_used, reason = "a test may stop where its own data is wrong")]

#[path = "../build/read.rs"]
#[expect(dead_code, reason = "the build script uses all of it")]
mod read;

use classification::class::Class;
use classification::classify::{Symptom, classify_with};
use classification::table::{Entry, Fingerprint, Phrase, Table, table};
use job::{JobKind, JobState};
use std::path::Path;

/// A text and what decides it.
struct Case {
    message: String,
    state: JobState,
    kind: JobKind,
    resource_type: String,
    class: String,
    /// `None` where only the class is said.
    rule: Option<String>,
    /// What does not decide it, where that is all that is said.
    not: Option<String>,
}

impl Case {
    fn comes_out(&self, table: &Table) -> bool {
        let answer = classify_with(table, &Symptom::new(self.kind, &self.state, &self.resource_type, &self.message));
        if let Some(not) = &self.not {
            return answer.fingerprint != Some(not);
        }
        answer.class.id() == self.class && self.rule.as_deref().is_none_or(|rule| answer.fingerprint == Some(rule))
    }
}

#[test]
fn texts_of_fingerprints_are_decided_by_them() {
    let wrong: Vec<String> = cases()
        .iter()
        .filter(|case| !case.comes_out(table()))
        .map(|case| {
            let symptom = Symptom::new(case.kind, &case.state, &case.resource_type, &case.message);
            let answer = classify_with(table(), &symptom);
            format!("{:?} of {}: {} by {:?}: {}", case.rule, case.class, answer.class, answer.fingerprint, case.message)
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_fingerprint_has_a_text_of_its_own() {
    let of_files = cases_of_files();
    let alone: Vec<&str> = table()
        .entries()
        .flat_map(|entry| entry.fingerprints)
        .map(|fingerprint| fingerprint.id)
        .filter(|id| !of_files.iter().any(|case| case.rule.as_deref() == Some(id)))
        .collect();
    assert!(alone.is_empty(), "without an example in their own file: {alone:?}");
}

/// Taking a word of `any` away can only make its own fingerprint miss a text; one of `all` or `none` may let it take others'.
#[test]
fn no_phrase_is_idle() {
    let cases = cases();
    let mut idle = Vec::new();
    for entry in table().entries() {
        for (at, fingerprint) in entry.fingerprints.iter().enumerate() {
            let own: Vec<&Case> = cases.iter().filter(|case| case.rule.as_deref() == Some(fingerprint.id)).collect();
            let all: Vec<&Case> = cases.iter().collect();
            for phrase in fingerprint.any {
                let less = Fingerprint { any: without(fingerprint.any, phrase), ..*fingerprint };
                if still(entry, at, less, if fingerprint.all.is_empty() { &own } else { &all }) {
                    idle.push(format!("{} any: {}", fingerprint.id, phrase.text));
                }
            }
            for phrase in fingerprint.all {
                let less = Fingerprint { all: without(fingerprint.all, phrase), ..*fingerprint };
                if still(entry, at, less, &all) {
                    idle.push(format!("{} all: {}", fingerprint.id, phrase.text));
                }
            }
            for phrase in fingerprint.none {
                let less = Fingerprint { none: without(fingerprint.none, phrase), ..*fingerprint };
                if still(entry, at, less, &all) {
                    idle.push(format!("{} none: {}", fingerprint.id, phrase.text));
                }
            }
            for code in fingerprint.codes {
                let codes: Vec<&str> = fingerprint.codes.iter().copied().filter(|other| other != code).collect();
                let less = Fingerprint { codes: codes.leak(), ..*fingerprint };
                if still(entry, at, less, &own) {
                    idle.push(format!("{} codes: {code}", fingerprint.id));
                }
            }
            for (what, less) in [
                ("jobs", Fingerprint { jobs: &[], ..*fingerprint }),
                ("states", Fingerprint { states: &[], ..*fingerprint }),
                ("types", Fingerprint { types: &[], ..*fingerprint }),
            ] {
                let said = match what {
                    "jobs" => !fingerprint.jobs.is_empty(),
                    "states" => !fingerprint.states.is_empty(),
                    _ => !fingerprint.types.is_empty(),
                };
                if said && still(entry, at, less, &all) {
                    idle.push(format!("{} {what}", fingerprint.id));
                }
            }
        }
    }
    assert!(idle.is_empty(), "{} are needed by no text:\n{}", idle.len(), idle.join("\n"));
}

#[test]
fn every_dominance_is_needed() {
    let cases = cases();
    let mut idle = Vec::new();
    for winner in Class::ALL {
        for loser in winner.entry().over {
            let over: Vec<Class> = winner.entry().over.iter().copied().filter(|class| class != loser).collect();
            let altered = table().with(Entry { over: over.leak(), ..*winner.entry() });
            if cases.iter().all(|case| case.comes_out(&altered)) {
                idle.push(format!("{winner} over {loser}"));
            }
        }
    }
    assert!(idle.is_empty(), "needed by no text:\n{}", idle.join("\n"));
}

/// A set is written once for many phrases; each of its words has to be in some text.
#[test]
fn no_word_of_a_set_is_idle() {
    let files = files();
    let texts: Vec<String> = cases().iter().map(|case| case.message.to_lowercase().replace("n't", " not")).collect();
    let mut idle = Vec::new();
    for (set, words) in &files.words.sets {
        for word in words {
            let bare = word.trim_start_matches("is ");
            if !texts.iter().any(|text| text.contains(bare)) {
                idle.push(format!("<{set}>: {word}"));
            }
        }
    }
    assert!(idle.is_empty(), "in no text: {}", idle.join(", "));
}

/// Whether all these texts come out as before with another fingerprint in the place of this one.
fn still(entry: &'static Entry, at: usize, less: Fingerprint, cases: &[&Case]) -> bool {
    let mut fingerprints = entry.fingerprints.to_vec();
    fingerprints[at] = less;
    let altered = table().with(Entry { fingerprints: fingerprints.leak(), ..*entry });
    cases.iter().all(|case| case.comes_out(&altered))
}

fn without(phrases: &'static [Phrase], phrase: &Phrase) -> &'static [Phrase] {
    phrases.iter().copied().filter(|other| other != phrase).collect::<Vec<_>>().leak()
}

fn cases() -> Vec<Case> {
    let mut cases = cases_of_files();
    let corpus = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/aws.jsonl")).unwrap();
    let known: Vec<String> =
        toml::from_str::<toml::Table>(include_str!("known-wrong.toml")).unwrap().keys().cloned().collect();
    for row in corpus.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()) {
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        if known.contains(&text("id")) {
            continue;
        }
        cases.push(case(
            text("message"),
            Some(&text("state")),
            Some(&text("job")),
            text("resource_type"),
            &text("label"),
            row["rule"].as_str(),
        ));
    }
    cases
}

/// The examples and near misses of the data files, and the sentences below their fingerprints.
fn cases_of_files() -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in files().entries {
        for example in entry.examples {
            let resource_type = example.r#type.unwrap_or_default();
            cases.push(case(
                example.message,
                example.state.as_ref(),
                example.job.as_ref(),
                resource_type,
                &entry.id,
                example.rule.as_deref(),
            ));
        }
        for miss in entry.near_misses {
            cases.push(case(
                miss.message,
                miss.state.as_ref(),
                miss.job.as_ref(),
                miss.r#type.unwrap_or_default(),
                &miss.wins,
                None,
            ));
        }
        for rule in entry.fingerprints {
            for message in rule.seen.into_iter().chain(rule.made) {
                let resource_type = rule.types.first().cloned().unwrap_or_default();
                cases.push(case(
                    message,
                    rule.states.first(),
                    rule.jobs.first(),
                    resource_type,
                    &entry.id,
                    Some(&rule.id),
                ));
            }
            for message in rule.others {
                let state = if rule.states.is_empty() { "FAILED" } else { "COMPLETED" }.to_owned();
                let job = if rule.jobs.iter().any(|job| job == "backup") { "restore" } else { "backup" }.to_owned();
                let other = case(message, Some(&state), Some(&job), String::new(), &entry.id, None);
                cases.push(Case { not: Some(rule.id.clone()), ..other });
            }
        }
    }
    cases
}

fn case(
    message: String,
    state: Option<&String>,
    job: Option<&String>,
    resource_type: String,
    class: &str,
    rule: Option<&str>,
) -> Case {
    let kind = JobKind::ALL.into_iter().find(|kind| job.is_none_or(|job| kind.as_str() == job)).unwrap();
    let state = JobState::parse(state.map_or("FAILED", String::as_str));
    Case { message, state, kind, resource_type, class: class.to_owned(), rule: rule.map(str::to_owned), not: None }
}

fn files() -> read::Files {
    read::folder(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn classes_of_the_files_are_those_of_the_program() {
    let ids: Vec<String> = files().entries.into_iter().map(|entry| entry.id).collect();
    let mut classes: Vec<&str> = Class::ALL.into_iter().map(Class::id).collect();
    classes.sort_unstable();
    assert_eq!(ids, classes);
}
