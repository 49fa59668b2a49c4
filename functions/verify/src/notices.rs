//! What verify says to people, in which words. Pure: plain values in, a notice out.
//!
//! The mails look like the pages of classify: the verdict first, facts before advice, each command ready to paste.

mod breach;
mod comes_next;
mod late;
mod restore_test;
mod still_failing;
mod stuck;
mod verified;
mod words;

pub use breach::Breach;
pub use comes_next::{ComesNext, Next};
pub use restore_test::{RestoreTest, Tests};
pub use still_failing::StillFailing;
pub use stuck::Stuck;
pub use verified::Verified;
pub(crate) use words::job_of;
