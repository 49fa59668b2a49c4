//! Weeks that are given, and what comes of them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use verify::decide::Status;
use verify::probe::Verdict;

use super::{Account, Event, NAMES, Step, Tick};
use crate::world::at;

fn quiet(ticks: usize) -> Vec<Step> {
    vec![Step { minutes: 15, event: Event::Nothing, tick: Tick::Twice }; ticks]
}

fn first(event: Event, mut steps: Vec<Step>) -> Vec<Step> {
    steps[0].event = event;
    steps
}

/// Three resources behind one key. A probe that sees nothing yet, then the key is mended.
#[test]
fn a_mended_cause_is_rerun_once_and_then_never_again() {
    let mut account = Account::new(&[0, 0, 0, 4, 4]);
    let run = |account: &mut Account, steps: Vec<Step>| {
        for step in steps {
            account.pass(step.minutes);
            account.happens(&step.event);
            account.tick(&step.tick).unwrap();
        }
    };
    run(&mut account, first(Event::Say(Verdict::NotFixed), quiet(24)));
    assert_eq!(account.started.len(), 0, "before the fix");
    account.fault = vec![None; NAMES.len()];
    run(&mut account, first(Event::Say(Verdict::Fixed), quiet(40)));
    assert_eq!(account.started.len(), 1, "one rerun proves the key");
    assert_eq!(account.world.answer().status(), Status::Verified);
    run(&mut account, quiet(4 * 24 * 3));
    assert_eq!(account.started.len(), 1, "no further start, ever");
}

/// A probe that is wrong: the key looks mended and is not.
#[test]
fn a_cause_that_only_looks_mended_gets_three_reruns_with_pauses() {
    let mut account = Account::new(&[0, 0, 0, 4, 4]);
    for step in quiet(4 * 24) {
        account.pass(step.minutes);
        account.tick(&step.tick).unwrap();
    }
    assert_eq!(account.started.len(), 3);
    assert_eq!(account.world.answer().status(), Status::Exhausted);
    let begun: Vec<Timestamp> = account
        .world
        .bad
        .iter()
        .filter(|job| job.is_our_rerun())
        .filter_map(|job| job.created)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    assert_eq!(begun, ["10 01:15", "10 02:30", "10 08:45"].map(at));
}
