//! Whose a page is: a subscription is called by its name, where the resource graph tells it.

use std::time::{Duration, Instant};

use jiff::SignedDuration;
use serde_json::Value;
use tests::world::azure::SUBSCRIPTION;
use tests::{Fault, Published, ROOT, Repeat, Simulator, World};

use super::pages::bad_night;
use super::report::worlds::{MORNING, report, row};
use super::support::{SECOND, Stack, break_items, company, run_all, start};
use super::verify::{agents_down, mend, night_with};
use crate::classify::support::{play_batch, values};

/// The query that tells the names, and no other one.
const ASKS_NAMES: &str = "resourcecontainers";
const ONE: (&str, &str) = ("AZURE_SUBSCRIPTION_IDS", SUBSCRIPTION);
const OPS: (&str, &str) = ("STACK_LABEL", "ops");

/// What subjects begin with, without their brackets, each once.
fn labels<'m>(mails: impl Iterator<Item = &'m Published>) -> Vec<String> {
    let label = |mail: &Published| {
        let subject = mail.subject.as_deref().unwrap();
        subject.strip_prefix('[').and_then(|rest| rest.split_once("] ")).expect(subject).0.to_owned()
    };
    let mut labels: Vec<String> = mails.map(label).collect();
    labels.sort();
    labels.dedup();
    labels
}

/// What the simulated world does with names.
type Breaks = fn(&Simulator);

fn nothing(_: &Simulator) {}

fn rename(simulator: &Simulator, subscription: &str, name: &str) {
    simulator.with_world(|world| world.azure.names.insert(subscription.to_owned(), name.to_owned()));
}

fn refuses(simulator: &Simulator) {
    simulator.fail_asking("azure", "QueryGraph", ASKS_NAMES, Fault::Denied, Repeat::Always);
}

#[test]
fn the_subject_of_a_page_names_the_subscription_by_its_name_where_it_has_one() {
    type Settings<'a> = &'a [(&'a str, &'a str)];
    let table: [(&str, Breaks, Settings<'_>, &[&str]); 9] = [
        ("two with names", nothing, &[], &["prod-crm/westeurope", "prod-main/westeurope"]),
        (
            "one without",
            |simulator| _ = simulator.with_world(|world| world.azure.names.remove(SECOND)),
            &[],
            &["0a000000/westeurope", "prod-main/westeurope"],
        ),
        ("a graph that refuses", refuses, &[], &["0a000000/westeurope"]),
        (
            "a graph that answers nothing that can be read",
            |simulator| simulator.fail_asking("azure", "QueryGraph", ASKS_NAMES, Fault::Malformed, Repeat::Always),
            &[],
            &["0a000000/westeurope"],
        ),
        (
            "a long name",
            |simulator| rename(simulator, SECOND, "Visual Studio Enterprise \u{2013} MPN"),
            &[],
            &["Visual Studio Ente.../westeurope", "prod-main/westeurope"],
        ),
        (
            "a name that would end a label",
            |simulator| rename(simulator, SECOND, "crm]\r\n[x"),
            &[],
            &["crm x/westeurope", "prod-main/westeurope"],
        ),
        ("a label of people, and two", nothing, &[OPS], &["ops, prod-crm", "ops, prod-main"]),
        ("a label of people, and a graph that refuses", refuses, &[OPS], &["ops, 0a000000"]),
        ("one alone", nothing, &[ONE], &["prod-main/westeurope"]),
    ];
    for (name, breaks, settings, expected) in table {
        let simulator = Simulator::start(bad_night());
        let events = Stack::new(&simulator).collected();
        breaks(&simulator);
        let watched = |event: &&Value| !settings.contains(&ONE) || event["detail"]["subscription"] == SUBSCRIPTION;
        let events: Vec<_> = events.iter().filter(watched).cloned().collect();
        let played = play_batch(&simulator, &mut start(&simulator, "classify", settings), &events);
        assert!(played.answer.is_ok(), "{name}: {:?}", played.answer);
        assert_eq!(labels(played.mails.iter()), expected, "{name}");
    }
}

#[test]
fn a_label_of_people_stands_alone_where_they_have_one_subscription() {
    let simulator = Simulator::start(agents_down(&["vm-01"]));
    let events = Stack::new(&simulator).collected();
    let played = play_batch(&simulator, &mut start(&simulator, "classify", &[OPS, ONE]), &events);
    assert_eq!(labels(played.mails.iter()), ["ops"]);
    let told = "prod-main, subscription 0a000000-0000-4000-8000-00000000aaaa, westeurope";
    assert!(played.mail().message.contains(told), "{}", played.mail().message);
}

/// One key of two subscriptions is one root cause: its page is of both.
#[test]
fn a_cause_in_two_subscriptions_is_told_of_both() {
    for (settings, expected) in [(&[][..], "2 subscriptions"), (&[OPS][..], "ops, 2 subscriptions")] {
        let simulator = Simulator::start(one_key());
        let events = Stack::new(&simulator).collected();
        let played = play_batch(&simulator, &mut start(&simulator, "classify", settings), &events);
        assert_eq!(labels(played.mails.iter()), [expected]);
        assert!(played.mail().message.contains(", 2 subscriptions, 1 location\n"), "{}", played.mail().message);
    }
}

/// A machine of each subscription whose backup one key refuses.
fn one_key() -> World {
    let mut world = company();
    let text = "KeyVaultKeyNotFound: The key vault key 'https://kv1.vault.azure.net/keys/k/0a' is not found.";
    break_items(&mut world, &["vm-01", "crm-01"], "", 0, text);
    run_all(&mut world);
    world.advance(SignedDuration::from_mins(30));
    world
}

/// Asked beside all else, a graph that does not answer holds up no page for long.
#[test]
fn a_graph_that_hangs_costs_the_name_and_not_the_page() {
    let simulator = Simulator::start(bad_night());
    let events = Stack::new(&simulator).collected();
    simulator.fail_asking("azure", "QueryGraph", ASKS_NAMES, Fault::Delay(3_600_000), Repeat::Always);
    let began = Instant::now();
    let played = play_batch(&simulator, &mut start(&simulator, "classify", &[]), &events);
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    assert_eq!((played.mails.len(), labels(played.mails.iter())), (5, vec!["0a000000/westeurope".to_owned()]));
    assert!(played.answer.is_ok(), "{:?}", played.answer);
}

#[test]
fn one_answer_tells_all_names_for_the_life_of_a_process_and_nobody_asks_of_aws() {
    let simulator = Simulator::start(bad_night());
    let mut stack = Stack::new(&simulator);
    let events = stack.collected();
    let asked = || {
        let calls = simulator.calls();
        calls.iter().filter(|call| call.operation == "QueryGraph" && call.detail.contains(ASKS_NAMES)).count()
    };
    simulator.forget_calls();
    let of_aws = std::fs::read_to_string(format!("{ROOT}/events/doc-backup-job-failed.json")).unwrap();
    play_batch(&simulator, &mut stack.classify, &[serde_json::from_str(&of_aws).unwrap()]);
    assert_eq!(asked(), 0, "a batch of AWS alone");
    for _ in 0..2 {
        play_batch(&simulator, &mut stack.classify, &events);
        assert_eq!(asked(), 1);
    }
}

/// What verify says of a subscription that is mended, after a night in which agents of it were down.
#[test]
fn verify_names_the_subscription_as_the_page_did() {
    type Settings<'a> = &'a [(&'a str, &'a str)];
    let table: [(&str, Breaks, Settings<'_>, &str); 4] = [
        ("a name", nothing, &[], "prod-main/westeurope"),
        ("a graph that refuses", refuses, &[], "0a000000/westeurope"),
        ("a label of people, and two", nothing, &[OPS], "ops, prod-main"),
        ("a label of people, and one", nothing, &[OPS, ONE], "ops"),
    ];
    for (name, breaks, settings, expected) in table {
        let simulator = Simulator::start(agents_down(&["vm-01", "vm-02"]));
        breaks(&simulator);
        let mut night = night_with(&simulator, settings);
        mend(&simulator, &["vm-01", "vm-02"]);
        let told = night.ticks_for(SignedDuration::from_hours(2));
        let mails = || told.iter().flat_map(|tick| &tick.mails);
        let kinds: Vec<String> = mails().flat_map(|mail| values(mail, "kind")).collect();
        assert!(kinds.contains(&"verified".to_owned()), "{name}: {kinds:?}");
        assert_eq!(labels(mails()), [expected], "{name}");
    }
}

#[test]
fn a_row_of_the_report_says_what_its_subscription_is_called() {
    let mut world = company();
    run_all(&mut world);
    world.clock = MORNING.parse().unwrap();
    world.azure.names.remove(SECOND);
    let told = report(&Simulator::start(world), &[]);
    for (item, name) in [("vm-01", Some("prod-main")), ("crm-01", None)] {
        assert_eq!(row(&told, item)["account_name"].as_str(), name, "{item}");
    }
}
