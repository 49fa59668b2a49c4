//! Who made a job.

use jiff::{SignedDuration, Timestamp};

use crate::{CreatedBy, JobKind};

/// Who made a job, as far as its record tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A rule of a backup plan.
    Rule(CreatedBy),
    /// The copy action of a backup job. Its record may name the rule, too.
    CopyOf { backup_job: String, rule: Option<CreatedBy> },
    /// Night One, to prove a fix.
    NightOne,
    /// A person or a program, on demand.
    Operator,
}

/// The start window of our reruns, in minutes. No console and no plan uses it, so it marks them in every list and event.
pub const RERUN_START_WINDOW_MINUTES: i64 = 61;

/// The start window of what an operator has us back up, in minutes: the shortest that AWS takes, and not the mark of our reruns.
pub const ON_DEMAND_START_WINDOW_MINUTES: i64 = 60;

/// AWS may cut StartBy to the minute beside a CreationDate with milliseconds (its own samples do), so that our 61 minutes may look like little
/// more than 60. An operator's own 60, cut likewise, never look like more than 60.
const SHORTEST: SignedDuration = SignedDuration::from_secs(60 * (RERUN_START_WINDOW_MINUTES - 1) + 1);
const LONGEST: SignedDuration = SignedDuration::from_secs(60 * RERUN_START_WINDOW_MINUTES + 30);

/// What a record or an event says of the origin of its job.
#[derive(Clone, Debug, Default)]
pub struct Traces {
    /// The rule that it names as its creator.
    pub rule: Option<CreatedBy>,
    /// Copies only: the backup job whose copy action made it.
    pub backup_job: Option<String>,
    pub created: Option<Timestamp>,
    pub start_by: Option<Timestamp>,
}

impl Origin {
    /// Reads the traces of a job on AWS.
    ///
    /// Of the backups that no plan made, the start window of 61 minutes marks ours, as far as StartBy still tells it: StartBy -
    /// CreationDate is more than 60 min 1 s and at most 61 min 30 s. One without StartBy counts as ours, so that a doubtful job is never taken
    /// for an operator's and counted as no attempt.
    ///
    /// No record of a copy tells who asked for it, and other people's programs copy every night: one that no plan made is an operator's.
    pub fn read(kind: JobKind, traces: Traces) -> Self {
        match (traces.backup_job, traces.rule) {
            (Some(backup_job), rule) => return Origin::CopyOf { backup_job, rule },
            (None, Some(rule)) => return Origin::Rule(rule),
            (None, None) => {}
        }
        let is_ours = match (kind, traces.start_by, traces.created) {
            (JobKind::Copy | JobKind::Restore, ..) => false,
            (JobKind::Backup, Some(start_by), Some(created)) => {
                let window = start_by.duration_since(created);
                SHORTEST < window && window <= LONGEST
            }
            (JobKind::Backup, ..) => true,
        };
        if is_ours { Origin::NightOne } else { Origin::Operator }
    }

    /// The rule of a plan that made the job, or the backup that it copies.
    pub fn rule(&self) -> Option<&CreatedBy> {
        match self {
            Origin::Rule(rule) => Some(rule),
            Origin::CopyOf { rule, .. } => rule.as_ref(),
            Origin::NightOne | Origin::Operator => None,
        }
    }

    /// Whether a plan made it, as it makes such jobs each night.
    pub fn is_scheduled(&self) -> bool {
        matches!(self, Origin::Rule(_) | Origin::CopyOf { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(created: &str, start_by: Option<&str>, rule: Option<CreatedBy>) -> Origin {
        let instant = |text: &str| text.parse().unwrap();
        let traces =
            Traces { rule, backup_job: None, created: Some(instant(created)), start_by: start_by.map(instant) };
        Origin::read(JobKind::Backup, traces)
    }

    #[test]
    fn the_start_window_marks_our_jobs() {
        let whole = "2026-11-21T01:00:00Z";
        let table = [
            (whole, Some("2026-11-21T02:01:00Z"), true),
            (whole, Some("2026-11-21T02:01:30Z"), true),
            (whole, Some("2026-11-21T02:01:31Z"), false),
            (whole, Some("2026-11-21T02:00:00Z"), false),
            (whole, Some("2026-11-21T02:00:01Z"), false),
            (whole, Some("2026-11-21T02:00:01.001Z"), true),
            (whole, Some("2026-11-21T09:00:00Z"), false),
            (whole, None, true),
            // Our 61 minutes, cut to the minute.
            ("2026-11-21T01:00:00.500Z", Some("2026-11-21T02:01:00Z"), true),
            ("2026-11-21T01:00:31Z", Some("2026-11-21T02:01:00Z"), true),
            ("2026-11-21T01:00:58.900Z", Some("2026-11-21T02:01:00Z"), true),
            // An operator's 60 minutes, cut to the minute.
            ("2026-11-21T01:00:00.500Z", Some("2026-11-21T02:00:00Z"), false),
            ("2026-11-21T01:00:58.900Z", Some("2026-11-21T02:00:00Z"), false),
        ];
        for (created, start_by, ours) in table {
            assert_eq!(origin(created, start_by, None) == Origin::NightOne, ours, "{created} {start_by:?}");
        }
        let by_hand = Traces { created: Some(whole.parse().unwrap()), ..Traces::default() };
        for kind in [JobKind::Copy, JobKind::Restore] {
            assert_eq!(Origin::read(kind, by_hand.clone()), Origin::Operator, "{kind:?}: no record tells whose it is");
        }
        let by_plan = origin(whole, Some("2026-11-21T02:01:00Z"), Some(CreatedBy::default()));
        assert_eq!(by_plan, Origin::Rule(CreatedBy::default()));
    }
}
