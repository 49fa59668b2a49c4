//! The root-cause table: one data file a class, with the rules, the words and the advice of its class, and the lists of error codes.
//! The build script checks the files and makes them constant data; see `build/`.

mod azure_code;
mod code;
mod entry;
mod matching;
pub(crate) mod ready;

pub use azure_code::{AzureCode, Transient};
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
use job::Cloud;
use std::sync::LazyLock;

/// The entries of one cloud, and who wins over whom.
#[derive(Clone, Debug)]
struct Part {
    entries: [&'static Entry; Class::ALL.len()],
    /// For each class the classes that lose to it, directly or through a third, as bits.
    dominated: [u32; Class::ALL.len()],
}

/// All entries of all clouds.
#[derive(Clone, Debug)]
pub struct Table {
    aws: Part,
    azure: Part,
    /// Which fingerprints a phrase can make match is made ready for the embedded entries; of others each is asked.
    asks_each: bool,
}

impl Table {
    /// What AWS's part says of a class.
    pub fn entry(&self, class: Class) -> &'static Entry {
        self.entry_in(Cloud::Aws, class)
    }

    pub fn entry_in(&self, cloud: Cloud, class: Class) -> &'static Entry {
        self.part(cloud).entries[class as usize]
    }

    /// The entries of AWS.
    pub fn entries(&self) -> impl Iterator<Item = &'static Entry> {
        self.entries_in(Cloud::Aws)
    }

    pub fn entries_in(&self, cloud: Cloud) -> impl Iterator<Item = &'static Entry> {
        self.part(cloud).entries.into_iter()
    }

    /// Whether `class` wins over `other`, directly or through a third class.
    pub fn dominates_in(&self, cloud: Cloud, class: Class, other: Class) -> bool {
        self.part(cloud).dominated[class as usize] >> (other as u32) & 1 == 1
    }

    /// The table with another entry of a class: tests take a rule or a phrase away to see whether it is needed.
    #[must_use]
    pub fn with(&self, entry: Entry) -> Self {
        let mut table = Self { asks_each: true, ..self.clone() };
        let part = match entry.cloud {
            Cloud::Aws => &mut table.aws,
            Cloud::Azure => &mut table.azure,
        };
        let mut entries = part.entries;
        entries[entry.class as usize] = Box::leak(Box::new(entry));
        *part = Part::of(entries);
        table
    }

    /// Every fingerprint that a symptom bears.
    pub(crate) fn matches(&self, symptom: &Symptom<'_>, said: Said<'_>) -> Vec<Match> {
        matching::matches(self, symptom, said)
    }

    fn part(&self, cloud: Cloud) -> &Part {
        match cloud {
            Cloud::Aws => &self.aws,
            Cloud::Azure => &self.azure,
        }
    }
}

impl Part {
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
        Self { entries, dominated }
    }
}

impl Class {
    /// What its data file says of AWS.
    pub fn entry(self) -> &'static Entry {
        ready::aws_entry(self)
    }

    /// What its data file says of a cloud.
    pub fn entry_in(self, cloud: Cloud) -> &'static Entry {
        match cloud {
            Cloud::Aws => ready::aws_entry(self),
            Cloud::Azure => ready::azure_entry(self),
        }
    }
}

/// The errors that Azure documents.
pub fn azure_codes() -> &'static [AzureCode] {
    ready::azure_codes()
}

/// The embedded table.
pub fn table() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(|| {
        let part = |cloud| Part::of(Class::ALL.map(|class| class.entry_in(cloud)));
        Table { aws: part(Cloud::Aws), azure: part(Cloud::Azure), asks_each: false }
    });
    &TABLE
}
