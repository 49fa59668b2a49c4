//! Symptom -> class. Exactly one class wins, whatever the order of the data files, or the answer is "unknown".

use crate::azure;
use crate::class::Class;
use crate::table::{self, AzureCode, Listed, Match, Reach, Said, Table};
use crate::text::{self, Stripped};
use crate::words;
use job::Cloud;
use std::cmp::Reverse;

pub use crate::azure::Lists;
pub use crate::symptom::{Confidence, Symptom};

/// The class of a failure, read from its words and state alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classification {
    pub class: Class,
    pub confidence: Confidence,
    /// What decided: the id of a fingerprint, `code:service/Code` or `family:form`; `None` when the class is unknown.
    pub fingerprint: Option<&'static str>,
    /// What kind of evidence decided.
    pub rung: Rung,
    /// The error of Azure's lists, where the failure is one: whether a rerun may help, and what does. Its class may be unknown.
    pub code: Option<&'static AzureCode>,
    /// The class of the text, where an Azure error's name is of another: the name wins, and people see both.
    pub other: Option<Class>,
    /// The message without its wrappers.
    pub text: String,
}

/// What kind of evidence decided a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rung {
    /// A fingerprint on the words of the message.
    Fingerprint,
    /// An error code that an AWS service lists, or the form of one that none does.
    ServiceCode,
    CodeForm,
    /// The state of the job: its message says nothing.
    State,
    /// Of Azure: the symbolic name is in the list.
    Name,
    /// The number is.
    Number,
    /// What the item says of the same backup.
    Health,
    /// A link in what Azure recommends.
    Link,
    /// The text is one of the list.
    Text,
    /// A number that stands in the text: an error of MARS.
    Marking,
    /// The words that the name is made of: a guess.
    WordsOfName,
    Nothing,
}

impl Rung {
    /// The word of log lines.
    pub fn as_str(self) -> &'static str {
        match self {
            Rung::Fingerprint => "fingerprint",
            Rung::ServiceCode => "service-code",
            Rung::CodeForm => "code-form",
            Rung::State => "state",
            Rung::Name => "name",
            Rung::Number => "number",
            Rung::Health => "health",
            Rung::Link => "link",
            Rung::Text => "text",
            Rung::Marking => "marking",
            Rung::WordsOfName => "words-of-name",
            Rung::Nothing => "nothing",
        }
    }

    /// What decided, behind "by".
    pub fn words(self) -> &'static str {
        match self {
            Rung::Fingerprint => "the words of the message",
            Rung::ServiceCode => "the error code",
            Rung::CodeForm => "the form of the error code",
            Rung::State => "the state of the job alone",
            Rung::Name => "the name of the error",
            Rung::Number => "the number of the error",
            Rung::Health => "what the item says of the same backup",
            Rung::Link => "the link in Azure's recommendation",
            Rung::Text => "the text, which is that of a known error",
            Rung::Marking => "the error number in the text",
            Rung::WordsOfName => "the words in the name of the error: a guess",
            Rung::Nothing => "nothing",
        }
    }
}

pub fn classify(symptom: &Symptom<'_>) -> Classification {
    classify_with(table::table(), symptom)
}

/// The same with another table; tests take a rule away to see whether it is needed.
pub fn classify_with(table: &Table, symptom: &Symptom<'_>) -> Classification {
    match symptom.cloud {
        Cloud::Aws => classify_aws(table, symptom, Lists::Asked),
        Cloud::Azure => azure::classify(table, symptom, Lists::Asked),
    }
}

/// The same without the lists of error codes: how an error does that no list has. Tests and those who write rules ask.
pub fn classify_unlisted(table: &Table, symptom: &Symptom<'_>) -> Classification {
    match symptom.cloud {
        Cloud::Aws => classify_aws(table, symptom, Lists::LeftOut),
        Cloud::Azure => azure::classify(table, symptom, Lists::LeftOut),
    }
}

fn classify_aws(table: &Table, symptom: &Symptom<'_>, lists: Lists) -> Classification {
    let stripped = text::strip_wrappers(symptom.message);
    let plain = words::plain(stripped.text);
    decide(table, symptom, &stripped, &plain, lists).unwrap_or(Decided::UNKNOWN).told(stripped.text)
}

/// A class with the rule that speaks for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decided {
    pub(crate) class: Class,
    pub(crate) confidence: Confidence,
    pub(crate) rule: Option<&'static str>,
    pub(crate) rung: Rung,
}

impl Decided {
    pub(crate) const UNKNOWN: Decided =
        Decided { class: Class::Unknown, confidence: Confidence::Unknown, rule: None, rung: Rung::Nothing };

    pub(crate) fn told(self, text: &str) -> Classification {
        let Self { class, confidence, rule: fingerprint, rung } = self;
        Classification { class, confidence, fingerprint, rung, code: None, other: None, text: text.to_owned() }
    }
}

fn decide(table: &Table, symptom: &Symptom<'_>, stripped: &Stripped<'_>, plain: &str, lists: Lists) -> Option<Decided> {
    let reading = words::read(plain, &symptom.own);
    let mut codes = reading.codes;
    if let Some(code) = stripped.code {
        codes.insert(0, code);
    }
    let matches = |words: &[words::Token<'_>]| table.matches(symptom, Said { words, codes: &codes });
    let listed = match lists {
        Lists::Asked => codes.iter().map(|code| table::listed(code, stripped.service, symptom.resource_type)).collect(),
        Lists::LeftOut => Vec::new(),
    };
    let stated = words::statements(&reading.words).and_then(|words| {
        let told: Vec<Match> = matches(&words).into_iter().filter(Match::is_evidence).collect();
        by_precedence(table, &told, &codes, &listed)
            .filter(|decided| decided.rung == Rung::Fingerprint && decided.class.is_a_cause())
    });
    stated.or_else(|| by_precedence(table, &matches(&reading.words), &codes, &listed))
}

/// The words of one cause outweigh an error code, a listed code outweighs words that several causes share,
/// those outweigh the form of a code, that outweighs a state, and a hint counts only where nothing else was read.
fn by_precedence(table: &Table, matches: &[Match], codes: &[&str], listed: &[Listed]) -> Option<Decided> {
    let mut own = of_reach(matches, Reach::Own);
    let by_code = listed.iter().find_map(|listed| match *listed {
        Listed::Class { class, confidence, id } => {
            Some(Decided { class, confidence, rule: Some(id), rung: Rung::ServiceCode })
        }
        Listed::Open | Listed::Nowhere => None,
    });
    if own.clone().next().is_some() {
        return match winner(table, own.clone()) {
            Verdict::One(decided) => Some(decided),
            // The words contradict each other: only a code that is sure, or one that one of them agrees with, can say what holds.
            Verdict::Contradiction => by_code
                .filter(|code| code.confidence == Confidence::Certain || own.any(|found| found.class == code.class)),
        };
    }
    if by_code.is_some() {
        return by_code;
    }
    let by_form = || {
        let family = codes.iter().find_map(|code| table::by_form(code)).filter(|_| !listed.contains(&Listed::Open))?;
        Some(Decided {
            class: family.class,
            confidence: Confidence::Likely,
            rule: Some(family.id),
            rung: Rung::CodeForm,
        })
    };
    let mut general = of_reach(matches, Reach::General);
    if general.clone().next().is_some() {
        return match winner(table, general.clone()) {
            Verdict::One(decided) => Some(decided),
            Verdict::Contradiction => by_form().filter(|form| general.any(|found| found.class == form.class)),
        };
    }
    let alone = |reach: Reach| match winner(table, of_reach(matches, reach)) {
        Verdict::One(decided) => Some(decided),
        Verdict::Contradiction => None,
    };
    by_form().or_else(|| alone(Reach::State)).or_else(|| alone(Reach::Hint))
}

fn of_reach(matches: &[Match], reach: Reach) -> impl Iterator<Item = &Match> + Clone {
    matches.iter().filter(move |found| found.fingerprint.reach == reach)
}

enum Verdict {
    One(Decided),
    /// No class, or several of which none wins over the others: nothing is claimed.
    Contradiction,
}

/// The class that wins among the words of a text; `None` where none does.
pub(crate) fn winner_of_words(table: &Table, matches: &[&Match]) -> Option<Decided> {
    match winner(table, matches.iter().copied()) {
        Verdict::One(decided) => Some(decided),
        Verdict::Contradiction => None,
    }
}

fn winner<'m>(table: &Table, matches: impl Iterator<Item = &'m Match> + Clone) -> Verdict {
    let cloud = matches.clone().next().map_or(Cloud::Aws, |found| found.cloud);
    let loses = |class: Class| matches.clone().any(|other| table.dominates_in(cloud, other.class, class));
    let mut left = matches.clone().filter(|found| !loses(found.class));
    let Some(first) = left.next() else { return Verdict::Contradiction };
    if left.any(|other| other.class != first.class) {
        return Verdict::Contradiction;
    }
    let deciding = matches
        .filter(|found| found.class == first.class)
        .max_by_key(|found| (found.fingerprint.confidence, found.weight, Reverse(found.fingerprint.id)));
    deciding.map_or(Verdict::Contradiction, |found| {
        Verdict::One(Decided {
            class: found.class,
            confidence: found.fingerprint.confidence,
            rule: Some(found.fingerprint.id),
            rung: if found.fingerprint.reach == Reach::State { Rung::State } else { Rung::Fingerprint },
        })
    })
}

/// The ids of all fingerprints that a symptom bears, for tests and for people who write rules.
pub fn borne(table: &Table, symptom: &Symptom<'_>) -> Vec<&'static str> {
    let stripped = text::strip_wrappers(symptom.message);
    let plain = words::plain(stripped.text);
    let reading = words::read(&plain, &symptom.own);
    let codes: Vec<&str> = stripped.code.into_iter().chain(reading.codes).collect();
    table
        .matches(symptom, Said { words: &reading.words, codes: &codes })
        .iter()
        .map(|found| found.fingerprint.id)
        .collect()
}
