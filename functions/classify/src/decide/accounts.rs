//! Whether one fault in several accounts pages now. Pure.

use std::collections::{BTreeMap, BTreeSet};

use cause::episode::Episode;
use cause::judged::Judged;
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
            PageDecision::Unreadable { .. } | PageDecision::RankedBySeen { .. } => None,
        });
        let oldest = known.min_by_key(|(since, _)| *since);
        let Part { among, ranked, relapse, open, escalates } = Part::that_pages(accounts, fault, rules);
        let Some((since, episode)) = oldest else {
            let why = accounts.iter().find_map(PageDecision::unread).unwrap_or_default().to_owned();
            return PageDecision::RankedBySeen { why, ranked };
        };
        PageDecision::Known {
            ranked,
            among,
            episode: episode.clone().map(|episode| of_all(episode, accounts, fault, rules)),
            reruns: accounts.iter().map(PageDecision::reruns).sum(),
            since: relapse.as_ref().map_or(since, |relapse| Some(relapse.since)),
            relapse,
            open,
            escalates,
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
        let loud = fault.in_all_accounts.iter().filter(|known| is_of(&known.cause) && !(rules.is_accepted)(&known.job));
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

/// The episode of the account in which it is open for longest, with the failures of all accounts since then.
fn of_all(oldest: Episode, accounts: &[PageDecision], fault: &Fault, rules: Rules<'_>) -> Episode {
    let of_batch: usize = accounts.iter().filter_map(PageDecision::episode).map(|episode| episode.failures).sum();
    let in_batch: BTreeSet<&RootCauseId> = fault.causes.iter().map(|cause| &cause.id).collect();
    let is_of_another = |known: &&Judged| {
        known.job.ended >= Some(oldest.start) && !in_batch.contains(&known.cause) && !(rules.is_accepted)(&known.job)
    };
    let of_others = fault.in_all_accounts.iter().filter(is_of_another).count();
    Episode { failures: of_batch + of_others, ..oldest }
}

/// Among which accounts each cause of a fault ranks. Of those that are not in the batch it is known only when they failed.
fn among<'a>(accounts: &[PageDecision], fault: &'a Fault, tonight: &Tonight) -> BTreeMap<&'a RootCauseId, Among> {
    let mut among: BTreeMap<&RootCauseId, Among> = BTreeMap::new();
    for known in &fault.in_all_accounts {
        let of_cause = among.entry(&known.cause).or_default();
        if tonight.begins_after(&known.job) {
            *of_cause = Among::Recurring;
        }
    }
    let own = fault.causes.iter().zip(accounts);
    among.extend(own.map(|(cause, decision)| (&cause.id, decision.among(tonight))));
    among
}

#[cfg(test)]
mod tests {
    use cause::group::group;
    use jiff::{SignedDuration, Timestamp};
    use job::{Job, JobKind, JobState, RoleRef, Scope};

    use super::*;
    use crate::causes::{Failure, Listed};
    use crate::decide::AcceptedSoFar;
    use crate::fault::{Wide, faults};

    /// Hours after midnight of the night.
    fn at(hour: i64) -> Timestamp {
        "2026-11-21T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hour)
    }

    /// The backup role of an account is gone.
    fn failure(account: &str, hour: i64) -> Judged {
        Judged::new(Job {
            scope: Scope::aws(account, "eu-west-1"),
            role: Some(RoleRef::parse(format!("arn:aws:iam::{account}:role/backup"))),
            message: format!("IAM Role arn:aws:iam::{account}:role/backup cannot be assumed by AWS Backup"),
            ended: Some(at(hour)),
            ..Job::new(JobKind::Backup, format!("{account} {hour}"), JobState::Failed)
        })
    }

    fn decision(first: i64, nights: usize) -> PageDecision {
        PageDecision::Known {
            episode: Some(Episode { start: at(first), last: at(3), failures: nights, nights }),
            ranked: Vec::new(),
            among: Among::New,
            relapse: None,
            reruns: 0,
            since: Some(at(first)),
            open: Some(OpenFor { since: at(first), nights, accepted: AcceptedSoFar::default() }),
            escalates: None,
        }
    }

    /// A batch of an account in which it has failed for four nights, and of one in which it is new.
    #[test]
    fn an_escalation_is_of_the_accounts_that_are_open_for_too_long() {
        let (old, new, third) = ("111111111111", "222222222222", "333333333333");
        let table = [
            ("the first of the night of those that recur", vec![], Some(4), Among::Recurring),
            (
                "another account that recurs was before it: that page escalated",
                vec![(third, -71), (third, 1)],
                None,
                Among::New,
            ),
        ];
        for (name, others, escalation, among) in table {
            let batch = [failure(old, 2), failure(new, 3)];
            let failures = batch.iter().map(|judged| Failure {
                event_id: String::new(),
                message_ids: Vec::new(),
                listed: Listed::Yes,
                judged: judged.clone(),
            });
            let mut all = faults(group(failures), Wide::Several);
            let mut fault = all.remove(0);
            assert!(all.is_empty(), "{name}");
            let others = others.into_iter().map(|(account, hour)| failure(account, hour));
            fault.in_all_accounts = [failure(old, -70)].into_iter().chain(batch).chain(others).collect();
            fault.in_all_accounts.sort_by_key(|judged| judged.job.ended);
            let accounts: Vec<PageDecision> =
                fault
                    .causes
                    .iter()
                    .map(|cause| {
                        if cause.first_job().unwrap().scope.account == old { decision(-70, 4) } else { decision(3, 1) }
                    })
                    .collect();
            let rules = Rules { hours: 24, escalate_nights: 3, is_accepted: &|_| false };
            let decided = PageDecision::of_accounts(&accounts, &fault, rules);
            assert_eq!(decided.escalation().map(|open| open.nights), escalation, "{name}");
            assert!(decided.page().is_some(), "{name}");
            assert!(matches!(decided, PageDecision::Known { among: of, .. } if of == among), "{name}: {decided:?}");
        }
    }
}
