//! Restore testing plans that did not run when they had to.

use aws::TestingPlan;
use jiff::{SignedDuration, Timestamp};
use promise::Schedule;

/// AWS writes the time of a run down some time after it.
const SLACK: SignedDuration = SignedDuration::from_hours(2);

/// When a plan had to run and did not. `None`: it ran, no run was due since its last change, or its schedule cannot be read.
pub(crate) fn silent(plan: &TestingPlan, now: Timestamp) -> Option<Timestamp> {
    let schedule = Schedule::parse(&plan.schedule, plan.time_zone.as_deref()).ok()?;
    let by = now.checked_sub(plan.start_window).ok()?.checked_sub(SLACK).ok()?;
    let due = schedule.last_before(by)?;
    let since = [plan.created, plan.updated].into_iter().flatten().max();
    let was_there = since.is_none_or(|since| since < due);
    // The run may be written down as a little earlier than it was due.
    let ran = plan.last_run.is_some_and(|ran| ran + SLACK >= due);
    (was_there && !ran).then_some(due)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_silent_once_a_run_that_was_due_left_no_trace() {
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        // Sundays at 05:00, within 24 hours; it is Monday the 30th, 08:00.
        let now: Timestamp = "2026-11-30T08:00:00Z".parse().unwrap();
        let plan = |created, updated, last_run| TestingPlan {
            schedule: "cron(0 5 ? * SUN *)".to_owned(),
            start_window: SignedDuration::from_hours(24),
            created,
            updated,
            last_run,
            ..TestingPlan::default()
        };
        let long_ago = at("2026-01-01T00:00:00Z");
        let due = at("2026-11-29T05:00:00Z");
        let table = [
            ("it ran", plan(long_ago, None, at("2026-11-29T05:00:07Z")), None),
            ("it ran a little early", plan(long_ago, None, at("2026-11-29T04:59:58Z")), None),
            ("it ran a week ago", plan(long_ago, None, at("2026-11-22T05:00:07Z")), due),
            ("it never ran", plan(long_ago, None, None), due),
            ("it is new", plan(at("2026-11-29T12:00:00Z"), None, None), None),
            ("it was changed since", plan(long_ago, at("2026-11-29T12:00:00Z"), at("2026-11-22T05:00:07Z")), None),
            (
                "its schedule is none",
                TestingPlan { schedule: "whenever".to_owned(), ..plan(long_ago, None, None) },
                None,
            ),
            (
                "its window is still open",
                TestingPlan {
                    start_window: SignedDuration::from_hours(48),
                    ..plan(long_ago, None, at("2026-11-22T05:00:07Z"))
                },
                None,
            ),
        ];
        for (name, plan, expected) in table {
            assert_eq!(silent(&plan, now), expected, "{name}");
        }
    }
}
