//! How long the good backups took: eight bytes a job, for there may be millions of them.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::{SignedDuration, Timestamp};
use job::{Cloud, Job};
use promise::{Run, Usual};

use super::{Hop, RowKey};
use crate::names::Name;

/// At most so many are kept. Of more, half of each row go, the shortest and the longest alike, and of the jobs to come every second.
const MOST: usize = 1_000_000;
/// Memory is asked for in steps: a list that doubles holds as much again for nothing.
const STEP: usize = 65_536;
/// Only of these is the time kept that a job waited for its start. AWS takes no completion window under two hours.
const WAITED: SignedDuration = SignedDuration::from_mins(5);
const USED: SignedDuration = SignedDuration::from_mins(60);

#[derive(Debug)]
pub(crate) struct Durations {
    most: usize,
    /// In order once [`Durations::close`] was called.
    taken: Vec<Took>,
    /// How often half of them went.
    halved: u32,
    /// The last job of a row that waited, and how long since its creation it was done.
    waited: HashMap<RowKey, Waited>,
}

/// One job. The vaults, roles, keys and types of a place are few.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Took {
    resource: Name,
    vault: u16,
    minutes: u16,
}

#[derive(Clone, Copy, Debug)]
struct Waited {
    end: Timestamp,
    used: SignedDuration,
}

impl Default for Durations {
    fn default() -> Self {
        Self::keeping(MOST)
    }
}

impl Durations {
    fn keeping(most: usize) -> Self {
        Self { most, taken: Vec::new(), halved: 0, waited: HashMap::new() }
    }

    /// Takes in a good job of a row. Copies have no window, and of Azure too few jobs are read.
    pub(super) fn take(&mut self, key: RowKey, job: &Job) {
        if key.hop == Hop::Copy || job.scope.cloud != Cloud::Aws {
            return;
        }
        let (Some(start), Some(end)) = (job.started.or(job.created), job.ended) else { return };
        let took = promise::took(start, end);
        let used = job.created.map_or(took, |created| promise::took(created, end));
        if used.saturating_sub(took) > WAITED && used > USED {
            let last = self.waited.entry(key).or_insert(Waited { end, used });
            if last.end <= end {
                *last = Waited { end, used };
            }
        }
        let Some(one) = Took::of(key, took).filter(|_| self.is_taken(&job.id)) else { return };
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
        self.taken.sort_unstable();
    }

    /// How long the jobs of a row took, to the minute.
    pub(crate) fn usual(&self, key: &RowKey) -> Option<Usual> {
        if key.hop == Hop::Copy {
            return None;
        }
        let vault = u16::try_from(key.vault.number()).ok()?;
        let row = |one: &Took| (one.resource, one.vault);
        let from = self.taken.partition_point(|one| row(one) < (key.resource, vault));
        let to = self.taken.partition_point(|one| row(one) <= (key.resource, vault));
        let of_row = self.taken.get(from..to)?;
        Usual::of(of_row.len(), |nth| {
            SignedDuration::from_mins(of_row.get(nth).map_or(0, |one| i64::from(one.minutes)))
        })
    }

    /// How long a good job took that ended then.
    pub(crate) fn run(&self, key: &RowKey, start: Timestamp, end: Timestamp) -> Run {
        let took = promise::took(start, end);
        let waited = self.waited.get(key).filter(|waited| waited.end == end);
        Run { took, used: waited.map_or(took, |waited| waited.used) }
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
            let row = (one.resource, one.vault);
            is_odd = last != Some(row) || !is_odd;
            last = Some(row);
            is_odd
        });
        self.halved += 1;
    }
}

impl Took {
    fn of(key: RowKey, took: SignedDuration) -> Option<Self> {
        let minutes = u16::try_from((took.as_secs() + 30) / 60).unwrap_or(u16::MAX);
        Some(Self { resource: key.resource, vault: u16::try_from(key.vault.number()).ok()?, minutes })
    }
}

#[cfg(test)]
mod tests {
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
        let run = |key, waited: i64, worked: i64| {
            let run = durations.run(&key, at(waited), at(waited + worked));
            (run.took.as_mins(), run.used.as_mins())
        };
        assert_eq!(run(a, 200, 30), (30, 230), "it ended last");
        assert_eq!(run(a, 200, 10), (10, 10), "of those before it nobody asks");
        assert_eq!(run(b, 0, 90), (90, 90));
    }

    #[test]
    fn of_millions_of_jobs_enough_are_kept_to_tell_the_median() {
        let [a, b, _] = keys();
        let mut durations = Durations::keeping(10_000);
        for number in 0..50_000_usize {
            let key = if number % 50 == 0 { b } else { a };
            durations.take(key, &ran(number, 0, i64::try_from(number % 101).unwrap()));
        }
        durations.close();
        assert!(durations.taken.len() < 10_000 && durations.taken.capacity() <= 10_000);
        for (key, least) in [(a, 4_000), (b, 80)] {
            let (runs, median, p95) = told(&durations, &key).unwrap();
            assert!(runs > least && (42..=58).contains(&median) && (88..=100).contains(&p95), "{runs} {median} {p95}");
        }
    }
}
