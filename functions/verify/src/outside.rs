//! An account that does not let us in: what its jobs tell all the same, in the lists that our own account may read.
//!
//! Nothing is proven there, because nobody can look at a recovery point, and nothing is started.

use futures::future::join_all;
use job::Scope;
use lambda::record::Layer;
use owner::Owners;
use source::central::Seen;
use source::{Closed, Source, Whose};
use tokio::time::Instant;

use crate::decide::Status;
use crate::gather::{self, FromOutside};
use crate::ledger::Cause;
use crate::members::{Known, may_open};
use crate::record::{CauseLine, Reached};
use crate::round::{Outcome, Tick};
use crate::standing::Standing;
use crate::stop;
use crate::turns::Subject;

/// Causes told of one Region; the largest come first.
const CAUSES: usize = 100;

impl Tick<'_> {
    /// What is known of an account that does not let us in.
    pub(crate) async fn outside(&self, account: &str, closed: &Closed, regions: Vec<Known>, until: Instant) -> Outcome {
        let rounds = regions.into_iter().map(|known| self.region_outside(account, closed, known, until));
        let mut outcome = Outcome::default();
        join_all(rounds).await.into_iter().for_each(|round| outcome.add(round));
        outcome.problems = vec![format!("{}: {closed}", self.called(account))];
        outcome
    }

    async fn region_outside(&self, account: &str, closed: &Closed, known: Known, until: Instant) -> Outcome {
        let (scope, visible_since) = (known.scope.clone(), known.visible_since);
        let mut errors = vec![closed.to_string()];
        errors.extend(known.doubt().map(ToString::to_string));
        let is_seen = known.doubt().is_none();
        let hub = Source::Aws(self.accounts().own().in_region(&scope.region));
        let mut on_hand = FromOutside::default();
        for (kind, seen) in known.seen {
            match seen {
                Seen::All(jobs) => on_hand.whole.insert(kind, jobs),
                Seen::Part { jobs, .. } => on_hand.part.insert(kind, jobs),
            };
        }
        let lists = gather::lists_from_outside(&hub, account, on_hand, self.now, until).await;
        errors.extend(lists.unread.into_values());
        let ledger = lists.ledger;
        let jobs_counted = ledger.bad_jobs().count() + ledger.in_flight().len();
        let layer = if is_seen || jobs_counted > 0 { Layer::Central } else { Layer::None };
        let why = format!("{} could not be read: {closed}", self.called(account));
        let mut outcome = Outcome { stops: stop::outside(self.request.to_stop(), &ledger, &why), ..Outcome::default() };

        let whose = Whose::Account(account);
        let gather::Habitual { habits, unread, left_out } =
            gather::habits(&hub, whose, &ledger, self.settings.stuck_after, self.now, until).await;
        errors.extend(unread);
        errors.extend(left_out);
        if may_open(closed) {
            outcome.missed.insert((scope.clone(), Subject::Jobs), closed.to_string());
        } else if let Some(window) = self.window {
            let owners = Owners::not_looked("its account does not let Night One in");
            outcome.told += self.teller(&hub, &owners).tell_stuck(ledger.in_flight(), &habits, window).await;
        }
        let since = self.now - self.settings.look_back;
        let matters = |cause: &Cause| cause.jobs().any(|job| job.ended >= Some(since));
        let causes: Vec<Cause> = ledger.causes().into_iter().filter(matters).collect();
        if causes.len() > CAUSES {
            errors.push(format!("only the {CAUSES} largest of {} root causes are listed", causes.len()));
        }
        let (status, reason) = self.why_nothing(&scope, closed);
        for cause in causes.iter().take(CAUSES) {
            let Some(standing) = Standing::of(cause, &ledger, &[], &habits, self.now) else { continue };
            let line = CauseLine::new(cause, &standing, None, (status, &reason), self.now);
            outcome.lines.push(self.owned(line, &scope));
        }
        let known = self.request.named().filter(|id| causes.iter().any(|cause| cause.id.as_str() == *id));
        outcome.known.extend(known.cloned());
        if let (Layer::Central, Some(oldest)) = (layer, visible_since) {
            errors.push(format!(
                "the oldest job of another account that can be seen here is of {}",
                notice::minute(oldest)
            ));
        }
        outcome.reached.push(Reached { scope, layer, errors, jobs_counted });
        outcome
    }

    fn why_nothing(&self, scope: &Scope, closed: &Closed) -> (Status, String) {
        let called = self.called(&scope.account);
        match may_open(closed) {
            true => (
                Status::Waiting,
                format!("Night One could not look into {called}: {closed}. The next tick tries again."),
            ),
            false => (
                Status::NotRerunnable,
                format!(
                    "Night One cannot look into {called}: {closed}. That the job failed is known from the lists of the organization. Whether it is \
                     fixed, and whether a recovery point exists, is not."
                ),
            ),
        }
    }
}
