//! Verdicts by table: what the rules say, what the jobs did, and what that makes of the row.

use jiff::SignedDuration;
use promise::{
    CoveringRule, InFlight, Judgement, LastGood, NotAssessed, OptIn, Promise, Schedule, Seen, Verdict, judge,
};

use crate::at;

pub(crate) const fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

/// A rule with AWS's default windows of 8 hours and 7 days.
pub(crate) fn rule(expression: &str, zone: &str) -> CoveringRule {
    let schedule = Schedule::parse(expression, Some(zone)).expect(expression);
    CoveringRule { keeps_days: Some(35), ..CoveringRule::of_schedule(schedule) }
}

pub(crate) fn daily() -> Vec<CoveringRule> {
    vec![rule("cron(0 5 ? * * *)", "UTC")]
}

pub(crate) fn good(start: &str) -> Seen {
    Seen {
        last_good: LastGood::At(at(start)),
        busy_until: None,
        longest_completed: None,
        begins_after: SignedDuration::ZERO,
        in_flight: None,
        last_failed: None,
        last_tried: Some(at(start)),
        opt_in: OptIn::In,
    }
}

/// The same, and the job of a later run failed.
pub(crate) fn failed(start: &str, failed: &str) -> Seen {
    Seen { last_failed: Some(at(failed)), last_tried: Some(at(failed)), ..good(start) }
}

/// The same, and a job is on its way.
fn flying(start: &str, created: &str, in_time_until: &str) -> Seen {
    let job = InFlight { created: at(created), in_time_until: at(in_time_until) };
    Seen { in_flight: Some(job), last_tried: Some(at(created)), ..good(start) }
}

pub(crate) fn on(rules: &[CoveringRule], seen: Seen, now: &str) -> Judgement {
    judge(&seen, &Promise::new(rules.to_vec(), at(now)), None, at(now))
}

pub(crate) fn at_risk(breaches_at: &str) -> Verdict {
    Verdict::AtRisk { breaches_at: Some(at(breaches_at)) }
}

fn no_schedule_ran(breaches_at: &str) -> Verdict {
    Verdict::NoScheduleRan { breaches_at: Some(at(breaches_at)) }
}

#[test]
fn a_daily_plan_night_by_night() {
    let within = Verdict::WithinObjective;
    let table = [
        ("fresh", good("2026-11-21T05:02:00Z"), "2026-11-21T09:00:00Z", within, 0),
        ("the next job may still start", good("2026-11-20T05:02:00Z"), "2026-11-21T12:59:00Z", within, 0),
        (
            "it never started",
            good("2026-11-20T12:00:00Z"),
            "2026-11-21T13:01:00Z",
            no_schedule_ran("2026-11-21T20:00:00Z"),
            1,
        ),
        (
            "it failed at once",
            failed("2026-11-20T05:02:00Z", "2026-11-21T05:00:00Z"),
            "2026-11-21T06:00:00Z",
            at_risk("2026-11-21T13:02:00Z"),
            1,
        ),
        (
            "past 24 h and the start window",
            failed("2026-11-20T05:02:00Z", "2026-11-21T05:00:00Z"),
            "2026-11-21T13:03:00Z",
            Verdict::InBreach,
            1,
        ),
        ("exactly at the objective", good("2026-11-20T05:00:00Z"), "2026-11-21T13:00:00Z", within, 0),
        ("a job recorded moments before its run", good("2026-11-21T04:59:58Z"), "2026-11-21T14:00:00Z", within, 0),
    ];
    for (name, seen, now, verdict, missed) in table {
        let judged = on(&daily(), seen, now);
        assert_eq!((judged.verdict, judged.missed.runs), (verdict, missed), "{name}");
    }
}

#[test]
fn forty_seven_days_under_a_daily_plan() {
    let judged = on(&daily(), failed("2026-10-05T05:00:00Z", "2026-11-21T05:00:00Z"), "2026-11-21T05:00:00Z");
    assert_eq!((judged.verdict, judged.age, judged.missed.runs), (Verdict::InBreach, Some(hours(47 * 24)), 47));
    assert_eq!(judged.missed.since, Some(at("2026-10-06T05:00:00Z")));
    // The run of the morning may still begin.
    let before = on(&daily(), failed("2026-10-05T05:00:00Z", "2026-11-20T05:00:00Z"), "2026-11-21T06:00:00Z");
    assert_eq!((before.verdict, before.missed.runs), (Verdict::InBreach, 46));
}

#[test]
fn a_job_in_flight_excuses_its_own_run_and_no_other() {
    let table = [
        // The first job that takes longer than ever: 36 h after the last good start it runs within its 7 days.
        (
            flying("2026-11-20T05:00:00Z", "2026-11-21T05:00:00Z", "2026-11-28T05:00:00Z"),
            "2026-11-21T17:00:00Z",
            Verdict::AtRisk { breaches_at: Some(at("2026-11-28T05:00:00Z")) },
        ),
        // Not yet past the objective: nothing is wrong.
        (
            flying("2026-11-20T05:00:00Z", "2026-11-21T05:00:00Z", "2026-11-28T05:00:00Z"),
            "2026-11-21T12:00:00Z",
            Verdict::WithinObjective,
        ),
        // Out of its windows.
        (
            flying("2026-11-20T05:00:00Z", "2026-11-21T05:00:00Z", "2026-11-21T13:00:00Z"),
            "2026-11-21T17:00:00Z",
            Verdict::InBreach,
        ),
        // Behind a missed night the gap is there, whatever runs now.
        (
            flying("2026-11-19T05:00:00Z", "2026-11-21T05:00:00Z", "2026-11-28T05:00:00Z"),
            "2026-11-21T06:00:00Z",
            Verdict::InBreach,
        ),
    ];
    for (seen, now, verdict) in table {
        assert_eq!(on(&daily(), seen, now).verdict, verdict, "{seen:?}");
    }
}

#[test]
fn a_backup_that_takes_ten_hours_each_night_is_no_breach() {
    let rules = [CoveringRule { start_window: hours(1), ..rule("cron(0 22 ? * * *)", "UTC") }];
    let seen = Seen { longest_completed: Some(hours(10)), ..good("2026-11-19T22:00:00Z") };
    let running = Seen {
        longest_completed: Some(hours(10)),
        ..flying("2026-11-19T22:00:00Z", "2026-11-20T22:00:00Z", "2026-11-27T22:00:00Z")
    };
    assert_eq!(on(&rules, running, "2026-11-21T07:59:00Z").verdict, Verdict::WithinObjective);
    assert_eq!(on(&rules, seen, "2026-11-21T07:59:00Z").objective, Some(hours(35)));
    // A duration beyond the completion window promises nothing.
    let cut = [CoveringRule { completion_window: hours(2), ..rules[0].clone() }];
    assert_eq!(on(&cut, seen, "2026-11-21T07:59:00Z").objective, Some(hours(27)));
}

#[test]
fn weekly_weekday_and_monthly_plans() {
    let weekly = vec![rule("cron(0 5 ? * SUN *)", "UTC")];
    let weekdays = vec![rule("cron(0 5 ? * MON-FRI *)", "UTC")];
    let daily_and_monthly =
        vec![daily()[0].clone(), CoveringRule { keeps_days: Some(365), ..rule("cron(0 5 1 * ? *)", "UTC") }];
    let last_of_month = vec![rule("cron(0 5 L * ? *)", "UTC")];
    let thirty_first = vec![rule("cron(0 5 31 * ? *)", "UTC")];
    let leap_day = vec![rule("cron(0 5 29 2 ? *)", "UTC")];
    let table = [
        // 2026-11-15 was a Sunday.
        (
            "weekly, six days old",
            &weekly,
            good("2026-11-15T05:00:00Z"),
            "2026-11-21T06:00:00Z",
            Verdict::WithinObjective,
            0,
        ),
        (
            "weekly, fifteen days old",
            &weekly,
            failed("2026-11-08T05:00:00Z", "2026-11-15T05:00:00Z"),
            "2026-11-23T06:00:00Z",
            Verdict::InBreach,
            2,
        ),
        // Friday's backup holds over the weekend; 2026-11-16 was a Monday.
        (
            "weekdays, on Sunday",
            &weekdays,
            good("2026-11-13T05:00:00Z"),
            "2026-11-15T23:00:00Z",
            Verdict::WithinObjective,
            0,
        ),
        (
            "weekdays, Tuesday failed",
            &weekdays,
            failed("2026-11-16T05:00:00Z", "2026-11-17T05:00:00Z"),
            "2026-11-17T07:00:00Z",
            at_risk("2026-11-19T13:00:00Z"),
            1,
        ),
        (
            "weekdays, Tuesday had no job",
            &weekdays,
            good("2026-11-16T05:00:00Z"),
            "2026-11-17T14:00:00Z",
            no_schedule_ran("2026-11-19T13:00:00Z"),
            1,
        ),
        (
            "daily and monthly at once",
            &daily_and_monthly,
            good("2026-12-01T05:00:00Z"),
            "2026-12-02T12:00:00Z",
            Verdict::WithinObjective,
            0,
        ),
        (
            "daily and monthly, both nights failed",
            &daily_and_monthly,
            failed("2026-11-30T05:00:00Z", "2026-12-02T05:00:00Z"),
            "2026-12-02T06:00:00Z",
            Verdict::InBreach,
            2,
        ),
        (
            "last of February to last of March",
            &last_of_month,
            good("2027-02-28T05:00:00Z"),
            "2027-03-31T05:01:00Z",
            Verdict::WithinObjective,
            0,
        ),
        (
            "the 31st skips June",
            &thirty_first,
            good("2026-05-31T05:00:00Z"),
            "2026-07-31T12:00:00Z",
            Verdict::WithinObjective,
            0,
        ),
        (
            "the 31st missed in July",
            &thirty_first,
            failed("2026-05-31T05:00:00Z", "2026-07-31T05:00:00Z"),
            "2026-07-31T14:00:00Z",
            Verdict::InBreach,
            1,
        ),
        ("leap day", &leap_day, good("2024-02-29T05:00:00Z"), "2028-02-29T04:00:00Z", Verdict::WithinObjective, 0),
        (
            "leap day missed",
            &leap_day,
            failed("2024-02-29T05:00:00Z", "2028-02-29T05:00:00Z"),
            "2028-02-29T14:00:00Z",
            Verdict::InBreach,
            1,
        ),
    ];
    for (name, rules, seen, now, verdict, missed) in table {
        let judged = on(rules, seen, now);
        assert_eq!((judged.verdict, judged.missed.runs), (verdict, missed), "{name}");
    }
}

/// AWS Backup makes only the backup of the longer retention for the whole of its start window.
#[test]
fn an_hourly_rule_beside_a_twelve_hourly_one() {
    let hourly = CoveringRule { start_window: hours(1), keeps_days: Some(2), ..rule("cron(0 * ? * * *)", "UTC") };
    let twelve = CoveringRule { keeps_days: Some(35), ..rule("cron(0 0/12 ? * * *)", "UTC") };
    let rules = vec![hourly.clone(), twelve.clone()];
    let table = [
        ("in the shadow of noon", good("2026-11-21T12:00:00Z"), "2026-11-21T19:59:00Z", Verdict::WithinObjective, 0),
        ("20:00 may still start", good("2026-11-21T12:00:00Z"), "2026-11-21T20:59:00Z", Verdict::WithinObjective, 0),
        (
            "20:00 made no job",
            good("2026-11-21T12:30:00Z"),
            "2026-11-21T21:01:00Z",
            no_schedule_ran("2026-11-21T21:30:00Z"),
            1,
        ),
        ("and is missed in the end", good("2026-11-21T12:30:00Z"), "2026-11-21T22:01:00Z", Verdict::InBreach, 2),
    ];
    for (name, seen, now, verdict, missed) in table {
        let judged = on(&rules, seen, now);
        assert_eq!((judged.verdict, judged.missed.runs), (verdict, missed), "{name}");
        // From noon to the end of the window of 20:00, the next run that is made.
        assert_eq!(judged.objective, Some(hours(9)), "{name}");
    }
    // With the default window of 8 hours that one may begin as late as at 04:00.
    let default = [CoveringRule { start_window: hours(8), ..hourly.clone() }, twelve.clone()];
    let late = on(&default, good("2026-11-21T12:00:00Z"), "2026-11-22T03:59:00Z");
    assert_eq!((late.verdict, late.objective), (Verdict::WithinObjective, Some(hours(16))));
    // Ten due runs a day: two of the one, eight of the other.
    let never_good = failed("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z");
    assert_eq!(on(&rules, never_good, "2026-11-21T00:00:00Z").missed.runs, 10);
    // Were the hourly backups kept longer, none of them would be left out.
    let hourly_first = [CoveringRule { keeps_days: None, ..hourly }, twelve];
    assert_eq!(on(&hourly_first, never_good, "2026-11-21T00:00:00Z").missed.runs, 24);
}

/// Berlin: the clock went forward on 2026-03-29 and back on 2026-10-25.
#[test]
fn both_clock_changes() {
    let at_five = vec![rule("cron(0 5 ? * * *)", "Europe/Berlin")];
    let in_the_missing_hour = vec![rule("cron(30 2 ? * * *)", "Europe/Berlin")];
    let table = [
        (
            "the long night",
            &at_five,
            good("2026-10-24T03:00:00Z"),
            "2026-10-25T12:00:00Z",
            Verdict::WithinObjective,
            0,
            33,
        ),
        (
            "the run before the change",
            &at_five,
            failed("2026-10-24T03:00:00Z", "2026-10-25T04:00:00Z"),
            "2026-10-25T12:01:00Z",
            Verdict::InBreach,
            1,
            33,
        ),
        (
            "the missing run was not due",
            &in_the_missing_hour,
            good("2026-03-28T01:30:00Z"),
            "2026-03-30T08:00:00Z",
            Verdict::WithinObjective,
            0,
            55,
        ),
        (
            "the one after it was",
            &in_the_missing_hour,
            good("2026-03-28T01:30:00Z"),
            "2026-03-30T08:31:00Z",
            Verdict::InBreach,
            1,
            55,
        ),
    ];
    for (name, rules, seen, now, verdict, missed, objective) in table {
        let judged = on(rules, seen, now);
        assert_eq!((judged.verdict, judged.missed.runs), (verdict, missed), "{name}");
        assert_eq!(judged.objective, Some(hours(objective)), "{name}");
    }
}

#[test]
fn what_is_neither_healthy_nor_in_breach() {
    let fresh = good("2026-11-21T05:00:00Z");
    let never = Seen { last_good: LastGood::Never, last_tried: None, ..fresh };
    let records_from = LastGood::Before(at("2026-10-22T06:00:00Z"));
    let monthly = vec![rule("cron(0 5 1 * ? *)", "UTC")];
    let twice_a_year = vec![rule("cron(0 5 1 1/6 ? *)", "UTC")];
    let ended = vec![rule("cron(0 5 1 1 ? 2020)", "UTC")];
    let none = Vec::new();
    let stale = good("2026-11-18T05:00:00Z");
    let out = |seen| Seen { opt_in: OptIn::Out, ..seen };
    let not_assessed = |why| Verdict::NotAssessed { why };
    let table = [
        ("never", &daily(), never, Verdict::NeverBackedUp),
        ("never, no rule", &none, never, Verdict::NeverBackedUp),
        ("no rule", &none, fresh, not_assessed(NotAssessed::NoRule)),
        ("a schedule that has ended", &ended, fresh, not_assessed(NotAssessed::NoInterval)),
        (
            "no good one on record",
            &daily(),
            Seen { last_good: records_from, ..failed("2026-11-20T05:00:00Z", "2026-11-21T05:00:00Z") },
            Verdict::InBreach,
        ),
        (
            "its objective is longer than the record, a run failed",
            &monthly,
            Seen { last_good: records_from, ..failed("2026-11-20T05:00:00Z", "2026-11-01T05:00:00Z") },
            Verdict::AtRisk { breaches_at: None },
        ),
        (
            "and nothing was due",
            &twice_a_year,
            Seen { last_good: records_from, last_tried: None, ..fresh },
            not_assessed(NotAssessed::RecordTooShort),
        ),
        ("switched off, but fresh", &daily(), out(fresh), Verdict::WithinObjective),
        ("switched off", &daily(), out(stale), Verdict::OptedOut),
        ("switched off and never backed up", &daily(), out(never), Verdict::OptedOut),
        (
            "switched off, and still tried",
            &daily(),
            out(failed("2026-11-18T05:00:00Z", "2026-11-21T05:00:00Z")),
            Verdict::InBreach,
        ),
    ];
    for (name, rules, seen, verdict) in table {
        assert_eq!(on(rules, seen, "2026-11-21T06:00:00Z").verdict, verdict, "{name}");
    }
}

#[test]
fn one_objective_for_all_needs_no_rule() {
    let now = at("2026-11-21T06:00:00Z");
    let no_rules = Promise::new(Vec::new(), now);
    for (start, verdict) in
        [("2026-11-21T01:00:00Z", Verdict::WithinObjective), ("2026-11-20T17:00:00Z", Verdict::InBreach)]
    {
        let judged = judge(&good(start), &no_rules, Some(hours(12)), now);
        assert_eq!((judged.verdict, judged.objective), (verdict, Some(hours(12))));
    }
}

/// A copy begins when the backup is done: until then its run is not missed, and its objective is that much longer.
#[test]
fn a_copy_waits_for_its_backup() {
    let rules = [CoveringRule { start_window: hours(1), ..rule("cron(0 22 ? * * *)", "UTC") }];
    let copy = |start| Seen { begins_after: hours(10), longest_completed: Some(hours(1)), ..good(start) };
    let judged = on(&rules, copy("2026-11-20T08:00:00Z"), "2026-11-21T08:30:00Z");
    assert_eq!((judged.verdict, judged.objective), (Verdict::WithinObjective, Some(hours(36))));
    let late = on(&rules, copy("2026-11-20T08:00:00Z"), "2026-11-21T09:01:00Z");
    assert_eq!((late.verdict, late.missed.runs), (no_schedule_ran("2026-11-21T20:00:00Z"), 1));
}

#[test]
fn a_rate_counts_from_the_last_good_backup() {
    let rules = [CoveringRule { start_window: hours(1), ..rule("rate(12 hours)", "UTC") }];
    let judged = on(&rules, failed("2026-11-19T00:00:00Z", "2026-11-21T00:00:00Z"), "2026-11-21T06:00:00Z");
    assert_eq!((judged.verdict, judged.objective), (Verdict::InBreach, Some(hours(13))));
    assert_eq!((judged.missed.runs, judged.missed.since), (4, Some(at("2026-11-19T12:05:00Z"))));
}

#[test]
fn years_of_missed_hours_are_counted_up_to_a_bound_and_dated_exactly() {
    let rules = [rule("cron(0 * ? * * *)", "UTC")];
    let judged = on(&rules, good("2023-11-21T00:00:00Z"), "2026-11-21T00:00:00Z");
    assert_eq!((judged.verdict, judged.missed.more_before), (Verdict::InBreach, true));
    assert_eq!(judged.missed.since, Some(at("2023-11-21T01:00:00Z")));
    assert!((1_400..=1_500).contains(&judged.missed.runs), "{}", judged.missed.runs);
}

/// Every other run expires behind the one that is on its way: AWS Backup backs up a resource once at a time.
#[test]
fn a_run_that_takes_longer_than_its_interval() {
    let rules = [CoveringRule { start_window: hours(1), ..rule("cron(0 1 ? * * *)", "UTC") }];
    let done = Seen {
        busy_until: Some(at("2026-11-17T17:00:00Z")),
        longest_completed: Some(hours(40)),
        ..failed("2026-11-16T01:00:00Z", "2026-11-17T01:00:00Z")
    };
    let flight = InFlight { created: at("2026-11-18T01:00:00Z"), in_time_until: at("2026-11-21T01:00:00Z") };
    let flying = Seen { in_flight: Some(flight), last_failed: Some(at("2026-11-20T01:00:00Z")), ..done };
    let table = [
        ("done", done, "2026-11-17T18:00:00Z", Verdict::WithinObjective, 0),
        ("the next one is on its way", flying, "2026-11-18T12:00:00Z", Verdict::WithinObjective, 0),
        ("for longer than ever", flying, "2026-11-20T12:00:00Z", at_risk("2026-11-21T01:00:00Z"), 0),
        ("beyond its window", flying, "2026-11-21T01:01:00Z", Verdict::InBreach, 3),
        (
            "it could have begun when the last one was done",
            done,
            "2026-11-18T02:01:00Z",
            no_schedule_ran("2026-11-18T18:00:00Z"),
            1,
        ),
    ];
    for (name, seen, now, verdict, missed) in table {
        let judged = on(&rules, seen, now);
        assert_eq!((judged.verdict, judged.missed.runs), (verdict, missed), "{name}");
        assert_eq!(judged.objective, Some(hours(65)), "{name}");
        assert_eq!(judged.overrun, promise::Overrun::of(hours(40), hours(24)), "{name}");
    }
    assert_eq!(on(&rules, good("2026-11-16T01:00:00Z"), "2026-11-16T12:00:00Z").overrun, None);
}
