//! Symptom -> class. Exactly one class wins, whatever the order of the data files, or the answer is "unknown".

use crate::class::Class;
use crate::table::{self, Listed, Match, Reach, Said, Table};
use crate::text::{self, Stripped};
use crate::words;
use std::cmp::Reverse;

pub use crate::symptom::{Confidence, Symptom};

/// The class of a failure, read from its words and state alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classification {
    pub class: Class,
    pub confidence: Confidence,
    /// What decided: the id of a fingerprint, `code:service/Code` or `family:form`; `None` when the class is unknown.
    pub fingerprint: Option<&'static str>,
    /// The message without its wrappers.
    pub text: String,
}

pub fn classify(symptom: &Symptom<'_>) -> Classification {
    classify_with(table::table(), symptom)
}

/// The same with another table; tests take a rule away to see whether it is needed.
pub fn classify_with(table: &Table, symptom: &Symptom<'_>) -> Classification {
    let stripped = text::strip_wrappers(symptom.message);
    let plain = words::plain(stripped.text);
    let decided = decide(table, symptom, &stripped, &plain).unwrap_or(UNKNOWN);
    Classification {
        class: decided.class,
        confidence: decided.confidence,
        fingerprint: decided.rule,
        text: stripped.text.to_owned(),
    }
}

/// A class with the rule that speaks for it.
#[derive(Clone, Copy, Debug)]
struct Decided {
    class: Class,
    confidence: Confidence,
    rule: Option<&'static str>,
}

const UNKNOWN: Decided = Decided { class: Class::Unknown, confidence: Confidence::Unknown, rule: None };

fn decide(table: &Table, symptom: &Symptom<'_>, stripped: &Stripped<'_>, plain: &str) -> Option<Decided> {
    let reading = words::read(plain, &symptom.own);
    let mut codes = reading.codes;
    if let Some(code) = stripped.code {
        codes.insert(0, code);
    }
    let matches = table.matches(symptom, Said { words: &reading.words, codes: &codes });
    by_precedence(table, &matches, &codes, stripped.service)
}

/// The words of one cause outweigh an error code, a listed code outweighs words that several causes share,
/// those outweigh the form of a code, that outweighs a state, and a hint counts only where nothing else was read.
fn by_precedence(table: &Table, matches: &[Match], codes: &[&str], service: Option<&'static str>) -> Option<Decided> {
    let own: Vec<&Match> = of_reach(matches, Reach::Own);
    let listed: Vec<Listed> = codes.iter().map(|code| table::listed(code, service)).collect();
    let by_code = listed.iter().find_map(|listed| match *listed {
        Listed::Class { class, confidence, id } => Some(Decided { class, confidence, rule: Some(id) }),
        Listed::Open | Listed::Nowhere => None,
    });
    if !own.is_empty() {
        return match winner(table, &own) {
            Verdict::One(decided) => Some(decided),
            // The words contradict each other: only a code that one of them agrees with can say which of them holds.
            Verdict::Contradiction => by_code.filter(|code| own.iter().any(|found| found.class == code.class)),
        };
    }
    if by_code.is_some() {
        return by_code;
    }
    let by_form = || {
        let family = codes.iter().find_map(|code| table::by_form(code)).filter(|_| !listed.contains(&Listed::Open))?;
        Some(Decided { class: family.class, confidence: Confidence::Likely, rule: Some(family.id) })
    };
    let general = of_reach(matches, Reach::General);
    if !general.is_empty() {
        return match winner(table, &general) {
            Verdict::One(decided) => Some(decided),
            Verdict::Contradiction => by_form().filter(|form| general.iter().any(|found| found.class == form.class)),
        };
    }
    let alone = |reach: Reach| match winner(table, &of_reach(matches, reach)) {
        Verdict::One(decided) => Some(decided),
        Verdict::Contradiction => None,
    };
    by_form().or_else(|| alone(Reach::State)).or_else(|| alone(Reach::Hint))
}

fn of_reach(matches: &[Match], reach: Reach) -> Vec<&Match> {
    matches.iter().filter(|found| found.fingerprint.reach == reach).collect()
}

enum Verdict {
    One(Decided),
    /// No class, or several of which none wins over the others: nothing is claimed.
    Contradiction,
}

fn winner(table: &Table, matches: &[&Match]) -> Verdict {
    let loses = |class: Class| matches.iter().any(|other| table.dominates(other.class, class));
    let mut left = matches.iter().filter(|found| !loses(found.class));
    let Some(first) = left.next() else { return Verdict::Contradiction };
    if left.any(|other| other.class != first.class) {
        return Verdict::Contradiction;
    }
    let deciding = matches
        .iter()
        .filter(|found| found.class == first.class)
        .max_by_key(|found| (found.fingerprint.confidence, found.weight, Reverse(found.fingerprint.id)));
    deciding.map_or(Verdict::Contradiction, |found| {
        Verdict::One(Decided {
            class: found.class,
            confidence: found.fingerprint.confidence,
            rule: Some(found.fingerprint.id),
        })
    })
}

/// The ids of all fingerprints that a symptom bears, for tests and for whoever writes rules.
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
