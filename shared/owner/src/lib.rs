//! What the tags of a resource say to those who watch its backups: who owns it, how old its last backup may be, and until when somebody accepts
//! that it fails.
//!
//! Read in this order: `tags` (by which names), `said` (what the tags of one resource say, and what of it is wrong), `exception` (an accepted
//! failure), `owned` (whose a resource is, by its own tags and those of its account).

mod exception;
mod owned;
mod said;
mod tags;

pub use exception::{Exception, Standing};
pub use owned::{Owned, Source};
pub use said::{Owner, Said, Wrong};
pub use tags::{ACCEPTED_BECAUSE, ACCEPTED_UNTIL, OwnerTag, RPO_HOURS, Tags};
