//! What one invocation came to: its answer, and the summary in the log.

use std::collections::BTreeSet;

use aws_lambda_events::event::sqs::SqsBatchResponse;
use cause::group::resources;
use classification::identity::RootCauseId;
use job::Job;
use lambda::serve::failed;
use lambda_runtime::Diagnostic;
use serde::Serialize;
use serde_json::Value;

use crate::causes::{Cause, Failure, InBatch as _};
use crate::decide::PageDecision;
use crate::intake::Intake;
use crate::page::Page;

/// What came of one cause.
#[derive(Clone, Debug)]
pub struct Told {
    outcome: Outcome,
    /// One for each cause: several of one fault in several accounts.
    lines: Vec<CauseLine>,
    /// The messages that brought it.
    message_ids: Vec<String>,
    /// What could not be read of its records.
    unread: Option<String>,
}

/// What one invocation did: the answer to a bare event, and a log line for every batch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub events: usize,
    pub failures: usize,
    pub ignored: usize,
    pub malformed: usize,
    pub root_causes: Vec<CauseLine>,
    /// Changes that took protection away.
    pub protection: usize,
    pub pages: usize,
    pub suppressed: usize,
    /// Causes of which all that failed is accepted.
    pub accepted: usize,
    pub given_back: usize,
    /// What could not be read; empty when everything was.
    pub coverage_errors: Vec<String>,
}

/// What came of changes that may have taken protection away.
#[derive(Clone, Debug, Default)]
pub struct ProtectionTold {
    /// That were told, or were to be told.
    pub changes: usize,
    pub pages: usize,
    pub suppressed: usize,
    pub ignored: usize,
    /// Pages that could not be published, and the messages that brought what they tell.
    pub failed: usize,
    pub given_back: BTreeSet<String>,
}

/// One cause of a summary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CauseLine {
    pub root_cause_id: String,
    pub root_cause_class: &'static str,
    pub jobs: usize,
    pub resources: usize,
    pub outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Paged,
    Digested,
    Suppressed,
    /// Somebody accepts all of it until a day.
    Accepted,
    /// The page could not be published; the messages are given back.
    GivenBack,
}

/// The end of an invocation.
#[derive(Clone, Debug)]
pub struct Answered {
    pub summary: Summary,
    /// The ids of the messages that have to come again.
    given_back: BTreeSet<String>,
}

impl Told {
    pub fn of_page(page: &Page<'_>, outcome: Outcome) -> Self {
        Self::new(page.tonight.cause, page.diagnosis.class.id(), page.decision.unread(), outcome)
    }

    pub fn kept_quiet(cause: &Cause, decision: &PageDecision) -> Self {
        Self::new(cause, cause.class.id(), decision.unread(), Outcome::Suppressed)
    }

    pub fn accepted(cause: &Cause) -> Self {
        Self::new(cause, cause.class.id(), None, Outcome::Accepted)
    }

    fn new(cause: &Cause, class: &'static str, unread: Option<&str>, outcome: Outcome) -> Self {
        let line = |id: &RootCauseId| {
            let failures = cause.failures.iter().filter(|failure| failure.judged.cause == *id);
            let jobs: Vec<&Job> = failures.map(Failure::job).collect();
            CauseLine {
                root_cause_id: id.to_string(),
                root_cause_class: class,
                jobs: jobs.len(),
                resources: resources(jobs).len(),
                outcome,
            }
        };
        let lines = cause.ids().into_iter().map(line).collect();
        Self { outcome, lines, message_ids: cause.message_ids().cloned().collect(), unread: unread.map(str::to_owned) }
    }
}

impl Answered {
    pub fn new(intake: &Intake, failures: usize, told: Vec<Told>) -> Self {
        let count = |outcome: Outcome| told.iter().filter(|told| told.outcome == outcome).count();
        let back = told.iter().filter(|told| told.outcome == Outcome::GivenBack);
        let malformed = intake.malformed.iter().flat_map(|malformed| malformed.message_ids.clone());
        let given_back: BTreeSet<String> = back.flat_map(|told| told.message_ids.clone()).chain(malformed).collect();
        let summary = Summary {
            events: intake.events,
            failures,
            ignored: intake.ignored.len(),
            malformed: intake.malformed.len(),
            protection: 0,
            pages: count(Outcome::Paged) + count(Outcome::Digested).min(1),
            suppressed: count(Outcome::Suppressed),
            accepted: count(Outcome::Accepted),
            // A bare event has no message to give back, but its page is lost all the same: the answer must be an error.
            given_back: given_back.len().max(count(Outcome::GivenBack)),
            coverage_errors: told.iter().filter_map(|told| told.unread.clone()).collect(),
            root_causes: told.into_iter().flat_map(|told| told.lines).collect(),
        };
        Self { summary, given_back }
    }

    /// Adds what came of changes of protection.
    pub fn add(&mut self, told: ProtectionTold) {
        let summary = &mut self.summary;
        summary.protection += told.changes;
        summary.pages += told.pages;
        summary.suppressed += told.suppressed;
        summary.ignored += told.ignored;
        summary.given_back += told.given_back.len().max(told.failed);
        self.given_back.extend(told.given_back);
    }

    /// The messages to give back. What can not be read is among them, because it has to reach the dead-letter queue.
    ///
    /// # Errors
    /// Never: the answer is plain JSON.
    pub fn for_queue(self) -> Result<Value, Diagnostic> {
        let mut response = SqsBatchResponse::default();
        self.given_back.into_iter().for_each(|id| response.add_failure(id));
        json(&response)
    }

    /// The summary, for who invoked the function with one event.
    ///
    /// # Errors
    /// When the event could not be read, or its page could not be published.
    pub fn for_person(self) -> Result<Value, Diagnostic> {
        if self.summary.malformed > 0 {
            return Err(failed("MalformedEvent", "the event could not be read: the log says why".to_owned()));
        }
        if self.summary.given_back > 0 {
            return Err(failed("NotPublished", "the page could not be published: the log says why".to_owned()));
        }
        json(&self.summary)
    }
}

fn json(answer: &impl Serialize) -> Result<Value, Diagnostic> {
    serde_json::to_value(answer).map_err(|error| failed("Answer", error.to_string()))
}
