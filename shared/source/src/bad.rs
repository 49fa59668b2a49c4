//! The jobs of one account that ended badly, in few calls.

use aws::{Account, Error, JobQuery};
use futures::future::join_all;
use jiff::Timestamp;
use job::{Job, JobState};
use tokio::time::Instant;

use crate::lists::failed_states;

/// The jobs that were read, and why others could not be.
#[derive(Debug, Default)]
pub struct BadJobs {
    /// Those that ended badly, and others. One may be there twice.
    pub jobs: Vec<Job>,
    pub errors: Vec<Error>,
}

/// Jobs of one kind in an account and Region. Where they are few, one call tells all of them, in whatever state they are; else the bad states are asked
/// for one by one, because nearly all jobs complete.
///
/// `created_after` is asked of AWS. `issues_after`: jobs that completed after this instant have to be among them, because those with a message
/// completed with issues.
pub async fn bad_jobs(
    account: &Account,
    asked: &JobQuery<'_>,
    issues_after: Option<Timestamp>,
    until: Instant,
) -> BadJobs {
    let mut bad = BadJobs::default();
    match account.first_jobs(asked, until).await {
        Ok(first) if first.are_all => bad.jobs = first.jobs,
        Ok(first) => {
            bad.jobs = first.jobs;
            let of_state = |state: &JobState| JobQuery { state: Some(state.clone()), ..asked.clone() };
            let completed = issues_after.map(|after| JobQuery {
                state: Some(JobState::Completed),
                completed_after: Some(after),
                created_after: None,
                ..asked.clone()
            });
            let queries: Vec<JobQuery<'_>> = failed_states(asked.kind).iter().map(of_state).chain(completed).collect();
            for answer in join_all(queries.iter().map(|query| account.jobs(query, until))).await {
                match answer {
                    Ok(listed) => bad.jobs.extend(listed),
                    Err(error) => bad.errors.push(error),
                }
            }
        }
        Err(error) => bad.errors.push(error),
    }
    for job in &mut bad.jobs {
        // The lists of an account hold its own jobs alone, whether a record says so or not.
        job.scope.clone_from(account.scope());
    }
    bad
}
