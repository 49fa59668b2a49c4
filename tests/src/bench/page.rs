//! One page with all its looks: the instructions that it takes, and how long it waits for its lists.

use std::collections::BTreeSet;
use std::time::Instant;

use serde_json::{Value, json};

use super::cold::one_failure;
use super::figure::Figure;
use super::{instructions, median};
use crate::{Fault, Function, Repeat, Simulator};

const ROUNDS: usize = 5;
/// How long each list takes in milliseconds, where waiting is measured.
const AWAY: u64 = 100;

pub(super) fn measure() -> Result<Vec<Figure>, String> {
    let (world, batch) = one_failure();
    let topic = world.topics.first().map(|topic| topic.arn.clone()).ok_or("the world has no topic")?;
    let simulator = Simulator::start(world);
    let env = [("ALERT_TOPIC_ARN", topic.as_str())];
    println!("\nclassify: one page with all its looks");
    Ok(vec![counted(&simulator, &env, &batch)?, waited(&simulator, &env, &batch)?])
}

fn counted(simulator: &Simulator, env: &[(&str, &str)], batch: &Value) -> Result<Figure, String> {
    let what = "classify: instructions of the first page with all its looks";
    if !instructions::are_counted() {
        println!("  instructions are not counted: Valgrind is not here (apt-get install valgrind)");
        return Ok(Figure::at_most(25.0, "M", what, f64::NAN));
    }
    let hello = instructions::of("hello", simulator, &[], &json!({}))?;
    let page = instructions::of("classify", simulator, env, batch)?;
    println!("  {:<44} {:>12} {:>12}", "millions of instructions, by Valgrind", "init", "first");
    for (what, count) in [("hello-world of the same runtime", hello), ("classify", page)] {
        println!("  {what:<44} {:>12.1} {:>12.1}", count.init, count.first);
    }
    Ok(Figure::at_most(25.0, "M", what, page.first))
}

/// Lists that do not depend on each other are waited for side by side.
fn waited(simulator: &Simulator, env: &[(&str, &str)], batch: &Value) -> Result<Figure, String> {
    let mut function = Function::start("classify", simulator, env)?;
    let mut page = || {
        function.cold_start()?;
        simulator.forget_calls();
        let begin = Instant::now();
        function.invoke(batch).answer.map_err(|error| format!("classify answered with an error: {error}"))?;
        Ok::<f64, String>(begin.elapsed().as_secs_f64() * 1e3)
    };
    let near = median((0..ROUNDS).map(|_| page()).collect::<Result<_, _>>()?);
    let lists: Vec<_> = simulator.calls().into_iter().filter(|call| call.operation.starts_with("List")).collect();
    let operations: BTreeSet<_> = lists.iter().map(|list| (&list.service, &list.operation)).collect();
    for (service, operation) in operations {
        simulator.fail(service, operation, Fault::Delay(AWAY), Repeat::Always);
    }
    let away = median((0..ROUNDS).map(|_| page()).collect::<Result<_, _>>()?);
    simulator.heal();
    let waits = (away - near) / AWAY as f64;
    println!("  {} lists, each {AWAY} ms away: the page comes {:.0} ms later", lists.len(), away - near);
    let what = format!("classify: time of the {} lists of a page : one after another", lists.len());
    Ok(Figure::at_most(0.5, "times", what, waits / lists.len() as f64))
}
