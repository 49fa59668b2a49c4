//! What is read of Azure: items and what they are promised. Their jobs go into the ledger, as those of AWS do.
//!
//! [`read`] makes what is watched of a record, [`lists`] names what may not be read, [`stuck`] says how long a job may run, [`points`] what recovery
//! points tell. All pure; [`gather`] is the edge.

pub mod gather;
pub mod lists;
pub mod points;
pub mod read;
pub mod stuck;

use std::collections::{BTreeMap, BTreeSet};

use ::azure::{Health, Note};
use jiff::Timestamp;
use job::Job;
use promise::{PolicySays, Standing};
use source::Taken;

use crate::ledger::Ledger;
pub use lists::List;
pub use stuck::Phase;

/// All that was read of Azure beside its jobs.
#[derive(Debug, Default)]
pub struct Azure {
    /// Of how many subscriptions; none where Azure is off.
    pub subscriptions: usize,
    /// What people call them, by their ids, as far as the resource graph tells it.
    pub names: BTreeMap<String, String>,
    pub items: Vec<Watched>,
    /// Vaults whose lists of failed backups were not read to their end, by their ids.
    pub failures_unread: BTreeSet<String>,
    /// What jobs do that run for long, by their ids, as far as that was looked at.
    pub phases: BTreeMap<String, Phase>,
    /// Restores on their way.
    pub restores: Vec<Job>,
    /// What people took away from items, as far as jobs and the activity log tell of it: of each, the oldest first.
    pub unprotected: Vec<Lost>,
}

/// What a person took away from an item.
#[derive(Clone, Debug, PartialEq)]
pub struct Lost {
    pub taken: Taken,
    pub at: Timestamp,
    /// What tells of it: `job 0a1b`, `by alex@contoso.com`.
    pub told_by: String,
    /// The item as it is now. `None`: its vault knows it no more, or several have its name.
    pub item: Option<String>,
    /// What people call it, and its vault.
    pub name: String,
    pub vault: String,
}

/// An item, as far as the report needs it.
#[derive(Clone, Debug, PartialEq)]
pub struct Watched {
    /// Its ARM id, and that of its vault.
    pub id: String,
    pub vault: String,
    pub subscription: String,
    pub location: String,
    /// What is backed up.
    pub resource: String,
    pub name: Option<String>,
    pub resource_type: String,
    pub policy: PolicySays,
    pub policy_name: Option<String>,
    pub standing: Standing,
    /// Azure's word behind that, where a person has stopped it.
    pub stopped: Option<&'static str>,
    /// The newest recovery point. A snapshot counts.
    pub last_point: Option<Timestamp>,
    pub last_status: LastStatus,
    /// What the item says of its last failure.
    pub said: Option<Note>,
    pub health: Option<Health>,
    pub health_notes: Vec<Note>,
    pub protected_since: Option<Timestamp>,
    pub last_heard: Option<Timestamp>,
    pub deleted_for_good: Option<Timestamp>,
    pub full: Full,
    pub points: PointsTell,
}

/// What an item says of how its last backup ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastStatus {
    Well,
    /// Badly, in a backup of this time.
    Badly {
        at: Option<Timestamp>,
    },
}

/// The last full backup, of a database whose log backups keep its age low.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// Its policy has no log backups.
    NotAsked,
    Seen(Timestamp),
    /// None is among the jobs that were read.
    NotSeen,
}

/// What the list of an item's recovery points is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointsTell {
    /// When each was made, and where it is.
    All,
    /// Whether there are any. Azure lists log backups as spans of time, and not one by one.
    Some,
    /// There is no such list.
    Nothing,
}

impl Azure {
    pub fn is_on(&self) -> bool {
        self.subscriptions > 0
    }
}

impl Watched {
    /// Its pre-check says that somebody should act.
    pub fn warns(&self) -> bool {
        self.health.as_ref().is_some_and(|health| *health != Health::Passed)
    }
}

/// Hands jobs and items to the ledger. `last` are the backups that left the newest recovery points: where no list has the job, they stand for it.
pub fn feed(ledger: &mut Ledger, azure: &Azure, jobs: Vec<Job>, last: Vec<Job>) {
    jobs.into_iter().for_each(|job| ledger.job(job));
    azure.items.iter().for_each(|item| ledger.item(item));
    for job in last {
        if ledger.lacks_good(&job) {
            ledger.job(job);
        }
    }
}
