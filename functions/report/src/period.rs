//! A week or a month of nights, told together: what closed, what aged and whose it is, what failed and how often, what was retried. Pure.
//!
//! It is made of the documents that the reports left, one a night. Where there are none, of one that is made today and reaches back as far as AWS
//! Backup's records do: then it says so.

mod mail;
mod owners;

pub use mail::notice;
pub use owners::{Mine, UNKNOWN};

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use lambda::nights::night_of;
use notice::Severity;
use serde::{Deserialize, Serialize};

use crate::causes::{Nights, Status};
use crate::digest::Restores;
use crate::owned::OwnerFrom;
use crate::sheet::Strip;
use crate::todo::Step;

/// The length of time that a summary covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Period {
    Week,
    Month,
}

/// What is needed of `night.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Night {
    /// The instant that ages are measured at.
    pub now: Timestamp,
    pub summary: Numbers,
    /// `None` in reports of an older release, as is the next one.
    #[serde(default)]
    pub severity: Option<Severity>,
    #[serde(default)]
    pub first_step: Option<Step>,
    #[serde(default)]
    pub causes: Vec<CauseOfNight>,
    /// The worst first. Only those of the last night are needed: their strips tell of the nights before.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// By root cause, once the rows are forgotten: a row may be gone before the last night.
    #[serde(skip)]
    owners: BTreeMap<String, BTreeSet<String>>,
    /// `None` in reports of an older release.
    #[serde(default)]
    pub restores: Option<Restores>,
}

/// Rows with the same verdict, type and root cause.
#[derive(Clone, Debug, Deserialize)]
pub struct Group {
    pub shared: Shared,
    #[serde(default)]
    pub rows: Vec<Row>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Shared {
    pub verdict: String,
    pub leg: String,
    pub resource_type: String,
    pub cause: Option<String>,
}

/// A resource and a vault. Reports of an older release lack some of it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Row {
    pub name: String,
    pub owner: Option<String>,
    pub owner_from: OwnerFrom,
    pub objective_s: Option<i64>,
    pub longest_s: Option<i64>,
    /// A night in which it failed and came back is no bad one of its strip.
    pub last_failed_of: Option<String>,
    pub nights: Strip,
}

/// The numbers of a night.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct Numbers {
    pub resources: usize,
    pub in_breach: usize,
    pub at_risk: usize,
    pub never_backed_up: usize,
    /// Nought in reports of an older release.
    pub no_plan: usize,
    pub not_assessed: usize,
    pub reruns_completed: usize,
    pub reruns_failed: usize,
    pub restores_failed: usize,
    /// `None` in reports of an older release, as are the next three.
    pub restores_proven: Option<usize>,
    pub restores_failed_validation: Option<usize>,
    pub restores_never_tested: Option<usize>,
    pub restores_unknown: Option<usize>,
    pub success_rate_7_days: Option<f64>,
    pub success_rate_30_days: Option<f64>,
}

/// A root cause as a night told it.
#[derive(Clone, Debug, Deserialize)]
pub struct CauseOfNight {
    pub id: String,
    pub title: String,
    pub is_open: bool,
    /// The steps that mend it, the first one first.
    #[serde(default)]
    pub fix: Vec<String>,
    pub status: Status,
    pub held_back: usize,
    pub nights: Nights,
    #[serde(default)]
    pub first: Option<Timestamp>,
    /// Jobs that failed of it since the report before.
    #[serde(default)]
    pub since_report: usize,
}

/// Where the figures of a summary come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The reports in EVIDENCE_BUCKET, and the nights of which none is there or none can be read.
    Bucket { missing: Vec<Date>, unread: Vec<String> },
    /// What AWS lists today, and why not from the bucket.
    Aws { why: String },
}

/// A root cause in a period.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    pub id: String,
    pub title: String,
    pub fix: Option<String>,
    /// Whose resources it held back, as far as their tags tell.
    pub owners: BTreeSet<String>,
    /// Failed jobs of the period.
    pub failures: usize,
    /// Resources that it holds back, or held back at most.
    pub held_back: usize,
    pub first: Option<Timestamp>,
    pub nights: Nights,
    pub fate: Fate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Open,
    /// The tags of what it holds back accept it until a day.
    Accepted,
    /// When the job ended that proved it fixed; nothing where each resource came back by itself.
    Closed(Option<Timestamp>),
}

/// A row whose backup takes long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slow {
    pub name: String,
    pub resource_type: String,
    /// The longest of its good jobs of the last 30 days, in seconds.
    pub longest_s: i64,
    pub objective_s: Option<i64>,
}

/// The content of a summary.
#[derive(Clone, Debug)]
pub struct Review {
    pub period: Period,
    pub from: Date,
    pub to: Date,
    pub origin: Origin,
    /// The last report that it rests on.
    pub as_of: Timestamp,
    /// Reports that it rests on.
    pub reports: usize,
    /// Of the last report: a summary of it is no calmer, and begins with the same step.
    pub severity: Option<Severity>,
    pub first_step: Option<Step>,
    /// The last numbers; those of what was retried and restored are of all nights together.
    pub numbers: Numbers,
    /// The one of most failures first.
    pub causes: Vec<Cause>,
    /// By owner, who has most to do first.
    pub owners: Vec<(String, Mine)>,
    /// The slowest first.
    pub slow: Vec<Slow>,
    /// Of the last 30 days. `None`: the last report does not tell.
    pub restores: Option<Restores>,
}

/// Rows that are named for their length.
const SLOW: usize = 10;
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

impl Period {
    pub fn parse(word: &str) -> Option<Self> {
        [Period::Week, Period::Month].into_iter().find(|period| period.as_str() == word)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Period::Week => "week",
            Period::Month => "month",
        }
    }

    /// AWS Backup keeps records for 30 days.
    pub fn days(self) -> i32 {
        match self {
            Period::Week => 7,
            Period::Month => 30,
        }
    }

    /// When it began, that ends at this instant.
    pub fn begins(self, now: Timestamp) -> Timestamp {
        now - A_DAY * self.days()
    }

    /// Its nights, the last one first.
    pub fn nights(self, now: Timestamp) -> impl Iterator<Item = Date> {
        (0..self.days()).map(move |ago| night_of(now - A_DAY * ago))
    }
}

impl Night {
    /// Keeps of its rows only whose they are.
    pub fn forget_rows(&mut self) {
        self.owners = owners::of_causes(&std::mem::take(&mut self.groups));
    }
}

impl Review {
    /// `nights`: the last one first. `None` where there is none.
    pub fn of(period: Period, nights: &[Night], origin: Origin, now: Timestamp) -> Option<Self> {
        let last = nights.first()?;
        let of_before = nights.iter().rev().flat_map(|night| night.owners.clone());
        let owners = of_before.chain(owners::of_causes(&last.groups)).collect();
        let began = period.begins(now);
        let mut causes = causes(nights, &owners, began);
        causes.sort_by(|a, b| {
            b.failures.cmp(&a.failures).then_with(|| b.held_back.cmp(&a.held_back)).then_with(|| a.id.cmp(&b.id))
        });
        let sum = |number: fn(&Numbers) -> usize| nights.iter().map(|night| number(&night.summary)).sum();
        let numbers = Numbers {
            reruns_completed: sum(|numbers| numbers.reruns_completed),
            reruns_failed: sum(|numbers| numbers.reruns_failed),
            restores_failed: sum(|numbers| numbers.restores_failed),
            ..last.summary.clone()
        };
        Some(Self {
            period,
            from: night_of(began + A_DAY),
            to: night_of(now),
            origin,
            as_of: last.now,
            reports: nights.len(),
            severity: last.severity,
            first_step: last.first_step.clone(),
            numbers,
            owners: owners::by_owner(&last.groups, &causes),
            causes,
            slow: slow(&last.groups),
            restores: last.restores.clone(),
        })
    }

    pub fn open(&self) -> impl Iterator<Item = &Cause> {
        self.causes.iter().filter(|cause| cause.fate == Fate::Open)
    }

    pub fn closed(&self) -> impl Iterator<Item = &Cause> {
        self.causes.iter().filter(|cause| matches!(cause.fate, Fate::Closed(_)))
    }

    pub fn failures(&self) -> usize {
        self.causes.iter().map(|cause| cause.failures).sum()
    }

    /// Completed and usable jobs in percent of all that ended, of the last days that make one period.
    pub fn success_rate(&self) -> Option<f64> {
        match self.period {
            Period::Week => self.numbers.success_rate_7_days,
            Period::Month => self.numbers.success_rate_30_days,
        }
    }
}

/// The causes that failed, were open or were closed in the period.
fn causes(nights: &[Night], owners: &BTreeMap<String, BTreeSet<String>>, began: Timestamp) -> Vec<Cause> {
    let mut all: BTreeMap<&str, Vec<(usize, &CauseOfNight)>> = BTreeMap::new();
    for (ago, night) in nights.iter().enumerate() {
        for cause in &night.causes {
            all.entry(&cause.id).or_default().push((ago, cause));
        }
    }
    let told = all.into_iter().filter_map(|(id, told)| {
        let &(newest_at, newest) = told.first()?;
        let failures = told.iter().map(|(_, cause)| cause.since_report).sum();
        let was_open = told.iter().any(|(_, cause)| cause.is_open);
        let proven = match newest.status {
            Status::Proven { at, .. } => Some(at),
            Status::New | Status::Open | Status::Over | Status::Accepted => None,
        };
        let fate = match (newest_at, newest.is_open) {
            (0, true) => Fate::Open,
            (0, false) if newest.status == Status::Accepted => Fate::Accepted,
            _ if was_open || failures > 0 || proven.is_some_and(|at| at > began) => Fate::Closed(proven),
            _ => return None,
        };
        let unknown = || BTreeSet::from([UNKNOWN.to_owned()]);
        Some(Cause {
            id: id.to_owned(),
            title: newest.title.clone(),
            fix: newest.fix.first().cloned(),
            owners: owners.get(id).cloned().unwrap_or_else(unknown),
            failures,
            held_back: match fate {
                Fate::Open | Fate::Accepted => newest.held_back,
                Fate::Closed(_) => told.iter().map(|(_, cause)| cause.held_back).max().unwrap_or_default(),
            },
            first: newest.first,
            nights: newest.nights,
            fate,
        })
    });
    told.collect()
}

fn slow(groups: &[Group]) -> Vec<Slow> {
    let rows = groups.iter().flat_map(|group| group.rows.iter().map(move |row| (&group.shared, row)));
    let mut slow: Vec<Slow> = rows
        .filter(|(shared, _)| shared.leg == "backup")
        .filter_map(|(shared, row)| {
            Some(Slow {
                name: row.name.clone(),
                resource_type: shared.resource_type.clone(),
                longest_s: row.longest_s?,
                objective_s: row.objective_s,
            })
        })
        .collect();
    slow.sort_by(|a, b| b.longest_s.cmp(&a.longest_s).then_with(|| a.name.cmp(&b.name)));
    slow.truncate(SLOW);
    slow
}
