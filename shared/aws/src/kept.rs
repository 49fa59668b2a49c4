//! What changes seldom is kept while a process is warm.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Answers, each with when it was read.
#[derive(Debug)]
pub(crate) struct Kept<K, V>(Mutex<HashMap<K, (Instant, V)>>);

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Clone> Kept<K, V> {
    /// One that was read at most `ago` before now.
    pub(crate) fn young(&self, key: &K, ago: Duration) -> Option<V> {
        self.with(|kept| kept.get(key).filter(|(read, _)| read.elapsed() < ago).map(|(_, value)| value.clone()))
    }

    /// Keeps what was just read.
    pub(crate) fn keep(&self, key: K, value: &V) {
        self.with(|kept| kept.insert(key, (Instant::now(), value.clone())));
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashMap<K, (Instant, V)>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
