//! The real binary: cold start, one job beside 41 and 1,000 jobs, in time, memory and calls to AWS.

use std::time::Instant;

use jiff::SignedDuration;

use super::figure::Figure;
use super::median;
use crate::events::sqs_batch;
use crate::world::admins_only;
use crate::{Function, Simulator, World};

/// Failures of one root cause in a batch.
const SIZES: [usize; 3] = [1, 41, 1_000];
const ROUNDS: usize = 9;

struct Measured {
    jobs: usize,
    cold_ms: f64,
    first_ms: f64,
    peak_kb: f64,
    backup_calls: usize,
    pages: usize,
}

pub(super) fn measure() -> Result<Vec<Figure>, String> {
    let measured = SIZES.into_iter().map(of_size).collect::<Result<Vec<_>, _>>()?;
    let Some(one) = measured.first() else { return Ok(Vec::new()) };
    println!("\nclassify, release binary: failures of one root cause in one batch, median of {ROUNDS} cold starts");
    println!(
        "  {:>6} {:>10} {:>12} {:>12} {:>13} {:>6} | {:>10} {:>10} {:>10}",
        "jobs", "start ms", "invoke ms", "peak kB", "Backup calls", "pages", "time : 1", "memory : 1", "calls : 1"
    );
    for row in &measured {
        println!(
            "  {:>6} {:>10.1} {:>12.1} {:>12.0} {:>13} {:>6} | {:>10.2} {:>10.2} {:>10.2}",
            row.jobs,
            row.cold_ms,
            row.first_ms,
            row.peak_kb,
            row.backup_calls,
            row.pages,
            row.first_ms / one.first_ms,
            row.peak_kb / one.peak_kb,
            row.backup_calls as f64 / one.backup_calls as f64,
        );
    }
    println!("  (calls grow only with the resources looked at, at most 20, and with pages of 1,000 job records)");
    Ok(vec![Figure::at_most(10.0, "MB", "classify: RSS after one failure", one.peak_kb / 1024.0)])
}

fn of_size(jobs: usize) -> Result<Measured, String> {
    let mut world = World::at("2026-11-20T00:00:00Z");
    let topic = world.add_topic("alerts").arn.clone();
    let key = world.add_key("orders").arn.clone();
    let account = world.account.clone();
    world.key("orders").policy = admins_only(&account);
    world.add_role("Backup");
    world.add_vault("main");
    let names: Vec<String> = (0..jobs).map(|n| format!("db-{n:04}")).collect();
    for name in &names {
        let resource = world.add_resource("RDS", name);
        resource.key = Some(key.clone());
        resource.duration = SignedDuration::from_mins(5);
    }
    world.add_plan("nightly");
    world.add_rule("nightly", "daily", "cron(0 1 ? * * *)", "main");
    world.add_selection("nightly", "Backup", &names.iter().map(String::as_str).collect::<Vec<_>>());
    let begin = world.clock;
    let night = world.run_night("nightly", begin);
    let batch = sqs_batch(&world.events(&night.jobs()));

    let simulator = Simulator::start(world);
    let mut function = Function::start("classify", &simulator, &[("ALERT_TOPIC_ARN", &topic)])?;
    let (mut cold, mut first, mut peak, mut backup_calls, mut pages) = (vec![], vec![], vec![], 0, 0);
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        function.cold_start()?;
        cold.push(begin.elapsed().as_secs_f64() * 1e3);
        simulator.forget_calls();
        let begin = Instant::now();
        function.invoke(&batch).answer.map_err(|error| format!("classify answered with an error: {error}"))?;
        first.push(begin.elapsed().as_secs_f64() * 1e3);
        peak.push(function.peak_memory_kb().ok_or("this system does not tell a process's peak memory")? as f64);
        backup_calls = simulator.count("backup");
        pages = simulator.take_published().len();
    }
    Ok(Measured { jobs, cold_ms: median(cold), first_ms: median(first), peak_kb: median(peak), backup_calls, pages })
}
