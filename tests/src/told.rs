//! What holds of everything that a function tells, whichever function it is: mails and log lines.

use serde_json::Value;

use crate::{Outcome, Published};

/// Checks the form of a mail: what SNS and a mailbox take, and filters can read.
pub fn check_mail(mail: &Published) {
    let subject = mail.subject.as_deref().expect("a mail has a subject");
    assert!(subject.len() <= 99 && subject.chars().all(|c| c == ' ' || c.is_ascii_graphic()), "{subject}");
    assert_eq!(mail.structure, None);
    assert!(mail.message.len() < 256 * 1024);
    assert!(mail.message.chars().all(|c| c == '\n' || !c.is_control()), "{:?}", mail.message);
    assert!(mail.attributes.len() <= 10, "{:?}", mail.attributes);
    for (name, (kind, value)) in &mail.attributes {
        assert!(!value.is_empty() && value != "[]", "{name} is empty");
        assert!(["String", "String.Array"].contains(&kind.as_str()), "{name} is a {kind}");
    }
}

/// The log lines of a function that ended without a word on standard error: each is one JSON object, with `record` first or of metrics, and of a
/// size that CloudWatch keeps whole.
pub fn records(outcome: &Outcome) -> Vec<Value> {
    assert_eq!(outcome.errors, "", "standard error");
    outcome.logs.iter().map(|line| record(line)).collect()
}

/// One log line, read.
pub fn record(line: &str) -> Value {
    let start: String = line.chars().take(300).collect();
    let is_of_metrics = line.contains("\"_aws\":{") && !line.contains("\"record\"");
    assert!(line.starts_with("{\"record\":\"") || is_of_metrics, "{start}");
    assert!(line.len() < 256 * 1024, "a line of {} bytes: {start}", line.len());
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {start}"))
}
