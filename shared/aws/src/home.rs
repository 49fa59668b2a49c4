//! Where Night One itself runs: the way to people, and the account whose credentials it has.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use job::Scope;

use crate::account::{Account, Credentials, in_region};
use crate::gate::Gate;

/// The process's own place in AWS. Publishes, and opens the own account.
#[derive(Debug)]
pub struct Home {
    config: SdkConfig,
    region: String,
    own: Arc<Credentials>,
    sns: Mutex<HashMap<String, aws_sdk_sns::Client>>,
    pub(crate) sns_gate: Gate,
}

/// How long a call may take. The SDK sets none but the connect timeout, so that a hung endpoint would use up the function's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// The whole call with its retries.
    pub operation: Duration,
    /// One attempt.
    pub attempt: Duration,
    pub connect: Duration,
}

impl Home {
    /// Reads the usual SDK variables (AWS_REGION, AWS_ENDPOINT_URL, credentials). Calls nothing yet.
    pub async fn from_env(timeouts: Timeouts) -> Self {
        let timeouts = TimeoutConfig::builder()
            .operation_timeout(timeouts.operation)
            .operation_attempt_timeout(timeouts.attempt)
            .connect_timeout(timeouts.connect)
            .build();
        // The version is pinned: "latest" would change retries and timeouts behind our back with an update.
        let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .load()
            .await;
        let home = Self::new(config);
        // Lambda gives a process more of the processor while it starts than later: what each invocation needs is made here.
        home.account("").backup();
        home.sns(&home.region);
        home
    }

    fn new(config: SdkConfig) -> Self {
        Self {
            region: config.region().map(Region::to_string).unwrap_or_default(),
            own: Arc::new(Credentials::new(config.clone())),
            config,
            sns: Mutex::default(),
            sns_gate: Gate::new(20),
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

    pub(crate) fn sns(&self, region: &str) -> aws_sdk_sns::Client {
        let mut clients = self.sns.lock().unwrap_or_else(PoisonError::into_inner);
        let client = || aws_sdk_sns::Client::new(&in_region(&self.config, region));
        clients.entry(region.to_owned()).or_insert_with(client).clone()
    }
}
