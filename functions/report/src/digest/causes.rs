//! Root causes of several places together. The same id in two Regions of an account is one cause.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::listed::Listed;
use crate::causes::{Cause, Nights, Status};
use crate::counters::Trouble;
use crate::report::Report;

/// Job ids of one cause that go on; the log has more.
const JOB_IDS: usize = 10;

/// How many rows a cause holds back in one trouble.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Behind {
    pub trouble: Trouble,
    pub root_cause_id: String,
    pub rows: usize,
}

/// The causes that anything is told of.
pub(super) fn told(report: &Report) -> Vec<Cause> {
    let last_report = report.night().last_report;
    let behind: BTreeSet<u32> = report.rows().iter().filter_map(|row| row.why.cause()).collect();
    let is_told = |cause: &&Cause| {
        let proven = matches!(cause.status, Status::Proven { at, .. } if at > last_report);
        behind.contains(&cause.number)
            || cause.is_open()
            || proven
            || cause.since_report > 0
            || cause.recovered > 0
            || cause.held_back + cause.accepted > 0
    };
    let mut breaches: BTreeMap<u32, Timestamp> = BTreeMap::new();
    for row in report.rows().iter().filter(|row| row.is_open()) {
        if let (Some(number), Some(at)) = (row.why.cause(), row.judgement.verdict.breaches_at()) {
            breaches.entry(number).and_modify(|first| *first = at.min(*first)).or_insert(at);
        }
    }
    let causes = report.causes().iter().filter(is_told).cloned();
    causes
        .map(|mut cause| {
            cause.job_ids.truncate(JOB_IDS);
            cause.first_breach = breaches.get(&cause.number).copied();
            if let Some(named) = report.telling().among() {
                cause.places = vec![named.place(&report.night().scope)];
            }
            cause
        })
        .collect()
}

/// What holds back the rows of each trouble.
pub(super) fn behind(report: &Report) -> Vec<Behind> {
    let mut behind = Vec::new();
    for trouble in Trouble::ALL {
        let mut held: BTreeMap<&str, usize> = BTreeMap::new();
        for row in report.rows().iter().filter(|row| trouble.is_of(row) && !row.is_accepted()) {
            if let Some(cause) = row.why.cause().and_then(|number| report.cause(number)) {
                *held.entry(&cause.id).or_default() += 1;
            }
        }
        behind.extend(held.into_iter().map(|(id, rows)| Behind { trouble, root_cause_id: id.to_owned(), rows }));
    }
    behind
}

/// Adds causes to others, without an order.
pub(super) fn add(causes: &mut Vec<Cause>, others: Vec<Cause>) {
    for cause in others {
        match causes.iter_mut().find(|known| known.id == cause.id) {
            Some(known) => known.join(cause),
            None => causes.push(cause),
        }
    }
}

pub(super) fn add_behind(behind: &mut Vec<Behind>, others: Vec<Behind>) {
    if others.is_empty() {
        return;
    }
    let mut rows: BTreeMap<(Trouble, String), usize> = BTreeMap::new();
    for Behind { trouble, root_cause_id, rows: held } in std::mem::take(behind).into_iter().chain(others) {
        *rows.entry((trouble, root_cause_id)).or_default() += held;
    }
    let of = |((trouble, root_cause_id), rows)| Behind { trouble, root_cause_id, rows };
    behind.extend(rows.into_iter().map(of));
}

impl Cause {
    /// The same cause in another place.
    fn join(&mut self, other: Cause) {
        let rank = |status: &Status| match status {
            Status::Over => 0,
            Status::Proven { .. } => 1,
            Status::Accepted => 2,
            Status::New => 3,
            Status::Open => 4,
        };
        self.status = match (self.status, other.status) {
            (Status::Proven { at, by }, Status::Proven { at: other, by: others }) => {
                if at >= other {
                    Status::Proven { at, by }
                } else {
                    Status::Proven { at: other, by: others }
                }
            }
            (own, other) => [own, other].into_iter().max_by_key(rank).unwrap_or(own),
        };
        let nights = |nights: &Nights| match nights {
            Nights::Counted(nights) => (*nights, false),
            Nights::AtLeast(nights) => (*nights, true),
        };
        self.nights = if nights(&other.nights) > nights(&self.nights) { other.nights } else { self.nights };
        if other.last > self.last {
            self.message = other.message;
        }
        // The steps belong to what was found.
        if self.found.is_none() && other.found.is_some() {
            self.fix = other.fix;
        }
        self.found = self.found.or(other.found);
        self.first_breach = [self.first_breach, other.first_breach].into_iter().flatten().min();
        self.held_back += other.held_back;
        self.accepted += other.accepted;
        self.recovered += other.recovered;
        self.failed += other.failed;
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.last = self.last.max(other.last);
        self.since_report += other.since_report;
        self.issues += other.issues;
        self.issues_since_report += other.issues_since_report;
        self.reruns_failed += other.reruns_failed;
        for (own, others, most) in
            [(&mut self.job_ids, other.job_ids, JOB_IDS), (&mut self.types, other.types, usize::MAX)]
        {
            own.extend(others);
            own.sort();
            own.dedup();
            own.truncate(most);
        }
        for place in other.places {
            if !self.places.contains(&place) {
                self.places.push(place);
            }
        }
    }
}

/// One fault: a cause, or causes of several accounts that have the name of what is wrong in common.
#[derive(Debug)]
pub(crate) struct Family<'a> {
    /// The one that holds the most back.
    pub(crate) first: &'a Cause,
    pub(crate) causes: Vec<&'a Cause>,
}

impl Family<'_> {
    pub(crate) fn held_back(&self) -> usize {
        self.causes.iter().map(|cause| cause.held_back).sum()
    }

    /// How many rows it holds back, by what they are in: the worst first.
    pub(crate) fn held(&self, behind: &[Behind]) -> BTreeMap<Trouble, usize> {
        let mut held = BTreeMap::new();
        for behind in behind.iter().filter(|behind| self.ids().any(|id| id == behind.root_cause_id)) {
            *held.entry(behind.trouble).or_default() += behind.rows;
        }
        held
    }

    /// When the first of the rows that it holds back exceeds its objective.
    pub(crate) fn first_breach(&self) -> Option<Timestamp> {
        self.causes.iter().filter_map(|cause| cause.first_breach).min()
    }

    /// The steps that mend it: those for what was seen, where that is one thing wherever something was seen, else those of the class.
    pub(crate) fn fix(&self) -> Vec<Cow<'static, str>> {
        let of_class = self.first.fix_of_class();
        let mut seen = self.causes.iter().map(|cause| &cause.fix).filter(|fix| fix.first() != of_class.first());
        match seen.next() {
            Some(fix) if seen.all(|other| other.first() == fix.first()) => fix.clone(),
            Some(_) => of_class,
            None => self.first.fix.clone(),
        }
    }

    /// The first of them, in one sentence without its full stop.
    pub(crate) fn first_step(&self) -> Option<String> {
        self.fix().first().map(|step| advice::steps::first_of(step).to_owned())
    }

    /// Where it is.
    pub(crate) fn places(&self) -> Listed {
        let places: BTreeSet<&String> = self.causes.iter().flat_map(|cause| &cause.places).collect();
        Listed::of(places, Clone::clone)
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.causes.iter().map(|cause| cause.id.as_str())
    }
}

/// Causes by what they have in common, in their order. Those of one place stand each for itself.
pub(crate) fn families<'a>(causes: impl IntoIterator<Item = &'a Cause>) -> Vec<Family<'a>> {
    let mut known: BTreeMap<(&str, bool), usize> = BTreeMap::new();
    let mut families: Vec<Family<'a>> = Vec::new();
    for cause in causes {
        let family = cause.family.as_deref().filter(|_| !cause.places.is_empty()).unwrap_or(&cause.id);
        let place = *known.entry((family, cause.is_open())).or_insert(families.len());
        match families.get_mut(place) {
            Some(family) => family.causes.push(cause),
            None => families.push(Family { first: cause, causes: vec![cause] }),
        }
    }
    families
}
