//! The words of documents for programs: the log, queries, the files of the night. They never change.

use azure::Health;
use lambda::record::LONG;
use notice::text;
use promise::Verdict;

use crate::found::Found;
use crate::ledger::Hop;
use crate::report::Report;
use crate::rows::{ItemRow, Row};

/// The word of a verdict, in logs and queries.
pub(crate) fn verdict(row: &Row) -> &'static str {
    if row.is_accepted() { "accepted" } else { verdict_alone(row) }
}

/// The same, whatever somebody accepts.
pub(crate) fn verdict_alone(row: &Row) -> &'static str {
    match row.judgement.verdict {
        Verdict::WithinObjective if row.nothing_left() => "no-recovery-point-left",
        Verdict::WithinObjective if row.only_incomplete() => "only-incomplete",
        Verdict::WithinObjective if row.is_infected() => "infected",
        Verdict::InBreach => "in-breach",
        Verdict::AtRisk { .. } => "at-risk",
        Verdict::NoScheduleRan { .. } => "no-schedule-ran",
        Verdict::NeverBackedUp => "never-backed-up",
        Verdict::NoPlan => "no-plan",
        Verdict::NotDueYet => "not-due-yet",
        Verdict::OptedOut => "opted-out",
        Verdict::SnapshotOnly => "snapshot-only",
        Verdict::Stopped => "stopped",
        Verdict::SoftDeleted => "soft-deleted",
        Verdict::NotAssessed { .. } => "not-assessed",
        Verdict::WithinObjective => "within-objective",
    }
}

pub(crate) fn found_word(found: &Found) -> &'static str {
    match found {
        Found::LastGood => "last good exists",
        Found::Some { .. } => "exists",
        Found::OnlyOlder { .. } => "only older",
        Found::Infected { .. } => "infected",
        Found::OnlyIncomplete { .. } => "only incomplete",
        Found::NothingYet => "never written",
    }
}

pub(crate) fn leg(leg: Hop) -> &'static str {
    match leg {
        Hop::Backup => "backup",
        Hop::Copy => "copy",
    }
}

/// Azure's word for the health of an item.
pub(crate) fn health(health: &Health) -> String {
    text::outside(health.as_str(), LONG)
}

/// Where a row is: the account and Region of the report, or a subscription and location of Azure.
pub(crate) fn place<'a>(report: &'a Report, row: &'a Row) -> (&'a str, &'a str) {
    match row.item.as_deref() {
        Some(ItemRow { watched, .. }) => (&watched.subscription, &watched.location),
        None => (&report.night().scope.account, &report.night().scope.region),
    }
}

/// What people call the account of the report, where there are several, or a subscription of Azure.
pub(crate) fn account_name<'a>(report: &'a Report, account: &str) -> Option<&'a str> {
    match account == report.night().scope.account {
        true => report.telling().among().and_then(|named| named.0.as_deref()),
        false => report.night().azure.names.get(account).map(String::as_str),
    }
}
