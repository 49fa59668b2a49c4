//! What one call may do: patience where it helps, a plain error where it does not, and never a second trigger.

use std::time::Duration;

use azure::{ErrorKind, ItemKind, Request};
use tests::{Fault, Repeat, Simulator};
use tokio::time::Instant;

use super::{at, company, item, run, soon, subscription, vault};

#[test]
fn readings_are_patient() {
    let some = [
        (Fault::Throttle, Repeat::Times(3), 4),
        (Fault::ThrottleFor(1), Repeat::Times(1), 2),
        (Fault::ServerError, Repeat::Times(2), 3),
        (Fault::Html(502), Repeat::Times(2), 3),
        (Fault::Reset, Repeat::Times(2), 3),
        (Fault::Truncated, Repeat::Times(2), 3),
        (Fault::Unauthorized, Repeat::Times(1), 2),
        (Fault::Delay(5_000), Repeat::Times(1), 2),
    ];
    for (fault, repeat, calls) in some {
        let simulator = Simulator::start(company());
        let (azure, vault) = (subscription(&simulator), vault(&simulator));
        simulator.fail("azure", "ListItems", fault, repeat);
        let began = Instant::now();
        let items = run(azure.items(&vault, ItemKind::All, soon()));
        assert_eq!(items.map(|items| items.len()), Ok(4), "{fault:?}");
        assert_eq!(simulator.count("azure"), calls, "{fault:?}");
        assert!(fault != Fault::ThrottleFor(1) || began.elapsed() >= Duration::from_secs(1));
    }
}

/// Each with its kind, and the calls that were made.
#[test]
fn patience_ends_with_an_error_of_its_kind_and_after_so_many_calls() {
    let table = [
        // It is told to come back when there is no time any more.
        (Fault::ThrottleFor(600), ErrorKind::Throttled, 1),
        (Fault::ServerError, ErrorKind::Server, 4),
        (Fault::Html(502), ErrorKind::Server, 4),
        (Fault::Reset, ErrorKind::Network, 4),
        (Fault::Denied, ErrorKind::Denied, 1),
        (Fault::Html(200), ErrorKind::Malformed, 1),
        (Fault::Html(403), ErrorKind::Denied, 1),
        (Fault::EmptyBody, ErrorKind::Malformed, 1),
        (Fault::NoMembers, ErrorKind::Malformed, 1),
        (Fault::Malformed, ErrorKind::Malformed, 1),
    ];
    for (fault, kind, calls) in table {
        let simulator = Simulator::start(company());
        let (azure, vault) = (subscription(&simulator), vault(&simulator));
        simulator.fail("azure", "ListItems", fault, Repeat::Always);
        let until = Instant::now() + Duration::from_secs(300);
        let error = run(azure.items(&vault, ItemKind::All, until)).unwrap_err();
        assert_eq!((error.kind, simulator.count("azure")), (kind, calls), "{fault:?}: {}", error.detail());
        assert!(Instant::now() < until, "{fault:?}");
    }
}

/// A call by itself is given up after two seconds, as a fault of the network: this kind says that the time of the caller was kept.
#[test]
fn a_call_that_hangs_ends_when_the_time_of_its_caller_is_up() {
    let simulator = Simulator::start(company());
    let (azure, vault) = (subscription(&simulator), vault(&simulator));
    simulator.fail("azure", "ListItems", Fault::Delay(3_600_000), Repeat::Always);
    let error = run(azure.items(&vault, ItemKind::All, Instant::now() + Duration::from_secs(1))).unwrap_err();
    assert_eq!(error.kind, ErrorKind::NoTime, "{}", error.detail());
}

#[test]
fn a_denial_names_its_action_and_is_asked_once() {
    let simulator = Simulator::start(company());
    let (azure, vault) = (subscription(&simulator), vault(&simulator));
    simulator.fail_asking("azure", "*", "rsv-prod-01", Fault::Denied, Repeat::Always);
    let error = run(azure.policies(&vault, soon())).unwrap_err();
    assert_eq!(error.code.as_deref(), Some("AuthorizationFailed"));
    assert!(error.detail().contains("Microsoft.RecoveryServices/vaults/backupPolicies/read"), "{}", error.detail());
    assert_eq!(simulator.count("azure"), 1);
}

/// Faults of a trigger: the jobs that are there, and whether it is called refused.
const TRIGGERED: [(&str, usize, bool); 20] = [
    ("throttle", 0, false),
    ("500", 0, false),
    ("denied", 0, true),
    ("reset", 0, false),
    ("lost", 1, false),
    ("hang", 0, false),
    ("html 200", 0, false),
    ("html 502", 0, false),
    ("malformed", 1, false),
    ("truncated", 1, false),
    ("empty body", 0, false),
    ("no members", 1, false),
    ("enum", 1, false),
    ("endless", 1, false),
    ("round", 1, false),
    ("same token", 1, false),
    ("twice", 1, false),
    ("throttle for", 0, false),
    ("unauthorized", 0, true),
    ("html 403", 0, false),
];

/// Whatever happens to a trigger, it was sent once; and what is not known for certain is not called refused.
#[test]
fn a_trigger_is_sent_once_whatever_comes_of_it() {
    for (name, fault) in Fault::ALL.into_iter().chain([
        ("throttle for", Fault::ThrottleFor(0)),
        ("unauthorized", Fault::Unauthorized),
        ("html 403", Fault::Html(403)),
    ]) {
        let simulator = Simulator::start(company());
        let (azure, vm) = (subscription(&simulator), item(&simulator, "vm-orders"));
        simulator.fail("azure", "TriggerBackup", fault, Repeat::Always);
        let request = Request::Vm { keep_until: at("2026-03-20T00:00:00Z") };
        let answer = run(azure.trigger(&vm, &request, soon()));
        assert_eq!(simulator.count_of("azure", "TriggerBackup"), 1, "{name}");
        let jobs = simulator.with_world(|world| world.azure.jobs.len());
        let refused = answer.is_err_and(|error| error.refused_by_azure());
        let told = TRIGGERED.into_iter().find(|(of, ..)| *of == name);
        assert_eq!(Some((name, jobs, refused)), told);
    }
}

/// The token comes before the trigger, and may be asked for again.
#[test]
fn no_trigger_without_a_token() {
    let simulator = Simulator::start(company());
    let (azure, vm) = (subscription(&simulator), item(&simulator, "vm-orders"));
    simulator.fail("entra", "Token", Fault::ServerError, Repeat::Times(1));
    let request = Request::Vm { keep_until: at("2026-03-20T00:00:00Z") };
    assert!(run(azure.trigger(&vm, &request, soon())).unwrap().is_some());
    assert_eq!((simulator.count("entra"), simulator.count_of("azure", "TriggerBackup")), (2, 1));
}
