//! Facts of a job -> root cause. Pure: no AWS, no clock, no environment, no I/O.
//!
//! Read in this order: [`job`] (the facts), [`symptom`] (those that decide a class), [`text`] (what a status message says, without its
//! wrappers), `words` (what of it are words and what are names), [`table`] (the root causes, one data file each in `root-causes/`, and
//! the error codes), [`classify`] (which one wins), [`identity`] (which failures are the same fault), [`episode`] and [`rank`] (which of
//! them deserve a page).

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
pub mod symptom;
pub mod table;
pub mod text;
mod words;
