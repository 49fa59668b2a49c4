//! All rules that cover one resource and destination, seen as one schedule.

use jiff::{SignedDuration, Timestamp};

use crate::Schedule;
use crate::longest::longest_interval;

/// The union of the schedules of several rules. Runs at the same instant count as one: AWS Backup makes one backup of
/// them, by the rule with the longer retention.
///
/// A rate without a first run is counted from the instant that is asked about, see [`Schedule`].
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/plan-options-and-configuration.html>
#[derive(Clone, Debug, Default)]
pub struct Union<'a>(Vec<&'a Schedule>);

impl<'a> Union<'a> {
    pub fn new(schedules: impl IntoIterator<Item = &'a Schedule>) -> Self {
        Self(schedules.into_iter().collect())
    }

    /// The first run of any rule strictly after `t`.
    pub fn next_after(&self, t: Timestamp) -> Option<Timestamp> {
        self.0.iter().filter_map(|schedule| schedule.next_after(t)).min()
    }

    /// The last run of any rule strictly before `t`.
    pub fn last_before(&self, t: Timestamp) -> Option<Timestamp> {
        self.0.iter().filter_map(|schedule| schedule.last_before(t)).max()
    }

    /// The distinct runs after `from` up to and including `to`, ascending.
    pub fn runs_between(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = Timestamp> + use<'a> {
        let mut rules: Vec<_> = self.0.iter().map(|schedule| schedule.runs_between(from, to).peekable()).collect();
        std::iter::from_fn(move || {
            let run = rules.iter_mut().filter_map(|runs| runs.peek().copied()).min()?;
            for runs in &mut rules {
                runs.next_if_eq(&run);
            }
            Some(run)
        })
    }

    /// How many runs were due after the last good backup, up to and including `now`.
    pub fn runs_missed_since(&self, last_good: Timestamp, now: Timestamp) -> usize {
        self.runs_between(last_good, now).count()
    }

    /// The longest interval between neighbouring runs, which is what the rules promise at their weakest.
    ///
    /// Looked at are the year before `around` and the year after it, or the 28 years after it (in which weekdays and
    /// leap years come round) if some rule's weeks are not all alike; and, however long, the intervals that reach into
    /// this time from either side. So both clock changes, month ends and the 29th of February count.
    ///
    /// A rate bounds the answer, counted from its first run on: no interval can be longer than the rate's own.
    ///
    /// None if there are not two runs.
    pub fn longest_interval(&self, around: Timestamp) -> Option<SignedDuration> {
        longest_interval(&self.0, around)
    }
}
