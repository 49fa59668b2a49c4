//! What the tags of many resources of one place say.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use job::Look;

use crate::exception::{Exception, Standing};
use crate::owned::Owned;
use crate::said::{Owner, Said, Wrong};
use crate::tags::{OwnerTag, Tags};

/// What the tags of the resources of an account in a Region say, those that were looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owners {
    said: BTreeMap<String, Look<Said>>,
    account: Look<Tags>,
    owner_tag: OwnerTag,
    /// Why the others were not looked at.
    why_not: String,
}

impl Owners {
    /// `tags`: what came of the looks at resources, by ARN or id. `account`: of that at their account.
    pub fn of(tags: impl IntoIterator<Item = (String, Look<Tags>)>, account: Look<Tags>, owner_tag: &OwnerTag) -> Self {
        let said = tags.into_iter().map(|(resource, look)| (resource, look.map(|tags| Said::of(&tags, owner_tag))));
        Self {
            said: said.collect(),
            account,
            owner_tag: owner_tag.clone(),
            why_not: "there were too many resources to read the tags of all".to_owned(),
        }
    }

    /// Nothing was looked at.
    pub fn not_looked(why: &str) -> Self {
        Self {
            said: BTreeMap::new(),
            account: Look::NotLooked { why: why.to_owned() },
            owner_tag: OwnerTag::default(),
            why_not: why.to_owned(),
        }
    }

    pub fn owned(&self, resource: &str) -> Owned {
        match self.said.get(resource) {
            Some(look) => Owned::of(look, &self.account, &self.owner_tag),
            None => Owned::Unknown { why: self.why_not.clone() },
        }
    }

    /// The exception of a resource, and whether it holds for what ended then. What was not read is not accepted.
    pub fn exception(&self, resource: &str, ended: Timestamp) -> Option<(&Exception, Standing)> {
        let exception = self.seen(resource)?.exception.as_ref()?;
        Some((exception, exception.standing(ended)))
    }

    /// The exception that holds for what ended then.
    pub fn accepted(&self, resource: &str, ended: Timestamp) -> Option<&Exception> {
        self.exception(resource, ended)
            .filter(|(_, standing)| *standing == Standing::Accepted)
            .map(|(exception, _)| exception)
    }

    /// How old its last good recovery point may be, by its tag.
    pub fn objective(&self, resource: &str) -> Option<SignedDuration> {
        self.seen(resource)?.objective
    }

    /// Whether a verdict depends on a tag: an objective, or an exception that holds or has ended.
    pub fn decide(&self) -> bool {
        self.said.values().filter_map(Look::seen).any(|said| said.objective.is_some() || said.exception.is_some())
    }

    /// Whether a tag names an owner of anything.
    pub fn name_any(&self) -> bool {
        let by_account = || self.account.seen().is_some_and(|tags| Owner::of(tags, &self.owner_tag).is_some());
        self.said.values().filter_map(Look::seen).any(|said| said.owner.is_some()) || by_account()
    }

    /// The tags of a resource that do not say what they should.
    pub fn wrong(&self, resource: &str) -> &[Wrong] {
        self.seen(resource).map(|said| said.wrong.as_slice()).unwrap_or_default()
    }

    /// How many resources could not be read, and why the first of them.
    pub fn unread(&self) -> Option<(usize, &str)> {
        let why = |look: &'_ Look<Said>| matches!(look, Look::Unreadable { .. });
        let count = self.said.values().filter(|look| why(look)).count();
        let first = self.said.values().find_map(|look| match look {
            Look::Unreadable { why } => Some(why.as_str()),
            Look::Seen(_) | Look::Missing | Look::NotLooked { .. } => None,
        });
        first.map(|why| (count, why))
    }

    fn seen(&self, resource: &str) -> Option<&Said> {
        self.said.get(resource)?.seen()
    }
}
