//! A report that nobody got is an alarm; one that comes late says so.

use jiff::SignedDuration;
use serde_json::json;
use tests::{Fault, Function, Repeat, Simulator};

use super::support::*;

fn sent(told: &Told) -> bool {
    told.metrics.iter().any(|line| line["ReportSent"] == 1)
}

#[test]
fn while_sns_is_down_it_answers_an_error_and_does_not_say_that_it_was_sent() {
    let mut world = databases(&["orders"]);
    nights(&mut world, 2);
    let simulator = Simulator::start(world);
    let mut morning = Morning::new(&simulator);
    for fault in [Fault::Denied, Fault::ServerError] {
        simulator.fail("sns", "Publish", fault, Repeat::Always);
        let told = morning.report();
        let error = told.answer.as_ref().unwrap_err();
        assert!(error["errorMessage"].as_str().unwrap().starts_with("the report was not sent: "), "{error}");
        assert!(!sent(&told) && told.mails.is_empty() && told.logged_mails().is_empty());
        assert_eq!(told.lines("error").len(), 1);
        assert_eq!(told.lines("backup_evidence").len(), 1, "the evidence is logged all the same");
        simulator.heal();
    }
    // Lambda runs it again.
    let told = morning.report();
    assert!(sent(&told));
    assert_eq!(told.logged_mails(), [(told.mails[0].subject.as_deref().unwrap(), true)]);
    assert_eq!(told.severity(), "info");
    assert!(told.metrics.last().is_some_and(|line| line["ReportSent"] == 1), "after the publish, and after all else");
}

#[test]
fn a_report_over_a_day_late_says_so_in_its_first_line() {
    let mut world = databases(&["orders"]);
    nights(&mut world, 2);
    let due = world.clock;
    world.advance(SignedDuration::from_hours(30));
    let simulator = Simulator::start(world);
    let mut morning = Morning::new(&simulator);
    let late = morning.play(&json!({"time": due.to_string()}));
    assert!(late.mail().starts_with("Late report: it was due 1 d 6 h ago."), "{}", late.mail());
    assert_eq!(late.answer()["now"], due.to_string(), "ages are those of the hour it was due");
    let in_time = morning.play(&json!({"time": (due + HOUR * 20).to_string()}));
    assert!(!in_time.mail().contains("Late report"), "{}", in_time.mail());
}

#[test]
fn without_a_time_it_is_the_clock_that_counts_and_a_bad_time_is_refused() {
    let mut world = databases(&["orders"]);
    nights(&mut world, 2);
    let simulator = Simulator::start(world);
    let mut morning = Morning::new(&simulator);
    assert_eq!(morning.play(&json!({})).answer()["now"], MORNING);
    for payload in [json!({"time": "this morning"}), json!({"time": 7})] {
        let told = morning.play(&payload);
        assert_eq!(told.answer.as_ref().unwrap_err()["errorType"], "MalformedPayload");
        assert!(told.mails.is_empty() && !sent(&told));
    }
}

#[test]
fn a_chat_topic_gets_the_same_in_short() {
    let mut world = databases(&["orders"]);
    nights(&mut world, 2);
    let chat = world.add_topic("chat").arn.clone();
    let simulator = Simulator::start(world);
    let env = [("ALERT_TOPIC_ARN", ALERTS), ("CHAT_TOPIC_ARN", chat.as_str())];
    let mut report = Function::start("report", &simulator, &env).unwrap();
    report.invoke(&json!({})).answer.unwrap();
    let published = simulator.take_published();
    assert_eq!(published.iter().map(|notice| notice.topic.as_str()).collect::<Vec<_>>(), [ALERTS, chat.as_str()]);
    assert!(published[1].message.contains("The only resource is within its RPO"), "{}", published[1].message);
}

#[test]
fn a_bad_setting_is_an_error_that_names_the_variable() {
    let simulator = Simulator::start(empty());
    for (name, value) in [("LOOKBACK_DAYS", "31"), ("RPO_HOURS", "a day"), ("STUCK_HOURS", "0")] {
        let env = [("ALERT_TOPIC_ARN", ALERTS), (name, value)];
        let Err(said) = Function::start("report", &simulator, &env) else { panic!("it starts with {name} {value}") };
        assert!(said.contains(name), "{said}");
    }
}
