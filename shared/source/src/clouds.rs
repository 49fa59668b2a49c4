//! The clients of both clouds, which live as long as the process.

use std::sync::Arc;

use aws::{Accounts, Home, Watch};
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
        let subscriptions = self.tenant.iter().flat_map(Tenant::subscriptions);
        Sources::new(
            Accounts::new(Arc::clone(&self.home), account, self.watch.clone()),
            subscriptions.map(|subscription| Place::new(subscription, now)),
        )
    }
}
