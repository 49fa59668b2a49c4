//! From the facts of a row's jobs to its verdict.

use std::borrow::Cow;

use cause::stuck::{self, GRACE, Phase, Usual};
use classification::class::Class;
use classification::named::speaks_of_vault;
use jiff::{SignedDuration, Timestamp};
use job::{JobKind, JobState};
use promise::{COMPLETION_WINDOW, START_WINDOW};
use promise::{InFlight, Judgement, LastGood, Missed, NotAssessed, OptIn, Promise, Seen, Verdict, judge};

use super::{Breach, Context, Dating, Existence, Flight, Planned, Row, Why, exception};
use crate::coverage::Source;
use crate::ledger::{Facts, Flying, Good, Hop, LastBackup, Ledger, RowKey, has_several_types};
use crate::promises::{Certainty, RuleSet};

/// A row with the facts of its jobs, on its way to a verdict.
pub(super) struct RowFacts<'a> {
    context: &'a Context<'a>,
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
    /// Whether a plan made a job of it that is on record.
    was_planned: bool,
}

impl<'a> RowFacts<'a> {
    pub(super) fn new(context: &'a Context<'a>, planned: &Planned, rows: &[RowKey]) -> Self {
        let facts_of = |key: &RowKey| context.ledger.rows.get(key).map(|facts| &**facts);
        let rules = || rows.iter().flat_map(|row| context.ledger.rules_of(row));
        let sources = rows.iter().filter(|row| planned.key.hop == Hop::Copy && row.hop == Hop::Backup);
        Self {
            context,
            key: planned.key,
            rules: context.promises.get(planned.rules),
            certainty: planned.certainty,
            facts: facts_of(&planned.key).map_or_else(|| Cow::Owned(Facts::default()), Cow::Borrowed),
            sources: sources.filter_map(facts_of).collect(),
            useless: rows.iter().filter_map(|row| facts_of(row)?.useless.get()).max(),
            first_seen: rows.iter().filter_map(|row| facts_of(row)?.first_tried.get()).min(),
            was_planned: rules().any(|rule| context.ledger.rule(*rule).is_some_and(|seen| seen.plan_id.is_some())),
            last_backup: context.ledger.resources.get(&planned.key.resource).and_then(|known| known.protected.as_ref()),
        }
    }

    pub(super) fn row(&self, planned: &Planned) -> Row {
        let last_good = self.last_good();
        let judgement = self.judgement(last_good);
        let why = self.why(judgement);
        let flight = self.flight(&self.facts);
        Row {
            key: planned.key,
            judgement,
            last_good,
            rules: planned.rules,
            why,
            nights_failing: self.facts.nights_failing(self.context.now),
            breached: self.breached(judgement).map(Box::new),
            flight,
            existence: match why {
                Why::Cause(cause) | Why::SourceFailed(cause) => existence(self.context.ledger, cause),
                Why::NoJob | Why::Lost | Why::NoPlan | Why::Nothing => Existence::NotKnown,
            },
            item: None,
            exception: exception(self.context, self.context.scope, self.key.resource),
            confirmation: None,
            dating: self.dating(judgement, last_good),
            seen: None,
        }
    }

    /// Whether it exceeded its objective and came back, both since the last report.
    fn breached(&self, judgement: Judgement) -> Option<Breach> {
        let (good, objective) = (self.facts.known_good.get()?, judgement.objective?);
        let (began, ended) = (promise::breaches_at(good, objective)?, self.facts.came_back.get()?);
        let is_over =
            judgement.verdict != Verdict::InBreach && !matches!(judgement.verdict, Verdict::NotAssessed { .. });
        (is_over && self.context.last_report < began && began < ended).then_some(Breach { began, ended })
    }

    /// A date is taken from a recovery point only where all lists were read, for another may hold a younger backup; and only from
    /// snapshots, for a continuous backup is younger than its recovery point.
    fn dating(&self, judgement: Judgement, last_good: LastGood) -> Dating {
        let continuous = || self.rules.is_some_and(|rules| self.context.promises.has_continuous(rules));
        let can_be_dated = judgement.objective.is_some()
            && self.context.coverage.has_all_jobs(self.kind())
            && self.context.coverage.has_all_plans()
            && !(self.can_be_continuous() && continuous());
        match last_good {
            _ if !can_be_dated => Dating::Settled,
            LastGood::Before(_) => Dating::Sought,
            LastGood::At(_) | LastGood::Never => Dating::AtMost,
        }
    }

    /// A continuous backup is one recovery point that every job updates: it reaches up to the end of the last job. Every other backup
    /// holds what there was when it began.
    fn begun(&self, good: &Good) -> Timestamp {
        if self.is_continuous(good) { good.end() } else { good.start() }
    }

    fn is_continuous(&self, good: &Good) -> bool {
        let rule = good.rule.and_then(|rule| self.context.ledger.rule(rule));
        self.can_be_continuous() && rule.is_some_and(|rule| self.context.promises.is_continuous(rule))
    }

    /// For other types a rule with continuous backups makes plain snapshots, and so does every copy.
    fn can_be_continuous(&self) -> bool {
        let resource_type = self.context.ledger.resource_type(self.key.resource);
        self.key.hop == Hop::Backup && POINT_IN_TIME.iter().any(|known| known.eq_ignore_ascii_case(resource_type))
    }

    fn last_good(&self) -> LastGood {
        let records_from = self.context.settings.records_from(self.context.now);
        if let Some(good) = &self.facts.good {
            return LastGood::At(self.begun(good));
        }
        let Some(last) = self.last_backup else {
            let has = |source| self.context.coverage.has(&source);
            return match has(Source::ProtectedResources) && has(Source::Central) {
                true => LastGood::Never,
                false => LastGood::Before(records_from),
            };
        };
        // LastBackupTime moves with every job that completes, a useless one included: such a resource's own jobs tell better.
        let is_told = |at: Timestamp| self.useless.is_none() && (at < records_from || self.completed_jobs_read());
        let here = self.key.hop == Hop::Backup && last.vault.is_none_or(|vault| vault == self.key.vault);
        match last.at.get() {
            Some(at) if here && is_told(at) => LastGood::At(at),
            Some(at) if at < records_from => LastGood::Before(at),
            _ => LastGood::Before(records_from.max(self.first_seen.max(self.new_since()).unwrap_or(records_from))),
        }
    }

    /// A row without any job may be one that the last edit of its plan has added: then it can not have missed the runs before.
    fn new_since(&self) -> Option<Timestamp> {
        let rules = self.rules.filter(|_| self.facts.last_tried.get().is_none())?;
        self.context.promises.since(self.context.ledger, rules)
    }

    fn judgement(&self, last_good: LastGood) -> Judgement {
        if !self.context.coverage.has(&Source::Central) {
            // Its backups that went well are not read, and no promise is: the failures tell of themselves alone.
            let verdict = Verdict::NotAssessed { why: NotAssessed::OnlyFailures };
            return Judgement { verdict, objective: None, age: None, missed: Missed::default(), overrun: None };
        }
        let mut judgement = self.judged(last_good);
        // What was backed up once by hand alone was promised nothing. What a plan made was.
        if self.has_lost_its_plan()
            && matches!(
                judgement.verdict,
                Verdict::WithinObjective
                    | Verdict::NotAssessed { why: NotAssessed::NoRule | NotAssessed::RecordTooShort }
            )
        {
            judgement.verdict = Verdict::NoPlan;
            return judgement;
        }
        if let Verdict::NotAssessed { why } = &mut judgement.verdict {
            *why = match (*why, self.certainty) {
                (NotAssessed::NoRule, _) if !self.context.coverage.has_all_plans() => NotAssessed::NotRead,
                (NotAssessed::NoRule, Certainty::TagsDecide) => NotAssessed::ByTags,
                (NotAssessed::NoRule, _) if self.rules.is_some_and(RuleSet::covers) => NotAssessed::NoInterval,
                (why, _) => why,
            };
        }
        if judgement.verdict == Verdict::NeverBackedUp && !self.is_type_told() {
            judgement.verdict = Verdict::NotAssessed { why: NotAssessed::TypeNotTold };
        }
        if !self.completed_jobs_read() && judgement.verdict != Verdict::WithinObjective {
            // A younger backup may stand in the list that could not be read. LastBackupTime bounds how young it can be.
            let youngest =
                self.last_backup.and_then(|last| last.at.get()).map(|at| self.judged(LastGood::At(at)).verdict);
            let breached_anyway = self.key.hop == Hop::Backup && youngest == Some(Verdict::InBreach);
            let never = self.key.hop == Hop::Backup && judgement.verdict == Verdict::NeverBackedUp;
            if !breached_anyway && !never {
                judgement.verdict = Verdict::NotAssessed { why: NotAssessed::NotRead };
            }
        }
        // A rule that could not be read may promise more. More rules only tighten, so what is in breach stays so.
        if judgement.verdict == Verdict::WithinObjective && !self.is_promise_known() {
            judgement.verdict = Verdict::NotAssessed { why: NotAssessed::NotRead };
        }
        // The latest job may be good or bad.
        let is_hidden = |unknown| match last_good {
            LastGood::At(good) => unknown > good,
            LastGood::Before(_) | LastGood::Never => true,
        };
        if judgement.verdict != Verdict::WithinObjective && self.facts.unknown.get().is_some_and(is_hidden) {
            judgement.verdict = Verdict::NotAssessed { why: NotAssessed::UnknownState };
        }
        // Without all lists nobody can say that there was no job.
        if let Verdict::NoScheduleRan { breaches_at } = judgement.verdict
            && !self.context.coverage.has_all_jobs(self.kind())
        {
            judgement.verdict = Verdict::AtRisk { breaches_at };
        }
        judgement
    }

    /// Whether a plan made its jobs, and no selection of any plan covers it any more. Nobody can say so where plans or tags were not read.
    fn has_lost_its_plan(&self) -> bool {
        self.was_planned
            && self.certainty == Certainty::NoRule
            && self.context.coverage.has_all_plans()
            && !self.rules.is_some_and(RuleSet::covers)
    }

    /// A resource that somebody named, or that a job was made for, is meant as it is.
    fn is_type_told(&self) -> bool {
        let arn = self.context.ledger.arn(self.key.resource);
        let was_tried = self.first_seen.is_some() || self.last_backup.is_some();
        was_tried || !has_several_types(arn) || self.context.promises.is_named(arn)
    }

    fn is_promise_known(&self) -> bool {
        let whole = |rules| self.context.promises.is_whole(rules);
        self.rpo().is_some() || self.rules.is_some_and(whole)
    }

    /// The tag of the resource goes before the setting, and both before its rules.
    fn rpo(&self) -> Option<SignedDuration> {
        self.by_tag().or(self.context.settings.rpo)
    }

    fn by_tag(&self) -> Option<SignedDuration> {
        self.context.owners.at(self.context.scope).objective(self.context.ledger.arn(self.key.resource))
    }

    fn judged(&self, last_good: LastGood) -> Judgement {
        let (seen, rpo) = (self.seen(last_good), self.rpo());
        match self.rules {
            Some(rules) => judge(&seen, &rules.promise, rpo, self.context.now),
            None => judge(&seen, &Promise::new(Vec::new(), self.context.now), rpo, self.context.now),
        }
    }

    /// What its verdict rests on.
    pub(super) fn seen(&self, last_good: LastGood) -> Seen {
        let all = || std::iter::once(&*self.facts).chain(self.sources.iter().copied());
        // Where ages count from the end of a job, the time that jobs take is in none of them.
        let counts_from_the_end = self.facts.good.as_ref().is_some_and(|good| self.is_continuous(good));
        Seen {
            last_good,
            // A copy does not hold up the runs of its resource.
            busy_until: self.facts.good.as_ref().filter(|_| self.key.hop == Hop::Backup).map(|good| good.end()),
            longest_completed: self.facts.longest_completed().filter(|_| !counts_from_the_end),
            begins_after: self.sources.iter().filter_map(|source| source.longest_completed()).max().unwrap_or_default(),
            in_flight: all().find_map(|facts| self.in_flight(facts)),
            last_failed: all().filter_map(|facts| facts.bad.as_ref().map(|bad| bad.created.unwrap_or(bad.ended))).max(),
            last_tried: all().filter_map(|facts| facts.last_tried.get()).max(),
            opt_in: self.opt_in(),
        }
    }

    /// The job that a due run may still be waited for with: a stuck one excuses nothing.
    fn in_flight(&self, facts: &Facts) -> Option<InFlight> {
        let flying = facts.in_flight().find(|flying| self.stuck_since(facts, flying).is_none())?;
        let rules = || self.rules.into_iter().flat_map(|rules| rules.promise.rules());
        let in_time_until = if is_waiting(flying) {
            let window = rules().map(|rule| rule.start_window).max().unwrap_or(START_WINDOW);
            flying.start_by.or_else(|| flying.created.checked_add(window).ok())?.checked_add(GRACE).ok()?
        } else {
            flying.created.checked_add(self.completion_window().unwrap_or(COMPLETION_WINDOW)).ok()?
        };
        Some(InFlight { created: flying.created, in_time_until })
    }

    fn completion_window(&self) -> Option<SignedDuration> {
        self.rules?.promise.rules().map(|rule| rule.completion_window).max()
    }

    fn opt_in(&self) -> OptIn {
        if !self.context.coverage.has(&Source::RegionSettings) {
            return OptIn::NotKnown;
        }
        let resource_type = self.context.ledger.resource_type(self.key.resource);
        match self.context.opted_out.iter().any(|out| out.eq_ignore_ascii_case(resource_type)) {
            true => OptIn::Out,
            false => OptIn::In,
        }
    }

    fn why(&self, judgement: Judgement) -> Why {
        if judgement.verdict == Verdict::NoPlan {
            return Why::NoPlan;
        }
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
            Some(since) if self.has_no_job_since(since) => match self.certainty {
                Certainty::Lost => Why::Lost,
                Certainty::Known | Certainty::TagsDecide | Certainty::NoRule => Why::NoJob,
            },
            _ if self.has_lost_its_plan() => Why::NoPlan,
            _ => Why::Nothing,
        }
    }

    /// Every job on its way counts: today's may wait behind one that hangs since yesterday.
    fn flight(&self, facts: &Facts) -> Flight {
        let stuck: Vec<Timestamp> = facts.in_flight().filter_map(|flying| self.stuck_since(facts, flying)).collect();
        if let Some(since) = stuck.iter().min() {
            return Flight::Stuck { since: *since, jobs: u32::try_from(stuck.len()).unwrap_or(u32::MAX) };
        }
        let long = facts.in_flight().filter(|flying| !is_waiting(flying)).map(|flying| {
            let begun = flying.started.unwrap_or(flying.created);
            self.context.now.duration_since(begun)
        });
        match (long.max(), facts.in_flight().next()) {
            (Some(running), _) if running > self.context.settings.stuck_after => {
                Flight::Long { seconds: running.as_secs() }
            }
            (_, Some(_)) => Flight::InTime,
            (_, None) => Flight::None,
        }
    }

    /// Since when a job of these facts is stuck, if it is.
    fn stuck_since(&self, facts: &Facts, flying: &Flying) -> Option<Timestamp> {
        let usual = match facts.longest_completed() {
            Some(longest) => Usual::Longest(longest),
            None if self.completed_jobs_read() => Usual::FirstRun,
            None => Usual::NotRead,
        };
        let job = stuck::Flight {
            phase: if is_waiting(flying) { Phase::Waiting } else { Phase::Running },
            created: Some(flying.created),
            started: flying.started,
            start_by: flying.start_by,
            completion_window: self.completion_window(),
        };
        let (since, _) = job.stuck_at(usual, self.context.settings.stuck_after)?;
        (since <= self.context.now).then_some(since)
    }

    /// A job that expired behind another one was made all the same.
    fn has_no_job_since(&self, since: Timestamp) -> bool {
        let last_tried = self.facts.last_tried.get();
        self.context.coverage.has_all_jobs(self.kind())
            && self.facts.in_flight().next().is_none()
            && last_tried.is_none_or(|tried| tried.saturating_add(EARLY).unwrap_or(tried) < since)
    }

    fn completed_jobs_read(&self) -> bool {
        self.context.coverage.has(&Source::Jobs(self.kind(), JobState::Completed))
    }

    fn kind(&self) -> JobKind {
        match self.key.hop {
            Hop::Backup => JobKind::Backup,
            Hop::Copy => JobKind::Copy,
        }
    }
}

/// The types with point-in-time restore.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/point-in-time-recovery.html>
const POINT_IN_TIME: [&str; 5] = ["RDS", "Aurora", "S3", "SAP HANA", "SAP HANA on Amazon EC2"];

/// A job may be recorded moments before its run.
const EARLY: SignedDuration = SignedDuration::from_mins(5);

fn is_waiting(flying: &Flying) -> bool {
    matches!(flying.state, JobState::Created | JobState::Pending)
}

/// Whether the last failure says that the resource, or the vault, is not there any more. A job that names a missing key says nothing of them.
fn existence(ledger: &Ledger, cause: u32) -> Existence {
    let Some(cause) = ledger.causes.get(cause as usize).filter(|cause| cause.class() == Class::ResourceNotFound) else {
        return Existence::NotKnown;
    };
    if speaks_of_vault(&cause.message) { Existence::VaultGone } else { Existence::Gone }
}
