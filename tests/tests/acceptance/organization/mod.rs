//! The real functions in the account of a backup team, against an organization of many accounts.

mod classify;
mod processes;
mod report;
mod verify;
mod whose;
