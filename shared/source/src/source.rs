//! One place whose backups are watched, whatever cloud it is in.
//!
//! A closed enum and no trait: there are few clouds, each forwards to its edge, and the compiler finds what a new one lacks. What only one
//! cloud can be asked stands at its edge.

use std::collections::BTreeSet;

use aws::{Account, FirstJobs, JobQuery, ProtectedResource, RecoveryPoint};
use job::{Job, Look, Scope};
use owner::Tags;
use promise::{Plan, Selection};
use tokio::time::Instant;

use crate::error::Error;
use crate::place::Place;
use crate::plans::with_selections;
use crate::tags::{LookedTags, tags_of_account, tags_of_place};

/// An account in a Region of AWS, or a subscription of Azure in a location. A clone is cheap.
///
/// Each reading ends at `until` with an error that says so; its other errors are those of the edge.
#[derive(Clone, Debug)]
pub enum Source {
    Aws(Account),
    Azure(Place),
}

impl Source {
    pub fn scope(&self) -> &Scope {
        match self {
            Source::Aws(account) => account.scope(),
            Source::Azure(place) => place.scope(),
        }
    }

    /// The same account in another Region, the same subscription in another location.
    #[must_use]
    pub fn in_region(&self, region: &str) -> Source {
        match self {
            Source::Aws(account) => Source::Aws(account.in_region(region)),
            Source::Azure(place) => Source::Azure(place.in_location(region)),
        }
    }

    /// All jobs that match.
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn jobs(&self, query: &JobQuery<'_>, until: Instant) -> Result<Vec<Job>, Error> {
        match self {
            Source::Aws(account) => Ok(account.jobs(query, until).await?),
            Source::Azure(place) => Ok(place.jobs(query, until).await?),
        }
    }

    /// The newest jobs that match, in one call.
    ///
    /// # Errors
    /// For no answer.
    pub async fn first_jobs(&self, query: &JobQuery<'_>, until: Instant) -> Result<FirstJobs, Error> {
        match self {
            Source::Aws(account) => Ok(account.first_jobs(query, until).await?),
            Source::Azure(place) => Ok(FirstJobs { jobs: place.jobs(query, until).await?, are_all: true }),
        }
    }

    /// Hands over each resource that was backed up at least once, with its last recovery point.
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn each_protected(&self, until: Instant, take: impl FnMut(ProtectedResource)) -> Result<(), Error> {
        match self {
            Source::Aws(account) => Ok(account.each_protected_resource(until, take).await?),
            Source::Azure(place) => Ok(place.each_protected(until, take).await?),
        }
    }

    /// The recovery points of a resource, the newest first.
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn recovery_points(&self, resource_arn: &str, until: Instant) -> Result<Vec<RecoveryPoint>, Error> {
        match self {
            Source::Aws(account) => Ok(account.recovery_points(resource_arn, until).await?),
            Source::Azure(place) => Ok(place.recovery_points(resource_arn, until).await?),
        }
    }

    /// The tags of these resources, by ARN. What has not answered by `until` is unreadable.
    pub async fn tags(&self, arns: &BTreeSet<String>, until: Instant) -> LookedTags {
        match self {
            Source::Aws(account) => tags_of_account(account, arns, until).await,
            Source::Azure(place) => tags_of_place(place, arns, until).await,
        }
    }

    /// The tags of the account or subscription itself, which hold where a resource says nothing.
    pub async fn account_tags(&self, until: Instant) -> Look<Tags, Error> {
        match self {
            Source::Aws(account) => match account.account_tags(until).await {
                Look::Seen(tags) => Look::Seen(tags),
                Look::Missing => Look::Missing,
                Look::Unreadable { why } => Look::Unreadable { why: why.into() },
                Look::NotLooked { why } => Look::NotLooked { why },
            },
            Source::Azure(_) => Look::NotLooked { why: "tags of subscriptions are not read".to_owned() },
        }
    }

    /// A plan without its selections. `None`: the plan is gone.
    ///
    /// # Errors
    /// For no answer.
    pub async fn plan(&self, plan_id: &str, until: Instant) -> Result<Option<Plan>, Error> {
        match self {
            Source::Aws(account) => Ok(account.plan(plan_id, until).await?),
            Source::Azure(place) => Ok(place.plan(plan_id, until).await?),
        }
    }

    /// A plan with all its selections. `None`: the plan is gone.
    ///
    /// # Errors
    /// For a plan of which one selection could not be read: it would seem not to cover what it covers.
    pub async fn plan_with_selections(
        &self,
        plan_id: &str,
        until: Instant,
    ) -> Result<Option<(Plan, Vec<Selection>)>, Error> {
        match self {
            Source::Aws(account) => Ok(with_selections(account, plan_id, until).await?),
            // A policy names no resources: each item names its policy.
            Source::Azure(place) => Ok(place.plan(plan_id, until).await?.map(|plan| (plan, Vec::new()))),
        }
    }
}
