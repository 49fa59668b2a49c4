//! The edge to AWS, and the only crate that names an SDK: clients, timeouts, paging, SDK types -> domain types, sorted errors.
//!
//! Read in this order: `error` (what can go wrong, sorted by what the caller can do), `clients` (one set per Region), then one
//! file per service. `evidence` is the only one that combines services: it gathers what the judge of crate `policy` weighs.

mod backup;
mod clients;
mod convert;
mod error;
mod evidence;
mod gate;
mod iam;
mod jobs;
mod kms;
mod paging;
mod sns;

pub use backup::{ProtectedResource, RecoveryPoint, Vault};
pub use clients::{Aws, Timeouts};
pub use error::{Error, ErrorKind};
pub use evidence::EvidenceQuestion;
pub use iam::Role;
pub use jobs::JobQuery;
