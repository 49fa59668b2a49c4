//! All lists of the mail.

use std::collections::{BTreeMap, BTreeSet};

use notice::layout::indented;
use promise::Verdict;
use serde::{Deserialize, Serialize};

use super::list_of::ListOf;
use super::listed::Listed;
use super::{items, keeping, pace};
use crate::counters::Kind;
use crate::names::Name;
use crate::promises::{OpenBy, OpenSelection, is_of_organization, vault_label};
use crate::report::{Report, Unprocessed};
use crate::rows::{Flight, Row};
use crate::summary::{not_assessed, recovered};
use crate::words::{ascii, rows};

/// Values of one message attribute: a filter needs few, and all attributes share a message's size.
pub(crate) const VALUES: usize = 10;

/// Every list of the mail that is in words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lists {
    by: BTreeMap<ListOf, Listed>,
    /// By the reason.
    pub not_assessed: BTreeMap<String, Listed>,
    /// Resources that a plan backed up, and no plan covers any more; and the first of these plans.
    pub no_plan: Listed,
    pub past_plans: BTreeSet<String>,
}

impl Lists {
    pub(super) fn of(report: &Report) -> Self {
        let span = |span: jiff::SignedDuration| notice::span(span.as_secs());
        let here = report.here();
        let flights = |wanted: fn(&Row) -> bool| {
            let rows = report.rows().iter().filter(|row| wanted(row));
            let rows = rows.filter_map(|row| Some((row, rows::flight(row)?)));
            Listed::of(rows, |(row, flight)| format!("{}: {flight}", rows::row_name(report, row)))
        };
        let overruns = report.rows().iter().filter_map(|row| Some((row, row.judgement.overrun?)));
        let mut reasons: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
        for row in report.rows() {
            if let Verdict::NotAssessed { why } = row.judgement.verdict {
                reasons.entry(not_assessed(why)).or_default().push(row);
            }
        }
        let names = |rows: Vec<&Row>| Listed::of(rows, |row| rows::row_name(report, row));
        let not_assessed = reasons.into_iter().map(|(reason, rows)| (reason.to_owned(), names(rows))).collect();
        let [near_window, slower] = pace::lists(report);
        let lists = [
            (ListOf::NearWindow, near_window),
            (ListOf::Slower, slower),
            (
                ListOf::Recovered,
                Listed::of(recovered(report.ledger(), report.night().last_report), |resource| {
                    rows::resource(report, resource)
                }),
            ),
            (ListOf::Stuck, flights(|row| row.stuck_jobs() > 0)),
            // How long a job of Azure usually takes decides nothing.
            (ListOf::Long, flights(|row| matches!(row.flight, Flight::Long { .. }) && row.item.is_none())),
            (
                ListOf::Overruns,
                Listed::of(overruns, |(row, overrun)| {
                    let (took, interval) = (span(overrun.took()), span(overrun.interval()));
                    format!(
                        "{}: its longest run took {took}, and there is one every {interval}",
                        rows::row_name(report, row)
                    )
                }),
            ),
            (ListOf::Restores, restores(report)),
            (
                ListOf::KeptTooShort,
                Listed::of(report.kept_too_short(), |(set, short, rows)| {
                    let names = ascii(&set.names.join(", "), 200);
                    let (keeps, interval) = (span(short.keeps), span(short.interval));
                    let rows = Kind::Rows.count(rows);
                    format!(
                        "{names}{here}: keeps a recovery point for {keeps}, and makes one every {interval} ({rows})"
                    )
                }),
            ),
            (
                ListOf::OpenSelections,
                Listed::of(report.open_selections(), |open: &OpenSelection| {
                    let by = match open.by {
                        OpenBy::Tags => "by tags",
                        OpenBy::Wildcards => "by wildcards",
                        OpenBy::Everything => "everything that is switched on",
                    };
                    let only = if report.tags_are_read() { " where they never had a tag" } else { "" };
                    format!("{} of plan {}{here}: {by}{only}", ascii(&open.selection, 60), ascii(&open.plan, 60))
                }),
            ),
            (ListOf::Unprotected, items::unprotected(report)),
            (ListOf::SoftDeleted, items::soft_deleted(report)),
            (ListOf::HealthWarnings, items::health_warnings(report)),
            (ListOf::LongItems, items::long(report)),
            (ListOf::StuckRestores, items::restores(report)),
            (
                ListOf::Unprocessed,
                Listed::of(report.unprocessed(), |unprocessed: &Unprocessed| {
                    let rule = &unprocessed.rule;
                    let (plan, name) = (ascii(&rule.plan, 60), ascii(&rule.rule, 60));
                    let elsewhere = match is_of_organization(&rule.plan_id) {
                        true => "; the plan is the organization's: only its management account can change it",
                        false => "",
                    };
                    let said = ascii(&unprocessed.said, 300);
                    format!("rule {name} of plan {plan}{here}, due {}: {said}{elsewhere}", notice::minute(rule.due))
                }),
            ),
            (ListOf::KeptBriefly, keeping::kept_briefly(report)),
            (ListOf::Undeleted, keeping::undeleted(report)),
            (ListOf::Unlocked, keeping::unlocked(report)),
        ];
        let by = lists.into_iter().filter(|(_, list)| !list.is_empty()).collect();
        let (no_plan, past_plans) = no_plan(report);
        Self { by, not_assessed, no_plan, past_plans }
    }

    pub fn of_kind(&self, kind: ListOf) -> &Listed {
        const NOTHING: &Listed = &Listed { told: Vec::new(), count: 0 };
        self.by.get(&kind).unwrap_or(NOTHING)
    }

    pub(super) fn add(&mut self, other: Self) {
        for (kind, list) in other.by {
            self.by.entry(kind).or_default().add(list);
        }
        for (reason, rows) in other.not_assessed {
            self.not_assessed.entry(reason).or_default().add(rows);
        }
        self.no_plan.add(other.no_plan);
        self.past_plans.extend(other.past_plans);
        while self.past_plans.len() > VALUES {
            self.past_plans.pop_last();
        }
    }
}

/// The resources that are counted as without a plan, and the plans that made their last backups.
fn no_plan(report: &Report) -> (Listed, BTreeSet<String>) {
    let is_without = |row: &&Row| row.judgement.verdict == Verdict::NoPlan && row.is_open() && !row.is_copy();
    let rows: Vec<&Row> = report.rows().iter().filter(is_without).collect();
    let plans = rows.iter().filter_map(|row| rows::past_plan(report, row)).take(VALUES).collect();
    let resources: BTreeSet<Name> = rows.iter().map(|row| row.key.resource).collect();
    (Listed::of(resources, |resource| rows::resource(report, resource)), plans)
}

fn restores(report: &Report) -> Listed {
    Listed::of(&report.ledger().restores, |judged| {
        let job = &judged.job;
        let ended = job.ended.map(|ended| format!(", {}", notice::minute(ended))).unwrap_or_default();
        let of = ascii(job.type_name(), 40);
        let here = report.here();
        let mut lines = format!("{} ({of}){here}: {}{ended}\n", ascii(&job.id, 80), job.state.as_str());
        lines += &format!("   {}, {}\n", judged.classification.class.entry_in(job.scope.cloud).title, judged.cause);
        if job.azure.is_some() {
            let name = job.resource_name.as_deref().unwrap_or(&job.resource_arn);
            let vault = vault_label(job.vault_arn().unwrap_or_default(), &report.night().scope);
            lines += &format!("   of {} in vault {}\n", ascii(name, 80), ascii(&vault, 120));
        }
        if let Some(point) = &job.recovery_point_arn {
            lines += &format!("   of {}\n", ascii(point, 400));
        }
        if !job.message.is_empty() {
            lines += &indented("   | ", &ascii(&job.message, 300));
        }
        lines
    })
}
