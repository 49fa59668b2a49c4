//! One subscription: what is asked of its vaults, machines and resource groups.

use tokio::time::Instant;

use crate::error::{Error, found};
use crate::id::{SubscriptionId, VaultId, VaultKind, path};
use crate::tenant::Tenant;

/// A subscription whose backups are watched. A clone is cheap.
///
/// What it is asked about names its own subscription in its id. Every reading ends at `until` with an error of the kind `NoTime`.
#[derive(Clone, Debug)]
pub struct Subscription {
    tenant: Tenant,
    id: SubscriptionId,
}

impl Subscription {
    pub(crate) fn new(tenant: Tenant, id: SubscriptionId) -> Self {
        Self { tenant, id }
    }

    pub fn id(&self) -> &SubscriptionId {
        &self.id
    }

    /// What people call it: see [`Tenant::name`].
    pub fn name(&self) -> Option<&str> {
        self.tenant.name(&self.id)
    }

    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// Whether it exists for us. The graph leaves out a subscription without a word; this is an answer.
    ///
    /// <https://learn.microsoft.com/rest/api/resources/subscriptions/get>
    ///
    /// # Errors
    /// For no answer, and when we may not read it.
    pub async fn exists(&self, until: Instant) -> Result<bool, Error> {
        const OPERATION: &str = "Microsoft.Resources/subscriptions/read";
        let address = self.tenant.address(&format!("/subscriptions/{}", self.id), "2022-12-01");
        Ok(found(self.tenant.read(until, OPERATION, &address, None).await)?.is_some())
    }

    /// The address of something below a vault.
    pub(crate) fn below(&self, vault: &VaultId, rest: &str) -> String {
        self.of_vault_kind(vault, &format!("{}{rest}", path(vault.as_str())))
    }

    /// An address, in the version of the API that its vault speaks.
    pub(crate) fn of_vault_kind(&self, vault: &VaultId, path: &str) -> String {
        let version = match vault.kind() {
            VaultKind::RecoveryServices => "2025-02-01",
            VaultKind::Backup => "2025-01-01",
        };
        self.tenant.address(path, version)
    }
}
