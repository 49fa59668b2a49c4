//! The real programs against the simulated account: `classify`, `verify`, `report` and the demo, as they are deployed and run. Before all of
//! them comes the account itself (`simulator`), for it must be trusted before anything is tested against it.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests stop the test, as tests do"
)]

mod azure;
mod azure_edge;
mod changes;
mod classify;
mod collect;
mod cost;
mod faults;
mod matrix;
mod organization;
mod owners;
mod pinned;
mod protection;
mod readme;
mod report;
mod restores;
mod routing;
mod simulator;
mod soak;
mod turns;
mod verify;
