//! What the tags of a resource say to those who watch its backups: who owns it, how old its last backup may be, and until when somebody accepts
//! that it fails.
//!
//! Read in this order: `tags` (by which names), `said` (what the tags of one resource say, and what of it is wrong), `exception` (an accepted
//! failure), `owned` (whose a resource is, by its own tags and those of its account), `owners` (the same of many resources), `by_place` (of many places), `acting`
//! (what mails say of it).

mod acting;
mod by_place;
mod exception;
mod owned;
mod owners;
mod said;
mod tags;

pub use acting::Acting;
pub use by_place::ByPlace;
pub use exception::{Exception, Standing};
pub use owned::{Owned, Source};
pub use owners::Owners;
pub use said::{Owner, Said, Wrong};
pub use tags::{ACCEPTED_BECAUSE, ACCEPTED_UNTIL, OwnerTag, RPO_HOURS, Tags};
