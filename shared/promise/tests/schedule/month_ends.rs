//! Days that not every month, year or weekend has.

use std::time::{Duration, Instant};

use crate::{at, check, utc};

#[test]
fn the_31st_skips_short_months() {
    let runs = ["Sat 2026-01-31 05:00 +00:00", "Tue 2026-03-31 05:00 +00:00", "Sun 2026-05-31 05:00 +00:00"];
    check("cron(0 5 31 * ? *)", "UTC", "2026-01-01T00:00:00Z", &runs);
}

#[test]
fn the_last_day_knows_leap_years() {
    check(
        "cron(0 5 L 2 ? *)",
        "UTC",
        "2027-03-01T00:00:00Z",
        &["Tue 2028-02-29 05:00 +00:00", "Wed 2029-02-28 05:00 +00:00"],
    );
    check("cron(0 5 L-2 2 ? *)", "UTC", "2027-03-01T00:00:00Z", &["Sun 2028-02-27 05:00 +00:00"]);
}

#[test]
fn the_leap_day_waits_eight_years_across_2100() {
    check(
        "cron(0 5 29 2 ? *)",
        "UTC",
        "2026-01-01T00:00:00Z",
        &["Tue 2028-02-29 05:00 +00:00", "Sun 2032-02-29 05:00 +00:00"],
    );
    check("cron(0 5 29 2 ? *)", "UTC", "2096-03-01T00:00:00Z", &["Fri 2104-02-29 05:00 +00:00"]);
}

/// 1 August 2026 is a Saturday, 31 May 2026 a Sunday, 28 February 2026 a Saturday.
#[test]
fn the_nearest_workday_stays_in_its_month() {
    check("cron(0 5 1W * ? *)", "UTC", "2026-07-31T00:00:00Z", &["Mon 2026-08-03 05:00 +00:00"]);
    check(
        "cron(0 5 31W * ? *)",
        "UTC",
        "2026-05-01T00:00:00Z",
        &["Fri 2026-05-29 05:00 +00:00", "Fri 2026-07-31 05:00 +00:00"],
    );
    check("cron(0 5 28W 2 ? *)", "UTC", "2026-01-01T00:00:00Z", &["Fri 2026-02-27 05:00 +00:00"]);
    check(
        "cron(0 5 LW * ? *)",
        "UTC",
        "2026-05-01T00:00:00Z",
        &["Fri 2026-05-29 05:00 +00:00", "Tue 2026-06-30 05:00 +00:00"],
    );
}

#[test]
fn the_fifth_monday_skips_months_with_four() {
    let runs = ["Mon 2026-03-30 05:00 +00:00", "Mon 2026-06-29 05:00 +00:00", "Mon 2026-08-31 05:00 +00:00"];
    check("cron(0 5 ? * 2#5 *)", "UTC", "2026-01-01T00:00:00Z", &runs);
}

/// A fifth Monday of February is a 29th: every 28 years. The search must not go there minute by minute.
#[test]
fn rare_and_impossible_dates_are_found_out_quickly() {
    let started = Instant::now();
    check(
        "cron(0 5 ? 2 2#5 *)",
        "UTC",
        "2026-01-01T00:00:00Z",
        &["Mon 2044-02-29 05:00 +00:00", "Mon 2072-02-29 05:00 +00:00"],
    );
    let never = utc("cron(0 5 30 2 ? *)");
    assert_eq!(never.next_after(at("2026-01-01T00:00:00Z")), None);
    assert_eq!(never.last_before(at("2026-01-01T00:00:00Z")), None);
    let long_ago = utc("cron(0 5 1 1 ? 1970)");
    assert_eq!(long_ago.next_after(at("-000300-01-01T00:00:00Z")), Some(at("1970-01-01T05:00:00Z")));
    assert_eq!(long_ago.last_before(at("9000-01-01T00:00:00Z")), Some(at("1970-01-01T05:00:00Z")));
    assert!(started.elapsed() < Duration::from_secs(1), "took {:?}", started.elapsed());
}
