//! The log lines and the answer of this function: the evidence that an auditor asks for. One struct a record; the order of the members is
//! stable, and instants are RFC 3339 in UTC.

mod azure;
mod pace;
mod period;
mod restores;
mod rows;

pub use period::PeriodSummary;
pub use rows::{BackupEvidence, RpoGap};

use cause::judged::Judged;
use cause::restore::Verdict;
use jiff::{SignedDuration, Timestamp};
use job::Scope;
use lambda::record::LONG;
use notice::{log, text};
use serde::Serialize;

use crate::causes::{Cause, Nights, Status};
use crate::digest::{Digest, ListOf, Unread};
use crate::ledger::{By, Window};
use crate::names::Name;
use crate::period::Review;
use crate::report::{Report, Unprocessed};
use crate::rows::Row;
use crate::terms::{account_name, place};
use crate::whole::{Extent, Whole};

/// Gaps of the coverage in the summary.
const ERRORS: usize = 20;

/// Where a record is of.
#[derive(Debug, Serialize)]
pub struct Where<'a> {
    pub account: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_name: Option<&'a str>,
    pub region: &'a str,
}

/// The resource that a record is of.
#[derive(Debug, Serialize)]
pub struct OfResource<'a> {
    #[serde(flatten)]
    pub place: Where<'a>,
    pub resource_arn: &'a str,
    pub resource_name: String,
    pub resource_type: &'a str,
}

#[derive(Debug, Serialize)]
pub struct RootCause<'a> {
    #[serde(flatten)]
    pub place: Where<'a>,
    pub root_cause_id: &'a str,
    pub root_cause_class: &'static str,
    pub status: &'static str,
    pub proven_by: Option<&'static str>,
    pub proven_at: Option<String>,
    /// What evidence found instead of the class of AWS's words.
    pub found_class: Option<&'static str>,
    pub resources_held_back: usize,
    pub resources_recovered: usize,
    pub failed: usize,
    pub share_percent: Option<usize>,
    pub nights: u32,
    /// The record ends before the beginning of the cause.
    pub nights_at_least: bool,
    pub first: Option<String>,
    pub last: Option<String>,
    pub since_last_report: usize,
    pub completed_with_issues: usize,
    pub reruns_failed: usize,
    pub resource_types: &'a [String],
    pub message: String,
    pub job_ids: &'a [String],
    #[serde(flatten)]
    pub azure: Option<azure::OfCause<'a>>,
}

/// Writes what is told of a period, and hands it back.
pub fn period_summary(review: &Review) -> PeriodSummary {
    let summary = PeriodSummary::of(review);
    log::write("period_summary", &summary);
    summary
}

/// A restore that failed since the last report. Often no event tells of it.
#[derive(Debug, Serialize)]
pub struct RestoreFailed<'a> {
    #[serde(flatten)]
    pub place: Where<'a>,
    pub job_id: &'a str,
    pub state: &'a str,
    pub resource_type: &'a str,
    pub recovery_point_arn: Option<&'a str>,
    pub ended: Option<String>,
    pub root_cause_id: &'a str,
    pub root_cause_class: &'static str,
    pub message: String,
    #[serde(flatten)]
    pub azure: Option<azure::OfCause<'a>>,
}

/// A rule that was due and made no job, because AWS Backup could not find out what its selections cover. No list and no event tells of it.
#[derive(Debug, Serialize)]
pub struct RuleWithoutJob<'a> {
    #[serde(flatten)]
    pub place: Where<'a>,
    pub plan_id: &'a str,
    pub plan: String,
    pub rule_id: &'a str,
    pub rule: String,
    pub due: String,
    /// In AWS's words, from CloudTrail.
    pub message: String,
}

/// The numbers of the night; also the answer of the function.
#[derive(Debug, Serialize)]
pub struct RpoSummary {
    pub account: String,
    pub region: String,
    pub now: String,
    pub resources: usize,
    pub protected: usize,
    pub in_breach: usize,
    pub at_risk: usize,
    pub no_schedule_ran: usize,
    pub never_backed_up: usize,
    /// Resources that a plan backed up, and no plan covers any more.
    pub no_plan: usize,
    pub nothing_left: usize,
    /// Rows of which recovery points are left, and no complete one.
    pub only_incomplete: usize,
    /// Rows in whose newest recovery point a malware scan found something.
    pub infected: usize,
    pub not_due_yet: usize,
    pub opted_out: usize,
    pub not_assessed: usize,
    pub accepted: usize,
    pub within_objective: usize,
    pub selections_not_assessed: usize,
    pub worst_gap_s: Option<i64>,
    pub copies: usize,
    pub copies_in_breach: usize,
    pub worst_copy_gap_s: Option<i64>,
    pub root_causes_open: usize,
    pub root_causes_new: usize,
    pub resources_recovered: usize,
    pub reruns_completed: usize,
    pub reruns_failed: usize,
    /// Resources that exceeded their objective and came back, both since the last report.
    pub breached_since_last_report: usize,
    pub restores_failed: usize,
    /// Protected resources by the verdict on their restores, and what restore tests left.
    pub restores_proven: usize,
    pub restores_failed_validation: usize,
    pub restores_never_tested: usize,
    pub restores_unknown: usize,
    pub restore_plans_silent: usize,
    pub restore_leftovers: usize,
    /// Backups that used over 80 % of their completion window, and others that took over twice their median.
    pub backups_near_window: usize,
    pub backups_slower: usize,
    pub rules_kept_too_short: usize,
    /// Rules that keep recovery points for less than MIN_RETENTION_DAYS, by destination.
    pub rules_kept_briefly: usize,
    /// Recovery points past their date that AWS Backup could not delete, of those that were looked at.
    pub recovery_points_not_deleted: usize,
    pub vaults_without_lock: usize,
    /// Resources that no tag names an owner of, and those whose owner is not known.
    pub without_owner: usize,
    pub owner_unknown: usize,
    /// Exceptions that hold, and those that ended of resources that are not as they should be.
    pub exceptions: usize,
    pub exceptions_ended: usize,
    pub wrong_tags: usize,
    /// Rows whose recovery points were looked for, and those that may hold one.
    pub recovery_points_looked_for: usize,
    pub recovery_points_to_look_for: usize,
    pub stuck: usize,
    pub completed_with_issues: usize,
    pub success_rate_1_day: Option<f64>,
    pub success_rate_7_days: Option<f64>,
    pub success_rate_30_days: Option<f64>,
    pub subscriptions_confirmed: Option<usize>,
    #[serde(flatten)]
    pub azure: Option<azure::OfNight>,
    /// Of a report of more than one place.
    #[serde(flatten)]
    pub places: Option<OfPlaces>,
    pub coverage: CoverageRecord,
}

/// How far a report reached.
#[derive(Debug, Serialize)]
pub struct OfPlaces {
    pub accounts: usize,
    pub regions: usize,
    /// Accounts in a Region that were read to the end, each for itself.
    pub places_complete: usize,
    pub places_incomplete: usize,
}

#[derive(Debug, Serialize)]
pub struct CoverageRecord {
    pub complete: bool,
    /// How many lists were not read to their end, and the first of them: an answer has a largest size.
    pub count: usize,
    pub errors: Vec<String>,
}

/// Every line of a place, made one at a time: the rows' lines together are larger than the function's memory should be.
pub fn lines(report: &Report) -> impl Iterator<Item = String> + '_ {
    let evidence = report.rows().iter().map(|row| log::line("backup_evidence", &rows::evidence(report, row)));
    let gaps =
        report.rows().iter().filter(|row| row.is_printed()).map(|row| log::line("rpo_gap", &rows::gap(report, row)));
    let causes = report.causes().iter().map(|cause| log::line("root_cause", &root_cause(report, cause)));
    let failed = report.ledger().restores.iter().map(|failed| log::line("restore_failed", &restore(report, failed)));
    let tested =
        report.tested().iter().map(|tested| log::line("restore_evidence", &restores::evidence(report, tested)));
    let without = report.unprocessed().iter();
    let without = without.map(|rule| log::line("rule_without_job", &rule_without_job(report, rule)));
    let slow = crate::pace::each(report).map(|one| log::line("backup_slow", &pace::slow(report, &one)));
    gaps.chain(evidence).chain(causes).chain(slow).chain(failed).chain(tested).chain(without)
}

/// The line of the whole night.
pub fn summary_line(whole: &Whole) -> String {
    log::line("rpo_summary", &summary(whole))
}

impl<'a> Where<'a> {
    fn at(report: &'a Report, scope: &'a Scope) -> Self {
        Self::named(report, (&scope.account, &scope.region))
    }

    fn named(report: &'a Report, (account, region): (&'a str, &'a str)) -> Self {
        Self { account, account_name: account_name(report, account), region }
    }
}

impl<'a> OfResource<'a> {
    fn of(report: &'a Report, place: Where<'a>, resource: Name) -> Self {
        let ledger = report.ledger();
        Self {
            place,
            resource_arn: ledger.arn(resource),
            resource_name: text::outside(ledger.label(resource), LONG),
            resource_type: ledger.resource_type(resource),
        }
    }

    fn of_row(report: &'a Report, row: &'a Row) -> Self {
        Self::of(report, Where::named(report, place(report, row)), row.key.resource)
    }
}

fn root_cause<'a>(report: &'a Report, cause: &'a Cause) -> RootCause<'a> {
    let night = report.night();
    let scope = cause.latest.as_ref().map_or(&night.scope, |job| &job.scope);
    let (proven_by, proven_at) = match cause.status {
        Status::Proven { by: By::NightOne, at } => (Some("night-one"), Some(at)),
        Status::Proven { by: By::Others, at } => (Some("others"), Some(at)),
        Status::New | Status::Open | Status::Accepted | Status::Over => (None, None),
    };
    RootCause {
        place: Where::at(report, scope),
        root_cause_id: &cause.id,
        root_cause_class: cause.class.id(),
        status: match cause.status {
            Status::New => "new",
            Status::Open => "open",
            Status::Proven { .. } => "proven",
            Status::Accepted => "accepted",
            Status::Over => "over",
        },
        proven_by,
        proven_at: instant(proven_at),
        found_class: cause.found.map(|class| class.id()),
        resources_held_back: cause.held_back,
        resources_recovered: cause.recovered,
        failed: cause.failed,
        share_percent: cause.share(),
        nights: match cause.nights {
            Nights::Counted(nights) | Nights::AtLeast(nights) => nights,
        },
        nights_at_least: matches!(cause.nights, Nights::AtLeast(_)),
        first: instant(cause.first),
        last: instant(cause.last),
        since_last_report: cause.since_report,
        completed_with_issues: cause.issues,
        reruns_failed: cause.reruns_failed,
        resource_types: &cause.types,
        message: text::outside(&cause.message, LONG),
        job_ids: &cause.job_ids,
        azure: azure::of_cause(cause),
    }
}

/// The numbers of the night: a line of the log, and the answer of the function.
pub fn summary(whole: &Whole) -> RpoSummary {
    let (frame, digest, summary) = (&whole.frame, &whole.digest, &whole.digest.summary);
    let total = &summary.total;
    let rate = |window| whole.success_rate(&total.rates, window);
    RpoSummary {
        account: frame.scope.account.clone(),
        region: frame.scope.region.clone(),
        now: frame.now.to_string(),
        resources: total.resources,
        protected: total.protected,
        in_breach: total.in_breach,
        at_risk: total.at_risk,
        no_schedule_ran: total.no_schedule_ran,
        never_backed_up: total.never_backed_up,
        no_plan: total.no_plan,
        nothing_left: total.nothing_left,
        only_incomplete: total.only_incomplete,
        infected: total.infected,
        not_due_yet: total.not_due_yet,
        opted_out: total.opted_out,
        not_assessed: total.not_assessed,
        accepted: total.accepted,
        within_objective: total.within,
        selections_not_assessed: digest.lists.of_kind(ListOf::OpenSelections).count,
        worst_gap_s: total.worst_gap,
        copies: total.copies,
        copies_in_breach: total.copies_in_breach,
        worst_copy_gap_s: total.worst_copy_gap,
        root_causes_open: digest.open_causes().count(),
        root_causes_new: digest.causes.iter().filter(|cause| cause.status == Status::New).count(),
        resources_recovered: summary.recovered,
        reruns_completed: summary.reruns_completed,
        reruns_failed: summary.reruns_failed,
        breached_since_last_report: total.breached,
        restores_failed: summary.restores_failed,
        restores_proven: digest.restored.proven,
        restores_failed_validation: digest.restored.count(Verdict::FailedValidation),
        restores_never_tested: digest.restored.count(Verdict::NeverTested),
        restores_unknown: digest.restored.count(Verdict::Unknown),
        restore_plans_silent: digest.restored.silent.count,
        restore_leftovers: digest.restored.left.count,
        backups_near_window: digest.lists.of_kind(ListOf::NearWindow).count,
        backups_slower: digest.lists.of_kind(ListOf::Slower).count,
        rules_kept_too_short: digest.lists.of_kind(ListOf::KeptTooShort).count,
        rules_kept_briefly: digest.lists.of_kind(ListOf::KeptBriefly).count,
        recovery_points_not_deleted: digest.lists.of_kind(ListOf::Undeleted).count,
        vaults_without_lock: digest.lists.of_kind(ListOf::Unlocked).count,
        without_owner: digest.by_owner.nobody.resources,
        owner_unknown: digest.by_owner.unknown.resources,
        exceptions: digest.by_owner.accepted.count,
        exceptions_ended: digest.by_owner.ended.count,
        wrong_tags: digest.by_owner.wrong.count,
        recovery_points_looked_for: summary.looked_for,
        recovery_points_to_look_for: summary.may_hold_points,
        stuck: total.stuck,
        completed_with_issues: summary.issues,
        success_rate_1_day: rate(Window::Day),
        success_rate_7_days: rate(Window::Week),
        success_rate_30_days: rate(Window::Month),
        subscriptions_confirmed: whole.frame.subscriptions,
        azure: azure::of_night(digest),
        places: (frame.extent == Extent::All).then(|| places(whole)),
        coverage: coverage(digest),
    }
}

fn restore<'a>(report: &'a Report, failed: &'a Judged) -> RestoreFailed<'a> {
    let job = &failed.job;
    RestoreFailed {
        place: Where::at(report, &job.scope),
        job_id: &job.id,
        state: job.state.as_str(),
        resource_type: job.base_type(),
        recovery_point_arn: job.recovery_point_arn.as_deref(),
        ended: instant(job.ended),
        root_cause_id: failed.cause.as_str(),
        root_cause_class: failed.classification.class.id(),
        message: text::outside(&job.message, LONG),
        azure: azure::of_restore(failed),
    }
}

fn rule_without_job<'a>(report: &'a Report, unprocessed: &'a Unprocessed) -> RuleWithoutJob<'a> {
    let (rule, scope) = (&unprocessed.rule, &report.night().scope);
    RuleWithoutJob {
        place: Where::at(report, scope),
        plan_id: &rule.plan_id,
        plan: text::outside(&rule.plan, LONG),
        rule_id: &rule.rule_id,
        rule: text::outside(&rule.rule, LONG),
        due: rule.due.to_string(),
        message: text::outside(&unprocessed.said, LONG),
    }
}

fn places(whole: &Whole) -> OfPlaces {
    let (accounts, regions) = whole.reach();
    let (complete, incomplete): (Vec<_>, Vec<_>) =
        whole.digest.places.iter().partition(|place| place.seen.errors.is_empty());
    OfPlaces { accounts, regions, places_complete: complete.len(), places_incomplete: incomplete.len() }
}

fn coverage(digest: &Digest) -> CoverageRecord {
    let told = |gap: &Unread| {
        let places =
            if gap.places.is_empty() { String::new() } else { format!(" ({})", gap.places.lines().join("; ")) };
        format!("{}{places}: {}", gap.source, text::outside(&gap.why, LONG))
    };
    CoverageRecord {
        complete: digest.is_complete(),
        count: digest.gaps(),
        errors: digest.gaps.iter().take(ERRORS).map(told).collect(),
    }
}

fn instant(instant: Option<Timestamp>) -> Option<String> {
    instant.map(|instant| instant.to_string())
}

fn seconds(span: Option<SignedDuration>) -> Option<i64> {
    span.map(|span| span.as_secs())
}
