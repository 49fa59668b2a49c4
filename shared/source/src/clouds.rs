//! The clients of both clouds, which live as long as the process.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws::{Accounts, Home, Watch, WatchedAccounts};
use azure::Tenant;
use jiff::Timestamp;

use crate::{Place, Sources};

/// Where we run and whom we tell, and Azure where it is switched on. Nothing is connected before it is needed.
#[derive(Debug)]
pub struct Clouds {
    home: Arc<Home>,
    watch: Watch,
    tenant: Option<Tenant>,
}

impl Clouds {
    pub fn new(home: Home, watch: Watch, azure: Option<azure::Settings>) -> Self {
        let home = Arc::new(home);
        let tenant = azure.map(|settings| Tenant::new(settings, Arc::clone(&home)));
        Self { home, watch, tenant }
    }

    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Azure, where it is switched on.
    pub fn tenant(&self) -> Option<&Tenant> {
        self.tenant.as_ref()
    }

    /// All places that are watched from our account of AWS, as they are read in one invocation, which happens now.
    pub fn sources(&self, account: &str, now: Timestamp) -> Sources {
        self.watching(account, self.watch.clone(), now)
    }

    /// The same with these accounts alone, whatever the organization is: somebody has listed it already.
    pub fn sources_of(&self, account: &str, now: Timestamp, ids: &BTreeSet<String>) -> Sources {
        let watch = Watch { accounts: WatchedAccounts::Listed(ids.clone()), ..self.watch.clone() };
        self.watching(account, watch, now)
    }

    fn watching(&self, account: &str, watch: Watch, now: Timestamp) -> Sources {
        let subscriptions = self.tenant.iter().flat_map(Tenant::subscriptions);
        Sources::new(
            Accounts::new(Arc::clone(&self.home), account, watch),
            subscriptions.map(|subscription| Place::new(subscription, now)),
        )
    }
}
