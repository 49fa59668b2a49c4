//! A vault, as the graph lists it.

use serde_json::Value;

use crate::id::VaultId;
use crate::members::Members;

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
