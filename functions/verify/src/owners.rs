//! Whose the resources are that a tick tells of, and of which of them somebody accepts what it tells.

use std::collections::BTreeSet;

use jiff::Timestamp;
use job::Job;
use notice::NoticeKind;
use owner::{Acting, Exception, Owners};

use crate::announce::{self, Window};
use crate::record;
use crate::review::{Records, View};
use crate::standing::Since;

/// Resources of a place whose tags are read in a tick: ten calls. Those that wait for a good backup come first: a tag may say how long they may.
const MOST: usize = 1_000;

/// The resources whose tags decide what is told of this window.
pub fn asked(records: &Records, views: &[View<'_>], window: Window) -> BTreeSet<String> {
    let waiting = views.iter().flat_map(|view| &view.standing.fates);
    let waiting = waiting.filter(|fate| matches!(fate.since, Since::NoGoodJob)).map(|fate| fate.failure);
    let stuck = announce::stuck(records.ledger.in_flight(), &records.habits, window);
    let told = views
        .iter()
        .filter(|view| !announce::of_cause(&view.case.cause, &view.standing, &records.ledger, window).is_empty());
    let told = told.flat_map(|view| view.standing.fates.iter().map(|fate| fate.failure));
    let mut asked = BTreeSet::new();
    for job in waiting.chain(stuck.iter().map(|stuck| stuck.job)).chain(told) {
        if asked.len() < MOST && !job.resource_arn.is_empty() {
            asked.insert(job.resource_arn.clone());
        }
    }
    asked
}

/// Those that wait for a good backup under these root causes.
pub fn waiting<'a>(views: impl IntoIterator<Item = &'a View<'a>>) -> BTreeSet<String> {
    let fates = views.into_iter().flat_map(|view| &view.standing.fates);
    let waiting = fates.filter(|fate| matches!(fate.since, Since::NoGoodJob)).map(|fate| &fate.failure.resource_arn);
    waiting.filter(|arn| !arn.is_empty()).take(MOST).cloned().collect()
}

/// Things of a notice that are told, and what is to be said of whose they are.
#[derive(Debug)]
pub struct Parted<T> {
    pub loud: Vec<T>,
    pub acting: Acting,
}

/// Leaves out what somebody accepts, with a line in the log. `of`: the job of each, and the instant that its exception is held against.
pub fn part<'a, T>(
    all: Vec<T>,
    owners: &Owners,
    kind: NoticeKind,
    of: impl Fn(&T) -> (&'a Job, Timestamp),
) -> Parted<T> {
    let mut parted = Parted { loud: Vec::new(), acting: Acting::default() };
    let mut accepted: Vec<(&Job, &Exception)> = Vec::new();
    for one in all {
        let (job, at) = of(&one);
        match owners.accepted(&job.resource_arn, at) {
            Some(exception) => accepted.push((job, exception)),
            None => {
                parted.acting.add(&job.resource_arn, job.resource_label(), at, owners);
                parted.loud.push(one);
            }
        }
    }
    for (job, exception) in accepted {
        record::accepted(job, exception, kind);
        parted.acting.leave_out(&job.resource_arn, job.resource_label(), exception);
    }
    parted
}

/// One job of each resource: the first.
pub fn each_once<'a>(jobs: impl Iterator<Item = &'a Job>) -> Vec<&'a Job> {
    let mut resources = BTreeSet::new();
    jobs.filter(|job| resources.insert(job.resource_arn.as_str())).collect()
}

/// Who has to act for these resources, whatever is accepted of them.
pub fn acting<'a>(jobs: impl IntoIterator<Item = &'a Job>, owners: &Owners, now: Timestamp) -> Acting {
    let mut acting = Acting::default();
    for job in jobs {
        acting.add(&job.resource_arn, job.resource_label(), job.ended.unwrap_or(now), owners);
    }
    acting
}
