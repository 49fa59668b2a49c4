//! What was looked at for one failure, and what follows from it. Types only; [`crate::judge`] does the work.

use jiff::Timestamp;
use job::Look;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CaseKind {
    Backup,
    Copy,
    Restore,
}

/// Everything known about one failure whose text leaves the cause open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub kind: CaseKind,
    /// As AWS Backup writes it: "RDS", "EBS", "S3".
    pub resource_type: String,
    /// The role of the job, with its path where the job names it.
    pub role_arn: String,
    /// The account and Region of the job; for a copy those of the source.
    pub account: String,
    pub region: String,
    pub keys: Vec<KeyLook>,
    pub role: Option<RoleLook>,
    /// The destination vault; for copies only.
    pub vault: Option<VaultLook>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyLook {
    pub arn: String,
    pub part: KeyPart,
    pub source: KeySource,
    /// Whether this key decides for this type; [`crate::bearing`] says it.
    pub counts: Bearing,
    pub state: Look<KeyState>,
    /// The key policy "default", as JSON.
    pub policy: Look<String>,
    pub grants: Look<Vec<Grant>>,
}

/// The part a key plays in the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyPart {
    /// The failure's text names it.
    Named,
    /// It encrypts the protected resource.
    Resource,
    /// It encrypts the vault of the backup; for a copy the source vault.
    Vault,
    /// It encrypts the destination vault of a copy.
    Destination,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    Known,
    /// Taken over from an earlier recovery point of the resource: the key may have been changed since.
    Inferred {
        recovery_point: String,
        date: Timestamp,
    },
}

/// Whether a key decides about a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bearing {
    Decides,
    /// It may: AWS does not tell in advance (DynamoDB with or without advanced features). A finding is `Likely`.
    MayDecide,
    Bystander,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyState {
    /// As DescribeKey writes it: "Enabled", "Disabled", "PendingDeletion".
    pub state: String,
    pub manager: KeyManager,
    pub deletion: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyManager {
    Aws,
    Customer,
    Other,
}

/// One live grant of ListGrants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// A role ARN, a session ARN or a service principal.
    pub grantee: String,
    /// Without prefix, as ListGrants writes them: "CreateGrant", "Decrypt".
    pub operations: Vec<String>,
    pub constraint: GrantConstraint,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GrantConstraint {
    None,
    EncryptionContext,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleLook {
    pub arn: String,
    /// AssumeRolePolicyDocument as JSON, percent-decoding already done. `Missing`: the role does not exist.
    pub trust: Look<String>,
    /// The role's id, "AROA...".
    pub unique_id: Option<String>,
    pub simulations: Look<Vec<Simulation>>,
}

/// One result of SimulatePrincipalPolicy: the identity side only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulation {
    pub action: String,
    /// The ARN simulated. An implicit deny on "*" proves nothing, since policies may name narrower resources.
    pub resource: String,
    pub decision: SimDecision,
    /// MissingContextValues: when not empty, the decision is not believed.
    pub missing_context: Vec<String>,
    pub allowed_by_organization: Option<bool>,
    pub allowed_by_boundary: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SimDecision {
    Allowed,
    ExplicitDeny,
    ImplicitDeny,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultLook {
    pub arn: String,
    /// `Seen(None)`: the vault has no access policy. `Missing`: the vault does not exist.
    pub policy: Look<Option<String>>,
}

/// What the evidence says. With no `obstacle`, nothing that was looked at denies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub obstacle: Option<Finding>,
    /// Whatever else denies, in the order it was judged.
    pub others: Vec<Finding>,
    /// Sentences for a person woken at 03:00.
    pub looked_at: Vec<String>,
    pub could_not_read: Vec<String>,
    /// Of the obstacle. Without one: `Certain` only if all that was asked for could be read and decided.
    pub certainty: Certainty,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Certainty {
    Certain,
    Likely,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub kind: ObstacleKind,
    /// The ARN of the thing to mend.
    pub subject: String,
    pub sentence: String,
    /// The denied action, where one action is denied.
    pub action: Option<String>,
    pub certainty: Certainty,
}

/// What stands in the way, in the order of judgement: the first kind found is the obstacle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObstacleKind {
    /// The role does not exist or does not trust AWS Backup.
    RoleUnassumable,
    /// Disabled, to be deleted, gone, ...
    KeyUnusable,
    /// A key of AWS in a copy to another account: AWS never allows it, and its policy cannot be changed.
    KeyAwsManaged,
    ExplicitDeny(Place),
    /// An organization policy (SCP) does not allow the action.
    OrgPolicy,
    KeyPolicy,
    IdentityPolicy,
    VaultMissing,
    VaultPolicy,
}

/// One side of the question who lets the job through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Whether AWS Backup may become the role.
    Trust,
    /// The state and the policy of a key that may decide.
    Key,
    /// Only where the key policy does not let the role through do the grants count.
    Grants,
    /// What the role's own policies allow.
    Identity,
    /// The access policy of the destination vault.
    Vault,
}

/// Which policy holds an explicit deny.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    KeyPolicy,
    IdentityPolicy,
    VaultPolicy,
}
