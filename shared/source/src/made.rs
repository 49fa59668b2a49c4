//! What a job that COMPLETED left behind. A job proves nothing if what it made is gone.

use aws::{Account, RecoveryPoint, Usable};
use jiff::{SignedDuration, Timestamp};
use job::{Arn, Job, Look};
use tokio::time::Instant;

use crate::{Place, Source};

/// Looks for the recovery point that a job made. What has not answered by `until` is unreadable.
///
/// Seen: a restore can begin from it. Missing: AWS says that it does not exist, or is expired, partial or being deleted. Not looked at: it is a
/// copy in another account.
pub async fn recovery_point_of(job: &Job, source: &Source, until: Instant) -> Look<RecoveryPoint> {
    match source {
        Source::Aws(account) => of_account(job, account, until).await,
        Source::Azure(place) => of_place(job, place, until).await,
    }
}

/// How much later than the end of its job a recovery point may be dated: the clocks of two services.
const SLACK: SignedDuration = SignedDuration::from_mins(5);

/// Azure's jobs do not name what they made: it is the first recovery point of the item since the job began. One from after its end is that of
/// another job.
async fn of_place(job: &Job, place: &Place, until: Instant) -> Look<RecoveryPoint> {
    let Some(begun) = job.created else {
        return Look::Unreadable { why: "the job's record does not say when it began".to_owned() };
    };
    match place.recovery_points(&job.resource_arn, until).await {
        Ok(points) => {
            let is_its = |made: Timestamp| made >= begun && job.ended.is_none_or(|ended| made <= ended + SLACK);
            let since = points.into_iter().rev().find(|point| point.created.is_some_and(is_its));
            since.map_or(Look::Missing, Look::Seen)
        }
        Err(error) => Look::Unreadable { why: error.to_string() },
    }
}

async fn of_account(job: &Job, account: &Account, until: Instant) -> Look<RecoveryPoint> {
    let unreadable = |why: &str| Look::Unreadable { why: why.to_owned() };
    let Some(vault) = job.written_vault_arn().and_then(Arn::parse) else {
        return unreadable("the job's record does not name its vault");
    };
    if vault.account != job.scope.account {
        let why = format!("it is in account {}, which Night One cannot look into", vault.account);
        return Look::NotLooked { why };
    }
    let Some(point) = job.recovery_point_arn.as_deref() else {
        return unreadable("the job's record does not name its recovery point");
    };
    let name = vault.vault_name().unwrap_or_default();
    let account = account.in_region(vault.region);
    match account.recovery_point(name, point, until).await {
        Ok(Some(point)) => match point.usable() {
            Usable::Yes => Look::Seen(point),
            Usable::No => Look::Missing,
            Usable::Unknown => {
                let status = notice::text::outside(point.status.as_str(), 40);
                unreadable(&format!("its status {status:?} is not known"))
            }
        },
        Ok(None) => Look::Missing,
        Err(error) => unreadable(&error.to_string()),
    }
}
