//! What the ledger keeps of items of Azure, beside their jobs.

use job::{Cloud, Job};
use promise::Standing;

use super::{Hop, LastBackup, Ledger, RowKey};
use crate::azure::Watched;
use crate::names::Name;

impl Ledger {
    /// Takes in an item of Azure.
    pub(crate) fn item(&mut self, item: &Watched) {
        let vault = Some(self.words.keep(&item.vault));
        let resource = self.resource(&item.resource, item.name.as_deref(), &item.resource_type);
        if let Some(known) = self.resources.get_mut(&resource) {
            known.cloud = Some(Cloud::Azure);
            if item.last_point.is_some() && item.standing != Standing::SoftDeleted {
                known.protected = Some(LastBackup { at: item.last_point.into(), vault, recovery_point: None });
            }
        }
    }

    /// The names of a resource and a vault, where both are known.
    pub(crate) fn names_of(&self, resource: &str, vault: &str) -> Option<(Name, Name)> {
        Some((self.arns.find(resource)?, self.words.find(vault)?))
    }

    /// Whether nothing on record is as young as this backup: no good job, and no bad one that may have left what it left.
    pub(crate) fn lacks_good(&self, last: &Job) -> bool {
        let names = last.written_vault_arn().and_then(|vault| self.names_of(&last.resource_arn, vault));
        let key = names.map(|(resource, vault)| RowKey { resource, vault, hop: Hop::Backup });
        let Some(facts) = key.and_then(|key| self.rows.get(&key)) else { return true };
        facts.good.is_none() && facts.bad.as_ref().is_none_or(|bad| last.ended > Some(bad.ended))
    }
}
