//! The request a policy is asked about: who does what to which resource, and what is known about the circumstances.

use std::collections::BTreeMap;

use crate::role::is_session;
use job::Arn;

/// One request. The action is written with its prefix ("kms:CreateGrant"), the resource is an ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub principal: Principal,
    pub action: String,
    pub resource: String,
    pub context: Context,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A role, or a session of it. `arn:aws:iam::111122223333:role/path/name` or `arn:aws:sts::...:assumed-role/name/session`.
    Role {
        arn: String,
        account: String,
        /// "AROA...".
        unique_id: Option<String>,
    },
    /// A service principal: "backup.amazonaws.com".
    Service(String),
}

/// The condition keys whose value is known. Keys are compared without regard to case.
///
/// A key is known to have values, known to be absent, known to be one of some alternatives, or, when it was never set,
/// unknown: then each condition on it is undetermined.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    entries: BTreeMap<String, Vec<Known>>,
}

/// One state a condition key can be in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Known {
    Absent,
    Values(Vec<String>),
}

impl Context {
    pub fn new() -> Self {
        Self::default()
    }

    /// What is known of every call that AWS Backup, or a service on its behalf, makes as this principal.
    ///
    /// AWS doc: IAM "AWS global condition context keys" and KMS "AWS KMS condition keys". aws:PrincipalArn of a session is the
    /// ARN of its role with the path; a session ARN does not carry the path, so then the key stays unknown.
    #[must_use]
    pub fn for_backup(principal: &Principal, region: &str) -> Self {
        let context = Self::new().with("aws:SecureTransport", ["true"]).with("aws:RequestedRegion", [region]);
        match principal {
            Principal::Role { arn, account, .. } => {
                let context = context
                    .with("aws:PrincipalAccount", [account])
                    .with("kms:CallerAccount", [account])
                    .with("aws:PrincipalIsAWSService", ["false"])
                    .without("aws:PrincipalServiceName");
                match Arn::parse(arn) {
                    Some(parsed) if !is_session(&parsed) => context.with("aws:PrincipalArn", [arn]),
                    _ => context,
                }
            }
            Principal::Service(name) => context
                .with("aws:PrincipalIsAWSService", ["true"])
                .with("aws:PrincipalServiceName", [name])
                .without("aws:PrincipalArn"),
        }
    }

    /// The key is present with exactly these values.
    #[must_use]
    pub fn with<S: AsRef<str>>(self, key: &str, values: impl IntoIterator<Item = S>) -> Self {
        let values = values.into_iter().map(|value| value.as_ref().to_owned()).collect();
        self.set(key, vec![Known::Values(values)])
    }

    /// The key is known to be absent from the request.
    #[must_use]
    pub fn without(self, key: &str) -> Self {
        self.set(key, vec![Known::Absent])
    }

    /// The key has one of these single values; we cannot tell which.
    #[must_use]
    pub fn with_one_of<S: AsRef<str>>(self, key: &str, values: impl IntoIterator<Item = S>) -> Self {
        let known = values.into_iter().map(|value| Known::Values(vec![value.as_ref().to_owned()])).collect();
        self.set(key, known)
    }

    /// The key has one of these single values or is absent; we cannot tell which.
    #[must_use]
    pub fn with_one_of_or_absent<S: AsRef<str>>(self, key: &str, values: impl IntoIterator<Item = S>) -> Self {
        let values = values.into_iter().map(|value| Known::Values(vec![value.as_ref().to_owned()]));
        let known = values.chain([Known::Absent]).collect();
        self.set(key, known)
    }

    /// Nothing is known of the key, as if it had never been set.
    #[must_use]
    pub fn with_unknown(mut self, key: &str) -> Self {
        self.entries.remove(&key.to_ascii_lowercase());
        self
    }

    /// All states the key can be in; empty when nothing is known.
    pub(crate) fn states(&self, key: &str) -> &[Known] {
        self.entries.get(&key.to_ascii_lowercase()).map_or(&[], Vec::as_slice)
    }

    fn set(mut self, key: &str, states: Vec<Known>) -> Self {
        self.entries.insert(key.to_ascii_lowercase(), states);
        self
    }
}
