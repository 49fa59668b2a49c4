//! The linter of the root-cause table: what a person may get wrong when editing a data file.

use crate::{entries, render};
use classification::class::Class;
use classification::classify::{Classification, Symptom, borne, classify};
use classification::table::{Entry, Names, Step, table};
use job::{Cloud, JobKind, JobState};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn fingerprint_ids_are_unique() {
    let mut seen = BTreeSet::new();
    for fingerprint in entries().flat_map(|entry| entry.fingerprints) {
        assert!(seen.insert(&fingerprint.id), "{} occurs twice", fingerprint.id);
    }
}

#[test]
fn every_data_file_has_a_class() {
    for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("root-causes")).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        assert!(Class::from_id(name.trim_end_matches(".toml")).is_some(), "{name}");
    }
}

#[test]
fn files_are_plain_ascii_and_complete() {
    for entry in table().entries() {
        let file = source(entry.class);
        assert!(file.is_ascii(), "{}", entry.class);
        assert!(entry.examples.len() >= 2, "{}: two examples at least", entry.class);
        assert!(!entry.near_misses.is_empty(), "{}: a near miss at least", entry.class);
        assert!(!entry.confirm.is_empty() && !entry.fix.is_empty(), "{}: steps", entry.class);
        assert!(
            entry.confirm.iter().any(|step| step.types.is_empty()) || entry.class == Class::QuotaExceeded,
            "{}",
            entry.class
        );
        assert!(entry.fix.iter().any(|step| step.types.is_empty()), "{}: a fix for every type", entry.class);
        has_its_words(entry);
    }
}

/// Each class has an example, and something that looks alike.
#[test]
fn every_class_has_its_part_of_azure() {
    for entry in table().entries_in(Cloud::Azure) {
        assert!(!entry.examples.is_empty() && !entry.near_misses.is_empty(), "{}", entry.class);
        assert!(entry.confirm.iter().any(|step| step.types.is_empty()), "{}: no look for every type", entry.class);
        assert!(entry.fix.iter().any(|step| step.types.is_empty()), "{}: a fix for every type", entry.class);
        has_its_words(entry);
        let aws_only = [" AWS", "KMS", "IAM", "backup plan", "ARN", "Region"];
        let texts = [entry.title, entry.meaning, entry.proof, entry.approver, entry.rollback];
        let steps = entry.confirm.iter().chain(entry.fix).map(|step| step.say);
        for text in texts.into_iter().chain(steps) {
            assert!(!aws_only.iter().any(|word| text.contains(word)), "{}: of AWS: {text}", entry.class);
        }
    }
}

fn has_its_words(entry: &Entry) {
    let sentences = entry.meaning.matches(". ").count() + 1;
    assert!((2..=4).contains(&sentences), "{}: {sentences} sentences of meaning", entry.class);
    assert!(!entry.source.is_empty() && !entry.proof.is_empty(), "{}", entry.class);
}

#[test]
fn examples_win_and_near_misses_lose() {
    let mut wrong = Vec::new();
    for case in cases() {
        let got = classify(&case.symptom());
        if got.class != case.class {
            wrong.push(format!(
                "{} of {}: got {} {:?}: {}",
                case.what,
                case.class,
                got.class,
                matched(&case),
                case.message
            ));
        }
        if case.what == "near miss" {
            assert_ne!(case.class, case.listed_in, "a near miss wins elsewhere: {}", case.message);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn placeholders_are_known() {
    for (cloud, class, step) in steps() {
        let known: &[(&str, &str)] = match cloud {
            Cloud::Aws => &render::PLACEHOLDERS,
            Cloud::Azure => &render::PLACEHOLDERS_OF_AZURE,
        };
        for name in render::placeholders(step) {
            assert!(known.iter().any(|(known, _)| *known == name), "{class}: {{{name}}}");
        }
        let in_words = render::placeholders_in(step.say).next();
        assert_eq!(in_words, None, "{class}: what is said must stand without values: {}", step.say);
    }
}

#[test]
fn commands_name_their_region_and_confirming_ones_only_read() {
    for (_, class, step) in steps().filter(|(cloud, ..)| *cloud == Cloud::Aws) {
        let Some(run) = &step.run else { continue };
        let confirms = class.entry().confirm.iter().any(|other| other.run.as_ref() == Some(run));
        // What changes a policy saves it first.
        for (number, run) in run.lines().rev().enumerate() {
            assert!(run.starts_with("aws "), "{class}: {run}");
            // A key is asked for in its own Region: in another KMS answers NotFoundException, which reads like "deleted".
            let regions: &[&str] = match run.split(' ').nth(1).unwrap() {
                "kms" => &["{key_region}"],
                _ => &["{region}", "{destination_region}", "{named_vault_region}"],
            };
            assert!(
                regions.iter().any(|region| run.contains(&format!("--region {region}"))),
                "{class}: no Region in {run}"
            );
            let verb = run.split(' ').nth(2).unwrap();
            let reads =
                ["describe-", "get-", "list-", "simulate-", "lookup-"].iter().any(|start| verb.starts_with(start));
            let saves = number > 0 && run.ends_with(" > before.json");
            assert_eq!(confirms || saves, reads, "{class}: {run}");
        }
    }
}

#[test]
fn commands_of_azure_name_their_subscription_and_confirming_ones_only_read() {
    let mut commands = 0;
    for entry in table().entries_in(Cloud::Azure) {
        for (step, confirms) in entry.confirm.iter().map(|s| (s, true)).chain(entry.fix.iter().map(|s| (s, false))) {
            let Some(run) = step.run else { continue };
            commands += 1;
            assert!(run.starts_with("az "), "{}: {run}", entry.class);
            assert!(run.contains(" --subscription {subscription}"), "{}: no subscription in {run}", entry.class);
            let verb = run.split(" --").next().unwrap().rsplit(' ').next().unwrap();
            let reads = ["show", "list", "get-"].iter().any(|start| verb.starts_with(start));
            assert_eq!(confirms, reads, "{}: {run}", entry.class);
        }
    }
    assert!(commands > 40, "{commands}");
}

/// zsh refuses a bracket that matches no file, and bash may replace it by one.
#[test]
fn commands_leave_nothing_to_the_shell() {
    for (_, class, step) in steps() {
        let Some(run) = &step.run else { continue };
        let outside_quotes: Vec<&str> = run.split('\'').step_by(2).collect();
        assert!(run.matches('\'').count() % 2 == 0, "{class}: an open quote in {run}");
        assert!(!outside_quotes.concat().contains(['[', ']', '*', '?', '(', ')']), "{class}: not quoted in {run}");
    }
}

/// It is printed alone: in chat, on a pager and at the top of a mail.
#[test]
fn the_first_sentence_of_a_step_points_at_nothing() {
    for (_, class, step) in steps() {
        let first = step.say.split(". ").next().unwrap();
        for pointer in ["below", "above", "given here", "printed", "this command"] {
            assert!(!first.contains(pointer), "{class}: {pointer}: {first}");
        }
        assert!(!step.say.contains("given here"), "{class}: below is the word: {}", step.say);
        assert!(!step.say.contains("can not"), "{class}: cannot is one word: {}", step.say);
    }
}

/// The report prints it for every cause of the class.
#[test]
fn the_first_fix_of_a_class_needs_no_vault_in_the_message() {
    for entry in table().entries() {
        assert_ne!(entry.fix[0].names, Some(Names::Vault), "{}", entry.class);
    }
}

#[test]
fn statements_are_json() {
    for (_, class, step) in steps() {
        if let Some(statement) = &step.statement {
            serde_json::from_str::<serde_json::Value>(statement).unwrap_or_else(|error| panic!("{class}: {error}"));
        }
    }
}

struct Case {
    cloud: Cloud,
    what: &'static str,
    listed_in: Class,
    class: Class,
    message: &'static str,
    state: &'static JobState,
    kind: JobKind,
    resource_type: &'static str,
}

impl Case {
    fn symptom(&self) -> Symptom<'_> {
        Symptom::of_cloud(self.cloud, self.kind, self.state, self.resource_type, self.message)
    }
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for entry in entries() {
        cases.extend(entry.examples.iter().map(|example| Case {
            cloud: entry.cloud,
            what: "example",
            listed_in: entry.class,
            class: entry.class,
            message: example.message,
            state: &example.state,
            kind: example.job,
            resource_type: example.resource_type,
        }));
        cases.extend(entry.near_misses.iter().map(|miss| Case {
            cloud: entry.cloud,
            what: "near miss",
            listed_in: entry.class,
            class: miss.wins,
            message: miss.message,
            state: &miss.state,
            kind: miss.job,
            resource_type: miss.resource_type,
        }));
    }
    cases
}

fn matched(case: &Case) -> Vec<&'static str> {
    borne(table(), &case.symptom())
}

fn steps() -> impl Iterator<Item = (Cloud, Class, &'static Step)> {
    entries().flat_map(|entry| entry.confirm.iter().chain(entry.fix).map(move |step| (entry.cloud, entry.class, step)))
}

fn source(class: Class) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("root-causes/{class}.toml"))).unwrap()
}

#[test]
fn an_unknown_message_claims_nothing_and_is_kept_as_it_is() {
    let state = JobState::Failed;
    let symptom = Symptom::new(JobKind::Backup, &state, "EBS", "The moon was full.");
    let Classification { class, fingerprint, text, .. } = classify(&symptom);
    assert_eq!((class, fingerprint, text.as_str()), (Class::Unknown, None, "The moon was full."));
}
