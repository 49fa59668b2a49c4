//! One place in one invocation: what was read of it.

use futures::future::join;
use job::{Job, Scope};
use owner::Owners;
use source::Source;
use tokio::time::Instant;

use crate::act;
use crate::announce::Window;
use crate::decide::Starts;
use crate::gather::{OnHand, Tests};
use crate::owners;
use crate::protection::{self, Looked};
use crate::review::{Question, Records, Stood, Surroundings, View};
use crate::round::{Errand, Tick};
use crate::turns::Turns;

/// An account of AWS or a subscription of Azure, as it is now.
#[derive(Debug)]
pub struct Visit {
    pub source: Source,
    pub turns: Turns,
    pub records: Records,
    pub surroundings: Surroundings,
    /// What was told of changes that took protection away.
    pub changes: Looked,
    pub owners: Owners,
    /// Why nothing can be started there.
    pub barred: Option<String>,
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
        let ((mut records, surroundings), changes) = join(read, changes).await;
        self.memory.lock().await.keep(&records.ledger, self.now);
        let owners = self.owners(&source, &records, turns.jobs).await;
        records.look_past_accepted(&source, &owners, self.now, until).await;
        let barred = self.barred(source.scope());
        Visit { source, turns, records, surroundings, changes, owners, barred }
    }

    /// What the tags of the resources say that wait for a good job, and of those that the window may tell of. Where an operator asks, those that
    /// wait under the root causes that are named come first.
    async fn owners(&self, source: &Source, records: &Records, window: Option<Window>) -> Owners {
        let stood = records.stand(self.now);
        let is_named = |stood: &&Stood<'_>| {
            let id = stood.case.cause.id.as_str();
            self.request.to_catch_up().contains(id) || self.request.evidence().is_some_and(|asked| asked == id)
        };
        let asked = match window {
            Some(window) => owners::asked(records, &stood, window),
            None => {
                let (named, others): (Vec<_>, Vec<_>) = stood.iter().partition(is_named);
                owners::waiting(named.into_iter().chain(others))
            }
        };
        self.owners_of(source, asked).await
    }

    /// Why nothing can be started in a place.
    fn barred(&self, scope: &Scope) -> Option<String> {
        let has_a_way = self.stack.has_a_way(self.stack.territory(scope));
        (!has_a_way).then(|| act::no_rerun_role(&scope.account))
    }

    /// Judges the root causes of a place.
    pub(crate) async fn judge<'v>(&'v self, visit: &'v Visit, until: Instant) -> Judged<'v> {
        let Visit { source, records, surroundings, .. } = visit;
        let question = Question {
            claimed: self.request.claimed(),
            limits: self.settings.limits(),
            now: self.now,
            starts_at: self.starts_at,
            starts: visit.barred.as_deref().map_or(Starts::Possible, |why| Starts::Impossible { why }),
            owners: &visit.owners,
        };
        let views = records.judge(source, surroundings, records.stand(self.now), &question, until).await;
        Judged { visit, question, views }
    }
}

impl Visit {
    /// What could not be read, each thing once.
    pub fn problems(&self, views: &[View<'_>]) -> Vec<String> {
        let mut problems = self.records.problems(&self.surroundings, views);
        problems.extend(self.changes.problems(self.source.scope().cloud));
        problems
    }
}
