//! Both clouds from one stack: what collect brings in, and what classify, verify and report make of it.

mod names;
mod owners;
mod pages;
mod report;
mod secrets;
mod support;
mod vaults;
mod verify;
