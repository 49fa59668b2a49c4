//! The words of rows.

use job::{Look, type_name};
use promise::{LastGood, Verdict};

use super::{ascii, items, title};
use crate::causes::Cause;
use crate::counters::Kind;
use crate::found::Found;
use crate::ledger::Hop;
use crate::names::Name;
use crate::report::Report;
use crate::rows::{Existence, Flight, Row, Why};
use crate::summary::not_assessed;

/// `orders (RDS) in vault production`, `copy of orders (RDS) in vault offsite of 999988887777 in eu-central-1`.
pub(crate) fn row_name(report: &Report, row: &Row) -> String {
    format!("{} in {}", resource_name(report, row), vault_name(report, row))
}

/// `orders (RDS)`, and where among several places.
pub(crate) fn resource(report: &Report, resource: Name) -> String {
    let (label, resource_type) = label_and_type(report, resource);
    format!("{label} ({resource_type}){}", report.here())
}

/// `orders (RDS)`, `copy of orders (RDS)`.
fn resource_name(report: &Report, row: &Row) -> String {
    let (label, resource_type) = label_and_type(report, row.key.resource);
    match row.key.hop {
        Hop::Backup => format!("{label} ({resource_type})"),
        Hop::Copy => format!("copy of {label} ({resource_type})"),
    }
}

/// `orders` and `RDS`.
pub(crate) fn label_and_type(report: &Report, resource: Name) -> (String, String) {
    let ledger = report.ledger();
    let resource_type = match ledger.resource_type(resource) {
        "" => "type not known".to_owned(),
        known => ascii(type_name(known), 40),
    };
    (ascii(ledger.label(resource), 80), resource_type)
}

pub(crate) fn vault_name(report: &Report, row: &Row) -> String {
    let vault = ascii(&report.vault_label(report.ledger().word(row.key.vault)), 120);
    if vault.is_empty() { "a vault that is not known".to_owned() } else { format!("vault {vault}") }
}

/// `3 resources`, `2 copies`.
pub(crate) fn rows_of(row: &Row, number: usize) -> String {
    match row.key.hop {
        Hop::Backup => Kind::Resources.count(number),
        Hop::Copy => Kind::Copies.count(number),
    }
}

pub(crate) fn verdict(row: &Row) -> &'static str {
    match row.judgement.verdict {
        _ if row.nothing_left() => "NO RECOVERY POINT LEFT",
        _ if row.only_incomplete() => "NO COMPLETE RECOVERY POINT",
        _ if row.is_infected() => "THREATS IN ITS NEWEST RECOVERY POINT",
        Verdict::InBreach => "PAST ITS RPO",
        Verdict::NeverBackedUp if row.is_copy() => "NEVER COPIED",
        Verdict::NeverBackedUp => "NEVER BACKED UP",
        Verdict::NoPlan => "NO PLAN ANY MORE",
        Verdict::AtRisk { .. } => "AT RISK",
        Verdict::NoScheduleRan { .. } => "NO SCHEDULE RAN",
        Verdict::NotDueYet => "NOT DUE YET",
        Verdict::OptedOut => "OPTED OUT",
        Verdict::SnapshotOnly => "SNAPSHOT ONLY",
        Verdict::Stopped => "STOPPED BY A PERSON",
        Verdict::SoftDeleted => "SOFT-DELETED",
        Verdict::NotAssessed { .. } => "NOT ASSESSED",
        Verdict::WithinObjective => "WITHIN ITS RPO",
    }
}

/// `47 d old, RPO 1 d 8 h (nightly/daily)`.
pub(crate) fn age(report: &Report, row: &Row) -> String {
    let age = row.judgement.age.map(|age| notice::span(age.as_secs()));
    let made = if row.is_copy() { "copy" } else { "backup" };
    let age = match (row.last_good, age) {
        (LastGood::Never, _) | (_, None) => format!("no good {made} on record"),
        (LastGood::Before(_), Some(age)) => format!("no good {made} for at least {age}"),
        (LastGood::At(_), Some(age)) => format!("{age} old"),
    };
    match row.judgement.objective {
        Some(objective) => {
            let source = ascii(&report.objective_source(row), 200);
            format!("{age}, RPO {} ({source})", notice::span(objective.as_secs()))
        }
        None => format!("{age}, no RPO"),
    }
}

/// Since when, and how many runs left nothing good; with the moment a row at risk exceeds its objective.
pub(crate) fn since(row: &Row) -> Option<String> {
    let breaches_at = row.judgement.verdict.breaches_at();
    let missed = row.judgement.missed;
    let or_more = if missed.more_before { " or more" } else { "" };
    let missed = missed.since.map(|since| {
        format!("{}{or_more} missed since {}", notice::text::count(missed.runs, "run"), notice::minute(since))
    });
    let breaches_at = breaches_at.map(|at| format!("past its RPO from {}", notice::minute(at)));
    match (missed, breaches_at) {
        (Some(missed), Some(at)) => Some(format!("{missed}; {at}")),
        (one, other) => one.or(other),
    }
}

/// Why a row is not as it should be.
pub(crate) fn why(report: &Report, row: &Row) -> Option<String> {
    let nights = match row.nights_failing {
        0 => String::new(),
        nights => format!(", {}", nights_of(report, row, nights)),
    };
    let cause = |number| report.cause(number).map(|cause: &Cause| format!("{}, {}", title(cause), cause.id));
    let gone = match row.existence {
        Existence::Gone => "; the resource itself seems to be gone".to_owned(),
        Existence::VaultGone => {
            format!("; {} seems to be gone: the vault is gone, and not the resource", vault_name(report, row))
        }
        Existence::NotKnown => String::new(),
    };
    match (row.why, row.judgement.verdict) {
        (Why::Cause(number), _) => cause(number).map(|cause| format!("{cause}{nights}{gone}")),
        (Why::SourceFailed(number), _) => cause(number).map(|cause| format!("nothing to copy: {cause}{gone}")),
        (_, Verdict::OptedOut) => Some("its type is switched off in AWS Backup's settings of this Region".to_owned()),
        (_, Verdict::NotAssessed { why }) => Some(not_assessed(why).to_owned()),
        (Why::Nothing, _) if items::why(row).is_some() => items::why(row),
        (Why::NoJob, _) => Some("its schedule made no job at all".to_owned()),
        (Why::Lost, _) => {
            Some("no selection of its plan finds it any more: its tags have changed, or it was deleted".to_owned())
        }
        (Why::NoPlan, _) => Some(no_plan(report, row)),
        (Why::Nothing, Verdict::NeverBackedUp) => Some("no job was ever seen for it".to_owned()),
        (Why::Nothing, Verdict::WithinObjective | Verdict::NotDueYet) => None,
        (Why::Nothing, Verdict::SoftDeleted) => None,
        // The run that is on its way takes longer than ever.
        (Why::Nothing, Verdict::AtRisk { .. }) if row.flight != Flight::None => None,
        (Why::Nothing, _) => Some("cause not known: no failed job of it is on record".to_owned()),
    }
}

/// Which plan made its last backups, and what that comes to.
fn no_plan(report: &Report, row: &Row) -> String {
    match past_plan(report, row) {
        Some(plan) => {
            format!("plan {plan} made its jobs, and no plan covers it now: nobody makes another backup of it")
        }
        None => "a plan made its jobs, and no plan covers it now: nobody makes another backup of it".to_owned(),
    }
}

/// The plan that made the jobs of a row, by its name.
pub(crate) fn past_plan(report: &Report, row: &Row) -> Option<String> {
    let ledger = report.ledger();
    let seen = ledger.rules_of(&row.key).iter().rev().filter_map(|rule| ledger.rule(*rule));
    let mut names = seen.filter_map(|seen| seen.plan_name.as_deref().or(seen.plan_id.as_deref()));
    names.next().map(|name| ascii(name, 60))
}

/// Where the plan of a row is changed, where that is not its own account.
pub(crate) fn elsewhere(report: &Report, row: &Row) -> Option<String> {
    let plans = report.organization_plans(row);
    let names = plans.iter().map(|plan| ascii(plan, 60)).collect::<Vec<_>>().join(", ");
    (!plans.is_empty())
        .then(|| format!("{names}: a plan of the organization, which only its management account can change"))
}

fn nights_of(report: &Report, row: &Row, nights: u32) -> String {
    // AWS forgets job records after 30 days: what failed on each of them may have failed before.
    let reaches_back = match row.last_good {
        LastGood::At(start) => report.night().now.duration_since(start) > report.night().settings.look_back,
        LastGood::Before(_) => true,
        LastGood::Never => true,
    };
    match nights {
        1 => "1 night".to_owned(),
        _ if reaches_back && report.night().settings.are_all_nights(nights) => format!(">= {nights} nights"),
        _ => format!("{nights} nights"),
    }
}

pub(crate) fn recovery_point(row: &Row) -> Option<String> {
    let not_looked = "not checked whether its last recovery point is still there";
    let of = |created: &Option<jiff::Timestamp>| {
        created.map(|created| format!(", the newest of {}", notice::minute(created))).unwrap_or_default()
    };
    match row.confirmation.as_deref() {
        Some(Look::Seen(found)) => Some(match found {
            Found::LastGood => "its last good recovery point is still there".to_owned(),
            Found::Some { .. } => {
                "a recovery point of it is there; no record names that of the last good backup".to_owned()
            }
            Found::OnlyOlder { created } => {
                format!("ITS LAST GOOD RECOVERY POINT IS GONE; others are still there{}", of(created))
            }
            Found::Infected { clean: Some((arn, created)), .. } => format!(
                "a malware scan found threats in its newest recovery point; the last clean one{} is {}",
                created.map(|at| format!(", of {},", notice::minute(at))).unwrap_or_default(),
                ascii(arn, 400)
            ),
            Found::Infected { clean: None, .. } => {
                "a malware scan found threats in its newest recovery point; no scan found any other one clean"
                    .to_owned()
            }
            Found::OnlyIncomplete { points, newest } => {
                format!("checked: no complete recovery point is left, only {points} with holes{}", of(newest))
            }
            Found::NothingYet => "nothing was ever written here".to_owned(),
        }),
        Some(Look::Missing) => Some("checked: the vault holds no usable recovery point of it".to_owned()),
        Some(Look::Unreadable { why } | Look::NotLooked { why }) => Some(format!("{not_looked}: {}", ascii(why, 200))),
        None if row.may_have_lost_its_point() => Some(not_looked.to_owned()),
        None => None,
    }
}

pub(crate) fn flight(row: &Row) -> Option<String> {
    if let Some(told) = items::flight(row) {
        return Some(told);
    }
    match row.flight {
        Flight::Stuck { since, jobs: 1 } => Some(format!("a job is stuck since {}", notice::minute(since))),
        Flight::Stuck { since, jobs } => Some(format!("{jobs} jobs are stuck since {}", notice::minute(since))),
        Flight::Long { seconds } => Some(format!("a job runs for {}, which is usual for it", notice::span(seconds))),
        Flight::InTime => Some("a job is on its way".to_owned()),
        Flight::None => None,
    }
}
