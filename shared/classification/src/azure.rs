//! The class of a failure in Azure: a ladder of what its record says. The first rung that answers decides, and the answer says which it was.
//!
//! Read in this order: `heard` (names, numbers and texts of a record, or of a message alone), this file (the rungs), `letters` (texts without
//! what changes in them).

mod heard;
pub(crate) mod letters;

use crate::class::Class;
use crate::classify::{Classification, Decided, Rung, winner_of_words};
use crate::symptom::{Confidence, Symptom};
use crate::table::{AzureCode, Match, Reach, Said, Table, ready};
use crate::words;
use heard::{Heard, SMALLEST};

/// Whether the lists of errors are asked. Tests leave them out to see how an error does that no list has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lists {
    Asked,
    LeftOut,
}

pub(crate) fn classify(table: &Table, symptom: &Symptom<'_>, lists: Lists) -> Classification {
    let heard = Heard::of(symptom);
    let text = heard.text();
    let found = match lists {
        Lists::Asked => listed(symptom, &heard),
        Lists::LeftOut => None,
    };
    // A name may stand for anything, and the list says so: then the rest may tell more.
    let certain = found.filter(|found| found.code.class != Class::Unknown);
    let said = || by_words(table, symptom, &heard);
    let decided = match (certain, found) {
        (Some(found), _) => by_plain_words(table, symptom, &heard, found).unwrap_or_else(|| found.decided()),
        (None, Some(open)) => said().unwrap_or_else(|| open.decided()),
        (None, None) => said().unwrap_or(Decided::UNKNOWN),
    };
    // Where name and text disagree the name wins, and people see both.
    let other = match certain {
        Some(found) if matches!(found.rung, Rung::Name | Rung::Number) => by_text(table, symptom, &heard)
            .filter(|other| other.confidence == Confidence::Certain)
            .map(|other| other.class)
            .filter(|class| *class != found.code.class),
        _ => None,
    };
    Classification { code: certain.or(found).map(|found| found.code), other, ..decided.told(text) }
}

/// An error of the list, and how it was found.
#[derive(Clone, Copy)]
struct Found {
    code: &'static AzureCode,
    rung: Rung,
    most: Confidence,
}

impl Found {
    fn new(code: &'static AzureCode, rung: Rung, most: Confidence) -> Self {
        Self { code, rung, most }
    }

    fn decided(self) -> Decided {
        if self.code.class == Class::Unknown {
            return Decided { rung: self.rung, ..Decided::UNKNOWN };
        }
        Decided {
            class: self.code.class,
            confidence: self.code.confidence.min(self.most),
            rule: Some(self.code.id),
            rung: self.rung,
        }
    }
}

/// The rungs that stand on the list of Azure's errors. One whose class is unknown answers only where no other does.
fn listed(symptom: &Symptom<'_>, heard: &Heard<'_>) -> Option<Found> {
    use Confidence::{Certain, Likely};
    let found = |rung, most| move |code| Found::new(code, rung, most);
    let with_agent = heard::is_of_agent(symptom.resource_type);
    // On a machine in Azure the hexadecimal numbers of Windows mean something else than on a server with MARS.
    let number = heard.number.filter(|number| *number >= SMALLEST && (with_agent || *number < 1 << 31));
    let by_name = || heard.names.iter().find_map(|name| ready::azure_name(name)).map(found(Rung::Name, Certain));
    let marked = || heard.marked(with_agent).find_map(ready::azure_number);
    let rungs: [&dyn Fn() -> Option<Found>; 7] = [
        &by_name,
        &|| number.and_then(ready::azure_number).map(found(Rung::Number, Certain)),
        &|| of_health(symptom).map(found(Rung::Health, Likely)),
        &|| heard.linked().find_map(ready::azure_name).map(found(Rung::Link, Likely)),
        &|| heard.texts.iter().find_map(|text| by_letters(text)),
        &|| marked().map(found(Rung::Marking, Certain)),
        &|| heard.named_in_texts().find_map(ready::azure_name).map(found(Rung::Text, Likely)),
    ];
    let answers = || rungs.iter().filter_map(|rung| rung());
    answers().find(|found| found.code.class != Class::Unknown).or_else(|| answers().next())
}

/// The longest beginning of a text that is the text of a known error, or begins it.
fn by_letters(text: &str) -> Option<Found> {
    let known = letters::prefixes(text).into_iter().rev().filter(letters::Prefix::is_telling);
    known.into_iter().find_map(|prefix| {
        let most = if prefix.whole { Confidence::Certain } else { Confidence::Likely };
        Some(Found::new(ready::azure_text(prefix.hash)?, Rung::Text, most))
    })
}

/// What the item says of the same backup.
fn of_health(symptom: &Symptom<'_>) -> Option<&'static AzureCode> {
    symptom.azure?.health.iter().find_map(|said| {
        let by_name = || said.name.as_deref().and_then(ready::azure_name);
        let by_number = || said.number.filter(|number| *number >= SMALLEST).and_then(ready::azure_number);
        by_name().or_else(by_number).filter(|code| code.class != Class::Unknown)
    })
}

/// Several causes share the name, and the text says which of them it is.
fn by_plain_words(table: &Table, symptom: &Symptom<'_>, heard: &Heard<'_>, found: Found) -> Option<Decided> {
    if found.code.confidence == Confidence::Certain {
        return None;
    }
    let texts = words_of_texts(table, symptom, heard);
    let mut said = texts.iter().filter_map(|text| of_reach(text, table, Reach::Own, Rung::Fingerprint));
    said.find(|said| said.confidence == Confidence::Certain && said.class != found.code.class)
}

/// What a text alone says, by the list and by its words.
fn by_text(table: &Table, symptom: &Symptom<'_>, heard: &Heard<'_>) -> Option<Decided> {
    let listed = heard.texts.iter().find_map(|text| by_letters(text)).map(Found::decided);
    listed.or_else(|| {
        let texts = words_of_texts(table, symptom, heard);
        texts.iter().find_map(|text| of_reach(text, table, Reach::Own, Rung::Fingerprint))
    })
}

/// Rules on the words of the texts, then on those of the name; words of one cause speak before words that several share.
fn by_words(table: &Table, symptom: &Symptom<'_>, heard: &Heard<'_>) -> Option<Decided> {
    let texts = words_of_texts(table, symptom, heard);
    let words = heard.words_of_names();
    let name = matched(table, symptom, &words::read_as_it_stands(&words));
    let by_texts = |reach, rung| texts.iter().find_map(|text| of_reach(text, table, reach, rung));
    let by_name = |reach| {
        let decided = of_reach(&name, table, reach, Rung::WordsOfName)?;
        Some(Decided { confidence: Confidence::Likely, ..decided })
    };
    by_texts(Reach::Own, Rung::Fingerprint)
        .or_else(|| by_name(Reach::Own))
        .or_else(|| by_texts(Reach::General, Rung::Fingerprint))
        .or_else(|| by_name(Reach::General))
        .or_else(|| if heard.says_nothing() { by_texts(Reach::State, Rung::State) } else { None })
}

/// Of each text its fingerprints. What says nothing at all has an empty text.
fn words_of_texts(table: &Table, symptom: &Symptom<'_>, heard: &Heard<'_>) -> Vec<Vec<Match>> {
    let texts: &[&str] = if heard.says_nothing() { &[""] } else { &heard.texts };
    texts.iter().map(|text| matches(table, symptom, text)).collect()
}

/// The fingerprints of a text, and of the words in the error codes that stand in it.
fn matches(table: &Table, symptom: &Symptom<'_>, text: &str) -> Vec<Match> {
    let plain = words::plain(text);
    let reading = words::read(&plain, &symptom.own);
    let stated = words::statements(&reading.words)
        .map(|words| table.matches(symptom, Said { words: &words, codes: &reading.codes }));
    let tells = |found: &Match| found.is_evidence() && found.class.is_a_cause();
    let mut found = stated.filter(|found| found.iter().any(tells)).unwrap_or_else(|| matched(table, symptom, &reading));
    if !reading.codes.is_empty() {
        let codes = heard::words_of(reading.codes.iter().copied());
        found.extend(matched(table, symptom, &words::read_as_it_stands(&codes)));
    }
    found
}

fn matched(table: &Table, symptom: &Symptom<'_>, reading: &words::Reading<'_>) -> Vec<Match> {
    table.matches(symptom, Said { words: &reading.words, codes: &reading.codes })
}

fn of_reach(matches: &[Match], table: &Table, reach: Reach, rung: Rung) -> Option<Decided> {
    let of: Vec<_> = matches.iter().filter(|found| found.fingerprint.reach == reach).collect();
    Some(Decided { rung, ..winner_of_words(table, &of)? })
}
