//! What restore tests came to, and which tick tells it. Pure.
//!
//! No record of a test says when its validation ended, and nothing remembers what was told. So each outcome gets one instant that no later
//! look can change, and is told by the tick whose window holds that instant:
//!
//! - A failed validation has the time of PutRestoreValidationResult in CloudTrail. AWS takes one result for a test, so there is one such event.
//! - Where CloudTrail does not have the event, or may not be read, it has the end of its validation window: after that no result is taken.
//! - A test that nobody validated has the end of its validation window, too. AWS's own status may then still be VALIDATING: it is not waited for,
//!   since no later tick has that instant.
//!
//! The windows of these ticks end 30 minutes before the tick, because CloudTrail and AWS's own status come late.

use std::collections::{BTreeMap, BTreeSet};

use cause::restore::{LONGEST_VALIDATION, Outcome, outcome};
use jiff::{SignedDuration, Timestamp};
use job::{Job, JobState};

use crate::announce::Window;

/// How much later than others these outcomes are told.
pub const LATER: SignedDuration = SignedDuration::from_mins(20);

/// What is known beside the records of restores.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Read {
    /// How long validators may take, by the ARN of the restore testing plan and the resource type.
    pub windows: BTreeMap<(String, String), SignedDuration>,
    /// The validations that CloudTrail told of, by the id of the restore job.
    pub said: BTreeMap<String, Said>,
}

/// A validator's word, as CloudTrail has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub at: Timestamp,
    pub by: String,
}

/// A test whose data was found bad.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bad<'a> {
    pub job: &'a Job,
    /// `None`: CloudTrail does not tell who said it, and when.
    pub said: Option<&'a Said>,
}

/// What this tick tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Due<'a> {
    pub bad: Vec<Bad<'a>>,
    /// Tests that nobody validated in time.
    pub silent: Vec<&'a Job>,
}

impl Read {
    /// When nobody can say anything of a test any more. Where its selection is gone, as late as AWS allows.
    pub fn closes(&self, job: &Job) -> Option<Timestamp> {
        let plan = job.testing_plan_arn()?;
        let window = self.windows.get(&(plan.to_owned(), job.base_type().to_owned()));
        job.ended?.checked_add(window.copied().unwrap_or(LONGEST_VALIDATION)).ok()
    }
}

/// The tests whose outcome may have to be told in a window.
pub fn candidates(restores: &[Job], window: Window) -> Vec<&Job> {
    let may_close = |job: &&Job| job.ended.is_some_and(|ended| ended + LONGEST_VALIDATION > window.after());
    let is_told = |job: &&Job| match outcome(job) {
        Some(Outcome::FailedValidation | Outcome::NobodyValidated) => true,
        Some(Outcome::UnderWay) => job.state == JobState::Completed,
        _ => false,
    };
    restores.iter().filter(|job| job.testing_plan_arn().is_some()).filter(is_told).filter(may_close).collect()
}

/// What of these restores is told in this window, the first to end first.
pub fn due<'a>(restores: &'a [Job], read: &'a Read, window: Window) -> Due<'a> {
    let mut due = Due::default();
    for job in candidates(restores, window) {
        let closes_here = read.closes(job).is_some_and(|closes| window.holds(closes));
        let said = read.said.get(&job.id);
        match (outcome(job), said) {
            (Some(Outcome::NobodyValidated | Outcome::UnderWay), _) if closes_here => due.silent.push(job),
            (Some(Outcome::FailedValidation), Some(said)) if window.holds(said.at) => {
                due.bad.push(Bad { job, said: Some(said) });
            }
            (Some(Outcome::FailedValidation), None) if closes_here => due.bad.push(Bad { job, said: None }),
            _ => {}
        }
    }
    due.bad.sort_by(|a, b| a.job.by_end(b.job));
    due.silent.sort_by(|a, b| a.by_end(b));
    due
}

impl Due<'_> {
    /// What the tests restored, by the ARNs of the sources.
    pub fn resources(&self) -> BTreeSet<String> {
        let jobs = self.bad.iter().map(|bad| bad.job).chain(self.silent.iter().copied());
        jobs.map(|job| job.resource_arn.clone()).filter(|arn| !arn.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use job::{JobKind, RestoreRecord, Validation};

    use super::*;

    const PLAN: &str = "arn:plan";
    const INTERVAL: SignedDuration = SignedDuration::from_mins(15);

    fn at(minute: i64) -> Timestamp {
        let midnight: Timestamp = "2026-11-21T00:00:00Z".parse().unwrap();
        midnight + SignedDuration::from_mins(minute)
    }

    fn test(id: &str, validation: &str) -> Job {
        let record = RestoreRecord {
            testing_plan_arn: Some(PLAN.into()),
            validation: Some(Validation::parse(validation)),
            ..RestoreRecord::default()
        };
        Job {
            resource_type: "RDS".into(),
            ended: Some(at(0)),
            restore: Some(Box::new(record)),
            ..Job::new(JobKind::Restore, id, JobState::Completed)
        }
    }

    /// What each tick of two weeks tells, as (minute of the tick, words).
    fn told(restores: &[Job], read: &Read) -> Vec<(i64, String)> {
        let mut told = Vec::new();
        for minute in (0..14 * 24 * 60).step_by(15) {
            let window = Window::of(at(minute), INTERVAL).later(LATER);
            let due = due(restores, read, window);
            told.extend(due.bad.iter().map(|bad| (minute, format!("bad {} {}", bad.job.id, bad.said.is_some()))));
            told.extend(due.silent.iter().map(|job| (minute, format!("silent {}", job.id))));
        }
        told
    }

    #[test]
    fn each_outcome_is_told_by_one_tick() {
        let said = |minute| Said { at: at(minute), by: "validator".into() };
        let windows = BTreeMap::from([((PLAN.to_owned(), "RDS".to_owned()), SignedDuration::from_hours(4))]);
        let known = |minute: Option<i64>| Read {
            windows: windows.clone(),
            said: minute.map(|minute| ("1".to_owned(), said(minute))).into_iter().collect(),
        };
        const WEEK: i64 = 7 * 24 * 60;
        type Told = &'static [(i64, &'static str)];
        let running = Job { state: JobState::Running, ..test("1", "VALIDATING") };
        let table: [(&str, Job, Read, Told); 9] = [
            ("minutes after the end", test("1", "FAILED"), known(Some(3)), &[(45, "bad 1 true")]),
            ("hours after the end", test("1", "FAILED"), known(Some(200)), &[(240, "bad 1 true")]),
            ("at the edge of a window", test("1", "FAILED"), known(Some(15)), &[(45, "bad 1 true")]),
            ("not in CloudTrail", test("1", "FAILED"), known(None), &[(270, "bad 1 false")]),
            ("its selection is gone", test("1", "FAILED"), Read::default(), &[(WEEK + 30, "bad 1 false")]),
            ("nobody said anything", test("1", "TIMED_OUT"), known(None), &[(270, "silent 1")]),
            ("it was found good", test("1", "SUCCESSFUL"), known(Some(3)), &[]),
            ("AWS never says that the time is over", test("1", "VALIDATING"), known(None), &[(270, "silent 1")]),
            ("it is on its way", running, known(None), &[]),
        ];
        for (name, job, read, expected) in table {
            let expected: Vec<(i64, String)> = expected.iter().map(|(at, words)| (*at, (*words).to_owned())).collect();
            assert_eq!(told(&[job], &read), expected, "{name}");
        }
    }

    #[test]
    fn a_restore_by_hand_and_a_part_of_one_are_not_told() {
        let windows = Read::default();
        let mut by_hand = test("1", "FAILED");
        by_hand.restore = by_hand.restore.map(|record| Box::new(RestoreRecord { testing_plan_arn: None, ..*record }));
        let part = Job { parent_job_id: Some("0".into()), ..test("2", "FAILED") };
        assert_eq!(told(&[by_hand, part], &windows), []);
    }
}
