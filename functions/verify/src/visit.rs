//! One place in one invocation: what was read of it.

use std::collections::BTreeSet;

use futures::future::join;
use jiff::Timestamp;
use job::Job;
use owner::Owners;
use source::Source;
use tokio::time::Instant;

use crate::announce::Window;
use crate::gather::{OnHand, Tests};
use crate::protection::{self, Looked, Measure};
use crate::review::{Question, Records, Surroundings, View};
use crate::settings::Settings;

/// An account of AWS or a subscription of Azure, as it is now.
#[derive(Debug)]
pub struct Visit {
    pub source: Source,
    pub records: Records,
    pub surroundings: Surroundings,
    /// What was told of changes that took protection away.
    pub changes: Looked,
}

/// A place that was read, with its root causes judged.
#[derive(Debug)]
pub struct Judged<'a> {
    pub visit: &'a Visit,
    /// What was asked of each cause.
    pub question: Question<'a>,
    pub views: Vec<View<'a>>,
}

/// What is known before it is looked at.
#[derive(Debug)]
pub struct Known<'a> {
    /// Jobs that are remembered.
    pub remembered: Vec<Job>,
    /// Whether restore tests are told.
    pub tests: Tests,
    /// Root causes that matter even where they are proven and told.
    pub asked: &'a BTreeSet<String>,
    /// What CloudTrail calls our sessions.
    pub session: &'a str,
}

impl Visit {
    /// Reads it, and side by side with all else the changes of a time. Never fails: the answer says of each cause what could not be read.
    pub async fn of(
        source: Source,
        on_hand: OnHand,
        settings: &Settings,
        known: Known<'_>,
        (window, measure): (Option<Window>, Measure<'_>),
        now: Timestamp,
        until: Instant,
    ) -> Self {
        let Known { remembered, tests, asked, session } = known;
        let read = async {
            let records = Records::read(&source, on_hand, settings, (remembered, tests, session), now, until).await;
            let surroundings = records.surroundings(&source, settings, asked, until).await;
            (records, surroundings)
        };
        let changes = protection::look(&source, window, measure, until);
        let ((records, surroundings), changes) = join(read, changes).await;
        Self { source, records, surroundings, changes }
    }

    /// Looks at other resources of a cause than those that somebody accepts.
    pub(crate) async fn look_past_accepted(&mut self, owners: &Owners, now: Timestamp, until: Instant) {
        self.records.look_past_accepted(&self.source, owners, now, until).await;
    }

    /// Judges its root causes.
    pub async fn judge<'a>(&'a self, question: Question<'a>, until: Instant) -> Judged<'a> {
        let stood = self.records.stand(question.now);
        let views = self.records.judge(&self.source, &self.surroundings, stood, &question, until).await;
        Judged { visit: self, question, views }
    }

    /// What could not be read, each thing once.
    pub fn problems(&self, views: &[View<'_>]) -> Vec<String> {
        let mut problems = self.records.problems(&self.surroundings, views);
        problems.extend(self.changes.problems(self.source.scope().cloud));
        problems
    }
}
