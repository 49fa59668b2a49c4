//! An account and Region in which no job failed and none is on its way: nobody looks at it but for changes that took protection away.

use owner::Owners;
use source::{Account, Source};
use tokio::time::Instant;

use crate::announce::Window;
use crate::protection;
use crate::round::{Outcome, Tick};

impl Tick<'_> {
    /// Asks for the changes in a quiet place, and tells them.
    pub(crate) async fn changes_alone(&self, account: Account, window: Window, until: Instant) -> Outcome {
        let source = Source::Aws(account);
        let scope = source.scope();
        let changes = protection::look(&source, window, self.measure(), until).await;
        let (stack, owners) = (self.stack_of(scope), Owners::not_looked("its tags were not looked at"));
        let told = self.teller(&source, &stack, &owners).tell_protection(&changes).await;
        let problems = self.located(scope, changes.problems(scope.cloud).collect());
        let mut outcome = Outcome { problems, ..Outcome::default() };
        outcome.told_changes(scope, &changes, told);
        outcome
    }
}
