//! A week of nights: what closed, what is open, whose it is, and a mail that fits however much there is.

use advice::stack::{RerunsElsewhere, Stack, VerifyMode};
use jiff::Timestamp;
use report::period::{self, Fate, Night, Origin, Period, Review};
use serde_json::{Value, json};

const NOW: &str = "2026-11-21T07:30:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn night(day: u8, causes: &[Value], groups: &[Value]) -> Night {
    let night = json!({
        "now": format!("2026-11-{day}T07:00:00Z"), "causes": causes, "groups": groups,
        "summary": {"resources": 4, "in_breach": 1, "reruns_completed": 1, "success_rate_7_days": 91.25},
    });
    serde_json::from_value(night).unwrap()
}

fn cause(id: &str, status: &Value, nights: u32, failed: usize) -> Value {
    let is_open = status == "New" || status == "Open";
    json!({
        "id": id, "title": format!("Trouble {id}"), "is_open": is_open, "status": status, "held_back": 2,
        "nights": {"Counted": nights}, "first": "2026-11-18T02:00:00Z", "since_report": failed, "fix": ["Mend it. Then wait."],
    })
}

fn proven(at: &str) -> Value {
    json!({"Proven": {"by": "NightOne", "at": at}})
}

fn group(verdict: &str, cause: Option<&str>, rows: &[Value]) -> Value {
    json!({
        "shared": {
            "urgency": 1, "verdict": verdict, "account": "111122223333", "leg": "backup", "resource_type": "RDS", "cause": cause,
        },
        "rows": rows,
    })
}

fn row(name: &str, owner: &Value, failed_by: &[&str]) -> Value {
    let from = if owner.is_null() { "unknown" } else { "resource" };
    json!({"name": name, "owner": owner, "owner_from": from, "longest_s": 600, "nights": {"marks": "", "failed_by": failed_by}})
}

fn stack() -> Stack {
    Stack {
        label: notice::Label::of_place("111122223333", "eu-west-1"),
        called: None,
        account: "111122223333".into(),
        region: "eu-west-1".into(),
        verify_function: "night-one-verify".into(),
        runbook: None,
        verify_mode: VerifyMode::Run,
        reruns_elsewhere: RerunsElsewhere::None,
    }
}

fn bucket() -> Origin {
    Origin::Bucket { missing: Vec::new(), unread: Vec::new() }
}

#[test]
fn what_became_of_each_cause() {
    let (open, new, over) = (json!("Open"), json!("New"), json!("Over"));
    let at = "2026-11-20T03:00:00Z";
    type Row = (&'static str, Option<Value>, Option<Value>, Option<(Fate, usize)>);
    let table: [Row; 8] = [
        ("accepted", None, Some(cause("rc", &json!("Accepted"), 1, 2)), Some((Fate::Accepted, 2))),
        ("open still", Some(cause("rc", &new, 1, 3)), Some(cause("rc", &open, 2, 2)), Some((Fate::Open, 5))),
        ("begun today", None, Some(cause("rc", &new, 1, 2)), Some((Fate::Open, 2))),
        (
            "proven",
            Some(cause("rc", &open, 3, 1)),
            Some(cause("rc", &proven(at), 3, 0)),
            Some((Fate::Closed(at.parse().ok()), 1)),
        ),
        ("not named any more", Some(cause("rc", &open, 3, 1)), None, Some((Fate::Closed(None), 1))),
        ("over by itself", None, Some(cause("rc", &over, 1, 2)), Some((Fate::Closed(None), 2))),
        ("proven before the week", None, Some(cause("rc", &proven("2026-11-10T03:00:00Z"), 3, 0)), None),
        ("nothing", None, None, None),
    ];
    for (name, before, last, expected) in table {
        let night = |day, cause: Option<Value>| night(day, &cause.into_iter().collect::<Vec<_>>(), &[]);
        let nights = [night(21, last), night(20, before)];
        let review = Review::of(Period::Week, &nights, bucket(), now()).unwrap();
        let found = review.causes.first().map(|cause| (cause.fate, cause.failures));
        assert_eq!(found, expected, "{name}");
        assert_eq!(
            (review.reports, review.numbers.reruns_completed, review.success_rate()),
            (2, 2, Some(91.25)),
            "{name}"
        );
    }
    assert!(Review::of(Period::Week, &[], bucket(), now()).is_none());
}

/// What a summary says of one night.
fn said(night: Value) -> Result<String, String> {
    let night: Night = serde_json::from_value(night).map_err(|error| error.to_string())?;
    let review = Review::of(Period::Week, &[night], bucket(), now()).unwrap();
    let answer = serde_json::to_value(report::record::PeriodSummary::of(&review)).unwrap();
    let owners: Vec<&String> = review.causes.iter().flat_map(|cause| &cause.owners).collect();
    let fix = review.open().find_map(|cause| cause.fix.as_deref()).unwrap_or("none");
    Ok(format!(
        "{} open of {owners:?}, {} failed jobs, fix: {fix}, rate {}, {} proven, {} tests, {} past RPO",
        review.open().count(),
        answer["failed_jobs"],
        answer["success_rate"],
        answer["restores_proven"],
        answer["restore_tests"],
        review.owners.iter().map(|(_, mine)| mine.in_breach).sum::<usize>(),
    ))
}

/// EVIDENCE_BUCKET keeps what older releases wrote, and after a step back what a newer one did. What they lack is not known, what they have beside is left
/// alone, and a night that cannot be understood is refused whole: the summary names it.
#[test]
fn a_night_of_another_release_is_read_as_far_as_it_can_be_understood() {
    let whole = json!({
        "now": "2026-11-21T07:00:00Z",
        "summary": {"resources": 4, "in_breach": 1, "success_rate_7_days": 91.25, "restores_proven": 3},
        "causes": [cause("rc-1", &json!("Open"), 2, 4)],
        "groups": [group("in-breach", Some("rc-1"), &[row("a", &json!("crm"), &[])])],
        "restores": {"tests": {"proven": 7}, "longest": []},
    });
    type Edit = (&'static str, &'static str, Option<Value>);
    type Row = (&'static str, Vec<Edit>, Result<&'static str, &'static str>);
    let later = |path| (path, "of_a_later_release", Some(json!({"x": 1})));
    let (one, row) = ("/causes/0", "/groups/0/rows/0");
    let plain =
        "1 open of [\"crm\"], 4 failed jobs, fix: Mend it. Then wait., rate 91.25, 3 proven, 7 tests, 1 past RPO";
    let table: [Row; 20] = [
        ("as it is", vec![], Ok(plain)),
        (
            "members that nobody knows",
            vec![
                later(""),
                later("/summary"),
                later(one),
                later("/groups/0"),
                later("/groups/0/shared"),
                later(row),
                later("/restores"),
            ],
            Ok(plain),
        ),
        (
            "no causes",
            vec![("", "causes", None)],
            Ok("0 open of [], 0 failed jobs, fix: none, rate 91.25, 3 proven, 7 tests, 1 past RPO"),
        ),
        (
            "no rows",
            vec![("", "groups", None)],
            Ok(
                "1 open of [\"owner unknown\"], 4 failed jobs, fix: Mend it. Then wait., rate 91.25, 3 proven, 7 tests, 0 past RPO",
            ),
        ),
        (
            "no owners",
            vec![(row, "owner", None), (row, "owner_from", None)],
            Ok(
                "1 open of [\"owner unknown\"], 4 failed jobs, fix: Mend it. Then wait., rate 91.25, 3 proven, 7 tests, 1 past RPO",
            ),
        ),
        ("an owner, and not from where", vec![(row, "owner_from", None)], Ok(plain)),
        ("no strips of nights, no lengths", vec![(row, "nights", None), (row, "longest_s", None)], Ok(plain)),
        (
            "no steps",
            vec![(one, "fix", None)],
            Ok("1 open of [\"crm\"], 4 failed jobs, fix: none, rate 91.25, 3 proven, 7 tests, 1 past RPO"),
        ),
        (
            "no failures of the night",
            vec![(one, "since_report", None), (one, "first", None)],
            Ok(
                "1 open of [\"crm\"], 0 failed jobs, fix: Mend it. Then wait., rate 91.25, 3 proven, 7 tests, 1 past RPO",
            ),
        ),
        (
            "no restores",
            vec![("", "restores", None), ("/summary", "restores_proven", None)],
            Ok(
                "1 open of [\"crm\"], 4 failed jobs, fix: Mend it. Then wait., rate 91.25, null proven, null tests, 1 past RPO",
            ),
        ),
        (
            "no rate",
            vec![("/summary", "success_rate_7_days", None)],
            Ok(
                "1 open of [\"crm\"], 4 failed jobs, fix: Mend it. Then wait., rate null, 3 proven, 7 tests, 1 past RPO",
            ),
        ),
        (
            "a verdict that nobody knows",
            vec![("/groups/0/shared", "verdict", Some(json!("on-the-moon")))],
            Ok(
                "1 open of [\"crm\"], 4 failed jobs, fix: Mend it. Then wait., rate 91.25, 3 proven, 7 tests, 0 past RPO",
            ),
        ),
        ("no time", vec![("", "now", None)], Err("missing field `now`")),
        ("no numbers", vec![("", "summary", None)], Err("missing field `summary`")),
        ("a cause without a status", vec![(one, "status", None)], Err("missing field `status`")),
        ("a cause without its nights", vec![(one, "nights", None)], Err("missing field `nights`")),
        ("a group without what its rows share", vec![("/groups/0", "shared", None)], Err("missing field `shared`")),
        ("a status that nobody knows", vec![(one, "status", Some(json!("Frozen")))], Err("unknown variant `Frozen`")),
        ("a number that is none", vec![("/summary", "in_breach", Some(json!("many")))], Err("invalid type: string")),
        (
            "a source of owners that nobody knows",
            vec![(row, "owner_from", Some(json!("vault")))],
            Err("unknown variant `vault`"),
        ),
    ];
    for (name, edits, expected) in table {
        let mut night = whole.clone();
        for (place, member, value) in edits {
            let members = night.pointer_mut(place).and_then(Value::as_object_mut).unwrap();
            match value {
                Some(value) => _ = members.insert(member.to_owned(), value),
                None => _ = members.remove(member).unwrap(),
            }
        }
        match (said(night), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{name}"),
            (Err(why), Err(expected)) => assert!(why.starts_with(expected), "{name}: {why}"),
            (found, expected) => panic!("{name}: {found:?}, not {expected:?}"),
        }
    }
}

#[test]
fn whose_a_cause_is_their_resources_say() {
    let groups = [
        group("in-breach", Some("rc-1"), &[row("a", &json!("crm"), &[]), row("b", &Value::Null, &[])]),
        // Well again, and its nights tell what it failed of.
        group("within-objective", None, &[row("c", &json!("shop"), &["rc-2"]), row("d", &json!("idle"), &[])]),
    ];
    let causes = [cause("rc-1", &json!("Open"), 2, 4), cause("rc-2", &proven("2026-11-20T03:00:00Z"), 1, 1)];
    let review = Review::of(Period::Week, &[night(21, &causes, &groups)], bucket(), now()).unwrap();
    let owners: Vec<(&str, usize, usize, usize)> = review
        .owners
        .iter()
        .map(|(owner, mine)| (owner.as_str(), mine.in_breach, mine.open.len(), mine.closed.len()))
        .collect();
    assert_eq!(owners, [("crm", 1, 1, 0), (period::UNKNOWN, 1, 1, 0), ("shop", 0, 0, 1)]);
}

#[test]
fn a_row_that_is_gone_was_whose_the_newest_night_with_it_says() {
    let of = |owner: &str| [group("in-breach", Some("rc-1"), &[row("a", &json!(owner), &[])])];
    let failing = [cause("rc-1", &json!("Open"), 2, 4)];
    let mut nights = [night(21, &[], &[]), night(20, &failing, &of("crm")), night(19, &failing, &of("shop"))];
    nights.iter_mut().skip(1).for_each(Night::forget_rows);
    let review = Review::of(Period::Week, &nights, bucket(), now()).unwrap();
    let owners: Vec<(&str, usize)> =
        review.owners.iter().map(|(owner, mine)| (owner.as_str(), mine.closed.len())).collect();
    assert_eq!(owners, [("crm", 1)]);
}

#[test]
fn a_month_has_long_backups_and_restores_and_what_tests_came_to() {
    let restores: Vec<Value> = (0..10)
        .map(|number| json!({
            "name": format!("db-{number}"), "resource_type": "RDS", "took_s": (20 - number) * 3_600, "job": "r", "test": number % 2 == 1,
            "ended": "2026-11-19T05:00:00Z",
        }))
        .collect();
    let rows: Vec<Value> = (0..12)
        .map(|number| {
            json!({"name": format!("table-{number:02}"), "longest_s": (number + 1) * 600, "objective_s": 100_800, "nights": {"marks": ""}})
        })
        .collect();
    let night = json!({
        "now": "2026-11-21T07:00:00Z", "summary": {"resources": 12, "success_rate_30_days": 99.5, "reruns_completed": 2, "reruns_failed": 1},
        "groups": [group("within-objective", None, &rows)],
        "restores": {"longest": restores, "tests": {"proven": 7, "failed-validation": 1, "restored-not-validated": 2}},
    });
    let night: Night = serde_json::from_value(night).unwrap();
    let review = Review::of(Period::Month, &[night], bucket(), now()).unwrap();
    let answer = serde_json::to_value(report::record::PeriodSummary::of(&review)).unwrap();
    let numbers = ["restore_tests", "restore_tests_validated", "longest_backup_s", "longest_restore_s"];
    assert_eq!(numbers.map(|name| answer[name].as_i64()), [Some(10), Some(7), Some(7_200), Some(72_000)]);
    let notice = period::notice(&review, &stack(), now());
    insta::assert_snapshot!("a-month-of-restores", notice.body);
    let week = Review::of(
        Period::Week,
        &[serde_json::from_value(json!({"now": NOW, "summary": {}})).unwrap()],
        bucket(),
        now(),
    );
    assert!(!period::notice(&week.unwrap(), &stack(), now()).body.contains("RESTORE TESTS"), "a week is about owners");
}

#[test]
fn a_mail_fits_however_many_owners_and_causes_there_are() {
    let ids: Vec<String> = (0..90).map(|number| format!("rc-{number:010}")).collect();
    let causes: Vec<Value> = ids.iter().map(|id| cause(id, &json!("Open"), 2, 4)).collect();
    let groups: Vec<Value> = ids
        .iter()
        .enumerate()
        .map(|(number, id)| group("in-breach", Some(id), &[row(id, &json!(format!("team {}", number % 60)), &[])]))
        .collect();
    let nights = [night(21, &causes, &groups)];
    for (period, name) in [(Period::Week, "a-large-week"), (Period::Month, "a-large-month")] {
        let review = Review::of(period, &nights, bucket(), now()).unwrap();
        let notice = period::notice(&review, &stack(), now());
        assert!(notice.body.lines().count() <= 80, "{}", notice.body);
        insta::assert_snapshot!(name, format!("Subject: {}\n\n{}", notice.subject, notice.body));
    }
}
