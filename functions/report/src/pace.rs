//! Backups that take too long, told before one of them fails of it. Pure.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use job::JobState;
use owner::Standing as Accepting;
use promise::{Run, Slow, Usual};

use crate::ledger::{Facts, Flying, Good, Hop};
use crate::promises::rule_of;
use crate::report::Report;
use crate::rows::{Flight, Row};

/// A row with a backup that takes too long.
#[derive(Clone, Debug)]
pub(crate) struct SlowRow<'a> {
    pub(crate) row: &'a Row,
    pub(crate) job: &'a str,
    /// `None`: it is on its way.
    pub(crate) ended: Option<Timestamp>,
    pub(crate) run: Run,
    pub(crate) window: Option<SignedDuration>,
    pub(crate) usual: Option<Usual>,
    pub(crate) slow: Slow,
}

/// The last backup of a row, or the one on its way.
struct Last<'a> {
    job: &'a str,
    ended: Option<Timestamp>,
    run: Run,
    window: Option<SignedDuration>,
}

/// One by one, in the order of the rows: of a night on which all are slow none should be held.
pub(crate) fn each(report: &Report) -> impl Iterator<Item = SlowRow<'_>> {
    let mut windows = Windows { report, known: BTreeMap::new() };
    let rows = report.rows().iter().filter(|row| is_watched(row));
    rows.filter_map(move |row| of_row(report, &mut windows, row))
}

/// How long the good backups of a row took, and the last of them.
pub(crate) fn of(report: &Report, row: &Row) -> (Option<Run>, Option<Usual>) {
    let ledger = report.ledger();
    if row.key.hop == Hop::Copy || row.item.is_some() {
        return (None, None);
    }
    let good = ledger.rows.get(&row.key).and_then(|facts| facts.good.as_ref());
    let run = good.map(Good::run);
    (run, ledger.durations.usual(&row.key))
}

/// Copies have no completion window, and Azure has none at all. What is accepted is silent.
fn is_watched(row: &Row) -> bool {
    row.key.hop == Hop::Backup && row.item.is_none() && row.exception != Some(Accepting::Accepted)
}

fn of_row<'a>(report: &'a Report, windows: &mut Windows<'a>, row: &'a Row) -> Option<SlowRow<'a>> {
    let facts = report.ledger().rows.get(&row.key)?;
    let usual = report.ledger().durations.usual(&row.key);
    let told = |last: Last<'a>, usual: Option<Usual>| {
        let Last { job, ended, run, window } = last;
        Some(SlowRow { row, job, ended, run, window, usual, slow: Slow::of(run, window, usual)? })
    };
    // One that is on its way tells before its window ends. How long it runs beside what is usual is told as long or stuck.
    let flying = on_its_way(report, row, facts).and_then(|last| told(last, None));
    flying.or_else(|| told(last_good(windows, facts)?, usual))
}

fn on_its_way<'a>(report: &'a Report, row: &Row, facts: &'a Facts) -> Option<Last<'a>> {
    // A stuck one is told as stuck.
    if matches!(row.flight, Flight::Stuck { .. }) {
        return None;
    }
    let now = report.night().now;
    // The start window ends the time of one that waits.
    let runs = |flying: &&Flying| matches!(flying.state, JobState::Running);
    let flying = facts.in_flight().filter(runs).min_by_key(|flying| flying.created)?;
    let since = |at: Timestamp| now.duration_since(at).max(SignedDuration::ZERO);
    Some(Last {
        job: &flying.job,
        ended: None,
        run: Run { took: since(flying.started.unwrap_or(flying.created)), used: since(flying.created) },
        window: report.completion_window(row),
    })
}

fn last_good<'a>(windows: &mut Windows<'a>, facts: &'a Facts) -> Option<Last<'a>> {
    let good = facts.good.as_ref()?;
    Some(Last {
        job: &good.job,
        ended: Some(good.end()),
        run: good.run(),
        window: good.rule.and_then(|rule| windows.of(rule)),
    })
}

/// The completion windows of today's rules, by the numbers of those that made jobs.
struct Windows<'a> {
    report: &'a Report,
    known: BTreeMap<u32, Option<SignedDuration>>,
}

impl Windows<'_> {
    /// `None`: its plan was not read, or has the rule no more.
    fn of(&mut self, number: u32) -> Option<SignedDuration> {
        let report = self.report;
        *self.known.entry(number).or_insert_with(|| {
            let rule = rule_of(&report.night().plans, report.ledger().rule(number)?)?;
            Some(rule.completion_window())
        })
    }
}
