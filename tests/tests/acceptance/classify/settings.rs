//! A bad setting stops the function at its start, with the variable's name and what it accepts.

use tests::{Function, Simulator, addresses};

use super::support::{ALERTS, account};

#[test]
fn a_bad_setting_is_an_error_that_names_the_variable() {
    let simulator = Simulator::start(account(&[1]));
    let topic = ("ALERT_TOPIC_ARN", ALERTS);
    let bad = [
        (vec![], "ALERT_TOPIC_ARN", "ARN of the SNS topic"),
        (vec![("ALERT_TOPIC_ARN", "alerts")], "ALERT_TOPIC_ARN", "arn:aws:sns:"),
        (vec![("ALERT_TOPIC_ARN", "arn:aws:sqs:eu-west-1:111122223333:alerts")], "ALERT_TOPIC_ARN", "arn:aws:sns:"),
        (vec![topic, ("CHAT_TOPIC_ARN", "#backups")], "CHAT_TOPIC_ARN", "arn:aws:sns:"),
        (vec![topic, ("STORM_WINDOW_HOURS", "0")], "STORM_WINDOW_HOURS", "from 1 to 168"),
        (vec![topic, ("STORM_WINDOW_HOURS", "24h")], "STORM_WINDOW_HOURS", "from 1 to 168"),
        (vec![topic, ("RPO_HOURS", "-1")], "RPO_HOURS", "from 1 to"),
        (vec![topic, ("RPO_HOURS", "1.5")], "RPO_HOURS", "from 1 to"),
    ];
    for (env, variable, accepts) in bad {
        let Err(said) = Function::start("classify", &simulator, &env) else { panic!("it starts with {env:?}") };
        assert!(said.contains(variable) && said.contains(accepts), "{env:?}: {said}");
        assert!(said.contains("{\"record\":\"error\""), "{env:?}: {said}");
    }
    for good in [("CHAT_TOPIC_ARN", ""), ("RUNBOOK_URL", ""), ("STORM_WINDOW_HOURS", " 12 "), ("RPO_HOURS", "36")] {
        assert!(Function::start("classify", &simulator, &[topic, good]).is_ok(), "{good:?}");
    }
}

#[test]
fn an_address_of_a_runbook_is_one_that_can_be_clicked() {
    let simulator = Simulator::start(account(&[1]));
    let start = |address: &str| {
        let env = [("ALERT_TOPIC_ARN", ALERTS), ("RUNBOOK_URL", address)];
        Function::start("classify", &simulator, &env).map(|_| ())
    };
    for good in addresses::good() {
        assert_eq!(start(&good), Ok(()), "{good}");
    }
    for bad in addresses::bad() {
        let said = start(&bad).expect_err(&bad);
        assert!(said.contains("RUNBOOK_URL is") && said.contains("it takes the https URL of a page"), "{bad}: {said}");
    }
}
