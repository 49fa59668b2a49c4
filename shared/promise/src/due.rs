//! The runs of several rules of which AWS Backup makes a backup.
//!
//! Where rules overlap it makes only the backup of the rule with the longer retention, for the whole of that rule's start window: an hourly
//! rule beside a 12-hourly one with an 8 h window rightly yields 8 backups a day. Runs in the shadow of another rule are not due.
//!
//! <https://docs.aws.amazon.com/aws-backup/latest/devguide/plan-options-and-configuration.html>

use std::cmp::Reverse;

use jiff::{SignedDuration, Timestamp};

use crate::covering::CoveringRule;
use crate::union::Union;

/// A run that AWS Backup had to make a backup of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) at: Timestamp,
    /// When its job must have begun at the latest.
    pub(crate) start_by: Timestamp,
}

/// The runs after `from` up to `to` that no other rule's backup stands in for, at most `most` of each rule.
pub(crate) fn due_runs<'a>(
    rules: impl IntoIterator<Item = &'a CoveringRule>,
    from: Timestamp,
    to: Timestamp,
    most: usize,
) -> Vec<Due> {
    let mut runs: Vec<(Timestamp, &CoveringRule)> = Vec::new();
    for rule in rules {
        let from = rule.since.map_or(from, |since| since.max(from));
        let to = rule.until.map_or(to, |until| until.min(to));
        runs.extend(rule.schedule.runs_between(from, to).take(most).map(|run| (run, rule)));
    }
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

/// What rules promise at their weakest, of the runs of which a backup is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Weakest {
    /// The longest interval between neighbouring runs.
    pub(crate) interval: SignedDuration,
    /// The longest time from a run until one of those after it has to begin.
    pub(crate) reach: SignedDuration,
}

/// `None` if there are not two runs.
///
/// One rule is never in the shadow of itself. Of several, the runs of the year after `around` are looked at one by one; and whatever interval
/// is longer than that between any two runs of all of them.
pub(crate) fn weakest<'a>(rules: impl Iterator<Item = &'a CoveringRule>, around: Timestamp) -> Option<Weakest> {
    let rules: Vec<CoveringRule> =
        rules.map(|rule| CoveringRule { since: None, until: None, ..rule.clone() }).collect();
    let interval = Union::new(rules.iter().map(|rule| &rule.schedule)).longest_interval(around)?;
    let window = rules.iter().map(|rule| rule.start_window).max()?;
    let mut weakest = Weakest { interval, reach: interval.checked_add(window)? };
    // The runs of a rate without a first run lie anywhere, and so does its shadow.
    if rules.len() > 1 && !rules.iter().any(CoveringRule::floats) {
        let to = around.saturating_add(YEAR).unwrap_or(around);
        let due = due_runs(&rules, around, to, RUNS_OF_A_YEAR);
        // A later run may have to begin sooner than the next one: its window may be shorter.
        let mut begins_by = Timestamp::MAX;
        for pair in due.windows(2).rev() {
            if let [one, next] = pair {
                begins_by = begins_by.min(next.start_by);
                weakest.interval = weakest.interval.max(next.at.duration_since(one.at));
                weakest.reach = weakest.reach.max(begins_by.duration_since(one.at));
            }
        }
    }
    Some(weakest)
}

const YEAR: SignedDuration = SignedDuration::from_hours(24 * 366);
/// A rule of AWS Backup runs at most once an hour.
const RUNS_OF_A_YEAR: usize = 24 * 366;

/// Orders retentions; for ever is the longest.
fn retention(rule: &CoveringRule) -> i64 {
    rule.keeps_days.unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::Schedule;

    /// The rule of 12:15 stands in for the hourly one until 21:15. The run of 21:15 has two hours to begin, the hourly one of 22:00 has one.
    #[test]
    fn a_later_run_may_have_to_begin_sooner_than_the_next_one() {
        let rule = |expression: &str, window, keeps_days| CoveringRule {
            start_window: SignedDuration::from_hours(window),
            keeps_days,
            ..CoveringRule::of_schedule(Schedule::parse(expression, None).unwrap())
        };
        let rules = [
            rule("cron(0 * ? * * *)", 1, Some(1)),
            rule("cron(15 12 ? * * *)", 9, None),
            rule("cron(15 21 ? * * *)", 2, Some(0)),
        ];
        let weakest = weakest(rules.iter(), "2026-11-21T00:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(weakest.reach, SignedDuration::from_mins(10 * 60 + 45));
    }
}
