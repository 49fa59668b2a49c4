//! maintenance-window-conflict: whether the schedule has moved since. Pure.

use job::{CreatedBy, Job};
use promise::{Rule, Written};

use super::Probe;
use super::today::Today;

/// A rule's schedule against that of the job it made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Same,
    Moved {
        from: String,
        to: String,
    },
    /// The job's record does not tell its schedule.
    NotTold,
}

pub(super) fn judge(model: &Job, today: Today<'_>) -> Probe {
    let settle = format!("its schedule is not ours to read. {}", what_settles(model));
    let (by, rule) = match today.rule(model, &settle) {
        Ok(found) => found,
        Err(probe) => return probe,
    };
    let name = &rule.name;
    if rule.continuous {
        return Probe::fixed(format!(
            "Rule {name} makes continuous backups now, so that AWS Backup keeps {} clear of its own windows.",
            model.resource_arn
        ));
    }
    match change(by, rule) {
        Change::Moved { from, to } => Probe::fixed(format!(
            "Rule {name} now runs at {to}; the job of {} that failed ran at {from}.",
            model.resource_arn
        )),
        Change::Same => Probe::undetermined(format!(
            "Rule {name} runs at the same time as when the job failed, so only the resource's own window can have moved. {}",
            what_settles(model)
        )),
        Change::NotTold => Probe::undetermined(format!(
            "The record of job {} does not tell the schedule it ran at. {}",
            model.id,
            what_settles(model)
        )),
    }
}

pub(super) fn change(by: &CreatedBy, rule: &Rule) -> Change {
    if by.rule_schedule.is_none() {
        return Change::NotTold;
    }
    let before = Written::new(by.rule_schedule.as_deref(), by.rule_time_zone.as_deref());
    let now = rule.written();
    match before.is_same(now) {
        true => Change::Same,
        false => Change::Moved { from: before.to_string(), to: now.to_string() },
    }
}

fn what_settles(model: &Job) -> String {
    let (call, members) = match model.base_type() {
        "FSx" => ("fsx:DescribeFileSystems", "WeeklyMaintenanceStartTime"),
        "Aurora" | "Neptune" | "DocumentDB" => {
            ("rds:DescribeDBClusters", "PreferredMaintenanceWindow and PreferredBackupWindow")
        }
        _ => ("rds:DescribeDBInstances", "PreferredMaintenanceWindow and PreferredBackupWindow"),
    };
    format!("{members} of {call} for {} would settle it; if they moved away, claim the fix.", model.resource_arn)
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::super::examples::{failure, rule};
    use super::*;

    #[test]
    fn a_schedule_that_moved_is_told_from_one_that_is_written_differently() {
        let moved = |from: &str, to: &str| Change::Moved { from: from.to_owned(), to: to.to_owned() };
        let table = [
            (Some("cron(0 1 ? * * *)"), None, Some("cron(0 1 ? * * *)"), None, Change::Same),
            (Some("cron(0 1 ? * * *)"), None, Some(" cron(0 1 * * ? *)"), Some("Etc/UTC"), Change::Same),
            (Some("cron(0 5 ? * * *)"), Some("UTC"), None, None, Change::Same),
            (Some("rate(12 hours)"), None, Some("rate(12  hours) "), None, Change::Same),
            (None, None, Some("cron(0 1 ? * * *)"), None, Change::NotTold),
            (
                Some("cron(0 1 ? * * *)"),
                None,
                Some("cron(0 4 ? * * *)"),
                None,
                moved("cron(0 1 ? * * *) UTC", "cron(0 4 ? * * *) UTC"),
            ),
            (
                Some("cron(0 1 ? * * *)"),
                None,
                Some("cron(0 1 ? * * *)"),
                Some("Asia/Tokyo"),
                moved("cron(0 1 ? * * *) UTC", "cron(0 1 ? * * *) Asia/Tokyo"),
            ),
            (Some("cron(0 1 ? * * *)"), None, None, None, moved("cron(0 1 ? * * *) UTC", "cron(0 5 ? * * *) UTC")),
        ];
        let text = |text: Option<&str>| text.map(str::to_owned);
        for (before, zone_before, now, zone_now, expected) in table {
            let by =
                CreatedBy { rule_schedule: text(before), rule_time_zone: text(zone_before), ..CreatedBy::default() };
            let rule = Rule { schedule: text(now), time_zone: text(zone_now), ..rule() };
            assert_eq!(change(&by, &rule), expected, "{before:?} {now:?} {zone_now:?}");
        }
    }

    #[test]
    fn only_a_moved_schedule_or_continuous_backup_counts_as_fixed() {
        let table = [
            (rule(), Verdict::Undetermined, "Rule daily runs at the same time as when the job failed"),
            (
                Rule { schedule: Some("cron(0 4 ? * * *)".into()), ..rule() },
                Verdict::Fixed,
                "now runs at cron(0 4 ? * * *) UTC",
            ),
            (Rule { continuous: true, ..rule() }, Verdict::Fixed, "Rule daily makes continuous backups now"),
        ];
        let model = failure();
        for (rule, verdict, words) in table {
            let probe = judge(&model, Today::Rule { by: model.rule().unwrap(), rule: &rule });
            assert_eq!(probe.verdict, verdict, "{}", probe.sentence);
            assert!(probe.sentence.contains(words) && probe.sentence.ends_with('.'), "{}", probe.sentence);
            assert!(probe.sentence.contains(&model.resource_arn), "{}", probe.sentence);
        }
    }

    #[test]
    fn what_would_settle_it_is_named_by_type() {
        for (resource_type, call) in [
            ("RDS", "rds:DescribeDBInstances"),
            ("Aurora", "rds:DescribeDBClusters"),
            ("FSx", "fsx:DescribeFileSystems"),
        ] {
            let model = Job { resource_type: resource_type.to_owned(), origin: job::Origin::Operator, ..failure() };
            let probe = judge(&model, Today::OnDemand);
            assert_eq!(probe.verdict, Verdict::Undetermined);
            assert!(probe.sentence.contains(call), "{}", probe.sentence);
        }
    }
}
