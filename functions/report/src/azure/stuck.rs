//! How long a job of Azure may run. Azure publishes no windows: what it does decides, and how long its item takes.

use jiff::SignedDuration;
use job::JobKind;

/// What a job does that runs for long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It takes its snapshot: agent or VSS may hang.
    Snapshot,
    /// The snapshot is there, and goes to the vault. At peak times that may take hours.
    Transfer,
    /// Its record has no steps, or nobody looked.
    NotTold,
}

/// What else is known of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habit {
    pub kind: JobKind,
    /// Whether the item has no recovery point yet: a first backup takes all there is.
    pub is_first: First,
    pub longest_completed: Option<SignedDuration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First {
    Yes,
    No,
}

/// After how long a job is stuck. `stuck_after` is STUCK_HOURS.
pub fn stuck_after(phase: Phase, habit: Habit, stuck_after: SignedDuration) -> SignedDuration {
    let hours = SignedDuration::from_hours;
    let least = match (habit.kind, phase, habit.is_first) {
        (JobKind::Restore, ..) => hours(6),
        (_, Phase::Snapshot, _) => return stuck_after,
        (_, _, First::Yes) => hours(24),
        (_, Phase::Transfer, First::No) => return hours(12).max(stuck_after),
        (_, Phase::NotTold, First::No) => hours(12),
    };
    let twice = habit.longest_completed.and_then(|longest| longest.checked_mul(2)).unwrap_or_default();
    least.max(twice).max(stuck_after)
}

impl Phase {
    /// By the steps of a job.
    pub fn of(tasks: &[azure::Task]) -> Self {
        use azure::TaskStatus::Completed;
        let of = |name: &str| tasks.iter().find(|task| task.name.to_ascii_lowercase().contains(name));
        match (of("snapshot"), of("transfer")) {
            (Some(snapshot), _) if snapshot.status != Completed => Phase::Snapshot,
            (Some(_), _) | (None, Some(_)) => Phase::Transfer,
            (None, None) => Phase::NotTold,
        }
    }

    /// Behind "a job runs for so long" or "is stuck".
    pub fn words(self) -> &'static str {
        match self {
            Phase::Snapshot => "its snapshot is not taken",
            Phase::Transfer => "its snapshot is taken and goes to the vault",
            Phase::NotTold => "Azure does not say what it does",
        }
    }
}

#[cfg(test)]
mod tests {
    use azure::{Task, TaskStatus};

    use super::*;

    #[test]
    fn what_a_job_does_decides_how_long_it_may_run() {
        let habit = |is_first, longest: Option<i64>| Habit {
            kind: JobKind::Backup,
            is_first,
            longest_completed: longest.map(SignedDuration::from_hours),
        };
        let usual = habit(First::No, Some(1));
        let restore = Habit { kind: JobKind::Restore, ..habit(First::No, None) };
        for (phase, habit, hours) in [
            (Phase::Snapshot, usual, 4),
            (Phase::Snapshot, habit(First::Yes, None), 4),
            (Phase::Transfer, usual, 12),
            (Phase::Transfer, habit(First::Yes, None), 24),
            (Phase::NotTold, usual, 12),
            (Phase::NotTold, habit(First::No, Some(9)), 18),
            (Phase::NotTold, habit(First::Yes, None), 24),
            (Phase::Transfer, restore, 6),
        ] {
            let after = stuck_after(phase, habit, SignedDuration::from_hours(4));
            assert_eq!(after, SignedDuration::from_hours(hours), "{phase:?} {habit:?}");
        }
        let slow = stuck_after(Phase::Snapshot, usual, SignedDuration::from_hours(24));
        assert_eq!(slow, SignedDuration::from_hours(24), "STUCK_HOURS");
    }

    #[test]
    fn the_steps_of_a_job_tell_what_it_does() {
        use TaskStatus::{Completed, InProgress, NotStarted};
        let task = |name: &str, status| Task { name: name.to_owned(), status, started: None, ended: None };
        for (tasks, phase) in [
            (vec![task("Take Snapshot", InProgress), task("Transfer data to vault", NotStarted)], Phase::Snapshot),
            (vec![task("Take Snapshot", Completed), task("Transfer data to vault", InProgress)], Phase::Transfer),
            (vec![task("Transfer data to vault", InProgress)], Phase::Transfer),
            (vec![task("Trigger", Completed)], Phase::NotTold),
            (vec![], Phase::NotTold),
        ] {
            assert_eq!(Phase::of(&tasks), phase, "{tasks:?}");
        }
    }
}
