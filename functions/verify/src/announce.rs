//! What came of earlier reruns, and which jobs are stuck: what this tick announces. Pure.
//!
//! Nothing remembers what was said. Each tick announces what happened in its own window, and the windows of all ticks tile time.

mod aftermath;

pub use aftermath::{Fate, Held, Wait, aftermath};

use cause::judged::Judged;
use classification::table::ProvenBy;
use jiff::{SignedDuration, Timestamp};
use job::{Job, Worth};

use crate::ledger::{Cause, Ledger};
use crate::standing::Standing;
use ::cause::SETTLED;
use ::cause::stuck::{Habits, StuckRule};

/// The time that one tick speaks about: after its beginning, up to and with its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    after: Timestamp,
    until: Timestamp,
}

/// What is announced of one cause.
#[derive(Clone, Debug, PartialEq)]
pub enum Announcement<'a> {
    /// A rerun of ours ended badly; `number` is its place in the episode, from 1. `judged` says of which cause it failed now.
    StillFailing { number: usize, judged: Box<Judged> },
    /// The first job that proves the cause fixed.
    Verified { proof: &'a Job },
    /// A cause holds nothing back any more: programs close the incident, and people read of it in the report.
    ///
    /// - Where each resource has to prove it by itself: a scheduled job did so for the last of them.
    /// - Where it was proven before: the last resource that waited is backed up, or fails of another cause. A breach may have opened the
    ///   incident again since the proof.
    Over { proof: &'a Job, last: &'a Job },
    /// A rerun brought its own resource back, of a cause that each resource has to prove by itself and that holds others back still.
    Recovered { rerun: &'a Job },
}

/// A resource that exceeded its objective while a cause held it back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Breached<'a> {
    /// Its latest failure under the cause.
    pub failure: &'a Job,
    pub since: Timestamp,
    pub next_run: Option<Timestamp>,
}

/// The resources that exceeded their objective in this window, in the order they did. A resource exceeds its objective once, so one window alone has it.
pub fn breached<'a>(held: &[Held<'a>], window: Window) -> Vec<Breached<'a>> {
    let breached = |held: &Held<'a>| match held.fate {
        Fate::Waits(Wait { next_run, exceeds: Some(exceeds), .. }) if window.holds(exceeds.at) => {
            Some(Breached { failure: held.failure, since: exceeds.at, next_run })
        }
        _ => None,
    };
    let mut all: Vec<Breached<'a>> = held.iter().filter_map(breached).collect();
    all.sort_by(|a, b| (a.since, &a.failure.resource_arn).cmp(&(b.since, &b.failure.resource_arn)));
    all
}

/// A job that is on its way for too long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StuckJob<'a> {
    pub job: &'a Job,
    pub since: Timestamp,
    pub rule: StuckRule,
}

impl Window {
    /// The window of the tick that the scheduler meant for `tick`. A tick that comes late, by less than an interval, has the same one.
    pub fn of(tick: Timestamp, interval: SignedDuration) -> Self {
        let interval = interval.as_secs().max(1);
        let tick = tick.as_second().div_euclid(interval).saturating_mul(interval);
        // The tick comes from outside: one at the beginning of time has no time before it.
        let before_tick = |seconds: i64| Timestamp::from_second(tick.saturating_sub(seconds)).unwrap_or(Timestamp::MIN);
        Self { after: before_tick(SETTLED.as_secs().saturating_add(interval)), until: before_tick(SETTLED.as_secs()) }
    }

    /// `None`: no time lies between the two.
    pub fn between(after: Timestamp, until: Timestamp) -> Option<Self> {
        (after < until).then_some(Self { after, until })
    }

    /// The same time, told so much later: of what AWS tells late.
    #[must_use]
    pub fn later(self, by: SignedDuration) -> Self {
        let back = |instant: Timestamp| instant.checked_sub(by).unwrap_or(Timestamp::MIN);
        Self { after: back(self.after), until: back(self.until) }
    }

    /// Its beginning, which it does not hold.
    pub fn after(&self) -> Timestamp {
        self.after
    }

    /// How much time it holds.
    pub fn length(&self) -> SignedDuration {
        self.until.duration_since(self.after)
    }

    pub fn holds(&self, instant: Timestamp) -> bool {
        self.after < instant && instant <= self.until
    }

    /// The whole hours that end in it: those of all ticks tile time, too. `None`: no hour ends in it.
    pub fn hours(self) -> Option<Self> {
        const HOUR: i64 = 3_600;
        let last = self.until.as_second().div_euclid(HOUR);
        let before = self.after.as_second().div_euclid(HOUR);
        let instant = |hour: i64| Timestamp::from_second(hour.checked_mul(HOUR)?).ok();
        let hours = Self { after: instant(before)?, until: instant(last)? };
        (before < last).then_some(hours)
    }

    /// The last instant that it holds.
    pub fn until(&self) -> Timestamp {
        self.until
    }
}

/// What is announced of a cause in this window: the reruns that failed, oldest first, then what was proven.
pub fn of_cause<'a>(cause: &Cause, standing: &Standing<'a>, ledger: &Ledger, window: Window) -> Vec<Announcement<'a>> {
    let ended_here = |job: &Job| job.ended.is_some_and(|ended| window.holds(ended));
    let failed = standing
        .attempts
        .iter()
        .zip(1..)
        .filter(|(job, _)| job.is_bad() && ended_here(job))
        .map(|(job, number)| Announcement::StillFailing { number, judged: Box::new(judged(job, cause, ledger)) });
    let proven_by = cause.entry().proven_by;
    let proven = standing.proof.filter(|proof| ended_here(proof)).map(|proof| match is_mailed(cause, proof) {
        true => Announcement::Verified { proof },
        false => Announcement::Over { proof, last: proof },
    });
    let over =
        standing.proof.filter(|proof| !ended_here(proof)).and_then(|proof| last_to_come_back(standing, proof, window));
    let in_part = standing
        .attempts
        .iter()
        .filter(|_| proven_by == ProvenBy::Each && standing.proof.is_none())
        .filter(|job| job.completed_clean() && ended_here(job))
        .filter(|job| standing.open.iter().all(|open| open.resource_arn != job.resource_arn));
    failed.chain(in_part.map(|rerun| Announcement::Recovered { rerun })).chain(proven).chain(over).collect()
}

/// The job after which nothing waits any more that a proven cause held back, if it ended in this window.
fn last_to_come_back<'a>(standing: &Standing<'a>, proof: &'a Job, window: Window) -> Option<Announcement<'a>> {
    let released: Option<Vec<&Job>> = standing.fates.iter().map(|fate| fate.released_by).collect();
    let last = released?.into_iter().max_by(|one, other| one.by_end(other))?;
    let proof = if last.completed_clean() { last } else { proof };
    last.ended.is_some_and(|ended| window.holds(ended)).then_some(Announcement::Over { proof, last })
}

/// Whether people are told of the job that proves this cause fixed. What the schedule brings back one by one they read in the report.
pub(crate) fn is_mailed(cause: &Cause, proof: &Job) -> bool {
    cause.entry().proven_by == ProvenBy::One || !by_schedule(proof)
}

/// The jobs that became stuck in this window, in the order they did.
pub fn stuck<'a>(in_flight: &'a [Job], habits: &Habits, window: Window) -> Vec<StuckJob<'a>> {
    let stuck_job = |job: &'a Job| {
        let (since, rule) = habits.stuck_at(job).filter(|(since, _)| window.holds(*since))?;
        Some(StuckJob { job, since, rule })
    };
    let mut stuck: Vec<StuckJob<'a>> = in_flight.iter().filter_map(stuck_job).collect();
    stuck.sort_by(|a, b| (a.since, &a.job.id).cmp(&(b.since, &b.job.id)));
    stuck
}

/// The verdict on a rerun. One that completed with issues is in no list of failures, so it is judged here. The cloud gives no reason for one that
/// completed and proves nothing: its cause stays open.
fn judged(rerun: &Job, cause: &Cause, ledger: &Ledger) -> Judged {
    let known = ledger.failed_reruns().find(|known| known.job.kind == rerun.kind && known.job.id == rerun.id);
    known.cloned().unwrap_or_else(|| match rerun.worth {
        Worth::AsRecorded => Judged::new(rerun.clone()),
        Worth::LeftNothing | Worth::NotFull => {
            Judged { job: rerun.clone(), classification: cause.classification.clone(), cause: cause.id.clone() }
        }
    })
}

/// Whether a plan made the job, by itself or as the copy of one of its backups.
fn by_schedule(job: &Job) -> bool {
    job.origin.is_scheduled()
}

#[cfg(test)]
mod tests {
    use job::{CreatedBy, JobKind, JobState, Origin, Scope};
    use proptest::prelude::*;

    use super::*;

    const DENIED: &str = "Access denied to KMS key.";
    /// A message of a cause that each resource has to prove by itself.
    const BUSY: &str = "Backup job failed because there was a running job for the same resource.";

    fn at(minute: i64) -> Timestamp {
        let midnight: Timestamp = "2026-11-21T00:00:00Z".parse().unwrap();
        midnight + SignedDuration::from_mins(minute)
    }

    /// A scheduled job, in minutes after midnight.
    fn job(id: &str, resource: &str, state: JobState, created: i64, ended: i64) -> Job {
        Job {
            resource_arn: format!("arn:aws:rds:eu-west-1:111122223333:db:{resource}"),
            resource_type: "RDS".into(),
            scope: Scope::aws("111122223333", "eu-west-1"),
            role: Some("arn:aws:iam::111122223333:role/Backup".into()),
            vault: Some("arn:aws:backup:eu-west-1:111122223333:backup-vault:main".into()),
            created: Some(at(created)),
            ended: Some(at(ended)),
            origin: Origin::Rule(CreatedBy::default()),
            ..Job::new(JobKind::Backup, id, state)
        }
    }

    fn failed(id: &str, resource: &str, message: &str, ended: i64) -> Job {
        Job { message: message.into(), ..job(id, resource, JobState::Failed, ended - 10, ended) }
    }

    fn rerun(job: Job) -> Job {
        let start_by = job.created.map(|created| created + SignedDuration::from_mins(61));
        Job { origin: Origin::NightOne, start_by, ..job }
    }

    /// Ticks in minutes after midnight, and what they announce.
    type Told = &'static [(i64, &'static str)];

    /// What is announced in each quarter of the night, as (tick, words). A tick knows what has ended by then, and nothing of what is to come.
    fn told(bad: &[Job], completions: &[Job]) -> Vec<(i64, String)> {
        let habits = Habits::new(SignedDuration::from_hours(4));
        let mut told = Vec::new();
        for tick in (0..600).step_by(15) {
            let ended =
                |jobs: &[Job]| -> Vec<Job> { jobs.iter().filter(|job| job.ended <= Some(at(tick))).cloned().collect() };
            let (ledger, completions) = (Ledger::new(ended(bad), Vec::new()), ended(completions));
            let window = Window::of(at(tick), SignedDuration::from_mins(15));
            for cause in &ledger.causes() {
                let standing = Standing::of(cause, &ledger, &completions, &habits, at(tick)).unwrap();
                told.extend(of_cause(cause, &standing, &ledger, window).into_iter().map(|announcement| {
                    let words = match announcement {
                        Announcement::StillFailing { number, judged } => {
                            let same = if judged.cause == cause.id { "same" } else { "other" };
                            format!("failing {} {number} {same}", judged.job.id)
                        }
                        Announcement::Verified { proof } => format!("verified {}", proof.id),
                        Announcement::Over { proof, last } => format!("over {} by {}", proof.id, last.id),
                        Announcement::Recovered { rerun } => format!("recovered {}", rerun.id),
                    };
                    (tick, words)
                }));
            }
        }
        told
    }

    #[test]
    fn what_is_announced_of_a_cause_and_when() {
        let good = |id: &str, resource: &str, created, ended| job(id, resource, JobState::Completed, created, ended);
        let with_issues = Job { message: "Some items failed".into(), ..good("r", "a", 200, 215) };
        let expired =
            Job { state: JobState::Expired, message: String::new(), ..job("r", "a", JobState::Expired, 200, 265) };
        let one = |bad: Vec<Job>| [vec![failed("1", "a", DENIED, 60), failed("2", "b", DENIED, 61)], bad].concat();
        let each = [failed("1", "a", BUSY, 60), failed("2", "b", BUSY, 61)];
        let table: [(&str, Vec<Job>, Vec<Job>, Told); 15] = [
            ("nothing was tried", one(vec![]), vec![], &[]),
            (
                "our rerun began before the last failure",
                one(vec![failed("3", "b", DENIED, 205)]),
                vec![rerun(good("r", "a", 200, 215))],
                &[],
            ),
            ("our rerun proves it", one(vec![]), vec![rerun(good("r", "a", 200, 215))], &[(225, "verified r")]),
            ("the scheduled job proves it", one(vec![]), vec![good("s", "b", 200, 216)], &[(240, "verified s")]),
            ("begun before the last failure", one(vec![]), vec![good("s", "b", 61, 216)], &[]),
            ("failed", one(vec![rerun(failed("r", "a", DENIED, 215))]), vec![], &[(225, "failing r 1 same")]),
            (
                "failed twice, then proven",
                one(vec![rerun(failed("r", "a", DENIED, 215)), rerun(failed("q", "a", DENIED, 300))]),
                vec![rerun(good("p", "a", 400, 415))],
                &[(225, "failing r 1 same"), (315, "failing q 2 same"), (435, "verified p")],
            ),
            (
                "failed of another cause",
                one(vec![rerun(failed("r", "a", BUSY, 215))]),
                vec![],
                &[(225, "failing r 1 other")],
            ),
            ("completed with issues", one(vec![]), vec![rerun(with_issues)], &[(225, "failing r 1 other")]),
            ("expired", one(vec![rerun(expired)]), vec![], &[(285, "failing r 1 other")]),
            (
                "each by itself: ours in part, then the schedule",
                each.to_vec(),
                vec![rerun(good("r", "a", 200, 215)), good("s", "b", 300, 315)],
                &[(225, "recovered r"), (330, "over s by s")],
            ),
            (
                "each by itself: the schedule alone, which says nothing in part",
                each.to_vec(),
                vec![good("s", "b", 200, 215), good("t", "a", 300, 315)],
                &[(330, "over t by t")],
            ),
            (
                "proven, and the schedule brings back the other one; what comes later is no news",
                one(vec![]),
                vec![rerun(good("r", "a", 200, 215)), good("s", "b", 300, 315), good("t", "b", 400, 415)],
                &[(225, "verified r"), (330, "over s by s")],
            ),
            (
                "proven, and the other one fails of another cause",
                one(vec![failed("3", "b", BUSY, 310), failed("4", "a", BUSY, 420)]),
                vec![rerun(good("r", "a", 200, 215))],
                &[(225, "verified r"), (330, "over r by 3")],
            ),
            (
                "each by itself: ours is the last",
                each.to_vec(),
                vec![good("s", "b", 200, 215), rerun(good("r", "a", 300, 315))],
                &[(330, "verified r")],
            ),
        ];
        for (name, bad, completions, expected) in table {
            let expected: Vec<(i64, String)> =
                expected.iter().map(|(tick, words)| (*tick, (*words).to_owned())).collect();
            assert_eq!(told(&bad, &completions), expected, "{name}");
        }
        // While others are open, the rerun that brought one back is told as such.
        let part = [rerun(good("r", "a", 200, 215))];
        assert_eq!(told(&each, &part), [(225, "recovered r".to_owned())]);
    }

    #[test]
    fn jobs_are_stuck_once_and_by_a_rule() {
        let running = |id: &str, resource: &str| Job { ended: None, ..job(id, resource, JobState::Running, 0, 0) };
        let waits = Job { start_by: Some(at(60)), ..Job { state: JobState::Created, ..running("waits", "c") } };
        let jobs = [running("slow", "a"), running("usual", "b"), waits];
        let mut habits = Habits::new(SignedDuration::from_hours(4));
        habits.learn(&[job("before", "b", JobState::Completed, -600, -450)]);
        let mut told = Vec::new();
        for tick in (0..600).step_by(15) {
            let window = Window::of(at(tick), SignedDuration::from_mins(15));
            told.extend(
                stuck(&jobs, &habits, window).iter().map(|stuck| (tick, stuck.job.id.clone(), stuck.since, stuck.rule)),
            );
        }
        let expected = [
            (105, "waits".to_owned(), at(90), StuckRule::NotBegun { start_by: at(60) }),
            (255, "slow".to_owned(), at(240), StuckRule::TooLong { limit: SignedDuration::from_hours(4) }),
            (315, "usual".to_owned(), at(300), StuckRule::TwiceItsLongest { longest: SignedDuration::from_mins(150) }),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_tick_from_the_beginning_or_the_end_of_time_has_a_window() {
        for tick in [Timestamp::MIN, Timestamp::MAX] {
            let window = Window::of(tick, SignedDuration::from_mins(15));
            assert!(window.until() <= tick, "{window:?}");
        }
    }

    proptest! {
        /// Ticks come on the grid, each late by less than an interval.
        #[test]
        fn every_instant_is_in_exactly_one_window(
            interval in 300_i64..=86_400,
            first in 0_i64..2_000_000_000,
            late in proptest::collection::vec(0.0_f64..1.0, 8),
            place in 0.0_f64..1.0,
            nanosecond in 0_i32..1_000_000_000,
        ) {
            let first = first - first % interval;
            let ticks = (0_i64..).zip(&late).map(|(number, late)| {
                let late = (late * interval as f64) as i64;
                Timestamp::from_second(first + number * interval + late).unwrap()
            });
            let windows: Vec<Window> = ticks.map(|tick| Window::of(tick, SignedDuration::from_secs(interval))).collect();
            let span = interval * late.len() as i64;
            let begin = first - interval - 600;
            let second = begin + (place * span as f64) as i64;
            for instant in [
                Timestamp::new(second, nanosecond.max(1)).unwrap(),
                // The last instant of a window, which is in no other.
                Timestamp::from_second(begin + interval * (1 + (place * 7.0) as i64)).unwrap(),
            ] {
                let holding = windows.iter().filter(|window| window.holds(instant)).count();
                prop_assert_eq!(holding, 1, "{}", instant);
                // What is asked for by the hour is told at most once, and once unless its hour ends after the last tick.
                let by_hour = windows.iter().filter_map(|window| window.hours()).filter(|hours| hours.holds(instant)).count();
                let last = windows.iter().map(Window::until).max().unwrap_or_default();
                let second = instant.as_second() + i64::from(instant.subsec_nanosecond() > 0);
                let ends = (second + 3_599).div_euclid(3_600) * 3_600;
                prop_assert_eq!(by_hour, usize::from(ends <= last.as_second()), "{} by the hour", instant);
            }
        }
    }
}
