//! Verdicts by property: what holds of every set of rules and every age.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use promise::{CoveringRule, InFlight, LastGood, OptIn, Promise, Seen, Verdict, judge};
use proptest::prelude::*;

use crate::at;
use crate::rpo::{hours, rule};

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::WithinObjective => 0,
        Verdict::AtRisk { .. } | Verdict::NoScheduleRan { .. } => 1,
        Verdict::InBreach => 2,
        _ => 3,
    }
}

prop_compose! {
    /// Rules without a year: they run for ever.
    fn any_rule()(
        expression in prop::sample::select(vec![
            "cron(0 5 ? * * *)", "cron(0 * ? * * *)", "cron(0 0/12 ? * * *)", "cron(30 2 ? * * *)", "cron(0 5 ? * MON-FRI *)",
            "cron(0 5 ? * SUN *)", "cron(0 5 L * ? *)", "cron(0 5 31 * ? *)", "cron(15 23 1W * ? *)",
        ]),
        zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
        start in 1_i64..12, complete in 12_i64..168, keeps_days in prop::option::of(1_i64..400),
    ) -> CoveringRule {
        CoveringRule { start_window: hours(start), completion_window: hours(complete), keeps_days, ..rule(expression, zone) }
    }
}

const NOW: &str = "2026-11-21T06:00:00Z";

fn ago(minutes: i64) -> Timestamp {
    at(NOW) - SignedDuration::from_mins(minutes)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_younger_backup_is_never_judged_worse(
        rules in prop::collection::vec(any_rule(), 1..4),
        mut ages in prop::collection::vec(0_i64..90_000, 2..12),
        longest in prop::option::of(0_i64..40),
        failed in prop::option::of(0_i64..4_000),
        flying in prop::option::of((0_i64..2_000, 0_i64..4_000)),
    ) {
        ages.sort();
        let promise = Promise::new(rules, at(NOW));
        let mut last = 0;
        for age in ages {
            let seen = Seen {
                last_good: LastGood::At(ago(age)),
                busy_until: None,
                longest_completed: longest.map(hours),
                begins_after: SignedDuration::ZERO,
                in_flight: flying.map(|(created, window)| InFlight { created: ago(created), in_time_until: ago(created - window) }),
                last_failed: failed.map(ago),
                last_tried: failed.map(ago),
                opt_in: OptIn::In,
            };
            let judged = rank(judge(&seen, &promise, None, at(NOW)).verdict);
            prop_assert!(judged >= last, "{age} min old is judged {judged}, a younger one {last}");
            last = judged;
        }
    }

    /// One that keeps its points for longer may: its backup stands in for theirs.
    #[test]
    fn a_rule_whose_windows_and_retention_are_no_larger_never_loosens_the_objective(rules in prop::collection::vec(any_rule(), 1..4), more in any_rule()) {
        let largest = rules.iter().map(|rule| rule.start_window).max().unwrap_or_default();
        let completion = rules.iter().map(|rule| rule.completion_window).max().unwrap_or_default();
        let more = CoveringRule {
            start_window: more.start_window.min(largest), completion_window: more.completion_window.min(completion),
            keeps_days: Some(0), ..more
        };
        let before = Promise::new(rules.clone(), at(NOW)).objective(Some(hours(9)));
        let after = Promise::new([rules, vec![more]].concat(), at(NOW)).objective(Some(hours(9)));
        prop_assert!(after <= before, "{after:?} after, {before:?} before");
    }

    /// While every due run is made, begins within its window and takes no longer than before, nothing is ever in breach.
    #[test]
    fn who_does_what_the_rules_say_is_never_in_breach(
        rules in prop::collection::vec(any_rule(), 1..4), late in 0_i64..60, took in 1_i64..12, now in 0_i64..60_000,
    ) {
        let now = at(NOW) + SignedDuration::from_mins(now);
        let promise = Promise::new(rules.clone(), now);
        let schedules: BTreeMap<_, _> = rules.iter().enumerate().collect();
        let union = promise::Union::new(schedules.values().map(|rule| &rule.schedule));
        let shortest_window = rules.iter().map(|rule| rule.start_window).min().unwrap_or_default();
        // The last run whose backup is done by now.
        let late = SignedDuration::from_mins(late).min(shortest_window);
        let done = late + hours(took);
        if let Some(run) = union.last_before(now - done) {
            let seen = Seen {
                last_good: LastGood::At(run + late),
                busy_until: None,
                longest_completed: Some(hours(took)),
                begins_after: SignedDuration::ZERO,
                in_flight: None,
                last_failed: None,
                last_tried: Some(run),
                opt_in: OptIn::In,
            };
            let judged = judge(&seen, &promise, None, now);
            prop_assert!(judged.verdict != Verdict::InBreach, "{judged:?}");
        }
    }
}
