//! What the report of a night is told from: one place, or many together.

use std::collections::BTreeSet;

use advice::stack::Stack;
use jiff::Timestamp;
use job::Scope;

use crate::Judging;
use crate::digest::{Digest, Rests};
use crate::ledger::{Rates, Window};
use crate::promises::vault_label;
use crate::report::Report;
use crate::summary::Health;
use crate::telling::full_label;

/// What a report says that no place knows.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The instant that ages are measured at: the time of the scheduler's event.
    pub now: Timestamp,
    /// When the report is really made; later than `now` when the event was delivered late.
    pub clock: Timestamp,
    /// "New" and "recovered" mean: since then.
    pub last_report: Timestamp,
    /// Where the stack runs.
    pub scope: Scope,
    pub settings: Judging,
    /// Confirmed subscriptions of the alert topic; `None` when they could not be counted.
    pub subscriptions: Option<usize>,
    /// The stack that reports.
    pub stack: Stack,
    pub extent: Extent,
    /// What has to be said before all else, in sentences.
    pub opening: Vec<String>,
    pub page: KeptPage,
}

/// Where the page of the night is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum KeptPage {
    /// EVIDENCE_BUCKET is not set.
    #[default]
    Nowhere,
    /// Its address in S3's console. It is written once the mail is out: that it was not is an alarm.
    At(String),
}

/// How far a report reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// One account in one Region, and Azure.
    One,
    /// All that are watched: each place has a line of its own.
    All,
}

/// A night as it is told.
#[derive(Clone, Debug)]
pub struct Whole {
    pub frame: Frame,
    pub digest: Digest,
}

impl Whole {
    pub fn new(frame: Frame, mut digest: Digest) -> Self {
        digest.close();
        Self { frame, digest }
    }

    /// The report of one place alone.
    pub fn of(frame: Frame, report: &Report) -> Self {
        Self::new(frame, Digest::of(report))
    }

    pub(crate) fn health(&self) -> Health {
        self.digest.health()
    }

    /// The success rate in percent, absent when nothing ended, a list of jobs was not read to its end or reaches less far back.
    pub(crate) fn success_rate(&self, rates: &Rates, window: Window) -> Option<f64> {
        let all_read = self.digest.has_all(Rests::SuccessRates) && window.days() <= self.frame.settings.days_read();
        rates.percent(window).filter(|_| all_read)
    }

    /// The name of a vault, for people: its account and Region are told where there are several, or where they are not our own.
    pub(crate) fn vault_label(&self, arn: &str) -> String {
        match self.frame.extent {
            Extent::One => vault_label(arn, &self.frame.scope),
            Extent::All => {
                let name = |account: &str| {
                    let place = self.digest.places.iter().find(|place| place.account == account)?;
                    place.account_name.clone()
                };
                full_label(arn, &self.frame.scope, name)
            }
        }
    }

    /// How many accounts and Regions there are.
    pub(crate) fn reach(&self) -> (usize, usize) {
        let places = || self.digest.places.iter();
        let accounts: BTreeSet<&str> = places().map(|place| place.account.as_str()).collect();
        let regions: BTreeSet<&str> =
            places().map(|place| place.region.as_str()).filter(|name| !name.is_empty()).collect();
        (accounts.len(), regions.len())
    }
}
