//! What the causes of a batch ask in common: they may have resources and plans in common, and each of those is asked for once.

use aws::Memory;
use futures::FutureExt;
use job::{Job, JobKind, Scope};
use promise::Plan;
use source::{Error, JobQuery, RecoveryPoint, Source, Sources};
use tokio::time::Instant;

/// The answers of one invocation. What could not be read is asked again by the next cause that needs it.
#[derive(Debug)]
pub struct Asked<'a> {
    sources: &'a Sources,
    jobs: Memory<Vec<Job>>,
    points: Memory<Vec<RecoveryPoint>>,
    plans: Memory<Option<Plan>>,
}

impl<'a> Asked<'a> {
    pub fn new(sources: &'a Sources) -> Self {
        Self { sources, jobs: Memory::default(), points: Memory::default(), plans: Memory::default() }
    }

    pub fn sources(&self) -> &'a Sources {
        self.sources
    }

    /// All jobs of one kind of a resource.
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn jobs(
        &self,
        source: &Source,
        kind: JobKind,
        resource: &str,
        until: Instant,
    ) -> Result<Vec<Job>, Error> {
        let query = JobQuery { resource_arn: Some(resource), ..JobQuery::of(kind) };
        let what = key(source.scope(), &format!("{} {resource}", kind.as_str()));
        self.jobs.get(&what, source.jobs(&query, until).boxed_local()).await
    }

    /// The recovery points of a resource, the newest first.
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn recovery_points(
        &self,
        source: &Source,
        resource: &str,
        until: Instant,
    ) -> Result<Vec<RecoveryPoint>, Error> {
        let read = source.recovery_points(resource, until).boxed_local();
        self.points.get(&key(source.scope(), resource), read).await
    }

    /// A plan without its selections. `None`: the plan is gone.
    ///
    /// # Errors
    /// For no answer.
    pub async fn plan(&self, source: &Source, id: &str, until: Instant) -> Result<Option<Plan>, Error> {
        self.plans.get(&key(source.scope(), id), source.plan(id, until).boxed_local()).await
    }
}

fn key(scope: &Scope, what: &str) -> String {
    format!("{} {} {what}", scope.account, scope.region)
}
