//! What verify says to people, in which words. Pure: plain values in, a notice out.
//!
//! The mails look like the pages of classify: the verdict first, facts before advice, each command ready to paste.

mod breach;
mod late;
mod restore_test;
mod still_failing;
mod stuck;
mod verified;
mod words;

pub use breach::Breach;
pub use restore_test::{RestoreTest, Tests};
pub use still_failing::{Next, StillFailing};
pub use stuck::Stuck;
pub use verified::Verified;
pub(crate) use words::job_of;
