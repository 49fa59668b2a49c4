//! The outcome of a night: rows, causes and numbers, and what people, the log and CloudWatch are told of them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use job::Arn;
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
    /// The recovery point of the last good backup, where it is known.
    pub recovery_point_arn: Option<String>,
    /// Recovery points of the resource that nobody can restore from, though AWS lists them as completed.
    pub useless: Vec<String>,
    /// Set when the date of the last good backup is sought: no job on record tells it, but it lies before this instant.
    pub before: Option<Timestamp>,
}

/// Whether a usable recovery point of the resource is in the vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// The recovery point of the last good backup is there.
    LastGoodExists,
    /// One is there. No record names that of the last good backup, so nobody can say whether this is it.
    Exists {
        /// When the newest that was asked for was begun, if that is known.
        created: Option<Timestamp>,
    },
    /// The recovery point of the last good backup is gone, and others are there.
    OnlyOlder {
        /// When the newest of them was begun, if that is known.
        created: Option<Timestamp>,
    },
    /// The vault holds none.
    Gone,
    /// The vault holds none, and no record says that it ever did: a new rule, vault or copy action has nothing to lose yet.
    NeverWritten,
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
        let causes = causes::all(&ledger, &night);
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
                let vault_name = vault.and_then(|vault| vault.vault_name().map(str::to_owned)).unwrap_or_default();
                let good = ledger.rows.get(&row.key).and_then(|facts| facts.good.as_ref()?.recovery_point.as_deref());
                let last = ledger.last_backup_in(&row.key).and_then(|last| last.recovery_point.as_deref());
                let last = last.filter(|point| !ledger.is_useless(row.key.resource, point));
                Confirm {
                    row: number,
                    resource_arn: ledger.arn(row.key.resource).to_owned(),
                    vault_arn: vault_arn.to_owned(),
                    vault_name,
                    recovery_point_arn: good.or(last).map(str::to_owned),
                    useless: ledger.useless_points(row.key.resource).map(str::to_owned).collect(),
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
            row.confirmation = Some(match outcome {
                Confirmation::Gone if !self.night.ledger.has_held_a_point(&row.key) => Confirmation::NeverWritten,
                outcome => outcome,
            });
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
