//! The real `verify` binary and Azure: nothing before a fix, one trigger after it whatever happens on the way, and a proof that is one.

mod clouds;
mod instances;
mod once;
mod owners;
mod proof;
mod protection;
mod restores;
mod sight;
mod stop;
mod taken;

use jiff::SignedDuration;
use serde_json::Value;
use tests::world::azure::{AzureJob, Cause};
use tests::{Simulator, World};

use super::support::{NIGHT, at, company, run_all};
use crate::verify::support::{Night, Played, text};

/// The company after a night on which the agents of these machines were down.
pub(super) fn agents_down(names: &[&str]) -> World {
    let mut world = company();
    for name in names {
        world.azure.item(name).cause = Some(Cause::agent_down());
        world.azure.machine(name).agent_ready = false;
    }
    fails_tonight(world)
}

/// Every item is backed up, and so much time has passed since that causes which rest have rested.
fn fails_tonight(mut world: World) -> World {
    assert_eq!(world.clock, at(NIGHT));
    run_all(&mut world);
    world.advance(SignedDuration::from_mins(90));
    world
}

pub(super) fn mend(simulator: &Simulator, names: &[&str]) {
    simulator.with_world(|world| {
        for name in names {
            world.azure.item(name).cause = None;
            world.azure.machine(name).agent_ready = true;
        }
    });
}

pub(super) fn night(simulator: &Simulator) -> Night<'_> {
    night_with(simulator, &[])
}

/// A verify that watches both clouds.
pub(super) fn night_with<'a>(simulator: &'a Simulator, settings: &[(&str, &str)]) -> Night<'a> {
    let azure = simulator.with_world(|world| world.azure.settings(simulator.url()));
    let of_azure = azure.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let all: Vec<(&str, &str)> = of_azure.chain(settings.iter().copied()).collect();
    Night::with(simulator, &all)
}

/// The backups on demand that there are.
fn reruns(simulator: &Simulator) -> Vec<AzureJob> {
    simulator.with_world(|world| {
        let on_demand = |job: &&AzureJob| job.user_triggered && job.operation.starts_with("Backup");
        world.azure.jobs.iter().filter(on_demand).cloned().collect()
    })
}

/// How often this list was read, by its name.
fn lists(simulator: &Simulator, name: &str) -> usize {
    simulator.calls().iter().filter(|call| call.name == name).count()
}

pub(super) fn triggers(simulator: &Simulator) -> usize {
    simulator.count_of("azure", "TriggerBackup")
}

/// The cause that these words are said of.
fn cause<'p>(played: &'p Played, words: &str) -> &'p Value {
    let causes = played.causes();
    let is_it = |cause: &&Value| cause.to_string().contains(words);
    causes.iter().find(is_it).unwrap_or_else(|| panic!("no cause with {words}: {causes:#?}"))
}

fn status(played: &Played) -> String {
    text(played.cause(), "status")
}
