//! The real `report` binary against the simulated account. Each test changes the world, lets the morning come, and reads the report back:
//! the mail, the log lines, the metrics and the answer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests stop the test, as tests do"
)]

mod ages;
mod calls;
mod causes;
mod copies;
mod coverage;
mod delivery;
mod flights;
mod machines;
mod schedules;
mod support;
