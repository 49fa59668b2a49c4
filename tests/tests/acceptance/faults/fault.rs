//! A fault from its file: an account as records, and the steps that are carried out in it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use tests::world::Records;
use tests::{Fault as Trouble, Repeat, Simulator, World};

use super::stage::{Stage, Told};

/// Something that was told wrongly once.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// What is right, for the reader of a test that fails.
    right: String,
    account: Records,
    #[serde(default)]
    settings: BTreeMap<String, String>,
    #[serde(default = "half_a_minute")]
    time_limit_s: u64,
    /// Calls of AWS that do not answer.
    #[serde(default)]
    hangs: Vec<Hang>,
    steps: Vec<Step>,
}

fn half_a_minute() -> u64 {
    30
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hang {
    service: String,
    operation: String,
    /// Only calls that ask for this.
    asking: String,
}

/// An invocation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    at: Timestamp,
    function: String,
    /// Neither this nor `events_of`: the scheduler's event of that instant.
    payload: Option<Value>,
    /// The events of these jobs; `*` at the end of an id stands for anything.
    #[serde(default)]
    events_of: Vec<String>,
}

/// Longer than any invocation.
const FOR_EVER: Trouble = Trouble::Delay(3_600_000);

/// Plays a fault; what came of each step.
pub(crate) fn played<const STEPS: usize>(name: &str) -> [Told; STEPS] {
    played_with(name, &[])
}

/// The same with other text in the file: each pair is what stands there and what takes its place.
pub(crate) fn played_with<const STEPS: usize>(name: &str, changes: &[(&str, &str)]) -> [Told; STEPS] {
    let fault = Fault::read(name, changes);
    let simulator = fault.simulator();
    fault.play(&mut fault.stage(&simulator)).try_into().unwrap_or_else(|told: Vec<_>| panic!("{} steps", told.len()))
}

impl Fault {
    pub(crate) fn read(name: &str, changes: &[(&str, &str)]) -> Self {
        let mut text = std::fs::read_to_string(folder().join(format!("{name}.json"))).unwrap();
        for (from, to) in changes {
            assert!(text.contains(from), "{name} has no {from}");
            text = text.replace(from, to);
        }
        let fault: Fault = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        println!("What is right: {}", fault.right);
        fault
    }

    pub(crate) fn simulator(&self) -> Simulator {
        let simulator = Simulator::start(World::from_records(self.account.clone()));
        for hang in &self.hangs {
            simulator.fail_asking(&hang.service, &hang.operation, &hang.asking, FOR_EVER, Repeat::Always);
        }
        simulator
    }

    pub(crate) fn stage<'a>(&self, simulator: &'a Simulator) -> Stage<'a> {
        let settings: Vec<(&str, &str)> = self.settings.iter().map(|(name, value)| (&**name, &**value)).collect();
        let mut stage = Stage::with(simulator, &settings);
        stage.time_limit = Duration::from_secs(self.time_limit_s);
        stage
    }

    pub(crate) fn play(&self, stage: &mut Stage<'_>) -> Vec<Told> {
        self.steps.iter().map(|step| step.play(stage)).collect()
    }
}

impl Step {
    fn play(&self, stage: &mut Stage<'_>) -> Told {
        stage.world(|world| world.clock = self.at);
        match &self.payload {
            Some(payload) => stage.invoke(&self.function, payload),
            None if self.events_of.is_empty() => stage.scheduled(&self.function),
            None => stage.classify(&self.jobs(stage)),
        }
    }

    fn jobs(&self, stage: &Stage<'_>) -> Vec<String> {
        let all: Vec<String> = stage.world(|world| {
            let backups = world.backup_jobs.iter().map(|job| &job.id);
            let copies = world.copy_jobs.iter().map(|job| &job.id);
            backups.chain(copies).chain(world.restore_jobs.iter().map(|job| &job.id)).cloned().collect()
        });
        let fits = |pattern: &str, id: &str| match pattern.strip_suffix('*') {
            Some(start) => id.starts_with(start),
            None => id == pattern,
        };
        self.events_of.iter().flat_map(|pattern| all.iter().filter(|id| fits(pattern, id)).cloned()).collect()
    }
}

/// Where the faults are kept.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("faults")
}
