//! What a mail says a person can do. Pure: values in, text out.
//!
//! Read in this order: [`block`] (the whole advice for a failure), [`steps`] (the steps of a data file that fit it), [`commands`] (ready to
//! paste), [`stack`] (how to claim a fix, where to read on), [`about`] (what a mail is about).

pub mod about;
pub mod block;
pub mod commands;
pub mod stack;
pub mod steps;
