//! Facts of a job -> root cause. Pure: no AWS, no clock, no environment, no I/O.
//!
//! Read in this order: [`symptom`] (the facts that decide a class), [`text`] (what a status message says, without its wrappers), `words`
//! (what of it are words and what are names), [`table`] (the root causes, one data file each in `root-causes/`, and the error codes),
//! [`classify`] (which one wins), `azure` (the same for Azure, whose errors have names and numbers), [`identity`] (which failures are the same fault).

mod azure;
pub mod class;
pub mod classify;
pub mod identity;
pub mod named;
pub mod symptom;
pub mod table;
pub mod text;
mod words;
