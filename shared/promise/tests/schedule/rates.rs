//! `rate(value unit)`.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rate-expressions.html>

use jiff::ToSpan;

use crate::{at, utc};

#[test]
fn every_unit_has_its_length() {
    let now = at("2026-03-28T12:00:30Z");
    for (expression, hours, minutes) in [
        ("rate(1 minute)", 0, 1),
        ("rate(5 minutes)", 0, 5),
        ("rate(1 hour)", 1, 0),
        ("rate(12 hours)", 12, 0),
        ("rate(1 day)", 24, 0),
        ("rate( 7  days )", 168, 0),
    ] {
        let span = hours.hours().minutes(minutes);
        assert_eq!(utc(expression).next_after(now), Some(now + span), "{expression}");
        assert_eq!(utc(expression).last_before(now), Some(now - span), "{expression}");
    }
}

#[test]
fn without_a_first_run_it_counts_from_the_instant_asked_about() {
    let runs: Vec<_> =
        utc("rate(8 hours)").runs_between(at("2026-01-01T01:00:00Z"), at("2026-01-01T17:00:00Z")).collect();
    assert_eq!(runs, [at("2026-01-01T09:00:00Z"), at("2026-01-01T17:00:00Z")]);
}

#[test]
fn with_a_first_run_it_keeps_its_grid() {
    let schedule = utc("rate(8 hours)").first_run_at(at("2026-01-01T03:00:00Z"));
    assert_eq!(schedule.next_after(at("2025-06-01T00:00:00Z")), Some(at("2026-01-01T03:00:00Z")));
    assert_eq!(schedule.last_before(at("2026-01-01T03:00:00Z")), None);
    assert_eq!(schedule.next_after(at("2026-01-01T03:00:00Z")), Some(at("2026-01-01T11:00:00Z")));
    assert_eq!(schedule.last_before(at("2026-01-01T11:00:00Z")), Some(at("2026-01-01T03:00:00Z")));
    assert_eq!(schedule.last_before(at("2026-01-01T11:00:01Z")), Some(at("2026-01-01T11:00:00Z")));
}

/// A day is 24 hours, also when the clock makes it 23 or 25.
#[test]
fn a_day_does_not_follow_the_clock() {
    let schedule = promise::Schedule::parse("rate(1 day)", Some("Europe/Berlin")).expect("valid");
    assert_eq!(schedule.next_after(at("2026-03-28T12:00:00Z")), Some(at("2026-03-29T12:00:00Z")));
}
