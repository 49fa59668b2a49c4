//! Where Night One itself runs: the way to people, and the account whose credentials it has.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use aws_types::SdkConfig;
use aws_types::region::Region;
use job::Scope;

use crate::account::{Account, Credentials, in_region};
use crate::environment::{Timeouts, config, connector};
use crate::gate::Gate;
use crate::http::Http;

/// The process's own place in AWS. Publishes, and opens the own account.
#[derive(Debug)]
pub struct Home {
    config: SdkConfig,
    http: Http,
    region: String,
    own: Arc<Credentials>,
    sns: Mutex<HashMap<String, aws_sdk_sns::Client>>,
    pub(crate) sns_gate: Gate,
    sts: OnceLock<aws_sdk_sts::Client>,
    pub(crate) sts_gate: Gate,
}

impl Home {
    /// Reads the environment as the SDKs of AWS do. Calls nothing yet.
    ///
    /// Read are AWS_REGION, the credentials that Lambda gives, AWS_ENDPOINT_URL with its kin for one service (AWS_ENDPOINT_URL_BACKUP),
    /// AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT, and the variables for a proxy. No file is read, and no metadata service asked.
    pub fn from_env(timeouts: Timeouts) -> Self {
        let home = Self::read(&|name| std::env::var(name).ok(), timeouts);
        // Lambda gives a process more of the processor while it starts than later: what each invocation needs is made here.
        home.account("").backup();
        home.sns(&home.region);
        home
    }

    /// The same, from the variables that `variable` knows.
    pub fn read(variable: &dyn Fn(&str) -> Option<String>, timeouts: Timeouts) -> Self {
        let connector = connector(variable, timeouts.connect);
        let http = Http::new(connector.clone(), timeouts.attempt);
        Self::new(config(variable, timeouts, connector), http)
    }

    pub(crate) fn new(config: SdkConfig, http: Http) -> Self {
        Self {
            region: config.region().map(Region::to_string).unwrap_or_default(),
            own: Arc::new(Credentials::new(config.clone())),
            config,
            sns: Mutex::default(),
            sns_gate: Gate::new(20),
            sts: OnceLock::new(),
            sts_gate: Gate::new(5),
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

    pub(crate) fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// Always that of our Region: the one for all of AWS gives no web identities.
    pub(crate) fn sts(&self) -> &aws_sdk_sts::Client {
        self.sts.get_or_init(|| aws_sdk_sts::Client::new(&self.config))
    }

    pub(crate) fn sns(&self, region: &str) -> aws_sdk_sns::Client {
        let mut clients = self.sns.lock().unwrap_or_else(PoisonError::into_inner);
        let client = || aws_sdk_sns::Client::new(&in_region(&self.config, region));
        clients.entry(region.to_owned()).or_insert_with(client).clone()
    }
}
