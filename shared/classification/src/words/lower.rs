//! A word in the form in which the table has it.

use super::{Number, stem};
use crate::table::ready;

/// A word in lower case, without an allocation. What is longer is no word of the table.
pub(super) struct Lower {
    bytes: [u8; 48],
    length: usize,
    too_long: bool,
}

impl Default for Lower {
    fn default() -> Self {
        Self { bytes: [0; 48], length: 0, too_long: false }
    }
}

impl Lower {
    pub(super) fn of(word: &str) -> Self {
        let mut lower = Self::default();
        match lower.bytes.get_mut(..word.len()) {
            Some(bytes) => {
                bytes.copy_from_slice(word.as_bytes());
                bytes.make_ascii_lowercase();
                lower.length = word.len();
            }
            None => lower.too_long = true,
        }
        lower
    }

    pub(super) fn push(&mut self, byte: u8) {
        match self.bytes.get_mut(self.length) {
            Some(slot) => {
                *slot = byte.to_ascii_lowercase();
                self.length += 1;
            }
            None => self.too_long = true,
        }
    }

    pub(super) fn found(&self) -> Option<(Number, u8)> {
        if self.too_long { None } else { ready::word(self.bytes.get(..self.length)?) }
    }

    pub(super) fn stemmed(&mut self) -> Option<(Number, u8)> {
        if self.too_long {
            return None;
        }
        self.length = stem::stem(self.bytes.get_mut(..self.length)?);
        self.found()
    }
}
