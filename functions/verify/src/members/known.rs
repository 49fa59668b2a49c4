//! What the lists of the organization tell of one Region of an account, before anybody goes there. Pure.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use job::{Job, JobKind, Scope};
use source::central::{Central, Doubt, Seen};
use source::lists::RECORDS;

use crate::gather::FromOutside;

/// Lists that reach back so far tell where each episode began.
const HISTORY: SignedDuration = SignedDuration::from_hours(RECORDS.as_hours() - 24);

/// What is known of one Region of an account before anybody goes there.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) scope: Scope,
    pub(crate) seen: BTreeMap<JobKind, Seen>,
    /// When the oldest job was created that the organization's lists show of any other account here.
    pub(crate) visible_since: Option<Timestamp>,
}

impl Known {
    pub(super) fn nothing(account: &str, region: &str) -> Self {
        Self { scope: Scope::aws(account, region), seen: BTreeMap::new(), visible_since: None }
    }

    pub(super) fn take(central: &mut Central, account: &str, region: &str) -> Self {
        let scope = Scope::aws(account, region);
        let seen = JobKind::ALL.into_iter().map(|kind| (kind, central.take(&scope, kind))).collect();
        Self { scope, seen, visible_since: central.visible_since(region) }
    }

    /// Whether it is known that no job failed there and none is on its way.
    pub(super) fn is_quiet(&self) -> bool {
        let is_empty = |seen: &Seen| matches!(seen, Seen::All(jobs) if jobs.is_empty());
        JobKind::ALL.iter().all(|kind| self.seen.get(kind).is_some_and(is_empty))
    }

    /// The lists that need not be read again. Where failures may be older than what is visible, the account itself knows when its episodes
    /// began: by that its incidents are named.
    pub(super) fn on_hand(self, now: Timestamp) -> FromOutside {
        let reaches_back = self.visible_since.is_some_and(|oldest| oldest <= now - HISTORY);
        let mut known = FromOutside::default();
        for (kind, seen) in self.seen {
            match seen {
                Seen::All(jobs) if reaches_back || !jobs.iter().any(Job::is_bad) => known.whole.insert(kind, jobs),
                Seen::All(jobs) | Seen::Part { jobs, .. } => known.part.insert(kind, jobs),
            };
        }
        known
    }

    /// Why the organization's lists do not tell all of it.
    pub(crate) fn doubt(&self) -> Option<&Doubt> {
        self.seen.values().find_map(|seen| match seen {
            Seen::Part { why, .. } => Some(why),
            Seen::All(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use job::JobState;

    use super::*;

    fn known(jobs: &[(JobKind, JobState)], doubted: &[JobKind], visible_since: Option<&str>) -> Known {
        let seen = JobKind::ALL.map(|kind| {
            let of_kind = jobs.iter().filter(|(of, _)| *of == kind);
            let jobs: Vec<Job> = of_kind.map(|(kind, state)| Job::new(*kind, "1", state.clone())).collect();
            let why = Doubt::NoneOfBefore;
            (kind, if doubted.contains(&kind) { Seen::Part { jobs, why } } else { Seen::All(jobs) })
        });
        let scope = Scope::aws("444455556666", "eu-west-1");
        let visible_since = visible_since.map(|text| text.parse().unwrap());
        Known { scope, seen: BTreeMap::from(seen), visible_since }
    }

    #[test]
    fn what_is_known_without_a_role() {
        use JobKind::{Backup, Copy, Restore};
        use JobState::{Failed, Running};
        let now: Timestamp = "2026-11-28T06:00:00Z".parse().unwrap();
        let (long_ago, lately) = (Some("2026-10-28T06:00:00Z"), Some("2026-11-20T06:00:00Z"));
        type Row = (&'static str, Known, bool, &'static [JobKind]);
        let table: [Row; 6] = [
            ("nothing happened", known(&[], &[], lately), true, &[Backup, Copy, Restore]),
            ("copies are doubted", known(&[], &[Copy], long_ago), false, &[Backup, Restore]),
            ("a failure, far back", known(&[(Backup, Failed)], &[], long_ago), false, &[Backup, Copy, Restore]),
            ("a failure, and little is visible", known(&[(Backup, Failed)], &[], lately), false, &[Copy, Restore]),
            ("a failure alone is visible", known(&[(Copy, Failed)], &[], None), false, &[Backup, Restore]),
            ("a job on its way", known(&[(Backup, Running)], &[], lately), false, &[Backup, Copy, Restore]),
        ];
        for (name, known, is_quiet, whole) in table {
            assert_eq!(known.is_quiet(), is_quiet, "{name}");
            assert_eq!(known.on_hand(now).whole.into_keys().collect::<Vec<_>>(), whole, "{name}");
        }
        assert!(!Known::nothing("444455556666", "eu-west-1").is_quiet());
    }
}
