//! Which jobs have been on their way for too long. Pure.
//!
//! The caller gives the job and how long the resource usually takes. Every function gets the same answer.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use job::{Cloud, Job, JobKind, JobState};

/// A job counts as late this long after its StartBy: AWS Backup ends jobs, and shows their begin, some time after it.
pub const GRACE: SignedDuration = SignedDuration::from_mins(30);

/// How long a first run may take, whose usual length is not known.
const FIRST_RUN: SignedDuration = SignedDuration::from_hours(24);

/// A job on its way: what decides whether it is stuck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flight {
    pub phase: Phase,
    pub created: Option<Timestamp>,
    /// InitiationDate. Without it the job counts from its creation.
    pub started: Option<Timestamp>,
    /// Backups only: copies and restores have no start window.
    pub start_by: Option<Timestamp>,
    /// The completion window of its rule, where that is known.
    pub completion_window: Option<SignedDuration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// CREATED or PENDING.
    Waiting,
    /// RUNNING or ABORTING.
    Running,
}

/// How long the COMPLETED jobs of a resource took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usual {
    /// The longest of them, without the time that it waited.
    Longest(SignedDuration),
    /// Its jobs were read, and none of them is COMPLETED.
    FirstRun,
    /// Its jobs were not read, or have no list.
    NotRead,
}

/// By which rule a job counts as stuck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StuckRule {
    /// It did not begin within its start window, which ended then.
    NotBegun { start_by: Timestamp },
    /// It has run for longer than STUCK_HOURS.
    TooLong { limit: SignedDuration },
    /// It takes at least twice as long as the longest COMPLETED job of its resource.
    TwiceItsLongest { longest: SignedDuration },
    /// It is the first run of its resource, and takes longer than `limit`.
    FirstRunTooLong { limit: SignedDuration },
    /// It has been at this step for longer than `limit`.
    StepTooLong { step: Step, limit: SignedDuration },
}

/// What a job of Azure is at, which decides how long it may take: to make a snapshot takes minutes, to move it to the vault may take hours.
///
/// <https://learn.microsoft.com/azure/backup/backup-azure-vms-introduction>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Snapshot,
    Transfer,
    FirstBackup,
    Restore,
    /// Jobs of databases and servers tell no steps.
    Untold,
}

impl Step {
    /// How long a job may take that is at this step. `patience` is STUCK_HOURS.
    pub fn limit(self, patience: SignedDuration) -> SignedDuration {
        let hours = match self {
            Step::Snapshot => 0,
            Step::Transfer | Step::Untold => 12,
            Step::FirstBackup => 24,
            Step::Restore => 6,
        };
        patience.max(SignedDuration::from_hours(hours))
    }
}

impl Flight {
    /// `None` for a job that has ended.
    pub fn of(job: &Job) -> Option<Self> {
        let phase = match job.state {
            JobState::Created | JobState::Pending => Phase::Waiting,
            JobState::Running | JobState::Aborting => Phase::Running,
            _ => return None,
        };
        let (created, started, start_by) = (job.created, job.started, job.start_by);
        Some(Self { phase, created, started, start_by, completion_window: None })
    }

    /// When it counts as stuck, now or later, and by which rule. `patience` is STUCK_HOURS.
    ///
    /// - While it waits: half an hour after its start window. One without a start window waits at most as long as it may run.
    /// - While it runs: STUCK_HOURS after it began, or twice the longest COMPLETED job of its resource if that is more.
    /// - A first run, whose usual length is not known: after a day (or STUCK_HOURS if that is more), at most its completion window.
    pub fn stuck_at(&self, usual: Usual, patience: SignedDuration) -> Option<(Timestamp, StuckRule)> {
        if let (Phase::Waiting, Some(start_by)) = (self.phase, self.start_by) {
            return Some((start_by.checked_add(GRACE).ok()?, StuckRule::NotBegun { start_by }));
        }
        // A job that waited for long in its start window is not stuck for it.
        let begun = self.started.max(self.created)?;
        let (limit, rule) = match usual {
            Usual::Longest(longest) if longest.saturating_mul(2) > patience => {
                (longest.saturating_mul(2), StuckRule::TwiceItsLongest { longest })
            }
            Usual::FirstRun => {
                let limit = FIRST_RUN.max(patience).min(self.completion_window.unwrap_or(SignedDuration::MAX));
                (limit, StuckRule::FirstRunTooLong { limit })
            }
            Usual::Longest(_) | Usual::NotRead => (patience, StuckRule::TooLong { limit: patience }),
        };
        Some((begun.checked_add(limit).ok()?, rule))
    }

    pub fn is_stuck(&self, usual: Usual, patience: SignedDuration, now: Timestamp) -> bool {
        self.stuck_at(usual, patience).is_some_and(|(stuck, _)| stuck <= now)
    }
}

/// How long the jobs of resources usually take, learned from their COMPLETED jobs.
#[derive(Clone, Debug)]
pub struct Habits {
    /// STUCK_HOURS.
    patience: SignedDuration,
    longest: BTreeMap<(JobKind, String), SignedDuration>,
    /// Whose COMPLETED jobs were read to the end.
    read: BTreeSet<(JobKind, String)>,
    /// The completion window of a rule, by plan and rule.
    windows: BTreeMap<(String, String), SignedDuration>,
    /// What jobs of Azure are at, by their ids.
    steps: BTreeMap<String, Step>,
}

impl Habits {
    pub fn new(patience: SignedDuration) -> Self {
        Self {
            patience,
            longest: BTreeMap::new(),
            read: BTreeSet::new(),
            windows: BTreeMap::new(),
            steps: BTreeMap::new(),
        }
    }

    /// Learns from COMPLETED jobs.
    pub fn learn<'a>(&mut self, completions: impl IntoIterator<Item = &'a Job>) {
        for job in completions.into_iter().filter(|job| job.state == JobState::Completed) {
            if let Some(took) = job.ran_for() {
                let longest = self.longest.entry((job.kind, job.resource_arn.clone())).or_default();
                *longest = took.max(*longest);
            }
        }
    }

    /// The COMPLETED jobs of this resource were read to the end: with none of them, its next run is its first.
    pub fn has_read(&mut self, kind: JobKind, resource_arn: &str) {
        self.read.insert((kind, resource_arn.to_owned()));
    }

    /// How long the jobs of a rule may take.
    pub fn completes_within(&mut self, plan: &str, rule: &str, window: SignedDuration) {
        self.windows.insert((plan.to_owned(), rule.to_owned()), window);
    }

    /// What a job on its way is at.
    pub fn is_in(&mut self, job_id: &str, step: Step) {
        self.steps.insert(job_id.to_owned(), step);
    }

    pub fn usual(&self, kind: JobKind, resource_arn: &str) -> Usual {
        let key = (kind, resource_arn.to_owned());
        match self.longest.get(&key) {
            Some(longest) => Usual::Longest(*longest),
            None if self.read.contains(&key) => Usual::FirstRun,
            None => Usual::NotRead,
        }
    }

    /// When a job on its way counts as stuck, now or later, and by which rule: see [`Flight::stuck_at`].
    pub fn stuck_at(&self, job: &Job) -> Option<(Timestamp, StuckRule)> {
        if job.scope.cloud == Cloud::Azure {
            return self.stuck_at_step(job);
        }
        let rule = job.rule().and_then(|by| Some((by.plan_id.clone()?, by.rule_id.clone()?)));
        let completion_window = rule.and_then(|rule| self.windows.get(&rule).copied());
        let flight = Flight { completion_window, ..Flight::of(job)? };
        flight.stuck_at(self.usual(job.kind, &job.resource_arn), self.patience)
    }

    /// One whose step was not read, because it is young or could not be, is given the most.
    fn stuck_at_step(&self, job: &Job) -> Option<(Timestamp, StuckRule)> {
        let begun = job.began().filter(|_| job.state.in_flight())?;
        let step = self.steps.get(&job.id).copied().unwrap_or(Step::FirstBackup);
        let longest = match (step, self.usual(job.kind, &job.resource_arn)) {
            (Step::Untold, Usual::Longest(longest)) => longest.saturating_mul(2),
            _ => SignedDuration::ZERO,
        };
        let limit = step.limit(self.patience).max(longest);
        Some((begun.checked_add(limit).ok()?, StuckRule::StepTooLong { step, limit }))
    }

    pub fn is_stuck(&self, job: &Job, now: Timestamp) -> bool {
        self.stuck_at(job).is_some_and(|(stuck, _)| stuck <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Option<Timestamp> {
        let midnight: Timestamp = "2026-11-21T00:00:00Z".parse().unwrap();
        Some(midnight + SignedDuration::from_hours(hour))
    }

    const fn hours(hours: i64) -> SignedDuration {
        SignedDuration::from_hours(hours)
    }

    #[test]
    fn when_a_job_is_stuck() {
        use StuckRule::{FirstRunTooLong, NotBegun, TooLong, TwiceItsLongest};
        let start_by = at(9).unwrap();
        let waits = Flight {
            phase: Phase::Waiting,
            created: at(1),
            started: None,
            start_by: Some(start_by),
            completion_window: None,
        };
        let runs = Flight { phase: Phase::Running, started: at(8), ..waits };
        let table = [
            (
                "it waits in its window",
                waits,
                Usual::Longest(hours(20)),
                at(9).map(|at| at + GRACE),
                NotBegun { start_by },
            ),
            (
                "it waits and has no window",
                Flight { start_by: None, ..waits },
                Usual::NotRead,
                at(5),
                TooLong { limit: hours(4) },
            ),
            ("its start counts", runs, Usual::Longest(hours(1)), at(12), TooLong { limit: hours(4) }),
            (
                "no start is on record",
                Flight { started: None, ..runs },
                Usual::NotRead,
                at(5),
                TooLong { limit: hours(4) },
            ),
            ("it always takes long", runs, Usual::Longest(hours(3)), at(14), TwiceItsLongest { longest: hours(3) }),
            ("a first run", runs, Usual::FirstRun, at(32), FirstRunTooLong { limit: hours(24) }),
            (
                "a first run and its window",
                Flight { completion_window: Some(hours(2)), ..runs },
                Usual::FirstRun,
                at(10),
                FirstRunTooLong { limit: hours(2) },
            ),
        ];
        for (name, flight, usual, stuck_at, rule) in table {
            assert_eq!(flight.stuck_at(usual, hours(4)), stuck_at.map(|at| (at, rule)), "{name}");
        }
        let patient = runs.stuck_at(Usual::FirstRun, hours(48));
        assert_eq!(patient, at(56).map(|at| (at, FirstRunTooLong { limit: hours(48) })));
    }

    #[test]
    fn how_long_a_job_of_azure_may_take_depends_on_its_step() {
        let job = Job {
            scope: job::Scope::azure("0a", "westeurope"),
            created: at(0),
            started: at(0),
            ..Job::new(JobKind::Backup, "1", JobState::Running)
        };
        let table = [
            (Some(Step::Snapshot), 4),
            (Some(Step::Transfer), 12),
            (Some(Step::Restore), 6),
            (Some(Step::FirstBackup), 24),
            (Some(Step::Untold), 20),
            (None, 24),
        ];
        for (step, hour) in table {
            let mut habits = Habits::new(hours(4));
            let good = Job { state: JobState::Completed, ended: at(10), ..job.clone() };
            habits.learn(&[good]);
            step.into_iter().for_each(|step| habits.is_in("1", step));
            assert_eq!(habits.stuck_at(&job).map(|(since, _)| since), at(hour), "{step:?}");
        }
        assert_eq!(Step::Snapshot.limit(hours(9)), hours(9), "STUCK_HOURS is the least");
    }

    #[test]
    fn waiting_makes_no_run_longer_and_a_first_run_is_one_whose_jobs_were_read() {
        let job = |state, started, ended| Job {
            resource_arn: "a".into(),
            created: at(0),
            started,
            ended,
            ..Job::new(JobKind::Backup, "1", state)
        };
        assert_eq!(job(JobState::Completed, at(7), at(8)).ran_for(), Some(hours(1)));
        assert_eq!(job(JobState::Completed, None, at(8)).ran_for(), Some(hours(8)));
        let mut habits = Habits::new(hours(4));
        assert_eq!(habits.usual(JobKind::Backup, "a"), Usual::NotRead);
        habits.has_read(JobKind::Backup, "a");
        assert_eq!(habits.usual(JobKind::Backup, "a"), Usual::FirstRun);
        assert_eq!(habits.usual(JobKind::Copy, "a"), Usual::NotRead);
        habits.learn(&[job(JobState::Completed, at(7), at(8)), job(JobState::Failed, at(0), at(20))]);
        assert_eq!(habits.usual(JobKind::Backup, "a"), Usual::Longest(hours(1)));
        let stuck = |habits: &Habits| habits.stuck_at(&job(JobState::Running, at(7), None)).map(|(at, _)| at);
        assert_eq!(stuck(&habits), at(11));
        assert_eq!(habits.stuck_at(&job(JobState::Failed, at(7), at(8))), None);
    }
}
