//! What may not be looked at is never called fixed, and is told.

use tests::{Fault, Repeat, Simulator};

use super::{agents_down, mend, night, status, triggers};
use crate::verify::support::text;

fn mended() -> Simulator {
    let simulator = Simulator::start(agents_down(&["vm-03"]));
    mend(&simulator, &["vm-03"]);
    simulator
}

#[test]
fn a_machine_that_may_not_be_looked_at_is_not_fixed() {
    let simulator = mended();
    simulator.fail("azure", "GetInstanceView", Fault::Denied, Repeat::Always);
    let played = night(&simulator).tick();
    assert_eq!((status(&played), text(played.cause(), "verdict")), ("waiting".into(), "undetermined".into()));
    assert!(played.reason().contains("could not look at the machine vm-03"), "{}", played.reason());
    let coverage = &played.summary()["coverage"];
    assert_eq!(coverage["complete"], false);
    assert!(coverage["errors"].to_string().contains("instanceView"), "{coverage}");
    assert_eq!(triggers(&simulator), 0);
}

#[test]
fn nothing_is_started_on_half_a_history_and_the_tick_is_run_again() {
    for (operation, fault) in [
        ("ListJobs", Fault::Denied),
        ("ListJobs", Fault::ServerError),
        ("QueryGraph", Fault::Denied),
        ("ListJobs", Fault::Malformed),
    ] {
        let simulator = mended();
        simulator.fail("azure", operation, fault, Repeat::Always);
        let mut night = night(&simulator);
        let unread = night.tick();
        assert_eq!(unread.answer.as_ref().unwrap_err()["errorType"], "NotRead", "{operation} {fault:?}");
        let told = unread.lines("verify_summary")[0];
        assert_eq!((&told["started"], &told["coverage"]["complete"]), (&0.into(), &false.into()));
        assert!(told["coverage"]["errors"].to_string().contains("subscription 0a0000"), "{told}");
        assert_eq!(triggers(&simulator), 0);
        simulator.heal();
        assert_eq!(night.tick().summary()["started"], 1, "{operation} {fault:?}: once it can be read");
    }
}

#[test]
fn a_trigger_that_we_may_not_send_is_refused_in_azures_words() {
    let simulator = mended();
    simulator.fail("azure", "TriggerBackup", Fault::Denied, Repeat::Always);
    let played = night(&simulator).tick();
    assert_eq!(status(&played), "refused", "{}", played.reason());
    assert!(
        played.reason().contains("Azure refused") && played.reason().contains("AuthorizationFailed"),
        "{}",
        played.reason()
    );
    assert_eq!(triggers(&simulator), 1);
}

#[test]
fn the_health_of_an_item_is_asked_where_the_machine_does_not_tell() {
    let mut world = crate::azure::support::company();
    let names = ["vm-03"];
    crate::azure::support::break_items(
        &mut world,
        &names,
        "VmStateBad",
        0,
        "The virtual machine is not in the available state.",
    );
    let simulator = Simulator::start(super::fails_tonight(world));
    let mut night = night(&simulator);
    let before = night.tick();
    let class = text(before.cause(), "class");
    assert_eq!(status(&before), "waiting", "{class}: {}", before.reason());
    assert_eq!(triggers(&simulator), 0);
}
