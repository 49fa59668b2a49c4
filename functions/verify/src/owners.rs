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
    let stuck = announce::stuck(records.ledger.in_flight(), &records.habits, window);
    let told = views
        .iter()
        .filter(|view| !announce::of_cause(&view.case.cause, &view.standing, &records.ledger, window).is_empty());
    let told = told.flat_map(|view| view.standing.fates.iter().map(|fate| fate.failure));
    resources(without_good_job(views).chain(stuck.iter().map(|stuck| stuck.job)).chain(told))
}

/// Those that wait for a good job under these root causes.
pub fn waiting<'a>(views: impl IntoIterator<Item = &'a View<'a>>) -> BTreeSet<String> {
    resources(without_good_job(views))
}

fn without_good_job<'a>(views: impl IntoIterator<Item = &'a View<'a>>) -> impl Iterator<Item = &'a Job> {
    let fates = views.into_iter().flat_map(|view| &view.standing.fates);
    fates.filter(|fate| matches!(fate.since, Since::NoGoodJob)).map(|fate| fate.failure)
}

/// The resources of the first of these jobs.
fn resources<'a>(jobs: impl Iterator<Item = &'a Job>) -> BTreeSet<String> {
    let mut resources = BTreeSet::new();
    for job in jobs.filter(|job| !job.resource_arn.is_empty()) {
        if resources.len() == MOST {
            break;
        }
        resources.insert(job.resource_arn.clone());
    }
    resources
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
