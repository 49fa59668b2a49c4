//! How errors of Azure do that no list has: the list is left out, and only the words of text and name speak.
//!
//! The rules have read all of them by now, so that the bounds are those of a rule that is taken away. An answer that is wrong costs more than none.

use crate::data_files::{self, AzureCode};
use classification::class::Class;
use classification::classify::{Classification, Confidence, Rung, Symptom, classify, classify_unlisted};
use classification::table::table;
use job::{Cloud, JobKind, JobState};
use serde_json::Value;
use std::path::Path;

const UNLISTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/azure-unlisted.jsonl");

#[derive(Debug, Default)]
struct Share {
    right: usize,
    unknown: usize,
    wrong: Vec<String>,
}

impl Share {
    fn add(&mut self, got: &Classification, labels: &[&str], message: &str) {
        match got.class {
            class if labels.contains(&class.id()) => self.right += 1,
            Class::Unknown => self.unknown += 1,
            class => self.wrong.push(format!("{class} by {:?} for {labels:?}: {message}", got.fingerprint)),
        }
    }

    fn holds(&self, least_right: usize, most_wrong: usize) {
        let all = self.right + self.unknown + self.wrong.len();
        let percent = |count: usize| count * 100 / all.max(1);
        let told = format!("{} right, {} unknown, {} wrong of {all}", self.right, self.unknown, self.wrong.len());
        println!("{told}");
        assert!(percent(self.right) >= least_right, "{told}");
        assert!(self.wrong.len() * 100 <= most_wrong * all, "{told}:\n{}", self.wrong.join("\n"));
    }
}

fn listed() -> Vec<AzureCode> {
    data_files::folder(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap().azure_codes
}

/// An error of the list, as if the list did not have it.
fn unlisted(code: &AzureCode, message: &str) -> Classification {
    // The list does not say of which job an error is; that of a restore is one of its target.
    let kind = if code.class == "restore-target-invalid" { JobKind::Restore } else { JobKind::Backup };
    classify_unlisted(table(), &Symptom::of_cloud(Cloud::Azure, kind, &JobState::Failed, "AzureIaasVM", message))
}

#[test]
fn most_errors_land_by_text_and_name_and_few_land_wrong() {
    let mut share = Share::default();
    for code in listed() {
        let message = match (&code.name, &code.text) {
            (Some(name), Some(text)) => format!("{name}: {text}"),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            // A number has no words.
            (None, None) => continue,
        };
        share.add(&unlisted(&code, &message), &[&code.class], &message);
    }
    share.holds(90, 4);
}

/// Only the name is known, and no list has it.
#[test]
fn a_name_alone_is_rarely_wrong() {
    let mut share = Share::default();
    for code in listed() {
        if let Some(name) = code.name.as_deref().filter(|_| code.class != Class::Unknown.id()) {
            share.add(&unlisted(&code, name), &[&code.class], name);
        }
    }
    share.holds(80, 2);
}

/// Names and texts as Azure words them, composed by us: none is in the list, and each was labelled before the rules had read it. The rules have
/// read them since, so that the bounds are those of a rule that is taken away.
#[test]
fn errors_that_are_in_no_list_land_by_their_words() {
    let listed: Vec<String> = listed().into_iter().filter_map(|code| Some(code.name?.to_lowercase())).collect();
    let (mut names, mut texts, mut both) = (Share::default(), Share::default(), Share::default());
    for line in std::fs::read_to_string(UNLISTED).unwrap().lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let text = |member: &str| row[member].as_str();
        let kind = if text("job") == Some("restore") { JobKind::Restore } else { JobKind::Backup };
        assert!(text("code").is_none_or(|code| !listed.contains(&code.to_lowercase())), "{line} is in the list");
        let labels: Vec<&str> = [text("label"), text("secondary")].into_iter().flatten().collect();
        let joined = text("code").zip(text("message")).map(|(code, message)| format!("{code}: {message}"));
        let message = joined.as_deref().or(text("code")).or(text("message")).unwrap();
        for (share, message) in [(&mut names, text("code")), (&mut texts, text("message")), (&mut both, Some(message))]
        {
            let Some(message) = message else { continue };
            let got = classify(&Symptom::of_cloud(Cloud::Azure, kind, &JobState::Failed, "AzureIaasVM", message));
            share.add(&got, &labels, message);
        }
    }
    for (share, least_right) in [(&names, 92), (&texts, 92), (&both, 95)] {
        share.holds(least_right, 2);
    }
}

/// What the list has beside names: each text and each number leads to an error of the same class.
#[test]
fn every_error_of_the_list_is_found_by_its_text_and_its_number() {
    let codes = listed();
    let of =
        |message: &str| classify(&Symptom::of_cloud(Cloud::Azure, JobKind::Backup, &JobState::Failed, "MAB", message));
    let mut shared = Vec::new();
    for code in &codes {
        if let Some(text) = &code.text {
            let got = of(text);
            let of_two = codes.iter().any(|other| other.text == code.text && other.class != code.class);
            match got.class.id() == code.class {
                true => {}
                false if of_two || got.class == Class::Unknown => shared.push(text),
                false => panic!("{text}: {} by {:?} instead of {}", got.class, got.fingerprint, code.class),
            }
        }
        if let Some(number) = code.number() {
            let got = of(&format!("Something new. (ID: {})", number.unwrap()));
            assert_eq!(got.class.id(), code.class, "{:?}", code.number);
        }
    }
    assert!(shared.len() <= 1, "more than one text says nothing: {shared:?}");
}

/// A guess by a name alone is never certain.
#[test]
fn words_of_a_name_are_a_guess() {
    for (name, class) in [
        ("UserErrorMoonQuotaReached", Class::QuotaExceeded),
        ("UserErrorMoonNotFound", Class::ResourceNotFound),
        ("MoonExtensionInstallationFailed", Class::AgentUnhealthy),
        ("UserErrorMissingPermissionOnMoon", Class::IamPermissionMissing),
        ("CBPMoonVSSWriterFailed", Class::Vss),
        ("UserErrorAnotherMoonOperationInProgress", Class::ConcurrencyThrottled),
        ("UserErrorMoonNotSupported", Class::UnsupportedOrNotEnabled),
        ("UserErrorMoonIsShutdown", Class::ResourceState),
        ("UserErrorMoonCredentialInvalid", Class::PrerequisiteMisconfigured),
        ("UserErrorKeyVaultPermissionsMissing", Class::KmsPolicyDenied),
        ("UserErrorEncryptionKeyNotFound", Class::KmsKeyUnusable),
        ("UserErrorMoonIdentityNotFound", Class::IamRoleUnassumable),
        ("UserErrorMoonDisallowedByPolicy", Class::OrgPolicyDenied),
        ("MoonInternalError", Class::ServiceInternal),
        ("UserErrorMoonIsFull", Class::Unknown),
        ("UserErrorMoon", Class::Unknown),
    ] {
        let got = classify(&Symptom::of_cloud(Cloud::Azure, JobKind::Backup, &JobState::Failed, "AzureIaasVM", name));
        assert_eq!(got.class, class, "{name} by {:?}", got.fingerprint);
        if class != Class::Unknown {
            assert_eq!((got.rung, got.confidence), (Rung::WordsOfName, Confidence::Likely), "{name}");
        }
    }
}
