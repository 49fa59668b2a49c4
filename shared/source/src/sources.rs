//! All places whose backups are watched.

use std::collections::BTreeMap;
use std::fmt;

use job::{Cloud, Scope};

use crate::place::Place;
use crate::source::Source;

/// The places that this stack watches, and the one among them where it runs.
#[derive(Clone, Debug)]
pub struct Sources {
    home: Source,
    all: BTreeMap<Scope, Source>,
}

/// A place that this stack does not watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotOurs {
    pub scope: Scope,
}

impl Sources {
    /// The place where we run, and subscriptions of Azure.
    pub fn new(home: Source, places: impl IntoIterator<Item = Place>) -> Self {
        let places = places.into_iter().map(Source::Azure);
        let all = places.chain([home.clone()]).map(|source| (source.scope().clone(), source)).collect();
        Self { home, all }
    }

    pub fn home(&self) -> &Source {
        &self.home
    }

    /// Where to look for what ran in this scope. Of an account that we watch every Region can be looked at: its jobs name keys and vaults of
    /// other Regions, and their events may be forwarded to us. Of a subscription that we watch every location can be.
    ///
    /// # Errors
    /// For an account or a subscription that we do not watch.
    pub fn at(&self, scope: &Scope) -> Result<Source, NotOurs> {
        let is_same_account = |source: &&Source| {
            let known = source.scope();
            (known.cloud, &known.account) == (scope.cloud, &scope.account)
        };
        let known = self.all.get(scope).cloned();
        known
            .or_else(|| self.all.values().find(is_same_account).map(|source| source.in_region(&scope.region)))
            .ok_or_else(|| NotOurs { scope: scope.clone() })
    }

    /// Each place that is watched, in the order of their scopes.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.all.values()
    }
}

impl fmt::Display for NotOurs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = notice::text::outside(&self.scope.account, 40);
        match self.scope.cloud {
            Cloud::Aws => write!(f, "account {account} is another account"),
            Cloud::Azure => write!(f, "subscription {account} is not in AZURE_SUBSCRIPTION_IDS"),
        }
    }
}

impl std::error::Error for NotOurs {}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use aws::{Home, Timeouts};

    use super::*;

    #[test]
    fn every_region_of_our_account_is_ours_and_no_other_account() {
        let second = Duration::from_secs(1);
        let home = Home::from_env(Timeouts { operation: second, attempt: second, connect: second });
        let sources = Sources::new(Source::Aws(home.account("111122223333").in_region("eu-west-1")), []);
        let own = Scope::aws("111122223333", "eu-west-1");
        assert_eq!(sources.home().scope(), &own);
        assert_eq!(sources.iter().map(Source::scope).collect::<Vec<_>>(), [&own]);
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
                Err(why) => assert_eq!((&why.scope, ours), (&scope, false)),
            }
        }
        let why = sources.at(&Scope::aws("444455556666", "eu-west-1")).unwrap_err();
        assert_eq!(why.to_string(), "account 444455556666 is another account");
        let why = sources.at(&Scope::azure("0a-1", "westeurope")).unwrap_err();
        assert_eq!(why.to_string(), "subscription 0a-1 is not in AZURE_SUBSCRIPTION_IDS");
    }
}
