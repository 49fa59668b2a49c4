//! The life of a root cause. Pure: no clock, no environment, no I/O; "now" is always an argument.
//!
//! Read in this order: [`judged`] (jobs with their root causes), [`group`] (a cause and all that failed of it), [`episode`] (from its first
//! failure to its proof), [`rank`] (which failures deserve a page), [`stuck`] (which jobs on their way
//! hang), [`restore`] (what restores prove).

use jiff::SignedDuration;

pub mod episode;
pub mod group;
pub mod judged;
pub mod rank;
pub mod restore;
pub mod stuck;

/// AWS lists the end of a job some time after it. Nothing is said of a good job before this much time has passed since its end.
pub const SETTLED: SignedDuration = SignedDuration::from_mins(10);
