//! Other accounts that are watched: which of them are opened, and what else failed there of the same.

use std::collections::BTreeSet;

use job::{Cloud, Scope};
use source::{Closed, Sources};
use tokio::time::Instant;

use super::Function;
use crate::causes::Cause;
use crate::elsewhere::Elsewhere;
use crate::fault::{self, Fault, Wide};
use crate::history::History;
use crate::intake::Intake;
use crate::tonight::Tonight;
use crate::visit::Visit;

impl Function {
    /// Opens the accounts of the batch, and those that a fault of them may be in. What happens in an account that is not watched is not ours to
    /// tell: it answers how many events those are.
    pub(super) async fn open(&self, sources: &mut Sources, intake: &mut Intake, until: Instant) -> usize {
        let changed = intake.protection.iter().map(|event| &event.what.scope);
        let scopes = intake.bad.iter().map(|event| &event.what.job.scope).chain(changed);
        let scopes = scopes.filter(|scope| scope.cloud == Cloud::Aws);
        let accounts: BTreeSet<String> = scopes.map(|scope| scope.account.clone()).collect();
        sources.open(accounts.into_iter().chain(self.seen.lock().await.accounts()), until).await;
        let not_watched = |scope: &Scope| match sources.at(scope) {
            Err(closed @ Closed::Account(_)) if !closed.is_watched() => Some(format!("not-watched: {closed}")),
            _ => None,
        };
        let ignored = intake.ignore(not_watched);
        // The tags of a resource are read where it is: a restore may run in another account.
        let of_resources = intake.bad.iter().map(|event| event.what.job.place_of_resource());
        let of_resources = of_resources.filter(|place| place.cloud == Cloud::Aws).map(|place| place.account);
        sources.open(of_resources.collect::<Vec<_>>(), until).await;
        ignored
    }

    /// What is one fault. Of those in several accounts the lists of all accounts tell the rest, and this process remembers what came before. The accounts
    /// in which one failed tonight are opened.
    pub(super) async fn faults(
        &self,
        causes: Vec<Cause>,
        history: &mut History,
        sources: &mut Sources,
        visit: Visit<'_>,
    ) -> Vec<Fault> {
        if !visit.sources.is_wide() {
            return fault::faults(causes, Wide::One);
        }
        let mut faults = fault::faults(causes, Wide::Several);
        let hours = self.settings.storm_window_hours;
        let tonight = Tonight::of(faults.iter().flat_map(|fault| fault.whole.jobs()), hours);
        let until = visit.deadlines.elsewhere();
        let elsewhere = Box::pin(Elsewhere::read(visit.sources, &faults, &tonight, visit.now, until)).await;
        let others = elsewhere.failures.iter().filter(|judged| !tonight.begins_after(&judged.job));
        let accounts = others
            .flat_map(|judged| [&judged.job.scope, &judged.job.place_of_resource()].map(|scope| scope.account.clone()));
        sources.open(accounts, visit.deadlines.elsewhere()).await;
        let mut seen = self.seen.lock().await;
        let families = || faults.iter().filter(|fault| fault.family.is_some());
        let batch = families().flat_map(|fault| &fault.whole.failures).map(|failure| &failure.judged);
        seen.remember(families().flat_map(|fault| history.of_fault(fault)).chain(batch), visit.now);
        for fault in &mut faults {
            fault.unread = elsewhere.unread_of(fault).map(str::to_owned);
        }
        history.add_judged(elsewhere.failures);
        for fault in faults.iter_mut().filter(|fault| fault.family.is_some()) {
            let mut recorded = history.of_fault(fault);
            recorded.sort_by(|a, b| a.job.by_end(&b.job));
            fault.in_all_accounts = seen.known(fault, &recorded);
        }
        history.add(seen.jobs().cloned());
        faults
    }
}
