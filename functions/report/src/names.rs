//! Texts that many rows share, kept once.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;

/// A text that was handed in, as a small number. It counts from one, so that a name that may be missing is no bigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Name(NonZeroU32);

/// The texts behind the numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    texts: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, Name>,
}

impl Names {
    pub(crate) fn keep(&mut self, text: &str) -> Name {
        if let Some(name) = self.numbers.get(text) {
            return *name;
        }
        // Four thousand million different texts do not fit into the memory of a function: the number can not overflow before that.
        let text: Arc<str> = text.into();
        self.texts.push(text.clone());
        let number = u32::try_from(self.texts.len()).ok().and_then(NonZeroU32::new);
        let name = Name(number.unwrap_or(NonZeroU32::MAX));
        self.numbers.insert(text, name);
        name
    }

    pub(crate) fn text(&self, name: Name) -> &str {
        self.texts.get(name.0.get() as usize - 1).map_or("", |text| text)
    }
}
