//! Whether a list of all accounts may be believed. Pure.

use std::collections::{BTreeMap, BTreeSet};

use aws::Summaries;
use jiff::Timestamp;
use job::{Job, JobKind, JobState};

use super::{Doubt, View};

/// What was read of one kind of job in one Region.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) kind: JobKind,
    /// The jobs of all accounts in these states, or why a list could not be read.
    pub(super) listed: Result<Vec<Job>, String>,
    /// What AWS Backup counts, or why that could not be read.
    pub(super) counted: Result<Summaries, String>,
    pub(super) states: Vec<JobState>,
    /// The accounts of jobs in any state from before [`Answer::since`], where that was asked.
    pub(super) seen_before: BTreeSet<String>,
    /// Others must be visible for longer than that: what failed before they were is counted only on the next day.
    pub(super) since: Timestamp,
    /// When this day began, in UTC: nothing of it is counted yet.
    pub(super) today: Timestamp,
}

impl Answer {
    /// Whether anything of another account shows.
    pub(super) fn shows_others(&self, own: &str) -> bool {
        self.listed_of_others(own).next().is_some() || self.counts_others(own)
    }

    /// Whether it shows that we are one who sees other accounts, and for how long.
    pub(super) fn has_long_shown_others(&self, own: &str) -> bool {
        let of_listed =
            || self.listed_of_others(own).any(|job| job.created.is_some_and(|created| created < self.since));
        self.seen_before.iter().any(|account| account != own) || of_listed()
    }

    fn listed_of_others(&self, own: &str) -> impl Iterator<Item = &Job> {
        self.listed.iter().flatten().filter(move |job| job.scope.account != own)
    }

    fn counts_others(&self, own: &str) -> bool {
        self.counted.iter().flat_map(Summaries::accounts).any(|account| account != own)
    }
}

/// Which lists are whole. `sees`: whether something shows that we are one who sees other accounts in this Region, and for long.
pub(super) fn weigh(own: &str, sees: bool, answer: &Answer) -> View {
    let listed = match &answer.listed {
        Ok(listed) => listed,
        Err(why) => return View::Nobody(Doubt::NotAnswered { why: why.clone() }),
    };
    let mut by_account: BTreeMap<&str, u64> = BTreeMap::new();
    for job in listed {
        *by_account.entry(&job.scope.account).or_default() += 1;
    }
    let counted = match &answer.counted {
        Ok(counted) => counted,
        Err(why) => {
            let listed = by_account.keys().filter(|account| **account != own).map(|account| (*account).to_owned());
            return View::Only { listed: listed.collect(), why: Doubt::NotCounted { why: why.clone() } };
        }
    };
    if answer.shows_others(own) && !answer.has_long_shown_others(own) {
        return View::Nobody(Doubt::NoneOfBefore);
    }
    if !sees {
        return View::Nobody(Doubt::NobodySeen);
    }
    // A job that was counted stays in a list of what ended: one that is on its way may have ended since. One of today is not counted yet, and does
    // not stand for one that is missing.
    let may_be_counted = |job: &&Job| job.created.is_none_or(|created| created < answer.today);
    let ended: Vec<JobState> = answer.states.iter().filter(|state| !state.in_flight()).cloned().collect();
    let mut listed_as_ended: BTreeMap<&str, u64> = BTreeMap::new();
    for job in listed.iter().filter(|job| ended.contains(&job.state)).filter(may_be_counted) {
        *listed_as_ended.entry(&job.scope.account).or_default() += 1;
    }
    let fewer = counted.accounts().filter(|account| *account != own).filter_map(|account| {
        let (listed, counted) = (listed_as_ended.get(account).copied().unwrap_or(0), counted.count(account, &ended));
        (counted > listed).then(|| (account.to_owned(), Doubt::CountedMore { listed, counted }))
    });
    View::AllBut(fewer.collect())
}

#[cfg(test)]
mod tests {
    use job::Scope;

    use super::*;

    const OWN: &str = "111111111111";
    const OTHER: &str = "222222222222";
    const THIRD: &str = "333333333333";
    const LONG_AGO: &str = "2026-11-20T03:00:00Z";
    const LATELY: &str = "2026-11-28T03:00:00Z";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn job(account: &str, state: JobState, created: &str) -> Job {
        let scope = Scope::aws(account, "eu-west-1");
        Job { scope, created: Some(at(created)), ..Job::new(JobKind::Backup, account, state) }
    }

    fn answer(listed: Vec<Job>, counted: &[(&str, JobState, u64)]) -> Answer {
        let counted = counted.iter().map(|(account, state, count)| ((*account).to_owned(), state.clone(), *count));
        Answer {
            kind: JobKind::Backup,
            listed: Ok(listed),
            counted: Ok(counted.collect()),
            states: vec![JobState::Running, JobState::Failed],
            seen_before: BTreeSet::new(),
            since: at("2026-11-26T12:00:00Z"),
            today: at("2026-11-28T00:00:00Z"),
        }
    }

    #[test]
    fn a_list_is_believed_for_what_the_counts_bear_out() {
        use JobState::{Completed, Failed, Running};
        let all = View::AllBut(BTreeMap::new());
        let all_but = |doubt| View::AllBut(BTreeMap::from([(OTHER.to_owned(), doubt)]));
        let failed = |account| job(account, Failed, LONG_AGO);
        let table = [
            ("others are listed, and nothing else is counted", vec![failed(OTHER)], &[][..], all.clone()),
            (
                "all that is counted is listed",
                vec![failed(OTHER), failed(OTHER)],
                &[(OTHER, Failed, 2), (THIRD, Completed, 9)],
                all,
            ),
            (
                "one failed before others could be seen",
                vec![failed(OTHER), failed(THIRD)],
                &[(OTHER, Failed, 2), (THIRD, Failed, 1)],
                all_but(Doubt::CountedMore { listed: 1, counted: 2 }),
            ),
            (
                "a job of today is not counted yet, and does not stand for one that is",
                vec![failed(THIRD), job(OTHER, Failed, LATELY)],
                &[(OTHER, Failed, 1), (THIRD, Failed, 1)],
                all_but(Doubt::CountedMore { listed: 0, counted: 1 }),
            ),
            (
                "a job on its way does not stand for one that failed",
                vec![job(OTHER, Running, LONG_AGO)],
                &[(OTHER, Failed, 1), (OTHER, Running, 4)],
                all_but(Doubt::CountedMore { listed: 0, counted: 1 }),
            ),
            (
                "our own jobs alone are listed, and others are counted",
                vec![failed(OWN)],
                &[(OWN, Failed, 1), (OTHER, Completed, 5)],
                View::Nobody(Doubt::NoneOfBefore),
            ),
            (
                "others are visible since last night",
                vec![job(OTHER, Failed, LATELY)],
                &[(OTHER, Completed, 5)],
                View::Nobody(Doubt::NoneOfBefore),
            ),
        ];
        for (name, listed, counted, expected) in table {
            assert_eq!(weigh(OWN, true, &answer(listed, counted)), expected, "{name}");
        }
    }

    #[test]
    fn where_nothing_shows_it_matters_who_looks() {
        let ours = || job(OWN, JobState::Failed, LONG_AGO);
        for (listed, counted) in [(vec![], &[][..]), (vec![ours()], &[(OWN, JobState::Failed, 1)])] {
            let answer = answer(listed, counted);
            assert_eq!(weigh(OWN, true, &answer), View::AllBut(BTreeMap::new()));
            assert_eq!(weigh(OWN, false, &answer), View::Nobody(Doubt::NobodySeen));
        }
    }

    #[test]
    fn what_does_not_answer_is_not_empty() {
        let denied = || "AWS denies it".to_owned();
        let unread = Answer { listed: Err(denied()), ..answer(vec![], &[]) };
        assert_eq!(weigh(OWN, true, &unread), View::Nobody(Doubt::NotAnswered { why: denied() }));
        let listed = vec![job(OTHER, JobState::Failed, LONG_AGO), job(OWN, JobState::Failed, LONG_AGO)];
        let uncounted = Answer { counted: Err(denied()), ..answer(listed, &[]) };
        let expected =
            View::Only { listed: BTreeSet::from([OTHER.to_owned()]), why: Doubt::NotCounted { why: denied() } };
        assert_eq!(weigh(OWN, true, &uncounted), expected);
    }

    /// Others have good jobs alone: jobs in any state tell that the list is one of all accounts.
    #[test]
    fn a_list_without_bad_jobs_is_believed_once_it_shows_others() {
        for (seen_before, expected) in [
            (&[][..], View::Nobody(Doubt::NoneOfBefore)),
            (&[OWN], View::Nobody(Doubt::NoneOfBefore)),
            (&[OWN, OTHER], View::AllBut(BTreeMap::new())),
        ] {
            let seen_before = seen_before.iter().map(|account| (*account).to_owned()).collect();
            let answer = Answer { seen_before, ..answer(vec![], &[(OTHER, JobState::Completed, 3)]) };
            assert!(answer.shows_others(OWN));
            assert_eq!(weigh(OWN, true, &answer), expected);
        }
    }
}
