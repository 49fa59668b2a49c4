//! Whose the failures of a batch are, and which of them somebody accepts.

use std::collections::{BTreeMap, BTreeSet};

use cause::rank::Block;
use futures::StreamExt;
use jiff::Timestamp;
use job::{Job, Scope};
use owner::{Acting, Exception, OwnerTag, Owners};
use source::{Sources, read_owners};
use tokio::time::Instant;

use crate::causes::{Cause, CauseTonight, Failure};
use crate::fault::Fault;
use crate::history::History;

/// How many resources of a batch have their tags read, those that failed in it first: ten calls for one account. A failure of one that was not
/// read is not accepted.
const MOST: usize = 1_000;
/// Places looked at side by side.
const AT_ONCE: usize = 20;

/// What the tags of the resources of a batch say, by place.
#[derive(Debug, Default)]
pub struct ByPlace(BTreeMap<Scope, Owners>);

/// A failure that somebody accepts: it is logged, and never paged.
#[derive(Clone, Debug)]
pub struct Accepted {
    pub failure: Failure,
    pub exception: Exception,
}

/// The faults of a batch without what is accepted.
#[derive(Debug, Default)]
pub struct LeftOut {
    pub faults: Vec<Fault>,
    pub accepted: Vec<Accepted>,
    /// Faults of which nothing is left.
    pub whole: Vec<Fault>,
}

impl ByPlace {
    /// Reads the tags of what failed in the batch, and of what else is on record of its faults: which failure is the first of a night, and on how
    /// many nights a cause has failed, depends on what is accepted.
    pub async fn read(
        sources: &Sources,
        faults: &[Fault],
        history: &History,
        owner_tag: &OwnerTag,
        until: Instant,
    ) -> Self {
        let asked = asked(faults, history);
        let reads = asked.into_iter().map(|(scope, resources)| async move {
            let owners = match sources.at(&scope) {
                Ok(source) => read_owners(&source, &resources, owner_tag, until).await,
                Err(closed) => Owners::not_looked(&closed.to_string()),
            };
            (scope, owners)
        });
        Self(futures::stream::iter(reads).buffer_unordered(AT_ONCE).collect().await)
    }

    /// The exception that holds for a failed job.
    pub fn exception(&self, job: &Job) -> Option<&Exception> {
        self.0.get(&job.scope)?.accepted(&job.resource_arn, job.ended?)
    }

    pub fn is_accepted(&self, job: &Job) -> bool {
        self.exception(job).is_some()
    }

    /// Who has to act for a fault tonight. `recorded`: all that is on record of it, what is accepted too.
    pub fn acting(&self, tonight: &CauseTonight<'_>, recorded: &[&Job], batch: &[Accepted], now: Timestamp) -> Acting {
        let mut acting = Acting::default();
        let not_looked = Owners::not_looked("its tags were not looked at");
        let jobs: Vec<&Job> = tonight.every_job().collect();
        for job in &jobs {
            let owners = self.0.get(&job.scope).unwrap_or(&not_looked);
            acting.add(&job.resource_arn, job.resource_label(), job.ended.unwrap_or(now), owners);
        }
        let nights: BTreeSet<Block> = jobs.iter().filter_map(|job| job.ended).map(night).collect();
        let is_of_tonight = |job: &&Job| job.ended.is_some_and(|ended| nights.contains(&night(ended)));
        let of_fault =
            |job: &Job| {
                tonight.cause.ids().iter().any(|id| {
                    batch.iter().any(|one| one.failure.job().id == job.id && one.failure.judged.cause == **id)
                })
            };
        let of_batch = batch.iter().map(|one| one.failure.job()).filter(|job| of_fault(job));
        for job in recorded.iter().copied().chain(of_batch).filter(is_of_tonight) {
            // What fails by another leg after the exception has ended is loud.
            if let Some(exception) =
                self.exception(job).filter(|_| jobs.iter().all(|loud| loud.resource_arn != job.resource_arn))
            {
                acting.leave_out(job.resource_label(), exception);
            }
        }
        acting
    }

    /// Takes out of the faults what somebody accepts.
    pub fn leave_out(&self, faults: Vec<Fault>) -> LeftOut {
        let mut left = LeftOut::default();
        for fault in faults {
            let accepted = fault.whole.failures.iter().filter_map(|failure| {
                let exception = self.exception(failure.job())?.clone();
                Some(Accepted { failure: failure.clone(), exception })
            });
            let accepted: Vec<Accepted> = accepted.collect();
            match (accepted.is_empty(), self.loud(&fault)) {
                (true, _) => left.faults.push(fault),
                (false, Some(loud)) => left.faults.push(loud),
                (false, None) => left.whole.push(fault),
            }
            left.accepted.extend(accepted);
        }
        left
    }

    /// The fault without what is accepted. `None`: nothing is left of it.
    fn loud(&self, fault: &Fault) -> Option<Fault> {
        let loud = |cause: &Cause| {
            let mut cause = cause.clone();
            cause.failures.retain(|failure| !self.is_accepted(failure.job()));
            (!cause.failures.is_empty()).then_some(cause)
        };
        let causes: Vec<Cause> = fault.causes.iter().filter_map(loud).collect();
        let whole = match (causes.as_slice(), &fault.family) {
            ([one], None) => one.clone(),
            _ => Cause::joined(causes.iter().cloned())?,
        };
        Some(Fault { whole, causes, family: fault.family.clone(), known: fault.known.clone() })
    }
}

/// The resources to ask for, by place: those of the batch, then the others that failed of the same.
fn asked(faults: &[Fault], history: &History) -> BTreeMap<Scope, BTreeSet<String>> {
    let batch = faults.iter().flat_map(|fault| fault.whole.jobs());
    let recorded = faults.iter().flat_map(|fault| history.of_fault(fault)).map(|judged| &judged.job);
    let mut asked: BTreeMap<Scope, BTreeSet<String>> = BTreeMap::new();
    let mut room = MOST;
    for job in batch.chain(recorded).filter(|job| !job.resource_arn.is_empty()) {
        if room == 0 {
            break;
        }
        if asked.entry(job.scope.clone()).or_default().insert(job.resource_arn.clone()) {
            room -= 1;
        }
    }
    asked
}

/// From noon to noon, in UTC.
pub fn night(ended: Timestamp) -> Block {
    Block::containing(ended, 24)
}
