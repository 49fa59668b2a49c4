//! Where Night One itself runs: the way to people, and the account whose credentials it has.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use aws_types::SdkConfig;
use aws_types::region::Region;
use job::Scope;
use owner::Tags;
use tokio::time::Instant;

use crate::account::{Account, Credentials, in_region};
use crate::environment::{Timeouts, config, connector};
use crate::error::Error;
use crate::gate::Gate;
use crate::http::Http;
use crate::kept::Kept;
use crate::organizations::{Member, ORGANIZATIONS};
use crate::service::Service;
use crate::sts::{STS, Session};
use crate::watch::RolePath;

/// The process's own place in AWS. Publishes, and opens the own account.
#[derive(Debug)]
pub struct Home {
    config: SdkConfig,
    http: Http,
    region: String,
    own: Arc<Credentials>,
    sns: Mutex<HashMap<String, aws_sdk_sns::Client>>,
    pub(crate) sns_gate: Gate,
    sts: OnceLock<Service>,
    pub(crate) sts_gate: Gate,
    organizations: OnceLock<Service>,
    pub(crate) organizations_gate: Gate,
    /// What other accounts' sessions are called: the function's name.
    pub(crate) session_name: String,
    /// Sessions in other accounts: they last for longer than an invocation.
    sessions: Mutex<HashMap<(String, RolePath), Session>>,
    /// The accounts of the organization by id.
    members: Kept<(), BTreeMap<String, Member>>,
    /// Of accounts of the organization, by their ids.
    pub(crate) account_tags: Kept<String, Tags>,
}

/// Accounts come and go seldom.
pub(crate) const MEMBERS_LAST: Duration = Duration::from_secs(3600);
/// And so do their owners.
pub(crate) const ACCOUNT_TAGS_LAST: Duration = Duration::from_secs(3600);

impl Home {
    /// Reads the environment as the SDKs of AWS do. Calls nothing yet.
    ///
    /// Read are AWS_REGION, the credentials that Lambda gives, AWS_ENDPOINT_URL with its kin for one service (AWS_ENDPOINT_URL_BACKUP),
    /// AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT, and the variables for a proxy. No file is read, and no metadata service asked.
    pub fn from_env(timeouts: Timeouts) -> Self {
        let home = Self::read(&|name| std::env::var(name).ok(), timeouts);
        // Lambda gives a process more of the processor while it starts than later: what each mail needs is made here. A page without looks needs
        // no other client.
        home.sns(&home.region);
        home
    }

    /// The same, from the variables that `variable` knows.
    pub fn read(variable: &dyn Fn(&str) -> Option<String>, timeouts: Timeouts) -> Self {
        let connector = connector(variable, timeouts.connect);
        let http = Http::new(connector.clone(), timeouts.attempt);
        let function = variable("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default();
        Self { session_name: session_name(&function), ..Self::new(config(variable, timeouts, connector), http) }
    }

    pub(crate) fn new(config: SdkConfig, http: Http) -> Self {
        Self {
            region: config.region().map(Region::to_string).unwrap_or_default(),
            own: Arc::new(Credentials::new(config.clone())),
            config,
            sns: Mutex::default(),
            sns_gate: Gate::new(20),
            sts: OnceLock::new(),
            sts_gate: Gate::new(50),
            organizations: OnceLock::new(),
            organizations_gate: Gate::new(8),
            session_name: session_name(""),
            sessions: Mutex::default(),
            members: Kept::default(),
            account_tags: Kept::default(),
            http,
        }
    }

    /// The Region we run in; empty when the environment names none.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The account whose credentials we have, in our Region. Only an invocation tells its id.
    pub fn account(&self, id: &str) -> Account {
        Account::new(Scope::aws(id, self.region.clone()), Arc::clone(&self.own))
    }

    /// The HTTP client that all clients share.
    pub fn http(&self) -> &Http {
        &self.http
    }

    pub(crate) fn own(&self) -> Arc<Credentials> {
        Arc::clone(&self.own)
    }

    /// The configuration for an account, as a role of it. A session that is good for the longest invocation is used again.
    pub(crate) async fn session(&self, account: &str, role: &RolePath, until: Instant) -> Result<SdkConfig, Error> {
        let key = (account.to_owned(), role.clone());
        let known = self.sessions.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        let session = match known.filter(Session::lasts) {
            Some(session) => session,
            None => {
                let session = self.assume(&role.arn(account, &self.region), until).await?;
                self.sessions.lock().unwrap_or_else(PoisonError::into_inner).insert(key, session.clone());
                session
            }
        };
        Ok(self.config.to_builder().credentials_provider(session.provider()).build())
    }

    /// The accounts of the organization by id, listed at most `ago` before now.
    pub(crate) async fn members(&self, ago: Duration, until: Instant) -> Result<BTreeMap<String, Member>, Error> {
        if let Some(members) = self.members.young(&(), ago) {
            return Ok(members);
        }
        let members = self.organization(until).await?.into_iter().map(|one| (one.id.clone(), one)).collect();
        self.members.keep((), &members);
        Ok(members)
    }

    pub(crate) fn organizations(&self) -> &Service {
        self.organizations.get_or_init(|| Service::new(ORGANIZATIONS, &self.config))
    }

    pub(crate) fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// Always that of our Region: the one for all of AWS gives no web identities.
    pub(crate) fn sts(&self) -> &Service {
        self.sts.get_or_init(|| Service::new(STS, &self.config))
    }

    /// What CloudTrail calls the sessions of this function, in its own account and in those whose roles it assumes: Lambda takes the name of the
    /// function, and so do we.
    pub fn session_name(&self) -> &str {
        &self.session_name
    }

    pub(crate) fn sns(&self, region: &str) -> aws_sdk_sns::Client {
        let mut clients = self.sns.lock().unwrap_or_else(PoisonError::into_inner);
        let client = || aws_sdk_sns::Client::new(&in_region(&self.config, region));
        clients.entry(region.to_owned()).or_insert_with(client).clone()
    }
}

/// A session's name has 2 to 64 of a few signs. CloudTrail shows it in the account that was looked into.
fn session_name(function: &str) -> String {
    let plain = |sign: &char| sign.is_ascii_alphanumeric() || "_=,.@-".contains(*sign);
    let name: String = function.chars().filter(plain).take(64).collect();
    if name.len() < 2 { "night-one".to_owned() } else { name }
}
