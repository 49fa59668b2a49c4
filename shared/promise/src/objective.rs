//! What the rules that cover one resource and destination promise together: an objective, and the runs that were due.

use std::borrow::Cow;
use std::cmp::Reverse;

use jiff::{SignedDuration, Timestamp};

use crate::schedule::{Pattern, Schedule};
use crate::union::Union;

/// A rule that covers a resource and destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoveringRule {
    pub schedule: Schedule,
    /// How long after a run its job may begin. AWS's default is 8 hours.
    pub start_window: SignedDuration,
    /// How long a job may take. AWS's default is 7 days.
    pub completion_window: SignedDuration,
    /// How many days its recovery points are kept. `None`: for ever.
    pub keeps_days: Option<i64>,
}

/// The promise of several rules, worked out once and then asked for every row that they cover.
///
/// Where rules overlap AWS Backup makes only the backup of the rule with the longer retention, for the whole of that rule's start window:
/// an hourly rule beside a 12-hourly one with an 8 h window rightly yields 8 backups a day. Runs in the shadow of another rule are not due.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/plan-options-and-configuration.html>
#[derive(Clone, Debug)]
pub struct Promise {
    rules: Vec<CoveringRule>,
    interval: Option<SignedDuration>,
    due: DueRuns,
    now: Timestamp,
}

#[derive(Clone, Debug)]
enum DueRuns {
    /// The last runs up to now, ascending, and the run before them if there were more.
    Listed { runs: Vec<Due>, earlier: Option<Timestamp> },
    /// A rate without a first run is counted from the last good backup: its text holds no other instant.
    FromLastGood,
}

/// A run that AWS Backup had to make a backup of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) at: Timestamp,
    /// When its job must have begun at the latest.
    pub(crate) start_by: Timestamp,
}

/// So many due runs are counted and no more: two months of hours, four years of days.
const MOST: usize = 1_500;

impl Promise {
    /// `now` is the instant that ages are measured at. No rules promise nothing.
    pub fn new(rules: Vec<CoveringRule>, now: Timestamp) -> Self {
        let union = union(&rules);
        let interval = union.longest_interval(now);
        let floats = |rule: &CoveringRule| matches!(&rule.schedule.0, Pattern::Rate(rate) if rate.first_run.is_none());
        let due = if rules.iter().any(floats) {
            DueRuns::FromLastGood
        } else {
            // A run at `now` counts, and the walk looks strictly before an instant.
            let mut first = now.saturating_add(SignedDuration::from_nanos(1)).unwrap_or(now);
            let earlier = (0..MOST).try_for_each(|_| union.last_before(first).map(|run| first = run));
            let earlier = earlier.and_then(|()| union.last_before(first));
            let from = first.saturating_sub(SignedDuration::from_nanos(1)).unwrap_or(first);
            DueRuns::Listed { runs: due_runs(&rules, from, now), earlier }
        };
        Self { interval, due, now, rules }
    }

    pub fn rules(&self) -> &[CoveringRule] {
        &self.rules
    }

    /// How old the last good backup may get, counted from its start: the longest interval between runs, plus the largest start window, plus
    /// the longest that a backup took of late, at most the completion window. `None` without two runs: nothing recurs.
    pub fn objective(&self, longest_completed: Option<SignedDuration>) -> Option<SignedDuration> {
        let start_window = self.rules.iter().map(|rule| rule.start_window).max()?;
        let completion_window = self.rules.iter().map(|rule| rule.completion_window).max()?;
        let took = longest_completed.unwrap_or_default().min(completion_window).max(SignedDuration::ZERO);
        self.interval?.checked_add(start_window)?.checked_add(took)
    }

    /// The runs due after `since`, ascending.
    pub(crate) fn due_after(&self, since: Timestamp) -> Cow<'_, [Due]> {
        match &self.due {
            DueRuns::FromLastGood => Cow::Owned(due_runs(&self.rules, since, self.now)),
            DueRuns::Listed { runs, .. } => {
                let first = runs.partition_point(|due| due.at <= since);
                Cow::Borrowed(runs.get(first..).unwrap_or_default())
            }
        }
    }

    /// The first run after `since` when it lies before all runs that were counted.
    pub(crate) fn uncounted_since(&self, since: Timestamp) -> Option<Timestamp> {
        match &self.due {
            DueRuns::Listed { earlier: Some(earlier), .. } if since < *earlier => union(&self.rules).next_after(since),
            _ => None,
        }
    }
}

fn union(rules: &[CoveringRule]) -> Union<'_> {
    Union::new(rules.iter().map(|rule| &rule.schedule))
}

/// The runs after `from` up to `to` that no other rule's backup stands in for.
fn due_runs(rules: &[CoveringRule], from: Timestamp, to: Timestamp) -> Vec<Due> {
    let mut runs: Vec<(Timestamp, &CoveringRule)> = rules
        .iter()
        .flat_map(|rule| rule.schedule.runs_between(from, to).take(MOST).map(move |run| (run, rule)))
        .collect();
    // Of runs at the same instant the one with the longest retention is made.
    runs.sort_by_key(|(at, rule)| (*at, Reverse(retention(rule))));
    let mut due: Vec<Due> = Vec::with_capacity(runs.len());
    let mut made: Vec<(Due, &CoveringRule)> = Vec::new();
    for (at, rule) in runs {
        made.retain(|(other, _)| other.start_by > at || other.at == at);
        let shadowed = made.iter().any(|(_, other)| !std::ptr::eq(*other, rule) && retention(other) >= retention(rule));
        if !shadowed {
            let start_by = at.saturating_add(rule.start_window).unwrap_or(at);
            due.push(Due { at, start_by });
            made.push((Due { at, start_by }, rule));
        }
    }
    due
}

/// Orders retentions; for ever is the longest.
fn retention(rule: &CoveringRule) -> i64 {
    rule.keeps_days.unwrap_or(i64::MAX)
}
