//! One call: its turn at the gate, its time limit, its sorted error.

use std::pin::Pin;

use tokio::time::{Instant, timeout_at};

use crate::error::{Error, Failure};
use crate::gate::Gate;

/// What comes of some work for an operation, unless it takes longer than `until`.
///
/// # Errors
/// That of the work, or [`Error::no_time`].
pub async fn in_time<T>(
    until: Instant,
    operation: &'static str,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    timeout_at(until, work).await.unwrap_or_else(|_| Err(Error::no_time(operation)))
}

/// When the first of `parts` pieces of work that follow one another has to be over, so that each gets as much of the time until `until`.
pub fn share(until: Instant, parts: u32) -> Instant {
    let now = Instant::now();
    now + until.saturating_duration_since(now) / parts.max(1)
}

impl Gate {
    /// Waits for a turn and sends. Gives up when the time is over.
    ///
    /// The SDK's future of one call has 24 kB. It lies on the heap, so that those who wait for it do not each move it on.
    pub(crate) fn call<'a, T: 'a, E: Failure + 'a>(
        &'a self,
        until: Instant,
        operation: &'static str,
        send: impl Future<Output = Result<T, E>> + 'a,
    ) -> impl Future<Output = Result<T, Error>> + 'a {
        let send: Pin<Box<dyn Future<Output = _> + 'a>> = Box::pin(send);
        let in_turn = async move {
            let _turn = self.turn().await;
            send.await.map_err(|error| error.sorted(operation))
        };
        in_time(until, operation, in_turn)
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::time::Duration;

    use aws_sdk_backup::config::http::HttpResponse;
    use aws_sdk_backup::error::SdkError;
    use aws_sdk_backup::operation::get_backup_plan::GetBackupPlanError;

    use super::*;
    use crate::error::ErrorKind;

    const OPERATION: &str = "backup:GetBackupPlan";
    type Answer = Result<u8, SdkError<GetBackupPlanError, HttpResponse>>;

    #[test]
    fn what_is_left_is_shared() {
        let now = Instant::now();
        for (left, parts, least, most) in [(60, 1, 59, 60), (60, 3, 19, 20), (60, 0, 59, 60), (0, 3, 0, 0)] {
            let share = share(now + Duration::from_secs(left), parts).saturating_duration_since(now).as_secs_f64();
            assert!((least as f64..=most as f64 + 1.0).contains(&share), "{left} / {parts}: {share}");
        }
    }

    #[tokio::test]
    async fn a_call_is_answered_or_says_why_not() {
        let gate = Gate::new(100);
        let soon = || Instant::now() + Duration::from_millis(20);
        let answer: Answer = Ok(1);
        assert_eq!(gate.call(soon(), OPERATION, ready(answer)).await, Ok(1));
        let answer: Answer = Err(SdkError::timeout_error("too slow"));
        let error = gate.call(soon(), OPERATION, ready(answer)).await.unwrap_err();
        assert_eq!((error.kind, error.operation), (ErrorKind::Unavailable, OPERATION));
        assert_eq!(gate.call(soon(), OPERATION, pending::<Answer>()).await, Err(Error::no_time(OPERATION)));
    }

    #[test]
    fn who_waits_for_a_call_does_not_hold_it() {
        let gate = Gate::new(100);
        let large = async {
            let held = std::hint::black_box([0_u8; 20_000]);
            ready(()).await;
            Answer::Ok(held[0])
        };
        let waits = gate.call(Instant::now(), OPERATION, large);
        assert!(size_of_val(&waits) < 1_000, "{} bytes", size_of_val(&waits));
    }

    #[tokio::test]
    async fn one_that_waits_for_its_turn_until_the_time_is_over_is_not_sent() {
        let gate = Gate::new(100);
        let mut turns = Vec::new();
        for _ in 0..8 {
            turns.push(gate.turn().await);
        }
        let sent = std::cell::Cell::new(false);
        let send = async {
            sent.set(true);
            Ok::<u8, SdkError<GetBackupPlanError, HttpResponse>>(1)
        };
        let until = Instant::now() + Duration::from_millis(20);
        assert_eq!(gate.call(until, OPERATION, send).await, Err(Error::no_time(OPERATION)));
        assert!(!sent.get());
    }
}
