//! The names, numbers and texts that a failure gives, wherever its record has them.

use crate::class::Class;
use crate::symptom::Symptom;
use crate::table::ready;
use job::AzureError;

/// What a failure gives to go by.
#[derive(Debug, Default)]
pub(super) struct Heard<'a> {
    /// Symbolic names, the outermost first.
    pub(super) names: Vec<&'a str>,
    pub(super) number: Option<i64>,
    /// Texts without the name in front.
    pub(super) texts: Vec<&'a str>,
    recommendations: &'a [String],
}

impl<'a> Heard<'a> {
    pub(super) fn of(symptom: &Symptom<'a>) -> Self {
        match symptom.azure.map(|record| &record.error) {
            Some(error) if *error != AzureError::default() => Self::of_error(error),
            _ => Self::of_message(symptom.message),
        }
    }

    fn of_error(error: &'a AzureError) -> Self {
        let texts = error.text.iter().chain(&error.more_texts).map(|text| text.trim()).filter(|text| !text.is_empty());
        let mut heard = Self {
            names: error.name.iter().chain(&error.inner).map(|name| name.trim()).collect(),
            number: error.number,
            texts: Vec::new(),
            recommendations: &error.recommendations,
        };
        for text in texts {
            heard.take_text(text);
        }
        heard.read_numbers();
        heard
    }

    /// `Name (number): text`, in which any part may be missing.
    fn of_message(message: &'a str) -> Self {
        let mut heard = Self::default();
        heard.take_text(message.trim().trim_matches('"').trim());
        heard.read_numbers();
        heard
    }

    /// A text often repeats its name in front.
    fn take_text(&mut self, text: &'a str) {
        let (head, rest) = text.split_once(':').unwrap_or((text, ""));
        let (name, number) = match head.split_once(" (") {
            Some((name, number)) => (name, number.strip_suffix(')').and_then(|number| number.parse().ok())),
            None => (head, None),
        };
        let is_number = !head.is_empty() && head.bytes().all(|byte| byte.is_ascii_digit());
        if !is_name(name) && ready::azure_name(name).is_none() && !is_number || head.contains(" (") && number.is_none()
        {
            self.texts.extend(Some(text).filter(|text| !text.is_empty()));
            return;
        }
        if is_number {
            self.number = self.number.or_else(|| head.parse().ok());
        } else if !self.names.contains(&name) {
            self.names.push(name);
        }
        self.number = self.number.or(number);
        self.texts.extend(Some(rest.trim()).filter(|rest| !rest.is_empty()));
    }

    /// A number that stands in the place of a name: `0x80070005`.
    fn read_numbers(&mut self) {
        let hex = self.names.iter().find_map(|name| hexadecimal(name));
        self.number = self.number.or(hex).map(unsigned);
        self.names.retain(|name| hexadecimal(name).is_none());
    }

    /// The first text, or the name where there is none: what identifies a failure that no rule knows.
    pub(super) fn text(&self) -> &'a str {
        self.texts.first().or(self.names.first()).copied().unwrap_or_default()
    }

    pub(super) fn says_nothing(&self) -> bool {
        self.names.is_empty() && self.texts.is_empty() && self.number.is_none()
    }

    /// The codes of links in what Azure recommends: `https://aka.ms/AB-UserErrorVmNotInDesirableState`.
    pub(super) fn linked(&self) -> impl Iterator<Item = &'a str> {
        self.recommendations.iter().filter_map(|text| {
            let at = text.to_ascii_lowercase().find(LINK)? + LINK.len();
            let rest = text.get(at..)?;
            rest.get(..rest.find(|sign: char| !sign.is_ascii_alphanumeric()).unwrap_or(rest.len()))
        })
    }

    /// Numbers that a text marks as those of an error: `(ID: 130001)`, and of servers with an agent `Error 34506` and `0x80070005`.
    pub(super) fn marked(&self, with_agent: bool) -> impl Iterator<Item = i64> {
        let own = self.number.filter(|_| with_agent);
        self.texts.iter().flat_map(move |text| numbers(text, with_agent)).chain(own)
    }

    /// Names in the middle of a text: words with capitals inside.
    pub(super) fn named_in_texts(&self) -> impl Iterator<Item = &'a str> {
        let words = self.texts.iter().flat_map(|text| text.split(|sign: char| !sign.is_ascii_alphanumeric()));
        words.filter(|word| word.len() >= 12 && is_name(word))
    }

    /// The words of the names, without what every name begins or ends with: `Vm Not In Desirable State`.
    pub(super) fn words_of_names(&self) -> String {
        // What is not written as a name is may be one of a machine; one that the list leaves open may stand for anything.
        let is_open = |name: &str| ready::azure_name(name).is_some_and(|code| code.class == Class::Unknown);
        words_of(self.names.iter().copied().filter(|name| is_name(name) && !is_open(name)))
    }
}

/// The words that names are made of; each name is a sentence of its own.
pub(super) fn words_of<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.flat_map(|name| name.split('.')).map(split).collect();
    names.join(". ")
}

/// Whether the agent of MARS or of a backup server took the backup. Of a job that does not say it, it may have.
pub(super) fn is_of_agent(resource_type: &str) -> bool {
    ["", "MAB", "DPM", "AzureBackupServer"].iter().any(|kind| resource_type.eq_ignore_ascii_case(kind))
}

const LINK: &str = "aka.ms/ab-";

/// One word with a capital inside: `UserErrorVmNotInDesirableState`, or a hexadecimal number.
fn is_name(word: &str) -> bool {
    let letters = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let humps = || word.as_bytes().windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    letters && word.len() >= 5 && (humps() || hexadecimal(word).is_some())
}

fn hexadecimal(word: &str) -> Option<i64> {
    let digits = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X"))?;
    i64::from_str_radix(digits.get(..16.min(digits.len()))?, 16).ok()
}

/// Below it a number is one of a protocol: 403 is not only an error of MARS.
pub(super) const SMALLEST: i64 = 1000;

/// Windows writes one number with and without its sign.
fn unsigned(number: i64) -> i64 {
    if (i64::from(i32::MIN)..0).contains(&number) { number + (1 << 32) } else { number }
}

fn numbers(text: &str, with_agent: bool) -> impl Iterator<Item = i64> {
    let (mut earlier, mut before) = ("", "");
    text.split(|sign: char| !sign.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).filter_map(move |word| {
        let least = match before {
            id if id.eq_ignore_ascii_case("id") && is_of_another(earlier) => None,
            id if id.eq_ignore_ascii_case("id") => Some(if with_agent { 1 } else { SMALLEST }),
            // "Error 403" is one of a protocol, and SQL Server counts its errors in thousands.
            error if error.eq_ignore_ascii_case("error") => with_agent.then_some(SMALLEST),
            _ => None,
        };
        (earlier, before) = (before, word);
        match hexadecimal(word) {
            Some(number) => with_agent.then_some(number),
            None => word.parse().ok().filter(|number| least.is_some_and(|least| *number >= least)),
        }
    })
}

/// Whether what stands before "ID" says that it is none of an error: `Event ID 55` is one of Windows.
fn is_of_another(word: &str) -> bool {
    ["event", "process", "session", "thread"].iter().any(|other| word.eq_ignore_ascii_case(other))
}

/// Parts by which every name begins or ends, and that say nothing.
const NOISE: [&str; 6] = ["UserError", "BMS", "CBP", "Dpp", "Bcm", "BCM"];
/// Systems whose names stand in capitals before a word in capitals: `SQLLSN`, `HANAPO`.
const SYSTEMS: [&str; 5] = ["SQL", "HANA", "AFS", "VM", "DTS"];

fn split(name: &str) -> String {
    let mut name = name;
    while let Some(rest) = NOISE.iter().find_map(|noise| name.strip_prefix(noise)) {
        name = rest;
    }
    name = name.strip_suffix("UserError").unwrap_or(name);
    let bytes = name.as_bytes();
    let mut words = String::with_capacity(name.len() + 8);
    let mut word_from = 0;
    let mut push = |word: &str| {
        let system = SYSTEMS.iter().find(|system| {
            word.len() > system.len() + 1
                && word.starts_with(**system)
                && word.bytes().all(|byte| byte.is_ascii_uppercase())
        });
        for part in [
            system.copied().unwrap_or_default(),
            word.strip_prefix(system.copied().unwrap_or_default()).unwrap_or(word),
        ] {
            if !part.is_empty() {
                words.push_str(part);
                words.push(' ');
            }
        }
    };
    for at in 1..bytes.len() {
        let (before, here, next) = (bytes[at - 1], bytes[at], bytes.get(at + 1).copied().unwrap_or(b'A'));
        let begins = here.is_ascii_uppercase()
            && (before.is_ascii_lowercase()
                || before.is_ascii_digit()
                || next.is_ascii_lowercase() && before.is_ascii_uppercase());
        if begins || here == b'_' {
            push(name.get(word_from..at).unwrap_or_default().trim_matches('_'));
            word_from = at;
        }
    }
    push(name.get(word_from..).unwrap_or_default().trim_matches('_'));
    words.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_at_their_capitals() {
        for (name, words) in [
            ("UserErrorVmNotInDesirableState", "Vm Not In Desirable State"),
            ("VMNotInRunningStateUserError", "VM Not In Running State"),
            ("UserErrorSQLLSNValidationFailure", "SQL LSN Validation Failure"),
            ("UserErrorHANAPODoesNotExist", "HANA PO Does Not Exist"),
            ("BMSUserErrorObjectLocked", "Object Locked"),
            ("CBPSourceSnapshotFailedVSSProviderVETO", "Source Snapshot Failed VSS Provider VETO"),
            ("UserErrorSnapshotRGNotFound", "Snapshot RG Not Found"),
            ("DppUserErrorVaultTierPolicyNotSupported", "Vault Tier Policy Not Supported"),
            ("BackUpOperationFailedV2", "Back Up Operation Failed V2"),
            ("Some_Name", "Some Name"),
        ] {
            assert_eq!(split(name), words, "{name}");
        }
    }

    #[test]
    fn a_message_is_name_number_and_text() {
        for (message, names, number, text) in [
            ("SomeConflict (510008): Wait.", vec!["SomeConflict"], Some(510_008), "Wait."),
            ("SomeConflict: Wait: now.", vec!["SomeConflict"], None, "Wait: now."),
            ("510008: Wait.", vec![], Some(510_008), "Wait."),
            ("0x80070005: Access Is Denied", vec![], Some(0x8007_0005), "Access Is Denied"),
            ("SomeConflict", vec!["SomeConflict"], None, "SomeConflict"),
            ("The job failed (again): wait", vec![], None, "The job failed (again): wait"),
            ("Failed to FIFREEZE: /data", vec![], None, "Failed to FIFREEZE: /data"),
            ("", vec![], None, ""),
        ] {
            let heard = Heard::of_message(message);
            assert_eq!((heard.names.clone(), heard.number, heard.text()), (names, number, text), "{message}");
        }
        assert_eq!(unsigned(-2_147_024_891), 0x8007_0005);
    }

    #[test]
    fn marked_numbers_are_read_and_others_are_not() {
        let table: [(&str, &[i64], &[i64]); 7] = [
            ("It failed. (ID: 130001) Try 7 times.", &[130_001], &[130_001]),
            ("The agent did not answer. (ID 60)", &[60], &[]),
            ("Error 34506. No.", &[34_506], &[]),
            ("Error 403: forbidden", &[], &[]),
            ("with 0x80070005 and 12", &[0x8007_0005], &[]),
            ("Event ID 55 of NTFS", &[], &[]),
            ("The process ID 4312 holds it.", &[], &[]),
        ];
        for (text, of_agent, of_others) in table {
            let found = |with_agent| numbers(text, with_agent).collect::<Vec<_>>();
            assert_eq!((found(true).as_slice(), found(false).as_slice()), (of_agent, of_others), "{text}");
        }
    }

    #[test]
    fn a_link_names_its_error() {
        let error = AzureError {
            recommendations: vec![
                "See https://aka.ms/AB-UserErrorX.".into(),
                "Nothing".into(),
                "http://AKA.MS/ab-y/z".into(),
            ],
            ..AzureError::default()
        };
        assert_eq!(Heard::of_error(&error).linked().collect::<Vec<_>>(), ["UserErrorX", "y"]);
    }
}
