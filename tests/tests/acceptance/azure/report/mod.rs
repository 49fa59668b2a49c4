//! One report for both clouds.

mod gaps;
mod mail;
mod verdicts;
mod worlds;
