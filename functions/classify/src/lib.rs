//! Bad job events -> one page per root cause, with evidence and the exact fix.
//!
//! The way of an event: [`intake`] reads it, [`history`] lists what AWS Backup has on record, [`causes`] groups by root cause, [`reruns`]
//! leaves ours to verify, [`owners`] says whose they are and leaves out what is accepted, [`fault`] joins what is one fault in several accounts ([`elsewhere`] lists the rest of it, [`seen`] remembers what came before, also of accounts that cannot be looked into), [`decide`] says
//! whether it pages [`tonight`] by the [`proofs`] of its causes, [`incidents`] names its accounts, [`changed`] asks who changed it, [`look`] and
//! [`source::diagnosis`] look into the account (what several causes need is [`asked`] once) until the [`deadline`], [`promised`] and [`risk`] say what that means, [`severity`] and
//! [`page`] tell it, [`lambda::publish`] sends it in the order of [`queue`], [`record`] logs it, [`protection`] looks into changes of plans, vaults and settings, [`outcome`] is the answer. [`handler`] is that story from top to
//! bottom.

pub mod asked;
pub mod causes;
pub mod changed;
pub mod deadline;
pub mod decide;
mod elsewhere;
pub mod fault;
pub mod handler;
pub mod history;
pub mod incidents;
pub mod intake;
pub mod look;
pub mod outcome;
pub mod owners;
pub mod page;
pub mod promised;
pub mod proofs;
pub mod protection;
pub mod queue;
pub mod record;
pub mod reruns;
pub mod risk;
pub mod seen;
pub mod settings;
pub mod severity;
pub mod tonight;
mod visit;
