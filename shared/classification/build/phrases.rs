//! Phrases as numbers of words, in one tree. A phrase is words behind one another; `..` is a gap of a few words within the sentence,
//! `<set>` any of the words of a set, `#` any number, `@` a name.

use crate::read::{Files, Words};
use crate::stem::stem;
use std::collections::{BTreeMap, BTreeSet};

/// Words by their number, and the tree of all phrases.
#[derive(Debug, Default)]
pub(crate) struct Phrases {
    /// The folded word, its number and its roles.
    pub(crate) keys: BTreeMap<String, (u16, u8)>,
    pub(crate) nodes: Vec<Node>,
    /// The text of each phrase, by its number.
    pub(crate) texts: BTreeMap<String, u16>,
    /// All words of all phrases, for measurements.
    pub(crate) sequences: BTreeSet<String>,
    /// The actions that phrases name, and the services of which they mean any: "kms:creategrant", "kms:".
    actions: BTreeSet<String>,
    /// The numbers that phrases name: "403". Each is still any number.
    numbers: BTreeSet<String>,
    next: u16,
}

#[derive(Debug, Default)]
pub(crate) struct Node {
    pub(crate) children: BTreeMap<u16, usize>,
    /// Phrase, part, parts.
    pub(crate) ends: BTreeSet<(u16, u8, u8)>,
}

/// The first numbers are taken: `src/words.rs` calls them BREAK, OTHER, DIGITS and ACTION.
const FIRST: u16 = 4;
const OTHER: u16 = 1;
const DIGITS: u16 = 2;
const ACTION: u16 = 3;
/// In phrases: any action of any service.
const ANY_ACTION: &str = "*:";
/// `role::DROPPED` of `src/words.rs`.
pub(crate) const DROPPED: u8 = 32;
/// `role::MEASURE`.
const MEASURE: u8 = 64;
/// `role::ADVICE`.
const ADVICE: u8 = 128;

pub(crate) fn of(files: &Files) -> Result<Phrases, String> {
    let mut phrases = Phrases { nodes: vec![Node::default()], next: FIRST, ..Phrases::default() };
    phrases.take_words(&files.words);
    let rules = || files.entries.iter().chain(&files.azure).flat_map(|entry| &entry.fingerprints);
    phrases.actions = rules().flat_map(|rule| rule.phrases()).flat_map(|phrase| actions(phrase)).collect();
    phrases.numbers = rules().flat_map(|rule| rule.phrases()).flat_map(|phrase| numbers(phrase)).collect();
    for entry in files.entries.iter().chain(&files.azure) {
        for rule in &entry.fingerprints {
            for phrase in rule.phrases() {
                phrases
                    .take(phrase, &files.words)
                    .map_err(|problem| format!("root-causes/{}.toml: {}: \"{phrase}\" {problem}", entry.id, rule.id))?;
            }
        }
    }
    Ok(phrases)
}

impl Phrases {
    pub(crate) fn number(&self, phrase: &str) -> u16 {
        self.texts.get(phrase).copied().unwrap_or_default()
    }

    fn take_words(&mut self, words: &Words) {
        let roles = &words.roles;
        // In the form in which it is dropped: "specified" adds nothing, "specify" does.
        for word in &roles.dropped {
            self.keys.insert(word.clone(), (0, DROPPED));
        }
        let lists = [&roles.noun, &roles.head, &roles.predicate, &roles.state, &roles.parameter];
        let bits = (0_u8..).map(|bit| 1 << bit);
        for (role, list) in bits.zip(lists).chain([(MEASURE, &roles.measure), (ADVICE, &roles.advice)]) {
            for word in list {
                self.word(word);
                if let Some((_, roles)) = self.keys.get_mut(&folded(word)) {
                    *roles |= role;
                }
            }
        }
        for (word, others) in &words.same {
            let number = self.word(word);
            let roles = self.keys.get(&folded(word)).map_or(0, |(_, roles)| *roles);
            for other in others {
                self.keys.insert(folded(other), (number, roles));
            }
        }
    }

    fn word(&mut self, word: &str) -> u16 {
        let (number, next) = (self.next, &mut self.next);
        self.keys
            .entry(folded(word))
            .or_insert_with(|| {
                *next += 1;
                (number, 0)
            })
            .0
    }

    fn take(&mut self, phrase: &str, words: &Words) -> Result<(), String> {
        if self.texts.contains_key(phrase) {
            return Ok(());
        }
        let number = u16::try_from(self.texts.len()).map_err(|error| error.to_string())?;
        let parts: Vec<&str> = phrase.split(" .. ").collect();
        // Two letters occur in any sentence, an action does not.
        if (phrase.len() < 3 && phrase != ANY_ACTION) || parts.iter().any(|part| part.is_empty()) {
            return Err("is too short".to_owned());
        }
        let many = u8::try_from(parts.len()).map_err(|error| error.to_string())?;
        for (part, text) in (0..many).zip(&parts) {
            for sequence in self.sequences(text, words) {
                self.take_sequence(&sequence, words, (number, part, many))?;
            }
        }
        self.texts.insert(phrase.to_owned(), number);
        Ok(())
    }

    /// The texts that a part stands for, each set spelled out. An action that some phrase names is still one of its service: a text
    /// has one word for it, and `kms:` means that one, too. The same holds of numbers and `#`.
    fn sequences(&self, part: &str, words: &Words) -> Vec<String> {
        let mut made = vec![String::new()];
        for word in part.split(' ') {
            let set = word.strip_prefix('<').and_then(|word| word.strip_suffix('>'));
            let mut options = set.and_then(|set| words.sets.get(set)).cloned().unwrap_or_else(|| vec![word.to_owned()]);
            if word.ends_with(':') {
                let of = |action: &&String| word == ANY_ACTION || action.starts_with(word);
                options.extend(self.actions.iter().filter(of).cloned());
            }
            if word == "#" {
                options.extend(self.numbers.iter().cloned());
            }
            made = made
                .iter()
                .flat_map(|before| options.iter().map(move |option| format!("{before} {option}").trim().to_owned()))
                .collect();
        }
        made
    }

    fn take_sequence(&mut self, sequence: &str, words: &Words, end: (u16, u8, u8)) -> Result<(), String> {
        let mut node = 0;
        for word in split(sequence) {
            if words.roles.dropped.contains(&word) {
                continue;
            }
            let number = match word.as_str() {
                "@" => OTHER,
                "#" => DIGITS,
                ANY_ACTION => ACTION,
                _ => self.word(&word),
            };
            let made = self.nodes.len();
            let next = *self.nodes[node].children.entry(number).or_insert(made);
            if next == made {
                self.nodes.push(Node::default());
            }
            node = next;
        }
        if node == 0 {
            return Err("has a part without a word".to_owned());
        }
        self.nodes[node].ends.insert(end);
        self.sequences.insert(sequence.to_owned());
        Ok(())
    }
}

/// The actions and services that a phrase names.
fn actions(phrase: &str) -> impl Iterator<Item = String> {
    phrase
        .split(' ')
        .filter(|word| word.contains(':') && !word.starts_with("arn:") && !word.starts_with("arm:"))
        .filter(|word| *word != ANY_ACTION)
        .map(str::to_owned)
}

fn numbers(phrase: &str) -> impl Iterator<Item = String> {
    phrase.split(' ').filter(|word| word.bytes().all(|byte| byte.is_ascii_digit())).map(str::to_owned)
}

/// "cannot" is two words in texts as well.
fn split(sequence: &str) -> Vec<String> {
    sequence
        .split(' ')
        .flat_map(|word| if word == "cannot" { vec!["can", "not"] } else { vec![word] })
        .map(str::to_owned)
        .collect()
}

/// As the classifier reads a word of a text: in lower case, and without its ending where it has no sign in it.
fn folded(word: &str) -> String {
    let mut word = word.to_lowercase();
    if word.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        let mut bytes = word.clone().into_bytes();
        let length = stem(&mut bytes);
        word.truncate(length);
    }
    word
}
