//! What the settings expect, and no list of the resource graph shows: the graph leaves out, without a word, what an identity may not read.

use tokio::time::Instant;

use crate::error::Error;
use crate::id::{SubscriptionId, VaultId};
use crate::subscription::Subscription;
use crate::tenant::Tenant;
use crate::vault::Vault;

/// What Azure answers of a thing that is expected, asked by its id.
#[derive(Debug)]
pub enum Presence<T> {
    There(T),
    Absent,
    Unreadable(Error),
}

impl<T> Presence<T> {
    fn of(answer: Result<Option<T>, Error>) -> Self {
        match answer {
            Ok(Some(there)) => Presence::There(there),
            Ok(None) => Presence::Absent,
            Err(error) => Presence::Unreadable(error),
        }
    }
}

impl Tenant {
    /// The subscriptions that are expected and not among those seen, each asked by its id.
    pub async fn unseen_subscriptions(
        &self,
        seen: &[SubscriptionId],
        until: Instant,
    ) -> Vec<(SubscriptionId, Presence<Subscription>)> {
        let mut unseen = Vec::new();
        for id in self.settings().subscriptions.iter().filter(|id| !seen.contains(id)) {
            let subscription = self.subscription(id);
            let there = subscription.exists(until).await.map(|exists| exists.then_some(subscription));
            unseen.push((id.clone(), Presence::of(there)));
        }
        unseen
    }

    /// The vaults that are expected and not listed, each asked by its id.
    pub async fn unlisted_vaults(
        &self,
        is_listed: impl Fn(&VaultId) -> bool,
        until: Instant,
    ) -> Vec<(VaultId, Presence<Vault>)> {
        let mut unlisted = Vec::new();
        for id in self.settings().vaults.iter().filter(|id| !is_listed(id)) {
            let there = self.subscription(&id.subscription()).vault(id, until).await;
            unlisted.push((id.clone(), Presence::of(there)));
        }
        unlisted
    }
}
