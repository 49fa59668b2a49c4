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
    rules: Vec<Rule>,
    dominated: HashSet<(Class, Class)>,
}

/// A fingerprint with its phrases as numbers of the automaton, so that a message is not compared with a thousand phrases one by one.
#[derive(Debug)]
struct Rule {
    entry: usize,
    fingerprint: usize,
    all: Vec<usize>,
    any: Vec<usize>,
    none: Vec<usize>,
}

impl Matcher {
    pub(super) fn build(entries: &[Entry]) -> Result<Self, TableError> {
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut patterns: Vec<&str> = Vec::new();
        let mut rules = Vec::new();
        for (entry_number, entry) in entries.iter().enumerate() {
            for (fingerprint_number, fingerprint) in entry.fingerprints.iter().enumerate() {
                rules.push(Rule {
                    entry: entry_number,
                    fingerprint: fingerprint_number,
                    all: number(&fingerprint.all, &mut numbers, &mut patterns),
                    any: number(&fingerprint.any, &mut numbers, &mut patterns),
                    none: number(&fingerprint.none, &mut numbers, &mut patterns),
                });
            }
        }
        let automaton = AhoCorasick::new(patterns).map_err(|error| TableError::new(Class::Unknown, error))?;
        Ok(Self { automaton, rules, dominated: dominated(entries)? })
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
        let mut seen = vec![false; self.automaton.patterns_len()];
        for found in self.automaton.find_overlapping_iter(&haystack) {
            if let Some(slot) = seen.get_mut(found.pattern().as_usize()) {
                *slot = true;
            }
        }
        let occurs = |phrase: &usize| seen.get(*phrase).copied().unwrap_or(false);

        let mut matches = Vec::new();
        for rule in &self.rules {
            let found =
                entries.get(rule.entry).and_then(|entry| Some((entry, entry.fingerprints.get(rule.fingerprint)?)));
            let Some((entry, fingerprint)) = found else { continue };
            let fits = rule.all.iter().all(occurs)
                && (rule.any.is_empty() || rule.any.iter().any(occurs))
                && !rule.none.iter().any(occurs)
                && (fingerprint.states.is_empty() || fingerprint.states.contains(symptom.state))
                && (fingerprint.jobs.is_empty() || fingerprint.jobs.contains(&symptom.kind))
                && (fingerprint.types.is_empty()
                    || fingerprint.types.iter().any(|wanted| same_type(wanted, symptom.resource_type)))
                && (!fingerprint.empty_message || haystack.is_empty());
            if fits {
                let all: usize = fingerprint.all.iter().map(String::len).sum();
                let longest = rule.any.iter().zip(&fingerprint.any).filter(|(phrase, _)| occurs(phrase));
                let any = longest.map(|(_, phrase)| phrase.len()).max().unwrap_or(0);
                matches.push(Match { class: entry.class, fingerprint, weight: all + any });
            }
        }
        // A state by itself is evidence only while the words say nothing.
        if matches.iter().any(|found| !found.fingerprint.is_state_only()) {
            matches.retain(|found| !found.fingerprint.is_state_only());
        }
        matches
    }
}

/// The numbers of phrases in the automaton; a phrase that several fingerprints share has one number.
fn number<'a>(phrases: &'a [String], numbers: &mut HashMap<&'a str, usize>, patterns: &mut Vec<&'a str>) -> Vec<usize> {
    phrases
        .iter()
        .map(|phrase| {
            *numbers.entry(phrase).or_insert_with(|| {
                patterns.push(phrase);
                patterns.len() - 1
            })
        })
        .collect()
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
