//! Stopping a backup of AWS. AWS needs minutes for it. What comes next is a claim like any other: the stopped job has a root cause of its own.

use job::{Job, JobKind, JobState};
use notice::text;
use source::{Account, Error};
use tokio::time::Instant;

use super::{Found, called};
use crate::act::Licence;
use crate::ledger::Ledger;
use crate::record::StopStatus;

/// Types whose backups AWS Backup cannot stop.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StopBackupJob.html>
const NO_STOP: [&str; 7] = ["Aurora", "DocumentDB", "Neptune", "RDS", "FSx", "SAP HANA", "SAP HANA on Amazon EC2"];

/// Why AWS Backup has no way to stop a job; `None` where it has one.
pub fn no_way(job: &Job) -> Option<String> {
    match job.kind {
        JobKind::Copy | JobKind::Restore => {
            Some(format!("AWS Backup has no command that stops a {}.", job.kind.noun(1)))
        }
        JobKind::Backup if NO_STOP.iter().any(|name| job.base_type().eq_ignore_ascii_case(name)) => Some(format!(
            "It cannot be stopped: AWS Backup stops no backups of {}.",
            text::outside(job.base_type(), 40)
        )),
        JobKind::Backup => None,
    }
}

/// What comes of a job that an operator wants to be stopped. It hangs, or is over.
pub(super) async fn one(
    account: &Account,
    found: &Found<'_>,
    ledger: &Ledger,
    licence: Licence,
    until: Instant,
) -> (StopStatus, String) {
    match found {
        Found::Over(job) => (StopStatus::Stopped, over(job, ledger)),
        Found::OnItsWay(job) => on_its_way(account, job, licence, until).await,
    }
}

fn over(job: &Job, ledger: &Ledger) -> String {
    let judged = ledger.bad_jobs_of(job.kind, &job.resource_arn).find(|judged| judged.job.id == job.id);
    let claim = judged.map(|judged| format!(" Claim {} as fixed to have one rerun started.", judged.cause));
    format!("Job {} of {} is stopped.{}", job.id, called(job), claim.unwrap_or_default())
}

async fn on_its_way(account: &Account, job: &Job, licence: Licence, until: Instant) -> (StopStatus, String) {
    let named = format!("Job {} of {}", job.id, called(job));
    if let Some(why) = no_way(job) {
        return (StopStatus::Refused, format!("{named} hangs. {why}"));
    }
    let again = "The same claim says when it is stopped, and what to claim for a rerun.";
    if job.state == JobState::Aborting {
        return (StopStatus::Stopping, format!("{named} is being stopped already. {again}"));
    }
    if licence != Licence::Start {
        return (StopStatus::WouldStop, format!("{named} hangs, and would be stopped."));
    }
    match account.stop_backup(&job.id, until).await.map_err(Error::from) {
        Ok(()) => (StopStatus::Stopping, format!("{named} is being stopped, which takes minutes. {again}")),
        Err(error) if error.is_refusal() => {
            (StopStatus::Refused, format!("{named} was not stopped. AWS says: {}", error.said()))
        }
        Err(error) => {
            let why = format!("Whether {named} is being stopped is not known: {error}. Send the same claim again.");
            (StopStatus::Stopping, why)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_stops_backups_alone_and_not_those_of_all_types() {
        for (kind, resource_type, can) in [
            (JobKind::Backup, "EBS", true),
            (JobKind::Backup, "DynamoDB.FullyManaged", true),
            (JobKind::Backup, "RDS", false),
            (JobKind::Backup, "aurora", false),
            (JobKind::Copy, "EBS", false),
            (JobKind::Restore, "EBS", false),
        ] {
            let job = Job { resource_type: resource_type.into(), ..Job::new(kind, "1", JobState::Running) };
            assert_eq!(no_way(&job).is_none(), can, "{kind:?} of {resource_type}");
        }
    }
}
