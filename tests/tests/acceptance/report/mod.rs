//! The real `report` binary against the simulated account. Each test changes the world, lets the morning come, and reads the report back:
//! the mail, the log lines, the metrics and the answer.

mod ages;
mod calls;
mod causes;
mod copies;
mod coverage;
mod delivery;
mod flights;
mod keeping;
mod machines;
mod pages;
mod periods;
mod schedules;
mod selections;
pub(crate) mod support;
