//! All that one identity sees: its settings, its token, its share of Azure's patience.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use aws::{Home, Http};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::error::Error;
use crate::id::SubscriptionId;
use crate::settings::Settings;
use crate::subscription::Subscription;
use crate::token::{AUDIENCE, Token, Tokens, explained};

/// An Entra tenant as our identity sees it. A clone is cheap, and shares the token and the connections.
#[derive(Clone, Debug)]
pub struct Tenant {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    home: Arc<Home>,
    settings: Settings,
    tokens: Tokens,
    in_flight: Semaphore,
    /// What the subscriptions are called, by their ids.
    names: OnceLock<BTreeMap<SubscriptionId, String>>,
}

/// Azure counts calls for each subscription and identity, and tells by 429 when there are too many.
const IN_FLIGHT: usize = 8;

impl Tenant {
    /// Calls nothing yet.
    pub fn new(settings: Settings, home: Arc<Home>) -> Self {
        let in_flight = Semaphore::new(IN_FLIGHT);
        let (tokens, names) = (Tokens::default(), OnceLock::new());
        Self { shared: Arc::new(Shared { home, settings, tokens, in_flight, names }) }
    }

    pub fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// The subscriptions that are expected, seen or not.
    pub fn subscriptions(&self) -> Vec<Subscription> {
        self.settings().subscriptions.iter().map(|id| self.subscription(id)).collect()
    }

    pub fn subscription(&self, id: &SubscriptionId) -> Subscription {
        Subscription::new(self.clone(), id.clone())
    }

    /// What people call a subscription. `None`: no answer of the resource graph has told it yet.
    pub fn name(&self, subscription: &SubscriptionId) -> Option<&str> {
        self.shared.names.get()?.get(subscription).map(String::as_str)
    }

    /// Asks what the subscriptions are called, unless it is known: one answer tells all names for the life of this process. What has not answered
    /// by `until` costs the names, and nothing else.
    pub async fn learn_names(&self, until: Instant) {
        if self.shared.names.get().is_none() {
            self.seen(until).await.ok();
        }
    }

    /// The first answer stays.
    pub(crate) fn keep_names(&self, names: BTreeMap<SubscriptionId, String>) {
        self.shared.names.get_or_init(|| names);
    }

    /// Whether the identity gets a token: the first link of the chain.
    ///
    /// # Errors
    /// Of the kind `Configuration`, it says what to compare.
    pub async fn sign_in(&self, until: Instant) -> Result<(), Error> {
        self.token(until).await.map(drop)
    }

    /// What AWS says of us to Entra: the two have to agree on it.
    ///
    /// # Errors
    /// When AWS gives no web identity.
    pub async fn claims(&self, until: Instant) -> Result<aws::Claims, Error> {
        let identity = self.shared.home.web_identity(AUDIENCE, until).await;
        let identity = identity.map_err(|error| explained(Error::of_aws(&error)))?;
        aws::Claims::of(&identity).ok_or_else(|| Error::without("sts:GetWebIdentityToken", "claims"))
    }

    pub(crate) async fn token(&self, until: Instant) -> Result<Token, Error> {
        self.shared.tokens.get(&self.shared.home, &self.shared.settings, until).await
    }

    pub(crate) async fn forget(&self, token: &Token) {
        self.shared.tokens.forget(token).await;
    }

    pub(crate) fn http(&self) -> &Http {
        self.shared.home.http()
    }

    /// Never closed, so there always is a permit.
    pub(crate) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.shared.in_flight.acquire().await.ok()
    }

    /// The address of an id, or of what stands below it, in one version of its API.
    pub(crate) fn address(&self, path: &str, version: &str) -> String {
        format!("{}{path}?api-version={version}", self.settings().resource_manager.as_str())
    }
}
