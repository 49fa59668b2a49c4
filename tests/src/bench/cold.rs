//! Cold starts beside a hello-world of the same runtime, and beside a Python function that only publishes.

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Value, json};

use super::figure::Figure;
use super::median;
use crate::events::sqs_batch;
use crate::lambda::binary;
use crate::world::admins_only;
use crate::{Function, Simulator, World};

const ROUNDS: usize = 15;
const FUNCTIONS: [&str; 4] = ["classify", "verify", "report", "collect"];

/// What some cold starts took, in milliseconds.
struct Cold {
    /// Computed until the runtime asks for the first invocation.
    init_cpu: f64,
    /// Computed until the first answer.
    first_cpu: f64,
    /// By the clock, from the start of the process to the first answer. The quickest: whatever else runs here only adds to it.
    until_answer: f64,
}

pub(super) fn measure() -> Result<Vec<Figure>, String> {
    let (world, batch) = one_failure();
    // Of an account that is not ours nothing is looked at: the page alone.
    let foreign = Value::String(batch.to_string().replace(&world.account, "999988887777"));
    let foreign: Value =
        serde_json::from_str(foreign.as_str().unwrap_or_default()).map_err(|error| error.to_string())?;
    let topic = world.topics.first().map(|topic| topic.arn.clone()).ok_or("the world has no topic")?;
    let simulator = Simulator::start(world);
    let env = [("ALERT_TOPIC_ARN", topic.as_str())];

    let (hello, _) = cold(&mut Function::start("hello", &simulator, &[])?, &json!({}))?;
    let (alone, _) = cold(&mut Function::start("classify", &simulator, &env)?, &foreign)?;
    let (looking, _) = cold(&mut Function::start("classify", &simulator, &env)?, &batch)?;
    // Nothing is called at a start, so that it does not matter who listens there.
    let over_tls = [env[0], ("AWS_ENDPOINT_URL", "https://127.0.0.1:9")];
    let tls_init = init_cpu(&mut Function::start("classify", &simulator, &over_tls)?)?;
    let libraries = libraries();
    let in_python = [env[0], ("PYTHONPATH", libraries.as_str())];
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bench/publish.py");
    let (python, answer) =
        cold(&mut Function::start_command("publish", vec![script.into()], &simulator, &in_python)?, &batch)?;
    let with = answer["with"].as_str().unwrap_or("?").to_owned();

    println!("\ncold starts of classify over plain HTTP: CPU, median of {ROUNDS}, and by the clock, the quickest");
    println!("  {:<44} {:>12} {:>15} {:>15}", "", "init CPU ms", "first CPU ms", "to answer ms");
    let rows = [
        ("hello-world of the same runtime", &hello),
        ("a page without looks (of another account)", &alone),
        ("a page with all its looks", &looking),
        ("Python that only publishes", &python),
    ];
    for (what, cold) in rows {
        println!("  {what:<44} {:>12.2} {:>15.2} {:>15.1}", cold.init_cpu, cold.first_cpu, cold.until_answer);
    }
    println!("  {:<44} {tls_init:>12.2}", "a start over TLS, with the trusted certificates");
    println!("  (Python with {with})");

    let mut figures = vec![
        Figure::at_most(1.7, "times", "classify: init CPU : hello-world's", looking.init_cpu / hello.init_cpu),
        Figure::at_most(
            1.5,
            "times",
            "classify: init and first page without looks : hello-world's",
            alone.until_answer / hello.until_answer,
        ),
        Figure::at_least(
            20.0,
            "times",
            format!("Python ({with}) : init and page with looks"),
            python.until_answer / looking.until_answer,
        ),
    ];
    for function in FUNCTIONS {
        let bytes = binary(function)?.metadata().map_err(|error| error.to_string())?.len();
        figures.push(Figure::at_most(7.0, "MB", format!("{function}: binary"), bytes as f64 / 1e6));
    }
    Ok(figures)
}

/// What a process has computed, in milliseconds.
fn cpu(function: &Function<'_>) -> Result<f64, String> {
    let spent = function.cpu().ok_or("this system does not tell the time that a process computes")?;
    Ok(spent.as_secs_f64() * 1e3)
}

fn init_cpu(function: &mut Function<'_>) -> Result<f64, String> {
    let mut start = || {
        function.cold_start()?;
        cpu(function)
    };
    Ok(median((0..ROUNDS).map(|_| start()).collect::<Result<_, _>>()?))
}

fn cold(function: &mut Function<'_>, payload: &Value) -> Result<(Cold, Value), String> {
    let (mut init_cpu, mut first_cpu, mut until_answer, mut last) = (vec![], vec![], vec![], Value::Null);
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        function.cold_start()?;
        let started = begin.elapsed();
        init_cpu.push(cpu(function)?);
        let begin = Instant::now();
        last =
            function.invoke(payload).answer.map_err(|error| format!("a cold start answered with an error: {error}"))?;
        until_answer.push((started + begin.elapsed()).as_secs_f64() * 1e3);
        first_cpu.push(cpu(function)?);
    }
    let until_answer = until_answer.into_iter().fold(f64::INFINITY, f64::min);
    let cold = Cold { init_cpu: median(init_cpu), first_cpu: median(first_cpu), until_answer };
    Ok((cold, last))
}

/// A database whose key refuses the role, and the event of its failed backup.
pub(super) fn one_failure() -> (World, Value) {
    let mut world = World::at("2026-11-20T00:00:00Z");
    world.add_topic("alerts");
    let account = world.account.clone();
    let key = world.add_key("orders");
    key.policy = admins_only(&account);
    let key = key.arn.clone();
    world.add_role("Backup");
    world.add_vault("main");
    world.add_resource("RDS", "orders").key = Some(key);
    world.add_plan("nightly");
    world.add_rule("nightly", "daily", "cron(0 1 ? * * *)", "main");
    world.add_selection("nightly", "Backup", &["orders"]);
    let begin = world.clock;
    let night = world.run_night("nightly", begin);
    let batch = sqs_batch(&world.events(&night.jobs()));
    (world, batch)
}

/// Where `make` has installed Python's libraries for this project, if it has: SAM brings boto3.
fn libraries() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).join(".venv/lib");
    let versions =
        std::fs::read_dir(&root).into_iter().flatten().flatten().map(|entry| entry.path().join("site-packages"));
    let folders: Vec<PathBuf> = std::iter::once(root.clone()).chain(versions).filter(|path| path.is_dir()).collect();
    folders.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>().join(":")
}
