//! A vault, as the graph lists it, or as it answers for itself.

use serde_json::Value;
use tokio::time::Instant;

use crate::error::{Error, found};
use crate::id::{VaultId, VaultKind, path};
use crate::members::Members;
use crate::subscription::Subscription;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vault {
    pub id: VaultId,
    /// `westeurope`
    pub location: String,
}

impl Vault {
    pub fn read(record: Value) -> Option<Self> {
        let row = Members(&record);
        Some(Self { id: VaultId::parse(&row.text("id")?)?, location: row.text("location").unwrap_or_default() })
    }
}

impl Subscription {
    /// One vault. `None` when there is none of that id.
    ///
    /// <https://learn.microsoft.com/rest/api/recoveryservices/vaults/get>
    ///
    /// # Errors
    /// For no answer, and when we may not read it.
    pub async fn vault(&self, id: &VaultId, until: Instant) -> Result<Option<Vault>, Error> {
        let operation = match id.kind() {
            VaultKind::RecoveryServices => "Microsoft.RecoveryServices/vaults/read",
            VaultKind::Backup => "Microsoft.DataProtection/backupVaults/read",
        };
        let address = self.of_vault_kind(id, &path(id.as_str()));
        match found(self.tenant().read(until, operation, &address, None).await)? {
            Some(record) => Vault::read(record).map(Some).ok_or_else(|| Error::without(operation, "vault")),
            None => Ok(None),
        }
    }
}
