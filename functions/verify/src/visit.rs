//! One place in one invocation: what was read of it.

use futures::future::join;
use jiff::Timestamp;
use job::Job;
use owner::Owners;
use source::Source;
use tokio::time::Instant;

use crate::gather::{OnHand, Tests};
use crate::protection::{self, Looked};
use crate::review::{Question, Records, Surroundings, View};
use crate::round::{Errand, Tick};

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

/// What is known of a place before it is looked at.
#[derive(Debug)]
pub struct BeforeTheVisit<'a> {
    pub on_hand: OnHand,
    /// Jobs that are remembered.
    pub remembered: Vec<Job>,
    /// Whether restore tests are told.
    pub tests: Tests,
    /// What CloudTrail calls our sessions.
    pub session: &'a str,
}

impl Tick<'_> {
    /// Reads a place, and side by side with all else the changes of its turn. Never fails: the answer says of each cause what could not be
    /// read.
    pub(crate) async fn visit(&self, Errand { source, on_hand, turns }: Errand, until: Instant) -> Visit {
        let tests = if turns.tests.is_some() { Tests::Told } else { Tests::NotTold };
        let remembered = self.memory.lock().await.of(source.scope());
        let before = BeforeTheVisit { on_hand, remembered, tests, session: self.home.session_name() };
        let read = async {
            let records = Records::read(&source, before, self.settings, self.now, until).await;
            let asked = self.request.to_catch_up();
            let surroundings = records.surroundings(&source, self.settings, asked, until).await;
            (records, surroundings)
        };
        let changes = protection::look(&source, turns.changes, self.measure(), until);
        let ((records, surroundings), changes) = join(read, changes).await;
        Visit { source, records, surroundings, changes }
    }
}

impl Visit {
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
