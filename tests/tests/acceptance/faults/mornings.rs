//! What the report judges.

use serde_json::json;

use super::fault::{Fault, played, played_with};
use super::stage::Stage;

const GREEN: [&str; 3] = ["only resource is within its RPO", "resources within their RPO", "are within their RPO"];

#[test]
fn no_row_is_green_without_a_recovery_point() {
    let [told] = played("green-although-the-vault-is-empty");
    let mail = told.mail();
    mail.lacks(&GREEN);
    mail.says(&["no recovery point left", "orders"]);
    // The rule is named that keeps its points for a shorter time than it takes to make the next.
    mail.says(&["sunday", "1 d", "7 d"]);
    assert_eq!(mail.severity(), "critical");
    assert_eq!(told.answered()["nothing_left"], 1);
    assert_eq!(told.lines("rpo_gap").len(), 1);
}

/// Somebody deleted them by hand.
#[test]
fn no_row_is_green_whose_recovery_points_were_deleted() {
    let kept = ("\"DeleteAfterDays\": 1}", "\"DeleteAfterDays\": 35}");
    let [told] = played_with("green-although-the-vault-is-empty", &[kept]);
    told.mail().lacks(&GREEN);
    told.mail().says(&["no recovery point left"]);
    assert_eq!(told.mail().severity(), "critical");
}

#[test]
fn silence_gets_no_quieter_with_age() {
    let [young, old] = played("silence-beyond-the-record-turns-quiet");
    for told in [&young, &old] {
        assert_eq!(told.mail().severity(), "critical");
        assert_eq!(told.answered()["in_breach"], 3, "{:#}", told.answered());
        assert_eq!(told.metric("ResourcesInBreach"), 3.0);
        assert_eq!(told.mail().times("made no job"), 1, "one finding for the selection:\n{}", told.mail().text);
        told.mail().says(&["nightly"]);
    }
    old.mail().says(&["worst 31 d old"]);
}

#[test]
fn a_rule_that_was_changed_has_missed_no_run_of_before() {
    let [told] = played("runs-missed-before-the-rule-existed");
    told.mail().lacks(&["runs missed", "run missed", "made no job"]);
    assert_eq!(told.mail().severity(), "info");
    let answer = told.answered();
    assert_eq!(json!([answer["in_breach"], answer["at_risk"], answer["no_schedule_ran"]]), json!([0, 0, 0]));
}

#[test]
fn stuck_is_counted_from_the_start_of_the_job() {
    let [report, tick] = played("stuck-counted-from-creation");
    assert_eq!(report.metric("StuckJobs"), 0.0);
    assert_eq!(report.answered()["stuck"], 0);
    assert_eq!(tick.answered()["stuck"], 0);
    assert_eq!(report.answered()["in_breach"], 0);
    assert_eq!(report.verdict("orders"), "at-risk");
    report.mail().lacks(&["stuck since"]);
}

/// Both functions call it stuck at the same minute: four hours after it began to run.
#[test]
fn verify_and_report_find_the_same_minute() {
    let fault = Fault::read("stuck-counted-from-creation", &[("2026-11-20T11:00:00Z", "2026-11-20T23:00:00Z")]);
    let simulator = fault.simulator();
    let mut stage = Stage::new(&simulator);
    assert_eq!(stage.at("2026-11-20T11:55:00Z").report().metric("StuckJobs"), 0.0);
    let ticks = stage.at("2026-11-20T09:31:00Z").verify_until("2026-11-20T13:01:00Z");
    let stuck: Vec<_> = ticks.iter().flat_map(|told| &told.mails).filter(|mail| mail.kind() == "stuck").collect();
    assert_eq!(stuck.len(), 1, "{stuck:#?}");
    stuck[0].says(&["2026-11-20 12:00 UTC"]);
    let report = stage.report();
    assert_eq!(report.metric("StuckJobs"), 1.0);
    report.mail().says(&["stuck since 2026-11-20 12:00 UTC"]);
}

/// How long jobs usually run does not count the hours that they wait for their turn.
#[test]
fn waiting_makes_no_run_longer() {
    let waited = (
        r#""StartBy": "2026-11-19T09:00:00Z", "CompletionDate": "2026-11-19T01:10:00Z""#,
        r#""StartBy": "2026-11-19T09:00:00Z", "InitiationDate": "2026-11-19T08:00:00Z", "CompletionDate": "2026-11-19T11:00:00Z""#,
    );
    let hangs = ("2026-11-20T11:00:00Z", "2026-11-21T23:00:00Z");
    let early = ("\"InitiationDate\": \"2026-11-20T08:00:00Z\"", "\"InitiationDate\": \"2026-11-20T02:00:00Z\"");
    let fault = Fault::read("stuck-counted-from-creation", &[waited, hangs, early]);
    let simulator = fault.simulator();
    let mut stage = Stage::new(&simulator);
    // Twice the three hours that the last one ran.
    let ticks = stage.at("2026-11-20T07:01:00Z").verify_until("2026-11-20T09:01:00Z");
    let stuck: Vec<_> = ticks.iter().flat_map(|told| &told.mails).filter(|mail| mail.kind() == "stuck").collect();
    assert_eq!(stuck.len(), 1, "{stuck:#?}");
    stuck[0].says(&["2026-11-20 08:00 UTC"]);
    stage.report().mail().says(&["stuck since 2026-11-20 08:00 UTC"]);
}

/// The usual shape of a night that hangs: yesterday's job runs on, and today's waits behind it.
#[test]
fn a_stuck_job_does_not_hide_behind_the_next_one() {
    let hangs = (
        r#""StartBy": "2026-11-19T09:00:00Z", "CompletionDate": "2026-11-19T01:10:00Z""#,
        r#""StartBy": "2026-11-19T09:00:00Z", "CompletionDate": "2026-11-29T01:10:00Z""#,
    );
    let waits = (r#""CompletionDate": "2026-11-20T11:00:00Z""#, r#""CompletionDate": "2026-11-29T11:00:00Z""#);
    let later = ("\"InitiationDate\": \"2026-11-20T08:00:00Z\"", "\"InitiationDate\": \"2026-11-29T02:00:00Z\"");
    let fault = Fault::read("stuck-counted-from-creation", &[hangs, waits, later]);
    let simulator = fault.simulator();
    let told = Stage::new(&simulator).at("2026-11-20T07:00:00Z").report();
    assert_eq!(told.metric("StuckJobs"), 1.0);
    told.mail().says(&["stuck since"]);
    assert_eq!(told.mail().severity(), "critical");
}

#[test]
fn a_time_ahead_and_an_unknown_member_are_refused() {
    let [ahead, dry_run] = played("report-takes-any-time-and-any-member");
    for told in [&ahead, &dry_run] {
        assert!(told.mails.is_empty() && told.documents.is_empty(), "{told:#?}");
    }
    assert!(ahead.refusal().contains("2027-11-21"), "{}", ahead.refusal());
    assert!(dry_run.refusal().contains("dry_run") && dry_run.refusal().contains("{}"), "{}", dry_run.refusal());
}

/// The clocks of AWS's own services differ a little.
#[test]
fn a_minute_ahead_is_no_other_day() {
    let fault = Fault::read("report-takes-any-time-and-any-member", &[]);
    let simulator = fault.simulator();
    let mut stage = Stage::new(&simulator);
    stage.at("2026-11-20T07:00:00Z");
    for function in ["verify", "report"] {
        stage.invoke(function, &json!({"time": "2026-11-20T07:00:50Z"})).answered();
        let told = stage.invoke(function, &json!({"time": "2026-11-20T07:02:00Z"}));
        assert!(told.refusal().contains("2026-11-20T07:02:00Z"), "{function}: {}", told.refusal());
        assert!(told.mails.is_empty());
        stage.invoke(function, &json!({"all": true})).refusal();
    }
}
