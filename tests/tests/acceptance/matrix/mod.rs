//! Every operation that a function calls meets every fault, one at a time, for as long as the invocation lasts. Whatever it is, nothing is lost,
//! nothing is started twice, and nothing is called good that was not read.
//!
//! `make test` plays a sample, `make soak` all of it; `CELLS="ListGrants: denied"` plays one cell.

mod account;
mod cells;
mod classify;
mod report;
mod told;
mod verify;
