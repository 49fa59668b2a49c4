//! What the tags of the resources of several places say.

use std::collections::BTreeMap;

use job::{Job, Scope};

use crate::exception::Exception;
use crate::owners::Owners;

/// By account and Region, or by subscription and location.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByPlace {
    read: BTreeMap<Scope, Owners>,
    /// Of every other place.
    others: Owners,
}

impl ByPlace {
    pub fn of(read: impl IntoIterator<Item = (Scope, Owners)>) -> Self {
        Self { read: read.into_iter().collect(), others: Owners::not_looked("the tags were not looked at") }
    }

    pub fn add(&mut self, scope: Scope, owners: Owners) {
        self.read.insert(scope, owners);
    }

    pub fn at(&self, scope: &Scope) -> &Owners {
        self.read.get(scope).unwrap_or(&self.others)
    }

    /// What is known of the place of a job's resource, wherever the job ran.
    pub fn of_resource(&self, job: &Job) -> &Owners {
        self.at(&job.place_of_resource())
    }

    /// The exception that holds for a failed job. Only a job in the place of its resource is accepted: an event of another account cannot be
    /// silenced by what it names.
    pub fn exception(&self, job: &Job) -> Option<&Exception> {
        self.at(&job.scope).accepted(&job.resource_arn, job.ended?)
    }

    pub fn is_accepted(&self, job: &Job) -> bool {
        self.exception(job).is_some()
    }

    /// Whether a verdict depends on a tag: an objective, or an exception that holds or has ended.
    pub fn decide(&self) -> bool {
        self.read.values().any(Owners::decide)
    }

    /// Whether a tag names an owner of anything.
    pub fn name_any(&self) -> bool {
        self.read.values().any(Owners::name_any)
    }

    /// How many resources could not be read, and why the first of them.
    pub fn unread(&self) -> Option<(usize, &str)> {
        let unread: Vec<(usize, &str)> = self.read.values().filter_map(Owners::unread).collect();
        let (_, why) = unread.first()?;
        Some((unread.iter().map(|(count, _)| count).sum(), why))
    }
}

impl Default for ByPlace {
    fn default() -> Self {
        Self::of([])
    }
}
