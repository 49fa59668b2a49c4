//! The edge to Azure, and the only crate that names an Azure host: token, resource graph, vaults, jobs and items; records -> own types, sorted
//! errors. Nothing is known of Azure beyond what it answers: a word that is new is kept, and a member that is missing is missing.
//!
//! Read in this order: `settings` (where and as whom), `error` (what can go wrong), `tenant`, `subscription` and `expected` (what is watched), `token` and
//! `call` (how Azure is called), `paging` and `graph` (how lists are read), `id`, `time` and `members` (how records are read), then one file for
//! each kind of record, with the calls that bring it; `convert` makes jobs of records.

mod activity;
mod call;
mod convert;
mod error;
mod expected;
mod graph;
mod id;
mod item;
mod job;
mod join;
mod lock;
mod machine;
mod members;
mod paging;
mod point;
mod policy;
mod secret;
mod settings;
mod subscription;
mod tenant;
#[cfg(test)]
mod tests;
mod time;
mod token;
mod trigger;
mod vault;

pub use activity::{Activity, ActivityOutcome};
pub use error::{Error, ErrorKind};
pub use expected::Presence;
pub use graph::{Ended, GraphJobs};
pub use id::{ItemId, SubscriptionId, VaultId, VaultKind, lower_id};
pub use item::{Health, Item, ItemKind, LastBackup, Note, Protection};
pub use job::{JobError, JobFilter, JobOperation, JobStatus, LONGEST_JOB, Management, Task, TaskStatus, VaultJob};
pub use lock::{Lock, LockLevel};
pub use machine::{Extension, InstanceView, Ready};
pub use point::{RecoveryPoint, Tier};
pub use policy::{Policy, Schedule, ScheduleKind};
pub use settings::{Host, Settings};
pub use subscription::Subscription;
pub use tenant::Tenant;
pub use time::{duration, instant};
pub use trigger::{BackupType, Operation, OperationId, OperationState, Request};
pub use vault::Vault;
