//! The real binaries, run as Lambda runs them.
mod build;
mod function;
mod runtime;

pub use build::binary;
pub use function::{Function, Outcome, TIME_LIMITS};
