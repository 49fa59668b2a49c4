//! Whose the rows are, by the tags of their resources.

use std::collections::{BTreeMap, BTreeSet};

use job::Scope;
use notice::text;
use owner::{Owned, Owners, Source};
use serde::{Deserialize, Serialize};

use crate::report::Report;
use crate::rows::Row;

/// Resources whose tags are read: 100 in a call, of which AWS takes 15 a second.
pub const MOST: usize = 20_000;
/// The same of a place among many.
pub const MOST_AMONG: usize = 2_000;

/// Who says whose a resource is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OwnerFrom {
    /// A tag of its own.
    Resource,
    /// The tag of its account.
    Account,
    /// The tags were read, and name nobody.
    None,
    /// Its tags could not be read, or were not.
    #[default]
    Unknown,
}

impl OwnerFrom {
    pub fn as_str(self) -> &'static str {
        match self {
            OwnerFrom::Resource => "resource",
            OwnerFrom::Account => "account",
            OwnerFrom::None => "none",
            OwnerFrom::Unknown => "unknown",
        }
    }
}

impl Report {
    /// The resources whose tags are read, by place: those of the worst rows first, at most so many.
    pub fn to_own(&self, most: usize) -> BTreeMap<Scope, BTreeSet<String>> {
        let mut asked: BTreeMap<Scope, BTreeSet<String>> = BTreeMap::new();
        let mut room = most;
        for row in self.rows() {
            if room == 0 {
                break;
            }
            let resource = self.ledger().arn(row.key.resource);
            if asked.entry(self.scope_of(row)).or_default().insert(resource.to_owned()) {
                room -= 1;
            }
        }
        asked
    }

    /// What is known of whose a row is.
    pub(crate) fn owned(&self, row: &Row) -> Owned {
        self.owners_of(row).owned(self.ledger().arn(row.key.resource))
    }

    pub(crate) fn owners_of(&self, row: &Row) -> &Owners {
        self.night().owners.at(&self.scope_of(row))
    }

    fn scope_of(&self, row: &Row) -> Scope {
        match row.item.as_deref() {
            Some(item) => Scope::azure(&item.watched.subscription, ""),
            None => self.night().scope.clone(),
        }
    }
}

/// The owner of a row for logs and files, and who says so.
pub(crate) fn named(owned: &Owned) -> (Option<String>, OwnerFrom) {
    match owned {
        Owned::By { owner, source } => {
            let from = match source {
                Source::Resource => OwnerFrom::Resource,
                Source::Account => OwnerFrom::Account,
            };
            (Some(text::outside(owner.as_str(), LONGEST)), from)
        }
        Owned::Nobody => (None, OwnerFrom::None),
        Owned::Unknown { .. } => (None, OwnerFrom::Unknown),
    }
}

/// The name of an owner is no longer.
const LONGEST: usize = 100;
