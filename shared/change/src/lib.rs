//! What CloudTrail, or the activity log of Azure, tells of a change. Pure: text in, values out.
//!
//! Read in this order: [`record`] (one event), [`actor`] (who did it, and from where).

pub mod actor;
pub mod record;

pub use actor::{Actor, Address, ShowAddress};
pub use record::Change;
