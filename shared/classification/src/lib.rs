//! Facts of a job -> root cause. Pure: no AWS, no clock, no environment, no I/O.
//!
//! Read in this order: [`job`] (the facts), [`text`] (what a status message says, without its wrappers), [`table`] (the root
//! causes, one data file each in `root-causes/`), [`classify`] (which one wins), [`identity`] (which failures are the same fault),
//! [`episode`] and [`rank`] (which of them deserve a page).

pub mod arn;
pub mod class;
pub mod classify;
pub mod episode;
pub mod identity;
pub mod instant;
pub mod job;
pub mod judged;
pub mod named;
pub mod ours;
pub mod rank;
pub mod table;
pub mod text;
