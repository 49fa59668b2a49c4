//! What is kept of the jobs of one resource and destination. Every fact is a latest, a longest or a set, so the order of jobs is free.

use std::collections::BTreeSet;
use std::num::NonZeroU64;

use jiff::{SignedDuration, Timestamp};
use job::{AzureError, Job, JobKind, JobState};
use promise::Run;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::moment::{Micros, Moment};
use super::nights::{Nights, nights_before};

#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The last good backup: of those that ended well the one that began last.
    pub good: Option<Good>,
    /// The last copy that no rule made, for copies only: it may be of a backup of any age.
    pub(crate) on_demand: Option<Box<Good>>,
    /// The last good backup that our own rerun made; a scheduled one may have followed it.
    pub rerun: Option<Box<Good>>,
    /// The latest job that ended badly.
    pub bad: Option<Box<Bad>>,
    /// Its jobs on their way; seldom more than one.
    flying: Box<[Flying]>,
    /// When the latest of its jobs was created whose state nobody knows: it may be good or bad.
    pub(crate) unknown: Moment,
    /// When the first and the last of its jobs, of any state, was created.
    pub first_tried: Moment,
    pub last_tried: Moment,
    /// When the latest job ended that left a recovery point which is not good.
    pub(crate) useless: Moment,
    /// The longest that a completed job took, in seconds.
    longest: u32,
    /// On which nights a job ended badly, bit 0 being tonight.
    pub(crate) bad_nights: u64,
    /// What came of the last nights, for the strip of the page.
    pub(crate) nights: Nights,
    /// When the last good and the last bad job ended, as the last report knew them.
    pub(crate) good_before_report: Moment,
    /// When the last good job began that had ended by then, and when the first one ended after it.
    pub(crate) known_good: Moment,
    pub(crate) came_back: Moment,
    pub(crate) bad_before_report: Moment,
    /// Rules that made jobs of this row.
    pub(crate) rules: SmallVec<[u32; 4]>,
    /// Set once a job of its own was seen, and not only one that is part of a composite resource.
    pub(crate) own: Origin,
}

/// Whose jobs a row has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Origin {
    #[default]
    PartsOnly,
    Own,
}

/// A backup that can be restored from.
#[derive(Clone, Debug)]
pub struct Good {
    start: Micros,
    end: Micros,
    pub job: Box<str>,
    pub recovery_point: Option<Box<str>>,
    /// Of a copy: the recovery point that it copied.
    pub(crate) source: Option<Box<str>>,
    /// None where AWS tells none, or 0.
    pub size_bytes: Option<NonZeroU64>,
    pub rule: Option<u32>,
    /// How long it waited for its start, in seconds.
    waited: u32,
    pub by: By,
    /// The cause of what the job was not content with, when it completed with issues.
    pub issues: Option<u32>,
}

#[derive(Clone, Debug)]
pub struct Bad {
    pub created: Option<Timestamp>,
    pub ended: Timestamp,
    pub job: Box<str>,
    pub state: JobState,
    pub cause: u32,
    /// What Azure's record says, and nothing of AWS's.
    pub(crate) error: Option<Box<AzureError>>,
}

/// A job on its way.
#[derive(Clone, Debug)]
pub struct Flying {
    pub created: Timestamp,
    pub started: Option<Timestamp>,
    pub start_by: Option<Timestamp>,
    pub job: Box<str>,
    pub state: JobState,
}

/// Who started a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum By {
    NightOne,
    Others,
}

/// A job with what the ledger knows of it.
pub(super) struct Made<'a> {
    pub(super) job: &'a Job,
    pub(super) rule: Option<u32>,
    pub(super) by: By,
    pub(super) cause: Option<u32>,
    pub(super) outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    InFlight,
    Usable,
    Bad,
    /// In a state that nobody knows.
    Unknown,
    /// A clean copy of a recovery point that nobody can restore from.
    Useless,
}

impl Good {
    /// Ages count from here: what changed since is not in the backup.
    pub fn start(&self) -> Timestamp {
        self.start.into()
    }

    pub fn end(&self) -> Timestamp {
        self.end.into()
    }

    /// How long it took.
    pub(crate) fn run(&self) -> Run {
        let took = promise::took(self.start(), self.end());
        Run { took, used: took.saturating_add(SignedDuration::from_secs(i64::from(self.waited))) }
    }

    fn is_before(&self, other: &Good) -> bool {
        (self.start, self.end, &self.job) < (other.start, other.end, &other.job)
    }
}

impl Facts {
    pub fn longest_completed(&self) -> Option<SignedDuration> {
        (self.longest > 0).then(|| SignedDuration::from_secs(i64::from(self.longest)))
    }

    /// The jobs on their way, the newest first, without those that a list read later shows to have ended.
    pub fn in_flight(&self) -> impl Iterator<Item = &Flying> {
        let ended = [
            self.good.as_ref().map(|good| &good.job),
            self.on_demand.as_ref().map(|good| &good.job),
            self.bad.as_ref().map(|bad| &bad.job),
        ];
        self.flying.iter().filter(move |flying| !ended.contains(&Some(&flying.job)))
    }

    /// The latest bad job, when no good one ended after it: what the row is open under.
    pub fn open_under(&self) -> Option<&Bad> {
        let good = self.good.as_ref().map(Good::end);
        self.bad.as_deref().filter(|bad| good.is_none_or(|good| bad.ended > good))
    }

    /// The bad job that a good one has since made up for, if that came to pass after the last report.
    pub fn recovered_from(&self, last_report: Timestamp) -> Option<(&Bad, &Good)> {
        let (bad, good) = (self.bad.as_deref()?, self.good.as_ref()?);
        let open_at_last_report = self.bad_before_report > self.good_before_report;
        let recovered = good.end() >= bad.ended && good.end() > last_report;
        (recovered && (open_at_last_report || bad.ended > last_report)).then_some((bad, good))
    }

    /// On how many nights jobs ended badly since the last good one.
    pub fn nights_failing(&self, now: Timestamp) -> u32 {
        let since_good = match &self.good {
            // The night of the good job may hold a failure after it.
            Some(good) if self.open_under().is_some() => match nights_before(now, good.end()) {
                nights @ 0..=62 => (1_u64 << (nights + 1)) - 1,
                _ => u64::MAX,
            },
            Some(_) => 0,
            None => u64::MAX,
        };
        let nights = (self.bad_nights & since_good).count_ones();
        // The last good job may share its night with failures before it; the last failure lies after it.
        nights.max(u32::from(self.open_under().is_some()))
    }

    pub(super) fn take(&mut self, made: Made<'_>, now: Timestamp, last_report: Timestamp) {
        let job = made.job;
        if job.parent_job_id.is_none() {
            self.own = Origin::Own;
        }
        if let Some(tried) = job.created.or(job.started) {
            self.first_tried.is_at_most(tried);
            self.last_tried.is_at_least(Some(tried));
        }
        if let Some(rule) = made.rule.filter(|rule| !self.rules.contains(rule)) {
            self.rules.push(rule);
        }
        match made.outcome {
            Outcome::InFlight => self.take_flying(job, now),
            Outcome::Usable => self.take_good(made, now, last_report),
            Outcome::Bad => self.take_bad(made, now, last_report),
            Outcome::Unknown => self.unknown.is_at_least(Some(job.created.unwrap_or(now))),
            Outcome::Useless => {
                self.useless.is_at_least(job.ended.or(job.created));
                self.nights.note_bad(None, now, job.ended.or(job.created).unwrap_or(now));
            }
        }
    }

    /// Settles which copy is the last good one, once the useless recovery points and the latest good backups, with their start, are known.
    pub(super) fn settle_copies(
        &mut self,
        useless: Option<&BTreeSet<Box<str>>>,
        sources: &[(Box<str>, Timestamp)],
        now: Timestamp,
    ) {
        let is_useless =
            |good: &Good| good.source.as_ref().is_some_and(|source| useless.is_some_and(|all| all.contains(source)));
        if let Some(good) = self.good.take_if(|good| is_useless(good)) {
            self.useless.is_at_least(Some(good.end()));
            self.nights.take_back(now, good.end());
        }
        let Some(copy) = self.on_demand.as_deref() else { return };
        let Some((_, start)) = sources.iter().find(|(point, _)| copy.source.as_ref() == Some(point)) else { return };
        let copy = Good { start: (*start).into(), ..copy.clone() };
        if self.good.as_ref().is_none_or(|known| known.is_before(&copy)) {
            self.nights.note_good(now, copy.end());
            self.good = Some(copy);
        }
    }

    fn take_flying(&mut self, job: &Job, now: Timestamp) {
        let flying = Flying {
            created: job.created.or(job.started).unwrap_or(now),
            started: job.started,
            start_by: job.start_by,
            job: job.id.as_str().into(),
            state: job.state.clone(),
        };
        // A job that was listed as waiting and a moment later as running is one.
        let mut all = std::mem::take(&mut self.flying).into_vec();
        all.retain(|known| known.job != flying.job);
        let newer = all.partition_point(|known| (known.created, &known.job) > (flying.created, &flying.job));
        all.insert(newer, flying);
        self.flying = all.into_boxed_slice();
    }

    fn take_good(&mut self, made: Made<'_>, now: Timestamp, last_report: Timestamp) {
        let job = made.job;
        let (Some(start), Some(end)) = (job.began().or(job.ended), job.ended.or(job.began())) else {
            return;
        };
        self.longest = self.longest.max(seconds(promise::took(start, end)));
        let is_on_demand = job.kind == JobKind::Copy && !job.origin.is_scheduled();
        // A copy on demand may be of a backup of any age.
        if !is_on_demand {
            self.nights.note_good(now, end);
        }
        if end <= last_report && !is_on_demand {
            self.good_before_report.is_at_least(Some(end));
            self.known_good.is_at_least(Some(start));
        } else if !is_on_demand {
            self.came_back.is_at_most(end);
        }
        let good = Good {
            start: start.into(),
            end: end.into(),
            job: job.id.as_str().into(),
            recovery_point: job.recovery_point_arn.as_deref().map(Into::into),
            source: job.source_recovery_point_arn.as_deref().map(Into::into),
            size_bytes: job.size_bytes.and_then(|bytes| NonZeroU64::new(u64::try_from(bytes).ok()?)),
            rule: made.rule,
            waited: seconds(job.created.map_or(SignedDuration::ZERO, |created| promise::took(created, start))),
            by: made.by,
            issues: made.cause,
        };
        if good.by == By::NightOne && self.rerun.as_ref().is_none_or(|known| known.is_before(&good)) {
            self.rerun = Some(Box::new(good.clone()));
        }
        if is_on_demand {
            if self.on_demand.as_ref().is_none_or(|known| known.is_before(&good)) {
                self.on_demand = Some(Box::new(good));
            }
        } else if self.good.as_ref().is_none_or(|known| known.is_before(&good)) {
            self.good = Some(good);
        }
    }

    fn take_bad(&mut self, made: Made<'_>, now: Timestamp, last_report: Timestamp) {
        let job = made.job;
        // A failure without any date is taken for a fresh one: it must not go unseen.
        let ended = job.ended.or(job.created).unwrap_or(now);
        if let Some(bit) = 1_u64.checked_shl(nights_before(now, ended)) {
            self.bad_nights |= bit;
        }
        self.nights.note_bad(made.cause, now, ended);
        // COMPLETED without a usable recovery point, or PARTIAL: LastBackupTime moves with it all the same.
        if matches!(job.state, JobState::Completed | JobState::Partial) {
            self.useless.is_at_least(Some(ended));
        }
        if ended <= last_report {
            self.bad_before_report.is_at_least(Some(ended));
        }
        let Some(cause) = made.cause else { return };
        if self.bad.as_ref().is_none_or(|known| (known.ended, &*known.job) < (ended, &*job.id)) {
            self.bad = Some(Box::new(Bad {
                created: job.created,
                ended,
                job: job.id.as_str().into(),
                state: job.state.clone(),
                cause,
                error: job.azure.as_ref().map(|record| Box::new(record.error.clone())),
            }));
        }
    }
}

/// At most 136 years of them.
fn seconds(span: SignedDuration) -> u32 {
    u32::try_from(span.as_secs()).unwrap_or(u32::MAX)
}
