//! Whether a cause pages now, and which night it is: the storm rule applied to a batch and the records. Pure.

mod accounts;

use std::collections::BTreeSet;

use cause::episode::{self, Course, Episode, Latest};
use cause::rank::{self, Block, NIGHT, Ranked};
use jiff::Timestamp;
use job::Job;

use crate::causes::Cause;
use crate::fault::Fault;
use crate::reruns::is_left_to_verify;

pub use accounts::Among;

/// What is known of a cause beside this batch, and with it whether it pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageDecision {
    /// The records could not be read, so it pages: unknown is never quiet.
    Unreadable { why: String },
    /// The records of none of its accounts were read, because of `why`: it is ranked among what this process has seen of it.
    RankedBySeen { why: String, ranked: Vec<Ranked> },
    /// By the records.
    Known {
        episode: Option<Episode>,
        ranked: Vec<Ranked>,
        /// Of a fault in several accounts: among which of them it ranks.
        among: Among,
        relapse: Option<Relapse>,
        /// Our reruns since the episode began that failed of it.
        reruns: usize,
        /// Failures before this instant do not rank: a proof has closed them.
        since: Option<Timestamp>,
        /// How long it has failed without anybody accepting it.
        open: Option<OpenFor>,
        /// The night in which this is its first page, once it has been open for too many.
        escalates: Option<Block>,
    },
}

/// How long a cause has been open, by the failures that nobody accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenFor {
    pub since: Timestamp,
    /// From noon to noon, in UTC; counted from 1.
    pub nights: usize,
    /// What of the episode somebody accepts: it counts for nothing above.
    pub accepted: AcceptedSoFar,
}

/// The failures of an episode that somebody accepts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AcceptedSoFar {
    pub failures: usize,
    /// Those on which nothing else failed.
    pub nights: usize,
}

/// What a decision depends on beside the records.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// STORM_WINDOW_HOURS
    pub hours: u16,
    /// ESCALATE_NIGHTS
    pub escalate_nights: u16,
    /// Whether somebody accepts a failure: it counts neither for a rank nor as a night.
    pub is_accepted: &'a dyn Fn(&Job) -> bool,
}

/// A cause that was proven fixed and fails again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relapse {
    /// The first failure after the proof; the proof, where a job begun before it failed after it.
    pub since: Timestamp,
    /// When the job ended that proved it fixed.
    pub proven: Timestamp,
    /// On how many nights it had failed before.
    pub nights_before: usize,
}

impl PageDecision {
    /// `recorded`: the failures of the cause on record; `completions`: COMPLETED jobs that may have proven it fixed.
    pub fn of(cause: &Cause, recorded: &[&Job], completions: &[&Job], rules: Rules<'_>) -> Self {
        let failures: Vec<&Job> = known_once(cause, recorded);
        let course = Course::of(&failures, completions, cause.entry().proven_by);
        let proven = course.last_proof().and_then(|job| job.ended);
        let latest = course.latest();
        let batch = ranked_jobs(cause);
        let loud = |job: &&&Job| !(rules.is_accepted)(job);
        let listed: Vec<rank::Failure> = recorded.iter().filter(loud).copied().filter_map(ranked_job).collect();
        // A job from before the proof that fails after it ranks among those since the proof, and opens no episode.
        let open = latest.as_ref().filter(|latest| latest.proof.is_none());
        let start = open.map(|latest| latest.episode.start).or(proven);
        let relapse = proven.zip(start).map(|(proven, since)| Relapse {
            since,
            proven,
            nights_before: course.over().map_or(0, |over| over.episode.nights),
        });
        let episode = latest.map(|Latest { episode, .. }| episode);
        let began = episode.as_ref().map(|episode| episode.start);
        let reruns = failures.iter().filter(|job| job.is_attempt() && job.ended > began).count();
        let unlisted = unlisted(cause);
        let ranked = match &unlisted {
            Some(unlisted) => rank::rank_unlisted(unlisted),
            None => rank::rank(&batch, &listed, start, rules.hours),
        };
        // A rerun that fails in the afternoon is told by verify, and is not the first failure of the next night.
        let scheduled: Vec<&Job> =
            failures.iter().filter(loud).filter(|job| !is_left_to_verify(job, recorded)).copied().collect();
        let ended = scheduled.iter().filter_map(|job| job.ended);
        let is_since = |ended: &Timestamp| start.is_none_or(|start| *ended >= start);
        let accepted = failures.iter().filter(|job| (rules.is_accepted)(job)).filter_map(|job| job.ended);
        let open = open_for(ended.filter(is_since), accepted.filter(is_since), unlisted.is_some());
        let nights = match &unlisted {
            Some(unlisted) => unlisted.iter().find_map(first_of_its_night).into_iter().collect(),
            None => {
                let known: BTreeSet<&str> = recorded.iter().map(|job| job.id.as_str()).collect();
                let scheduled = scheduled.iter().filter(|job| known.contains(job.id.as_str()));
                let listed: Vec<rank::Failure> = scheduled.copied().filter_map(ranked_job).collect();
                rank::rank(&batch, &listed, start, NIGHT)
            }
        };
        let escalates = escalates(open, &nights, rules);
        PageDecision::Known { ranked, among: Among::New, episode, relapse, reruns, since: start, open, escalates }
    }

    /// Why the records were not read.
    pub fn unread(&self) -> Option<&str> {
        match self {
            PageDecision::Unreadable { why } | PageDecision::RankedBySeen { why, .. } => Some(why),
            PageDecision::Known { .. } => None,
        }
    }

    pub fn episode(&self) -> Option<&Episode> {
        match self {
            PageDecision::Known { episode, .. } => episode.as_ref(),
            PageDecision::Unreadable { .. } | PageDecision::RankedBySeen { .. } => None,
        }
    }

    /// The incident that a page belongs to. `None`: the records could not be read, and an id of the page's own making would open an incident
    /// that nothing closes. A page that is ranked by what was seen has the incident of its night, which people close.
    pub fn incident_id(&self, cause: &Cause, now: Timestamp) -> Option<String> {
        match self {
            PageDecision::Unreadable { .. } => None,
            PageDecision::RankedBySeen { .. } => {
                let (block, _) = self.page()?;
                Some(format!("{}-{}", cause.id, block.start.strftime("%Y%m%d")))
            }
            PageDecision::Known { episode, .. } => {
                episode.as_ref().map(|episode| episode::incident_id(&cause.id, episode, now))
            }
        }
    }

    /// Our reruns that failed of it since its episode began, as far as is known.
    pub fn reruns(&self) -> usize {
        match self {
            PageDecision::Known { reruns, .. } => *reruns,
            PageDecision::Unreadable { .. } | PageDecision::RankedBySeen { .. } => 0,
        }
    }

    pub fn open_for(&self) -> Option<OpenFor> {
        match self {
            PageDecision::Known { open, .. } => *open,
            PageDecision::Unreadable { .. } | PageDecision::RankedBySeen { .. } => None,
        }
    }

    /// How long it has been open, if that is too long and nobody was told of it tonight.
    pub fn escalation(&self) -> Option<OpenFor> {
        match self {
            PageDecision::Known { escalates: Some(_), open, .. } => *open,
            _ => None,
        }
    }

    /// The block and rank to page under, if the cause pages: by its rank, or because it is escalated.
    pub fn page(&self) -> Option<(Block, usize)> {
        if let PageDecision::Known { escalates: Some(night), .. } = self {
            return Some((*night, 1));
        }
        let page_rank = |ranked: &Ranked| Some((ranked.block, ranked.page_rank?));
        self.ranked().iter().rev().find_map(page_rank)
    }

    /// The page's id, if the cause pages: a redelivered batch repeats a page under the same id, a relapse within the same block has one of
    /// its own.
    pub fn page_id(&self, fault: &Fault) -> Option<String> {
        if let PageDecision::Unreadable { .. } = self {
            // Without records the batch itself is all that tells one page from another.
            let first = fault.whole.first_job().map_or("", |job| job.id.as_str());
            return Some(format!("{}/unread/{first}", fault.id()));
        }
        let (block, rank) = self.page()?;
        let since = self.relapsed_at().filter(|relapse| block.holds(*relapse)).unwrap_or(block.start);
        let among = match self {
            PageDecision::Known { among: Among::Recurring, .. } => "recurring/",
            _ => "",
        };
        Some(format!("{}/{among}{since}/{rank}", fault.id()))
    }

    fn ranked(&self) -> &[Ranked] {
        match self {
            PageDecision::Unreadable { .. } => &[],
            PageDecision::RankedBySeen { ranked, .. } | PageDecision::Known { ranked, .. } => ranked,
        }
    }

    fn relapse(&self) -> Option<Relapse> {
        match self {
            PageDecision::Known { relapse, .. } => relapse.clone(),
            PageDecision::Unreadable { .. } | PageDecision::RankedBySeen { .. } => None,
        }
    }

    fn relapsed_at(&self) -> Option<Timestamp> {
        self.relapse().map(|relapse| relapse.since)
    }
}

/// The failures on record of the blocks that the batch is of, its own and the reruns that verify announces left out: a page speaks of them,
/// too. None where the records could not be read.
pub fn beside<'a>(cause: &Cause, recorded: &[&'a Job], decision: &PageDecision) -> Vec<&'a Job> {
    let PageDecision::Known { ranked, .. } = decision else { return Vec::new() };
    let tonight = |job: &&&Job| {
        let ended = job.ended.filter(|ended| decision.relapsed_at().is_none_or(|relapse| *ended >= relapse));
        ended.is_some_and(|ended| ranked.iter().any(|ranked| ranked.block.holds(ended)))
    };
    let others = recorded.iter().filter(|job| cause.jobs().all(|own| own.id != job.id));
    others.filter(tonight).filter(|job| !is_left_to_verify(job, recorded)).copied().collect()
}

/// `ended`: the failures that nobody accepts; `accepted`: the others.
fn open_for(
    ended: impl Iterator<Item = Timestamp> + Clone,
    accepted: impl Iterator<Item = Timestamp> + Clone,
    fails_each_run: bool,
) -> Option<OpenFor> {
    let (since, last) = (ended.clone().min()?, ended.clone().max()?);
    let nights: BTreeSet<Block> = ended.map(Block::night).collect();
    let silent: BTreeSet<Block> = accepted.clone().map(Block::night).filter(|night| !nights.contains(night)).collect();
    let accepted = AcceptedSoFar { failures: accepted.count(), nights: silent.len() };
    // Of what is on no list only the first failure and the last are known, and every run between them failed.
    let first = Block::night(since).start;
    let between = Block::night(last).start.duration_since(first).as_hours() / i64::from(NIGHT);
    let nights = if fails_each_run { usize::try_from(between).unwrap_or(0) + 1 } else { nights.len() };
    Some(OpenFor { since, nights, accepted })
}

/// The latest night of which the batch has the first failure, if the cause has been open for too long.
fn escalates(open: Option<OpenFor>, nights: &[Ranked], rules: Rules<'_>) -> Option<Block> {
    open.filter(|open| open.nights >= usize::from(rules.escalate_nights))?;
    nights.iter().rev().find(|night| night.page_rank == Some(1)).map(|night| night.block)
}

/// The night of a failure that is on no list, if the run before it was of the night before.
fn first_of_its_night(failure: &rank::UnlistedFailure) -> Option<Ranked> {
    let block = Block::night(failure.ended);
    (failure.ended - failure.every? <= block.start).then_some(Ranked { block, page_rank: Some(1) })
}

/// The jobs of the batch as they are ranked.
pub fn ranked_jobs(cause: &Cause) -> Vec<rank::Failure> {
    cause.jobs().filter_map(ranked_job).collect()
}

/// The failures on record and those of the batch that are not listed yet.
fn known_once<'a>(cause: &'a Cause, recorded: &[&'a Job]) -> Vec<&'a Job> {
    let mut failures = recorded.to_vec();
    failures.extend(cause.jobs().filter(|job| recorded.iter().all(|known| known.id != job.id)));
    failures
}

/// The jobs of the batch, where no list has any of them.
fn unlisted(cause: &Cause) -> Option<Vec<rank::UnlistedFailure>> {
    let unlisted = cause.jobs().map(|job| {
        let known = job.azure.as_ref()?.unlisted?;
        Some(rank::UnlistedFailure { ended: job.ended?, every: known.every, last_good: known.last_good })
    });
    unlisted.collect()
}

/// A failed job as it is ranked.
pub fn ranked_job(job: &Job) -> Option<rank::Failure> {
    Some(rank::Failure { ended: job.ended?, job_id: job.id.clone() })
}

#[cfg(test)]
mod tests {
    use cause::group::group;
    use cause::judged::Judged;
    use jiff::SignedDuration;
    use job::{JobKind, JobState, Origin};

    use super::*;
    use crate::causes::{CauseTonight, Failure, Listed};

    /// Hours after midnight; noon, where a night ends, is 12.
    fn at(hour: i64) -> Timestamp {
        let midnight: Timestamp = "2026-11-21T00:00:00Z".parse().unwrap();
        midnight + SignedDuration::from_hours(hour)
    }

    /// A job by a name of its resource and hour: `a1` is the backup of `a` that ended at 01:00, after an hour.
    fn job(id: &str, state: JobState) -> Job {
        let (resource, hour) = id.split_at(1);
        let ended = at(hour.parse().unwrap());
        Job {
            resource_arn: format!("arn:aws:rds:eu-west-1:111122223333:db:{resource}"),
            message: if state == JobState::Failed { "Access denied to KMS key.".into() } else { String::new() },
            created: Some(ended - SignedDuration::from_hours(1)),
            // Of an operator, unless it is made a rerun.
            start_by: Some(ended + SignedDuration::from_hours(7)),
            ended: Some(ended),
            ..Job::new(JobKind::Backup, id, state)
        }
    }

    fn rerun(id: &str) -> Job {
        let job = job(id, JobState::Failed);
        Job { origin: Origin::NightOne, ..job }
    }

    /// The job ids that a page names for a batch: its own, then those beside it.
    fn told(batch: &[Job], recorded: &[Job], completions: &[Job]) -> String {
        let failure = |job: &Job| Failure {
            event_id: String::new(),
            message_ids: Vec::new(),
            listed: Listed::NotRead,
            judged: Judged::new(job.clone()),
        };
        let causes = group(batch.iter().map(failure));
        let cause = &causes[0];
        let recorded: Vec<&Job> = recorded.iter().collect();
        let completions: Vec<&Job> = completions.iter().collect();
        let rules = Rules { hours: 24, escalate_nights: 3, is_accepted: &|_| false };
        let decision = PageDecision::of(cause, &recorded, &completions, rules);
        let tonight = CauseTonight { cause, beside: beside(cause, &recorded, &decision) };
        assert_eq!(tonight.count(), tonight.every_job().count());
        tonight.every_job().map(|job| job.id.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_page_names_what_is_known_of_its_night_once() {
        let jobs = |ids: &str| -> Vec<Job> { ids.split_whitespace().map(|id| job(id, JobState::Failed)).collect() };
        let table = [
            ("alone, not listed yet", jobs("a1"), vec![], vec![], "a1"),
            ("in the batch and on record", jobs("a1"), jobs("a1"), vec![], "a1"),
            ("beside others", jobs("b1"), jobs("a1 b1 c2"), vec![], "b1 a1 c2"),
            ("the night before is another", jobs("a2"), jobs("a-22 a2 b1"), vec![], "a2 b1"),
            (
                "a batch over noon is of two nights",
                jobs("a11 a13"),
                jobs("b2 a11 a13 b14 b40"),
                vec![],
                "a11 a13 b2 b14",
            ),
            ("a relapse", jobs("a9"), jobs("a1 b1 a9"), vec![job("b5", JobState::Completed)], "a9"),
            ("reruns that verify announces", jobs("b3"), [jobs("a1 b3"), vec![rerun("a4")]].concat(), vec![], "b3 a1"),
            ("a rerun that failed in a new way", vec![rerun("a4")], vec![rerun("a4")], vec![], "a4"),
        ];
        for (name, batch, recorded, completions, expected) in table {
            assert_eq!(told(&batch, &recorded, &completions), expected, "{name}");
        }
        let causes = group(vec![Failure {
            event_id: String::new(),
            message_ids: vec![],
            listed: Listed::NotRead,
            judged: Judged::new(jobs("a1").remove(0)),
        }]);
        let unread = PageDecision::Unreadable { why: String::new() };
        let recorded = jobs("b1");
        assert!(beside(&causes[0], &recorded.iter().collect::<Vec<_>>(), &unread).is_empty(), "not read is not known");
    }
}
