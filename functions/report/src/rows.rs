//! A verdict for every resource and destination.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeSet;

use classification::class::Class;
use classification::named::Named;
use jiff::{SignedDuration, Timestamp};
use job::{JobKind, JobState};
use promise::{InFlight, Judgement, LastGood, NotAssessed, OptIn, Promise, Seen, Verdict, judge};

use crate::coverage::{Coverage, Source};
use crate::ledger::{Facts, Flying, Good, LastBackup, Ledger, Leg, Origin, RowKey};
use crate::names::Name;
use crate::promises::{COMPLETION_WINDOW, Certainty, Promises, RuleSet, START_WINDOW, SetNumber};
use crate::{Confirmation, Judging};

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
    pub flight: Flight,
    /// Whether the resource itself is known to be gone.
    pub existence: Existence,
    pub confirmation: Option<Confirmation>,
    /// What it was judged by, while the date of its recovery point may still change that.
    pub(crate) undated: Option<Box<Seen>>,
}

/// Why a row has no younger good backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The latest ended job failed with this cause, by its number in the ledger.
    Cause(u32),
    /// The backup that would have been copied failed with this cause.
    SourceFailed(u32),
    /// No job was made.
    NoJob,
    /// Nothing failed that is on record.
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flight {
    None,
    InTime,
    /// Over STUCK_HOURS, and within twice its longest: for this one it is usual.
    Long {
        seconds: i64,
    },
    Stuck {
        since: Timestamp,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existence {
    NotKnown,
    /// Its latest job said that the resource is gone.
    Gone,
}

impl Row {
    pub fn is_copy(&self) -> bool {
        self.key.leg == Leg::Copy
    }

    /// No recovery point is left: it was looked for, and there is none.
    pub fn nothing_left(&self) -> bool {
        matches!(self.confirmation, Some(Confirmation::Gone))
    }

    /// The instant that the last good backup lies before, where no more is known.
    pub(crate) fn judged_from(&self) -> Option<Timestamp> {
        match self.last_good {
            LastGood::Before(instant) => Some(instant),
            LastGood::At(_) | LastGood::Never => None,
        }
    }

    /// Judges it again by the date of its last recovery point: AWS keeps records of jobs for 30 days, and a monthly backup is older.
    pub(crate) fn date(&mut self, created: Timestamp, promise: &Promise, rpo: Option<SignedDuration>, now: Timestamp) {
        if self.judged_from().is_some_and(|before| created < before)
            && let Some(seen) = self.undated.take()
        {
            self.last_good = LastGood::At(created);
            self.judgement = judge(&Seen { last_good: self.last_good, ..*seen }, promise, rpo, now);
        }
    }

    /// Rows that are as they should be are counted, and the others named.
    pub(crate) fn is_printed(&self) -> bool {
        !matches!(self.judgement.verdict, Verdict::WithinObjective | Verdict::NotAssessed { .. }) || self.nothing_left()
    }

    /// What was never made need not be looked for.
    pub(crate) fn may_have_lost_its_point(&self) -> bool {
        self.judgement.verdict != Verdict::NeverBackedUp
    }

    /// Worst first: what can not be restored at all, what never could, what is too old, what will be.
    pub(crate) fn urgency(&self) -> u8 {
        if self.nothing_left() { 0 } else { self.rank() }
    }

    /// Its urgency by the verdict alone.
    pub(crate) fn rank(&self) -> u8 {
        match self.judgement.verdict {
            Verdict::NeverBackedUp => 1,
            Verdict::InBreach => 2,
            Verdict::NoScheduleRan { .. } => 3,
            Verdict::AtRisk { .. } => 4,
            Verdict::OptedOut => 5,
            Verdict::NotAssessed { .. } => 6,
            Verdict::WithinObjective => 7,
        }
    }
}

/// What every row is judged against.
pub(crate) struct Bench<'a> {
    pub(crate) ledger: &'a Ledger,
    pub(crate) promises: &'a Promises<'a>,
    pub(crate) coverage: &'a Coverage,
    pub(crate) opted_out: &'a BTreeSet<String>,
    pub(crate) settings: Judging,
    pub(crate) now: Timestamp,
}

/// A row before it is judged: the rules that cover it, and how they are known.
pub(crate) struct Planned {
    key: RowKey,
    rules: SetNumber,
    certainty: Certainty,
}

/// All rows: the destinations that a resource's rules write to; where no rule is known, those that it was seen in.
pub(crate) fn planned(ledger: &mut Ledger, promises: &mut Promises<'_>) -> Vec<Planned> {
    let mut keys: Vec<RowKey> = ledger.rows.keys().copied().collect();
    keys.sort();
    let mut resources: Vec<Name> = ledger.resources.keys().copied().collect();
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
            BTreeSet::from([RowKey { resource, vault, leg: Leg::Backup }])
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
pub(crate) fn all(bench: &Bench<'_>, planned: Vec<Planned>) -> Vec<Row> {
    let mut keys: Vec<RowKey> = bench.ledger.rows.keys().copied().collect();
    keys.sort();
    let one = |planned: Planned| Subject::new(bench, &planned, rows_of(&keys, planned.key.resource)).row(&planned);
    let mut rows: Vec<Row> = planned.into_iter().map(one).collect();
    sort(bench.ledger, &mut rows);
    rows
}

/// Worst first, then oldest first, then by name.
pub(crate) fn sort(ledger: &Ledger, rows: &mut [Row]) {
    let name = |row: &Row| (ledger.arn(row.key.resource), row.key.leg, ledger.word(row.key.vault));
    rows.sort_by(|a, b| {
        (a.urgency(), Reverse(a.judgement.age))
            .cmp(&(b.urgency(), Reverse(b.judgement.age)))
            .then_with(|| name(a).cmp(&name(b)))
    });
}

/// One row on the bench, with the facts of its jobs.
struct Subject<'a> {
    bench: &'a Bench<'a>,
    key: RowKey,
    rules: Option<&'a RuleSet>,
    certainty: Certainty,
    facts: Cow<'a, Facts>,
    /// The rows that a copy copies from: it begins when they are done and fails with them.
    sources: Vec<&'a Facts>,
    /// Whether a job of the resource left a recovery point that is not good.
    useless: Option<Timestamp>,
    /// When the resource was first seen: before that nobody can say that it was covered.
    first_seen: Option<Timestamp>,
    last_backup: Option<&'a LastBackup>,
}

impl<'a> Subject<'a> {
    fn new(bench: &'a Bench<'a>, planned: &Planned, rows: &[RowKey]) -> Self {
        let facts_of = |key: &RowKey| bench.ledger.rows.get(key);
        let sources = rows.iter().filter(|row| planned.key.leg == Leg::Copy && row.leg == Leg::Backup);
        Self {
            bench,
            key: planned.key,
            rules: bench.promises.get(planned.rules),
            certainty: planned.certainty,
            facts: facts_of(&planned.key).map_or_else(|| Cow::Owned(Facts::default()), Cow::Borrowed),
            sources: sources.filter_map(facts_of).collect(),
            useless: rows.iter().filter_map(|row| facts_of(row)?.useless).max(),
            first_seen: rows.iter().filter_map(|row| facts_of(row)?.first_tried).min(),
            last_backup: bench.ledger.resources.get(&planned.key.resource).and_then(|known| known.protected.as_ref()),
        }
    }

    fn row(&self, planned: &Planned) -> Row {
        let last_good = self.last_good();
        let judgement = self.judgement(last_good);
        let why = self.why(judgement);
        let seen = self.seen(last_good);
        Row {
            key: planned.key,
            judgement,
            last_good,
            rules: planned.rules,
            why,
            nights_failing: self.facts.nights_failing(self.bench.now),
            flight: self.flight(&self.facts),
            existence: match why {
                Why::Cause(cause) | Why::SourceFailed(cause) => existence(self.bench.ledger, cause),
                Why::NoJob | Why::Nothing => Existence::NotKnown,
            },
            confirmation: None,
            undated: self.can_be_dated(judgement, last_good).then(|| Box::new(seen)),
        }
    }

    /// Only where all lists were read, for another may hold a younger backup; and only snapshots, for a continuous backup is younger than
    /// its recovery point.
    fn can_be_dated(&self, judgement: Judgement, last_good: LastGood) -> bool {
        let continuous = || self.rules.is_some_and(|rules| self.bench.promises.has_continuous(rules));
        matches!(last_good, LastGood::Before(_))
            && judgement.objective.is_some()
            && self.bench.coverage.has_all_jobs(self.kind())
            && self.bench.coverage.has_all_plans()
            && !(self.can_be_continuous() && continuous())
    }

    /// A continuous backup is one recovery point that every job updates: it reaches up to the end of the last job. Every other backup
    /// holds what there was when it began.
    fn begun(&self, good: &Good) -> Timestamp {
        if self.is_continuous(good) { good.end } else { good.start }
    }

    fn is_continuous(&self, good: &Good) -> bool {
        let rule = good.rule.and_then(|rule| self.bench.ledger.rule(rule));
        self.can_be_continuous() && rule.is_some_and(|rule| self.bench.promises.is_continuous(rule))
    }

    /// For other types a rule with continuous backups makes plain snapshots, and so does every copy.
    fn can_be_continuous(&self) -> bool {
        let resource_type = self.bench.ledger.resource_type(self.key.resource);
        self.key.leg == Leg::Backup && POINT_IN_TIME.iter().any(|known| known.eq_ignore_ascii_case(resource_type))
    }

    fn last_good(&self) -> LastGood {
        let records_from = self.bench.settings.records_from(self.bench.now);
        if let Some(good) = &self.facts.good {
            return LastGood::At(self.begun(good));
        }
        let Some(last) = self.last_backup else {
            return match self.bench.coverage.has(&Source::ProtectedResources) {
                true => LastGood::Never,
                false => LastGood::Before(records_from),
            };
        };
        // LastBackupTime moves with every job that completes, a useless one included: such a resource's own jobs tell better.
        let is_told = |at: Timestamp| self.useless.is_none() && (at < records_from || self.completed_jobs_read());
        let here = self.key.leg == Leg::Backup && last.vault.is_none_or(|vault| vault == self.key.vault);
        match last.at {
            Some(at) if here && is_told(at) => LastGood::At(at),
            Some(at) if at < records_from => LastGood::Before(at),
            _ => LastGood::Before(records_from.max(self.first_seen.max(self.new_since()).unwrap_or(records_from))),
        }
    }

    /// A row without any job may be one that the last edit of its plan has added: then it can not have missed the runs before.
    fn new_since(&self) -> Option<Timestamp> {
        let rules = self.rules.filter(|_| self.facts.last_tried.is_none())?;
        self.bench.promises.since(self.bench.ledger, rules)
    }

    fn judgement(&self, last_good: LastGood) -> Judgement {
        let mut judgement = self.judged(last_good);
        if let Verdict::NotAssessed { why } = &mut judgement.verdict {
            *why = match (*why, self.certainty) {
                (NotAssessed::NoRule, _) if !self.bench.coverage.has_all_plans() => NotAssessed::NotRead,
                (NotAssessed::NoRule, Certainty::TagsDecide) => NotAssessed::ByTags,
                (NotAssessed::NoRule, _) if self.rules.is_some_and(RuleSet::covers) => NotAssessed::NoInterval,
                (why, _) => why,
            };
        }
        if !self.completed_jobs_read() && judgement.verdict != Verdict::WithinObjective {
            // A younger backup may stand in the list that could not be read. LastBackupTime bounds how young it can be.
            let youngest = self.last_backup.and_then(|last| last.at).map(|at| self.judged(LastGood::At(at)).verdict);
            let breached_anyway = self.key.leg == Leg::Backup && youngest == Some(Verdict::InBreach);
            let never = self.key.leg == Leg::Backup && judgement.verdict == Verdict::NeverBackedUp;
            if !breached_anyway && !never {
                judgement.verdict = Verdict::NotAssessed { why: NotAssessed::NotRead };
            }
        }
        // A rule that could not be read may promise more. More rules only tighten, so what is in breach stays so.
        if judgement.verdict == Verdict::WithinObjective && !self.is_promise_known() {
            judgement.verdict = Verdict::NotAssessed { why: NotAssessed::NotRead };
        }
        // Without all lists nobody can say that there was no job.
        if let Verdict::NoScheduleRan { breaches_at } = judgement.verdict
            && !self.bench.coverage.has_all_jobs(self.kind())
        {
            judgement.verdict = Verdict::AtRisk { breaches_at };
        }
        judgement
    }

    fn is_promise_known(&self) -> bool {
        let whole = |rules| self.bench.promises.is_whole(rules);
        self.bench.settings.rpo.is_some() || self.rules.is_some_and(whole)
    }

    fn judged(&self, last_good: LastGood) -> Judgement {
        let (seen, rpo) = (self.seen(last_good), self.bench.settings.rpo);
        match self.rules {
            Some(rules) => judge(&seen, &rules.promise, rpo, self.bench.now),
            None => judge(&seen, &Promise::new(Vec::new(), self.bench.now), rpo, self.bench.now),
        }
    }

    fn seen(&self, last_good: LastGood) -> Seen {
        let all = || std::iter::once(&*self.facts).chain(self.sources.iter().copied());
        // Where ages count from the end of a job, the time that jobs take is in none of them.
        let counts_from_the_end = self.facts.good.as_ref().is_some_and(|good| self.is_continuous(good));
        Seen {
            last_good,
            longest_completed: self.facts.longest_completed().filter(|_| !counts_from_the_end),
            begins_after: self.sources.iter().filter_map(|source| source.longest_completed()).max().unwrap_or_default(),
            in_flight: all().find_map(|facts| self.in_flight(facts)),
            last_failed: all().filter_map(|facts| facts.bad.as_ref().map(|bad| bad.created.unwrap_or(bad.ended))).max(),
            last_tried: all().filter_map(|facts| facts.last_tried).max(),
            opt_in: self.opt_in(),
        }
    }

    /// The job that a due run may still be waited for with: a stuck one excuses nothing.
    fn in_flight(&self, facts: &Facts) -> Option<InFlight> {
        let flying = facts.in_flight().filter(|_| !matches!(self.flight(facts), Flight::Stuck { .. }))?;
        let rules = self.rules.map(|rules| rules.promise.rules()).unwrap_or_default();
        let in_time_until = if is_waiting(flying) {
            let window = rules.iter().map(|rule| rule.start_window).max().unwrap_or(START_WINDOW);
            flying.start_by.or_else(|| flying.created.checked_add(window).ok())?.checked_add(GRACE).ok()?
        } else {
            let window = rules.iter().map(|rule| rule.completion_window).max().unwrap_or(COMPLETION_WINDOW);
            flying.created.checked_add(window).ok()?
        };
        Some(InFlight { created: flying.created, in_time_until })
    }

    fn opt_in(&self) -> OptIn {
        if !self.bench.coverage.has(&Source::RegionSettings) {
            return OptIn::NotKnown;
        }
        let resource_type = self.bench.ledger.resource_type(self.key.resource);
        match self.bench.opted_out.iter().any(|out| out.eq_ignore_ascii_case(resource_type)) {
            true => OptIn::Out,
            false => OptIn::In,
        }
    }

    fn why(&self, judgement: Judgement) -> Why {
        if let Some(bad) = self.facts.open_under() {
            return Why::Cause(bad.cause);
        }
        if judgement.verdict == Verdict::WithinObjective {
            return Why::Nothing;
        }
        if let Some(bad) = self.sources.iter().find_map(|source| source.open_under()) {
            return Why::SourceFailed(bad.cause);
        }
        match judgement.missed.since {
            Some(_) if self.bench.coverage.has_all_jobs(self.kind()) && self.facts.in_flight().is_none() => Why::NoJob,
            _ => Why::Nothing,
        }
    }

    fn flight(&self, facts: &Facts) -> Flight {
        let Some(flying) = facts.in_flight() else { return Flight::None };
        let (now, stuck_after) = (self.bench.now, self.bench.settings.stuck_after);
        let running = now.duration_since(flying.created);
        let since = if is_waiting(flying) {
            flying.start_by.and_then(|start_by| start_by.checked_add(GRACE).ok())
        } else {
            let habit = facts.longest_completed().unwrap_or_default().saturating_mul(2);
            flying.created.checked_add(stuck_after.max(habit)).ok()
        };
        match since {
            Some(since) if since < now => Flight::Stuck { since },
            _ if running > stuck_after && !is_waiting(flying) => Flight::Long { seconds: running.as_secs() },
            _ => Flight::InTime,
        }
    }

    fn completed_jobs_read(&self) -> bool {
        self.bench.coverage.has(&Source::Jobs(self.kind(), JobState::Completed))
    }

    fn kind(&self) -> JobKind {
        match self.key.leg {
            Leg::Backup => JobKind::Backup,
            Leg::Copy => JobKind::Copy,
        }
    }
}

/// The types with point-in-time restore.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/point-in-time-recovery.html>
const POINT_IN_TIME: [&str; 5] = ["RDS", "Aurora", "S3", "SAP HANA", "SAP HANA on Amazon EC2"];

/// A job waits half an hour beyond its StartBy before it counts as late: the record trails behind.
const GRACE: SignedDuration = SignedDuration::from_mins(30);

fn is_waiting(flying: &Flying) -> bool {
    matches!(flying.state, JobState::Created | JobState::Pending)
}

/// A job that names a missing vault or key says nothing of the resource.
fn existence(ledger: &Ledger, cause: u32) -> Existence {
    let gone = ledger.causes.get(cause as usize).is_some_and(|cause| {
        cause.class() == Class::ResourceNotFound && Named::in_text(&cause.message).vault.is_none()
    });
    if gone { Existence::Gone } else { Existence::NotKnown }
}
