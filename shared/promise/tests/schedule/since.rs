//! Verdicts by table: from when on a rule answers.

use promise::{CoveringRule, LastGood, Seen, Verdict};

use crate::at;
use crate::rpo::{at_risk, daily, failed, good, hours, on, rule};

/// A weekly rule became a daily one. Its jobs say what it was.
#[test]
fn a_rule_answers_for_runs_since_it_is_what_it_is() {
    let changed = |when: &str| {
        let weekly = CoveringRule { until: Some(at(when)), ..rule("cron(0 1 ? * SUN *)", "UTC") };
        vec![weekly, CoveringRule { since: Some(at(when)), ..rule("cron(0 1 ? * * *)", "UTC") }]
    };
    // 2026-11-15 was a Sunday.
    let sunday = good("2026-11-15T01:00:00Z");
    let table = [
        ("an hour ago", sunday, "2026-11-20T06:00:00Z", "2026-11-20T07:00:00Z", Verdict::WithinObjective, 0),
        (
            "a night ago, and the night failed",
            failed("2026-11-15T01:00:00Z", "2026-11-20T01:00:00Z"),
            "2026-11-19T06:00:00Z",
            "2026-11-20T07:00:00Z",
            at_risk("2026-11-20T14:00:00Z"),
            1,
        ),
        ("two nights ago", sunday, "2026-11-18T06:00:00Z", "2026-11-20T07:00:00Z", Verdict::InBreach, 1),
        // The last Sunday was missed before the change.
        (
            "and it was late before",
            good("2026-11-01T01:00:00Z"),
            "2026-11-20T06:00:00Z",
            "2026-11-20T07:00:00Z",
            Verdict::InBreach,
            2,
        ),
    ];
    for (name, seen, when, now, verdict, missed) in table {
        let judged = on(&changed(when), seen, now);
        assert_eq!((judged.verdict, judged.missed.runs), (verdict, missed), "{name}");
        assert_eq!(judged.objective, Some(hours(32)), "{name}");
    }
}

#[test]
fn what_was_never_backed_up_may_not_be_due_yet() {
    let since = |when: &str| vec![CoveringRule { since: Some(at(when)), ..rule("cron(0 5 ? * * *)", "UTC") }];
    let never = Seen { last_good: LastGood::Never, last_tried: None, ..good("2026-11-20T05:00:00Z") };
    let now = "2026-11-21T06:00:00Z";
    let tried = Seen { last_failed: Some(at("2026-11-21T05:00:00Z")), ..never };
    assert_eq!(on(&since("2026-11-21T05:30:00Z"), never, now).verdict, Verdict::NotDueYet);
    assert_eq!(on(&since("2026-11-20T12:00:00Z"), never, now).verdict, Verdict::NotDueYet, "it may still begin");
    assert_eq!(on(&since("2026-11-20T12:00:00Z"), tried, now).verdict, Verdict::NeverBackedUp);
    assert_eq!(on(&since("2026-11-19T12:00:00Z"), never, now).verdict, Verdict::NeverBackedUp);
    assert_eq!(on(&daily(), never, now).verdict, Verdict::NeverBackedUp, "nobody knows since when");
}
