//! What the rules that cover one resource and destination promise together: an objective, and the runs that were due.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};

use crate::covering::CoveringRule;
use crate::due::{Due, Weakest, due_runs, weakest};
use crate::plan::{Grace, POLICY_GRACE};
use crate::union::Union;

/// The promise of several rules, worked out once and then asked for every row that they cover.
#[derive(Clone, Debug)]
pub struct Promise {
    /// Rules of today and, before them in time, what they were in an older version of their plan.
    rules: Vec<CoveringRule>,
    weakest: Option<Weakest>,
    changed: Option<Changed>,
    due: DueRuns,
    now: Timestamp,
}

/// The last change of the rules.
#[derive(Clone, Copy, Debug)]
struct Changed {
    /// Since then the rules are what they are now.
    at: Timestamp,
    /// What was promised before. `None`: nothing was.
    weakest: Option<Weakest>,
}

#[derive(Clone, Debug)]
enum DueRuns {
    /// The last runs up to now, ascending, and the run before them if there were more.
    Listed { runs: Vec<Due>, earlier: Option<Timestamp> },
    /// A rate without a first run is counted from the last good backup: its text holds no other instant.
    FromLastGood,
}

/// At most this many due runs are counted: two months of hours, four years of days.
const MOST: usize = 1_500;

impl Promise {
    /// `now` is the instant that ages are measured at. No rules promise nothing.
    pub fn new(rules: Vec<CoveringRule>, now: Timestamp) -> Self {
        let weakest_now = weakest(rules.iter().filter(|rule| rule.is_in_force()), now);
        let due = if rules.iter().any(CoveringRule::floats) {
            DueRuns::FromLastGood
        } else {
            // A run at `now` counts, and the walk looks strictly before an instant.
            let union = union(&rules);
            let mut first = now.saturating_add(SignedDuration::from_nanos(1)).unwrap_or(now);
            let earlier = (0..MOST).try_for_each(|_| union.last_before(first).map(|run| first = run));
            let earlier = earlier.and_then(|()| union.last_before(first));
            let from = first.saturating_sub(SignedDuration::from_nanos(1)).unwrap_or(first);
            DueRuns::Listed { runs: due_runs(&rules, from, now, MOST), earlier }
        };
        let changed = rules.iter().filter(|rule| rule.is_in_force()).filter_map(|rule| rule.since).max();
        let changed = changed.map(|at| {
            let before = rules.iter().filter(|rule| rule.was_in_force_before(at));
            Changed { at, weakest: weakest(before, now) }
        });
        Self { weakest: weakest_now, changed, due, now, rules }
    }

    /// Those of today.
    pub fn rules(&self) -> impl Iterator<Item = &CoveringRule> {
        self.rules.iter().filter(|rule| rule.is_in_force())
    }

    /// Since when the rules of today are known to answer for runs, the first of them. `None`: one of them always did.
    pub(crate) fn known_since(&self) -> Option<Timestamp> {
        let since: Option<Vec<Timestamp>> = self.rules().map(|rule| rule.since).collect();
        since?.into_iter().min()
    }

    /// The longest interval between neighbouring runs of which AWS Backup makes a backup. `None` without two runs: nothing recurs.
    pub fn interval(&self) -> Option<SignedDuration> {
        Some(self.weakest?.interval)
    }

    /// How old the last good backup may get, counted from its start: the longest interval between runs, plus the largest start window, plus
    /// the longest that a backup took of late, at most the completion window. `None` without two runs: nothing recurs.
    ///
    /// Where rules stand in for each other, it is at least the time from a run that is made to the end of the start window of the next one.
    pub fn objective(&self, longest_completed: Option<SignedDuration>) -> Option<SignedDuration> {
        self.with_run(self.weakest?, longest_completed)
    }

    /// When the rules became what they are now, where that is known, and the objective that held before. `None` inside: nothing was promised.
    pub(crate) fn before_the_change(
        &self,
        longest_completed: Option<SignedDuration>,
    ) -> Option<(Timestamp, Option<SignedDuration>)> {
        let changed = self.changed?;
        Some((changed.at, changed.weakest.and_then(|weakest| self.with_run(weakest, longest_completed))))
    }

    fn with_run(&self, weakest: Weakest, longest_completed: Option<SignedDuration>) -> Option<SignedDuration> {
        let completion_window = self.rules().map(|rule| rule.completion_window).max()?;
        let longest = longest_completed.map(|longest| longest.min(completion_window).max(SignedDuration::ZERO));
        let took = if self.rules().any(|rule| rule.grace == Grace::OfPolicy) {
            longest.unwrap_or(weakest.interval / 4).max(POLICY_GRACE)
        } else {
            longest.unwrap_or_default()
        };
        weakest.reach.checked_add(took)
    }

    /// The runs due after `since`, ascending.
    pub(crate) fn due_after(&self, since: Timestamp) -> Cow<'_, [Due]> {
        match &self.due {
            DueRuns::FromLastGood => Cow::Owned(due_runs(&self.rules, since, self.now, MOST)),
            DueRuns::Listed { runs, .. } => {
                let first = runs.partition_point(|due| due.at <= since);
                Cow::Borrowed(runs.get(first..).unwrap_or_default())
            }
        }
    }

    /// The first run after `since` when it lies before all runs that were counted.
    pub(crate) fn uncounted_since(&self, since: Timestamp) -> Option<Timestamp> {
        match &self.due {
            DueRuns::Listed { earlier: Some(earlier), .. } if since < *earlier => {
                self.rules.iter().filter_map(|rule| rule.next_after(since)).min()
            }
            _ => None,
        }
    }
}

/// How old the last good backup of a resource may get, counted from its start: `rpo` (RPO_HOURS), else what the rules that cover it promise.
///
/// `longest_completed` is the longest that one of its COMPLETED jobs ran, see [`took`]. `None`: nothing is promised.
pub fn objective(
    rules: Vec<CoveringRule>,
    longest_completed: Option<SignedDuration>,
    rpo: Option<SignedDuration>,
    now: Timestamp,
) -> Option<SignedDuration> {
    rpo.or_else(|| Promise::new(rules, now).objective(longest_completed))
}

/// The age of a backup: it counts from the start of its job, for what changed since is not in it.
pub fn age(start: Timestamp, now: Timestamp) -> SignedDuration {
    now.duration_since(start).max(SignedDuration::ZERO)
}

/// How long a job ran: from its start to its end. The time that it waited for its turn is in the start window.
pub fn took(start: Timestamp, end: Timestamp) -> SignedDuration {
    end.duration_since(start).max(SignedDuration::ZERO)
}

/// When a resource exceeds its objective if no other backup is made. `start` is the start of its last good one.
pub fn breaches_at(start: Timestamp, objective: SignedDuration) -> Option<Timestamp> {
    start.checked_add(objective).ok()
}

/// Whether a resource exceeds its objective, at `breach`, before its next run begins, or nobody knows of a next run.
pub fn too_late(breach: Timestamp, next_run: Option<Timestamp>) -> bool {
    next_run.is_none_or(|run| run >= breach)
}

/// The next run of any of the rules after an instant. A rate whose last run is not known ([`CoveringRule::counted_from`]) counts from that
/// instant; of a policy of Azure only the interval is known, and nobody knows its next run then.
pub fn next_run(rules: impl IntoIterator<Item = CoveringRule>, after: Timestamp) -> Option<Timestamp> {
    let is_known = |rule: &CoveringRule| rule.is_in_force() && (rule.grace == Grace::OfWindows || !rule.floats());
    rules.into_iter().filter(is_known).filter_map(|rule| rule.next_after(after)).min()
}

fn union(rules: &[CoveringRule]) -> Union<'_> {
    Union::new(rules.iter().map(|rule| &rule.schedule))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_begins_at_the_breach_or_is_not_known_is_too_late() {
        let at = |hour: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hour);
        for (next_run, expected) in [(Some(at(9)), false), (Some(at(10)), true), (Some(at(11)), true), (None, true)] {
            assert_eq!(too_late(at(10), next_run), expected, "{next_run:?}");
        }
    }
}
