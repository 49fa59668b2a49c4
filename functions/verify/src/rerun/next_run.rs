//! When the rules that cover a resource run next. Pure.

use jiff::Timestamp;
use promise::{Schedule, default_schedule};

/// A rule's schedule, and when it last ran for the resource: a rate counts from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timetable<'a> {
    /// `None`: AWS Backup's default.
    pub expression: Option<&'a str>,
    pub time_zone: Option<&'a str>,
    pub last_run: Option<Timestamp>,
}

/// The first run of any of these after an instant.
///
/// # Errors
/// A schedule that cannot be read: nobody knows then when the next run is.
pub fn next_run<'a>(
    timetables: impl IntoIterator<Item = Timetable<'a>>,
    after: Timestamp,
) -> Result<Option<Timestamp>, String> {
    let mut next = None;
    for Timetable { expression, time_zone, last_run } in timetables {
        let schedule = match expression {
            None => default_schedule(),
            Some(text) => Schedule::parse(text, time_zone).map_err(|error| {
                format!("the schedule {} cannot be read: {error}", notice::text::outside(text, 100))
            })?,
        };
        let schedule = match last_run {
            Some(last_run) => schedule.first_run_at(last_run),
            None => schedule,
        };
        next = next.into_iter().chain(schedule.next_after(after)).min();
    }
    Ok(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_run_of_all_rules_counts_and_a_rate_counts_from_its_last() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let rule =
            |expression, last_run: Option<&str>| Timetable { expression, time_zone: None, last_run: last_run.map(at) };
        let daily = rule(Some("cron(0 3 ? * * *)"), Some("2026-11-21T03:00:00Z"));
        let rate = rule(Some("rate(24 hours)"), Some("2026-11-21T01:00:00Z"));
        let hourly = rule(Some("rate(1 hour)"), Some("2026-11-21T21:30:00Z"));
        let table = [
            (vec![], Ok(None)),
            (vec![daily], Ok(Some("2026-11-22T03:00:00Z"))),
            (vec![daily, rate], Ok(Some("2026-11-22T01:00:00Z"))),
            (vec![hourly, daily], Ok(Some("2026-11-21T22:30:00Z"))),
            (vec![rule(None, None)], Ok(Some("2026-11-22T05:00:00Z"))),
        ];
        for (rules, expected) in table {
            let next = next_run(rules.clone(), at("2026-11-21T22:00:00Z"));
            assert_eq!(next, expected.map(|text| text.map(at)), "{rules:?}");
        }
        let why = next_run([daily, rule(Some("cron(tonight)"), None)], at("2026-11-21T22:00:00Z")).unwrap_err();
        assert!(why.starts_with("the schedule cron(tonight) cannot be read"), "{why}");
    }
}
