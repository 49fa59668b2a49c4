//! Which root causes are fixed? One rerun for each, followed to COMPLETED.
//!
//! The way of a tick: [`input`] reads what was asked. Places are gone through in rounds ([`round`]): our own first, and side by side with it
//! those of other accounts and Regions ([`members`]; [`outside`] is about those that do not let us in, [`quiet`] about those in which nothing failed, [`turns`] about which time is asked).
//! Each place that is watched gets a
//! [`visit`], in which [`review`] goes over its root causes:
//! [`gather`] lists what is on record, [`memory`] holds what Azure forgets, [`ledger`] groups it by root cause, [`standing`] says where each
//! cause stands, [`probe`] whether it is fixed, [`rerun`] which job would prove it, [`decide`] what to do. [`announce`] chooses what came of
//! earlier reruns, [`restore_tests`] what came of restore tests, [`notices`] has the words for it, [`owners`] says whose it is and what somebody accepts, [`tell`] sends them, [`act`] starts the next ones, [`protection`] asks CloudTrail for changes of which AWS Backup sends no event, [`stop`] ends jobs that hang where a
//! person says so, [`catch_up`] backs up what a cause held back, [`record`] logs it. [`evidence`] is the document of one cause for auditors, [`changed`] who changed what. [`handler`] is that story from top to bottom.

pub mod act;
pub mod announce;
pub mod catch_up;
pub mod changed;
pub mod coverage;
pub mod deadline;
pub mod decide;
pub mod evidence;
pub mod gather;
pub mod handler;
pub mod input;
pub mod ledger;
pub mod members;
pub mod memory;
pub mod notices;
pub mod outside;
pub mod owners;
pub mod probe;
pub mod protection;
mod quiet;
pub mod record;
pub mod rerun;
pub mod restore_tests;
pub mod review;
pub mod round;
pub mod settings;
pub mod standing;
pub mod stop;
pub mod tell;
pub mod token;
mod turns;
pub mod visit;
