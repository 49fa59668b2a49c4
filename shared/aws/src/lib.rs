//! The edge to AWS, and the only crate that names an SDK: clients, timeouts, paging, SDK types -> domain types, sorted errors.
//!
//! Read in this order: `error` (what can go wrong, sorted by what the caller can do), `home` (where Night One runs), `environment` (how the SDK is configured),
//! `account` (whose backups it watches), `watch`, `organizations` and `accounts` (all of them, and the way into each), `call` and `paging` (how AWS is called), `service` (a service that
//! we call without a crate of the SDK's: STS and Organizations), then one file per service, and for AWS Backup one per thing it holds. `evidence` is the only one that combines services: it gathers what the judge of crate `policy` weighs.

mod account;
mod accounts;
mod bucket;
mod call;
mod cloudtrail;
mod convert;
mod environment;
mod error;
mod events;
mod evidence;
mod gate;
mod home;
mod http;
mod iam;
mod jobs;
mod kept;
mod kms;
mod memory;
mod organizations;
mod paging;
mod plans;
mod protected;
mod recovery_points;
mod restore_testing;
mod secret;
mod service;
mod settings;
mod sns;
mod start;
mod stop;
mod sts;
mod summaries;
mod tags;
#[cfg(test)]
mod tests;
mod vaults;
mod watch;

pub use account::Account;
pub use accounts::{Accounts, Closed};
pub use bucket::Bucket;
pub use call::{in_time, share};
pub use cloudtrail::{Changes, FailedSelection, Lookup, LookupBy, TRAIL_KEPT};
pub use environment::Timeouts;
pub use error::{Error, ErrorKind};
pub use events::{Bus, BusEvent, NotPut};
pub use evidence::EvidenceQuestion;
pub use home::Home;
pub use http::{Ask, Http, Method, NoReply, Reply};
pub use iam::Role;
pub use jobs::{FirstJobs, JobQuery, Whose};
pub use memory::Memory;
pub use organizations::{Member, MemberState};
pub use plans::ListedPlan;
pub use protected::ProtectedResource;
pub use recovery_points::{PointInVault, PointStatus, RecoveryPoint, Scan, StorageClass, Usable};
pub use restore_testing::{TestingPlan, TestingSelection};
pub use secret::Secret;
pub use start::Started;
pub use sts::Claims;
pub use summaries::Summaries;
pub use tags::{MOST_ASKED, Wanted};
pub use vaults::{Lock, Vault};
pub use watch::{RolePath, Watch, WatchedAccounts, WatchedRegions};
