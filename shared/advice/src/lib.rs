//! What a mail says a person can do. Pure: values in, text out.
//!
//! Read in this order: [`block`] (the whole advice for a failure), [`steps`] (the steps of a data file that fit it), [`commands`] (ready to
//! paste), [`by_hand`] (a backup that a person starts), [`deadline`] (until when somebody has to decide), [`scopes`] (several places at
//! once), [`stack`] (how to claim a fix, where to read on), [`about`] (what a mail is about), [`protection`] (changes that take protection
//! away, and how to undo them).

pub mod about;
pub mod block;
pub mod by_hand;
pub mod commands;
pub mod deadline;
pub mod protection;
pub mod scopes;
pub mod stack;
pub mod steps;
