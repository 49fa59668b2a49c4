//! The simulated AWS account: a world whose jobs fail because something in it is wrong, an HTTP server that speaks the
//! wire protocols of Backup, KMS, IAM and SNS about it, and a Lambda runtime that runs the real binaries against both.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test world that breaks must stop the test at once, with the place where it broke"
)]

pub mod addresses;
pub mod bench;
pub mod demo;
pub mod events;
pub mod filter;
pub mod lambda;
pub mod pattern;
pub mod server;
pub mod told;
pub mod world;

pub use lambda::{Function, Outcome};
pub use server::{At, Call, Fault, Held, Published, Repeat, Simulator, Tokens};
pub use world::{Organization, Wording, World};

/// The root of the project.
pub const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
