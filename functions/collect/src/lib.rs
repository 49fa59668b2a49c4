//! The collect function: brings in what no event tells. Azure sends no events of its backup jobs, so each tick reads the lists of Azure, takes the
//! jobs that ended badly in the time that the tick stands for, and puts each as one event on the bus of this stack. A rule takes them to
//! the queue of classify.
//!
//! Read in this order: [`handler`] (the story of one invocation), [`input`] (what was asked), [`window`] (the time of a tick), [`gather`] and
//! [`complete`] (the reading of Azure), [`merge`] (which of it is to be told), [`event`] (what is said of it), [`coverage`] (what could not be
//! read), [`record`] and [`metrics`] (the log), [`check`] (the answer to `{"check":true}`).

pub mod check;
pub mod complete;
pub mod coverage;
pub mod event;
pub mod gather;
pub mod handler;
pub mod input;
pub mod merge;
pub mod metrics;
pub mod record;
pub mod settings;
pub mod window;
