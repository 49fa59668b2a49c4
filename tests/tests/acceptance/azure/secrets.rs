//! No token, assertion or signed address in a line, a mail or an answer of any function, whatever goes wrong on the way to Azure.

use std::time::Duration;

use serde_json::{Value, json};
use tests::{Fault, Repeat, Simulator};

use super::pages::bad_night;
use super::support::{Stack, start};

fn says_nothing_secret(function: &str, payload: impl Fn(&Simulator) -> Value) {
    let simulator = Simulator::start(bad_night());
    let payload = payload(&simulator);
    let mut function = start(&simulator, function, &[]);
    function.time_limit = Duration::from_secs(3);
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
            for secret in ["SECRET", "eyJ", "SIGNED"] {
                assert!(!told.contains(secret), "{service} {fault:?}: {told}");
            }
            assert!(!told.contains("panicked"), "{service} {fault:?}: {told}");
            simulator.heal();
        }
    }
}

#[test]
fn a_page_tells_nothing_secret() {
    says_nothing_secret("classify", |simulator| tests::events::sqs_batch(&Stack::new(simulator).collected()));
}

#[test]
fn a_tick_of_verify_tells_nothing_secret() {
    says_nothing_secret("verify", |simulator| {
        let now = simulator.with_world(|world| world.clock.as_second());
        json!({"time": jiff::Timestamp::from_second(now - now % 900).unwrap().to_string()})
    });
}

#[test]
fn a_report_tells_nothing_secret() {
    says_nothing_secret("report", |simulator| json!({"time": simulator.with_world(|world| world.clock).to_string()}));
}
