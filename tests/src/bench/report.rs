//! The nightly report of a large account, every call 20 ms away: time and memory against what the function is given.

use std::time::{Duration, Instant};

use jiff::SignedDuration;
use serde_json::json;

use super::figure::Figure;
use super::rates;
use crate::world::History;
use crate::{Fault, Function, Repeat, Simulator, World};

/// Protected resources; each has three nights of jobs.
const SIZES: [usize; 2] = [10_000, 100_000];
const NIGHTS: [i32; 3] = [2, 1, 0];
/// How long each call takes, in milliseconds.
const AWAY: u64 = 20;
/// What the template gives the function.
const TIME_LIMIT: Duration = Duration::from_secs(15 * 60);
const MEMORY_KB: f64 = 256.0 * 1024.0;

struct Measured {
    resources: usize,
    jobs: usize,
    took: Duration,
    peak_kb: f64,
    calls: usize,
    floor: Duration,
}

pub(super) fn measure() -> Result<Vec<Figure>, String> {
    let measured = SIZES.into_iter().map(|size| of_size(size, Page::None)).collect::<Result<Vec<_>, _>>()?;
    let kept = SIZES.last().map(|size| of_size(*size, Page::Kept)).transpose()?;
    let Some(first) = measured.first() else { return Ok(Vec::new()) };
    println!("\nreport: protected resources with three nights of jobs, {AWAY} ms a call");
    println!(
        "  {:>9} {:>8} {:>8} {:>9} {:>7} | {:>10} {:>10} | {:>12} {:>12}",
        "resources", "jobs", "time s", "peak MB", "calls", "time : 1st", "mem : 1st", "of 15 min %", "of 256 MB %"
    );
    for row in &measured {
        println!(
            "  {:>9} {:>8} {:>8.1} {:>9.1} {:>7} | {:>10.2} {:>10.2} | {:>12.1} {:>12.1}",
            row.resources,
            row.jobs,
            row.took.as_secs_f64(),
            row.peak_kb / 1024.0,
            row.calls,
            row.took.as_secs_f64() / first.took.as_secs_f64(),
            row.peak_kb / first.peak_kb,
            row.took.as_secs_f64() / TIME_LIMIT.as_secs_f64() * 100.0,
            row.peak_kb / MEMORY_KB * 100.0,
        );
    }
    if let (Some(kept), Some(row)) = (&kept, measured.last()) {
        println!(
            "  with the page of the night and its files: {:.1} s, {:.1} MB",
            kept.took.as_secs_f64(),
            kept.peak_kb / 1024.0
        );
        println!("  without: {:.1} s, {:.1} MB", row.took.as_secs_f64(), row.peak_kb / 1024.0);
    }
    println!("  (calls grow with pages of 1,000; the recovery points of at most 550 rows are looked for)");
    let ratio = |row: &Measured| row.took.as_secs_f64() / row.floor.as_secs_f64();
    let size = |row: &Measured| format!("report: {} resources, {} jobs", row.resources, row.jobs);
    let with_page = measured.last().zip(kept.as_ref()).into_iter().flat_map(|(row, kept)| {
        let of = |what: &str| format!("{}: {what} with the page of the night : without", size(row));
        [
            Figure::at_most(1.15, "times", of("RSS"), kept.peak_kb / row.peak_kb),
            Figure::at_most(1.15, "times", of("time"), kept.took.as_secs_f64() / row.took.as_secs_f64()),
        ]
    });
    Ok(measured
        .last()
        .into_iter()
        .flat_map(|row| {
            [
                Figure::at_most(
                    1.5,
                    "times",
                    format!("{}: time : its calls at the allowed rates", size(row)),
                    ratio(row),
                ),
                Figure::at_most(128.0, "MB", format!("{}: RSS", size(row)), row.peak_kb / 1024.0),
            ]
        })
        .chain(with_page)
        .collect())
}

/// Whether the page of the night and its files are kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Page {
    None,
    Kept,
}

const BUCKET: &str = "evidence";

fn of_size(resources: usize, page: Page) -> Result<Measured, String> {
    let mut world = World::at("2026-11-18T00:00:00Z");
    let topic = world.add_topic("alerts").arn.clone();
    world.add_bucket(BUCKET);
    world.add_role("Backup");
    world.add_vault("main");
    world.add_plan("nightly");
    world.add_rule("nightly", "daily", "cron(0 2 ? * * *)", "main");
    world.add_selection("nightly", "Backup", &["arn:aws:ec2:*:*:volume/*"]);
    let last = world.clock + SignedDuration::from_hours(74);
    let runs = NIGHTS.map(|ago| last - SignedDuration::from_hours(24) * ago);
    let history =
        History { plan: "nightly", rule: "daily", role: "Backup", kind: "EBS", prefix: "vol", resources, runs: &runs };
    // One in a hundred fails, and one in a thousand has failed every night.
    world.add_history(&history, |resource, run| {
        let fails = resource % 1_000 == 7 || (run == 2 && resource % 100 == 0);
        fails.then(|| "Access Denied".to_owned())
    });
    world.clock = last + SignedDuration::from_hours(5);
    let (jobs, now) = (world.backup_jobs.len(), world.clock);

    let simulator = Simulator::start(world);
    let mut env = vec![("ALERT_TOPIC_ARN", topic.as_str())];
    if page == Page::Kept {
        env.push(("EVIDENCE_BUCKET", BUCKET));
    }
    let mut function = Function::start("report", &simulator, &env)?;
    function.time_limit = TIME_LIMIT;
    simulator.fail("backup", "*", Fault::Delay(AWAY), Repeat::Always);
    let begin = Instant::now();
    let outcome = function.invoke(&json!({"time": now.to_string()}));
    let took = begin.elapsed();
    let answer = outcome.answer.map_err(|error| format!("report answered with an error: {error}"))?;
    if answer["resources"] != resources || answer["coverage"]["complete"] != true {
        return Err(format!("report did not read it all: {answer}"));
    }
    let peak_kb = function.peak_memory_kb().ok_or("this system does not tell a process's peak memory")? as f64;
    Ok(Measured {
        resources,
        jobs,
        took,
        peak_kb,
        calls: simulator.count("backup"),
        floor: rates::floor(&simulator.calls(), AWAY),
    })
}
