//! The outcome of a night: rows, causes and numbers, and what people, the log and CloudWatch are told of them.

use std::collections::BTreeMap;

use classification::arn::Arn;
use jiff::Timestamp;
use notice::Notice;

use crate::causes::{self, Cause};
use crate::ledger::Ledger;
use crate::promises::{OpenSelection, Promises, RuleSet, open_selections};
use crate::rows::{self, Bench, Row};
use crate::summary::Summary;
use crate::{Night, mail, metrics, record};

#[derive(Debug)]
pub struct Report {
    night: Night,
    /// Worst first.
    rows: Vec<Row>,
    causes: Vec<Cause>,
    cause_positions: BTreeMap<u32, usize>,
    sets: Vec<RuleSet>,
    open_selections: Vec<OpenSelection>,
    summary: Summary,
}

/// A recovery point to look for before the report is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirm {
    /// Hand this back with the outcome.
    pub row: usize,
    pub resource_arn: String,
    pub vault_arn: String,
    /// Empty when the vault's ARN is none.
    pub vault_name: String,
    pub vault_region: String,
    pub vault_account: String,
    /// The recovery point of the last good backup, where it is known.
    pub recovery_point_arn: Option<String>,
    /// Set when the date of the last good backup is sought: no job on record tells it, but it lies before this instant.
    pub before: Option<Timestamp>,
}

/// Whether a usable recovery point of the resource is in the vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmation {
    Exists {
        /// When the newest that was asked for was begun, if that is known.
        created: Option<Timestamp>,
    },
    /// The vault holds none: NO RECOVERY POINT LEFT.
    Gone,
    NotLooked {
        why: String,
    },
}

/// So many rows are printed, and so many recovery points looked for.
pub const PRINTED: usize = 50;

impl Report {
    pub(crate) fn new(mut night: Night) -> Self {
        let mut ledger = std::mem::replace(&mut night.ledger, Ledger::new(night.now, night.last_report));
        ledger.close();
        name_selected(&mut ledger, &night);
        let records_from = night.now.saturating_sub(night.settings.look_back).unwrap_or(night.now);

        let mut coverage = night.coverage.clone();
        let mut promises = Promises::new(&night.plans, &coverage, (&night.account, &night.region), night.now);
        let planned = rows::planned(&mut ledger, &mut promises);
        promises.unreadable(&mut coverage);
        let bench = Bench {
            ledger: &ledger,
            promises: &promises,
            coverage: &coverage,
            opted_out: &night.opted_out,
            settings: night.settings,
            now: night.now,
        };
        let rows = rows::all(&bench, planned);
        let sets = promises.into_sets();
        let causes = causes::all(&ledger, night.last_report, records_from);
        let summary = Summary::of(&ledger, &rows, night.last_report);
        night.coverage = coverage;
        night.ledger = ledger;
        Self {
            rows,
            cause_positions: causes.iter().enumerate().map(|(position, cause)| (cause.number, position)).collect(),
            causes,
            sets,
            open_selections: open_selections(&night.plans),
            summary,
            night,
        }
    }

    /// The recovery points of the rows that will be printed, at most 50.
    pub fn to_confirm(&self) -> Vec<Confirm> {
        let printed = self.rows.iter().enumerate().take(PRINTED);
        let printed = printed.filter(|(_, row)| row.is_printed() && row.may_have_lost_its_point());
        // Those that nobody can assess without the date of a recovery point come last.
        let undated = self.rows.iter().enumerate().filter(|(_, row)| !row.is_printed() && row.undated.is_some());
        printed
            .chain(undated)
            .take(PRINTED)
            .map(|(number, row)| {
                let ledger = self.ledger();
                let vault_arn = ledger.word(row.key.vault);
                let vault = Arn::parse(vault_arn);
                let of = |part: fn(&Arn<'_>) -> String| vault.as_ref().map(part).unwrap_or_default();
                let facts = ledger.rows.get(&row.key);
                let good = facts.and_then(|facts| facts.good.as_ref()?.recovery_point.as_deref());
                let protected = ledger.resources.get(&row.key.resource).and_then(|known| known.protected.as_ref());
                let here = protected.filter(|last| last.vault == Some(row.key.vault));
                Confirm {
                    row: number,
                    resource_arn: ledger.arn(row.key.resource).to_owned(),
                    vault_arn: vault_arn.to_owned(),
                    vault_name: of(|vault| vault.vault_name().unwrap_or_default().to_owned()),
                    vault_region: of(|vault| vault.region.to_owned()),
                    vault_account: of(|vault| vault.account.to_owned()),
                    recovery_point_arn: good
                        .or_else(|| here.and_then(|last| last.recovery_point.as_deref()))
                        .map(str::to_owned),
                    before: row.undated.as_ref().and(row.judged_from()),
                }
            })
            .collect()
    }

    /// Takes in what was found of the recovery points named by [`Report::to_confirm`], all at once: rows without any head the list, and
    /// those whose last good backup no job on record dates are judged by the date of what was found.
    pub fn confirm(&mut self, outcomes: Vec<(usize, Confirmation)>) {
        let (rpo, now) = (self.night.settings.rpo, self.night.now);
        for (row, outcome) in outcomes {
            let Some(row) = self.rows.get_mut(row) else { continue };
            if let (Confirmation::Exists { created: Some(created) }, Some(rules)) = (&outcome, row.rules.of(&self.sets))
            {
                row.date(*created, &rules.promise, rpo, now);
            }
            row.confirmation = Some(outcome);
        }
        rows::sort(&self.night.ledger, &mut self.rows);
        self.summary = Summary::of(&self.night.ledger, &self.rows, self.night.last_report);
    }

    /// What people are told.
    pub fn notice(&self) -> Notice {
        mail::notice(self)
    }

    /// The log lines, one JSON object each, made one at a time. Print them as they are.
    pub fn lines(&self) -> impl Iterator<Item = String> + '_ {
        record::lines(self)
    }

    /// The lines of Embedded Metric Format. Print them as they are. [`metrics::report_sent`] is a line of its own.
    pub fn metrics(&self) -> Vec<String> {
        metrics::lines(self)
    }

    /// The answer of the function.
    pub fn answer(&self) -> record::RpoSummary {
        record::summary(self)
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub fn causes(&self) -> &[Cause] {
        &self.causes
    }

    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    pub fn night(&self) -> &Night {
        &self.night
    }

    pub fn ledger(&self) -> &Ledger {
        &self.night.ledger
    }

    /// Selections that cover resources which nothing lists.
    pub fn open_selections(&self) -> &[OpenSelection] {
        &self.open_selections
    }

    pub(crate) fn cause(&self, number: u32) -> Option<&Cause> {
        self.cause_positions.get(&number).and_then(|position| self.causes.get(*position))
    }

    /// Who says how old a row's last good backup may get.
    pub(crate) fn objective_source(&self, row: &Row) -> String {
        let rules = row.rules.of(&self.sets).map(|set| set.names.join(", ")).unwrap_or_default();
        match (self.night.settings.rpo, rules.is_empty()) {
            (Some(_), _) => "RPO_HOURS".to_owned(),
            (None, true) => "none".to_owned(),
            (None, false) => rules,
        }
    }
}

/// Makes the resources known that selections name one by one: one that was never tried is in no list of AWS Backup.
fn name_selected(ledger: &mut Ledger, night: &Night) {
    for arn in night.plans.iter().flat_map(|(_, selections)| selections).flat_map(|selection| selection.named()) {
        ledger.named(arn);
    }
}
