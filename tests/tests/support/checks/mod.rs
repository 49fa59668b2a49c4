//! Checks: functions from the template to a list of faults.

pub(crate) mod access;
pub(crate) mod alarms;
pub(crate) mod audit;
pub(crate) mod delivery;
pub(crate) mod drawing;
pub(crate) mod events;
pub(crate) mod inventory;
pub(crate) mod permissions;
mod policy;
pub(crate) mod queries;
pub(crate) mod schedules;
pub(crate) mod spoiled;
pub(crate) mod spoiled_watch;
pub(crate) mod variables;
