//! The morning after the first night: what verify does while people mend things.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::screen::Screen;
use super::{RUNBOOK, topic};
use crate::world::{World, naming};
use crate::{Function, Simulator};

/// The scheduler's interval.
const QUARTER: SignedDuration = SignedDuration::from_mins(15);

/// Ticks before the fix, after it, and until everything that was tried has been told.
///
/// # Errors
/// What verify answered, if it was an error.
pub(super) fn morning(screen: &Screen, simulator: &Simulator) -> Result<(), String> {
    let topic = topic(simulator)?;
    // A cause that may pass by itself rests for four hours here, so that the first tick shows it resting.
    let env = [("ALERT_TOPIC_ARN", topic.as_str()), RUNBOOK, ("COOL_OFF_MINUTES", "240")];
    let mut verify = Function::start("verify", simulator, &env)?;

    screen.title("That morning, nothing is mended yet: a tick of verify, and why it starts nothing");
    tick(screen, simulator, &mut verify)?;

    simulator.with_world(|world: &mut World| {
        let (account, role) = (world.account.clone(), world.role("NightlyBackupRole").arn.clone());
        world.key("crm-customers").policy = naming(&account, &role);
        world.advance(QUARTER);
    });
    screen.title(
        "Somebody puts the backup role back into the key policy: the next tick starts one job for twelve databases",
    );
    tick(screen, simulator, &mut verify)?;

    screen.title("The ticks of the next two hours: what came of it, and of a database that is still stopped");
    for _ in 0..8 {
        simulator.with_world(|world: &mut World| world.advance(QUARTER));
        invoke(screen, simulator, &mut verify)?;
    }

    screen.title("What would verify start now, and why not the others? (aws lambda invoke ... '{\"dry_run\":true}')");
    let answer =
        verify.invoke(&json!({"dry_run": true})).answer.map_err(|error| format!("verify answered: {error}"))?;
    causes(screen, &answer);
    Ok(())
}

/// One tick, with its answer.
fn tick(screen: &Screen, simulator: &Simulator, verify: &mut Function<'_>) -> Result<(), String> {
    let answer = invoke(screen, simulator, verify)?;
    causes(screen, &answer);
    Ok(())
}

/// One tick as the scheduler sends it; prints its mails.
fn invoke(screen: &Screen, simulator: &Simulator, verify: &mut Function<'_>) -> Result<Value, String> {
    let now = simulator.with_world(|world: &mut World| world.clock).as_second();
    let time = Timestamp::from_second(now - now % QUARTER.as_secs()).map_err(|error| error.to_string())?;
    let outcome = verify.invoke(&json!({"time": time.to_string()}));
    for mail in simulator.take_published() {
        screen.mail(&mail);
    }
    outcome.answer.map_err(|error| format!("verify answered with an error: {error}"))
}

/// One plain sentence for each cause, as an operator reads them.
fn causes(screen: &Screen, answer: &Value) {
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
