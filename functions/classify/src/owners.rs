//! Whose the failures of a batch are, and which of them somebody accepts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use job::{Job, Scope};
use owner::{Acting, ByPlace, Exception, OwnerTag};
use source::{Sources, read_owners_by_place};
use tokio::time::Instant;

use crate::causes::{Cause, CauseTonight, Failure};
use crate::fault::Fault;
use crate::history::History;
use crate::tonight::Tonight;

/// How many resources of a batch have their tags read, those that failed in it first: ten calls for one account. A failure of one that was not
/// read is not accepted.
const MOST: usize = 1_000;

/// Other places in which the same fault failed whose tags are read, those in which it failed first: one call or two each.
const OTHERS: usize = 30;

/// A failure that somebody accepts: it is logged, and never paged.
#[derive(Clone, Debug)]
pub struct Accepted {
    pub failure: Failure,
    pub exception: Exception,
}

/// The faults of a batch, parted by what somebody accepts.
#[derive(Debug, Default)]
pub struct Parted {
    /// Without what is accepted of them.
    pub loud: Vec<Fault>,
    /// All of each is accepted.
    pub silent: Vec<Fault>,
    pub accepted: Vec<Accepted>,
}

/// Reads the tags of what failed in the batch, and of what else is on record of its faults: which failure is the first of a night, and on how
/// many nights a cause has failed, depends on what is accepted.
pub async fn read(
    sources: &Sources,
    faults: &[Fault],
    history: &History,
    owner_tag: &OwnerTag,
    until: Instant,
) -> ByPlace {
    read_owners_by_place(sources, asked(faults, history), owner_tag, until).await
}

/// Who has to act for a fault tonight, at the time that `when` tells. `recorded`: all that is on record of it, what is accepted too.
pub fn acting(
    by_place: &ByPlace,
    tonight: &CauseTonight<'_>,
    when: &Tonight,
    recorded: &[&Job],
    batch: &[Accepted],
    now: Timestamp,
) -> Acting {
    let mut acting = Acting::default();
    let jobs: Vec<&Job> = tonight.every_job().collect();
    for job in &jobs {
        let owners = by_place.of_resource(job);
        acting.add(&job.resource_arn, job.resource_label(), job.ended.unwrap_or(now), owners);
    }
    let ids = tonight.cause.ids();
    let of_fault = batch.iter().filter(|one| ids.contains(&&one.failure.judged.cause));
    let of_batch = of_fault.map(|one| one.failure.job());
    for job in recorded.iter().copied().chain(of_batch).filter(|job| when.holds(job)) {
        // What fails by another leg after the exception has ended is loud.
        if let Some(exception) =
            by_place.exception(job).filter(|_| jobs.iter().all(|loud| loud.resource_arn != job.resource_arn))
        {
            acting.leave_out(&job.resource_arn, job.resource_label(), exception);
        }
    }
    acting
}

impl Parted {
    pub fn of(faults: Vec<Fault>, by_place: &ByPlace) -> Self {
        let mut parted = Self::default();
        for fault in faults {
            let accepted = fault.whole.failures.iter().filter_map(|failure| {
                let exception = by_place.exception(failure.job())?.clone();
                Some(Accepted { failure: failure.clone(), exception })
            });
            let accepted: Vec<Accepted> = accepted.collect();
            match (accepted.is_empty(), loud(&fault, by_place)) {
                (true, _) => parted.loud.push(fault),
                (false, Some(loud)) => parted.loud.push(loud),
                (false, None) => parted.silent.push(fault),
            }
            parted.accepted.extend(accepted);
        }
        parted
    }
}

/// The fault without what is accepted. `None`: nothing is left of it.
fn loud(fault: &Fault, by_place: &ByPlace) -> Option<Fault> {
    let loud = |cause: &Cause| {
        let mut cause = cause.clone();
        cause.failures.retain(|failure| !by_place.is_accepted(failure.job()));
        (!cause.failures.is_empty()).then_some(cause)
    };
    let causes: Vec<Cause> = fault.causes.iter().filter_map(loud).collect();
    let whole = match (causes.as_slice(), &fault.family) {
        ([one], None) => one.clone(),
        _ => Cause::joined(causes.iter().cloned())?,
    };
    Some(Fault { whole, causes, ..fault.clone() })
}

/// The resources to ask for, by the place in which each is: those of the batch, then the others that failed of the same.
fn asked(faults: &[Fault], history: &History) -> BTreeMap<Scope, BTreeSet<String>> {
    let batch: Vec<&Job> = faults.iter().flat_map(|fault| fault.whole.jobs()).collect();
    let mut recorded: Vec<&Job> =
        faults.iter().flat_map(|fault| history.of_fault(fault)).map(|judged| &judged.job).collect();
    let own: BTreeSet<Scope> = batch.iter().map(|job| job.place_of_resource()).collect();
    let mut others: BTreeSet<Scope> = BTreeSet::new();
    recorded.retain(|job| {
        let place = job.place_of_resource();
        if !own.contains(&place) && others.len() < OTHERS {
            others.insert(place.clone());
        }
        own.contains(&place) || others.contains(&place)
    });
    let mut asked: BTreeMap<Scope, BTreeSet<String>> = BTreeMap::new();
    let mut room = MOST;
    for job in batch.into_iter().chain(recorded).filter(|job| !job.resource_arn.is_empty()) {
        if room == 0 {
            break;
        }
        if asked.entry(job.place_of_resource()).or_default().insert(job.resource_arn.clone()) {
            room -= 1;
        }
    }
    asked
}
