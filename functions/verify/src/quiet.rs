//! An account and Region in which no job failed and none is on its way: it is asked in its turn for what no list of the organization tells, which
//! changes took protection away and what restore tests came to.

use futures::future::join;
use owner::Owners;
use source::{Account, Closed, Source};
use tokio::time::Instant;

use crate::gather::{self, Tests};
use crate::ledger::Ledger;
use crate::protection;
use crate::round::{Outcome, Tick};
use crate::turns::Turns;

impl Tick<'_> {
    /// Asks a quiet place what it is its turn for, and tells it.
    pub(crate) async fn quiet(&self, account: Account, turns: Turns, until: Instant) -> Outcome {
        let source = Source::Aws(account);
        let scope = source.scope();
        let changes = protection::look(&source, turns.changes, self.measure(), until);
        let ledger = Ledger::default();
        let restores = async {
            match turns.tests {
                Some(_) => gather::restores(&source, &ledger, Tests::Told, self.now, until).await,
                None => Ok(Vec::new()),
            }
        };
        let (changes, restores) = join(changes, restores).await;
        let owners = Owners::not_looked("its tags were not looked at");
        let told = self.teller(&source, &owners).tell_protection(&changes).await;
        let problems = self.located(scope, changes.problems(scope.cloud).collect());
        let mut outcome = Outcome { problems, ..Outcome::default() };
        outcome.told_changes(scope, &changes, told);
        if let Some(window) = turns.tests {
            outcome.add(self.restore_tests(&source, restores.as_deref(), window, until).await);
        }
        outcome
    }
}

/// That a quiet place could not be asked in its turn.
pub(crate) fn closed(why: &Closed) -> String {
    format!("who changed selections and locks, and what restore tests came to: {why}")
}
