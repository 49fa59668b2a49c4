//! The demo behind `make run`: the main job on AWS's own documented events and a simulated account, the same text every time.

mod azure;
mod morning;
mod operations;
mod organization;
mod report;
mod screen;
mod story;
mod ticks;
mod worlds;

use std::path::Path;

use serde_json::Value;

use crate::{Function, Simulator, World};
use screen::Screen;

pub use azure::azure;
pub use operations::operations;
pub use organization::organization;
pub use story::story;

/// Plays one event, or one SQS batch, from a file, and shows the log, the mails and the answer.
///
/// # Errors
/// A sentence that names the file, or what the function answered.
pub fn event(path: &str) -> Result<(), String> {
    let payload = read_event(Path::new(path))?;
    let mut world = worlds::empty();
    if let Some(time) = payload.get("time").and_then(Value::as_str).and_then(|time| time.parse().ok()) {
        world.clock = time;
    }
    let screen = Screen::new("event")?;
    let simulator = Simulator::start(world);
    let mut classify = start(&simulator)?;
    let outcome = classify.invoke(&payload);
    screen.title(path);
    screen.section("Log");
    for line in &outcome.logs {
        screen.line(line);
    }
    for mail in simulator.take_published() {
        screen.mail(&mail)?;
    }
    screen.section("Answer");
    if let Ok(answer) = &outcome.answer {
        screen.line(&answer.to_string());
    }
    screen.show_alone();
    outcome.answer.map(|_| ()).map_err(|error| format!("classify answered with an error: {error}"))
}

/// Where the company of the demo keeps its copy of the runbook.
const RUNBOOK: (&str, &str) = ("RUNBOOK_URL", "https://wiki.example.com/night-one/runbook");

/// Where programs are told, and where report leaves the page of the night.
const NOTICES: &str = "night-one-notices";
const BUCKET: &str = "night-one-evidence";

/// The topic of programs, and the bucket.
fn evidence(simulator: &Simulator) -> [(&'static str, String); 2] {
    let topic = topic(simulator).unwrap_or_default();
    let notices = topic.rsplit_once(':').map_or(String::new(), |(place, _)| format!("{place}:{NOTICES}"));
    [("NOTICE_TOPIC_ARN", notices), ("EVIDENCE_BUCKET", BUCKET.to_owned())]
}

fn start(simulator: &Simulator) -> Result<Function<'_>, String> {
    let (topic, [notices, _]) = (topic(simulator)?, evidence(simulator));
    Function::start("classify", simulator, &[("ALERT_TOPIC_ARN", &topic), RUNBOOK, (notices.0, &notices.1)])
}

/// Where people are told.
fn topic(simulator: &Simulator) -> Result<String, String> {
    let topic = simulator.with_world(|world: &mut World| world.topics.first().map(|topic| topic.arn.clone()));
    topic.ok_or_else(|| "the world has no topic".to_owned())
}

fn read_event(path: &Path) -> Result<Value, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{} is not JSON: {error}", path.display()))
}
