//! What verify decides and writes, as plain values in and plain values out: no AWS, no clock.
//!
//! `world` builds the facts and asks for the answer. `status` is the table of statuses row by row, `classes` the policies of each
//! class, `episodes` what counts as proof and as attempt, `candidates` which resource is taken, `orders` what its job looks like,
//! `nights` lets random weeks pass, `mails` has every mail of a cause as a snapshot,
//! and `stuck` those of jobs that hang.

#![allow(clippy::unwrap_used, reason = "a test may stop where its own data is wrong")]

mod azure;
mod candidates;
mod classes;
mod episodes;
mod mails;
mod nights;
mod orders;
mod proofs;
mod status;
mod still_failing;
mod stuck;
mod world;
