//! What messages brought.

use std::collections::BTreeMap;

/// One thing, with the ids of the messages that brought it. A bare event has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered<T> {
    pub what: T,
    pub message_ids: Vec<String>,
}

impl<T> Delivered<T> {
    /// Each thing once, with all messages that brought it, in the order of their keys.
    pub fn once<K: Ord>(all: impl IntoIterator<Item = Self>, key: impl Fn(&T) -> K) -> Vec<Self> {
        let mut by_key: BTreeMap<K, Self> = BTreeMap::new();
        for Self { what, message_ids } in all {
            let slot = by_key.entry(key(&what)).or_insert_with(|| Self { what, message_ids: Vec::new() });
            slot.message_ids.extend(message_ids);
        }
        by_key.into_values().collect()
    }
}
