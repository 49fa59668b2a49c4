//! The token by which AWS knows that it has seen an order before.

use classification::identity::RootCauseId;
use jiff::Timestamp;
use job::Job;
use sha2::{Digest, Sha256};

/// The same cause, last failure and attempt always give the same token, in whatever process: a tick that is delivered twice, or runs twice
/// at once, starts one job.
pub fn token(cause: &RootCauseId, last_failure: Timestamp, attempt: usize) -> String {
    of_parts(&[cause.as_str(), &last_failure.as_millisecond().to_string(), &attempt.to_string()])
}

/// The same cause, resource, kind of job and last failure always give the same token: who asks twice has one job started.
pub(crate) fn of_catch_up(cause: &RootCauseId, failure: &Job) -> String {
    let ended = failure.ended.map(|ended| ended.as_millisecond().to_string()).unwrap_or_default();
    of_parts(&["catch-up", cause.as_str(), failure.kind.as_str(), &failure.resource_arn, &ended])
}

/// The same order in another account.
pub(crate) fn in_account(token: &str, account: &str) -> String {
    of_parts(&[token, account])
}

fn of_parts(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
        hash.update([0x1f]);
    }
    let digits: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("night-one-{digits}")
}
