//! What the mail needs of a place, in a form that can be stored and added up: numbers, causes, and what is told of rows in words. Jobs and
//! rows stay behind, where the place was read.
//!
//! Digests add up to the digest of the whole in any number of steps, as long as the order of the places stays the same: so a report that is
//! made in one process and one that many workers made parts of tell the same.

mod by_owner;
mod causes;
mod entries;
mod items;
mod keeping;
mod list_of;
mod listed;
mod lists;
mod pace;
mod place;
pub(crate) mod restores;

pub use by_owner::{ByOwner, Holding};
pub use causes::Behind;
pub(crate) use causes::{Family, families};
pub(crate) use entries::WORST;
pub use entries::{Entries, Entry};
pub use list_of::ListOf;
pub use listed::Listed;
pub use lists::Lists;
pub(crate) use lists::VALUES;
pub use place::{Numbered, Place, Seen};
pub use restores::{LongRestore, Restored, Restores};

pub(crate) use restores::{ORDER as RESTORES, meaning};

use std::collections::BTreeSet;

use jiff::Timestamp;
use lambda::record::Layer;
use serde::{Deserialize, Serialize};

use crate::causes::Cause;
use crate::coverage::{Gap, Source};
use crate::ledger::Hop;
use crate::report::Report;
use crate::rows::Row;
use crate::sheet::Sheet;
use crate::summary::{Health, Numbers, Summary};

/// All that is told of one place, or of several together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Digest {
    /// In the order in which they were added.
    pub places: Vec<Place>,
    pub summary: Summary,
    pub gaps: Vec<Unread>,
    /// Those that are told; of the others only the number of their failures counts.
    pub causes: Vec<Cause>,
    pub failed_in_all: usize,
    pub behind: Vec<Behind>,
    pub entries: Entries,
    pub lists: Lists,
    /// A part that an older release wrote has none.
    #[serde(default)]
    pub restored: Restored,
    #[serde(default)]
    pub by_owner: ByOwner,
    /// When the first of the resources at risk exceeds its objective.
    pub first_breach: Option<Timestamp>,
    /// Subscriptions of Azure that were read. `None`: Azure is off.
    pub azure_subscriptions: Option<usize>,
    pub job_types: BTreeSet<String>,
    pub resource_types: BTreeSet<String>,
    pub vaults: BTreeSet<String>,
    /// Its rows, where the page of the night is kept.
    #[serde(default)]
    pub sheet: Sheet,
    /// Accounts whose own page could not be kept.
    #[serde(default)]
    pub pages_not_written: usize,
}

/// Something that could not be read, in one place or in several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    pub source: String,
    /// In the words of the first error.
    pub why: String,
    pub rests: Rests,
    /// Where, where there are several places.
    pub places: Listed,
}

/// Which numbers rest on a list that was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rests {
    SuccessRates,
    ProtectedResources,
    Other,
}

impl Digest {
    /// The digest of a report. `layer` says how much could be seen of its place.
    pub fn seen(report: &Report, layer: Layer) -> Self {
        let mut digest = Self::of(report);
        digest.causes.iter_mut().for_each(|cause| cause.layer = layer);
        for place in &mut digest.places {
            // Of a place that did not answer the role tells nothing.
            let silent = |gap: &Gap| matches!(gap.source, Source::Region(_));
            place.seen.layer = if report.night().coverage.gaps.iter().any(silent) { Layer::None } else { layer };
        }
        digest
    }

    pub(crate) fn of(report: &Report) -> Self {
        let (night, ledger) = (report.night(), report.ledger());
        let printed: Vec<&Row> = report.rows().iter().filter(|row| row.is_open()).collect();
        let unique =
            |values: BTreeSet<String>| values.into_iter().filter(|value| !value.is_empty()).take(VALUES).collect();
        let job_type = |row: &&Row| match row.key.hop {
            Hop::Backup => "backup".to_owned(),
            Hop::Copy => "copy".to_owned(),
        };
        Self {
            places: vec![Place::of(report)],
            summary: report.summary().clone(),
            gaps: night.coverage.gaps.iter().map(|gap| Unread::of(report, gap)).collect(),
            causes: causes::told(report),
            failed_in_all: report.causes().first().map_or(0, |cause| cause.failed_in_all),
            behind: causes::behind(report),
            entries: Entries::of(report),
            lists: Lists::of(report),
            restored: Restored::of(report),
            by_owner: ByOwner::of(report),
            first_breach: first_breach(report),
            azure_subscriptions: night.azure.is_on().then_some(night.azure.subscriptions),
            job_types: unique(printed.iter().map(job_type).collect()),
            resource_types: unique(
                printed.iter().map(|row| ledger.resource_type(row.key.resource).to_owned()).collect(),
            ),
            vaults: unique(printed.iter().map(|row| ledger.word(row.key.vault).to_owned()).collect()),
            sheet: Sheet::default(),
            pages_not_written: 0,
        }
    }

    /// Nothing but a place that could not be read.
    pub fn unread(place: Place, gap: Gap) -> Self {
        let gap = Unread::at(&gap, Some(place.name()));
        Self { places: vec![place], gaps: vec![gap], ..Self::default() }
    }

    pub fn add(&mut self, other: Self) {
        if self.places.is_empty() && self.gaps.is_empty() {
            *self = other;
            return;
        }
        self.places.extend(other.places);
        self.summary.add(&other.summary);
        for gap in other.gaps {
            self.missed(gap);
        }
        self.failed_in_all += other.failed_in_all;
        causes::add(&mut self.causes, other.causes);
        causes::add_behind(&mut self.behind, other.behind);
        self.entries.add(other.entries);
        self.lists.add(other.lists);
        self.sheet.add(other.sheet);
        self.pages_not_written += other.pages_not_written;
        self.restored.add(other.restored);
        self.by_owner.add(other.by_owner);
        self.first_breach = [self.first_breach, other.first_breach].into_iter().flatten().min();
        self.azure_subscriptions = self.azure_subscriptions.or(other.azure_subscriptions);
        for (own, others) in [
            (&mut self.job_types, other.job_types),
            (&mut self.resource_types, other.resource_types),
            (&mut self.vaults, other.vaults),
        ] {
            own.extend(others);
            while own.len() > VALUES {
                own.pop_last();
            }
        }
    }

    /// What one list lacks in many places is one gap.
    pub fn missed(&mut self, gap: Unread) {
        match self.gaps.iter_mut().find(|known| known.source == gap.source && known.places.count > 0) {
            Some(known) => known.places.add(gap.places),
            None => self.gaps.push(gap),
        }
    }

    pub fn is_complete(&self) -> bool {
        self.gaps.is_empty()
    }

    /// How the night stands.
    pub(crate) fn health(&self) -> Health {
        let total = &self.summary.total;
        let Numbers { in_breach, copies_in_breach, never_backed_up, copies_never, .. } = *total;
        let Numbers { at_risk, no_schedule_ran, copies_at_risk, .. } = *total;
        let Numbers { not_assessed, copies_not_assessed, opted_out, .. } = *total;
        let Numbers { snapshot_only, stopped, soft_deleted, .. } = *total;
        let never = never_backed_up + copies_never + total.no_plan;
        if in_breach + copies_in_breach + never + total.unusable() + total.opted_out_past > 0 {
            Health::Past
        } else if at_risk + no_schedule_ran + copies_at_risk + snapshot_only > 0 {
            Health::AtRisk
        } else if not_assessed + copies_not_assessed + opted_out + stopped + soft_deleted > 0
            || total.resources == 0
            || !self.is_complete()
        {
            Health::Unknown
        } else {
            Health::Within
        }
    }

    /// How many things were not read, each place by itself.
    pub fn gaps(&self) -> usize {
        self.gaps.iter().map(|gap| gap.places.count.max(1)).sum()
    }

    pub(crate) fn has_all(&self, rests: Rests) -> bool {
        self.gaps.iter().all(|gap| gap.rests != rests)
    }

    /// Puts the causes of all places in one order. Call it once all are added.
    pub(crate) fn close(&mut self) {
        for cause in &mut self.causes {
            cause.failed_in_all = self.failed_in_all;
            // A part that an older release wrote has no steps.
            if cause.fix.is_empty() {
                cause.fix = cause.fix_of_class();
            }
        }
        crate::causes::sort(&mut self.causes);
        self.sheet.close();
    }

    pub(crate) fn open_causes(&self) -> impl Iterator<Item = &Cause> {
        self.causes.iter().filter(|cause| cause.is_open())
    }
}

impl Unread {
    fn of(report: &Report, gap: &Gap) -> Self {
        Self::at(gap, report.telling().among().map(|name| name.place(&report.night().scope)))
    }

    pub fn at(gap: &Gap, place: Option<String>) -> Self {
        Self {
            source: gap.source.to_string(),
            why: gap.why.clone(),
            rests: match &gap.source {
                Source::Jobs(kind, _) if *kind != job::JobKind::Restore => Rests::SuccessRates,
                Source::Azure(list) if list.is_of_backups() => Rests::SuccessRates,
                Source::Account | Source::Central | Source::Region(_) | Source::Part => Rests::SuccessRates,
                Source::ProtectedResources => Rests::ProtectedResources,
                _ => Rests::Other,
            },
            places: Listed::of(place, |place| place),
        }
    }
}

fn first_breach(report: &Report) -> Option<Timestamp> {
    let rows = report.rows().iter().filter(|row| !row.is_copy() && row.is_open());
    rows.filter_map(|row| row.judgement.verdict.breaches_at()).min()
}
