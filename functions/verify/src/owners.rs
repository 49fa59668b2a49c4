//! Whose the resources are that a tick tells of or might rerun, and of which of them somebody accepts that they fail.

use std::collections::BTreeSet;

use jiff::Timestamp;
use job::Job;
use notice::NoticeKind;
use owner::{Acting, Exception, Owners};

use crate::announce::{self, Window};
use crate::record;
use crate::review::{Records, Stood};
use crate::standing::Since;

/// Resources of a place whose tags are read in a tick: ten calls. Those that wait for a good backup come first: a tag may say how long they may.
const MOST: usize = 1_000;

/// The resources whose tags decide what is told of this window.
pub fn asked(records: &Records, stood: &[Stood<'_>], window: Window) -> BTreeSet<String> {
    let stuck = announce::stuck(records.ledger.in_flight(), &records.habits, window);
    let told = stood
        .iter()
        .filter(|stood| !announce::of_cause(&stood.case.cause, &stood.standing, &records.ledger, window).is_empty());
    let told = told.flat_map(|stood| stood.standing.fates.iter().map(|fate| fate.failure));
    resources(without_good_job(stood).chain(stuck.iter().map(|stuck| stuck.job)).chain(told))
}

/// Those that wait for a good job under these root causes.
pub fn waiting<'a>(stood: impl IntoIterator<Item = &'a Stood<'a>>) -> BTreeSet<String> {
    resources(without_good_job(stood))
}

/// Those first that may be rerun.
fn without_good_job<'a>(stood: impl IntoIterator<Item = &'a Stood<'a>>) -> impl Iterator<Item = &'a Job> {
    let fates = stood.into_iter().flat_map(|stood| stood.standing.fates.iter().map(move |fate| (stood, fate)));
    let waiting = fates.filter(|(_, fate)| matches!(fate.since, Since::NoGoodJob));
    let (first, others): (Vec<_>, Vec<_>) =
        waiting.partition(|(stood, fate)| stood.case.looks.resources.contains(&fate.failure.resource_arn));
    first.into_iter().chain(others).map(|(_, fate)| fate.failure)
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
pub(crate) fn each_once<'a>(jobs: impl Iterator<Item = &'a Job>) -> Vec<&'a Job> {
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
