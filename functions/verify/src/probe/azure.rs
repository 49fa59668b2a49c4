//! Whether a cause of Azure is fixed, resource by resource: its machine, its item, the locks of its group.
//!
//! [`look`] asks Azure; the judges are pure. What may not be looked at is never called fixed.

mod judge;
#[cfg(test)]
mod tests;

use azure::{Health, Item, Lock};
use classification::class::Class;
use classification::table::Rerun;
use futures::StreamExt;
use jiff::Timestamp;
use job::{ArmId, Job, Look};
use source::{Place, sight};
use tokio::time::Instant;

use super::{Probe, Verdict};
use crate::decide::Claim;
use crate::ledger::{Cause, Ledger};
use crate::rerun::{Candidate, OnDemand, Unfit};

/// Resources that are asked about side by side.
const AT_ONCE: usize = 5;

/// What the tick has read already.
#[derive(Clone, Copy, Debug)]
pub struct World<'a> {
    pub on_demand: &'a OnDemand,
    pub ledger: &'a Ledger,
    pub now: Timestamp,
}

/// What shows that a cause is mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shows {
    /// Nothing that may be read: a person's word opens the way.
    Claim,
    /// The agent in the machine, and the health of the item.
    Health,
    /// The locks of the group that Azure keeps restore points in.
    Locks,
    /// That nothing else runs for the resource.
    Free,
    /// That a day is over: the vault takes a limited number of operations in one.
    Tomorrow,
    /// Nothing, and it mostly passes by itself.
    Passes,
}

impl Shows {
    fn of(cause: &Cause) -> Self {
        let text = cause.classification.text.to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
        match cause.class {
            _ if cause.entry().rerun == Rerun::Never => Shows::Claim,
            _ if says(&["rpcollectionlimitreached", "resourceisinlockedstate", "a lock on"]) => Shows::Locks,
            Class::ConcurrencyThrottled if says(&["clouddosabsolutelimit"]) => Shows::Tomorrow,
            Class::ConcurrencyThrottled => Shows::Free,
            Class::ServiceInternal => Shows::Passes,
            Class::AgentUnhealthy
            | Class::Vss
            | Class::NetworkConnectivity
            | Class::ResourceState
            | Class::PrerequisiteMisconfigured => Shows::Health,
            _ => Shows::Claim,
        }
    }
}

/// Looks whether the cause is fixed. A candidate that is seen not to be mended is no candidate any more, and where one is seen to be, the
/// others are none.
pub async fn probe(
    place: &Place,
    cause: &Cause,
    candidates: &mut [Candidate<'_>],
    world: &World<'_>,
    claim: Claim,
    until: Instant,
) -> Probe {
    let shows = Shows::of(cause);
    match shows {
        Shows::Claim => return judge::claim(cause),
        Shows::Tomorrow => return judge::tomorrow(cause, world.now),
        Shows::Passes => {
            return match candidates.first() {
                Some(first) => judge::passes(first.model),
                None => judge::claim(cause),
            };
        }
        Shows::Health | Shows::Locks | Shows::Free => {}
    }
    let models: Vec<Job> = candidates.iter().map(|candidate| candidate.model.clone()).collect();
    let looks = models.iter().map(|model| one(place, cause.class, shows, model, world, until));
    let probes: Vec<Probe> = futures::stream::iter(looks).buffered(AT_ONCE).collect().await;
    let answer = best(&probes).unwrap_or_else(|| judge::claim(cause));
    for (candidate, probe) in candidates.iter_mut().zip(&probes) {
        let is_out = match (probe.verdict, answer.verdict) {
            (Verdict::Fixed | Verdict::MayHavePassed, _) => false,
            (Verdict::NotFixed, _) => true,
            (Verdict::Undetermined, Verdict::Fixed) => claim == Claim::NotMade,
            (Verdict::Undetermined, _) => false,
        };
        if is_out && candidate.order.is_ok() {
            candidate.order = Err(Unfit::NotMended { why: probe.sentence.clone() });
        }
    }
    answer
}

async fn one(place: &Place, class: Class, shows: Shows, model: &Job, world: &World<'_>, until: Instant) -> Probe {
    match shows {
        Shows::Free => super::busy::judge(&[model], world.ledger.in_flight()),
        Shows::Locks => judge::locks(model, &locks(place, model, until).await),
        Shows::Health | Shows::Claim | Shows::Tomorrow | Shows::Passes => {
            let (machine, health) =
                futures::future::join(sight::machine(place, model, until), health(place, model, world, until)).await;
            judge::health(class, model, &machine, &health)
        }
    }
}

/// One answer for the cause: the resource that is best off speaks, for it is the one that would be rerun.
fn best(probes: &[Probe]) -> Option<Probe> {
    let first = |verdict: Verdict| probes.iter().find(|probe| probe.verdict == verdict);
    let best = first(Verdict::Fixed)
        .or_else(|| first(Verdict::MayHavePassed))
        .or_else(|| first(Verdict::Undetermined))
        .or_else(|| first(Verdict::NotFixed))?;
    let gather = |of: fn(&Probe) -> &Vec<String>| {
        let mut all: Vec<String> = Vec::new();
        for sentence in probes.iter().flat_map(of) {
            if !all.contains(sentence) {
                all.push(sentence.clone());
            }
        }
        all
    };
    let (evidence, could_not_read) = (gather(|probe| &probe.evidence), gather(|probe| &probe.could_not_read));
    Some(best.clone().with_evidence(evidence, could_not_read))
}

/// What the item says of its health now: what the graph tells is minutes old.
async fn health(place: &Place, model: &Job, world: &World<'_>, until: Instant) -> Look<Health> {
    let id = model.azure.as_ref().and_then(|record| record.item.as_deref());
    let Some(item) = id.and_then(|id| world.on_demand.item(id)) else {
        return Look::NotLooked { why: "its item is not known".to_owned() };
    };
    match sight::seen(place.subscription().item(&item.id, until).await) {
        Look::Seen(Item { health: Some(health), .. }) => Look::Seen(health),
        Look::Seen(_) => Look::NotLooked { why: "its item shows no health".to_owned() },
        Look::Missing => Look::Missing,
        Look::Unreadable { why } => Look::Unreadable { why },
        Look::NotLooked { why } => Look::NotLooked { why },
    }
}

/// The locks of the group that Azure keeps the restore points of a location in, and of the machine's own group.
async fn locks(place: &Place, model: &Job, until: Instant) -> Look<Vec<Lock>> {
    let restore_points = format!("AzureBackupRG_{}_1", model.scope.region);
    let own = ArmId::parse(&model.resource_arn).map(|id| id.group).filter(|group| !group.is_empty());
    let groups: Vec<&str> = [restore_points.as_str()].into_iter().chain(own).collect();
    sight::locks(place, &groups, until).await
}
