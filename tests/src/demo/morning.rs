//! The morning after the first night: what verify does while people mend things.

use serde_json::json;

use super::screen::Screen;
use super::ticks::{QUARTER, causes, invoke, tick};
use super::{RUNBOOK, evidence, topic};
use crate::world::{World, naming};
use crate::{Function, Simulator};

/// Ticks before the fix, after it, and until everything that was tried has been told.
///
/// # Errors
/// What verify answered, if it was an error.
pub(super) fn morning(screen: &Screen, simulator: &Simulator) -> Result<(), String> {
    let topic = topic(simulator)?;
    // A cause that may pass by itself rests for four hours here, so that the first tick shows it resting.
    let evidence = evidence(simulator);
    let notices = evidence.iter().take(1).map(|(name, value)| (*name, value.as_str()));
    let env = [("ALERT_TOPIC_ARN", topic.as_str()), RUNBOOK, ("COOL_OFF_MINUTES", "240")];
    let env: Vec<(&str, &str)> = env.into_iter().chain(notices).collect();
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
