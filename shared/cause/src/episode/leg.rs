//! One leg of an episode: its failed jobs of one kind, and the job that settled them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use classification::table::ProvenBy;

use super::facts::{JobFacts, Maker, ProvenByWhom};

/// The keys that failures named.
type Keys<J> = BTreeSet<<J as JobFacts>::Name>;

/// The failed jobs of one kind in an episode. Everything is looked up and nothing compared pair by pair: a cause may hold thousands.
#[derive(Debug)]
pub(super) struct Leg<J: JobFacts> {
    /// The end of its last failure.
    last: Timestamp,
    /// The last failure of each resource that has not come back: its way and its end.
    open: BTreeMap<J::Name, (J::Way, Timestamp)>,
    /// The keys that failures named, by way, by resource, and by both; empty where none did.
    of_way: BTreeMap<J::Way, BTreeSet<J::Name>>,
    of_resource: BTreeMap<J::Name, BTreeSet<J::Name>>,
    of_both: BTreeMap<(J::Name, J::Way), Keys<J>>,
    /// Whose success counts: what one failure asks for holds for all.
    proven_by_whom: ProvenByWhom,
    settled: Option<Settled<J>>,
}

/// How a leg was settled.
#[derive(Clone, Copy, Debug)]
pub(super) enum Settled<J> {
    /// One job proved it for all.
    Proven(J),
    /// Each resource came back by itself; this job brought back the last.
    CameBack(J),
}

impl<J> Settled<J> {
    pub(super) fn by(self) -> J {
        match self {
            Settled::Proven(job) | Settled::CameBack(job) => job,
        }
    }
}

impl<J: JobFacts> Leg<J> {
    pub(super) fn new(ended: Timestamp) -> Self {
        Self {
            last: ended,
            open: BTreeMap::new(),
            of_way: BTreeMap::new(),
            of_resource: BTreeMap::new(),
            of_both: BTreeMap::new(),
            proven_by_whom: ProvenByWhom::Anybody,
            settled: None,
        }
    }

    pub(super) fn settled(&self) -> Option<Settled<J>> {
        self.settled
    }

    /// `key`: that of the failed backup, where it is known.
    pub(super) fn failed(&mut self, job: J, ended: Timestamp, key: Option<J::Name>) {
        let (resource, way) = (job.resource(), job.way());
        self.last = self.last.max(ended);
        self.proven_by_whom = self.proven_by_whom.max(job.proven_by());
        self.open.insert(resource, (way, ended));
        self.of_way.entry(way).or_default().extend(key);
        self.of_resource.entry(resource).or_default().extend(key);
        self.of_both.entry((resource, way)).or_default().extend(key);
    }

    /// Takes in a job that completed without a message. Whether it settled the leg.
    pub(super) fn completed(&mut self, job: J, proven_by: ProvenBy) -> bool {
        if self.settled.is_some() {
            return false;
        }
        if self.brings_back(job, proven_by) {
            self.open.remove(&job.resource());
        }
        self.settled = match proven_by {
            ProvenBy::One if self.proves_all(job) => Some(Settled::Proven(job)),
            ProvenBy::One | ProvenBy::Each => self.open.is_empty().then_some(Settled::CameBack(job)),
        };
        self.settled.is_some()
    }

    /// Whether the success of a job would settle the leg, or where each resource recovers by itself, bring one of them back.
    pub(super) fn waits_for(&self, job: J, proven_by: ProvenBy) -> bool {
        self.settled.is_none()
            && match proven_by {
                ProvenBy::One => self.proves_all(job),
                ProvenBy::Each => self.brings_back(job, proven_by),
            }
    }

    /// Where one job proves all, a resource comes back only on the way that its plan goes: a job of an operator's own, into another vault,
    /// leaves what is broken as it is.
    fn brings_back(&self, job: J, proven_by: ProvenBy) -> bool {
        let by_the_plan = || proven_by == ProvenBy::Each || job.maker() == Maker::NightOne;
        self.proven_by_whom.admits(job.maker())
            && self
                .open
                .get(&job.resource())
                .is_some_and(|(way, failed)| job.created() > Some(*failed) && (by_the_plan() || job.way() == *way))
    }

    fn proves_all(&self, job: J) -> bool {
        self.proven_by_whom.admits(job.maker()) && job.created() > Some(self.last) && self.speaks_for(job)
    }

    /// Whether the success of a job proves something for these failures: it goes the way of one of them, and its key is theirs as far as that
    /// is known. The resource's own failures know best; another one's key counts where they name none, but for our own rerun, which may be the
    /// first backup of its resource. So a resource that was moved to another key recovers by itself, and proves nothing for the others.
    fn speaks_for(&self, job: J) -> bool {
        let (resource, way) = (job.resource(), job.way());
        let of_way = self.of_way.get(&way);
        // Our own rerun does what its plan says today, role and vault included.
        let (own, others) = match job.maker() {
            Maker::NightOne => (self.of_resource.get(&resource), None),
            Maker::Schedule | Maker::Operator => (self.of_both.get(&(resource, way)), of_way),
        };
        let keys = own.filter(|keys| !keys.is_empty()).or(others);
        let is_theirs = |keys: &BTreeSet<J::Name>| keys.is_empty() || job.key().is_none_or(|key| keys.contains(&key));
        (own.is_some() || of_way.is_some()) && keys.is_none_or(is_theirs)
    }
}
