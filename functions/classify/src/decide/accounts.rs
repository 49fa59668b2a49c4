//! Whether one fault in several accounts pages now. Pure.

use std::collections::BTreeMap;

use cause::rank::{self, Block, NIGHT, Ranked};
use classification::identity::RootCauseId;

use super::{OpenFor, PageDecision, Relapse, Rules, escalates, ranked_job, ranked_jobs};
use crate::causes::Cause;
use crate::fault::Fault;
use crate::tonight::Tonight;

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
    relapse: Option<Relapse>,
    /// The longest that it has been open in one of them.
    open: Option<OpenFor>,
    escalates: Option<Block>,
}

impl PageDecision {
    /// The decision on one fault in several accounts, from those on each account of the batch: it ranks by all of them together.
    pub fn of_accounts(accounts: &[PageDecision], fault: &Fault, rules: Rules<'_>) -> Self {
        let known = accounts.iter().filter_map(|decision| match decision {
            PageDecision::Known { since, episode, .. } => Some((*since, episode)),
            PageDecision::Unreadable { .. } | PageDecision::Foreign { .. } => None,
        });
        let oldest = known.min_by_key(|(since, _)| *since);
        let Part { among, ranked, relapse, open, escalates } = Part::that_pages(accounts, fault, rules);
        match (oldest, accounts.first()) {
            (Some((since, episode)), _) => PageDecision::Known {
                ranked,
                among,
                episode: episode.clone(),
                reruns: accounts.iter().map(PageDecision::reruns).sum(),
                since: relapse.as_ref().map_or(since, |relapse| Some(relapse.since)),
                relapse,
                open,
                escalates,
            },
            (_, Some(PageDecision::Unreadable { why } | PageDecision::Foreign { why, .. })) => {
                PageDecision::Foreign { why: why.clone(), ranked }
            }
            _ => PageDecision::Foreign { why: String::new(), ranked },
        }
    }

    /// Among which accounts one of the batch ranks.
    fn among(&self, tonight: &Tonight) -> Among {
        match self.episode() {
            Some(episode) if Some(episode.start) < tonight.begins() => Among::Recurring,
            _ => Among::New,
        }
    }
}

impl Part {
    /// The accounts that the page is of: those of an escalation, then those in which it is new, then the others.
    fn that_pages(accounts: &[PageDecision], fault: &Fault, rules: Rules<'_>) -> Self {
        let among = among(accounts, fault, &fault.tonight(rules.hours));
        let [new, recurring] = [Among::New, Among::Recurring].map(|one| Self::of(one, &among, accounts, fault, rules));
        let is_of_new = new.pages() || (!recurring.pages() && recurring.ranked.is_empty());
        if recurring.escalates.is_none() && is_of_new { new } else { recurring }
    }

    fn of(
        among: Among,
        of_cause: &BTreeMap<&RootCauseId, Among>,
        accounts: &[PageDecision],
        fault: &Fault,
        rules: Rules<'_>,
    ) -> Self {
        let is_of = |cause: &RootCauseId| of_cause.get(cause) == Some(&among);
        let own: Vec<(&Cause, &PageDecision)> =
            fault.causes.iter().zip(accounts).filter(|(cause, _)| is_of(&cause.id)).collect();
        let batch: Vec<rank::Failure> = own.iter().flat_map(|(cause, _)| ranked_jobs(cause)).collect();
        let loud = fault.known.iter().filter(|known| is_of(&known.cause) && !(rules.is_accepted)(&known.job));
        let order: Vec<rank::Failure> = loud.filter_map(|known| ranked_job(&known.job)).collect();
        // A relapse begins again at rank 1, unless the fault is new in another account of the batch.
        let relapses: Option<Vec<Relapse>> = own.iter().map(|(_, decision)| decision.relapse()).collect();
        let relapse = relapses.into_iter().flatten().min_by_key(|relapse| relapse.proven);
        // Of the failures since the proof others are of other accounts: all of them count, and are named.
        let relapse = relapse.map(|relapse| Relapse { since: relapse.proven, ..relapse });
        let since = relapse.as_ref().map(|relapse| relapse.since);
        let open = own.iter().filter_map(|(_, decision)| decision.open_for()).max_by_key(|open| open.nights);
        Self {
            among,
            ranked: rank::rank_as_known(&batch, &order, since, rules.hours),
            escalates: escalates(open, &rank::rank_as_known(&batch, &order, since, NIGHT), rules),
            relapse,
            open,
        }
    }

    fn pages(&self) -> bool {
        self.escalates.is_some() || self.ranked.iter().any(|ranked| ranked.page_rank.is_some())
    }
}

/// Among which accounts each cause of a fault ranks. Of those that are not in the batch it is known only when they failed.
fn among<'a>(accounts: &[PageDecision], fault: &'a Fault, tonight: &Tonight) -> BTreeMap<&'a RootCauseId, Among> {
    let mut among: BTreeMap<&RootCauseId, Among> = BTreeMap::new();
    for known in &fault.known {
        let of_cause = among.entry(&known.cause).or_default();
        if tonight.begins_after(&known.job) {
            *of_cause = Among::Recurring;
        }
    }
    let own = fault.causes.iter().zip(accounts);
    among.extend(own.map(|(cause, decision)| (&cause.id, decision.among(tonight))));
    among
}
