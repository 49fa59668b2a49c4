//! What a mail says a person can do. Pure: values in, text out.
//!
//! Read in this order: [`steps`] (the steps of a data file that fit a failure), [`commands`] (ready to paste), [`stack`] (how to claim a fix,
//! where to read on).

pub mod commands;
pub mod stack;
pub mod steps;
