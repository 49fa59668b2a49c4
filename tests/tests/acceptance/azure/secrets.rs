//! No token, assertion or signed address in a line, a mail or an answer of any function, whatever goes wrong on the way to Azure.

use std::time::Duration;

use serde_json::{Value, json};
use tests::world::azure::Health;
use tests::{Fault, Repeat, Simulator, World};

use super::pages::bad_night;
use super::support::{Stack, start};

/// Jobs and items that say in their texts what lets somebody in: an address with its signature, a token, a key.
fn telling_secrets() -> World {
    let mut world = bad_night();
    let secret = " See https://st.blob.core.windows.net/c?sv=1&sig=SIGNED, eyJ0eXAi.SECRET and AccountKey=SECRET==;";
    for cause in world.azure.items.iter_mut().flat_map(|item| [&mut item.cause, &mut item.last_failed]).flatten() {
        cause.text += secret;
    }
    for cause in world.azure.jobs.iter_mut().filter_map(|job| job.error.as_mut()) {
        cause.text += secret;
    }
    let health = Health { word: "ActionRequired".into(), code: 1, title: "Agent".into(), text: secret.into() };
    world.azure.item("vm-01").health = Some(health);
    world
}

fn is_free_of_secrets(told: &str, when: &str) {
    for secret in ["SECRET", "eyJ", "SIGNED"] {
        assert!(!told.contains(secret), "{when}: {told}");
    }
}

/// Answers what was told where nothing went wrong on the way.
fn says_nothing_secret(function: &str, payload: impl Fn(&Simulator) -> Value) -> String {
    let simulator = Simulator::start(telling_secrets());
    let payload = payload(&simulator);
    let mut function = start(&simulator, function, &[]);
    let outcome = function.invoke(&payload);
    let well = format!("{:?} {:?} {} {:?}", outcome.answer, outcome.logs, outcome.errors, simulator.take_published());
    assert!(outcome.answer.is_ok(), "{well}");
    is_free_of_secrets(&well, "no fault");
    // What fails is tried until the time is over.
    function.time_limit = Duration::from_secs(5);
    let faults = [
        Fault::Denied,
        Fault::ServerError,
        Fault::Unauthorized,
        Fault::Html(403),
        Fault::Malformed,
        Fault::NoMembers,
        Fault::UnknownWord,
        Fault::LostResponse,
    ];
    for service in ["sts", "entra", "azure"] {
        for fault in faults {
            simulator.with_world(|world| world.azure.revoke_tokens());
            function.cold_start().unwrap();
            simulator.fail(service, "*", fault, Repeat::Always);
            let outcome = function.invoke(&payload);
            let mails = simulator.take_published();
            let told = format!("{:?} {:?} {} {mails:?}", outcome.answer, outcome.logs, outcome.errors);
            assert!(!outcome.logs.is_empty(), "{service} {fault:?}: nothing was told: {told}");
            is_free_of_secrets(&told, &format!("{service} {fault:?}"));
            assert!(!told.contains("panicked"), "{service} {fault:?}: {told}");
            simulator.heal();
        }
    }
    well
}

#[test]
fn a_page_tells_nothing_secret() {
    let told =
        says_nothing_secret("classify", |simulator| tests::events::sqs_batch(&Stack::new(simulator).collected()));
    assert!(told.contains("c?(hidden)"), "the text of the job is missing: {told}");
}

#[test]
fn a_tick_of_verify_tells_nothing_secret() {
    let _ = says_nothing_secret("verify", |simulator| {
        let now = simulator.with_world(|world| world.clock.as_second());
        json!({"time": jiff::Timestamp::from_second(now - now % 900).unwrap().to_string()})
    });
}

#[test]
fn a_report_tells_nothing_secret() {
    let told = says_nothing_secret(
        "report",
        |simulator| json!({"time": simulator.with_world(|world| world.clock).to_string()}),
    );
    assert!(told.contains("c?(hidden)"), "the text of the job is missing: {told}");
}
