//! One report for both clouds.

mod changes;
mod gaps;
mod mail;
mod verdicts;
pub(super) mod worlds;
