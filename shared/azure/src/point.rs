//! Recovery points of one item.

use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

use crate::error::{Error, found};
use crate::id::{ItemId, VaultKind, lower_id, path};
use crate::members::Members;
use crate::subscription::Subscription;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoveryPoint {
    /// In lower case.
    pub id: String,
    pub time: Timestamp,
    /// `CrashConsistent`, `Full`, `Log`.
    pub kind: Option<String>,
    pub expires: Option<Timestamp>,
    /// Where it is: `InstantRP` is a snapshot beside the source, `HardenedRP` is in the vault. Not told for every kind of item.
    pub tiers: Vec<Tier>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tier {
    pub name: String,
    /// `Valid`, `Deleted`, `Rehydrated`
    pub status: String,
}

impl RecoveryPoint {
    /// Whether it is in the vault, and not only a snapshot beside the source. `None` when that is not told.
    pub fn in_vault(&self) -> Option<bool> {
        let good = |tier: &Tier| matches!(tier.status.as_str(), "Valid" | "Rehydrated") && tier.name != "InstantRP";
        (!self.tiers.is_empty()).then(|| self.tiers.iter().any(good))
    }
}

impl Subscription {
    /// The recovery points of an item, the newest first; none when the vault does not know the item.
    ///
    /// <https://learn.microsoft.com/rest/api/backup/recovery-points/list>
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn recovery_points(&self, item: &ItemId, until: Instant) -> Result<Vec<RecoveryPoint>, Error> {
        let operation = match item.vault().kind() {
            VaultKind::RecoveryServices => {
                "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems/recoveryPoints/read"
            }
            VaultKind::Backup => "Microsoft.DataProtection/backupVaults/backupInstances/recoveryPoints/read",
        };
        let address = self.of_vault_kind(item.vault(), &format!("{}/recoveryPoints", path(item.as_str())));
        let mut points = Vec::new();
        let read =
            self.tenant().each_listed(until, operation, address, |record| points.extend(RecoveryPoint::read(&record)));
        found(read.await)?;
        points.sort_by(|a: &RecoveryPoint, b| b.time.cmp(&a.time).then_with(|| a.id.cmp(&b.id)));
        Ok(points)
    }
}

impl RecoveryPoint {
    /// `None` for what has no id or no time.
    pub(crate) fn read(record: &Value) -> Option<Self> {
        let row = Members(record);
        let is = row.part("properties");
        let tier = |tier: Members<'_>| {
            Some(Tier { name: tier.text("type")?, status: tier.text("status").unwrap_or_default() })
        };
        Some(Self {
            id: lower_id(&row.text("id")?)?,
            time: is.instant("recoveryPointTime").or_else(|| is.instant("recoveryPointTimeInUTC"))?,
            kind: is.text("recoveryPointType").or_else(|| is.text("type")),
            expires: is.instant("expiryTime").or_else(|| is.part("recoveryPointProperties").instant("expiryTime")),
            tiers: is.list("recoveryPointTierDetails").into_iter().filter_map(tier).collect(),
        })
    }
}
