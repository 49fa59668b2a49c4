//! The order in which pages go out: the largest cause first, but nobody waits long for a page that is not ready.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

/// How long a page that is ready waits for the one before it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Places in the order of the pages.
#[derive(Debug)]
pub struct Queue(Vec<watch::Sender<bool>>);

impl Queue {
    pub fn new(places: usize) -> Self {
        Self((0..places).map(|_| watch::Sender::new(false)).collect())
    }

    /// Waits until the place before is done, or long enough.
    pub async fn turn(&self, place: usize) {
        let Some(before) = place.checked_sub(1).and_then(|before| self.0.get(before)) else { return };
        let _ = timeout(PATIENCE, before.subscribe().wait_for(|done| *done)).await;
    }

    pub fn done(&self, place: usize) {
        if let Some(own) = self.0.get(place) {
            own.send_replace(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn the_order_is_kept_among_those_that_are_ready() {
        let queue = Queue::new(3);
        let order = std::cell::RefCell::new(Vec::new());
        let page = async |place: usize| {
            queue.turn(place).await;
            order.borrow_mut().push(place);
            queue.done(place);
        };
        futures::join!(page(2), page(1), page(0));
        assert_eq!(order.into_inner(), [0, 1, 2]);
    }
}
