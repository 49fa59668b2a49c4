//! Whose records are listed together.

use std::fmt;

/// A cloud whose backups are watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cloud {
    Aws,
}

/// Whose records are listed together: an account and Region of AWS.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope {
    pub cloud: Cloud,
    /// Twelve digits; AWS's own samples have thirteen. Empty where nothing tells it.
    pub account: String,
    pub region: String,
}

impl Scope {
    pub fn aws(account: impl Into<String>, region: impl Into<String>) -> Self {
        Self { cloud: Cloud::Aws, account: account.into(), region: region.into() }
    }
}

/// `111122223333/eu-west-1`
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.region)
    }
}
