//! What the functions read of the clouds that this stack watches: the seam between them and the edges.
//!
//! Read in this order: `clouds` (what lives as long as the process), `source` (one place, and what can be asked of it), `error` (what can go wrong), `sources` (all places), `names` (what people call them), [`central`] (what one account sees of all), `place` and [`policy`] (Azure), [`lists`] (which of its records are read), `bad` (those that ended badly),
//! `plans` (plans with their selections), `tags` (of many resources at once), [`made`] (what a job left), [`diagnosis`] (what is wrong, by the evidence), [`sight`] (what can be seen of
//! it in Azure), [`trail`] (who changed it).

mod bad;
pub mod central;
mod clouds;
pub mod diagnosis;
mod error;
pub mod lists;
pub mod made;
mod names;
mod place;
pub mod plans;
pub mod policy;
pub mod sight;
mod source;
mod sources;
mod tags;
pub mod trail;

pub use aws::{
    Account, Accounts, ErrorKind, EvidenceQuestion, FirstJobs, JobQuery, ListedPlan, Lock, Member, MemberState,
    PointInVault, PointStatus, ProtectedResource, RecoveryPoint, Scan, Started, StorageClass, TestingPlan,
    TestingSelection, Usable, Vault, Whose, in_time, share,
};
pub use bad::{BadJobs, bad_jobs};
pub use clouds::Clouds;
pub use error::Error;
pub use names::Called;
pub use place::{Place, Taken, TakenBy, Unprotected, Unseen, UnseenCalls, without_repeats};
pub use source::Source;
pub use sources::{Closed, Sources};
pub use tags::{LookedTags, read_owners, read_owners_by_place};
