//! The accounts that this stack watches, and the way into each.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use job::{Look, Scope};
use owner::Tags;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::account::{Account, Credentials};
use crate::error::{Error, ErrorKind};
use crate::home::{ACCOUNT_TAGS_LAST, Home, MEMBERS_LAST};
use crate::memory::Memory;
use crate::organizations::{Member, MemberState};
use crate::watch::{RolePath, Watch, WatchedAccounts, is_id};

/// The accounts of one invocation. A clone is cheap, and shares what was opened.
///
/// An account is opened when it is first needed: one AssumeRole for all its Regions. One that cannot be opened is asked once.
#[derive(Clone, Debug)]
pub struct Accounts(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    home: Arc<Home>,
    own: Arc<Credentials>,
    own_id: String,
    watch: Watch,
    organization: OnceCell<Result<BTreeMap<String, Member>, Error>>,
    tags: Memory<Tags>,
    opened: Mutex<BTreeMap<(String, RolePath), Arc<Opening>>>,
}

/// One that is not in the list is looked for in a list that is no older.
const NEW_AFTER: Duration = Duration::from_secs(60);

type Opening = OnceCell<Result<Arc<Credentials>, Error>>;

/// Why an account is not looked into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It is not watched.
    NotWatched { account: String, watch: WatchedAccounts },
    /// It is watched, and its role cannot be assumed.
    NoRole { account: String, role: RolePath, why: Error },
}

impl Accounts {
    /// `own_id`: the account that we run in.
    pub fn new(home: Arc<Home>, own_id: &str, watch: Watch) -> Self {
        Self(Arc::new(Shared {
            own: home.own(),
            home,
            own_id: own_id.to_owned(),
            watch,
            organization: OnceCell::new(),
            tags: Memory::default(),
            opened: Mutex::default(),
        }))
    }

    /// The account that we run in, in our Region.
    pub fn own(&self) -> Account {
        let scope = Scope::aws(&self.0.own_id, self.0.home.region());
        Account::new(scope, Arc::clone(&self.0.own)).among(self.clone())
    }

    pub fn watch(&self) -> &Watch {
        &self.0.watch
    }

    /// Whether this stack watches an account. One of an organization that could not be listed counts as watched: unknown is never quiet. What
    /// is no id of an account is none of ours, whatever an event says: it would become part of the name of a role.
    pub async fn watches(&self, account: &str, until: Instant) -> bool {
        account == self.0.own_id
            || match &self.0.watch.accounts {
                WatchedAccounts::Own => false,
                WatchedAccounts::Listed(ids) => ids.contains(account),
                WatchedAccounts::Organization => {
                    let known = self.organization(until).await.as_ref().is_ok_and(|known| known.contains_key(account));
                    known || (is_id(account) && self.may_have_come(account, until).await)
                }
            }
    }

    /// Whether an account may have joined since the organization was listed. While that cannot be read, it may have.
    async fn may_have_come(&self, account: &str, until: Instant) -> bool {
        let members = self.0.home.members(NEW_AFTER, until).await;
        members.map_or(true, |members| members.contains_key(account))
    }

    /// Every watched account, our own among them, in the order of their ids.
    ///
    /// # Errors
    /// For an organization that could not be listed.
    pub async fn all(&self, until: Instant) -> Result<Vec<Member>, Error> {
        let member = |id: &String| Member { id: id.clone(), name: id.clone(), state: MemberState::Active };
        let own = BTreeSet::from([self.0.own_id.clone()]);
        match &self.0.watch.accounts {
            WatchedAccounts::Own => Ok(own.iter().map(member).collect()),
            WatchedAccounts::Listed(ids) => Ok(ids.union(&own).map(member).collect()),
            WatchedAccounts::Organization => {
                let members = self.organization(until).await.as_ref().map_err(Clone::clone)?;
                let own = own.iter().filter(|own| !members.contains_key(*own)).map(member);
                Ok(members.values().cloned().chain(own).collect())
            }
        }
    }

    /// What the organization calls an account, where it was listed.
    pub fn name(&self, account: &str) -> Option<&str> {
        let members = self.0.organization.get()?.as_ref().ok()?;
        members.get(account).map(|member| member.name.as_str()).filter(|name| *name != account)
    }

    /// The tags of an account, read once an hour at most. They are not looked at where no organization is watched: a few accounts need none.
    pub async fn tags(&self, account: &str, until: Instant) -> Look<Tags, Error> {
        match self.0.watch.accounts {
            WatchedAccounts::Organization => {
                let read = self.0.home.account_tags(account, ACCOUNT_TAGS_LAST, until);
                self.0.tags.get(account, read.boxed_local()).await.map(Some).into()
            }
            WatchedAccounts::Own | WatchedAccounts::Listed(_) => {
                Look::NotLooked { why: "WATCH_ACCOUNTS is not organization".to_owned() }
            }
        }
    }

    /// An account in a Region, to look into.
    ///
    /// # Errors
    /// For an account that is not watched, or that does not let us in.
    pub async fn at(&self, scope: &Scope, until: Instant) -> Result<Account, Closed> {
        if !self.watches(&scope.account, until).await {
            let watch = self.0.watch.accounts.clone();
            return Err(Closed::NotWatched { account: scope.account.clone(), watch });
        }
        self.open(scope, &self.0.watch.look_role, until).await
    }

    /// The same account, to start reruns in. `None`: RERUN_ROLE is not set, so that nothing is started in other accounts.
    ///
    /// # Errors
    /// For an account that does not let us in.
    pub async fn for_reruns(&self, scope: &Scope, until: Instant) -> Result<Option<Account>, Closed> {
        match &self.0.watch.rerun_role {
            _ if scope.account == self.0.own_id => Ok(Some(self.own().in_region(&scope.region))),
            Some(role) => Ok(Some(self.open(scope, role, until).await?)),
            None => Ok(None),
        }
    }

    /// An account in a Region, as a role of it. Of our own account we are a role already.
    async fn open(&self, scope: &Scope, role: &RolePath, until: Instant) -> Result<Account, Closed> {
        if scope.account == self.0.own_id {
            return Ok(self.own().in_region(&scope.region));
        }
        let opening = {
            let mut opened = self.0.opened.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(opened.entry((scope.account.clone(), role.clone())).or_default())
        };
        let assume = async || match self.0.home.session(&scope.account, role, until).await {
            // The next one that asks has its own time.
            Err(why) if why.kind == ErrorKind::NoTime => Err(why),
            Ok(config) => Ok(Ok(Arc::new(Credentials::new(config)))),
            Err(why) => Ok(Err(why)),
        };
        let no_role = |why: Error| Closed::NoRole { account: scope.account.clone(), role: role.clone(), why };
        match opening.get_or_try_init(assume).await {
            Ok(Ok(credentials)) => Ok(Account::new(scope.clone(), Arc::clone(credentials)).among(self.clone())),
            Ok(Err(why)) => Err(no_role(why.clone())),
            Err(why) => Err(no_role(why)),
        }
    }

    /// Lets go of the clients of an account that is done with: each Region has its own.
    pub fn close(&self, account: &str) {
        let mut opened = self.0.opened.lock().unwrap_or_else(PoisonError::into_inner);
        opened.retain(|(open, _), _| open != account);
    }

    async fn organization(&self, until: Instant) -> &Result<BTreeMap<String, Member>, Error> {
        let list = async || self.0.home.members(MEMBERS_LAST, until).await;
        self.0.organization.get_or_init(list).await
    }
}

/// A clause for a mail: "account 444455556666 is another account".
impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Closed::NotWatched { account, watch } => {
                let account = notice::text::outside(account, 40);
                match watch {
                    WatchedAccounts::Own => write!(f, "account {account} is another account"),
                    WatchedAccounts::Listed(_) => write!(f, "account {account} is not in WATCH_ACCOUNTS"),
                    WatchedAccounts::Organization => write!(f, "account {account} is not in our organization"),
                }
            }
            Closed::NoRole { account, role, why } if why.kind == ErrorKind::Denied => write!(
                f,
                "account {account} does not let Night One assume its role {role}: the role is missing, its trust policy does not name us, \
                 or a policy of the organization denies it"
            ),
            Closed::NoRole { account, role, why } => {
                write!(f, "the role {role} of account {account} could not be assumed: {why}")
            }
        }
    }
}

impl std::error::Error for Closed {}
