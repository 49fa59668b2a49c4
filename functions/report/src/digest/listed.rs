//! A list of the mail: its first entries in words, and how many there are.

use serde::{Deserialize, Serialize};

/// Entries in a list; the rest is counted.
pub(super) const NAMES: usize = 20;

/// The first of a list as people read them, and how many there are: a list of 100,000 is not written out to be cut.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    pub told: Vec<String>,
    pub count: usize,
}

impl Listed {
    pub fn of<T>(all: impl IntoIterator<Item = T>, told: impl FnMut(T) -> String) -> Self {
        let mut all = all.into_iter();
        let told: Vec<String> = all.by_ref().take(NAMES).map(told).collect();
        let count = told.len() + all.count();
        Self { told, count }
    }

    pub fn add(&mut self, other: Self) {
        self.count += other.count;
        let room = NAMES.saturating_sub(self.told.len());
        self.told.extend(other.told.into_iter().take(room));
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many are not told.
    pub fn rest(&self) -> usize {
        self.count.saturating_sub(self.told.len())
    }

    /// Each entry, and at the end how many more there are.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = self.told.clone();
        if self.rest() > 0 {
            lines.push(format!("and {} more", self.rest()));
        }
        lines
    }
}
