//! The lines of a row: what is not as it should be, and the evidence of its last good backup.

use std::num::NonZeroU64;

use job::Look;
use notice::text;
use promise::Verdict;
use serde::Serialize;

use super::{LONG, OfResource, azure, instant, seconds};
use crate::owned::{self, Accepting, OwnerFrom};
use crate::report::Report;
use crate::rows::{Existence, Flight, Row};
use crate::summary::not_assessed;
use crate::terms::{found_word, leg, verdict};

/// A row that is not as it should be.
#[derive(Debug, Serialize)]
pub struct RpoGap<'a> {
    #[serde(flatten)]
    pub of: OfResource<'a>,
    pub leg: &'static str,
    pub vault_arn: &'a str,
    pub verdict: &'static str,
    /// `last good exists`, `exists` (no record tells whether it is the last good one), `only older`, `only incomplete`, `gone`, `never written`, or why nobody looked.
    pub recovery_point: String,
    pub resource_exists: &'static str,
    pub last_good_start: Option<String>,
    /// The last good backup lies before this instant, or there never was one.
    pub last_good_before: Option<String>,
    pub age_s: Option<i64>,
    pub objective_s: Option<i64>,
    pub objective_source: String,
    pub breaches_at: Option<String>,
    pub runs_missed: usize,
    pub since: Option<String>,
    pub root_cause_id: Option<&'a str>,
    pub root_cause_class: Option<&'static str>,
    pub nights_failing: u32,
    pub failed_job_id: Option<&'a str>,
    pub running_job_id: Option<&'a str>,
    pub stuck_since: Option<String>,
    /// Whose the resource is, and who says so: `resource`, `account`, `none` or `unknown`.
    pub owner: Option<String>,
    pub owner_from: OwnerFrom,
    /// What somebody has accepted until a day, whether that holds, and what the verdict would be without it.
    pub exception: Option<Accepting>,
    /// Tags that do not say what they should.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wrong_tags: Vec<String>,
    #[serde(flatten)]
    pub azure: Option<azure::OfRow<'a>>,
}

/// The last good backup of a row, healthy or not.
#[derive(Debug, Serialize)]
pub struct BackupEvidence<'a> {
    #[serde(flatten)]
    pub of: OfResource<'a>,
    pub leg: &'static str,
    pub vault_arn: &'a str,
    pub verdict: &'static str,
    pub not_assessed: Option<&'static str>,
    pub job_id: Option<&'a str>,
    pub start: Option<String>,
    pub end: Option<String>,
    pub recovery_point_arn: Option<&'a str>,
    pub plan: Option<&'a str>,
    pub rule: Option<&'a str>,
    pub size_bytes: Option<NonZeroU64>,
    pub age_s: Option<i64>,
    pub objective_s: Option<i64>,
    pub objective_source: String,
    pub owner: Option<String>,
    pub owner_from: OwnerFrom,
    pub exception: Option<Accepting>,
    #[serde(flatten)]
    pub azure: Option<azure::OfRow<'a>>,
}

pub(super) fn gap<'a>(report: &'a Report, row: &'a Row) -> RpoGap<'a> {
    let ledger = report.ledger();
    let facts = ledger.rows.get(&row.key);
    let cause = row.why.cause().and_then(|number| report.cause(number));
    let (owner, owner_from) = owned::named(&report.owned(row));
    RpoGap {
        of: OfResource::of_row(report, row),
        leg: leg(row.key.hop),
        vault_arn: ledger.word(row.key.vault),
        verdict: verdict(row),
        recovery_point: match row.confirmation.as_deref() {
            Some(Look::Seen(found)) => found_word(found).to_owned(),
            Some(Look::Missing) => "gone".to_owned(),
            Some(Look::Unreadable { why } | Look::NotLooked { why }) => {
                format!("not looked at: {}", text::outside(why, LONG))
            }
            None => "not looked at".to_owned(),
        },
        resource_exists: match row.existence {
            Existence::NotKnown | Existence::VaultGone => "not known",
            Existence::Gone => "gone",
        },
        last_good_start: instant(row.last_good_start()),
        last_good_before: instant(row.judged_from()),
        age_s: seconds(row.judgement.age),
        objective_s: seconds(row.judgement.objective),
        objective_source: report.objective_source(row),
        breaches_at: instant(row.judgement.verdict.breaches_at()),
        runs_missed: row.judgement.missed.runs,
        since: instant(row.judgement.missed.since),
        root_cause_id: cause.map(|cause| cause.id.as_str()),
        root_cause_class: cause.map(|cause| cause.class.id()),
        nights_failing: row.nights_failing,
        failed_job_id: facts.and_then(|facts| facts.open_under()).map(|bad| &*bad.job),
        running_job_id: facts.and_then(|facts| facts.in_flight().last()).map(|flying| &*flying.job),
        stuck_since: match row.flight {
            Flight::Stuck { since, .. } => Some(since.to_string()),
            Flight::None | Flight::InTime | Flight::Long { .. } => None,
        },
        owner,
        owner_from,
        exception: Accepting::of(report, row),
        wrong_tags: owned::wrong_tags(report, row),
        azure: azure::of_row(report, row),
    }
}

pub(super) fn evidence<'a>(report: &'a Report, row: &'a Row) -> BackupEvidence<'a> {
    let ledger = report.ledger();
    let good = ledger.rows.get(&row.key).and_then(|facts| facts.good.as_ref());
    let rule = good.and_then(|good| ledger.rule(good.rule?));
    let (owner, owner_from) = owned::named(&report.owned(row));
    BackupEvidence {
        of: OfResource::of_row(report, row),
        leg: leg(row.key.hop),
        vault_arn: ledger.word(row.key.vault),
        verdict: verdict(row),
        not_assessed: match row.judgement.verdict {
            Verdict::NotAssessed { why } => Some(not_assessed(why)),
            _ => None,
        },
        job_id: good.map(|good| &*good.job),
        start: instant(good.map(|good| good.start()).or(row.last_good_start())),
        end: instant(good.map(|good| good.end())),
        recovery_point_arn: row.last_point(ledger),
        plan: rule.and_then(|rule| rule.plan_name.as_deref().or(rule.plan_id.as_deref())),
        rule: rule.and_then(|rule| rule.rule_name.as_deref().or(rule.rule_id.as_deref())),
        // AWS writes zero where it does not know.
        size_bytes: good.and_then(|good| good.size_bytes),
        age_s: seconds(row.judgement.age),
        objective_s: seconds(row.judgement.objective),
        objective_source: report.objective_source(row),
        owner,
        owner_from,
        exception: Accepting::of(report, row),
        azure: azure::of_row(report, row),
    }
}
