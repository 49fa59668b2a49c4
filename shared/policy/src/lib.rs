//! Pure reading of IAM policies and of the evidence gathered about one failed job.
//!
//! Two halves. [`evaluate`] answers what one resource-based policy (key policy, trust policy, vault policy) says about
//! one request, in three values: what is not known stays unknown and never becomes an allow or a deny. [`judge`] takes
//! everything that was looked at for a failure whose text leaves the cause open, and names what denies, if anything does.
//!
//! No clock, no environment, no AWS SDK: the same facts always give the same verdict.

mod condition;
mod document;
mod evaluate;
mod evidence;
mod judge;
mod needs;
mod principal;
mod request;
mod role;
mod strings;
mod tri;
mod wildcard;

#[cfg(test)]
mod tests;

pub use document::{PolicyDocument, PolicyError};
pub use evaluate::{Decision, Doubt, StatementRef, evaluate};
pub use evidence::{
    Bearing, Case, CaseKind, Certainty, Finding, Grant, GrantConstraint, KeyLook, KeyManager, KeyPart, KeySource,
    KeyState, ObstacleKind, Place, RoleLook, Side, SimDecision, Simulation, VaultLook, Verdict,
};
pub use job::Look;
pub use judge::{judge, unsettled};
pub use needs::{ContextType, NeededAction, NeededContext, On, bearing, needed_actions, which_key, why_key};
pub use request::{Context, Principal, Request};
pub use role::same_role;
