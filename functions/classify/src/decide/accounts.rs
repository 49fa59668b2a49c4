//! Whether one fault in several accounts pages now. Pure.

use std::collections::BTreeSet;

use cause::judged::Judged;
use cause::rank::{self, Ranked};
use classification::identity::RootCauseId;
use jiff::Timestamp;
use job::Job;

use super::{NIGHT, PageDecision, Relapse, Rules, escalates, failure, first_block, ranked_jobs};
use crate::causes::Cause;
use crate::fault::Fault;

/// Among which accounts of a fault a failure ranks. An account in which it is new must not be silent because of others in which it has failed for
/// nights: the events of those may never reach us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Among {
    /// Those in which it failed tonight for the first time, or for the first time since its proof.
    #[default]
    New,
    /// Those in which it failed on an earlier night, too.
    Recurring,
}

/// What the storm rule says of some of the accounts.
struct Part {
    among: Among,
    ranked: Vec<Ranked>,
    nights: Vec<Ranked>,
    relapse: Option<Relapse>,
}

impl PageDecision {
    /// The decision on one fault in several accounts, from those on each account of the batch: it ranks by all of them together.
    pub fn of_accounts(accounts: &[PageDecision], fault: &Fault, rules: Rules<'_>) -> Self {
        let known = accounts.iter().filter_map(|decision| match decision {
            PageDecision::Known { since, episode, .. } => Some((*since, episode)),
            PageDecision::Unreadable { .. } | PageDecision::Foreign { .. } => None,
        });
        let oldest = known.min_by_key(|(since, _)| *since);
        let open = accounts.iter().filter_map(PageDecision::open_for).max_by_key(|open| open.nights);
        let [new, recurring] = [Among::New, Among::Recurring].map(|among| Part::of(among, accounts, fault, rules));
        let pages = |part: &Part| {
            escalates(open, &part.nights, rules).is_some() || part.ranked.iter().any(|rank| rank.page_rank.is_some())
        };
        let is_new = pages(&new) || (!pages(&recurring) && recurring.ranked.is_empty());
        let Part { among, ranked, nights, relapse } = if is_new { new } else { recurring };
        match (oldest, accounts.first()) {
            (Some((since, episode)), _) => PageDecision::Known {
                ranked,
                among,
                episode: episode.clone(),
                reruns: accounts.iter().map(PageDecision::reruns).sum(),
                since: relapse.as_ref().map_or(since, |relapse| Some(relapse.since)),
                relapse,
                open,
                escalates: escalates(open, &nights, rules),
            },
            (_, Some(PageDecision::Unreadable { why } | PageDecision::Foreign { why, .. })) => {
                PageDecision::Foreign { why: why.clone(), ranked }
            }
            _ => PageDecision::Foreign { why: String::new(), ranked },
        }
    }

    /// Among which accounts one of the batch ranks. `tonight`: when the first block of the batch begins.
    fn among(&self, tonight: Option<Timestamp>) -> Among {
        match self.episode() {
            Some(episode) if Some(episode.start) < tonight => Among::Recurring,
            _ => Among::New,
        }
    }
}

impl Part {
    fn of(among: Among, accounts: &[PageDecision], fault: &Fault, rules: Rules<'_>) -> Self {
        let tonight = first_block(fault.whole.jobs(), rules.hours);
        let decided = || fault.causes.iter().zip(accounts);
        let own: Vec<(&Cause, &PageDecision)> =
            decided().filter(|(_, decision)| decision.among(tonight) == among).collect();
        let batch: Vec<rank::Failure> = own.iter().flat_map(|(cause, _)| ranked_jobs(cause)).collect();
        let is_before = |job: &Job| job.ended.zip(tonight).is_some_and(|(ended, tonight)| ended < tonight);
        let failed_before: BTreeSet<&RootCauseId> =
            fault.known.iter().filter(|known| is_before(&known.job)).map(|known| &known.cause).collect();
        let ranks = |known: &&Judged| {
            let of_known = match decided().find(|(cause, _)| cause.id == known.cause) {
                Some((_, decision)) => decision.among(tonight),
                None if failed_before.contains(&known.cause) => Among::Recurring,
                None => Among::New,
            };
            of_known == among && !(rules.is_accepted)(&known.job)
        };
        let order: Vec<rank::Failure> =
            fault.known.iter().filter(ranks).filter_map(|known| failure(&known.job)).collect();
        // A relapse begins again at rank 1, unless the fault is new in another account of the batch.
        let relapses: Option<Vec<Relapse>> = own.iter().map(|(_, decision)| decision.relapse()).collect();
        let relapse = relapses.into_iter().flatten().min_by_key(|relapse| relapse.proven);
        // Of the failures since the proof others are of other accounts: all of them count, and are named.
        let relapse = relapse.map(|relapse| Relapse { since: relapse.proven, ..relapse });
        let since = relapse.as_ref().map(|relapse| relapse.since);
        Self {
            among,
            ranked: rank::rank_as_known(&batch, &order, since, rules.hours),
            nights: rank::rank_as_known(&batch, &order, since, NIGHT),
            relapse,
        }
    }
}
