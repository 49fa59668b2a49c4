//! Calls that must not take longer than there is time.

use aws::Error;
use tokio::time::{Instant, timeout_at};

/// The answer of a call, or in a sentence why there is none: what AWS said, or that it had not answered by `until`.
///
/// # Errors
/// That sentence.
pub async fn in_time<T>(until: Instant, call: impl Future<Output = Result<T, Error>>) -> Result<T, String> {
    match timeout_at(until, call).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err("there was no time to read it to its end".to_owned()),
    }
}
