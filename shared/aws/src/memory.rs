//! What the looks of one invocation share: several causes have one role and one list of vaults, and what was read for one tells for all.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::LocalBoxFuture;
use tokio::sync::OnceCell;

/// Answers by what was asked for. An error is not kept: the next one that asks has its own time, and asks again.
#[derive(Debug)]
pub struct Memory<T>(Mutex<BTreeMap<String, Arc<OnceCell<T>>>>);

impl<T> Default for Memory<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Memory<T> {
    /// The answer that is known, else the one that `read` brings. Those who ask while it is being read wait for it.
    ///
    /// `read` is boxed: futures within futures within futures, as evidence is made of, are more than the compiler can see through, and more
    /// than the stack of a test can hold.
    ///
    /// # Errors
    /// That of `read`.
    pub async fn get<E>(&self, what: &str, read: LocalBoxFuture<'_, Result<T, E>>) -> Result<T, E> {
        let cell = {
            let mut cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(cells.entry(what.to_owned()).or_default())
        };
        cell.get_or_try_init(|| read).await.cloned()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures::FutureExt;
    use futures::future::join;

    use super::*;
    use crate::error::Error;

    #[tokio::test]
    async fn an_answer_is_read_once_and_an_error_is_asked_again() {
        let (memory, reads) = (Memory::default(), Cell::new(0));
        let good = async || {
            reads.set(reads.get() + 1);
            tokio::task::yield_now().await;
            Ok::<_, Error>(reads.get())
        };
        let bad = async || {
            reads.set(reads.get() + 1);
            Err(Error::no_time("iam:GetRole"))
        };
        assert_eq!(memory.get("a", bad().boxed_local()).await, Err(Error::no_time("iam:GetRole")));
        assert_eq!(
            join(memory.get("a", good().boxed_local()), memory.get("a", good().boxed_local())).await,
            (Ok(2), Ok(2)),
            "two at once"
        );
        assert_eq!(memory.get("a", bad().boxed_local()).await, Ok(2));
        assert_eq!(memory.get("b", good().boxed_local()).await, Ok(3));
        assert_eq!(reads.get(), 3);
    }
}
