//! A verdict for every resource and destination.

mod items;
mod judged;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use job::{Cloud, Look, Scope, is_of_restore_test};
use owner::{ByPlace, Standing as Accepting};
use promise::{Judgement, LastGood, Promise, Seen, Verdict, judge};

use crate::Judging;
use crate::coverage::Coverage;
use crate::found::{Confirmation, Found};
use crate::ledger::{Hop, LastBackup, Ledger, Origin, RowKey};
use crate::names::Name;
use crate::promises::{Certainty, Promises, SetNumber};
pub use items::ItemRow;
pub(crate) use items::all as of_items;
use judged::RowFacts;

/// A resource and destination, judged.
#[derive(Clone, Debug)]
pub struct Row {
    pub key: RowKey,
    pub judgement: Judgement,
    pub last_good: LastGood,
    pub rules: SetNumber,
    pub why: Why,
    /// On how many nights jobs of this row failed since the last good one.
    pub nights_failing: u32,
    /// It exceeded its objective and came back, both since the last report.
    pub breached: Option<Box<Breach>>,
    pub flight: Flight,
    /// Whether the resource itself, or the vault, is known to be gone.
    pub existence: Existence,
    /// Of an item of Azure.
    pub item: Option<Box<ItemRow>>,
    /// Set where somebody has accepted, until a day, that the backups of its resource fail.
    pub exception: Option<Accepting>,
    /// Of the few rows that were looked at.
    pub confirmation: Option<Box<Confirmation>>,
    dating: Dating,
    /// What it was judged by, while its recovery point is looked for.
    seen: Option<Box<Seen>>,
}

/// The time in which a row was past its objective.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breach {
    pub began: Timestamp,
    pub ended: Timestamp,
}

/// What the date of a recovery point may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dating {
    /// Nothing.
    Settled,
    /// No job on record dates the last good backup: a recovery point does.
    Sought,
    /// Its last good recovery point may be gone: then it is as old as what is left.
    AtMost,
}

/// Why a row has no younger good backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The latest ended job failed with this cause, by its number in the ledger.
    Cause(u32),
    /// The backup that would have been copied failed with this cause.
    SourceFailed(u32),
    /// No job was made.
    NoJob,
    /// No job was made, for no selection finds it any more.
    Lost,
    /// A plan made its backups, and none covers it any more.
    NoPlan,
    /// Nothing failed that is on record.
    Nothing,
}

impl Why {
    /// The number of the cause, be it of the row or of what it would copy.
    pub(crate) fn cause(self) -> Option<u32> {
        match self {
            Why::Cause(number) | Why::SourceFailed(number) => Some(number),
            Why::NoJob | Why::Lost | Why::NoPlan | Why::Nothing => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flight {
    None,
    InTime,
    /// Over STUCK_HOURS, and within twice its longest: for this one it is usual.
    Long {
        seconds: i64,
    },
    /// The first of these jobs since then.
    Stuck {
        since: Timestamp,
        jobs: u32,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existence {
    NotKnown,
    /// Its latest job said that the resource is gone.
    Gone,
    /// Its latest job said that the vault is gone.
    VaultGone,
}

impl Row {
    pub fn is_copy(&self) -> bool {
        self.key.hop == Hop::Copy
    }

    /// No recovery point is left: it was looked for, and there is none.
    pub fn nothing_left(&self) -> bool {
        matches!(self.confirmation.as_deref(), Some(Look::Missing))
    }

    /// Recovery points are left, and none of them is complete.
    pub fn only_incomplete(&self) -> bool {
        matches!(self.confirmation.as_deref(), Some(Look::Seen(Found::OnlyIncomplete { .. })))
    }

    /// A malware scan found something in its newest recovery point.
    pub fn is_infected(&self) -> bool {
        matches!(self.confirmation.as_deref(), Some(Look::Seen(Found::Infected { .. })))
    }

    /// Whether there is nothing whole and clean to restore from.
    pub(crate) fn has_lost_its_points(&self) -> bool {
        self.nothing_left() || self.only_incomplete() || self.is_infected()
    }

    /// Not as it should be, and somebody has accepted that.
    pub fn is_accepted(&self) -> bool {
        self.exception == Some(Accepting::Accepted) && self.is_printed()
    }

    /// Not as it should be, and somebody has to act.
    pub(crate) fn is_open(&self) -> bool {
        self.is_printed() && !self.is_accepted()
    }

    /// Whether a job of it hangs that nobody has accepted.
    pub(crate) fn stuck_jobs(&self) -> usize {
        match self.flight {
            Flight::Stuck { jobs, .. } if self.exception != Some(Accepting::Accepted) => jobs as usize,
            _ => 0,
        }
    }

    /// Within its objective, as far as its recovery point was looked for.
    pub(crate) fn is_within(&self) -> bool {
        self.judgement.verdict == Verdict::WithinObjective && !self.has_lost_its_points()
    }

    /// When the last good backup began, where it is known.
    pub(crate) fn last_good_start(&self) -> Option<Timestamp> {
        match self.last_good {
            LastGood::At(start) => Some(start),
            LastGood::Before(_) | LastGood::Never => None,
        }
    }

    /// The recovery point of the last good backup. Of one older than the records only the list of protected resources tells.
    pub(crate) fn last_point<'a>(&self, ledger: &'a Ledger) -> Option<&'a str> {
        match ledger.rows.get(&self.key).and_then(|facts| facts.good.as_ref()) {
            Some(good) => good.recovery_point.as_deref(),
            None => {
                let last = ledger.last_backup(self.key.resource);
                last.filter(|last| self.last_good_start() == last.at.get()).and_then(LastBackup::recovery_point)
            }
        }
    }

    /// The instant that the last good backup lies before, where no more is known.
    pub(crate) fn judged_from(&self) -> Option<Timestamp> {
        match self.last_good {
            LastGood::Before(instant) => Some(instant),
            LastGood::At(_) | LastGood::Never => None,
        }
    }

    /// Whether a recovery point may tell how old it is.
    pub(crate) fn can_be_dated(&self) -> bool {
        self.dating == Dating::Sought
    }

    /// Takes in what was found of its recovery points, and judges it again where their date says more: AWS keeps records of jobs for 30 days,
    /// and a monthly backup is older; and a backup whose recovery point is gone is as old as the one before it.
    pub(crate) fn take(&mut self, found: Confirmation, promise: &Promise, rpo: Option<SignedDuration>, now: Timestamp) {
        let seen = self.seen.take();
        let date = match (&found, self.last_good, self.dating) {
            (Look::Seen(Found::Some { created }), LastGood::Before(before), Dating::Sought) => {
                created.filter(|created| *created < before)
            }
            (
                Look::Seen(Found::OnlyOlder { created } | Found::Infected { older: created, .. }),
                LastGood::At(good),
                Dating::AtMost,
            ) => created.filter(|created| *created < good),
            _ => None,
        };
        if let (Some(date), Some(seen)) = (date, seen) {
            self.last_good = LastGood::At(date);
            let has_no_plan = self.judgement.verdict == Verdict::NoPlan;
            self.judgement = judge(&Seen { last_good: self.last_good, busy_until: None, ..*seen }, promise, rpo, now);
            // How old it is changes nothing about that, as long as it is not past its objective.
            if has_no_plan && self.judgement.verdict != Verdict::InBreach {
                self.judgement.verdict = Verdict::NoPlan;
            }
        }
        self.confirmation = Some(Box::new(found));
    }

    /// Rows that are as they should be are counted, and the others named.
    pub(crate) fn is_printed(&self) -> bool {
        use Verdict::{NotAssessed, NotDueYet, WithinObjective};
        !matches!(self.judgement.verdict, WithinObjective | NotDueYet | NotAssessed { .. })
            || self.has_lost_its_points()
    }

    /// What was never made need not be looked for.
    pub(crate) fn may_have_lost_its_point(&self) -> bool {
        !matches!(self.judgement.verdict, Verdict::NeverBackedUp | Verdict::NotDueYet | Verdict::SoftDeleted)
    }

    /// Worst first: what can not be restored at all, what never could, what is too old, what will be.
    pub(crate) fn urgency(&self) -> u8 {
        match self.confirmation {
            _ if self.is_accepted() => 1 + ACCEPTED,
            _ if self.nothing_left() => 0,
            _ if self.only_incomplete() || self.is_infected() => 1,
            _ => 1 + self.rank(),
        }
    }

    /// Its urgency by the verdict alone.
    pub(crate) fn rank(&self) -> u8 {
        match self.judgement.verdict {
            Verdict::NeverBackedUp => 1,
            Verdict::InBreach => 2,
            Verdict::NoPlan => 3,
            Verdict::NoScheduleRan { .. } => 4,
            Verdict::SnapshotOnly => 5,
            Verdict::AtRisk { .. } => 6,
            Verdict::Stopped => 7,
            Verdict::OptedOut => 8,
            Verdict::NotAssessed { .. } => 9,
            Verdict::NotDueYet => 11,
            Verdict::WithinObjective => 12,
            // What protects its resource today is another row.
            Verdict::SoftDeleted => 13,
        }
    }
}

/// What is accepted stands behind all that is not, and before what is as it should be.
const ACCEPTED: u8 = 10;

/// What every row is judged against.
pub(crate) struct Context<'a> {
    pub(crate) ledger: &'a Ledger,
    pub(crate) promises: &'a Promises<'a>,
    pub(crate) coverage: &'a Coverage,
    pub(crate) opted_out: &'a BTreeSet<String>,
    pub(crate) settings: Judging,
    pub(crate) owners: &'a ByPlace,
    pub(crate) scope: &'a Scope,
    pub(crate) now: Timestamp,
    pub(crate) last_report: Timestamp,
}

/// Whether an exception of a resource holds today.
fn exception(context: &Context<'_>, scope: &Scope, resource: Name) -> Option<Accepting> {
    let owners = context.owners.at(scope);
    owners.exception(context.ledger.arn(resource), context.now).map(|(_, standing)| standing)
}

/// A row before it is judged: the rules that cover it, and how they are known.
pub(crate) struct Planned {
    key: RowKey,
    rules: SetNumber,
    certainty: Certainty,
}

/// All rows: the destinations that a resource's rules write to; where no rule is known, those that it was seen in.
pub(crate) fn planned(ledger: &mut Ledger, promises: &mut Promises<'_>) -> Vec<Planned> {
    let keys = known(ledger);
    let of_aws = ledger.resources.iter().filter(|(_, resource)| resource.cloud != Some(Cloud::Azure));
    // What a restore test made is skipped by plans and deleted by AWS Backup: it lacks nothing.
    let is_meant = |name: &Name| !is_of_restore_test(ledger.arn(*name));
    let mut resources: Vec<Name> = of_aws.map(|(name, _)| *name).filter(is_meant).collect();
    resources.sort();
    let mut rows = Vec::with_capacity(keys.len());
    for resource in resources {
        let (destinations, certainty) = promises.destinations(ledger, resource, rows_of(&keys, resource));
        if destinations.is_empty() {
            let rules = promises.none(ledger);
            let keys = seen(ledger, resource, rows_of(&keys, resource));
            rows.extend(keys.into_iter().map(|key| Planned { key, rules, certainty }));
        } else {
            rows.extend(destinations.into_iter().map(|(key, rules)| Planned { key, rules, certainty }));
        }
    }
    rows
}

/// Where a resource without rules was seen: where its jobs wrote, else where its last backup is said to be.
fn seen(ledger: &mut Ledger, resource: Name, rows: &[RowKey]) -> BTreeSet<RowKey> {
    let last_backup = ledger.resources.get(&resource).and_then(|known| known.protected.as_ref()).map(|last| last.vault);
    // Parts of a composite resource are judged with the whole, unless they are protected by themselves.
    let own = |key: &&RowKey| ledger.rows.get(key).is_some_and(|facts| facts.own == Origin::Own);
    let keys: BTreeSet<RowKey> = rows.iter().filter(|key| last_backup.is_some() || own(key)).copied().collect();
    match last_backup {
        Some(vault) if keys.is_empty() => {
            let vault = vault.unwrap_or_else(|| ledger.keep_word(""));
            BTreeSet::from([RowKey { resource, vault, hop: Hop::Backup }])
        }
        _ => keys,
    }
}

fn rows_of(sorted: &[RowKey], resource: Name) -> &[RowKey] {
    let from = sorted.partition_point(|key| key.resource < resource);
    let to = sorted.partition_point(|key| key.resource <= resource);
    sorted.get(from..to).unwrap_or_default()
}

/// Judges the rows, worst first.
pub(crate) fn all(context: &Context<'_>, planned: &[Planned]) -> Vec<Row> {
    let keys = known(context.ledger);
    let one = |planned| RowFacts::new(context, planned, rows_of(&keys, planned.key.resource)).row(planned);
    let mut rows: Vec<Row> = planned.iter().map(one).collect();
    sort(context.ledger, &mut rows);
    rows
}

/// Notes what these rows were judged by: what is found of their recovery points may change that.
pub(crate) fn keep_seen(context: &Context<'_>, planned: &[Planned], rows: &mut [Row], chosen: &[usize]) {
    let keys = known(context.ledger);
    let by_key: BTreeMap<RowKey, &Planned> = planned.iter().map(|planned| (planned.key, planned)).collect();
    for number in chosen {
        let Some(row) = rows.get_mut(*number) else { continue };
        let Some(planned) = by_key.get(&row.key) else { continue };
        let facts = RowFacts::new(context, planned, rows_of(&keys, row.key.resource));
        row.seen = Some(Box::new(facts.seen(row.last_good)));
    }
}

fn known(ledger: &Ledger) -> Vec<RowKey> {
    let mut keys: Vec<RowKey> = ledger.rows.keys().copied().collect();
    keys.sort();
    keys
}

/// Worst first, then oldest first, then by name.
pub(crate) fn sort(ledger: &Ledger, rows: &mut [Row]) {
    let name = |row: &Row| (ledger.arn(row.key.resource), row.key.hop, ledger.word(row.key.vault));
    // No two rows have one name; and a sort that keeps the order of equals would need half of the memory again.
    rows.sort_unstable_by(|a, b| {
        (a.urgency(), Reverse(a.judgement.age))
            .cmp(&(b.urgency(), Reverse(b.judgement.age)))
            .then_with(|| name(a).cmp(&name(b)))
    });
}
