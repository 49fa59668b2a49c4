//! All places whose backups are watched.

use std::collections::BTreeMap;
use std::fmt;

use job::Scope;

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
    /// The place where we run, alone.
    pub fn of_home(home: Source) -> Self {
        let all = BTreeMap::from([(home.scope().clone(), home.clone())]);
        Self { home, all }
    }

    pub fn home(&self) -> &Source {
        &self.home
    }

    /// Where to look for what ran in this scope. Of an account that we watch every Region can be looked at: its jobs name keys and vaults of
    /// other Regions, and their events may be forwarded to us.
    ///
    /// # Errors
    /// For an account that we do not watch.
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
        write!(f, "account {} is another account", notice::text::outside(&self.scope.account, 20))
    }
}

impl std::error::Error for NotOurs {}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use aws::{Home, Timeouts};

    use super::*;

    #[tokio::test]
    async fn every_region_of_our_account_is_ours_and_no_other_account() {
        let second = Duration::from_secs(1);
        let home = Home::from_env(Timeouts { operation: second, attempt: second, connect: second }).await;
        let sources = Sources::of_home(Source::Aws(home.account("111122223333").in_region("eu-west-1")));
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
    }
}
