//! One trigger, whatever is delivered twice, run at once, or lost on the wire. Azure has no token by which it would know an order again.

use jiff::SignedDuration;
use serde_json::json;
use tests::world::azure::Cause;
use tests::{Fault, Function, Repeat, Simulator};

use super::{agents_down, mend, night, reruns, status, triggers};
use crate::verify::support::{ALERTS, text};

fn mended() -> Simulator {
    let simulator = Simulator::start(agents_down(&["vm-03"]));
    mend(&simulator, &["vm-03"]);
    simulator
}

#[test]
fn a_tick_that_is_delivered_twice_starts_one_job() {
    let simulator = mended();
    let mut night = night(&simulator);
    assert_eq!(status(&night.tick()), "started");
    assert_eq!(status(&night.tick()), "in-flight");
    night.verify.cold_start().unwrap();
    assert_eq!(status(&night.tick()), "in-flight");
    assert_eq!((triggers(&simulator), reruns(&simulator).len()), (1, 1));
}

#[test]
fn two_ticks_at_once_start_one_job() {
    let simulator = mended();
    // Both look while nothing is started yet.
    simulator.fail("azure", "GetInstanceView", Fault::Delay(400), Repeat::Always);
    let now = simulator.with_world(|world| world.clock);
    let azure = simulator.with_world(|world| world.azure.settings(simulator.url()));
    let env: Vec<(&str, &str)> = azure
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .chain([("ALERT_TOPIC_ARN", ALERTS)])
        .collect();
    let tick = json!({"time": now.to_string()});
    let statuses: Vec<String> = std::thread::scope(|scope| {
        let run = || {
            let mut verify = Function::start("verify", &simulator, &env).unwrap();
            verify.invoke(&tick).answer.unwrap()
        };
        let both = [scope.spawn(run), scope.spawn(run)];
        both.into_iter().map(|one| text(&one.join().unwrap()["root_causes"][0], "status")).collect()
    });
    assert_eq!(reruns(&simulator).len(), 1, "{statuses:?}");
    assert!(statuses.contains(&"started".to_owned()), "{statuses:?}");
}

/// What came of the trigger is not known. The lists are asked, and no trigger is repeated.
#[test]
fn a_trigger_whose_answer_is_lost_is_one_job() {
    let table = [
        (Fault::LostResponse, 1),
        (Fault::DoneAndBroken, 1),
        (Fault::Truncated, 1),
        (Fault::Malformed, 1),
        // Nothing was done: the next tick, which sees no job, may try again.
        (Fault::Reset, 0),
        (Fault::ServerError, 0),
        (Fault::Html(502), 0),
    ];
    for (fault, jobs) in table {
        let simulator = mended();
        let mut night = night(&simulator);
        simulator.fail("azure", "TriggerBackup", fault, Repeat::Times(1));
        let played = night.tick();
        assert_eq!((triggers(&simulator), reruns(&simulator).len()), (1, jobs), "{fault:?}");
        let expected = if jobs == 1 { "started" } else { "waiting" };
        assert_eq!(status(&played), expected, "{fault:?}: {}", played.reason());
        simulator.with_world(|world| world.advance(SignedDuration::from_mins(15)));
        let next = night.tick();
        let expected = if jobs == 1 { "in-flight" } else { "started" };
        assert_eq!(status(&next), expected, "{fault:?}: {}", next.reason());
        assert_eq!(reruns(&simulator).len(), 1, "{fault:?}");
    }
}

/// The list that would tell whether it was started cannot be read either.
#[test]
fn a_trigger_that_nothing_tells_of_is_not_repeated_while_the_lists_cannot_be_read() {
    let simulator = mended();
    let mut night = night(&simulator);
    simulator.fail("azure", "TriggerBackup", Fault::LostResponse, Repeat::Times(1));
    assert_eq!(status(&night.tick()), "started", "the list tells");
    simulator.fail("azure", "ListJobs", Fault::ServerError, Repeat::Always);
    simulator.with_world(|world| world.advance(SignedDuration::from_mins(15)));
    let unread = night.tick();
    assert_eq!(unread.answer.as_ref().unwrap_err()["errorType"], "NotRead");
    assert_eq!(triggers(&simulator), 1);
    simulator.heal();
    assert_eq!(status(&night.tick()), "in-flight");
    assert_eq!((triggers(&simulator), reruns(&simulator).len()), (1, 1));
}

#[test]
fn a_job_that_is_not_visible_yet_is_followed_all_the_same() {
    let simulator = mended();
    simulator.with_world(|world| world.azure.habits.invisible_polls = 5);
    let mut night = night(&simulator);
    assert_eq!(status(&night.tick()), "started");
    assert_eq!(status(&night.tick()), "in-flight");
    assert_eq!(triggers(&simulator), 1);
}

#[test]
fn an_operation_that_fails_is_told_in_azures_words() {
    let simulator = mended();
    simulator.with_world(|world| {
        let why =
            Cause { title: "UserErrorVmNotInDesirableState".into(), number: 0, text: "The VM is being moved.".into() };
        world.azure.habits.operations_fail = Some(why);
    });
    let played = night(&simulator).tick();
    assert_eq!(status(&played), "refused", "{}", played.reason());
    assert!(played.reason().contains("The VM is being moved."), "{}", played.reason());
    assert_eq!((triggers(&simulator), reruns(&simulator).len()), (1, 0));
}

/// A scheduled backup of a database is on no list: the refusal tells of it.
#[test]
fn a_refusal_because_of_a_backup_on_its_way_is_no_failure() {
    let simulator = mended();
    simulator.fail("azure", "GetInstanceView", Fault::Delay(1500), Repeat::Times(1));
    let tick = std::thread::scope(|scope| {
        let ticking = scope.spawn(|| night(&simulator).tick());
        std::thread::sleep(std::time::Duration::from_millis(700));
        simulator.with_world(|world| {
            let now = world.clock;
            world.azure.schedule("vm-03", now);
        });
        ticking.join().unwrap()
    });
    assert_eq!(status(&tick), "in-flight", "{}", tick.reason());
    assert!(reruns(&simulator).is_empty());
}
