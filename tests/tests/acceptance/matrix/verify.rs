//! One tick, its run again if it failed, and the next tick.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Fault, Simulator, World};

use super::account;
use super::cells::{Broken, Cell, Promise, Scene, Which, hold};
use super::told::{Said, admissions, start};

const WHOLE: &[&str] = &["Publish", "ListBackupJobs[FAILED]"];

#[test]
fn verify_keeps_its_promises_whatever_one_call_does() {
    hold(&Tick, &Which::asked(WHOLE, 20));
}

struct Tick;

struct Told {
    tick: Said,
    /// The tick run again, because it failed.
    again: Vec<Said>,
    next: Said,
    /// What verify started: causes of backups, sources of copies.
    started: Vec<String>,
}

impl Scene for Tick {
    type Told = Told;

    fn function(&self) -> &'static str {
        "verify"
    }

    fn time_limit(&self) -> Duration {
        Duration::from_secs(30)
    }

    fn world(&self) -> World {
        account::morning()
    }

    fn play(&self, simulator: &Simulator, time_limit: Duration, heal: &dyn Fn()) -> Told {
        let mut verify = start("verify", simulator, time_limit, &[("MAX_RERUNS_PER_TICK", "20")]);
        let payload = json!({"time": "2026-03-10T04:30:00Z"});
        let tick = Said::of(simulator, &mut verify, &payload);
        heal();
        let mut again: Vec<Said> = Vec::new();
        // Lambda runs a failed tick again, twice at most.
        while again.last().unwrap_or(&tick).answer.is_err() && again.len() < 2 {
            simulator.with_world(|world| world.advance(SignedDuration::from_mins(1)));
            again.push(Said::of(simulator, &mut verify, &payload));
        }
        simulator.with_world(|world| world.clock = account::at("2026-03-10T04:45:10Z"));
        let next = Said::of(simulator, &mut verify, &json!({"time": "2026-03-10T04:45:00Z"}));
        Told { tick, again, next, started: simulator.with_world(|world| started(world)) }
    }

    fn broken(&self, cell: &Cell, without: &Told, with: &Told) -> Vec<Broken> {
        let mut broken: Vec<Broken> = with.tick.late().into_iter().collect();
        let (expected, told) = (outcomes(without), outcomes(with));
        let how_it_ended = match &with.tick.answer {
            Ok(summary) => format!("tick ok, coverage complete {}", summary["coverage"]["complete"]),
            Err(_) => "tick failed".to_owned(),
        };
        let mut lost: BTreeMap<&str, usize> = BTreeMap::new();
        for ((kind, _), _) in expected.iter().filter(|(outcome, _)| !told.contains_key(*outcome)) {
            *lost.entry(kind).or_default() += 1;
        }
        for (kind, count) in lost {
            let of = expected.keys().filter(|(other, _)| other == kind).count();
            // Of a state that nobody knows the tick cannot tell what it means: it says so.
            let says_so = cell.fault == Fault::UnknownWord && how_it_ended.ends_with("false");
            if !says_so {
                let how = format!("{count} of {of} {kind} never told ({how_it_ended})");
                broken.push(Broken::new(Promise::NothingLost, how));
            }
        }
        if told.keys().any(|outcome| !expected.contains_key(outcome)) {
            let besides: BTreeSet<&String> =
                told.keys().filter(|outcome| !expected.contains_key(*outcome)).map(|(kind, _)| kind).collect();
            broken.push(Broken::new(Promise::NothingGreenUnread, format!("told besides: {besides:?}")));
        }
        let may_repeat = cell.bare_operation() == "Publish" && cell.may_be_done();
        // What ran into its limit is run again by a new process, which cannot know what was told.
        let is_anew = with.tick.late().is_some();
        for ((kind, outcome), count) in &told {
            let once = expected.get(&(kind.clone(), outcome.clone()));
            if once.is_some_and(|once| once < count) && !may_repeat && !is_anew {
                broken.push(Broken::new(Promise::NothingLost, format!("{kind} told {count} times")));
            }
        }
        broken.extend(starts(without, with));
        broken.extend(silent_differences(cell, without, with));
        broken
    }
}

/// What ended in the windows of the two ticks and was mailed, by kind and root cause, and how often.
fn outcomes(told: &Told) -> BTreeMap<(String, String), usize> {
    let attribute = |mail: &tests::Published, name: &str| {
        mail.attributes.get(name).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let mut outcomes = BTreeMap::new();
    for said in [&told.tick, &told.next].into_iter().chain(&told.again) {
        for mail in &said.mails {
            *outcomes.entry((attribute(mail, "kind"), attribute(mail, "root_cause_id"))).or_default() += 1;
        }
    }
    outcomes
}

/// Reruns by their cause, copies by what they copy.
fn started(world: &World) -> Vec<String> {
    let ours = world.started();
    let backups = world.backup_jobs.iter().filter(|job| ours.contains(&job.id.as_str()));
    let copies = world.copy_jobs.iter().filter(|job| ours.contains(&job.id.as_str()));
    backups
        .map(|job| job.tags.get("night-one:root-cause").cloned().unwrap_or_default())
        .chain(copies.map(|job| job.source_recovery_point_arn.clone()))
        .collect()
}

fn starts(without: &Told, with: &Told) -> Vec<Broken> {
    let mut broken = Vec::new();
    let causes: BTreeSet<&String> = with.started.iter().collect();
    if causes.len() < with.started.len() {
        broken.push(Broken::new(Promise::NothingTwice, "two reruns of one cause"));
    }
    if causes.iter().any(|cause| !without.started.contains(cause)) {
        broken.push(Broken::new(Promise::NothingTwice, "a rerun of a cause that has none without the fault"));
    }
    broken
}

/// What the answer of the tick says otherwise than without the fault, although nothing in it says what was not read.
fn silent_differences(cell: &Cell, without: &Told, with: &Told) -> Vec<Broken> {
    let (Ok(expected), Ok(summary)) = (&without.tick.answer, &with.tick.answer) else { return Vec::new() };
    assert_eq!(expected["coverage"]["complete"], true, "all is read where nothing is wrong: {}", expected["coverage"]);
    let mut broken = Vec::new();
    let lines = |summary: &Value| -> BTreeMap<String, Value> {
        let causes = summary["root_causes"].as_array().unwrap();
        causes.iter().map(|cause| (cause["id"].as_str().unwrap().to_owned(), cause.clone())).collect()
    };
    let (expected, causes) = (lines(expected), lines(summary));
    let covered = summary["coverage"]["complete"] == true;
    let named = summary["coverage"]["errors"].to_string();
    if !covered && !named.contains(cell.bare_operation()) && admissions(&named) == 0 {
        let how = format!("coverage does not name {}: {named}", cell.bare_operation());
        broken.push(Broken::new(Promise::NothingGreenUnread, how.chars().take(200).collect::<String>()));
    }
    let missing = expected.keys().filter(|id| !causes.contains_key(*id)).count();
    if missing > 0 && covered {
        broken.push(Broken::new(
            Promise::NothingGreenUnread,
            format!("{missing} root causes missing, and coverage complete"),
        ));
    }
    for (id, cause) in &causes {
        let told = |cause: &Value| (cause["status"].clone(), cause["verdict"].clone());
        let before = expected.get(id);
        let is_told_as_unknown = cell.fault == Fault::UnknownWord && before.is_none() && cause["class"] == "unknown";
        if before.is_some_and(|before| told(before) == told(cause))
            || is_told_as_unknown
            || cause["status"] == "refused"
        {
            continue;
        }
        let class = cause["class"].as_str().unwrap_or_default();
        let change = format!("{class} {} -> {}", words(before), words(Some(cause)));
        if cause["status"] == "verified" {
            broken.push(Broken::new(Promise::NothingGreenUnread, format!("verified without its proof: {change}")));
        } else if covered
            && admissions(&cause.to_string()) <= before.map_or(0, |before| admissions(&before.to_string()))
        {
            let how = format!("coverage complete and nothing named: {change}");
            broken.push(Broken::new(Promise::NothingGreenUnread, how));
        }
    }
    broken
}

fn words(cause: Option<&Value>) -> String {
    let text = |cause: &Value, name: &str| cause[name].as_str().unwrap_or("-").to_owned();
    cause.map_or("none".to_owned(), |cause| format!("{}/{}", text(cause, "status"), text(cause, "verdict")))
}
