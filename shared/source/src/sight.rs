//! What a Reader can see of a failed job of Azure: the machine, the health of the item, and locks on its resource group.

mod read;

pub use read::{locks, machine, seen};

use azure::{Health, InstanceView, Item, Lock, Ready};
use classification::class::Class;
use job::{ArmId, Job, Look};
use notice::text;
use tokio::time::Instant;

use crate::place::Place;
use read::machine_of;

/// What was seen, in sentences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    pub looked_at: Vec<String>,
    pub could_not_read: Vec<String>,
    /// What to do before all else, where what was seen decides it.
    pub do_first: Option<String>,
}

/// Looks at what a job is of, as far as its class asks for it. What has not answered by `until` could not be read.
pub async fn look(place: &Place, job: &Job, class: Class, until: Instant) -> Sight {
    let mut sight = Sight::default();
    let id = machine_of(job).unwrap_or_default();
    if concerns_the_machine(class) {
        match machine(place, job, until).await {
            Look::Seen(view) => sight.machine(name(id), &view),
            Look::Missing => sight.looked_at.push(format!("The machine {} does not exist any more.", name(id))),
            Look::Unreadable { why } => sight.could_not_read.push(format!("the machine {}: {why}", name(id))),
            Look::NotLooked { .. } => {}
        }
    }
    match place.item_of(job, until).await {
        Ok(Some(item)) => sight.item(&item),
        Ok(None) => {}
        Err(why) => sight.could_not_read.push(format!("the health of the item: {why}")),
    }
    if let Some(group) = ArmId::parse(id).map(|id| id.group).filter(|_| concerns_locks(class)) {
        match locks(place, &[group], until).await {
            Look::Seen(locks) => sight.locks(group, &locks),
            Look::Unreadable { why } => {
                sight.could_not_read.push(format!("the locks of the resource group {group}: {why}"));
            }
            Look::Missing | Look::NotLooked { .. } => {}
        }
    }
    sight
}

impl Sight {
    fn machine(&mut self, name: &str, view: &InstanceView) {
        if let Some(power) = view.halted() {
            let power = text::outside(power, 40);
            self.looked_at.push(format!("The machine {name} is {power}."));
            self.do_first.get_or_insert(format!("Start the machine {name}: it is {power}"));
        }
        let version = view.agent_version.as_deref().map(|version| format!(" {}", text::outside(version, 40)));
        let version = version.unwrap_or_default();
        match &view.agent {
            Ready::Ready => {
                self.looked_at.push(format!("The VM agent{version} of {name} is ready."));
                if view.halted().is_none() {
                    self.do_first.get_or_insert(format!(
                        "The agent of {name} answers now: say that it is fixed, and one machine is backed up to prove it"
                    ));
                }
            }
            Ready::NotReady(why) => {
                let why = text::outside(why, 300);
                self.looked_at.push(format!("The VM agent{version} of {name} is not ready: {}", ended(&why)));
                self.do_first.get_or_insert(format!("Start or repair the VM agent of {name}: it is not ready"));
            }
            Ready::Unknown => self.could_not_read.push(format!("the VM agent of {name}: Azure says nothing of it")),
        }
        let failed = view.extensions.iter().filter(|extension| {
            extension.state.as_deref().is_some_and(|state| !state.eq_ignore_ascii_case("succeeded"))
        });
        for extension in failed.take(3) {
            let (extension, state) = (&extension.name, extension.state.as_deref().unwrap_or_default());
            let (extension, state) = (text::outside(extension, 80), text::outside(state, 40));
            self.looked_at.push(format!("The extension {extension} of {name} is {state}."));
        }
    }

    fn item(&mut self, item: &Item) {
        let name = text::outside(&item.label().unwrap_or_else(|| item.id.name().to_owned()), 80);
        match &item.health {
            Some(Health::Passed) => self.looked_at.push(format!("The health check of {name} is Passed.")),
            Some(Health::ActionRequired) => self.looked_at.push(format!("The health check of {name} asks for action.")),
            Some(Health::ActionSuggested) => {
                self.looked_at.push(format!("The health check of {name} suggests an action."));
            }
            Some(Health::Other(word)) => {
                self.looked_at.push(format!("The health check of {name} is {}.", text::outside(word, 40)));
            }
            None => {}
        }
        for note in item.health_notes.iter().filter_map(|note| note.text.as_deref()).take(2) {
            self.looked_at.push(format!("Of {name} it says: {}", ended(&text::outside(note, 300))));
        }
    }

    fn locks(&mut self, group: &str, locks: &[Lock]) {
        for lock in locks.iter().take(3) {
            let (name, level) = (text::outside(&lock.name, 80), text::outside(lock.level.as_str(), 40));
            self.looked_at.push(format!("The resource group {group} has the lock {name} ({level})."));
        }
        if locks.is_empty() {
            self.looked_at.push(format!("The resource group {group} has no lock."));
        }
    }
}

fn name(machine: &str) -> &str {
    machine.rsplit('/').next().unwrap_or(machine)
}

fn concerns_the_machine(class: Class) -> bool {
    matches!(
        class,
        Class::AgentUnhealthy
            | Class::Vss
            | Class::NetworkConnectivity
            | Class::ResourceState
            | Class::PrerequisiteMisconfigured
            | Class::ServiceInternal
            | Class::Unknown
    )
}

/// A lock keeps Azure Backup from deleting its own snapshots, until there are too many.
fn concerns_locks(class: Class) -> bool {
    matches!(
        class,
        Class::QuotaExceeded
            | Class::ResourceState
            | Class::PrerequisiteMisconfigured
            | Class::IamPermissionMissing
            | Class::Unknown
    )
}

fn ended(sentence: &str) -> String {
    format!("{}.", sentence.trim_end_matches(['.', ' ']))
}

#[cfg(test)]
mod tests {
    use azure::Extension;

    use super::*;

    #[test]
    fn a_ready_agent_and_one_that_is_not_ask_for_different_things_first() {
        let view = |power: &str, agent| InstanceView {
            power: Some(power.into()),
            agent,
            agent_version: Some("2.7".into()),
            extensions: vec![Extension {
                name: "VMSnapshot".into(),
                kind: None,
                state: Some("failed".into()),
                text: None,
            }],
        };
        let extension = "The extension VMSnapshot of vm-1 is failed.";
        let table = [
            (
                view("running", Ready::Ready),
                vec!["The VM agent 2.7 of vm-1 is ready.", extension],
                Some("The agent of vm-1 answers now: say that it is fixed, and one machine is backed up to prove it"),
            ),
            (
                view("running", Ready::NotReady("No heartbeat.".into())),
                vec!["The VM agent 2.7 of vm-1 is not ready: No heartbeat.", extension],
                Some("Start or repair the VM agent of vm-1: it is not ready"),
            ),
            (
                view("deallocated", Ready::NotReady("Off".into())),
                vec!["The machine vm-1 is deallocated.", "The VM agent 2.7 of vm-1 is not ready: Off.", extension],
                Some("Start the machine vm-1: it is deallocated"),
            ),
        ];
        for (view, looked_at, do_first) in table {
            let mut sight = Sight::default();
            sight.machine("vm-1", &view);
            assert_eq!(
                (sight.looked_at, sight.do_first.as_deref()),
                (looked_at.iter().map(|line| (*line).to_owned()).collect(), do_first)
            );
        }
        let mut sight = Sight::default();
        sight.machine("vm-1", &view("running", Ready::Unknown));
        assert_eq!(sight.could_not_read, ["the VM agent of vm-1: Azure says nothing of it"]);
    }
}
