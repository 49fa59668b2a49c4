//! Locks of a resource group: what keeps Azure Backup from deleting its own snapshots.

use serde_json::Value;
use tokio::time::Instant;

use crate::error::{Error, found};
use crate::id::segment;
use crate::members::Members;
use crate::subscription::Subscription;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    pub name: String,
    pub level: LockLevel,
    pub notes: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LockLevel {
    CannotDelete,
    ReadOnly,
    Other(String),
}

impl LockLevel {
    /// Azure's word.
    pub fn as_str(&self) -> &str {
        match self {
            LockLevel::CannotDelete => "CanNotDelete",
            LockLevel::ReadOnly => "ReadOnly",
            LockLevel::Other(word) => word,
        }
    }
}

impl Subscription {
    /// The locks of a resource group, and of what it holds. `None` when there is no such group.
    ///
    /// <https://learn.microsoft.com/rest/api/resources/management-locks/list-at-resource-group-level>
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn locks(&self, group: &str, until: Instant) -> Result<Option<Vec<Lock>>, Error> {
        const OPERATION: &str = "Microsoft.Authorization/locks/read";
        let path = format!(
            "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Authorization/locks",
            self.id(),
            segment(group)
        );
        let mut locks = Vec::new();
        let address = self.tenant().address(&path, "2020-05-01");
        let read = self.tenant().each_listed(until, OPERATION, address, |record| locks.extend(Lock::read(&record)));
        Ok(found(read.await)?.map(|()| locks))
    }
}

impl Lock {
    pub(crate) fn read(record: &Value) -> Option<Self> {
        let row = Members(record);
        let is = row.part("properties");
        let level = is.text("level").unwrap_or_default();
        Some(Self {
            name: row.text("name")?,
            level: match level.as_str() {
                "CanNotDelete" => LockLevel::CannotDelete,
                "ReadOnly" => LockLevel::ReadOnly,
                _ => LockLevel::Other(level),
            },
            notes: is.text("notes"),
        })
    }
}
