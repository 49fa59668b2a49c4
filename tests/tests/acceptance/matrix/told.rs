//! What one invocation told, and what of it admits that something was not read.

use std::time::Duration;

use serde_json::Value;
use tests::told::check_mail;
use tests::{Function, Outcome, Published, Simulator};

use super::account::ALERTS;
use super::cells::{Broken, Promise};

/// Ways to say that something was not read.
const ADMISSIONS: [&str; 10] = [
    "not known",
    "does not know",
    "calls itself",
    "ould not be read",
    "annot be read",
    "not looked at",
    "not checked",
    "can not be told",
    "cannot be told",
    "no time",
];

pub(crate) fn start<'a>(
    function: &str,
    simulator: &'a Simulator,
    time_limit: Duration,
    env: &[(&str, &str)],
) -> Function<'a> {
    let env: Vec<(&str, &str)> = [("ALERT_TOPIC_ARN", ALERTS)].into_iter().chain(env.iter().copied()).collect();
    let mut function = Function::start(function, simulator, &env).unwrap();
    function.time_limit = time_limit;
    function
}

/// One invocation.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) answer: Result<Value, Value>,
    pub(crate) logs: Vec<Value>,
    pub(crate) mails: Vec<Published>,
}

impl Said {
    pub(crate) fn of(simulator: &Simulator, function: &mut Function<'_>, payload: &Value) -> Said {
        simulator.take_published();
        let Outcome { answer, logs, .. } = function.invoke(payload);
        let mails: Vec<Published> =
            simulator.take_published().into_iter().filter(|mail| mail.topic == ALERTS).collect();
        mails.iter().for_each(check_mail);
        // One that was killed at its time limit may have been writing.
        Said { answer, logs: logs.iter().filter_map(|line| serde_json::from_str(line).ok()).collect(), mails }
    }

    pub(crate) fn lines(&self, record: &str) -> impl Iterator<Item = &Value> {
        self.logs.iter().filter(move |line| line["record"] == record)
    }

    /// Whether it came to an end of its own.
    pub(crate) fn late(&self) -> Option<Broken> {
        let error = self.answer.as_ref().err()?;
        let kind = error["errorType"].as_str().unwrap_or_default();
        ["Sandbox.Timedout", "Runtime.ExitError"].contains(&kind).then(|| Broken::new(Promise::Late, kind))
    }
}

/// How often a text admits that something was not read.
pub(crate) fn admissions(text: &str) -> usize {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    ADMISSIONS.iter().map(|words| text.matches(words).count()).sum()
}

/// The lines of one text that are not in the other, the first few of them.
pub(crate) fn difference(without: &str, with: &str) -> String {
    let fresh = |text: &str, other: &str, sign: char| -> Vec<String> {
        let known: Vec<&str> = other.lines().collect();
        text.lines().filter(|line| !known.contains(line)).map(|line| format!("{sign}{}", line.trim())).collect()
    };
    let lines: Vec<String> = [fresh(without, with, '-'), fresh(with, without, '+')].concat();
    let told = lines.iter().take(2).map(|line| without_numbers(line)).collect::<Vec<_>>().join(" ");
    told.chars().take(220).collect()
}

/// Ids and times made alike, so that cells that break a promise in the same way stand together.
pub(crate) fn without_numbers(text: &str) -> String {
    let mut told = String::new();
    for letter in text.chars() {
        match letter {
            digit if digit.is_ascii_digit() && told.ends_with('#') => {}
            digit if digit.is_ascii_digit() => told.push('#'),
            other => told.push(other),
        }
    }
    told
}
