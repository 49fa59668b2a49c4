//! One backup, copy or restore job, as every cloud's edge builds it. Pure: no clock, no environment, no I/O.
//!
//! Read in this order: `job` (the facts of a job), `scope` (where it ran), `origin` (who made it), `restore` (what only a restore tells), `azure` (what only Azure tells), `refs`, `arn` and
//! `arm` (the names in it), `worth` (what its completion proves), `instant` (which times are believed), `look` (what came of a look at something), `event` (the events of our own about jobs).

mod arm;
mod arn;
mod azure;
pub mod event;
mod instant;
mod job;
mod look;
mod origin;
mod refs;
mod restore;
mod scope;
mod worth;

pub use arm::ArmId;
pub use arn::{Arn, partition_of};
pub use azure::{AzureError, AzureRecord, Unlisted};
pub use instant::believable;
pub use job::{CreatedBy, Job, JobKind, JobState, OnDemandBy, type_name};
pub use look::Look;
pub use origin::{ON_DEMAND_START_WINDOW_MINUTES, Origin, RERUN_START_WINDOW_MINUTES, Traces};
pub use refs::{RoleRef, VaultRef};
pub use restore::{Deletion, RestoreRecord, Validation, is_of_restore_test};
pub use scope::{Cloud, Scope};
pub use worth::Worth;
