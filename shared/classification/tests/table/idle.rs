//! No rule and no phrase is idle: each fingerprint has a text of its own, and whatever is taken away from a fingerprint, some text
//! comes out otherwise than its row says.

use crate::{entries, files, read};
use classification::class::Class;
use classification::classify::{Classification, Symptom, classify_unlisted, classify_with};
use classification::table::{Entry, Fingerprint, Phrase, Table, table};
use job::{Cloud, JobKind, JobState};
use std::path::Path;

/// A text and what decides it.
struct Case {
    cloud: Cloud,
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
        let answer = self.answer(table);
        if let Some(not) = &self.not {
            return answer.fingerprint != Some(not);
        }
        answer.class.id() == self.class && self.rule.as_deref().is_none_or(|rule| answer.fingerprint == Some(rule))
    }

    /// Most errors of Azure stand in its list; the rules are for those that do not.
    fn answer(&self, table: &Table) -> Classification {
        let symptom = Symptom::of_cloud(self.cloud, self.kind, &self.state, &self.resource_type, &self.message);
        let is_listed = self.rule.as_deref().is_none_or(|rule| rule.starts_with("code:"));
        if is_listed { classify_with(table, &symptom) } else { classify_unlisted(table, &symptom) }
    }
}

#[test]
fn texts_of_fingerprints_are_decided_by_them() {
    let wrong: Vec<String> = cases()
        .iter()
        .filter(|case| !case.comes_out(table()))
        .map(|case| {
            let answer = case.answer(table());
            format!("{:?} of {}: {} by {:?}: {}", case.rule, case.class, answer.class, answer.fingerprint, case.message)
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_fingerprint_has_a_text_of_its_own() {
    let of_files: Vec<Case> = cases_of_files().into_iter().chain(cases_of_azures_list()).collect();
    let alone: Vec<&str> = entries()
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
    for entry in entries() {
        let cases: Vec<&Case> = cases.iter().filter(|case| case.cloud == entry.cloud).collect();
        for (at, fingerprint) in entry.fingerprints.iter().enumerate() {
            let own: Vec<&Case> =
                cases.iter().copied().filter(|case| case.rule.as_deref() == Some(fingerprint.id)).collect();
            let all = cases.clone();
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
    for winner in entries() {
        for loser in winner.over {
            let over: Vec<Class> = winner.over.iter().copied().filter(|class| class != loser).collect();
            let altered = table().with(Entry { over: over.leak(), ..*winner });
            if cases.iter().filter(|case| case.cloud == winner.cloud).all(|case| case.comes_out(&altered)) {
                idle.push(format!("{}: {} over {loser}", winner.cloud.as_str(), winner.class));
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
    cases.extend(cases_of_azures_list());
    let corpus = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/aws.jsonl")).unwrap();
    let known: Vec<String> =
        toml::from_str::<toml::Table>(include_str!("../answers/known-wrong.toml")).unwrap().keys().cloned().collect();
    for row in corpus.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()) {
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        if known.contains(&text("id")) {
            continue;
        }
        cases.push(case(
            Cloud::Aws,
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

/// The errors of Azure's list by name, by text and by both, and the rows of its corpus, as far as the rules find their class without the list.
fn cases_of_azures_list() -> Vec<Case> {
    let mut cases = Vec::new();
    for code in files().azure_codes {
        let (name, text) = (code.name.unwrap_or_default(), code.text.unwrap_or_default());
        let both = if name.is_empty() || text.is_empty() { String::new() } else { format!("{name}: {text}") };
        for message in [name, text, both].into_iter().filter(|message| !message.is_empty()) {
            for job in ["backup", "restore"] {
                let job = Some(job.to_owned());
                cases.push(case(Cloud::Azure, message.clone(), None, job.as_ref(), String::new(), &code.class, None));
            }
        }
    }
    let corpus = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/azure.jsonl")).unwrap();
    for row in corpus.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()) {
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let state = if text("state") == "FAILED" { "FAILED" } else { "COMPLETED" }.to_owned();
        let job = Some(text("job"));
        let (message, kind) = (text("message"), text("resource_type"));
        cases.push(case(Cloud::Azure, message, Some(&state), job.as_ref(), kind, &text("label"), None));
    }
    for case in &mut cases {
        // Any rule, so that the list is left out.
        case.rule = Some(String::new());
        let answer = case.answer(table());
        case.rule = answer.fingerprint.filter(|_| answer.class.id() == case.class).map(str::to_owned);
    }
    cases.retain(|case| case.rule.is_some());
    cases
}

/// The examples and near misses of the data files, and the sentences below their fingerprints.
fn cases_of_files() -> Vec<Case> {
    let files = files();
    let of = |cloud, entries: Vec<read::Entry>| entries.into_iter().map(move |entry| (cloud, entry));
    let mut cases = Vec::new();
    for (cloud, entry) in of(Cloud::Aws, files.entries).chain(of(Cloud::Azure, files.azure)) {
        for example in entry.examples {
            let resource_type = example.r#type.unwrap_or_default();
            cases.push(case(
                cloud,
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
                cloud,
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
                    cloud,
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
                let other = case(cloud, message, Some(&state), Some(&job), String::new(), &entry.id, None);
                cases.push(Case { not: Some(rule.id.clone()), ..other });
            }
        }
    }
    cases
}

fn case(
    cloud: Cloud,
    message: String,
    state: Option<&String>,
    job: Option<&String>,
    resource_type: String,
    class: &str,
    rule: Option<&str>,
) -> Case {
    let kind = JobKind::ALL.into_iter().find(|kind| job.is_none_or(|job| kind.as_str() == job)).unwrap();
    let state = JobState::parse(state.map_or("FAILED", String::as_str));
    Case {
        cloud,
        message,
        state,
        kind,
        resource_type,
        class: class.to_owned(),
        rule: rule.map(str::to_owned),
        not: None,
    }
}

#[test]
fn classes_of_the_files_are_those_of_the_program() {
    let files = files();
    let ids: Vec<String> = files.entries.into_iter().map(|entry| entry.id).collect();
    let of_azure: Vec<String> = files.azure.into_iter().map(|entry| entry.id).collect();
    assert_eq!(ids, of_azure);
    let mut classes: Vec<&str> = Class::ALL.into_iter().map(Class::id).collect();
    classes.sort_unstable();
    assert_eq!(ids, classes);
}
