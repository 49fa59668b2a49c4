//! The end of the story: the report that its owner finds in the morning.

use serde_json::json;

use super::screen::Screen;
use super::{RUNBOOK, evidence, topic};
use crate::world::World;
use crate::{Function, Simulator};

/// The report of 07:00, as a mail and as the records behind it.
///
/// # Errors
/// What report answered, if it was an error.
pub(super) fn report(screen: &Screen, simulator: &Simulator) -> Result<(), String> {
    let topic = topic(simulator)?;
    simulator.with_world(|world: &mut World| world.clock = super::worlds::second_morning());
    let now = simulator.with_world(|world: &mut World| world.clock);
    let evidence = evidence(simulator);
    let kept = evidence.iter().map(|(name, value)| (*name, value.as_str()));
    let env: Vec<(&str, &str)> = [("ALERT_TOPIC_ARN", topic.as_str()), RUNBOOK].into_iter().chain(kept).collect();
    let mut report = Function::start("report", simulator, &env)?;
    let outcome = report.invoke(&json!({"time": now.to_string()}));
    outcome.answer.map_err(|error| format!("report answered with an error: {error}"))?;

    screen.title("The morning after, 07:00: the nightly report, on everything that is above");
    screen.logs(&outcome.logs);
    for mail in simulator.take_published() {
        screen.mail(&mail)?;
    }
    simulator.with_world(|world: &mut World| screen.pages(world.bucket(super::BUCKET)))?;
    screen.section("Two of the log lines behind it: a row past its RPO, and the evidence of a healthy one");
    let of = |record: &str, verdict: &str| {
        let marks = [format!("{{\"record\":\"{record}\""), format!("\"verdict\":\"{verdict}\"")];
        outcome.logs.iter().find(|line| marks.iter().all(|mark| line.contains(mark))).cloned()
    };
    for line in [of("rpo_gap", "in-breach"), of("backup_evidence", "within-objective")].into_iter().flatten() {
        screen.line(&line);
    }
    Ok(())
}
