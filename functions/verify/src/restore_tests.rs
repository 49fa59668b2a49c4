//! What restore tests came to, and which tick tells it. Pure.
//!
//! No record of a test says when its validation ended, and nothing remembers what was told. So each outcome gets one instant that no later
//! look can change, and is told by the tick whose window holds that instant:
//!
//! - A failed validation has the time of PutRestoreValidationResult in CloudTrail. AWS takes one result for a test, so there is one such event.
//! - Where CloudTrail does not have the event, or may not be read, it has the end of its validation window: after that no result is taken.
//! - A test that nobody validated has the end of its validation window, too. AWS's own status may then still be VALIDATING: it is not waited for,
//!   since no later tick has that instant.
//! - A deletion begins at the validator's word, at the end of its window, or, where nobody is asked to validate, at the end of the restore. One that
//!   failed is mailed three hours after it began. One that still goes on is mailed when it has taken too long. If it fails between these two times, only the report names it.
//!
//! The windows of these ticks end 30 minutes before the tick, because CloudTrail and AWS's own status come late.

use std::collections::{BTreeMap, BTreeSet};

use cause::restore::{LONGEST_VALIDATION, Outcome, outcome, patience};
use jiff::{SignedDuration, Timestamp};
use job::{Deletion, Job, JobState, Validation};

use crate::announce::Window;

/// How much later than others these outcomes are told.
pub const LATER: SignedDuration = SignedDuration::from_mins(20);

/// A deletion that fails has failed by then, except that of a bucket, which takes days.
const FAILED_BY: SignedDuration = SignedDuration::from_hours(3);

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
    /// Tests that left behind what they restored.
    pub left: Vec<&'a Job>,
}

impl Read {
    /// When nobody can say anything of a test any more. Where its selection is gone, as late as AWS allows.
    pub fn closes(&self, job: &Job) -> Option<Timestamp> {
        let plan = job.testing_plan_arn()?;
        let window = self.windows.get(&(plan.to_owned(), job.base_type().to_owned()));
        job.ended?.checked_add(window.copied().unwrap_or(LONGEST_VALIDATION)).ok()
    }

    /// When the deletion of what a test restored began.
    fn deletion_began(&self, job: &Job) -> Option<Timestamp> {
        match validation(job) {
            None => job.ended,
            Some(Validation::Successful | Validation::Failed) => {
                let said = self.said.get(&job.id).map(|said| said.at);
                said.into_iter().chain(self.closes(job)).min()
            }
            Some(_) => self.closes(job),
        }
    }
}

fn validation(job: &Job) -> Option<&Validation> {
    job.restore.as_ref()?.validation.as_ref()
}

/// How long after its beginning verify mails a deletion that is in this state. `None`: it is in order, or AWS used a word that nobody knows.
fn told_after(job: &Job) -> Option<SignedDuration> {
    match job.restore.as_ref()?.deletion.as_ref()? {
        Deletion::Failed if job.base_type() != "S3" => Some(FAILED_BY),
        Deletion::Failed | Deletion::Deleting => Some(patience(job)),
        Deletion::Successful | Deletion::Other(_) => None,
    }
}

/// The tests that may have to be told in a window because of what they left behind.
pub(crate) fn leavers(restores: &[Job], window: Window) -> impl Iterator<Item = &Job> {
    restores.iter().filter(move |job| {
        let is_test = outcome(job).is_some() && job.testing_plan_arn().is_some();
        let (true, Some(after), Some(ended)) = (is_test, told_after(job), job.ended) else { return false };
        let soonest = ended + after;
        match validation(job) {
            None => window.holds(soonest),
            Some(_) => soonest <= window.until() && soonest + LONGEST_VALIDATION > window.after(),
        }
    })
}

/// The time in which a validator must have spoken, so that this window has to tell of the deletion that followed. `None`: no validator spoke, or an
/// earlier window has told of it.
pub(crate) fn spoken(job: &Job, read: &Read, window: Window) -> Option<(Timestamp, Timestamp)> {
    let is_spoken = matches!(validation(job)?, Validation::Successful | Validation::Failed);
    let after = told_after(job).filter(|_| is_spoken)?;
    let told_by = read.closes(job).map(|closes| closes + after).filter(|told_by| *told_by > window.after())?;
    // Where this window is the last that can tell of it, it must not have been told before.
    let closes_here = window.holds(told_by);
    let (from, until) = (window.after() - after, window.until() - after);
    Some((job.ended.filter(|_| closes_here).unwrap_or(from).min(from), until))
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
    let is_due = |job: &&Job| {
        let at = read.deletion_began(job).zip(told_after(job)).map(|(began, after)| began + after);
        at.is_some_and(|at| window.holds(at))
    };
    due.left = leavers(restores, window).filter(is_due).collect();
    due.left.sort_by(|a, b| a.by_end(b));
    due.bad.sort_by(|a, b| a.job.by_end(b.job));
    due.silent.sort_by(|a, b| a.by_end(b));
    due
}

impl Due<'_> {
    /// What the tests restored, by the ARNs of the sources.
    pub fn resources(&self) -> BTreeSet<String> {
        let jobs = self.bad.iter().map(|bad| bad.job).chain(self.silent.iter().chain(&self.left).copied());
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
            told.extend(due.left.iter().map(|job| (minute, format!("left {}", job.id))));
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

    /// The restore ended at minute 0, and its validator has four hours.
    #[test]
    fn what_was_left_behind_is_told_by_one_tick() {
        const DAY: i64 = 24 * 60;
        let windows = BTreeMap::from(
            ["RDS", "S3"].map(|kind| ((PLAN.to_owned(), kind.to_owned()), SignedDuration::from_hours(4))),
        );
        let known = |minute: Option<i64>| Read {
            windows: windows.clone(),
            said: minute.map(|minute| ("1".to_owned(), Said { at: at(minute), by: "v".into() })).into_iter().collect(),
        };
        let left = |of_type: &str, validation: &str, deletion: &str| {
            let mut job = Job { resource_type: of_type.into(), ..test("1", validation) };
            let record = job.restore.as_deref_mut().unwrap();
            record.deletion = Some(Deletion::parse(deletion));
            record.validation = record.validation.take().filter(|_| !validation.is_empty());
            job
        };
        let table: [(&str, Job, Read, &[i64]); 12] = [
            ("nobody is asked", left("RDS", "", "FAILED"), known(None), &[3 * 60 + 30]),
            ("it hangs", left("RDS", "", "DELETING"), known(None), &[DAY + 30]),
            ("a bucket", left("S3", "", "FAILED"), known(None), &[3 * DAY + 30]),
            ("a bucket that hangs", left("S3", "", "DELETING"), known(None), &[3 * DAY + 30]),
            ("the validator spoke", left("RDS", "SUCCESSFUL", "FAILED"), known(Some(60)), &[60 + 3 * 60 + 30]),
            ("and it hangs", left("RDS", "SUCCESSFUL", "DELETING"), known(Some(60)), &[60 + DAY + 30]),
            ("not in CloudTrail", left("RDS", "SUCCESSFUL", "FAILED"), known(None), &[4 * 60 + 3 * 60 + 30]),
            ("nobody spoke", left("RDS", "TIMED_OUT", "FAILED"), known(None), &[4 * 60 + 3 * 60 + 30]),
            ("its selection is gone", left("RDS", "TIMED_OUT", "FAILED"), Read::default(), &[7 * DAY + 3 * 60 + 30]),
            ("it is gone", left("RDS", "SUCCESSFUL", "SUCCESSFUL"), known(Some(60)), &[]),
            ("a word that nobody knows", left("RDS", "", "RETAINED"), known(None), &[]),
            ("nothing is to be deleted yet", test("1", "SUCCESSFUL"), known(Some(60)), &[]),
        ];
        for (name, job, read, expected) in table {
            let told: Vec<i64> = told(&[job], &read)
                .into_iter()
                .filter_map(|(minute, words)| (words == "left 1").then_some(minute))
                .collect();
            assert_eq!(told, expected, "{name}");
        }
    }

    /// CloudTrail is asked for one window only, and for all of the time of a test in the last one that can tell of it.
    #[test]
    fn where_the_word_before_a_deletion_is_looked_for() {
        let windows = BTreeMap::from([((PLAN.to_owned(), "RDS".to_owned()), SignedDuration::from_hours(4))]);
        let read = Read { windows, said: BTreeMap::new() };
        let left = |validation: &str| {
            let mut job = test("1", validation);
            job.restore.as_deref_mut().unwrap().deletion = Some(Deletion::Failed);
            job
        };
        let window = |minute| Window::of(at(minute), INTERVAL).later(LATER);
        let of = |minute: i64, validation: &str| spoken(&left(validation), &read, window(minute));
        assert_eq!(of(5 * 60 + 30, "SUCCESSFUL"), Some((at(2 * 60 - 15), at(2 * 60))));
        assert_eq!(of(7 * 60 + 30, "FAILED"), Some((at(0), at(4 * 60))), "the last one");
        assert_eq!(of(7 * 60 + 30, "TIMED_OUT"), None);
        assert_eq!(of(7 * 60 + 45, "SUCCESSFUL"), None, "it was told at the latest in the window before");
    }

    #[test]
    fn a_restore_by_hand_and_a_part_of_one_are_not_told() {
        let windows = Read::default();
        let mut by_hand = test("1", "FAILED");
        by_hand.restore = by_hand.restore.map(|record| Box::new(RestoreRecord { testing_plan_arn: None, ..*record }));
        let mut part = Job { parent_job_id: Some("0".into()), ..test("2", "FAILED") };
        for job in [&mut by_hand, &mut part] {
            job.restore.as_deref_mut().unwrap().deletion = Some(Deletion::Failed);
        }
        assert_eq!(told(&[by_hand, part], &windows), []);
    }
}
