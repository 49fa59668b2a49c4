//! Symptom -> class. Exactly one class wins, whatever the order of the data files, or the answer is "unknown".

use crate::class::Class;
use crate::table::{self, Table};
use crate::text;
use job::{Job, JobKind, JobState};
use serde::Deserialize;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt;

/// What of a job decides its class. AWS's MessageCategory is deliberately not part of it: one category spans seven classes.
#[derive(Clone, Copy, Debug)]
pub struct Symptom<'a> {
    pub kind: JobKind,
    pub state: &'a JobState,
    pub resource_type: &'a str,
    /// With all its wrappers.
    pub message: &'a str,
}

impl<'a> Symptom<'a> {
    pub fn of(job: &'a Job) -> Self {
        Self { kind: job.kind, state: &job.state, resource_type: &job.resource_type, message: &job.message }
    }
}

/// The class of a failure, read from its words and state alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classification {
    pub class: Class,
    pub confidence: Confidence,
    /// The rule that decided; `None` when the class is unknown.
    pub fingerprint: Option<&'static str>,
    /// The message without its wrappers.
    pub text: String,
}

/// How much the words settle. `Likely` means that they leave another cause open, or that the rule generalises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    Unknown,
    Likely,
    Certain,
}

impl Confidence {
    pub fn as_str(self) -> &'static str {
        match self {
            Confidence::Unknown => "unknown",
            Confidence::Likely => "likely",
            Confidence::Certain => "certain",
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

pub fn classify(symptom: &Symptom<'_>) -> Classification {
    classify_with(table::table(), symptom)
}

/// The same with another table; tests take a rule away to see whether it is needed.
pub fn classify_with(table: &'static Table, symptom: &Symptom<'_>) -> Classification {
    let stripped = text::strip_wrappers(symptom.message);
    let matches = table.matches(symptom, stripped.text, stripped.code);
    let matched: BTreeSet<Class> = matches.iter().map(|found| found.class).collect();
    let mut winners =
        matched.iter().copied().filter(|class| !matched.iter().any(|other| table.dominates(*other, *class)));
    // Two classes that neither wins over the other: the words contradict each other, so nothing is claimed.
    let winner = match (winners.next(), winners.next()) {
        (Some(class), None) => Some(class),
        _ => None,
    };
    let deciding = matches
        .iter()
        .filter(|found| Some(found.class) == winner)
        .max_by_key(|found| (found.fingerprint.confidence, found.weight, Reverse(&found.fingerprint.id)));
    match deciding {
        Some(found) => Classification {
            class: found.class,
            confidence: found.fingerprint.confidence,
            fingerprint: Some(&found.fingerprint.id),
            text: stripped.text.to_owned(),
        },
        None => Classification {
            class: Class::Unknown,
            confidence: Confidence::Unknown,
            fingerprint: None,
            text: stripped.text.to_owned(),
        },
    }
}
