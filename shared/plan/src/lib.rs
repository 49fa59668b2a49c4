//! What backup plans promise, whom their selections cover, and the orders that do what a rule does.
//!
//! Pure: values in, values out. `plan` is what AWS Backup holds of a plan, `selection` says which resources it covers and as whom,
//! `order` is one job to start.

mod order;
mod plan;
mod selection;

pub use order::{BackupOrder, CopyOrder};
pub use plan::{CopyAction, Lifecycle, Plan, Rule, TypeOptions};
pub use selection::{Covers, Selection};
