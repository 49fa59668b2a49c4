//! Bad job events -> one page per root cause, with evidence and the exact fix.
//!
//! The way of an event: [`intake`] reads it, [`history`] lists what AWS Backup has on record, [`causes`] groups by root cause, [`reruns`]
//! leaves ours to verify, [`storm`] decides whether the cause pages now, [`risk`] and [`source::diagnosis`] look into the account, [`severity`] and [`page`] say it,
//! [`lambda::publish`] sends it, [`record`] logs it. [`handler`] is that story from top to bottom.

pub mod causes;
pub mod handler;
pub mod history;
pub mod intake;
pub mod page;
pub mod record;
pub mod reruns;
pub mod risk;
pub mod settings;
pub mod severity;
pub mod storm;
