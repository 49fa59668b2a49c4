//! How long the good backups took: eight bytes a job until all jobs are in, for there may be millions of them, and then twelve bytes a row.

use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::SignedDuration;
use job::{Cloud, Job};
use promise::Usual;

use super::{Hop, RowKey};
use crate::names::Name;

/// Jobs that are kept at most. Of more, half of each row go, the shortest and the longest alike, and of the jobs to come every second.
const MOST: usize = 1_000_000;
/// Memory is asked for in steps: a list that doubles holds as much again for nothing.
const STEP: usize = 65_536;
const HALF_A_MINUTE: SignedDuration = SignedDuration::from_secs(30);

#[derive(Debug)]
pub(crate) struct Durations {
    most: usize,
    taken: Vec<Took>,
    /// How often half of them went.
    halved: u32,
    /// What they come to, in the order of their rows, once [`Durations::close`] was called.
    rows: Box<[OfRow]>,
}

/// One job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Took {
    resource: Name,
    vault: Vault,
    minutes: u16,
}

/// The jobs of one row, in minutes.
#[derive(Clone, Copy, Debug)]
struct OfRow {
    resource: Name,
    vault: Vault,
    runs: u16,
    median: u16,
    p95: u16,
}

/// The number of its name: vaults, roles, keys and types of a place are few.
type Vault = u16;

impl Default for Durations {
    fn default() -> Self {
        Self::keeping(MOST)
    }
}

impl Durations {
    fn keeping(most: usize) -> Self {
        Self { most, taken: Vec::new(), halved: 0, rows: Box::default() }
    }

    /// Takes in a good job of a row. Copies have no window, and of Azure too few jobs are read.
    pub(super) fn take(&mut self, key: RowKey, job: &Job) {
        if key.hop == Hop::Copy || job.scope.cloud != Cloud::Aws {
            return;
        }
        let Some(took) = job.ran_for() else { return };
        let Some(vault) = vault_of(&key).filter(|_| self.is_taken(&job.id)) else { return };
        let one = Took { resource: key.resource, vault, minutes: minutes(took.saturating_add(HALF_A_MINUTE)) };
        if self.taken.len() == self.taken.capacity() {
            self.taken.reserve_exact(STEP.min(self.most));
        }
        self.taken.push(one);
        if self.taken.len() >= self.most {
            self.halve();
        }
    }

    /// Call it once all jobs are in.
    pub(super) fn close(&mut self) {
        let mut taken = std::mem::take(&mut self.taken);
        taken.sort_unstable();
        let rows = taken.chunk_by(|one, next| one.row() == next.row());
        let mut folded = Vec::with_capacity(rows.clone().count());
        folded.extend(rows.filter_map(OfRow::of));
        self.rows = folded.into();
    }

    /// How long the jobs of a row took, to the minute.
    pub(crate) fn usual(&self, key: &RowKey) -> Option<Usual> {
        let row = (key.resource, vault_of(key).filter(|_| key.hop == Hop::Backup)?);
        let place = self.rows.binary_search_by_key(&row, |of_row| (of_row.resource, of_row.vault)).ok()?;
        self.rows.get(place).map(OfRow::usual)
    }

    /// Whether a job is among those that are kept. Its id alone decides, so that the order of jobs stays free.
    fn is_taken(&self, id: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        self.halved == 0 || hasher.finish().trailing_zeros() >= self.halved
    }

    fn halve(&mut self) {
        self.taken.sort_unstable();
        let mut last = None;
        let mut is_odd = false;
        self.taken.retain(|one| {
            is_odd = last != Some(one.row()) || !is_odd;
            last = Some(one.row());
            is_odd
        });
        self.halved += 1;
    }
}

impl Took {
    fn row(&self) -> (Name, Vault) {
        (self.resource, self.vault)
    }
}

impl OfRow {
    /// `jobs`: all of one row, the shortest first.
    fn of(jobs: &[Took]) -> Option<Self> {
        let nth = |nth: usize| jobs.get(nth).map_or(SignedDuration::ZERO, |one| span(one.minutes));
        let usual = Usual::of(jobs.len(), nth)?;
        let runs = u16::try_from(usual.runs).unwrap_or(u16::MAX);
        let (resource, vault) = jobs.first()?.row();
        Some(Self { resource, vault, runs, median: minutes(usual.median), p95: minutes(usual.p95) })
    }

    fn usual(&self) -> Usual {
        Usual { runs: usize::from(self.runs), median: span(self.median), p95: span(self.p95) }
    }
}

fn vault_of(key: &RowKey) -> Option<Vault> {
    Vault::try_from(key.vault.number()).ok()
}

/// Whole minutes, at most 45 days of them.
fn minutes(span: SignedDuration) -> u16 {
    u16::try_from(span.as_mins()).unwrap_or(u16::MAX)
}

fn span(minutes: u16) -> SignedDuration {
    SignedDuration::from_mins(i64::from(minutes))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use job::{JobKind, JobState};

    use super::*;
    use crate::names::Names;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + minutes * 60).unwrap()
    }

    fn ran(id: usize, waited: i64, worked: i64) -> Job {
        Job {
            created: Some(at(0)),
            started: Some(at(waited)),
            ended: Some(at(waited + worked)),
            ..Job::new(JobKind::Backup, format!("job-{id}"), JobState::Completed)
        }
    }

    fn keys() -> [RowKey; 3] {
        let mut names = Names::default();
        let [a, b] = ["a", "b"].map(|name| names.keep(name));
        [(a, Hop::Backup), (b, Hop::Backup), (a, Hop::Copy)].map(|(resource, hop)| RowKey { resource, vault: a, hop })
    }

    fn told(durations: &Durations, key: &RowKey) -> Option<(usize, i64, i64)> {
        durations.usual(key).map(|usual| (usual.runs, usual.median.as_mins(), usual.p95.as_mins()))
    }

    #[test]
    fn each_row_has_its_own_and_waiting_is_no_work() {
        let [a, b, copy] = keys();
        let mut durations = Durations::default();
        for (number, worked) in [30, 10, 20].into_iter().enumerate() {
            durations.take(a, &ran(number, 200, worked));
            durations.take(copy, &ran(number, 0, worked));
        }
        durations.take(b, &ran(9, 0, 90));
        durations.take(b, &Job { ended: None, ..ran(10, 0, 90) });
        durations.close();
        assert_eq!([a, b, copy].map(|key| told(&durations, &key)), [Some((3, 20, 30)), Some((1, 90, 90)), None]);
        assert_eq!((durations.taken.capacity(), size_of::<Took>(), size_of::<OfRow>()), (0, 8, 12), "as it says above");
    }

    #[test]
    fn of_millions_of_jobs_enough_are_kept_to_tell_the_median() {
        let [a, b, _] = keys();
        let mut durations = Durations::keeping(10_000);
        for number in 0..50_000_usize {
            let key = if number % 50 == 0 { b } else { a };
            durations.take(key, &ran(number, 0, i64::try_from(number % 101).unwrap()));
        }
        assert!(durations.taken.len() < 10_000 && durations.taken.capacity() <= 10_000);
        durations.close();
        for (key, least) in [(a, 4_000), (b, 80)] {
            let (runs, median, p95) = told(&durations, &key).unwrap();
            assert!(runs > least && (42..=58).contains(&median) && (88..=100).contains(&p95), "{runs} {median} {p95}");
        }
    }
}
