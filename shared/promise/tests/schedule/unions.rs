//! Several rules at once, and the longest interval they leave.

use jiff::SignedDuration;
use promise::{Schedule, Union};

use crate::{at, utc};

const NOW: &str = "2026-11-21T03:00:00Z";

#[test]
fn runs_of_all_rules_are_merged_and_equal_ones_count_once() {
    let rules = [utc("cron(0 5 ? * * *)"), utc("cron(0 5 ? * SUN *)"), utc("cron(0 17 ? * SUN *)")];
    let union = Union::new(&rules);
    // 2026-11-22 is a Sunday.
    let runs: Vec<_> = union.runs_between(at(NOW), at("2026-11-23T05:00:00Z")).collect();
    let expected = ["2026-11-21T05:00:00Z", "2026-11-22T05:00:00Z", "2026-11-22T17:00:00Z", "2026-11-23T05:00:00Z"];
    assert_eq!(runs, expected.map(at));
    assert_eq!(union.next_after(at("2026-11-22T05:00:00Z")), Some(at("2026-11-22T17:00:00Z")));
    assert_eq!(union.last_before(at("2026-11-22T05:00:00Z")), Some(at("2026-11-21T05:00:00Z")));
}

#[test]
fn missed_runs_are_counted_after_the_last_good_one_up_to_now() {
    let rules = [utc("cron(0 5 ? * * *)")];
    let union = Union::new(&rules);
    assert_eq!(union.runs_missed_since(at("2026-11-18T05:00:00Z"), at("2026-11-21T05:00:00Z")), 3);
    assert_eq!(union.runs_missed_since(at("2026-11-18T05:03:00Z"), at("2026-11-21T04:59:59Z")), 2);
    assert_eq!(union.runs_missed_since(at("2026-11-21T05:00:00Z"), at("2026-11-18T05:00:00Z")), 0);
}

#[test]
fn no_rules_promise_nothing() {
    let none = Union::default();
    assert_eq!(none.next_after(at(NOW)), None);
    assert_eq!(none.longest_interval(at(NOW)), None);
    assert_eq!(longest(&[("cron(0 5 1 1 ? 2027)", "UTC")]), None);
}

/// Rules with their zones, and the hours of the longest interval.
type Promise = (&'static [(&'static str, &'static str)], i64);

const PROMISES: &[Promise] = &[
    (&[("cron(0 5 ? * * *)", "UTC")], 24),
    (&[("cron(0 0/12 ? * * *)", "UTC")], 12),
    (&[("cron(0 13/12 ? * * *)", "UTC")], 24),
    (&[("cron(0 18 ? * MON-FRI *)", "UTC")], 72),
    (&[("cron(0 5 ? * SUN *)", "UTC")], 7 * 24),
    (&[("cron(0 5 ? * SUN *)", "UTC"), ("cron(0 5 ? * WED *)", "UTC")], 4 * 24),
    (&[("cron(0 0 1 * ? *)", "UTC")], 31 * 24),
    (&[("cron(0 0 31 * ? *)", "UTC")], 61 * 24),
    (&[("cron(0 0 1 1/3 ? *)", "UTC")], 92 * 24),
    (&[("cron(0 0 1 1 ? *)", "UTC")], 366 * 24),
    (&[("cron(0 0 ? 1 2#1 *)", "UTC")], 371 * 24),
    (&[("cron(0 0 29 2 ? *)", "UTC")], 1461 * 24),
    // Further than the horizon: the interval that reaches into it counts in full.
    (&[("cron(0 0 ? 2 2#5 *)", "UTC")], 10_227 * 24),
    (&[("cron(0 0 1 1 ? 2000,2100)", "UTC")], 36_525 * 24),
    // The repeated hour makes a day of 25 hours; the missing hour can cost a run.
    (&[("cron(0 5 ? * * *)", "Europe/Berlin")], 25),
    (&[("cron(30 2 ? * * *)", "Europe/Berlin")], 47),
    (&[("cron(30 2 ? * SUN *)", "Europe/Berlin")], 14 * 24 - 1),
    (&[("cron(0 * ? * * *)", "Europe/Berlin")], 2),
    (&[("cron(0 * ? * * *)", "UTC")], 1),
    (&[("cron(0 0 ? * * *)", "America/Santiago")], 47),
    (&[("cron(0 0 ? * * *)", "Asia/Tokyo"), ("cron(0 0 ? * * *)", "UTC")], 15),
    // A rate bounds what the other rules leave.
    (&[("rate(2 days)", "UTC")], 48),
    (&[("rate(2 days)", "UTC"), ("cron(0 5 ? * SUN *)", "UTC")], 48),
    (&[("rate(2 days)", "UTC"), ("cron(0 5 ? * * *)", "UTC")], 24),
    (&[("rate(2 days)", "UTC"), ("cron(0 5 1 1 ? 2027)", "UTC")], 48),
];

#[test]
fn the_longest_interval_is_what_the_rules_promise() {
    for (rules, hours) in PROMISES {
        assert_eq!(longest(rules), Some(SignedDuration::from_hours(*hours)), "{rules:?}");
    }
}

#[test]
fn a_rule_that_runs_every_minute_promises_minutes() {
    assert_eq!(longest(&[("cron(* * ? * * *)", "UTC")]), Some(SignedDuration::from_mins(1)));
    assert_eq!(longest(&[("cron(* * ? * * *)", "America/New_York")]), Some(SignedDuration::from_mins(61)));
    assert_eq!(longest(&[("cron(* * 1-30 * ? *)", "UTC")]), Some(SignedDuration::from_mins(1_441)));
}

#[test]
fn far_away_instants_are_answered() {
    let rules = [utc("cron(0 5 ? * * *)")];
    for around in ["-009999-01-03T00:00:00Z", "1970-01-01T00:00:00Z", "2199-12-31T23:00:00Z", "9999-12-29T00:00:00Z"] {
        assert_eq!(Union::new(&rules).longest_interval(at(around)), Some(SignedDuration::from_hours(24)), "{around}");
    }
}

fn longest(rules: &[(&str, &str)]) -> Option<SignedDuration> {
    let rules: Vec<Schedule> =
        rules.iter().map(|(text, zone)| Schedule::parse(text, Some(zone)).expect(text)).collect();
    Union::new(&rules).longest_interval(at(NOW))
}
