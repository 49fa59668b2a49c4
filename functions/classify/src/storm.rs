//! Whether a cause pages now, and which night it is: the storm rule applied to a batch and the records. Pure.

use classification::episode::{Course, Episode, Latest};
use classification::job::Job;
use classification::rank::{self, Block, Ranked};
use jiff::Timestamp;

use crate::causes::Cause;

/// What the records say of a cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The records could not be read, so it pages: unknown is never quiet.
    Unreadable { why: String },
    Known {
        episode: Option<Episode>,
        ranked: Vec<Ranked>,
        /// When the cause failed again after its last proof; `None` without a proof.
        relapsed: Option<Timestamp>,
    },
}

impl Standing {
    /// `recorded`: the failures of the cause on record; `completions`: COMPLETED jobs that may have proven it fixed.
    pub fn of(cause: &Cause, recorded: &[&Job], completions: &[Job], hours: u16) -> Self {
        let failures: Vec<&Job> = known_once(cause, recorded);
        let proofs: Vec<&Job> = completions.iter().collect();
        let course = Course::of(&failures, &proofs, cause.class.entry().proven_by);
        let proof = course.last_proof().and_then(|job| job.ended);
        let latest = course.latest();
        let batch: Vec<rank::Failure> = cause.jobs().filter_map(failure).collect();
        let listed: Vec<rank::Failure> = recorded.iter().copied().filter_map(failure).collect();
        // A job from before the proof that fails after it ranks among those since the proof, and opens no episode.
        let open = latest.as_ref().filter(|latest| latest.proof.is_none());
        let start = open.map(|latest| latest.episode.start).or(proof);
        let episode = latest.map(|Latest { episode, .. }| episode);
        let ranked = rank::rank(&batch, &listed, start, hours);
        Standing::Known { ranked, episode, relapsed: start.filter(|_| proof.is_some()) }
    }

    pub fn episode(&self) -> Option<&Episode> {
        match self {
            Standing::Known { episode, .. } => episode.as_ref(),
            Standing::Unreadable { .. } => None,
        }
    }

    /// The block and rank to page under, if the cause pages.
    pub fn page(&self) -> Option<(Block, usize)> {
        match self {
            Standing::Unreadable { .. } => None,
            Standing::Known { ranked, .. } => {
                ranked.iter().rev().find_map(|ranked| Some((ranked.block, ranked.page_rank?)))
            }
        }
    }
}

/// The failures on record of the blocks that the batch is of, its own left out: a page speaks of them, too. None where the records could not
/// be read.
pub fn beside<'a>(cause: &Cause, recorded: &[&'a Job], standing: &Standing) -> Vec<&'a Job> {
    let Standing::Known { ranked, relapsed, .. } = standing else { return Vec::new() };
    let tonight = |job: &&&Job| {
        let ended = job.ended.filter(|ended| relapsed.is_none_or(|relapse| *ended >= relapse));
        ended.is_some_and(|ended| ranked.iter().any(|ranked| ranked.block.holds(ended)))
    };
    let others = recorded.iter().filter(|job| cause.jobs().all(|own| own.id != job.id));
    others.filter(tonight).copied().collect()
}

/// The page's id: a redelivered batch repeats a page under the same id, a relapse within the same block has one of its own.
pub fn page_id(cause: &Cause, standing: &Standing) -> Option<String> {
    match standing {
        Standing::Known { relapsed, .. } => {
            let (block, rank) = standing.page()?;
            let since = relapsed.filter(|relapse| block.holds(*relapse)).unwrap_or(block.start);
            Some(format!("{}/{since}/{rank}", cause.id))
        }
        // Without records the batch itself is all that tells one page from another.
        Standing::Unreadable { .. } => {
            let first = cause.first_job().map_or("", |job| job.id.as_str());
            Some(format!("{}/unread/{first}", cause.id))
        }
    }
}

/// The failures on record and those of the batch that are not listed yet.
fn known_once<'a>(cause: &'a Cause, recorded: &[&'a Job]) -> Vec<&'a Job> {
    let mut failures = recorded.to_vec();
    failures.extend(cause.jobs().filter(|job| recorded.iter().all(|known| known.id != job.id)));
    failures
}

fn failure(job: &Job) -> Option<rank::Failure> {
    Some(rank::Failure { ended: job.ended?, job_id: job.id.clone() })
}

/// The instant from which jobs that completed with issues have to be listed: the first block that the batch touches.
pub fn first_block<'a>(jobs: impl Iterator<Item = &'a Job>, hours: u16) -> Option<Timestamp> {
    jobs.filter_map(|job| job.ended).min().map(|ended| Block::containing(ended, hours).start)
}
