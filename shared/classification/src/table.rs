//! The root-cause table: one data file a class, read once, each with the rules, the words and the advice of its class.

mod entry;
mod matching;

pub use entry::{
    Confirm, Entry, Evidence, Example, Fingerprint, Names, NearMiss, ProvenBy, RecoveryPoint, Rerun, Step,
};
pub use matching::Match;

use crate::class::Class;
use crate::classify::Symptom;
use matching::Matcher;
use std::fmt;
use std::sync::LazyLock;

/// All entries and the automaton over all their phrases.
#[derive(Debug)]
pub struct Table {
    entries: Vec<Entry>,
    matcher: Matcher,
}

impl Table {
    pub fn entry(&self, class: Class) -> &Entry {
        &self.entries[class as usize]
    }

    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Every fingerprint that the symptom bears. `text` is stripped, `code` the error code of a wrapper.
    pub fn matches(&self, symptom: &Symptom<'_>, text: &str, code: Option<&str>) -> Vec<Match<'_>> {
        self.matcher.matches(&self.entries, symptom, text, code)
    }

    /// Whether `class` wins over `other`, directly or through a third class.
    pub fn dominates(&self, class: Class, other: Class) -> bool {
        self.matcher.dominates(class, other)
    }

    /// Reads the table from the texts of its files. The embedded one comes from [`table`]; tests read altered ones.
    pub fn read(sources: impl Fn(Class) -> String) -> Result<Self, TableError> {
        let entries =
            Class::ALL.into_iter().map(|class| entry::read(class, &sources(class))).collect::<Result<Vec<_>, _>>()?;
        let matcher = Matcher::build(&entries)?;
        Ok(Self { entries, matcher })
    }
}

/// The embedded table, read on first use.
#[expect(clippy::expect_used, reason = "the files are part of the program, and tests/table.rs reads them")]
pub fn table() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(|| {
        Table::read(|class| class.source().to_owned()).expect("the embedded root-cause table is valid")
    });
    &TABLE
}

/// What is wrong with a data file, naming the file.
#[derive(Debug)]
pub struct TableError {
    pub(crate) class: Class,
    pub(crate) problem: String,
}

impl TableError {
    pub(crate) fn new(class: Class, problem: impl fmt::Display) -> Self {
        Self { class, problem: problem.to_string() }
    }
}

impl fmt::Display for TableError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "root-causes/{}.toml: {}", self.class, self.problem)
    }
}

impl std::error::Error for TableError {}
