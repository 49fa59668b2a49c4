//! All places whose backups are watched.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use aws::{Account, Accounts};
use futures::StreamExt;
use job::{Cloud, Scope};
use tokio::time::Instant;

use crate::place::Place;
use crate::source::Source;

/// How many accounts are opened side by side: each is one call to STS.
const AT_ONCE: usize = 20;

/// The places that this stack watches, and the one among them where it runs.
///
/// Accounts of others are opened when they are asked for: see [`Sources::open`]. Our own account and the subscriptions of Azure are open.
#[derive(Clone, Debug)]
pub struct Sources {
    accounts: Accounts,
    /// By account, in the Region that we run in.
    opened: BTreeMap<String, Result<Account, aws::Closed>>,
    places: BTreeMap<Scope, Place>,
}

/// Why a place is not looked into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closed {
    Account(aws::Closed),
    /// A subscription that is not in AZURE_SUBSCRIPTION_IDS.
    Subscription(String),
}

impl Sources {
    /// The accounts of AWS, and subscriptions of Azure.
    pub fn new(accounts: Accounts, places: impl IntoIterator<Item = Place>) -> Self {
        let own = accounts.own();
        Self {
            opened: BTreeMap::from([(own.scope().account.clone(), Ok(own))]),
            accounts,
            places: places.into_iter().map(|place| (place.scope().clone(), place)).collect(),
        }
    }

    /// Which accounts are watched, and what they are called.
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// Our own account, in the Region that we run in.
    pub fn own(&self) -> Account {
        self.accounts.own()
    }

    /// Opens these accounts, side by side, so that [`Sources::at`] finds them. What does not answer by `until` stays closed.
    pub async fn open(&mut self, ids: impl IntoIterator<Item = String>, until: Instant) {
        let ids: BTreeSet<String> = ids.into_iter().filter(|id| !self.opened.contains_key(id)).collect();
        let (accounts, region) = (&self.accounts, self.own().scope().region.clone());
        let opening = ids.into_iter().map(|id| {
            let scope = Scope::aws(&id, &region);
            async move { (id, accounts.at(&scope, until).await) }
        });
        let opened: Vec<_> = futures::stream::iter(opening).buffer_unordered(AT_ONCE).collect().await;
        self.opened.extend(opened);
    }

    /// Where to look for what ran in this scope. Of an open account every Region can be looked at: its jobs name keys and vaults of other
    /// Regions, and their events may be forwarded to us. Of a subscription that we watch every location can be.
    ///
    /// # Errors
    /// For an account or a subscription that we do not watch, and for an account that does not let us in or was not opened.
    pub fn at(&self, scope: &Scope) -> Result<Source, Closed> {
        match scope.cloud {
            Cloud::Aws => match self.opened.get(&scope.account) {
                Some(Ok(account)) => Ok(Source::Aws(account.in_region(&scope.region))),
                Some(Err(closed)) => Err(Closed::Account(closed.clone())),
                None => {
                    let (account, watch) = (scope.account.clone(), self.accounts.watch().accounts.clone());
                    Err(Closed::Account(aws::Closed::NotWatched { account, watch }))
                }
            },
            Cloud::Azure => {
                let known = self.places.get(scope).cloned();
                let is_same = |place: &&Place| place.scope().account == scope.account;
                let place =
                    known.or_else(|| self.places.values().find(is_same).map(|place| place.in_location(&scope.region)));
                place.map(Source::Azure).ok_or_else(|| Closed::Subscription(scope.account.clone()))
            }
        }
    }

    /// The Regions in which each account is looked at. Our own Region is always looked at in our own account.
    pub fn regions_of(&self, account: &str) -> BTreeSet<String> {
        let own = self.own();
        let mut regions = self.accounts.watch().regions(&own.scope().region);
        if account == own.scope().account {
            regions.insert(own.scope().region.clone());
        }
        regions
    }

    /// Each place that is open, in the order of their scopes.
    pub fn iter(&self) -> impl Iterator<Item = Source> {
        let accounts = self.opened.values().flatten().flat_map(|account| {
            let regions = self.regions_of(&account.scope().account);
            regions.into_iter().map(|region| Source::Aws(account.in_region(&region)))
        });
        accounts.chain(self.places().cloned().map(Source::Azure))
    }

    /// The subscriptions of Azure that are watched.
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        self.places.values()
    }

    /// The accounts that are watched and do not let us in, each with the reason.
    pub fn closed(&self) -> impl Iterator<Item = (&str, &aws::Closed)> {
        self.opened.iter().filter_map(|(id, opened)| opened.as_ref().err().map(|closed| (id.as_str(), closed)))
    }

    /// Whether more than one Region of one account may be looked at.
    pub fn is_wide(&self) -> bool {
        self.accounts.watch().is_wide()
    }
}

impl Closed {
    /// Whether it is watched all the same: what happens there is ours to tell, with what its events say.
    pub fn is_watched(&self) -> bool {
        matches!(self, Closed::Account(aws::Closed::NoRole { .. }))
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Closed::Account(closed) => closed.fmt(f),
            Closed::Subscription(id) => {
                write!(f, "subscription {} is not in AZURE_SUBSCRIPTION_IDS", notice::text::outside(id, 40))
            }
        }
    }
}

impl std::error::Error for Closed {}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use aws::{Home, Timeouts, Watch};

    use super::*;

    #[test]
    fn every_region_of_our_account_is_ours_and_no_other_account() {
        let second = Duration::from_secs(1);
        let timeouts = Timeouts { operation: second, attempt: second, connect: second };
        let region = |name: &str| (name == "AWS_REGION").then(|| "eu-west-1".to_owned());
        let home = Arc::new(Home::read(&region, timeouts));
        let sources = Sources::new(Accounts::new(home, "111122223333", Watch::own()), []);
        let own = Scope::aws("111122223333", "eu-west-1");
        assert_eq!(sources.own().scope(), &own);
        assert_eq!(sources.iter().map(|source| source.scope().clone()).collect::<Vec<_>>(), std::slice::from_ref(&own));
        let table = [
            (own, true),
            (Scope::aws("111122223333", "us-east-1"), true),
            (Scope::aws("111122223333", ""), true),
            (Scope::aws("444455556666", "eu-west-1"), false),
            (Scope::aws("", "eu-west-1"), false),
        ];
        for (scope, ours) in table {
            match sources.at(&scope) {
                Ok(source) => assert_eq!((source.scope(), ours), (&scope, true)),
                Err(why) => assert_eq!((why.is_watched(), ours), (false, false), "{scope}"),
            }
        }
        let why = sources.at(&Scope::aws("444455556666", "eu-west-1")).unwrap_err();
        assert_eq!(why.to_string(), "account 444455556666 is another account");
        let why = sources.at(&Scope::azure("0a-1", "westeurope")).unwrap_err();
        assert_eq!(why.to_string(), "subscription 0a-1 is not in AZURE_SUBSCRIPTION_IDS");
    }
}
