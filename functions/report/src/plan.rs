//! Which accounts a report is about.

use std::collections::BTreeSet;

use aws::{Error, Member, MemberState};
use jiff::Timestamp;
use jiff::civil::Date;
use lambda::nights::night_of;
use serde::{Deserialize, Serialize};

/// The accounts of a night, and the instant that all workers measure ages at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub now: Timestamp,
    /// In the order of their ids.
    pub accounts: Vec<Planned>,
    /// Why the organization could not be listed: then our own account is all that is known.
    pub unlisted: Option<String>,
}

/// An account of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    pub id: String,
    /// What the organization calls it.
    pub name: Option<String>,
    /// Why nobody can look into it: AWS's word, `SUSPENDED` or `CLOSED`.
    pub shut: Option<String>,
}

impl Plan {
    /// From the list of the watched accounts.
    pub fn new(now: Timestamp, own: &str, listed: Result<Vec<Member>, Error>) -> Self {
        match listed {
            Ok(members) => Self { now, accounts: members.into_iter().map(Planned::of).collect(), unlisted: None },
            Err(why) => Self { now, accounts: vec![Planned::bare(own)], unlisted: Some(why.to_string()) },
        }
    }

    /// Of these accounts, of which no more is known.
    pub fn of(now: Timestamp, ids: &BTreeSet<String>) -> Self {
        Self { now, accounts: ids.iter().map(|id| Planned::bare(id)).collect(), unlisted: None }
    }

    /// What the plan says of an account; one that it does not name is looked into all the same.
    pub fn account(&self, id: &str) -> Planned {
        self.accounts.iter().find(|account| account.id == id).cloned().unwrap_or_else(|| Planned::bare(id))
    }

    /// The UTC date of a report is the name of its night.
    pub fn night(&self) -> Date {
        night_of(self.now)
    }
}

impl Planned {
    fn bare(id: &str) -> Self {
        Self { id: id.to_owned(), name: None, shut: None }
    }

    fn of(member: Member) -> Self {
        let shut = match member.state {
            MemberState::Active => None,
            MemberState::NotActive(word) => Some(word),
        };
        Self { name: Some(member.name).filter(|name| *name != member.id), id: member.id, shut }
    }
}
