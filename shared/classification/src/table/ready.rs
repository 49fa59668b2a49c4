//! The table as the build script has made it ready: constant data, so that a cold start reads nothing and builds nothing.

use super::azure_code::{AzureCode, Transient};
use super::code::{CodeRule, Family};
use super::entry::{Entry, Evidence, Example, Fingerprint, Names, NearMiss, Phrase, ProvenBy, Reach};
use super::entry::{RecoveryPoint, Rerun, Step};
use crate::class::Class;
use crate::named::Seen;
use crate::symptom::Confidence;
use crate::words::{Number, hash};
use job::{Cloud, JobKind, JobState};

include!(concat!(env!("OUT_DIR"), "/table.rs"));

/// The number and the roles of a word in the form of the table: in lower case and without its ending.
pub(crate) fn word(word: &[u8]) -> Option<(Number, u8)> {
    let mask = SLOTS.len() - 1;
    let mut slot = hash(word) as usize & mask;
    loop {
        let key = SLOTS.get(slot).copied().filter(|key| *key != 0)?;
        let (text, number, roles) = KEYS.get(usize::from(key) - 1)?;
        if text.as_bytes() == word {
            return Some((*number, *roles));
        }
        slot = (slot + 1) & mask;
    }
}

/// Whether a word that adds nothing has this length and begins so. Most words need not be looked up in their own form as well.
pub(crate) fn may_be_dropped(word: &str) -> bool {
    let first = word.bytes().next().map_or(0, |byte| byte.to_ascii_lowercase().wrapping_sub(b'a'));
    DROPPED.get(usize::from(first)).is_some_and(|lengths| word.len() < 32 && lengths >> word.len() & 1 == 1)
}

/// The rules of a code, one for each service that lists it.
pub(crate) fn code(code: &str) -> &'static [CodeRule] {
    let compared = |listed: &str| listed.bytes().cmp(code.bytes().map(|byte| byte.to_ascii_lowercase()));
    CODES
        .binary_search_by(|(listed, _)| compared(listed))
        .ok()
        .and_then(|at| CODES.get(at))
        .map_or(&[], |(_, rules)| rules)
}

/// Whether any service lists the code.
pub(crate) fn is_code(word: &str) -> bool {
    !code(word).is_empty()
}

/// Our name of a service that a message names.
pub(crate) fn service(name: &str) -> Option<&'static str> {
    SERVICES.iter().find(|(listed, _)| listed.eq_ignore_ascii_case(name)).map(|(_, service)| *service)
}

/// The service that jobs of a type of resource call.
pub(super) fn called_for(resource_type: &str) -> Option<&'static str> {
    CALLED.iter().find(|(listed, _)| *listed == resource_type).map(|(_, service)| *service)
}

pub(super) fn families() -> &'static [Family] {
    FAMILIES
}

/// A place in the tree of phrases.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) children: (u16, u16),
    pub(super) ends: (u16, u16),
}

/// Words of a phrase that end at a node. A phrase with gaps has several parts.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    pub(super) phrase: u16,
    pub(super) part: u8,
    pub(super) parts: u8,
}

pub(super) fn root(word: Number) -> Option<&'static Node> {
    ROOT.get(usize::from(word)).filter(|node| **node != 0).and_then(|node| NODES.get(usize::from(*node)))
}

pub(super) fn child(node: &Node, word: Number) -> Option<&'static Node> {
    let (from, to) = node.children;
    let children = CHILDREN.get(usize::from(from)..usize::from(to))?;
    let at = children.binary_search_by_key(&word, |(word, _)| *word).ok()?;
    NODES.get(usize::from(children.get(at)?.1))
}

pub(super) fn ends(node: &Node) -> &'static [End] {
    let (from, to) = node.ends;
    ENDS.get(usize::from(from)..usize::from(to)).unwrap_or_default()
}

/// How many phrases there are.
pub(super) const fn phrases() -> usize {
    PHRASES
}

/// The fingerprints of one cloud, by what can make them match.
#[derive(Debug)]
pub(super) struct Rules {
    of_phrases: &'static [&'static [(Class, u16)]],
    /// By the state of a job alone.
    pub(super) by_state: &'static [(Class, u16)],
    /// By the form of a code, without words.
    pub(super) by_code: &'static [(Class, u16)],
}

impl Rules {
    /// How many phrases they stand on: those with the first numbers.
    pub(super) fn phrases(&self) -> usize {
        self.of_phrases.len()
    }

    /// Those that a phrase can make match.
    pub(super) fn of(&self, phrase: u16) -> &'static [(Class, u16)] {
        self.of_phrases.get(usize::from(phrase)).copied().unwrap_or_default()
    }
}

pub(super) fn rules(cloud: Cloud) -> &'static Rules {
    match cloud {
        Cloud::Aws => aws_rules(),
        Cloud::Azure => azure_rules(),
    }
}

/// An error that Azure documents, by its name in any case.
pub(crate) fn azure_name(name: &str) -> Option<&'static AzureCode> {
    let compared = |listed: &str| listed.bytes().cmp(name.bytes().map(|byte| byte.to_ascii_lowercase()));
    let at = AZURE_NAMES.binary_search_by(|(listed, _)| compared(listed)).ok()?;
    azure_code(AZURE_NAMES.get(at)?.1)
}

pub(crate) fn azure_number(number: i64) -> Option<&'static AzureCode> {
    let at = AZURE_NUMBERS.binary_search_by_key(&number, |(number, _)| *number).ok()?;
    azure_code(AZURE_NUMBERS.get(at)?.1)
}

/// By the hash of the letters of its text.
pub(crate) fn azure_text(hash: u64) -> Option<&'static AzureCode> {
    let at = AZURE_TEXTS.binary_search_by_key(&hash, |(hash, _)| *hash).ok()?;
    azure_code(AZURE_TEXTS.get(at)?.1)
}

pub(crate) fn azure_codes() -> &'static [AzureCode] {
    AZURE_CODES
}

fn azure_code(place: u16) -> Option<&'static AzureCode> {
    AZURE_CODES.get(usize::from(place))
}

/// All words of all phrases as texts, for a comparison with other ways to seek them.
pub fn sequences() -> &'static [&'static str] {
    SEQUENCES
}
