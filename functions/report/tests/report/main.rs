//! Nights as stories: what the account holds, and what the report makes of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests stop the test, as tests do"
)]

mod copies;
mod coverage;
mod first;
mod keeping;
mod ledger;
mod machines;
mod mails;
mod night;
mod owners;
mod pace;
mod periods;
mod selections;
mod unplanned;
mod verdicts;
mod world;
