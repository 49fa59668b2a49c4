//! What is kept of a root cause.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use cause::judged::Judged;
use classification::class::Class;
use classification::identity::RootCauseId;
use jiff::Timestamp;
use job::{Cloud, Job, JobState};

use super::facts::By;
use super::nights::nights_before;
use super::past::Pasts;
use crate::names::Name;

/// Job ids kept of the failures since the last report; the count is always true.
const JOB_IDS: usize = 500;
/// So many characters of AWS's sentence are kept.
const MESSAGE: usize = 600;

#[derive(Clone, Debug)]
pub struct CauseFacts {
    pub id: RootCauseId,
    classes: BTreeMap<Class, usize>,
    /// Jobs that ended badly in the look-back.
    pub failed: usize,
    /// Jobs that completed with a message, in the look-back and since the last report.
    pub issues: usize,
    pub issues_since_report: usize,
    /// Bad jobs, those completed with issues included, since the last report, and the first ids of them.
    pub since_report: usize,
    pub job_ids: BTreeSet<Box<str>>,
    /// Bad jobs since the last report whose record names no resource: no row tells whether they were made up for.
    pub(crate) unplaced: usize,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    /// On which nights it failed, bit 0 being tonight.
    pub(crate) nights: u64,
    pub(crate) types: BTreeSet<Name>,
    /// Its failed jobs, those completed with issues left out.
    pub(crate) failures: Pasts,
    /// The words of the latest job.
    pub message: Box<str>,
    /// Its latest job, of Azure alone.
    pub(crate) latest: Option<Box<Job>>,
    /// The latest job of one of its resources.
    pub(crate) example: Option<Box<Judged>>,
    /// Night One's own reruns that ended badly since the last report.
    pub reruns_failed: usize,
}

impl CauseFacts {
    pub(super) fn new(id: RootCauseId) -> Self {
        Self {
            id,
            classes: BTreeMap::new(),
            failed: 0,
            issues: 0,
            issues_since_report: 0,
            since_report: 0,
            unplaced: 0,
            job_ids: BTreeSet::new(),
            first: None,
            last: None,
            nights: 0,
            types: BTreeSet::new(),
            failures: Pasts::default(),
            message: "".into(),
            latest: None,
            example: None,
            reruns_failed: 0,
        }
    }

    /// The class read most often, of two the first in the table: the KMS family holds two under one id.
    pub fn class(&self) -> Class {
        let most = self.classes.iter().max_by_key(|(class, jobs)| (**jobs, std::cmp::Reverse(**class)));
        most.map_or(Class::Unknown, |(class, _)| *class)
    }

    pub fn cloud(&self) -> Cloud {
        self.latest.as_ref().map_or(Cloud::Aws, |job| job.scope.cloud)
    }

    pub fn nights(&self) -> u32 {
        self.nights.count_ones()
    }

    pub(super) fn take(&mut self, failure: Failure<'_>, now: Timestamp, last_report: Timestamp) {
        let Failure { judged, resource_type, by } = failure;
        let (job, class) = (&judged.job, judged.classification.class);
        *self.classes.entry(class).or_default() += 1;
        match job.state {
            JobState::Completed => self.issues += 1,
            _ => self.failed += 1,
        }
        let ended = job.ended.or(job.created).unwrap_or(now);
        if self.last.is_none_or(|last| last <= ended) {
            self.message = notice::text::outside(&job.message, MESSAGE).into();
            if job.scope.cloud == Cloud::Azure {
                self.latest = Some(Box::new(job.clone()));
            }
        }
        // Of several resources the first by name: it is likely one of the rows that are printed.
        let is_better = |known: &Judged| match job.resource_arn.cmp(&known.job.resource_arn) {
            Ordering::Less => true,
            Ordering::Equal => known.job.ended < job.ended,
            Ordering::Greater => false,
        };
        if self.example.as_deref().is_none_or(is_better) {
            self.example = Some(Box::new(judged.clone()));
        }
        self.first = Some(self.first.map_or(ended, |first| first.min(ended)));
        self.last = self.last.max(Some(ended));
        if let Some(bit) = 1_u64.checked_shl(nights_before(now, ended)) {
            self.nights |= bit;
        }
        self.types.insert(resource_type);
        if ended > last_report {
            self.since_report += 1;
            self.unplaced += usize::from(job.resource_arn.is_empty());
            self.issues_since_report += usize::from(job.state == JobState::Completed);
            self.reruns_failed += usize::from(by == By::NightOne);
            self.job_ids.insert(job.id.as_str().into());
            if self.job_ids.len() > JOB_IDS {
                self.job_ids.pop_last();
            }
        }
    }
}

/// A bad job, on its way into the facts of its cause.
pub(super) struct Failure<'a> {
    pub(super) judged: &'a Judged,
    pub(super) resource_type: Name,
    pub(super) by: By,
}
