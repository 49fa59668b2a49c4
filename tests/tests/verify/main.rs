//! The real `verify` binary against the simulated account. Each test breaks the world, mends it, lets time pass, and reads the world back:
//! which jobs are there, which mails went out, what the answer and the log say.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests stop the test, as tests do"
)]

mod calls;
mod claims;
mod copies;
mod partial;
mod proof;
mod refusals;
mod rerun;
mod stuck;
mod support;
