//! The expressions of AWS's own pages, with the runs they mean.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html>
//! <https://docs.aws.amazon.com/aws-backup/latest/devguide/plan-options-and-configuration.html>

use promise::default_schedule;

use crate::{check, utc};

/// 2026-01-01 is a Thursday.
const NEW_YEAR: &str = "2026-01-01T00:00:00Z";

/// Expression and the first runs of 2026, in UTC.
const EXAMPLES: &[(&str, &[&str])] = &[
    ("cron(0 10 * * ? *)", &["Thu 2026-01-01 10:00", "Fri 2026-01-02 10:00"]),
    ("cron(15 12 * * ? *)", &["Thu 2026-01-01 12:15", "Fri 2026-01-02 12:15"]),
    ("cron(0 18 ? * MON-FRI *)", &["Thu 2026-01-01 18:00", "Fri 2026-01-02 18:00", "Mon 2026-01-05 18:00"]),
    ("cron(0 8 1 * ? *)", &["Thu 2026-01-01 08:00", "Sun 2026-02-01 08:00", "Sun 2026-03-01 08:00"]),
    ("cron(0/15 * * * ? *)", &["Thu 2026-01-01 00:15", "Thu 2026-01-01 00:30", "Thu 2026-01-01 00:45"]),
    ("cron(0/10 * ? * MON-FRI *)", &["Thu 2026-01-01 00:10", "Thu 2026-01-01 00:20"]),
    ("cron(0/5 8-17 ? * MON-FRI *)", &["Thu 2026-01-01 08:00", "Thu 2026-01-01 08:05"]),
    ("cron(0 9 ? * 2#1 *)", &["Mon 2026-01-05 09:00", "Mon 2026-02-02 09:00", "Mon 2026-03-02 09:00"]),
    ("cron(0 0 L * ? *)", &["Sat 2026-01-31 00:00", "Sat 2026-02-28 00:00", "Tue 2026-03-31 00:00"]),
    ("cron(0 0 LW * ? *)", &["Fri 2026-01-30 00:00", "Fri 2026-02-27 00:00", "Tue 2026-03-31 00:00"]),
    ("cron(0 0 15W * ? *)", &["Thu 2026-01-15 00:00", "Mon 2026-02-16 00:00", "Mon 2026-03-16 00:00"]),
    ("cron(0 12 ? * 6L *)", &["Fri 2026-01-30 12:00", "Fri 2026-02-27 12:00", "Fri 2026-03-27 12:00"]),
    ("cron(0 9 ? * 3#2 *)", &["Tue 2026-01-13 09:00", "Tue 2026-02-10 09:00"]),
    ("cron(0 0 3W * ? *)", &["Fri 2026-01-02 00:00", "Tue 2026-02-03 00:00"]),
    ("cron(1/10 * * * ? *)", &["Thu 2026-01-01 00:01", "Thu 2026-01-01 00:11", "Thu 2026-01-01 00:21"]),
    ("cron(15 10 ? * 6L 2026-2027)", &["Fri 2026-01-30 10:15", "Fri 2026-02-27 10:15"]),
    ("cron(30 20 ? JAN,MAR L *)", &["Sat 2026-01-03 20:30", "Sat 2026-01-10 20:30"]),
    // AWS Backup: "0 13/12" runs once a day, because a day ends at 23:59.
    ("cron(0 13/12 * * ? *)", &["Thu 2026-01-01 13:00", "Fri 2026-01-02 13:00"]),
    ("cron(0 0/12 * * ? *)", &["Thu 2026-01-01 12:00", "Fri 2026-01-02 00:00"]),
    // Written without "cron()" in the API reference of AWS Backup.
    ("15 * ? * * *", &["Thu 2026-01-01 00:15", "Thu 2026-01-01 01:15"]),
    ("0 12 * * ? *", &["Thu 2026-01-01 12:00", "Fri 2026-01-02 12:00"]),
];

/// Spellings that AWS's pages do not show, but do not exclude.
const SPELLINGS: &[(&str, &[&str])] = &[
    ("cron(0 5 ? * mon-Wed *)", &["Mon 2026-01-05 05:00", "Tue 2026-01-06 05:00", "Wed 2026-01-07 05:00"]),
    ("cron(0 5 ? * FRI-MON *)", &["Fri 2026-01-02 05:00", "Sat 2026-01-03 05:00", "Sun 2026-01-04 05:00"]),
    ("cron(0 22-1 * * ? *)", &["Thu 2026-01-01 01:00", "Thu 2026-01-01 22:00", "Thu 2026-01-01 23:00"]),
    ("cron(0 5 1 NOV-FEB/2 ? *)", &["Thu 2026-01-01 05:00", "Sun 2026-11-01 05:00", "Fri 2027-01-01 05:00"]),
    ("cron(*/30 5 * * ? *)", &["Thu 2026-01-01 05:00", "Thu 2026-01-01 05:30", "Fri 2026-01-02 05:00"]),
    ("cron(1-5/2 5 * * ? *)", &["Thu 2026-01-01 05:01", "Thu 2026-01-01 05:03", "Thu 2026-01-01 05:05"]),
    ("cron(5/20,7 5 * * ? *)", &["Thu 2026-01-01 05:05", "Thu 2026-01-01 05:07", "Thu 2026-01-01 05:25"]),
    ("cron(00 05 1,L,10W * ? *)", &["Thu 2026-01-01 05:00", "Fri 2026-01-09 05:00", "Sat 2026-01-31 05:00"]),
    ("cron(0 5 ? * 2/3 *)", &["Thu 2026-01-01 05:00", "Mon 2026-01-05 05:00", "Thu 2026-01-08 05:00"]),
    ("cron(0 5 ? * friL,sun *)", &["Sun 2026-01-04 05:00", "Sun 2026-01-11 05:00"]),
    ("cron(0 5 1 1 ? 2026/2)", &["Thu 2026-01-01 05:00", "Sat 2028-01-01 05:00"]),
    ("  cron( 0  5 * * ? * ) ", &["Thu 2026-01-01 05:00"]),
];

#[test]
fn aws_examples_run_when_aws_says() {
    check_all(EXAMPLES);
}

#[test]
fn other_spellings_are_read() {
    check_all(SPELLINGS);
}

#[test]
fn a_rule_without_expression_runs_at_five() {
    assert_eq!(default_schedule(), utc("cron(0 5 ? * * *)"));
}

#[test]
fn a_schedule_ends_with_its_years() {
    let last = utc("cron(0 5 31 12 ? 2025)");
    assert_eq!(last.next_after(crate::at(NEW_YEAR)), None);
    assert_eq!(last.last_before(crate::at(NEW_YEAR)), Some(crate::at("2025-12-31T05:00:00Z")));
    assert_eq!(last.last_before(crate::at("2025-12-31T05:00:00Z")), None);
}

#[track_caller]
fn check_all(table: &[(&str, &[&str])]) {
    for (expression, runs) in table {
        let expected: Vec<String> = runs.iter().map(|run| format!("{run} +00:00")).collect();
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        check(expression, "UTC", NEW_YEAR, &expected);
    }
}
