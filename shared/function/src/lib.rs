//! What the functions have in common. Each of them decides by itself; here is what they stand on.
//!
//! Read in this order: [`serve`] (a function from start to stop), [`settings`] and [`clock`] (what it starts with), [`invocation`] (who it
//! is and how long it has), [`lists`] (what of AWS Backup's records it reads), [`made`] (what a job left), [`diagnosis`] (what is wrong, by
//! the evidence), [`commands`] and [`advice`] (how to confirm and mend it), [`stack`] (how to claim it fixed, where to read on), [`publish`]
//! and [`record`] (telling people and the log).

pub mod advice;
pub mod clock;
pub mod commands;
pub mod diagnosis;
pub mod in_time;
pub mod invocation;
pub mod lists;
pub mod made;
pub mod plans;
pub mod publish;
pub mod record;
pub mod scheduler;
pub mod serve;
pub mod settings;
pub mod stack;
