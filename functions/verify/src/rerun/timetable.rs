//! The rule whose runs are asked for: as its plan tells it, or a job that it made. Pure.

use jiff::Timestamp;
use job::CreatedBy;
use promise::{CoveringRule, Rule, ScheduleError};

/// A rule as it is today, with its last run for the resource: a rate counts from there.
///
/// # Errors
/// A schedule that cannot be read: nobody knows then when the next run is.
pub fn of_today(rule: &Rule, last_run: Option<Timestamp>) -> Result<CoveringRule, String> {
    let covering = CoveringRule::of(rule).map_err(|error| unreadable(rule.schedule.as_deref(), &error))?;
    Ok(covering.counted_from(last_run))
}

/// The same as a job that it made tells it. `None`: the job tells no schedule.
///
/// # Errors
/// As above.
pub fn as_told(by: &CreatedBy, last_run: Option<Timestamp>) -> Option<Result<CoveringRule, String>> {
    let rule =
        Rule { schedule: Some(by.rule_schedule.clone()?), time_zone: by.rule_time_zone.clone(), ..Rule::default() };
    Some(of_today(&rule, last_run))
}

fn unreadable(schedule: Option<&str>, error: &ScheduleError) -> String {
    format!("the schedule {} cannot be read: {error}", notice::text::outside(schedule.unwrap_or_default(), 100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_run_of_all_rules_counts_and_a_rate_counts_from_its_last() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let rule = |schedule: Option<&str>, last_run: Option<&str>| {
            of_today(&Rule { schedule: schedule.map(str::to_owned), ..Rule::default() }, last_run.map(at))
        };
        let daily = || rule(Some("cron(0 3 ? * * *)"), Some("2026-11-21T03:00:00Z")).unwrap();
        let rate = || rule(Some("rate(24 hours)"), Some("2026-11-21T01:00:00Z")).unwrap();
        let hourly = || rule(Some("rate(1 hour)"), Some("2026-11-21T21:30:00Z")).unwrap();
        let table = [
            (vec![], None),
            (vec![daily()], Some("2026-11-22T03:00:00Z")),
            (vec![daily(), rate()], Some("2026-11-22T01:00:00Z")),
            (vec![hourly(), daily()], Some("2026-11-21T22:30:00Z")),
            (vec![rule(None, None).unwrap()], Some("2026-11-22T05:00:00Z")),
        ];
        for (rules, expected) in table {
            let next = promise::next_run(rules.clone(), at("2026-11-21T22:00:00Z"));
            assert_eq!(next, expected.map(at), "{rules:?}");
        }
        let why = rule(Some("cron(tonight)"), None).unwrap_err();
        assert!(why.starts_with("the schedule cron(tonight) cannot be read"), "{why}");
        let told = CreatedBy { rule_schedule: Some("cron(tonight)".into()), ..CreatedBy::default() };
        assert_eq!(as_told(&told, None), Some(Err(why)));
        assert_eq!(as_told(&CreatedBy::default(), None), None);
    }
}
