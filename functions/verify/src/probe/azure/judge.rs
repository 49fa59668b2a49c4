//! What was seen of one resource, as an answer. Pure.

use azure::{Health, InstanceView, Lock, Ready};
use classification::class::Class;
use classification::table::Rerun;
use jiff::{SignedDuration, Timestamp};
use job::{Cloud, Job, Look};

use super::super::{Probe, Verdict};
use crate::ledger::Cause;
use crate::rerun::azure::is_log_chain;

/// Nothing that Night One may read shows it: a person's word opens the way, where there is one.
pub(super) fn claim(cause: &Cause) -> Probe {
    let entry = cause.entry();
    Probe::undetermined(match entry.rerun {
        Rerun::Never => format!("Only this would show it: {} No rerun can prove it.", entry.proof),
        _ if cause.jobs().any(is_log_chain) => {
            "Only a full backup begins a new chain of log backups. Stop what else backs up the database, then claim the fix: Night One starts a full backup.".to_owned()
        }
        _ => format!("Night One cannot read what shows it. Check this, then claim the fix: {}", entry.proof),
    })
}

/// A fault of Azure's own, which mostly passes.
pub(super) fn passes(model: &Job) -> Probe {
    Probe::new(Verdict::MayHavePassed, &format!("Azure does not show its own faults under {}.", called(model)))
}

/// The agent answers, or Azure's own check of the item passes again.
pub(super) fn health(class: Class, model: &Job, machine: &Look<InstanceView>, health: &Look<Health>) -> Probe {
    let (mut evidence, mut could_not_read) = (Vec::new(), Vec::new());
    let name = called(model);
    if let Look::Seen(health) = health {
        evidence.push(format!("The item of {name} has the health status {}.", health.as_str()));
    }
    if let Look::Unreadable { why } = health {
        could_not_read.push(format!("The item of {name} could not be read: {why}."));
    }
    if let Look::Seen(view) = machine {
        evidence.push(described(&name, view));
    }
    let of_agent = matches!(class, Class::AgentUnhealthy | Class::Vss | Class::NetworkConnectivity);
    let probe = match machine {
        Look::Missing => Probe::not_fixed(format!("The machine {name} does not exist.")),
        Look::Unreadable { why } => {
            could_not_read.push(format!("The machine {name} could not be looked at: {why}."));
            Probe::undetermined(format!(
                "Night One could not look at the machine {name}: {why}. Check it, then claim the fix: {}",
                check(class)
            ))
        }
        Look::Seen(view) if of_agent => match obstacle(&name, view) {
            Some(why) => Probe::not_fixed(why),
            None if class == Class::AgentUnhealthy && view.agent == Ready::Ready => {
                Probe::fixed(format!("The machine {name} is running, and its agent is ready."))
            }
            None => by_health(class, &name, health),
        },
        Look::Seen(_) | Look::NotLooked { .. } => by_health(class, &name, health),
    };
    probe.with_evidence(evidence, could_not_read)
}

fn by_health(class: Class, name: &str, health: &Look<Health>) -> Probe {
    match health {
        Look::Seen(Health::Passed) => Probe::fixed(format!("Azure's own check of {name} passes again.")),
        Look::Unreadable { why } => Probe::undetermined(format!(
            "Night One could not look at the item of {name}: {why}. Check it, then claim the fix: {}",
            check(class)
        )),
        Look::Seen(_) | Look::Missing | Look::NotLooked { .. } => Probe::undetermined(format!(
            "Nothing that Night One reads shows that {name} is fixed. Check this, then claim the fix: {}",
            check(class)
        )),
    }
}

/// What has to be so, as the table says it for Azure.
fn check(class: Class) -> &'static str {
    class.entry_in(Cloud::Azure).proof
}

/// What keeps the agent of a machine from answering.
fn obstacle(name: &str, view: &InstanceView) -> Option<String> {
    if let Some(power) = view.halted() {
        return Some(format!("The machine {name} is {power}, so that its agent cannot answer."));
    }
    if let Ready::NotReady(why) = &view.agent {
        return Some(format!("The agent of {name} is not ready: {}", ended(why)));
    }
    let broken = view.extensions.iter().find(|extension| {
        let is_snapshot = [Some(extension.name.as_str()), extension.kind.as_deref()]
            .into_iter()
            .flatten()
            .any(|word| word.to_ascii_lowercase().contains("vmsnapshot"));
        is_snapshot && extension.state.as_deref().is_some_and(|state| state.eq_ignore_ascii_case("failed"))
    })?;
    let said = broken.text.as_deref().map(ended).unwrap_or_default();
    Some(format!("The snapshot extension of {name} has failed. {said}").trim_end().to_owned())
}

fn described(name: &str, view: &InstanceView) -> String {
    let agent = match &view.agent {
        Ready::Ready => "its agent is ready",
        Ready::NotReady(_) => "its agent is not ready",
        Ready::Unknown => "whether its agent is ready is not known",
    };
    format!("The machine {name} is {}; {agent}.", view.power.as_deref().unwrap_or("in an unknown state"))
}

/// No lock keeps Azure Backup from cleaning up its restore points.
pub(super) fn locks(model: &Job, locks: &Look<Vec<Lock>>) -> Probe {
    let name = called(model);
    match locks {
        Look::Seen(locks) => match locks.first() {
            Some(lock) => Probe::not_fixed(format!(
                "The lock {} ({}) is still on the restore points of {name} or on its resource group.",
                lock.name,
                lock.level.as_str()
            )),
            None => Probe::fixed(format!("No lock is on the restore points of {name} and on its resource group.")),
        },
        Look::Unreadable { why } => {
            let sentence = format!("The locks around {name} could not be looked at: {why}.");
            Probe::undetermined(format!("{sentence} Check them, then claim the fix."))
                .with_evidence(Vec::new(), vec![sentence])
        }
        Look::Missing | Look::NotLooked { .. } => {
            Probe::undetermined(format!("The locks around {name} were not looked at. Check them, then claim the fix."))
        }
    }
}

/// A vault takes a limited number of operations in a day.
pub(super) fn tomorrow(cause: &Cause, now: Timestamp) -> Probe {
    const DAY: SignedDuration = SignedDuration::from_hours(24);
    let Some(last) = cause.jobs().filter_map(|job| job.ended).max() else { return claim(cause) };
    let again = last + DAY;
    match now < again {
        true => Probe::not_fixed(format!(
            "The vault takes a limited number of operations in 24 hours. It takes more at {}.",
            notice::minute(again)
        )),
        false => Probe::fixed("The 24 hours are over in which the vault took no more operations."),
    }
}

fn called(model: &Job) -> String {
    notice::text::outside(model.resource_name.as_deref().unwrap_or(&model.resource_arn), 200)
}

fn ended(text: &str) -> String {
    let text = notice::text::outside(text, 300);
    if text.ends_with('.') { text } else { format!("{text}.") }
}
