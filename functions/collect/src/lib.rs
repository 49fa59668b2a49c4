//! The collect function: brings in what no event tells. Azure sends no events of its backup jobs, and accounts of AWS may forward none of theirs. So
//! each tick reads their lists, takes the jobs that ended badly in the time that the tick stands for, and puts each as one event on the bus of this
//! stack. A rule takes them to the queue of classify.
//!
//! Read in this order: [`handler`] (the story of one invocation), [`input`] (what was asked), [`window`] (the time of a tick), [`azure`] and
//! [`members`] (the reading of each cloud, and what is said of it), [`ready`] (what both hand over), [`coverage`] (what could not be read), [`record`]
//! and [`metrics`] (the log), [`check`] (the answer to `{"check":true}`).

pub mod azure;
pub mod check;
pub mod coverage;
pub mod handler;
pub mod input;
pub mod members;
pub mod metrics;
pub mod ready;
pub mod record;
pub mod settings;
pub mod window;
