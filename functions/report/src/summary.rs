//! The numbers of a night. They are true totals, whatever is printed.

use std::collections::{BTreeMap, BTreeSet};

use job::Look;
use promise::{LastGood, NotAssessed, Verdict};
use serde::{Deserialize, Serialize};

use crate::found::Found;
use crate::ledger::{Hop, Ledger, Rates};
use crate::names::Name;
use crate::rows::Row;

/// What is counted for the whole, for a resource type and for a vault.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Numbers {
    /// Resources of all verdicts.
    pub resources: usize,
    /// Resources that AWS Backup backed up at least once.
    pub protected: usize,
    /// Resources by the worst verdict of their source rows; copies are counted by themselves.
    pub in_breach: usize,
    pub at_risk: usize,
    pub no_schedule_ran: usize,
    pub never_backed_up: usize,
    /// Those that a plan backed up, and no plan covers any more.
    #[serde(default)]
    pub no_plan: usize,
    /// Never backed up, and no run was due yet.
    pub not_due_yet: usize,
    pub opted_out: usize,
    /// Of Azure: within the objective by a snapshot alone; stopped by a person; deleted, and not yet for good.
    pub snapshot_only: usize,
    pub stopped: usize,
    pub soft_deleted: usize,
    /// Resources and copies of a type that is switched off, past the objective that they had.
    pub opted_out_past: usize,
    pub not_assessed: usize,
    /// Not as they should be, and accepted; copies by themselves.
    pub accepted: usize,
    pub copies_accepted: usize,
    pub within: usize,
    /// Rows, for a resource may have several copies.
    pub copies: usize,
    pub copies_in_breach: usize,
    pub copies_at_risk: usize,
    pub copies_never: usize,
    pub copies_not_assessed: usize,
    /// Age of the oldest last good backup past its objective, in seconds; 0 when none is past. `None` when nothing could be assessed.
    pub worst_gap: Option<i64>,
    pub worst_copy_gap: Option<i64>,
    /// Rows without any recovery point left, of those that were looked at.
    pub nothing_left: usize,
    /// Resources of which no vault holds a recovery point any more, and rows of the others.
    pub lost: usize,
    pub nothing_left_here: usize,
    /// Rows of which recovery points are left, and no complete one.
    pub only_incomplete: usize,
    /// Rows in whose newest recovery point a malware scan found something.
    #[serde(default)]
    pub infected: usize,
    /// Resources that exceeded their objective and came back, both since the last report.
    pub breached: usize,
    /// Jobs.
    pub stuck: usize,
    pub rates: Rates,
}

/// Ages of the last good backups, each span with the oldest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ageing {
    pub under_1_day: usize,
    pub to_3_days: usize,
    pub to_7_days: usize,
    pub to_30_days: usize,
    pub over_30_days: usize,
    pub never: usize,
    /// The last good backup lies before the records.
    pub unknown: usize,
}

/// How the night stands, the worst first: subject, sentences and severity all go by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// Data could be lost today: past its objective, never made, without any recovery point left, or without a plan that makes another.
    Past,
    /// Nothing is past its objective yet.
    AtRisk,
    /// Nothing is known to be past its objective, and not everything is known.
    Unknown,
    /// Everything was read, and all of it is within its objective.
    Within,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    pub total: Numbers,
    pub by_type: BTreeMap<String, Numbers>,
    /// By the ARN of the destination vault, copies included: a vault counts its rows.
    pub by_vault: BTreeMap<String, Numbers>,
    pub ageing: Ageing,
    /// Resources with a good backup since the last report that had failed before it.
    pub recovered: usize,
    /// Jobs that completed with a message since the last report.
    pub issues: usize,
    pub reruns_completed: usize,
    pub reruns_failed: usize,
    /// Restores that failed since the last report.
    pub restores_failed: usize,
    /// Rows whose recovery points were looked for, and those that may hold one.
    pub looked_for: usize,
    pub may_hold_points: usize,
}

impl Summary {
    pub(crate) fn of(ledger: &Ledger, rows: &[Row], last_report: jiff::Timestamp) -> Self {
        let mut summary = Self::default();
        let mut resources: BTreeMap<Name, Whole<'_>> = BTreeMap::new();
        for row in rows {
            summary.count_row(ledger, row);
            resources.entry(row.key.resource).or_default().take(row);
        }
        for (resource, whole) in resources {
            let protected = ledger.resources.get(&resource).is_some_and(|known| known.protected.is_some());
            let of_type = ledger.resource_type(resource).to_owned();
            for numbers in [&mut summary.total, summary.by_type.entry(of_type).or_default()] {
                numbers.resources += 1;
                numbers.protected += usize::from(protected);
                if let Some(slot) = whole.worst.and_then(|row| numbers.slot(row)) {
                    *slot += 1;
                }
                numbers.breached += usize::from(whole.was_breached);
                match whole.holds_any {
                    false if whole.nothing_left > 0 => numbers.lost += 1,
                    _ => numbers.nothing_left_here += whole.nothing_left,
                }
            }
        }
        for (of_type, rates) in &ledger.rates {
            summary.total.rates.add(rates);
            summary.by_type.entry(ledger.word(*of_type).to_owned()).or_default().rates.add(rates);
        }
        summary.recovered = recovered(ledger, last_report).len();
        let reruns = ledger.rows.values().filter_map(|facts| facts.rerun.as_ref());
        summary.reruns_completed = reruns.filter(|rerun| rerun.end() > last_report).count();
        summary.reruns_failed = ledger.causes.iter().map(|cause| cause.reruns_failed).sum();
        summary.restores_failed = ledger.restores.len();
        summary.issues = ledger.causes.iter().map(|cause| cause.issues_since_report).sum();
        summary
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.total.add(&other.total);
        for (own, others) in [(&mut self.by_type, &other.by_type), (&mut self.by_vault, &other.by_vault)] {
            for (name, numbers) in others {
                own.entry(name.clone()).or_default().add(numbers);
            }
        }
        self.ageing.add(&other.ageing);
        self.recovered += other.recovered;
        self.issues += other.issues;
        self.reruns_completed += other.reruns_completed;
        self.reruns_failed += other.reruns_failed;
        self.restores_failed += other.restores_failed;
        self.looked_for += other.looked_for;
        self.may_hold_points += other.may_hold_points;
    }

    fn count_row(&mut self, ledger: &Ledger, row: &Row) {
        let of_type = ledger.resource_type(row.key.resource).to_owned();
        let of_vault = self.by_vault.entry(ledger.word(row.key.vault).to_owned()).or_default();
        of_vault.resources += 1;
        if let Some(slot) = of_vault.slot(row) {
            *slot += 1;
        }
        of_vault.gap(row);
        of_vault.lost(row);
        for numbers in [&mut self.total, self.by_type.entry(of_type).or_default()] {
            numbers.lost(row);
            let is_past = row.judgement.objective.is_some() && row.judgement.age > row.judgement.objective;
            let is_past = is_past && !row.is_accepted();
            numbers.opted_out_past += usize::from(is_past && row.judgement.verdict == Verdict::OptedOut);
            numbers.stuck += row.stuck_jobs();
            match row.key.hop {
                Hop::Backup => numbers.gap(row),
                Hop::Copy => numbers.copy(row),
            }
        }
        self.may_hold_points += usize::from(row.may_have_lost_its_point());
        self.looked_for += usize::from(matches!(row.confirmation.as_deref(), Some(Look::Seen(_) | Look::Missing)));
        self.ageing.count(row);
    }
}

/// All rows of one resource.
#[derive(Default)]
struct Whole<'a> {
    /// The worst of its source rows.
    worst: Option<&'a Row>,
    nothing_left: usize,
    /// Whether some row may still hold a recovery point.
    holds_any: bool,
    was_breached: bool,
}

impl<'a> Whole<'a> {
    fn take(&mut self, row: &'a Row) {
        // By the verdict alone: it is what is counted, and a lost recovery point is counted by itself.
        if row.key.hop == Hop::Backup && self.worst.is_none_or(|worst| row.rank() < worst.rank()) {
            self.worst = Some(row);
        }
        self.nothing_left += usize::from(row.nothing_left() && !row.is_accepted());
        self.was_breached |= row.key.hop == Hop::Backup && row.breached.is_some();
        let holds_none = !row.may_have_lost_its_point()
            || matches!(row.confirmation.as_deref(), Some(Look::Missing | Look::Seen(Found::NothingYet)));
        self.holds_any |= !holds_none;
    }
}

impl Numbers {
    fn add(&mut self, other: &Self) {
        self.resources += other.resources;
        self.protected += other.protected;
        self.in_breach += other.in_breach;
        self.at_risk += other.at_risk;
        self.no_schedule_ran += other.no_schedule_ran;
        self.never_backed_up += other.never_backed_up;
        self.no_plan += other.no_plan;
        self.not_due_yet += other.not_due_yet;
        self.opted_out += other.opted_out;
        self.snapshot_only += other.snapshot_only;
        self.stopped += other.stopped;
        self.soft_deleted += other.soft_deleted;
        self.opted_out_past += other.opted_out_past;
        self.not_assessed += other.not_assessed;
        self.accepted += other.accepted;
        self.copies_accepted += other.copies_accepted;
        self.within += other.within;
        self.copies += other.copies;
        self.copies_in_breach += other.copies_in_breach;
        self.copies_at_risk += other.copies_at_risk;
        self.copies_never += other.copies_never;
        self.copies_not_assessed += other.copies_not_assessed;
        self.worst_gap = self.worst_gap.max(other.worst_gap);
        self.worst_copy_gap = self.worst_copy_gap.max(other.worst_copy_gap);
        self.nothing_left += other.nothing_left;
        self.lost += other.lost;
        self.nothing_left_here += other.nothing_left_here;
        self.only_incomplete += other.only_incomplete;
        self.infected += other.infected;
        self.breached += other.breached;
        self.stuck += other.stuck;
        self.rates.add(&other.rates);
    }

    /// What was found of its recovery points, whatever its age.
    fn lost(&mut self, row: &Row) {
        if row.is_accepted() {
            return;
        }
        self.nothing_left += usize::from(row.nothing_left());
        self.only_incomplete += usize::from(row.only_incomplete());
        self.infected += usize::from(row.is_infected());
    }

    /// Those without a usable newest recovery point.
    pub(crate) fn unusable(&self) -> usize {
        self.nothing_left + self.only_incomplete + self.infected
    }

    /// Where a row is counted. One that has lost its recovery points counts as that, and never as within.
    fn slot(&mut self, row: &Row) -> Option<&mut usize> {
        Some(match row.judgement.verdict {
            _ if row.is_accepted() => &mut self.accepted,
            Verdict::WithinObjective if row.has_lost_its_points() => return None,
            Verdict::InBreach => &mut self.in_breach,
            Verdict::AtRisk { .. } => &mut self.at_risk,
            Verdict::NoScheduleRan { .. } => &mut self.no_schedule_ran,
            Verdict::NeverBackedUp => &mut self.never_backed_up,
            Verdict::NoPlan => &mut self.no_plan,
            Verdict::NotDueYet => &mut self.not_due_yet,
            Verdict::OptedOut => &mut self.opted_out,
            Verdict::SnapshotOnly => &mut self.snapshot_only,
            Verdict::Stopped => &mut self.stopped,
            Verdict::SoftDeleted => &mut self.soft_deleted,
            Verdict::NotAssessed { .. } => &mut self.not_assessed,
            Verdict::WithinObjective => &mut self.within,
        })
    }

    fn gap(&mut self, row: &Row) {
        self.worst_gap = self.worst_gap.max(past_objective(row));
    }

    fn copy(&mut self, row: &Row) {
        self.copies += 1;
        self.worst_copy_gap = self.worst_copy_gap.max(past_objective(row));
        match row.judgement.verdict {
            _ if row.is_accepted() => self.copies_accepted += 1,
            Verdict::InBreach => self.copies_in_breach += 1,
            Verdict::AtRisk { .. } | Verdict::NoScheduleRan { .. } => self.copies_at_risk += 1,
            Verdict::NeverBackedUp => self.copies_never += 1,
            Verdict::NotAssessed { .. } | Verdict::OptedOut => self.copies_not_assessed += 1,
            // Azure has no copies.
            Verdict::SnapshotOnly | Verdict::Stopped | Verdict::SoftDeleted => {}
            // Its resource is counted.
            Verdict::NoPlan => {}
            Verdict::WithinObjective | Verdict::NotDueYet => {}
        }
    }
}

/// The age of a row past its objective, 0 for one that is not, `None` for one that was not assessed.
fn past_objective(row: &Row) -> Option<i64> {
    match row.judgement.verdict {
        _ if row.is_accepted() => Some(0),
        Verdict::InBreach => row.judgement.age.map(|age| age.as_secs()),
        Verdict::AtRisk { .. } | Verdict::NoScheduleRan { .. } | Verdict::SnapshotOnly | Verdict::WithinObjective => {
            Some(0)
        }
        Verdict::NeverBackedUp | Verdict::NotDueYet | Verdict::OptedOut | Verdict::NotAssessed { .. } => None,
        Verdict::NoPlan | Verdict::Stopped | Verdict::SoftDeleted => None,
    }
}

impl Ageing {
    fn add(&mut self, other: &Self) {
        self.under_1_day += other.under_1_day;
        self.to_3_days += other.to_3_days;
        self.to_7_days += other.to_7_days;
        self.to_30_days += other.to_30_days;
        self.over_30_days += other.over_30_days;
        self.never += other.never;
        self.unknown += other.unknown;
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn count(&mut self, row: &Row) {
        const DAY: i64 = 86_400;
        let slot = match (row.last_good, row.judgement.age) {
            _ if (row.judgement.verdict == Verdict::NotAssessed { why: NotAssessed::OnlyFailures }) => {
                &mut self.unknown
            }
            (LastGood::Never, _) | (_, None) => &mut self.never,
            (LastGood::Before(_), Some(age)) if age.as_secs() < 30 * DAY => &mut self.unknown,
            (_, Some(age)) => match age.as_secs() / DAY {
                ..1 => &mut self.under_1_day,
                1..3 => &mut self.to_3_days,
                3..7 => &mut self.to_7_days,
                7..30 => &mut self.to_30_days,
                30.. => &mut self.over_30_days,
            },
        };
        *slot += 1;
    }
}

/// Resources that had failed and have a good backup since the last report.
pub(crate) fn recovered(ledger: &Ledger, last_report: jiff::Timestamp) -> BTreeSet<Name> {
    let recovered = ledger.rows.iter().filter(|(_, facts)| facts.recovered_from(last_report).is_some());
    recovered.map(|(key, _)| key.resource).collect()
}

/// Why a row was not assessed, for people and logs alike.
pub fn not_assessed(why: NotAssessed) -> &'static str {
    match why {
        NotAssessed::NoRule => "no rule of any plan covers it",
        NotAssessed::ByTags => "its tags decide whether a plan covers it, and they could not be read",
        NotAssessed::TypeNotTold => {
            "no job was ever made for it, and it may be a part of a cluster, or of a type that is switched off"
        }
        NotAssessed::NoInterval => "the schedule of its rules does not recur or could not be read",
        NotAssessed::RecordTooShort => "what is on record of it reaches less far back than its RPO",
        NotAssessed::NotRead => "a list that decides it could not be read",
        NotAssessed::OnlyFailures => "only its failed jobs are seen, by the lists of the organization alone",
        NotAssessed::UnknownState => "its latest job is in a state that Night One does not know",
        NotAssessed::NoPolicy => "it has no policy",
        NotAssessed::PolicyUnreadable => "its policy is gone, or has no schedule that Night One can read",
        NotAssessed::OnServer => "its schedule is kept on its backup server, and Azure does not know it: set RPO_HOURS",
        NotAssessed::ServerSilent => "its server has stopped to report to Azure",
    }
}
