//! One place whose backups are watched, whatever cloud it is in.
//!
//! A closed enum and no trait: there are few clouds, each forwards to its edge, and the compiler finds what a new one lacks.

use aws::{
    Account, EvidenceQuestion, FirstJobs, JobQuery, ListedPlan, ProtectedResource, RecoveryPoint, Started, Vault,
};
use jiff::Timestamp;
use job::{Job, JobKind, JobState, Scope};
use policy::{Case, NeededContext, Simulation};
use promise::{Order, Plan, Selection};
use std::collections::BTreeMap;
use tokio::time::Instant;

use crate::error::Error;
use crate::plans::plan_with_selections;

/// An account in a Region of AWS. A clone is cheap.
///
/// Each reading ends at `until` with an error that [says so](Error::is_out_of_time); its other errors are those of the edge.
#[derive(Clone, Debug)]
pub enum Source {
    Aws(Account),
}

impl Source {
    pub fn scope(&self) -> &Scope {
        match self {
            Source::Aws(account) => account.scope(),
        }
    }

    /// The same account in another Region.
    #[must_use]
    pub fn in_region(&self, region: &str) -> Source {
        match self {
            Source::Aws(account) => Source::Aws(account.in_region(region)),
        }
    }

    /// Hands over each job that matches once, as it comes. After an error the ones handed over are not all.
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn each_job(&self, query: &JobQuery<'_>, until: Instant, take: impl FnMut(Job)) -> Result<(), Error> {
        match self {
            Source::Aws(account) => Ok(account.each_job(query, until, take).await?),
        }
    }

    /// All jobs that match.
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn jobs(&self, query: &JobQuery<'_>, until: Instant) -> Result<Vec<Job>, Error> {
        match self {
            Source::Aws(account) => Ok(account.jobs(query, until).await?),
        }
    }

    /// The newest jobs that match, in one call.
    ///
    /// # Errors
    /// For no answer.
    pub async fn first_jobs(&self, query: &JobQuery<'_>, until: Instant) -> Result<FirstJobs, Error> {
        match self {
            Source::Aws(account) => Ok(account.first_jobs(query, until).await?),
        }
    }

    /// Of the newest jobs of a kind those in a state that we do not know, and so ask no list for. One call: the first page of all states.
    ///
    /// # Errors
    /// For no answer.
    pub async fn jobs_in_unknown_states(
        &self,
        kind: JobKind,
        created_after: Timestamp,
        until: Instant,
    ) -> Result<FirstJobs, Error> {
        let query = JobQuery { created_after: Some(created_after), ..JobQuery::of(kind) };
        let mut newest = self.first_jobs(&query, until).await?;
        newest.jobs.retain(|job| matches!(job.state, JobState::Other(_)));
        Ok(newest)
    }

    /// Hands over each resource that was backed up at least once, with its last recovery point.
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn each_protected(&self, until: Instant, take: impl FnMut(ProtectedResource)) -> Result<(), Error> {
        match self {
            Source::Aws(account) => Ok(account.each_protected_resource(until, take).await?),
        }
    }

    /// The recovery points of a resource, the newest first.
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn recovery_points(&self, resource_arn: &str, until: Instant) -> Result<Vec<RecoveryPoint>, Error> {
        match self {
            Source::Aws(account) => Ok(account.recovery_points(resource_arn, until).await?),
        }
    }

    /// `None` for one that does not exist any more.
    ///
    /// # Errors
    /// For no answer.
    pub async fn recovery_point(
        &self,
        vault_name: &str,
        arn: &str,
        until: Instant,
    ) -> Result<Option<RecoveryPoint>, Error> {
        match self {
            Source::Aws(account) => Ok(account.recovery_point(vault_name, arn, until).await?),
        }
    }

    /// The backup plans, by id and name.
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn plans(&self, until: Instant) -> Result<Vec<ListedPlan>, Error> {
        match self {
            Source::Aws(account) => Ok(account.plans(until).await?),
        }
    }

    /// A plan without its selections. `None`: the plan is gone.
    ///
    /// # Errors
    /// For no answer.
    pub async fn plan(&self, plan_id: &str, until: Instant) -> Result<Option<Plan>, Error> {
        match self {
            Source::Aws(account) => Ok(account.plan(plan_id, until).await?),
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
            Source::Aws(account) => Ok(plan_with_selections(account, plan_id, until).await?),
        }
    }

    /// All vaults.
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn vaults(&self, until: Instant) -> Result<Vec<Vault>, Error> {
        match self {
            Source::Aws(account) => Ok(account.vaults(until).await?),
        }
    }

    /// By resource type, whether it may be backed up. A type that is not in it is unknown.
    ///
    /// # Errors
    /// For no answer.
    pub async fn opt_ins(&self, until: Instant) -> Result<BTreeMap<String, bool>, Error> {
        match self {
            Source::Aws(account) => Ok(account.opt_ins(until).await?),
        }
    }

    /// What the account says about a failure whose words leave the cause open. Never fails: what could not be read says so in its place.
    pub async fn evidence(&self, question: EvidenceQuestion<'_>, until: Instant) -> Case {
        match self {
            Source::Aws(account) => account.evidence(question, until).await,
        }
    }

    /// What a role's own policies say about these actions on one resource.
    ///
    /// # Errors
    /// For no answer.
    pub async fn simulate(
        &self,
        role_arn: &str,
        actions: &[&str],
        resource: &str,
        context: &[NeededContext],
        until: Instant,
    ) -> Result<Vec<Simulation>, Error> {
        match self {
            Source::Aws(account) => Ok(account.simulate(role_arn, actions, resource, context, until).await?),
        }
    }

    /// Starts one job. There is no time limit beside that of the call: a start that is given up may have happened.
    ///
    /// # Errors
    /// One that is no [refusal](Error::is_refusal) leaves open whether the job was started. The same order may be sent again.
    pub async fn start(&self, order: &Order) -> Result<Started, Error> {
        match (self, order) {
            (Source::Aws(account), Order::Backup(order)) => Ok(account.start_backup(order).await?),
            (Source::Aws(account), Order::Copy(order)) => Ok(account.start_copy(order).await?),
        }
    }
}
