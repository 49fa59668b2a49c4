//! What the records of Azure say beside the members that those of both clouds have.

use cause::judged::Judged;
use job::{AzureRecord, Job};
use lambda::record::LONG;
use notice::text;
use promise::{InVault, Verdict};
use serde::Serialize;

use crate::azure::Full;
use crate::causes::Cause;
use crate::digest::{Digest, ListOf};
use crate::report::Report;
use crate::rows::{ItemRow, Row, Why};
use crate::terms::health;

/// Of a row.
#[derive(Debug, Serialize)]
pub struct OfRow<'a> {
    pub cloud: &'static str,
    pub subscription: &'a str,
    pub location: &'a str,
    pub vault: &'a str,
    pub item: &'a str,
    pub policy: Option<&'a str>,
    /// `stopped`, `paused` or `suspended`.
    pub stopped: Option<&'static str>,
    pub health: Option<String>,
    /// The newest recovery point that is in the vault; only where it was looked for and found.
    pub last_in_vault: Option<String>,
    pub last_full: Option<String>,
    /// Of MARS, DPM and MABS.
    pub last_heard: Option<String>,
    pub deleted_for_good: Option<String>,
    /// What failed last: by its job, else by what the item says.
    pub code: Option<String>,
    pub number: Option<i64>,
}

/// Of a root cause: its latest job.
#[derive(Debug, Serialize)]
pub struct OfCause<'a> {
    pub cloud: &'static str,
    pub subscription: &'a str,
    pub location: &'a str,
    pub vault: Option<&'a str>,
    pub item: Option<&'a str>,
    pub job_id: &'a str,
    pub operation: &'a str,
    pub code: Option<String>,
    pub number: Option<i64>,
}

/// Of the numbers of a night.
#[derive(Debug, Serialize)]
pub struct OfNight {
    pub azure_subscriptions: usize,
    pub snapshot_only: usize,
    pub stopped: usize,
    pub soft_deleted: usize,
    pub health_warnings: usize,
}

pub(super) fn of_row<'a>(report: &'a Report, row: &'a Row) -> Option<OfRow<'a>> {
    let ItemRow { watched, seen, .. } = row.item.as_deref()?;
    let bad =
        report.ledger().rows.get(&row.key).filter(|_| row.why != Why::Nothing).and_then(|facts| facts.open_under());
    let failed = bad.and_then(|bad| bad.error.as_deref());
    let code = failed.and_then(|error| error.name.as_deref());
    let said = watched.said.as_ref();
    Some(OfRow {
        cloud: "azure",
        subscription: &watched.subscription,
        location: &watched.location,
        vault: &watched.vault,
        item: &watched.id,
        policy: watched.policy_name.as_deref(),
        stopped: watched.stopped.filter(|_| row.judgement.verdict == Verdict::Stopped),
        health: watched.health.as_ref().map(health),
        last_in_vault: match seen.in_vault {
            InVault::At(at) => Some(at.to_string()),
            InVault::NotTold | InVault::Nothing => None,
        },
        last_full: match watched.full {
            Full::Seen(at) => Some(at.to_string()),
            Full::NotAsked | Full::NotSeen => None,
        },
        last_heard: watched.last_heard.map(|at| at.to_string()),
        deleted_for_good: watched.deleted_for_good.map(|at| at.to_string()),
        code: code.or(said.and_then(|said| said.name.as_deref())).map(outside),
        number: failed.map_or_else(|| said.and_then(|said| said.number), |error| error.number),
    })
}

pub(super) fn of_cause(cause: &Cause) -> Option<OfCause<'_>> {
    let job = cause.latest.as_deref()?;
    of_job(job, job.azure.as_deref()?)
}

pub(super) fn of_restore(failed: &Judged) -> Option<OfCause<'_>> {
    of_job(&failed.job, failed.job.azure.as_deref()?)
}

pub(super) fn of_night(digest: &Digest) -> Option<OfNight> {
    let total = &digest.summary.total;
    digest.azure_subscriptions.map(|azure_subscriptions| OfNight {
        azure_subscriptions,
        snapshot_only: total.snapshot_only,
        stopped: total.stopped,
        soft_deleted: total.soft_deleted,
        health_warnings: digest.lists.of_kind(ListOf::HealthWarnings).count,
    })
}

fn of_job<'a>(job: &'a Job, record: &'a AzureRecord) -> Option<OfCause<'a>> {
    Some(OfCause {
        cloud: "azure",
        subscription: &job.scope.account,
        location: &job.scope.region,
        vault: job.vault_arn(),
        item: record.item.as_deref(),
        job_id: &job.id,
        operation: &record.operation,
        code: record.error.name.as_deref().map(outside),
        number: record.error.number,
    })
}

fn outside(text: &str) -> String {
    text::outside(text, LONG)
}
