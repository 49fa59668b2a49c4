//! One leg of an episode: its failed jobs of one kind, and the job that settled them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use classification::table::ProvenBy;
use job::{Job, RoleRef, VaultRef};

/// The way of a job: who writes where. Of two jobs of a kind that go the same way, one says something about the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Way<'a> {
    role: Option<&'a RoleRef>,
    vault: Option<&'a VaultRef>,
}

impl<'a> Way<'a> {
    pub(super) fn of(job: &'a Job) -> Self {
        Self { role: job.role.as_ref(), vault: job.written_vault() }
    }
}

/// The failed jobs of one kind in an episode. Everything is looked up and nothing compared pair by pair: a cause may hold thousands.
#[derive(Debug)]
pub(super) struct Leg<'a> {
    /// The end of its last failure.
    last: Timestamp,
    /// The last failure of each resource that has not come back: its way and its end.
    open: BTreeMap<&'a str, (Way<'a>, Timestamp)>,
    /// The keys that failures named, by way, by resource, and by both; empty where none did.
    of_way: BTreeMap<Way<'a>, BTreeSet<&'a str>>,
    of_resource: BTreeMap<&'a str, BTreeSet<&'a str>>,
    of_both: BTreeMap<(&'a str, Way<'a>), BTreeSet<&'a str>>,
    settled: Option<Settled<'a>>,
}

/// How a leg was settled.
#[derive(Clone, Copy, Debug)]
pub(super) enum Settled<'a> {
    /// One job proved it for all.
    Proven(&'a Job),
    /// Each resource came back by itself; this job brought back the last.
    CameBack(&'a Job),
}

impl<'a> Settled<'a> {
    pub(super) fn by(self) -> &'a Job {
        match self {
            Settled::Proven(job) | Settled::CameBack(job) => job,
        }
    }
}

impl<'a> Leg<'a> {
    pub(super) fn new(ended: Timestamp) -> Self {
        Self {
            last: ended,
            open: BTreeMap::new(),
            of_way: BTreeMap::new(),
            of_resource: BTreeMap::new(),
            of_both: BTreeMap::new(),
            settled: None,
        }
    }

    pub(super) fn settled(&self) -> Option<Settled<'a>> {
        self.settled
    }

    /// `key`: that of the failed backup, where it is known.
    pub(super) fn failed(&mut self, job: &'a Job, ended: Timestamp, key: Option<&'a str>) {
        let (resource, way) = (job.resource_arn.as_str(), Way::of(job));
        self.last = self.last.max(ended);
        self.open.insert(resource, (way, ended));
        self.of_way.entry(way).or_default().extend(key);
        self.of_resource.entry(resource).or_default().extend(key);
        self.of_both.entry((resource, way)).or_default().extend(key);
    }

    /// Takes in a job that completed without a message. Whether it settled the leg.
    pub(super) fn completed(&mut self, job: &'a Job, proven_by: ProvenBy) -> bool {
        if self.settled.is_some() {
            return false;
        }
        if self.brings_back(job, proven_by) {
            self.open.remove(job.resource_arn.as_str());
        }
        self.settled = match proven_by {
            ProvenBy::One if self.proves_all(job) => Some(Settled::Proven(job)),
            ProvenBy::One | ProvenBy::Each => self.open.is_empty().then_some(Settled::CameBack(job)),
        };
        self.settled.is_some()
    }

    /// Whether the success of a job would settle the leg, or where each resource recovers by itself, bring one of them back.
    pub(super) fn waits_for(&self, job: &Job, proven_by: ProvenBy) -> bool {
        self.settled.is_none()
            && match proven_by {
                ProvenBy::One => self.proves_all(job),
                ProvenBy::Each => self.brings_back(job, proven_by),
            }
    }

    /// Where one job proves all, a resource comes back only on the way that its plan goes: a job of an operator's own, into another vault,
    /// leaves what is broken as it is.
    fn brings_back(&self, job: &Job, proven_by: ProvenBy) -> bool {
        self.open.get(job.resource_arn.as_str()).is_some_and(|(way, failed)| {
            job.created > Some(*failed) && (proven_by == ProvenBy::Each || job.is_our_rerun() || Way::of(job) == *way)
        })
    }

    fn proves_all(&self, job: &Job) -> bool {
        job.created > Some(self.last) && self.speaks_for(job)
    }

    /// Whether the success of a job proves something for these failures: it goes the way of one of them, and its key is theirs as far as that
    /// is known. The resource's own failures know best; another one's key counts where they name none, but for our own rerun, which may be the
    /// first backup of its resource. So a resource that was moved to another key recovers by itself, and proves nothing for the others.
    fn speaks_for(&self, job: &Job) -> bool {
        let (resource, way) = (job.resource_arn.as_str(), Way::of(job));
        let of_way = self.of_way.get(&way);
        // Our own rerun does what its plan says today, role and vault included.
        let (own, others) = match job.is_our_rerun() {
            true => (self.of_resource.get(resource), None),
            false => (self.of_both.get(&(resource, way)), of_way),
        };
        let keys = own.filter(|keys| !keys.is_empty()).or(others);
        let is_theirs = |keys: &BTreeSet<&str>| {
            keys.is_empty() || job.encryption_key_arn.as_deref().is_none_or(|key| keys.contains(key))
        };
        (own.is_some() || of_way.is_some()) && keys.is_none_or(is_theirs)
    }
}
