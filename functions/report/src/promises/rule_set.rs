//! The rules that cover one row, with what they promise together.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use promise::Promise;

/// The rules that cover one row, with their promise. Rows that the same rules cover share it.
#[derive(Debug)]
pub struct RuleSet {
    pub promise: Promise,
    /// `plan/rule` of those in force that could be read, for people.
    pub names: Vec<String>,
    /// The plans among theirs that the organization made.
    pub of_organization: BTreeSet<String>,
    members: Vec<Member>,
}

/// A set of rules by number; rows of the same rules have the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SetNumber(usize);

/// Rules that keep their recovery points for a shorter time than a resource may go without a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptTooShort {
    /// The longest that one of them keeps its points.
    pub keeps: SignedDuration,
    pub interval: SignedDuration,
}

/// A rule of a plan that was read, or one that only jobs name: its plan could not be read, or was another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum RuleRef {
    Plan { plan: usize, rule: usize },
    Seen(u32),
}

/// A rule in a set, and the runs that it answers for: those after `since`, up to `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Member {
    pub(super) rule: RuleRef,
    pub(super) since: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
}

impl SetNumber {
    pub(super) fn new(position: usize) -> Self {
        Self(position)
    }

    pub(crate) fn of(self, sets: &[RuleSet]) -> Option<&RuleSet> {
        sets.get(self.0)
    }
}

impl RuleSet {
    pub(super) fn new(
        promise: Promise,
        names: Vec<String>,
        of_organization: BTreeSet<String>,
        members: Vec<Member>,
    ) -> Self {
        Self { promise, names, of_organization, members }
    }

    /// Whether any rule covers the row, readable or not.
    pub fn covers(&self) -> bool {
        self.in_force().next().is_some()
    }

    /// Set where the recovery points of all rules may be gone before the next one has to be there.
    pub fn kept_too_short(&self) -> Option<KeptTooShort> {
        let mut keeps = SignedDuration::ZERO;
        for rule in self.promise.rules() {
            keeps = keeps.max(rule.keeps()?);
        }
        let (interval, objective) = (self.promise.interval()?, self.promise.objective(None)?);
        (keeps < objective).then_some(KeptTooShort { keeps, interval })
    }

    /// The rules of today.
    pub(super) fn in_force(&self) -> impl Iterator<Item = RuleRef> {
        self.members.iter().filter(|member| member.until.is_none()).map(|member| member.rule)
    }
}
