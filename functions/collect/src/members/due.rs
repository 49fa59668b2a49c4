//! Which of the jobs that were read are to be told by this tick. Pure.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use job::{Job, JobKind};

use crate::window::Window;

/// collect sends a bad job without an end when the job has this age, and again each time that its age has doubled.
const FIRST_AGE: SignedDuration = SignedDuration::from_mins(5);

/// The bad jobs that ended in the window, each once, the oldest first.
pub fn due(jobs: Vec<Job>, window: Window) -> Vec<Job> {
    let is_due = |job: &Job| job.is_bad() && ended_in(job, window);
    let mut due: BTreeMap<(String, String, JobKind, String), Job> = BTreeMap::new();
    for job in jobs.into_iter().filter(is_due) {
        let key = (job.scope.account.clone(), job.scope.region.clone(), job.kind, job.id.clone());
        due.entry(key).or_insert(job);
    }
    let mut due: Vec<Job> = due.into_values().collect();
    due.sort_by_key(|job| job.ended.or(job.created));
    due
}

/// Whether this tick tells a bad job.
///
/// AWS may leave out when a job ended, and nothing remembers since when it is bad. collect sends such a job at ages that double: so it is
/// never lost, late by at most the time that it ran, and sent some ten times until its record is too old. classify takes a job that comes
/// again for the same one.
fn ended_in(job: &Job, window: Window) -> bool {
    match (job.ended, job.created.or(job.started)) {
        (Some(ended), _) => window.holds(ended),
        (None, Some(began)) => ages().any(|age| began.checked_add(age).is_ok_and(|at| window.holds(at))),
        // A record without any time: the lists tell that it is young, and no more.
        (None, None) => true,
    }
}

/// Up to the age at which the lists are no longer asked for it.
fn ages() -> impl Iterator<Item = SignedDuration> {
    let double = |age: &SignedDuration| age.checked_mul(2).filter(|age| *age <= source::lists::LONGEST_JOB);
    std::iter::successors(Some(FIRST_AGE), double)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use job::{JobState, Scope};
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::*;
    use crate::window::Windows;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// The tick of 02:00, every ten minutes: jobs that ended after 01:35, up to 01:45.
    fn window() -> Window {
        Windows::of(at("2026-03-13T02:00:00Z"), SignedDuration::from_mins(10)).jobs
    }

    fn job(kind: JobKind, state: &str, ended: &str) -> Job {
        Job {
            scope: Scope::aws("444455556666", "eu-west-1"),
            created: Some(at("2026-03-13T01:00:00Z")),
            ended: ended.parse().ok(),
            ..Job::new(kind, "1", JobState::parse(state))
        }
    }

    #[test]
    fn a_bad_job_is_due_by_its_end() {
        let (in_it, before, at_its_end) = ("2026-03-13T01:40:00Z", "2026-03-13T01:35:00Z", "2026-03-13T01:45:00Z");
        let table = [
            (JobKind::Backup, "FAILED", in_it, true),
            (JobKind::Backup, "FAILED", before, false),
            (JobKind::Backup, "FAILED", at_its_end, true),
            (JobKind::Backup, "FAILED", "2026-03-13T01:45:00.001Z", false),
            (JobKind::Backup, "EXPIRED", in_it, true),
            (JobKind::Backup, "ABORTED", in_it, true),
            (JobKind::Backup, "PARTIAL", in_it, true),
            (JobKind::Backup, "FROZEN", in_it, true),
            (JobKind::Backup, "COMPLETED", in_it, false),
            (JobKind::Backup, "RUNNING", in_it, false),
            (JobKind::Backup, "ABORTING", in_it, false),
            (JobKind::Copy, "FAILED", in_it, true),
            (JobKind::Restore, "FAILED", in_it, true),
        ];
        for (kind, state, ended, is_due) in table {
            let due = due(vec![job(kind, state, ended)], window());
            assert_eq!(due.len(), usize::from(is_due), "{kind:?} {state} {ended}");
        }
        let with_issues =
            Job { message: "Some items were skipped.".into(), ..job(JobKind::Backup, "COMPLETED", in_it) };
        assert_eq!(due(vec![with_issues], window()).len(), 1);
    }

    #[test]
    fn a_job_that_two_lists_hold_is_told_once_and_one_of_another_place_for_itself() {
        let failed = || job(JobKind::Backup, "FAILED", "2026-03-13T01:40:00Z");
        let elsewhere = Job { scope: Scope::aws("444455556666", "us-east-1"), ..failed() };
        let copy = Job { kind: JobKind::Copy, ended: Some(at("2026-03-13T01:36:00Z")), ..failed() };
        let due = due(vec![failed(), failed(), elsewhere, copy], window());
        let told: Vec<(JobKind, &str)> = due.iter().map(|job| (job.kind, job.scope.region.as_str())).collect();
        let expected = [(JobKind::Copy, "eu-west-1"), (JobKind::Backup, "eu-west-1"), (JobKind::Backup, "us-east-1")];
        assert_eq!(told, expected);
    }

    proptest! {
        /// Whenever a job without an end turned bad, the ticks after it tell it, soon and not often.
        #[test]
        fn a_bad_job_without_an_end_is_never_lost(began in 0_i64..86_400, ran in 1_i64..(3 * 86_400)) {
            let began = at("2026-03-13T00:00:00Z") + SignedDuration::from_secs(began);
            let turned = began + SignedDuration::from_secs(ran);
            let ten = SignedDuration::from_mins(10);
            let told: Vec<Timestamp> = (1..1_200)
                .map(|tick| at("2026-03-13T00:00:00Z") + ten * tick)
                .filter(|tick| *tick >= turned)
                .filter(|tick| {
                    let failed = Job { created: Some(began), ..job(JobKind::Backup, "FAILED", "") };
                    due(vec![failed], Windows::of(*tick, ten).jobs).len() == 1
                })
                .collect();
            prop_assert!((1..=12).contains(&told.len()), "{told:?}");
            let late = told[0].duration_since(turned);
            prop_assert!(late <= SignedDuration::from_secs(ran) + SignedDuration::from_mins(30), "{late}");
        }

        #[test]
        fn each_end_is_told_by_one_tick(second in 0_i64..86_400) {
            let ended = at("2026-03-13T00:00:00Z") + SignedDuration::from_secs(second);
            let ten = SignedDuration::from_mins(10);
            let told = (0..200).filter(|tick| {
                let window = Windows::of(at("2026-03-13T00:00:00Z") + ten * *tick, ten).jobs;
                due(vec![job(JobKind::Backup, "FAILED", &ended.to_string())], window).len() == 1
            });
            prop_assert_eq!(told.count(), 1);
        }
    }
}
