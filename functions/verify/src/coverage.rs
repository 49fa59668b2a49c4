//! What could not be read. What is not covered is never called healthy.

use std::collections::BTreeMap;

use lambda::record::Layer;
use serde::Serialize;

/// Whether everything that the decisions rest on could be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Coverage {
    pub complete: bool,
    /// What could not be read, in sentences.
    pub errors: Vec<String>,
    /// How many accounts and Regions were seen how closely, where more than one is watched: the `scope` lines name them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub scopes: BTreeMap<Layer, usize>,
}

impl Coverage {
    pub fn of(errors: Vec<String>) -> Self {
        Self { complete: errors.is_empty(), errors, scopes: BTreeMap::new() }
    }
}
