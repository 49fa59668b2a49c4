//! The root-cause table: one data file a class, with the rules, the words and the advice of its class, and the lists of error codes.
//! The build script checks the files and makes them constant data; see `build/`.

mod code;
mod entry;
mod matching;
pub(crate) mod ready;

pub use entry::{
    Confirm, Entry, Evidence, Example, Fingerprint, Names, NearMiss, Phrase, ProvenBy, Reach, RecoveryPoint, Rerun,
    Step,
};
pub use matching::Match;
pub use ready::sequences;

pub(crate) use code::{Listed, by_form, listed};
pub(crate) use matching::Said;

use crate::class::Class;
use crate::symptom::Symptom;
use std::sync::LazyLock;

/// All entries, and who wins over whom.
#[derive(Clone, Debug)]
pub struct Table {
    entries: [&'static Entry; Class::ALL.len()],
    /// For each class the classes that lose to it, directly or through a third, as bits.
    dominated: [u32; Class::ALL.len()],
    /// Which fingerprints a phrase can make match is made ready for the embedded entries; of others each is asked.
    asks_each: bool,
}

impl Table {
    pub fn entry(&self, class: Class) -> &'static Entry {
        self.entries[class as usize]
    }

    pub fn entries(&self) -> impl Iterator<Item = &'static Entry> {
        self.entries.into_iter()
    }

    /// Whether `class` wins over `other`, directly or through a third class.
    pub fn dominates(&self, class: Class, other: Class) -> bool {
        self.dominated[class as usize] >> (other as u32) & 1 == 1
    }

    /// The table with another entry of a class: tests take a rule or a phrase away to see whether it is needed.
    #[must_use]
    pub fn with(&self, entry: Entry) -> Self {
        let mut entries = self.entries;
        entries[entry.class as usize] = Box::leak(Box::new(entry));
        Self { asks_each: true, ..Self::of(entries) }
    }

    /// Every fingerprint that a symptom bears.
    pub(crate) fn matches(&self, symptom: &Symptom<'_>, said: Said<'_>) -> Vec<Match> {
        matching::matches(self, symptom, said)
    }

    fn of(entries: [&'static Entry; Class::ALL.len()]) -> Self {
        let mut dominated = entries.map(|entry| entry.over.iter().fold(0, |bits, class| bits | 1 << (*class as u32)));
        // The build script refuses circles, so that a class cannot come to win over itself.
        for through in Class::ALL {
            let further = dominated[through as usize];
            for bits in &mut dominated {
                if *bits >> (through as u32) & 1 == 1 {
                    *bits |= further;
                }
            }
        }
        Self { entries, dominated, asks_each: false }
    }
}

impl Class {
    /// What its data file says.
    pub fn entry(self) -> &'static Entry {
        ready::entry(self)
    }
}

/// The embedded table.
pub fn table() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(|| Table::of(ready::entries()));
    &TABLE
}
