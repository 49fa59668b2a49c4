//! Starting one backup on demand in Azure. Azure has no token by which it would recognise an order, so that each order is sent once. Where the
//! answer is lost, the lists are read before anything else is done.

use std::time::Duration;

use azure::{Error, ErrorKind, Item, JobFilter, JobStatus, OperationId, OperationState, VaultJob};
use cause::judged::Judged;
use classification::class::Class;
use jiff::{SignedDuration, Timestamp};
use job::{AzureError, AzureRecord, Job, JobKind, JobState};
use notice::text;
use source::Place;
use tokio::time::{Instant, sleep};

use crate::rerun::AzureOrder;

/// What came of an order.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Begun {
    /// A job is on its way. `None`: Azure has taken the order, and does not name the job yet.
    Started { job_id: Option<String> },
    /// Another backup of the item is on its way.
    Busy { words: String },
    /// Azure said no, and started nothing.
    Refused(Error),
    /// Azure took the order and gave it up before there was a job.
    Failed { words: String },
    /// Nothing tells whether it was started.
    Unknown(Error),
}

/// The operation of an order becomes a job within seconds; what takes longer is found in the lists by the next tick.
const LOOKS: usize = 3;
const PAUSE: Duration = Duration::from_millis(700);
/// The clock of Azure and ours.
const SLACK: SignedDuration = SignedDuration::from_mins(5);

/// Sends the order, once.
pub(super) async fn start(place: &Place, order: &AzureOrder, now: Timestamp, until: Instant) -> Begun {
    match place.subscription().trigger(&order.item, &order.request, until).await {
        Ok(operation) => follow(place, order, operation.as_ref(), now, until).await,
        Err(error) if error.refused_by_azure() && is_busy(&error) => Begun::Busy { words: error.said() },
        Err(error) if error.refused_by_azure() => Begun::Refused(error),
        // No token, no order.
        Err(error) if error.kind == ErrorKind::Configuration => Begun::Refused(error),
        Err(error) => match on_its_way(place, order, now, until).await {
            Some(job_id) => Begun::Started { job_id: Some(job_id) },
            None => Begun::Unknown(error),
        },
    }
}

async fn follow(
    place: &Place,
    order: &AzureOrder,
    operation: Option<&OperationId>,
    now: Timestamp,
    until: Instant,
) -> Begun {
    let Some(operation) = operation else {
        return Begun::Started { job_id: on_its_way(place, order, now, until).await };
    };
    for look in 0..LOOKS {
        if look > 0 {
            sleep(PAUSE).await;
        }
        if Instant::now() >= until {
            break;
        }
        let Ok(Some(seen)) = place.subscription().operation(order.item.vault(), operation, until).await else {
            continue;
        };
        match seen.state {
            OperationState::JobCreated(job_id) => return Begun::Started { job_id: Some(job_id) },
            OperationState::Failed | OperationState::Canceled => {
                let words = [seen.code, seen.text].into_iter().flatten().collect::<Vec<_>>().join(": ");
                return Begun::Failed { words: text::outside(&words, 600) };
            }
            OperationState::InProgress | OperationState::Other(_) => {}
        }
    }
    Begun::Started { job_id: None }
}

/// The job of this item that a person or we began a moment ago, by the list of its vault as it is now.
async fn on_its_way(place: &Place, order: &AzureOrder, now: Timestamp, until: Instant) -> Option<String> {
    let filter =
        JobFilter { status: Some(JobStatus::InProgress), operation: None, started: (now - SLACK, now + SLACK * 6) };
    let jobs = place.subscription().jobs(order.item.vault(), &filter, until).await.ok()?;
    let items = place.all_items(until).await.ok()?;
    let is_ours = |job: &&VaultJob| {
        job.is_backup()
            && job.user_triggered == Some(true)
            && Item::of_job(job, &items).map(|item| &item.id) == Some(&order.item)
    };
    jobs.iter().find(is_ours).map(|job| job.id.clone())
}

/// Whether Azure refuses because something else is on its way for the item. Nothing is wrong then, and no list may show it: scheduled backups
/// of databases are hidden.
fn is_busy(error: &Error) -> bool {
    let said = AzureError { name: error.code.clone(), text: Some(error.said()), ..AzureError::default() };
    let refusal = Job {
        message: said.message(),
        azure: Some(Box::new(AzureRecord { operation: "Backup".to_owned(), error: said, ..AzureRecord::default() })),
        ..Job::new(JobKind::Backup, "", JobState::Failed)
    };
    Judged::new(refusal).classification.class == Class::ConcurrencyThrottled
}
