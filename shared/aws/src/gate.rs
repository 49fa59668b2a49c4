//! Keeps the callers of one service within its request rate, so that they may join as many lookups as they like.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until};

/// At most eight calls in flight, and no more than `per_second` begun in a second once the first second's worth is used up.
#[derive(Debug)]
pub(crate) struct Gate {
    in_flight: Semaphore,
    every: Duration,
    burst: Duration,
    /// When the next call would begin if all calls were spread evenly.
    next: Mutex<Option<Instant>>,
}

impl Gate {
    const IN_FLIGHT: usize = 8;

    pub(crate) fn new(per_second: u32) -> Self {
        let burst = Duration::from_secs(1);
        Self {
            in_flight: Semaphore::new(Self::IN_FLIGHT),
            every: burst / per_second.max(1),
            burst,
            next: Mutex::new(None),
        }
    }

    /// Waits for a turn. The turn ends when the answer is dropped.
    pub(crate) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // Never closed, so there always is a permit; were it closed, going on ungated would be the lesser evil.
        let permit = self.in_flight.acquire().await.ok();
        let now = Instant::now();
        let start = self.reserve(now);
        // A timer of tokio takes a millisecond even where its time has come.
        if start > now {
            sleep_until(start).await;
        }
        permit
    }

    /// Takes the next place in the even spread, and says when it may begin.
    fn reserve(&self, now: Instant) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let place = next.unwrap_or(now).max(now);
        *next = Some(place + self.every);
        place.checked_sub(self.burst).unwrap_or(now).max(now)
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_turn_that_is_free_waits_for_no_timer() {
        let gate = Gate::new(10);
        assert!(gate.turn().now_or_never().is_some());
    }

    #[test]
    fn a_seconds_worth_begins_at_once_and_the_rest_is_spread() {
        let gate = Gate::new(10);
        let now = Instant::now();
        let waits: Vec<u128> = (0..14).map(|_| (gate.reserve(now) - now).as_millis()).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 200, 300]);
    }
}
