//! The token by which AWS knows that it has seen an order before.

use classification::identity::RootCauseId;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// The same cause, last failure and attempt always give the same token, in whatever process: a tick that is delivered twice, or runs twice
/// at once, starts one job.
pub fn token(cause: &RootCauseId, last_failure: Timestamp, attempt: usize) -> String {
    of_parts(&[cause.as_str(), &last_failure.as_millisecond().to_string(), &attempt.to_string()])
}

/// The same order in another account.
pub fn in_account(token: &str, account: &str) -> String {
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
