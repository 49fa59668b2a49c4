//! A verdict for every item of Azure: a resource and the vault that protects it.

use jiff::{SignedDuration, Timestamp};
use job::{JobKind, Look, Scope};
use promise::{InVault, LastEnded, LastGood, Running, SeenItem, Verdict, breaches_at, judge_item};

use super::{Breach, Context, Dating, Existence, Flight, Row, Why, exception};
use crate::Azure;
use crate::azure::points::Points;
use crate::azure::stuck::{First, Habit, stuck_after};
use crate::azure::{LastStatus, Phase, Watched};
use crate::ledger::{Facts, Hop, RowKey};
use crate::promises::SetNumber;

/// What a row of Azure knows beside the members that all rows have.
#[derive(Clone, Debug)]
pub struct ItemRow {
    pub watched: Watched,
    /// What its verdict rests on.
    pub seen: SeenItem,
    /// What its job does, where one runs for long.
    pub phase: Option<Phase>,
}

/// Judges the items. They follow no rule of a plan: `none` is the set of no rules.
pub(crate) fn all(context: &Context<'_>, azure: &Azure, none: SetNumber) -> Vec<Row> {
    azure.items.iter().filter_map(|watched| row(context, azure, watched, none)).collect()
}

fn row(context: &Context<'_>, azure: &Azure, watched: &Watched, none: SetNumber) -> Option<Row> {
    let ledger = context.ledger;
    let (resource, vault) = ledger.names_of(&watched.resource, &watched.vault)?;
    let key = RowKey { resource, vault, hop: Hop::Backup };
    let nothing = Facts::default();
    let facts = ledger.rows.get(&key).map_or(&nothing, |facts| facts);
    let (flight, phase) = flight(context, azure, watched, facts);
    let open = facts.open_under().filter(|bad| watched.last_point.is_none_or(|point| point < bad.ended));
    let has_failed = open.is_some() || says_failed(watched, facts);
    let seen = SeenItem {
        standing: watched.standing,
        last_point: watched.last_point,
        in_vault: InVault::NotTold,
        policy: watched.policy,
        longest_completed: facts.longest_completed(),
        last_ended: match has_failed {
            true => LastEnded::Badly,
            false if azure.failures_unread.contains(&watched.vault) => LastEnded::NotRead,
            false => LastEnded::Well,
        },
        running: match flight {
            Flight::InTime | Flight::Long { .. } => Running::InTime,
            Flight::None | Flight::Stuck { .. } => Running::No,
        },
        protected_since: watched.protected_since.or(facts.first_tried.get()),
        last_heard: watched.last_heard,
    };
    let scope = Scope::azure(&watched.subscription, "");
    let by_tag = context.owners.at(&scope).objective(ledger.arn(resource));
    let judgement = judge_item(&seen, by_tag.or(context.settings.rpo), context.now);
    let breached = (judgement.verdict == Verdict::WithinObjective)
        .then(|| breached(facts, judgement.objective?, context.last_report))
        .flatten();
    Some(Row {
        key,
        judgement,
        last_good: last_good(&seen),
        rules: none,
        why: open.map_or(Why::Nothing, |bad| Why::Cause(bad.cause)),
        nights_failing: if open.is_some() { facts.nights_failing(context.now) } else { 0 },
        breached: breached.map(Box::new),
        flight,
        existence: Existence::NotKnown,
        item: Some(Box::new(ItemRow { watched: watched.clone(), seen, phase })),
        exception: exception(context, &scope, resource),
        confirmation: None,
        dating: Dating::Settled,
        seen: None,
    })
}

impl Row {
    /// Takes in what was found of the recovery points of an item, and judges it by them.
    pub(crate) fn take_points(&mut self, found: Look<Points>, rpo: Option<SignedDuration>, now: Timestamp) {
        let Some(item) = &mut self.item else { return };
        let points = match found {
            Look::Seen(points) => points,
            Look::Missing => Points { newest: None, in_vault: InVault::NotTold },
            Look::Unreadable { why } => return self.confirmation = Some(Box::new(Look::Unreadable { why })),
            Look::NotLooked { why } => return self.confirmation = Some(Box::new(Look::NotLooked { why })),
        };
        let (last, tell) = (item.seen.last_point, item.watched.points);
        let confirmation = points.confirmation(last, tell);
        // An item may have lost all its recovery points. Its row then says how old the last one was.
        if points.newest.is_some() {
            item.seen.last_point = points.last_point(last, tell);
        }
        item.seen.in_vault = points.in_vault;
        self.judgement = judge_item(&item.seen, rpo, now);
        self.last_good = last_good(&item.seen);
        self.confirmation = Some(Box::new(confirmation));
    }
}

fn last_good(seen: &SeenItem) -> LastGood {
    seen.last_point.map_or(LastGood::Never, LastGood::At)
}

/// Whether the item itself says that its last backup failed, and no job says that a later one did not.
fn says_failed(watched: &Watched, facts: &Facts) -> bool {
    match (watched.last_status, &facts.good) {
        (LastStatus::Well, _) => false,
        (LastStatus::Badly { at: Some(at) }, Some(good)) => good.end() <= at,
        (LastStatus::Badly { .. }, _) => true,
    }
}

/// Whether it exceeded its objective and came back, both since the last report.
fn breached(facts: &Facts, objective: SignedDuration, last_report: Timestamp) -> Option<Breach> {
    let (began, ended) = (breaches_at(facts.known_good.get()?, objective)?, facts.came_back.get()?);
    (last_report < began && began < ended).then_some(Breach { began, ended })
}

/// What its oldest job on its way does: the others wait behind it.
fn flight(context: &Context<'_>, azure: &Azure, watched: &Watched, facts: &Facts) -> (Flight, Option<Phase>) {
    let Some(job) = facts.in_flight().last() else { return (Flight::None, None) };
    let runs = context.now.duration_since(job.created);
    if runs <= context.settings.stuck_after {
        return (Flight::InTime, None);
    }
    let phase = azure.phases.get(&*job.job).copied().unwrap_or(Phase::NotTold);
    let habit = Habit {
        kind: JobKind::Backup,
        is_first: if watched.last_point.is_none() { First::Yes } else { First::No },
        longest_completed: facts.longest_completed(),
    };
    let after = stuck_after(phase, habit, context.settings.stuck_after);
    let stuck = |jobs| Some(Flight::Stuck { since: job.created.checked_add(after).ok()?, jobs });
    let flight = if runs > after { stuck(1) } else { None };
    (flight.unwrap_or(Flight::Long { seconds: runs.as_secs() }), Some(phase))
}
