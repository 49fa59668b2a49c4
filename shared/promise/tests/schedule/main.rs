//! What the crate promises, as tables of expressions and dates.
#![allow(clippy::expect_used, clippy::panic, reason = "the lints' exception for tests does not reach helper functions")]

mod aws_examples;
mod clock_changes;
mod items;
mod month_ends;
mod pace;
mod properties;
mod rates;
mod refused;
mod rpo;
mod rpo_properties;
mod since;
mod unions;

use jiff::Timestamp;
use promise::Schedule;

/// The next runs after `from`, on the wall clock of the zone, must be `expected`; read backwards they must be the same.
#[track_caller]
fn check(expression: &str, zone: &str, from: &str, expected: &[&str]) {
    let schedule = Schedule::parse(expression, Some(zone)).unwrap_or_else(|error| panic!("{expression}: {error}"));
    let mut t = at(from);
    let mut runs = Vec::new();
    for _ in expected {
        let Some(run) = schedule.next_after(t) else { break };
        runs.push(run);
        t = run;
    }
    let shown: Vec<String> = runs.iter().map(|run| show(*run, zone)).collect();
    assert_eq!(shown, expected, "{expression} in {zone}");
    for pair in runs.windows(2) {
        assert_eq!(schedule.last_before(pair[1]), Some(pair[0]), "{expression} in {zone}, backwards");
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn show(t: Timestamp, zone: &str) -> String {
    let zoned = t.in_tz(zone).expect("a known zone");
    zoned.strftime("%a %F %H:%M %:z").to_string()
}

fn utc(expression: &str) -> Schedule {
    Schedule::parse(expression, None).unwrap_or_else(|error| panic!("{expression}: {error}"))
}
