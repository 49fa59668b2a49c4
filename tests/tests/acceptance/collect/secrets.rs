//! No token, assertion or signed address in a line or an answer, whatever goes wrong with any call.

use jiff::SignedDuration;
use serde_json::json;
use tests::{Fault, Repeat, Simulator};

use super::support::{Collector, break_item, company, job};

#[test]
fn nothing_secret_is_told_whatever_goes_wrong() {
    let mut world = company();
    for name in ["vm-a1", "orders"] {
        break_item(&mut world, name);
        job(&mut world, name, 20);
    }
    world.advance(SignedDuration::from_mins(40));
    let simulator = Simulator::start(world);
    let mut collector = Collector::new(&simulator);
    collector.function.time_limit = std::time::Duration::from_secs(2);
    let more =
        [("unauthorized", Fault::Unauthorized), ("html 403", Fault::Html(403)), ("wait", Fault::ThrottleFor(9_999))];
    for service in ["sts", "entra", "azure", "events"] {
        for (name, fault) in Fault::ALL.into_iter().chain(more) {
            if fault == Fault::Delay(3_600_000) && service != "azure" {
                continue;
            }
            simulator.with_world(|world| world.azure.revoke_tokens());
            collector.function.cold_start().unwrap();
            simulator.fail(service, "*", fault, Repeat::Always);
            for payload in [json!({"time": "2026-03-13T01:40:00Z"}), json!({"check": true})] {
                let outcome = collector.function.invoke(&payload);
                let told = format!("{:?} {:?} {}", outcome.answer, outcome.logs, outcome.errors);
                assert!(!outcome.logs.is_empty(), "{service} {name} {payload}: nothing was told: {told}");
                for secret in ["SECRET", "eyJ", "SIGNED"] {
                    assert!(!told.contains(secret), "{service} {name} {payload}: {told}");
                }
                assert!(!told.contains("panicked"), "{service} {name}: {told}");
            }
            simulator.heal();
        }
    }
}
