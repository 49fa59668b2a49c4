//! What the mail tells of restores.

use std::collections::BTreeMap;

use cause::restore::{Verdict, Whose};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::listed::Listed;
use crate::ledger::{LONGEST, Long, Restoring};
use crate::report::Report;
use crate::restores::{Leftover, Tested, leftovers, silent};
use crate::top;
use crate::words::{ascii, rows};

/// Adds up from place to place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Restored {
    /// Protected resources.
    pub resources: usize,
    pub proven: usize,
    /// The others, by the word of their verdict, as they are stored.
    others: BTreeMap<String, Listed>,
    /// Restore testing plans, and those of them that did not run when they had to.
    pub plans: usize,
    pub silent: Listed,
    /// What tests left behind.
    pub left: Listed,
    #[serde(flatten)]
    pub month: Restores,
}

/// The restores of the last 30 days, as far as AWS keeps their records.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Restores {
    /// What restore tests came to, by its word.
    pub tests: BTreeMap<String, usize>,
    /// The completed ones that took longest, the longest first.
    pub longest: Vec<LongRestore>,
}

/// A restore that completed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LongRestore {
    pub name: String,
    pub resource_type: String,
    pub took_s: i64,
    pub ended: Option<Timestamp>,
    pub job: String,
    /// Whether a restore testing plan made it.
    pub test: bool,
}

/// Verdicts in the order in which people read them, the worst first. Those that are proven are counted by themselves.
pub(crate) const ORDER: [Verdict; 12] = [
    Verdict::FailedValidation,
    Verdict::NotProven(Whose::Backup),
    Verdict::NotProven(Whose::NotTold),
    Verdict::NobodyValidated,
    Verdict::Overdue,
    Verdict::NotProven(Whose::Test),
    Verdict::NeverTested,
    Verdict::Tried,
    Verdict::Unknown,
    Verdict::UnderWay,
    Verdict::NotValidated,
    Verdict::CannotBeTested,
];

/// A verdict in the words of people.
pub(crate) fn meaning(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::FailedValidation => "restored, but a validator found the data bad",
        Verdict::NotProven(Whose::Backup) => "could not be restored, because of the backup or its key",
        Verdict::NotProven(Whose::NotTold) => "restore failed; not known yet whether because of the backup",
        Verdict::NobodyValidated => "restored by a test, but not validated in time",
        Verdict::Overdue => "last restore is older than RESTORE_TEST_DAYS",
        Verdict::NotProven(Whose::Test) => "restore test failed because of the test itself",
        Verdict::NeverTested => "never restored",
        Verdict::Tried => "restored or tried; AWS no longer shows whether it succeeded",
        Verdict::Unknown => "not known: not read, or not looked at",
        Verdict::UnderWay => "restore or its validation is under way",
        Verdict::NotValidated => "restored by a test without validation",
        Verdict::CannotBeTested => "AWS has no restore tests for this type or Region",
        Verdict::Proven(_) => "restored, and validated",
    }
}

impl Restored {
    pub(super) fn of(report: &Report) -> Self {
        let night = report.night();
        let restored = &night.ledger.restored;
        let here = report.here();
        let tested = report.tested();
        let mut by_word: BTreeMap<&str, Vec<&Tested>> = BTreeMap::new();
        for one in tested.iter().filter(|one| !matches!(one.verdict, Verdict::Proven(_))) {
            by_word.entry(one.verdict.as_str()).or_default().push(one);
        }
        let name = |one: &Tested| {
            let when = one.restore.as_ref().map(|restore| restore.at).or(one.last_tried.get());
            let when = when.map(|at| format!(", {}", notice::minute(at))).unwrap_or_default();
            rows::resource(report, one.resource) + &when
        };
        let others = by_word.into_iter().map(|(word, all)| (word.to_owned(), Listed::of(all, name)));
        let silent = night.testing.plans.iter().filter_map(|plan| Some((plan, silent(plan, night.now)?)));
        let mut left = Listed::of(leftovers(night), |left: Leftover| {
            let since = left.ended.map(|ended| format!(" since {}", notice::minute(ended))).unwrap_or_default();
            format!("{}{here}{since}: {}", ascii(&left.arn, 400), ascii(&left.why, 200))
        });
        left.count += restored.not_kept;
        Self {
            resources: tested.len(),
            proven: tested.iter().filter(|one| matches!(one.verdict, Verdict::Proven(_))).count(),
            others: others.collect(),
            plans: night.testing.plans.len(),
            silent: Listed::of(silent, |(plan, due)| {
                let ran =
                    plan.last_run.map_or("it never ran".to_owned(), |ran| format!("last run {}", notice::minute(ran)));
                format!("{}{here}: due {}, {ran}", ascii(&plan.name, 60), notice::minute(due))
            }),
            left,
            month: Restores {
                tests: restored.tests.iter().map(|(word, number)| ((*word).to_owned(), *number)).collect(),
                longest: restored.longest.iter().map(|one| LongRestore::of(report, one)).collect(),
            },
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.resources += other.resources;
        self.proven += other.proven;
        self.plans += other.plans;
        self.silent.add(other.silent);
        self.left.add(other.left);
        for (word, number) in other.month.tests {
            *self.month.tests.entry(word).or_default() += number;
        }
        // Those of one length stay in the order of their places.
        for one in other.month.longest {
            top::keep(&mut self.month.longest, LONGEST, one, |a, b| b.took_s.cmp(&a.took_s));
        }
        for (word, listed) in other.others {
            self.others.entry(word).or_default().add(listed);
        }
    }

    /// The resources of a verdict; `None` where there are none.
    pub(crate) fn of_verdict(&self, verdict: Verdict) -> Option<&Listed> {
        self.others.get(verdict.as_str()).filter(|listed| !listed.is_empty())
    }

    pub(crate) fn count(&self, verdict: Verdict) -> usize {
        self.of_verdict(verdict).map_or(0, |listed| listed.count)
    }

    /// Whether somebody has to act: data came back bad or not at all, a plan is silent, something is billed.
    pub(crate) fn needs_somebody(&self) -> bool {
        let bad = ORDER.into_iter().any(|verdict| verdict.is_bad() && self.count(verdict) > 0);
        bad || !self.silent.is_empty() || !self.left.is_empty()
    }
}

impl LongRestore {
    fn of(report: &Report, one: &Long) -> Self {
        let ledger = report.ledger();
        Self {
            name: format!("{}{}", ascii(ledger.label(one.resource), 80), report.here()),
            resource_type: ledger.resource_type(one.resource).to_owned(),
            took_s: one.took.as_secs(),
            ended: Some(one.ended),
            job: ascii(&one.job, 80),
            test: one.is == Restoring::Test,
        }
    }
}
