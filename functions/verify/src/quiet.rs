//! An account and Region in which no job failed and none is on its way: nobody looks at it but for changes that took protection away.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use job::Scope;
use owner::Owners;
use source::{Account, Closed, Source};
use tokio::time::Instant;

use crate::announce::Window;
use crate::members::may_open;
use crate::protection::{self, Looked};
use crate::round::{Outcome, Tick, trail_until};
use crate::turns::Turns;

/// What CloudTrail did not tell is made up for, unless it is longer ago than that.
const MADE_UP_FOR: SignedDuration = SignedDuration::from_hours(48);

impl Tick<'_> {
    /// For which time CloudTrail is asked for the changes in a place of another account, together with what earlier ticks missed. `None`: not in this
    /// tick.
    pub(crate) fn trail_of(&self, scope: &Scope, turns: Turns) -> Option<Window> {
        let window = self.window?;
        let is_own = scope.account == self.accounts.own().scope().account;
        let turn = if is_own { Some(window) } else { turns.window(&scope.account, window) };
        let is_young = |missed: &Window| window.until().duration_since(missed.after()) <= MADE_UP_FOR;
        match (turn, self.trail_missed.get(scope).copied().filter(is_young)) {
            // A turn begins where the one before it ended.
            (Some(turn), Some(missed)) => Some(turn.with(missed)),
            (None, missed) => missed,
            (turn, None) => turn,
        }
    }

    /// Asks for the changes in a quiet place, and tells them.
    pub(crate) async fn changes_alone(&self, account: Account, trail: Window, until: Instant) -> Outcome {
        let source = Source::Aws(account);
        let scope = source.scope();
        let changes = protection::look(&source, trail, self.measure(), trail_until(until)).await;
        let (stack, owners) = (self.stack_of(scope), Owners::not_looked("its tags were not looked at"));
        let told = self.teller(&source, &stack, &owners).tell_protection(&changes).await;
        Outcome {
            told,
            problems: self.located(scope, changes.problems(scope.cloud).collect()),
            trail_missed: missed(&changes, scope, trail),
            ..Outcome::default()
        }
    }
}

/// The times of which an account that does not let us in tells nothing, where another tick may find it open.
pub(crate) fn unread(due: Vec<(Scope, Window)>, closed: &aws::Closed) -> BTreeMap<Scope, (Window, String)> {
    let closed = Closed::Account(closed.clone());
    let again = due.into_iter().filter(|_| may_open(&closed));
    again.map(|(scope, trail)| (scope, (trail, closed.to_string()))).collect()
}

/// What another tick has to ask for again.
pub(crate) fn missed(changes: &Looked, scope: &Scope, trail: Window) -> BTreeMap<Scope, (Window, String)> {
    changes.missed.iter().map(|why| (scope.clone(), (trail, why.clone()))).collect()
}
