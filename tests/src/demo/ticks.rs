//! Ticks of verify, as the scheduler sends them, and what they answer.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::screen::Screen;
use crate::world::World;
use crate::{Function, Simulator};

/// The scheduler's interval.
pub(super) const QUARTER: SignedDuration = SignedDuration::from_mins(15);

/// One tick, with its answer.
pub(super) fn tick(screen: &Screen, simulator: &Simulator, verify: &mut Function<'_>) -> Result<(), String> {
    let answer = invoke(screen, simulator, verify)?;
    causes(screen, &answer);
    Ok(())
}

/// One tick as the scheduler sends it; prints its mails.
pub(super) fn invoke(screen: &Screen, simulator: &Simulator, verify: &mut Function<'_>) -> Result<Value, String> {
    let now = simulator.with_world(|world: &mut World| world.clock).as_second();
    let time = Timestamp::from_second(now - now % QUARTER.as_secs()).map_err(|error| error.to_string())?;
    let outcome = verify.invoke(&json!({"time": time.to_string()}));
    screen.logs(&outcome.logs);
    for mail in simulator.take_published() {
        screen.mail(&mail)?;
    }
    outcome.answer.map_err(|error| format!("verify answered with an error: {error}"))
}

/// One plain sentence for each cause, as an operator reads them.
pub(super) fn causes(screen: &Screen, answer: &Value) {
    for cause in answer["root_causes"].as_array().into_iter().flatten() {
        let text = |member: &str| cause[member].as_str().unwrap_or("-").to_owned();
        screen.line(&format!(
            "{} {:<26} {:<14} {} resources, {} jobs",
            text("id"),
            text("class"),
            text("status"),
            cause["resources"],
            cause["jobs"]
        ));
        screen.line(&format!("    {}", text("reason")));
    }
}
