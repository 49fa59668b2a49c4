//! Whose a resource is.

use job::Look;

use crate::said::{Owner, Said};
use crate::tags::{OwnerTag, Tags};

/// Whose a resource is, as far as tags tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owned {
    By {
        owner: Owner,
        source: Source,
    },
    /// The tags were read, and name nobody.
    Nobody,
    /// Somebody may own it: its tags could not be read, or were not.
    Unknown {
        why: String,
    },
}

/// Whose tag names the owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Resource,
    Account,
}

impl Owned {
    /// The tag of the resource goes before that of its account. Where that of the resource is unknown, so is its owner, whatever the account says.
    pub fn of(resource: &Look<Said>, account: &Look<Tags>, owner_tag: &OwnerTag) -> Self {
        match resource {
            Look::Unreadable { why } | Look::NotLooked { why } => return Owned::Unknown { why: why.clone() },
            Look::Seen(Said { owner: Some(owner), .. }) => {
                return Owned::By { owner: owner.clone(), source: Source::Resource };
            }
            Look::Seen(_) | Look::Missing => {}
        }
        match account {
            Look::Seen(tags) => match Owner::of(tags, owner_tag) {
                Some(owner) => Owned::By { owner, source: Source::Account },
                None => Owned::Nobody,
            },
            Look::Unreadable { why } => Owned::Unknown { why: why.clone() },
            // Accounts have tags where there is an organization: else there are none to look at.
            Look::Missing | Look::NotLooked { .. } => Owned::Nobody,
        }
    }

    pub fn owner(&self) -> Option<&Owner> {
        match self {
            Owned::By { owner, .. } => Some(owner),
            Owned::Nobody | Owned::Unknown { .. } => None,
        }
    }
}
