//! One backup, copy or restore job, as every cloud's edge builds it. Pure: no clock, no environment, no I/O.
//!
//! Read in this order: `job` (the facts of a job), `origin` (who made it), `arn` (the names in it), `instant` (which times are believed).

mod arn;
mod instant;
mod job;
pub mod origin;

pub use arn::Arn;
pub use instant::believable;
pub use job::{CreatedBy, Job, JobKind, JobState};
