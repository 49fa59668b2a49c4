//! Texts that many rows share, kept once.

use std::num::NonZeroU32;

use indexmap::IndexSet;

/// A text that was handed in, as a small number. It counts from one, so that a name that may be missing is no bigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Name(NonZeroU32);

impl Name {
    pub(crate) fn number(self) -> u32 {
        self.0.get()
    }
}

/// The texts behind the numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names(IndexSet<Box<str>>);

impl Names {
    pub(crate) fn keep(&mut self, text: &str) -> Name {
        let place = self.0.get_index_of(text).unwrap_or_else(|| self.0.insert_full(text.into()).0);
        // Four thousand million different texts do not fit into the memory of a function: the number can not overflow before that.
        Name(u32::try_from(place + 1).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MAX))
    }

    pub(crate) fn find(&self, text: &str) -> Option<Name> {
        let place = self.0.get_index_of(text)?;
        u32::try_from(place + 1).ok().and_then(NonZeroU32::new).map(Name)
    }

    pub(crate) fn text(&self, name: Name) -> &str {
        self.0.get_index(name.0.get() as usize - 1).map_or("", |text| text)
    }
}
