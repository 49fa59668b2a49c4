//! One tick of verify over a month of failures that nobody has fixed: what grows with the jobs, and what with the root causes.

use std::time::{Duration, Instant};

use jiff::SignedDuration;
use serde_json::json;

use super::figure::Figure;
use super::{median, rates};
use crate::world::admins_only;
use crate::{Function, Simulator, World};

/// Root causes, resources of each, and nights on which all of them failed.
const SIZES: [(usize, usize, i64); 5] = [(1, 5, 20), (20, 1, 5), (20, 20, 5), (20, 20, 25), (20, 500, 1)];
const ROUNDS: usize = 3;
/// It starts nothing when little time is left, and then looks at less.
const TIME_LIMIT: Duration = Duration::from_secs(5 * 60);

struct Measured {
    causes: usize,
    failures: usize,
    tick_ms: f64,
    peak_kb: f64,
    calls: usize,
    floor_ms: f64,
}

pub(super) fn measure() -> Result<Vec<Figure>, String> {
    let measured = SIZES.into_iter().map(of_size).collect::<Result<Vec<_>, _>>()?;
    let Some(first) = measured.first() else { return Ok(Vec::new()) };
    println!("\nverify: one tick over failures that are not fixed, median of {ROUNDS}");
    println!(
        "  {:>6} {:>8} {:>9} {:>9} {:>6} | {:>10} {:>10} {:>11}",
        "causes", "failures", "tick ms", "peak kB", "calls", "time : 1st", "mem : 1st", "calls : 1st"
    );
    for row in &measured {
        println!(
            "  {:>6} {:>8} {:>9.1} {:>9.0} {:>6} | {:>10.2} {:>10.2} {:>11.2}",
            row.causes,
            row.failures,
            row.tick_ms,
            row.peak_kb,
            row.calls,
            row.tick_ms / first.tick_ms,
            row.peak_kb / first.peak_kb,
            row.calls as f64 / first.calls as f64,
        );
    }
    println!(
        "  (calls grow with root causes, with at most ten resources of each, and with pages of 1,000 job records)"
    );
    let size = |row: &Measured| format!("verify, {} causes, {} failures", row.causes, row.failures);
    let largest = measured.last().into_iter();
    Ok(largest
        .flat_map(|row| {
            [
                Figure::at_most(400.0, "calls", size(row), row.calls as f64),
                Figure::at_most(
                    1.5,
                    "times",
                    format!("{}: time : its calls at the allowed rates", size(row)),
                    row.tick_ms / row.floor_ms,
                ),
            ]
        })
        .collect())
}

fn of_size((causes, resources, nights): (usize, usize, i64)) -> Result<Measured, String> {
    let mut world = World::at("2026-10-25T00:00:00Z");
    let topic = world.add_topic("alerts").arn.clone();
    let account = world.account.clone();
    world.add_role("Backup");
    world.add_vault("main");
    let mut names = Vec::new();
    for cause in 0..causes {
        let key = world.add_key(&format!("key-{cause}")).arn.clone();
        world.key(&format!("key-{cause}")).policy = admins_only(&account);
        for _ in 0..resources {
            let name = format!("db-{:04}", names.len());
            let resource = world.add_resource("RDS", &name);
            resource.key = Some(key.clone());
            resource.duration = SignedDuration::from_mins(5);
            names.push(name);
        }
    }
    world.add_plan("nightly");
    world.add_rule("nightly", "daily", "cron(0 1 ? * * *)", "main");
    world.add_selection("nightly", "Backup", &names.iter().map(String::as_str).collect::<Vec<_>>());
    let first = world.clock;
    for night in 0..nights {
        world.run_night("nightly", first + SignedDuration::from_hours(24 * night));
    }
    let (failures, now) = (world.backup_jobs.len(), world.clock);

    let simulator = Simulator::start(world);
    let mut function = Function::start("verify", &simulator, &[("ALERT_TOPIC_ARN", &topic)])?;
    function.time_limit = TIME_LIMIT;
    let (mut ticks, mut peaks, mut calls) = (vec![], vec![], Vec::new());
    for _ in 0..ROUNDS {
        function.cold_start()?;
        simulator.forget_calls();
        let begin = Instant::now();
        let outcome = function.invoke(&json!({"time": now.to_string()}));
        ticks.push(begin.elapsed().as_secs_f64() * 1e3);
        let answer = outcome.answer.map_err(|error| format!("verify answered with an error: {error}"))?;
        if answer["root_causes"].as_array().map(Vec::len) != Some(causes) || answer["coverage"]["complete"] != true {
            return Err(format!("verify did not see it all: {answer}"));
        }
        peaks.push(function.peak_memory_kb().ok_or("this system does not tell a process's peak memory")? as f64);
        calls = simulator.calls();
    }
    Ok(Measured {
        causes,
        failures,
        tick_ms: median(ticks),
        peak_kb: median(peaks),
        calls: calls.len(),
        floor_ms: rates::floor(&calls, 0).as_secs_f64() * 1e3,
    })
}
