//! A cause that nobody mends is escalated: from the third night on, once a night.

use serde_json::Value;
use tests::{Function, Simulator, World};

use super::accept;
use crate::classify::support::{ALERTS, Played, account, at, break_keys, mend_keys, play_batch, start, values};

const NIGHTS: [&str; 5] = [
    "2026-03-10T03:00:00Z",
    "2026-03-11T03:00:00Z",
    "2026-03-12T03:00:00Z",
    "2026-03-13T03:00:00Z",
    "2026-03-14T03:00:00Z",
];

/// Runs a night and returns its events.
fn night(simulator: &Simulator, begins: &str) -> Vec<Value> {
    simulator.with_world(|world| {
        let night = world.run_night("nightly", at(begins));
        world.events(&night.backup_jobs)
    })
}

fn broken(databases: usize) -> World {
    let mut world = account(&[databases]);
    break_keys(&mut world);
    world
}

/// The kind of each mail.
fn kinds(played: &Played) -> Vec<String> {
    played.mails.iter().flat_map(|mail| values(mail, "kind")).collect()
}

#[test]
fn it_comes_on_the_third_night_and_each_night_after_that() {
    let mut world = broken(1);
    world.resource("db-0").tag("owner", "crm-team");
    let simulator = Simulator::start(world);
    let mut classify = start(&simulator);
    let told: Vec<Vec<String>> =
        NIGHTS.iter().map(|begins| kinds(&play_batch(&simulator, &mut classify, &night(&simulator, begins)))).collect();
    assert_eq!(told, [["page"], ["page"], ["escalation"], ["escalation"], ["escalation"]]);
}

#[test]
fn it_says_since_when_how_many_nights_and_who_owns_it() {
    let mut world = broken(1);
    world.resource("db-0").tag("owner", "crm-team");
    let simulator = Simulator::start(world);
    for begins in NIGHTS.iter().take(2) {
        night(&simulator, begins);
    }
    let played = play_batch(&simulator, &mut start(&simulator), &night(&simulator, NIGHTS[2]));
    let mail = played.mail();
    assert!(mail.subject.as_deref().unwrap().contains("] CRITICAL: night 3: 1 backup failed"), "{:?}", mail.subject);
    assert_eq!(
        (values(mail, "severity"), values(mail, "owner")),
        (vec!["critical".to_owned()], vec!["crm-team".to_owned()])
    );
    let prose = mail.message.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(prose.contains("ESCALATION: open for 3 nights, since 2026-03-10 03:"), "{prose}");
    assert!(prose.contains("Owner: crm-team."), "{prose}");
    assert_eq!(played.lines("page")[0]["kind"], "escalation");
}

/// Events one by one: the first of the night escalates, the others page as ever. A redelivery repeats the same page.
#[test]
fn it_comes_once_a_night() {
    let simulator = Simulator::start(broken(4));
    let mut classify = start(&simulator);
    for begins in NIGHTS.iter().take(2) {
        night(&simulator, begins);
    }
    let events = night(&simulator, NIGHTS[2]);
    let told: Vec<Vec<String>> =
        events.iter().map(|event| kinds(&play_batch(&simulator, &mut classify, std::slice::from_ref(event)))).collect();
    assert_eq!(told, [vec!["escalation"], vec!["page"], vec![], vec!["page"]]);
}

#[test]
fn nights_are_a_setting_and_a_proof_begins_them_again() {
    let simulator = Simulator::start(broken(1));
    let settings = [("ALERT_TOPIC_ARN", ALERTS), ("ESCALATE_NIGHTS", "2")];
    let mut classify = Function::start("classify", &simulator, &settings).unwrap();
    let mut play = |begins: &str| kinds(&play_batch(&simulator, &mut classify, &night(&simulator, begins)));
    assert_eq!([play(NIGHTS[0]), play(NIGHTS[1])], [["page"], ["escalation"]]);
    simulator.with_world(mend_keys);
    assert!(play(NIGHTS[2]).is_empty());
    simulator.with_world(break_keys);
    assert_eq!([play(NIGHTS[3]), play(NIGHTS[4])], [["page"], ["escalation"]]);
}

/// Nights on which everything that failed was accepted are no nights of the cause.
#[test]
fn what_is_accepted_is_never_escalated_and_makes_no_night() {
    let mut world = account(&[2]);
    accept(&mut world, "db-0", "2026-03-12", "moves to Aurora");
    world.resource("db-1").condition = tests::world::Condition::Available;
    break_keys(&mut world);
    accept(&mut world, "db-1", "2026-03-11", "moves to Aurora");
    let simulator = Simulator::start(world);
    let mut classify = start(&simulator);
    let played: Vec<Played> =
        NIGHTS.iter().map(|begins| play_batch(&simulator, &mut classify, &night(&simulator, begins))).collect();
    let told: Vec<Vec<String>> = played.iter().map(kinds).collect();
    assert_eq!(told, [vec![], vec![], vec!["page"], vec!["page"], vec!["escalation"]]);
    let mail = played[4].mail().message.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(mail.contains("open for 3 nights, since 2026-03-12 03:"), "{mail}");
    assert!(mail.contains("It failed on 2 accepted nights, too, first at 2026-03-10 03:"), "{mail}");
}
