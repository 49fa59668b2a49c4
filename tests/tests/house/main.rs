//! What must hold of the files of this project: its build settings, its documents, its template. Nothing is started here but cargo.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests stop the test, as tests do"
)]

mod build_settings;
mod docs;
mod forbidden;
mod mails;
mod sources;
mod template;
mod toolchain;
