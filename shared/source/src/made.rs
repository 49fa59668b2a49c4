//! What a job that COMPLETED left behind. A job proves nothing if what it made is gone.

use aws::{RecoveryPoint, Usable};
use job::Arn;
use job::Job;
use tokio::time::Instant;

use crate::Source;

/// What became of the recovery point that a job made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    /// It is there, and a restore can begin from it.
    Usable(Box<RecoveryPoint>),
    /// AWS says that it does not exist, or is expired, partial or being deleted.
    Gone,
    /// A copy in another account, into which nobody looks from here.
    Elsewhere {
        account: String,
    },
    Unread {
        why: String,
    },
}

/// Looks for the recovery point that a job made. What has not answered by `until` is unread.
pub async fn made(source: &Source, job: &Job, until: Instant) -> Made {
    let unread = |why: &str| Made::Unread { why: why.to_owned() };
    let Some(vault) = job.written_vault_arn().and_then(Arn::parse) else {
        return unread("the job's record does not name its vault");
    };
    if vault.account != job.scope.account {
        return Made::Elsewhere { account: vault.account.to_owned() };
    }
    let Some(point) = job.recovery_point_arn.as_deref() else {
        return unread("the job's record does not name its recovery point");
    };
    let name = vault.vault_name().unwrap_or_default();
    let source = source.in_region(vault.region);
    match source.recovery_point(name, point, until).await {
        Ok(Some(point)) => match point.usable() {
            Usable::Yes => Made::Usable(Box::new(point)),
            Usable::No => Made::Gone,
            Usable::Unknown => Made::Unread { why: format!("its status {:?} is not known", point.status) },
        },
        Ok(None) => Made::Gone,
        Err(error) => Made::Unread { why: error.to_string() },
    }
}
