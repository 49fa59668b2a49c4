//! Which fingerprints a message bears: one pass of one automaton over all phrases of all classes.

use super::TableError;
use super::entry::{Entry, Fingerprint, same_type};
use crate::class::Class;
use crate::classify::Symptom;
use crate::text;
use aho_corasick::AhoCorasick;
use std::collections::{HashMap, HashSet};

/// A fingerprint that a symptom bears.
#[derive(Clone, Copy, Debug)]
pub struct Match<'a> {
    pub class: Class,
    pub fingerprint: &'a Fingerprint,
    /// How many letters of the message it accounts for: the more, the more specific.
    pub weight: usize,
}

#[derive(Debug)]
pub(super) struct Matcher {
    automaton: AhoCorasick,
    /// Phrase -> its number in the automaton.
    phrases: HashMap<String, usize>,
    dominated: HashSet<(Class, Class)>,
}

impl Matcher {
    pub(super) fn build(entries: &[Entry]) -> Result<Self, TableError> {
        let mut phrases = HashMap::new();
        for fingerprint in entries.iter().flat_map(|entry| &entry.fingerprints) {
            for phrase in [&fingerprint.all, &fingerprint.any, &fingerprint.none].into_iter().flatten() {
                let next = phrases.len();
                phrases.entry(phrase.clone()).or_insert(next);
            }
        }
        let mut patterns: Vec<&String> = phrases.keys().collect();
        patterns.sort_by_key(|phrase| phrases[*phrase]);
        let automaton = AhoCorasick::new(patterns).map_err(|error| TableError::new(Class::Unknown, error))?;
        Ok(Self { automaton, phrases, dominated: dominated(entries)? })
    }

    pub(super) fn dominates(&self, class: Class, other: Class) -> bool {
        self.dominated.contains(&(class, other))
    }

    pub(super) fn matches<'a>(
        &self,
        entries: &'a [Entry],
        symptom: &Symptom<'_>,
        text: &str,
        code: Option<&str>,
    ) -> Vec<Match<'a>> {
        // The code of a wrapper counts like one written in front of the sentence, which is the other way AWS gives it.
        let haystack = text::fold(&code.map_or_else(|| text.to_owned(), |code| format!("{code}: {text}")));
        let seen: HashSet<usize> =
            self.automaton.find_overlapping_iter(&haystack).map(|found| found.pattern().as_usize()).collect();
        let occurs = |phrase: &String| self.phrases.get(phrase).is_some_and(|number| seen.contains(number));

        let mut matches = Vec::new();
        for entry in entries {
            for fingerprint in &entry.fingerprints {
                let fits = (fingerprint.states.is_empty() || fingerprint.states.contains(symptom.state))
                    && (fingerprint.jobs.is_empty() || fingerprint.jobs.contains(&symptom.kind))
                    && (fingerprint.types.is_empty()
                        || fingerprint.types.iter().any(|wanted| same_type(wanted, symptom.resource_type)))
                    && (!fingerprint.empty_message || haystack.is_empty())
                    && fingerprint.all.iter().all(occurs)
                    && (fingerprint.any.is_empty() || fingerprint.any.iter().any(occurs))
                    && !fingerprint.none.iter().any(occurs);
                if fits {
                    let all: usize = fingerprint.all.iter().map(String::len).sum();
                    let any =
                        fingerprint.any.iter().filter(|phrase| occurs(phrase)).map(String::len).max().unwrap_or(0);
                    matches.push(Match { class: entry.class, fingerprint, weight: all + any });
                }
            }
        }
        // A state by itself is evidence only while the words say nothing.
        if matches.iter().any(|found| !found.fingerprint.is_state_only()) {
            matches.retain(|found| !found.fingerprint.is_state_only());
        }
        matches
    }
}

/// All pairs (winner, loser), with those that follow through a third class. A circle is an error: nobody could win in it.
fn dominated(entries: &[Entry]) -> Result<HashSet<(Class, Class)>, TableError> {
    let over = |class: Class| entries.iter().filter(move |entry| entry.class == class).flat_map(|entry| &entry.over);
    let mut pairs = HashSet::new();
    for class in Class::ALL {
        let mut waiting: Vec<Class> = over(class).copied().collect();
        while let Some(loser) = waiting.pop() {
            if loser == class {
                return Err(TableError::new(class, "it wins over itself through its \"over\""));
            }
            if pairs.insert((class, loser)) {
                waiting.extend(over(loser));
            }
        }
    }
    Ok(pairs)
}
