//! What the functions have in common as Lambda functions.
//!
//! Read in this order: [`serve`] (a function from start to stop), [`settings`] and [`clock`] (what it starts with), [`invocation`] (who it
//! is and how long it has), [`scheduler`] (the time of a tick), [`publish`], [`record`] and
//! [`metrics`] (telling people, the log and CloudWatch), [`nights`] (what is kept in a bucket).

pub mod clock;
pub mod invocation;
pub mod metrics;
pub mod nights;
pub mod publish;
pub mod record;
pub mod scheduler;
pub mod serve;
pub mod settings;
