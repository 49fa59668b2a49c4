//! Which fingerprints a message bears: one walk over its words through the tree of all phrases of all classes.

use super::Table;
use super::code::is_of_form;
use super::entry::{Fingerprint, Phrase, Reach, same_type};
use super::ready::{self, End, Node};
use crate::class::Class;
use crate::symptom::Symptom;
use crate::words::{BREAK, Token};
use job::Cloud;

/// A fingerprint that a symptom bears.
#[derive(Clone, Copy, Debug)]
pub struct Match {
    pub cloud: Cloud,
    pub class: Class,
    pub fingerprint: &'static Fingerprint,
    /// How many letters of phrases it accounts for: the more, the more specific.
    pub weight: usize,
}

impl Match {
    /// Its words speak of a cause; they are no state and no hint.
    pub(crate) fn is_evidence(&self) -> bool {
        matches!(self.fingerprint.reach, Reach::Own | Reach::General)
    }
}

/// What of a message is compared with fingerprints.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said<'a> {
    pub(crate) words: &'a [Token<'a>],
    pub(crate) codes: &'a [&'a str],
}

/// Every fingerprint that a message bears.
pub(super) fn matches(table: &Table, symptom: &Symptom<'_>, said: Said<'_>) -> Vec<Match> {
    let seen = occurring(said.words);
    let mut asked = Vec::with_capacity(8);
    let mut matches = Vec::with_capacity(4);
    if table.asks_each {
        let places = table
            .entries_in(symptom.cloud)
            .flat_map(|entry| (0_u16..).zip(entry.fingerprints).map(|(at, _)| (entry.class, at)));
        matches.extend(places.filter_map(|place| matched(table, place, symptom, said, &seen)));
        matches.retain(|found| found.fingerprint.reach != Reach::State);
    } else {
        let rules = ready::rules(symptom.cloud);
        let by_code = if said.codes.is_empty() { &[] } else { rules.by_code };
        for place in seen.each(rules.phrases()).flat_map(|phrase| rules.of(phrase)).chain(by_code) {
            if !asked.contains(&place) {
                asked.push(place);
                matches.extend(matched(table, *place, symptom, said, &seen));
            }
        }
    }
    // A state by itself is evidence only while the words say nothing.
    if matches.iter().all(|found| found.fingerprint.reach == Reach::Hint) {
        matches.extend(
            ready::rules(symptom.cloud)
                .by_state
                .iter()
                .filter_map(|place| matched(table, *place, symptom, said, &seen)),
        );
    }
    matches
}

fn matched(
    table: &Table,
    (class, number): (Class, u16),
    symptom: &Symptom<'_>,
    said: Said<'_>,
    seen: &Seen,
) -> Option<Match> {
    let cloud = symptom.cloud;
    let fingerprint = table.entry_in(cloud, class).fingerprints.get(usize::from(number))?;
    let occurs = |phrase: &&Phrase| seen.has(phrase.number);
    let has_words = !(fingerprint.all.is_empty() && fingerprint.any.is_empty() && fingerprint.codes.is_empty());
    let fits = (fingerprint.states.is_empty() || fingerprint.states.contains(symptom.state))
        && (fingerprint.jobs.is_empty() || fingerprint.jobs.contains(&symptom.kind))
        && fingerprint.all.iter().all(|phrase| occurs(&phrase))
        && (fingerprint.any.is_empty() || fingerprint.any.iter().any(|phrase| occurs(&phrase)))
        && !fingerprint.none.iter().any(|phrase| occurs(&phrase))
        && (fingerprint.codes.is_empty()
            || fingerprint.codes.iter().any(|form| said.codes.iter().any(|code| is_of_form(code, form))))
        && (fingerprint.types.is_empty()
            || fingerprint.types.iter().any(|wanted| same_type(wanted, symptom.resource_type)))
        && (!fingerprint.empty_message || said.words.is_empty() && said.codes.is_empty())
        && (fingerprint.reach == Reach::State || has_words);
    if !fits {
        return None;
    }
    let all: usize = fingerprint.all.iter().map(|phrase| phrase.text.len()).sum();
    let any = fingerprint.any.iter().filter(occurs).map(|phrase| phrase.text.len()).max().unwrap_or(0);
    Some(Match { cloud, class, fingerprint, weight: all + any })
}

/// Which phrases occur.
struct Seen {
    bits: [u64; ready::phrases().div_ceil(64)],
}

impl Seen {
    fn none() -> Self {
        Self { bits: [0; _] }
    }

    fn has(&self, phrase: u16) -> bool {
        self.bits.get(usize::from(phrase) / 64).is_some_and(|word| word >> (phrase % 64) & 1 == 1)
    }

    fn add(&mut self, phrase: u16) {
        if let Some(word) = self.bits.get_mut(usize::from(phrase) / 64) {
            *word |= 1 << (phrase % 64);
        }
    }

    /// Of the first phrases, those that occur.
    fn each(&self, phrases: usize) -> impl Iterator<Item = u16> {
        self.bits.iter().take(phrases.div_ceil(64)).enumerate().flat_map(|(at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros();
                left &= left.wrapping_sub(1);
                (bit < 64).then(|| u16::try_from(at * 64).unwrap_or(u16::MAX) + u16::try_from(bit).unwrap_or(0))
            })
        })
    }
}

/// A phrase with gaps of which some parts were met, and where the last of them ends.
struct Begun {
    phrase: u16,
    next: u8,
    to: usize,
}

/// One walk from left to right: the next part of a phrase with gaps is looked for only where the parts before it were met.
fn occurring(words: &[Token<'_>]) -> Seen {
    let mut seen = Seen::none();
    let mut is_begun = Seen::none();
    let mut begun: Vec<Begun> = Vec::with_capacity(16);
    for from in 0..words.len() {
        let mut node: Option<&Node> = words.get(from).and_then(|word| ready::root(word.number));
        let mut to = from + 1;
        while let Some(here) = node {
            for end in ready::ends(here) {
                if end.parts == 1 {
                    seen.add(end.phrase);
                } else if end.part == 0 {
                    is_begun.add(end.phrase);
                    begun.push(Begun { phrase: end.phrase, next: 1, to });
                } else if is_begun.has(end.phrase) && begun.iter().any(|before| before.goes_on(end, from, words)) {
                    if end.part + 1 == end.parts {
                        seen.add(end.phrase);
                    } else {
                        begun.push(Begun { phrase: end.phrase, next: end.part + 1, to });
                    }
                }
            }
            node = words.get(to).and_then(|word| ready::child(here, word.number));
            to += 1;
        }
    }
    seen
}

impl Begun {
    /// Whether this part is the next one, stands near what was met, and in the same sentence.
    fn goes_on(&self, end: &End, from: usize, words: &[Token<'_>]) -> bool {
        self.phrase == end.phrase
            && self.next == end.part
            && (self.to..=self.to + MAX_GAP).contains(&from)
            && words.get(self.to..from).is_some_and(|between| between.iter().all(|word| word.number != BREAK))
    }
}

/// How many words may stand in a gap.
const MAX_GAP: usize = 8;
