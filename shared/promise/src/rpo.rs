//! Ages against objectives: the verdict of one row, which is a resource and a destination.

use jiff::{SignedDuration, Timestamp};

use crate::due::Due;
use crate::objective::{Promise, age, breaches_at};

/// What is known of a row at the instant that its promise was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub last_good: LastGood,
    /// When the last good backup was done. AWS Backup runs one job of a resource at a time: a run that had to begin before that expired behind
    /// it, and is part of it.
    pub busy_until: Option<Timestamp>,
    /// The longest that a COMPLETED job took of late.
    pub longest_completed: Option<SignedDuration>,
    /// How long after a run's own start the job may be created: a copy begins when the backup that it copies is done. Zero for backups.
    pub begins_after: SignedDuration,
    /// The job that is on its way, if there is one.
    pub in_flight: Option<InFlight>,
    /// When the latest job that ended without a good recovery point was created.
    pub last_failed: Option<Timestamp>,
    /// When the latest job of any state was created.
    pub last_tried: Option<Timestamp>,
    pub opt_in: OptIn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastGood {
    /// When the last good backup began: ages count from the start, for what changed since is not in it.
    At(Timestamp),
    /// Before this instant, or never: the records reach no further back.
    Before(Timestamp),
    Never,
}

/// A job that is CREATED, PENDING or RUNNING. Leave out one that is stuck: with a completion window of 7 days it would excuse a gap for
/// all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InFlight {
    pub created: Timestamp,
    /// When it leaves its windows: StartBy while it waits, the end of the completion window once it runs.
    pub in_time_until: Timestamp,
}

/// Whether AWS Backup is switched on for the resource's type in this Region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptIn {
    In,
    Out,
    NotKnown,
}

/// What a row is judged to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its last good backup is older than its objective.
    InBreach,
    /// A due run left no good recovery point, or a job runs longer than ever; not in breach yet.
    AtRisk {
        /// `None`: the last good backup lies before the records, so that nobody can say.
        breaches_at: Option<Timestamp>,
    },
    /// As at risk, and no job of any state was made for the due run.
    NoScheduleRan {
        breaches_at: Option<Timestamp>,
    },
    NeverBackedUp,
    /// Never backed up, and no run was due since its rules are what they are.
    NotDueYet,
    /// A plan made its backups, and no plan covers it any more.
    NoPlan,
    /// Its type is switched off in AWS Backup, and no job is made for it any more.
    OptedOut,
    /// Of Azure: within its objective by a snapshot alone; the newest recovery point in the vault is too old.
    SnapshotOnly,
    /// Of Azure: a person has stopped, paused or suspended its protection.
    Stopped,
    /// Of Azure: it was deleted, and is kept for some days more.
    SoftDeleted,
    NotAssessed {
        why: NotAssessed,
    },
    WithinObjective,
}

impl Verdict {
    /// When one that is at risk exceeds its objective, where that is known.
    pub fn breaches_at(self) -> Option<Timestamp> {
        match self {
            Verdict::AtRisk { breaches_at } | Verdict::NoScheduleRan { breaches_at } => breaches_at,
            _ => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NotAssessed {
    /// No rule of any plan covers it: nothing is promised.
    NoRule,
    /// Only tags decide whether a rule covers it, and they could not be read.
    ByTags,
    /// A tag or a wildcard selects it, it was never backed up, and its ARN does not tell whether AWS Backup makes backups of its type.
    TypeNotTold,
    /// Its rules do not recur, or their schedules could not be read.
    NoInterval,
    /// What is on record of it reaches less far back than its RPO.
    RecordTooShort,
    /// A list that decides it could not be read.
    NotRead,
    /// Nothing but its failed jobs is known, from outside of its account.
    OnlyFailures,
    /// Its latest job is in a state that nobody knows: it may be good or bad.
    UnknownState,
    /// Of Azure: it names no policy.
    NoPolicy,
    /// Of Azure: its policy is gone, or has no schedule that we know how to read.
    PolicyUnreadable,
    /// Of Azure: its schedule is kept on a server, and Azure does not know it.
    OnServer,
    /// Of Azure: its server has stopped to report.
    ServerSilent,
}

/// The verdict and what it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    pub verdict: Verdict,
    pub objective: Option<SignedDuration>,
    /// Since the last good backup began. Of one before the records: at least.
    pub age: Option<SignedDuration>,
    pub missed: Missed,
    /// Set when a run takes longer than the interval between runs: every other run expires behind the one that is on its way.
    pub overrun: Option<Overrun>,
}

/// A run that takes longer than its interval. In whole seconds: a hundred thousand rows have room for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overrun {
    took_s: u32,
    interval_s: u32,
}

impl Overrun {
    pub fn of(took: SignedDuration, interval: SignedDuration) -> Option<Self> {
        let whole = |span: SignedDuration| u32::try_from(span.as_secs()).unwrap_or(u32::MAX);
        (took > interval).then(|| Self { took_s: whole(took), interval_s: whole(interval) })
    }

    pub fn took(self) -> SignedDuration {
        SignedDuration::from_secs(self.took_s.into())
    }

    pub fn interval(self) -> SignedDuration {
        SignedDuration::from_secs(self.interval_s.into())
    }
}

/// The due runs after the last good backup that left no good recovery point. A run whose job may still begin or still runs is none of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Missed {
    pub runs: usize,
    /// The first of them: since when it is not as it should be.
    pub since: Option<Timestamp>,
    /// Set when there were more runs before those that are counted.
    pub more_before: bool,
}

/// A job may be recorded moments before its run; AWS schedules to the minute.
const EARLY: SignedDuration = SignedDuration::from_mins(5);

/// Judges a row. `rpo` is one objective for all (RPO_HOURS) instead of the rules' own.
pub fn judge(seen: &Seen, promise: &Promise, rpo: Option<SignedDuration>, now: Timestamp) -> Judgement {
    let own = || promise.objective(seen.longest_completed)?.checked_add(seen.begins_after);
    let objective = rpo.or_else(own);
    let since = match seen.last_good {
        LastGood::At(start) | LastGood::Before(start) => Some(start),
        LastGood::Never => None,
    };
    let missed = missed(seen, promise, since.or_else(|| promise.known_since()), now);
    let row = Row { seen, promise, objective, since, missed, has_own_objective: rpo.is_none(), now };
    let verdict = match row.verdict() {
        fine @ (Verdict::WithinObjective | Verdict::NotDueYet) => fine,
        // A failed job shows that AWS Backup still tries: then it is not the switch that holds the row back.
        _ if seen.opt_in == OptIn::Out && !tried_since(seen, missed.since.or(since)) => Verdict::OptedOut,
        verdict => verdict,
    };
    Judgement {
        verdict,
        objective,
        age: since.map(|start| age(start, now)),
        // A row that was never backed up has no first run that is known to be due.
        missed: if since.is_some() { missed } else { Missed::default() },
        overrun: seen
            .longest_completed
            .zip(promise.interval())
            .and_then(|(took, interval)| Overrun::of(took, interval)),
    }
}

/// What a verdict rests on.
struct Row<'a> {
    seen: &'a Seen,
    promise: &'a Promise,
    objective: Option<SignedDuration>,
    since: Option<Timestamp>,
    missed: Missed,
    has_own_objective: bool,
    now: Timestamp,
}

impl Row<'_> {
    fn verdict(&self) -> Verdict {
        let Some(since) = self.since else {
            let is_new = self.promise.known_since().is_some() && self.missed.runs == 0;
            return if is_new { Verdict::NotDueYet } else { Verdict::NeverBackedUp };
        };
        let Some(objective) = self.objective else {
            let why = if self.promise.rules().next().is_none() { NotAssessed::NoRule } else { NotAssessed::NoInterval };
            return Verdict::NotAssessed { why };
        };
        if self.is_past(since, objective) {
            // The job of the first due run may take longer than ever, within its windows. Behind a run that was missed it excuses nothing: the
            // gap is there until it completes, and with a completion window of 7 days it would be hidden for ever.
            return match in_time(self.seen, self.now) {
                Some(job) if self.missed.runs == 0 => Verdict::AtRisk { breaches_at: Some(job.in_time_until) },
                _ => Verdict::InBreach,
            };
        }
        // Rules that changed since promise nothing from before their change.
        let counts_from = match self.promise.before_the_change(None) {
            Some((changed, _)) if self.has_own_objective => since.max(changed),
            _ => since,
        };
        let breaches_at = match self.seen.last_good {
            LastGood::At(_) => breaches_at(counts_from, objective),
            LastGood::Before(_) | LastGood::Never => None,
        };
        match (self.missed.since, self.seen.last_good) {
            (Some(since), _) if tried_since(self.seen, Some(since)) => Verdict::AtRisk { breaches_at },
            (Some(_), _) => Verdict::NoScheduleRan { breaches_at },
            (None, LastGood::At(_)) => Verdict::WithinObjective,
            (None, _) if self.promise.known_since().is_some() && self.seen.last_tried.is_none() => Verdict::NotDueYet,
            (None, _) => Verdict::NotAssessed { why: NotAssessed::RecordTooShort },
        }
    }

    /// Past the objective of today, and past what was promised when: a rule that was improved an hour ago is an hour old.
    fn is_past(&self, since: Timestamp, objective: SignedDuration) -> bool {
        if age(since, self.now) <= objective {
            return false;
        }
        match self.promise.before_the_change(self.seen.longest_completed) {
            Some((changed, before)) if self.has_own_objective && since < changed => {
                age(changed, self.now) > objective || before.is_some_and(|before| self.was_past(since, changed, before))
            }
            _ => true,
        }
    }

    /// Past what the older rules promised. As long as the rules of today made no job yet, nobody knows when they changed.
    fn was_past(&self, since: Timestamp, changed: Timestamp, before: SignedDuration) -> bool {
        let before = before.checked_add(self.seen.begins_after).unwrap_or(before);
        age(since, changed) > before
    }
}

/// Which due runs after the last good backup left nothing good.
fn missed(seen: &Seen, promise: &Promise, since: Option<Timestamp>, now: Timestamp) -> Missed {
    let Some(since) = since else { return Missed::default() };
    let after = since.saturating_add(EARLY).unwrap_or(since);
    let due = promise.due_after(after);
    // The job on its way answers for the last run before it, and for those since.
    let answered_from = in_time(seen, now).map(|job| {
        let begun = job.created.saturating_add(EARLY).unwrap_or(job.created);
        due.iter().rev().map(|due| due.at).find(|at| *at <= begun).unwrap_or(begun)
    });
    // A run whose job may still be created is not missed yet.
    let begun_by = now.saturating_sub(seen.begins_after).unwrap_or(now);
    let failed_until = seen.last_failed.map(|failed| failed.saturating_add(EARLY).unwrap_or(failed));
    let is_missed = |due: &&Due| {
        answered_from.is_none_or(|from| due.at < from)
            && seen.busy_until.is_none_or(|until| due.start_by > until)
            && (due.start_by < begun_by || failed_until.is_some_and(|failed| due.at <= failed))
    };
    let runs = due.iter().filter(is_missed).count();
    let first = due.iter().find(is_missed).map(|due| due.at);
    let uncounted = first.and_then(|_| promise.uncounted_since(after));
    Missed { runs, since: uncounted.or(first), more_before: uncounted.is_some() }
}

fn in_time(seen: &Seen, now: Timestamp) -> Option<InFlight> {
    seen.in_flight.filter(|job| now <= job.in_time_until)
}

fn tried_since(seen: &Seen, since: Option<Timestamp>) -> bool {
    match (seen.last_tried, since) {
        (Some(tried), Some(since)) => tried.saturating_add(EARLY).is_ok_and(|tried| tried >= since),
        (tried, _) => tried.is_some(),
    }
}
