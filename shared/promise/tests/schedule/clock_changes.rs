//! Both clock changes: the missing hour is skipped, the repeated hour runs once, in its first pass.
//!
//! <https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html>, "Daylight savings time"

use promise::Schedule;

use crate::{at, check};

#[test]
fn new_york_misses_half_past_two_in_spring() {
    let runs = ["Sat 2026-03-07 02:30 -05:00", "Mon 2026-03-09 02:30 -04:00"];
    check("cron(30 2 * * ? *)", "America/New_York", "2026-03-07T00:00:00Z", &runs);
}

#[test]
fn new_york_runs_half_past_one_once_in_autumn() {
    let runs = ["Sat 2026-10-31 01:30 -04:00", "Sun 2026-11-01 01:30 -04:00", "Mon 2026-11-02 01:30 -05:00"];
    check("cron(30 1 * * ? *)", "America/New_York", "2026-10-31T00:00:00Z", &runs);
}

#[test]
fn an_hourly_rule_in_berlin_skips_nothing_in_spring_and_pauses_in_autumn() {
    let spring = ["Sun 2026-03-29 01:00 +01:00", "Sun 2026-03-29 03:00 +02:00", "Sun 2026-03-29 04:00 +02:00"];
    check("cron(0 * * * ? *)", "Europe/Berlin", "2026-03-28T23:30:00Z", &spring);
    let autumn = ["Sun 2026-10-25 02:00 +02:00", "Sun 2026-10-25 03:00 +01:00", "Sun 2026-10-25 04:00 +01:00"];
    check("cron(0 * * * ? *)", "Europe/Berlin", "2026-10-24T23:30:00Z", &autumn);
}

/// In Santiago the clock goes from 24:00 to 01:00 on the first Sunday of September, and from 24:00 to 23:00 in April.
#[test]
fn santiago_changes_at_midnight() {
    let spring = ["Sat 2026-09-05 00:00 -04:00", "Mon 2026-09-07 00:00 -03:00"];
    check("cron(0 0 * * ? *)", "America/Santiago", "2026-09-05T00:00:00Z", &spring);
    let half_past = ["Sat 2026-09-05 00:30 -04:00", "Mon 2026-09-07 00:30 -03:00"];
    check("cron(30 0 * * ? *)", "America/Santiago", "2026-09-05T00:00:00Z", &half_past);
    let autumn = ["Sat 2026-04-04 23:30 -03:00", "Sun 2026-04-05 23:30 -04:00"];
    check("cron(30 23 * * ? *)", "America/Santiago", "2026-04-04T12:00:00Z", &autumn);
    let midnight = ["Sun 2026-04-05 00:00 -04:00", "Mon 2026-04-06 00:00 -04:00"];
    check("cron(0 0 * * ? *)", "America/Santiago", "2026-04-04T12:00:00Z", &midnight);
}

/// Lord Howe Island moves by half an hour.
#[test]
fn lord_howe_moves_by_half_an_hour() {
    let spring = ["Sun 2026-10-04 01:45 +10:30", "Sun 2026-10-04 02:30 +11:00", "Sun 2026-10-04 02:45 +11:00"];
    check("cron(0/15 * * * ? *)", "Australia/Lord_Howe", "2026-10-03T15:00:00Z", &spring);
    let autumn = ["Sun 2026-04-05 01:45 +11:00", "Sun 2026-04-05 02:00 +10:30"];
    check("cron(0/15 * * * ? *)", "Australia/Lord_Howe", "2026-04-04T14:30:00Z", &autumn);
}

#[test]
fn samoa_had_no_30_december_2011() {
    let runs = ["Thu 2011-12-29 05:00 -10:00", "Sat 2011-12-31 05:00 +14:00"];
    check("cron(0 5 * * ? *)", "Pacific/Apia", "2011-12-29T00:00:00Z", &runs);
}

#[test]
fn zones_without_daylight_saving_keep_their_offset() {
    check("cron(0 5 * * ? *)", "Asia/Kolkata", "2026-03-28T12:00:00Z", &["Sun 2026-03-29 05:00 +05:30"]);
    check("cron(0 5 * * ? *)", "asia/tokyo", "2026-03-28T12:00:00Z", &["Sun 2026-03-29 05:00 +09:00"]);
}

/// Asked from within the second pass of the repeated hour, the whole hour lies behind.
#[test]
fn the_second_pass_of_the_repeated_hour_holds_no_run() {
    let schedule = Schedule::parse("cron(0/15 * * * ? *)", Some("America/New_York")).expect("valid");
    // 01:20 EST, an hour after 01:20 EDT.
    let second_pass = at("2026-11-01T06:20:00Z");
    assert_eq!(schedule.last_before(second_pass), Some(at("2026-11-01T05:45:00Z")));
    assert_eq!(schedule.next_after(second_pass), Some(at("2026-11-01T07:00:00Z")));
}
