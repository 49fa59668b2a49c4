//! Facts of a job -> root cause. Pure: no AWS, no clock, no environment, no I/O.
//!
//! Read in this order: [`text`] (what a status message says, without its wrappers), [`table`] (the root
//! causes, one data file each in `root-causes/`), [`classify`] (which one wins), [`identity`] (which failures are the same fault).

pub mod class;
pub mod classify;
pub mod identity;
pub mod named;
pub mod table;
pub mod text;
