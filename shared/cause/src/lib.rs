//! The life of a root cause. Pure: no clock, no environment, no I/O; "now" is always an argument.
//!
//! Read in this order: [`judged`] (jobs with their root causes), [`episode`] (from its first failure to its proof), [`rank`] (which failures
//! deserve a page).

pub mod episode;
pub mod judged;
pub mod rank;
pub mod stuck;
