//! The nightly RPO gap: how old the last good recovery point of every resource is, against what its own plan promises, why, and since when.
//!
//! The way of a night: [`ledger`] takes in jobs and protected resources one by one and keeps little of each, [`coverage`] names what could
//! not be read, [`promises`] tells which rules cover a row, [`rows`] judges every resource and destination, [`causes`] says why,
//! [`owned`] says whose it is and what of it is accepted, [`summary`] counts, `pace` finds backups that take too long, [`confirm`] says which recovery points to look for. [`report`] holds the outcome and knows nothing of its readers:
//! [`digest`] puts it in words and numbers that add up, [`todo`] says what to do first and `claims` what can be claimed, [`mail`] writes for people, [`record`] for the log and [`metrics`] for CloudWatch;
//! [`sheet`] has every row for the page of the [`night`]. `words` are for people, `terms` for programs.
//! [`period`] tells a week or a month from the pages of their nights.
//!
//! All of this is pure. The edge is two files: [`gather`] reads a [`Night`], looks for recovery points and into open causes; [`handler`] is the
//! story from the payload to the answer. [`azure`] is what is read of Azure: its items are rows among the others, its jobs are in the ledger.

pub mod azure;
pub mod causes;
pub mod check;
pub mod confirm;
pub mod coverage;
pub mod digest;
pub mod evidence;
pub mod expired;
pub mod found;
pub mod gather;
pub mod handler;
pub mod input;
pub mod ledger;
pub mod mail;
pub mod metrics;
pub mod night;
pub mod outside;
pub mod owned;
pub mod part;
pub mod period;
pub mod plan;
pub mod promises;
pub mod read;
pub mod record;
pub mod report;
pub mod restores;
pub mod rows;
pub mod settings;
pub mod sheet;
pub mod store;
pub mod summary;
pub mod telling;
pub mod todo;
pub mod whole;
pub mod widget;
pub mod work;

mod claims;
mod counters;
mod names;
mod pace;
mod terms;
mod top;
mod words;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use job::Scope;
use owner::ByPlace;
use promise::{Plan, Selection};
use source::Vault;

pub use azure::Azure;
pub use confirm::Looks;
pub use coverage::{Coverage, Gap, Source};
pub use ledger::Ledger;
pub use promises::Tagged;
pub use report::Report;
pub use restores::Testing;
pub use whole::{Extent, Frame, KeptPage, Whole};

/// All that the report of one scope is made from.
#[derive(Debug)]
pub struct Night {
    /// The instant that ages are measured at: the time of the scheduler's event.
    pub now: Timestamp,
    /// "New" and "recovered" mean: since then. A day before `now` unless something better is known.
    pub last_report: Timestamp,
    /// Whose night it is.
    pub scope: Scope,
    pub settings: Judging,
    /// How many recovery points are looked for.
    pub looks: Looks,
    /// Filled from the lists of jobs and of protected resources.
    pub ledger: Ledger,
    pub plans: Vec<(Plan, Vec<Selection>)>,
    /// What tags say of the selections.
    pub tagged: Tagged,
    /// The resource types that are switched off in the Region's settings.
    pub opted_out: BTreeSet<String>,
    /// The vaults of the place.
    pub vaults: Vec<Vault>,
    /// The restore testing plans.
    pub testing: Testing,
    /// Nothing where Azure is off.
    pub azure: Azure,
    /// What the tags of its resources say. Nothing is known of them at first: see [`Report::to_own`].
    pub owners: ByPlace,
    /// What could not be read.
    pub coverage: Coverage,
}

/// The settings that decide verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judging {
    /// RPO_HOURS.
    pub rpo: Option<SignedDuration>,
    /// STUCK_HOURS.
    pub stuck_after: SignedDuration,
    /// LOOKBACK_DAYS: how far back the lists of jobs reach.
    pub look_back: SignedDuration,
    /// RESTORE_TEST_DAYS: how old the last good restore of a resource may be.
    pub restore_within: SignedDuration,
    /// MIN_RETENTION_DAYS: a rule that keeps recovery points for a shorter time is named.
    pub least_days: i64,
}

impl Judging {
    /// The beginning of what was read of jobs.
    pub(crate) fn records_from(&self, now: Timestamp) -> Timestamp {
        now.saturating_sub(self.look_back).unwrap_or(Timestamp::MIN)
    }

    /// How many days of jobs are read.
    pub(crate) fn days_read(&self) -> i64 {
        self.look_back.as_hours() / 24
    }

    /// Whether this number of nights fills what was read: the first of them may lie before its beginning.
    pub(crate) fn are_all_nights(&self, nights: u32) -> bool {
        i64::from(nights) >= self.days_read() - 1
    }
}

/// Judges a night. The same night gives the same report.
pub fn judge(night: Night) -> Report {
    Report::new(night)
}
