//! One failure that is ready to be put on the bus, of any cloud.

use aws::BusEvent;
use serde::Serialize;

/// What is put on the bus, and what the log says once it is there.
#[derive(Clone, Debug)]
pub struct Ready {
    pub event: BusEvent,
    pub line: JobCollected,
}

/// What an event on the bus was about.
#[derive(Clone, Debug, Serialize)]
pub struct JobCollected {
    pub cloud: &'static str,
    /// Of Azure the subscription.
    pub account: String,
    /// Of Azure the location, where it is known.
    pub region: Option<String>,
    /// These three are of Azure alone.
    pub subscription: Option<String>,
    pub vault_id: Option<String>,
    pub item_id: Option<String>,
    pub job_id: String,
    /// Of AWS the kind of the job: `backup`, `copy`, `restore`.
    pub operation: Option<String>,
    pub state: String,
    /// Null where a record of AWS does not tell it.
    pub end: Option<String>,
    pub seen_by: Vec<SeenBy>,
}

/// What told of a job. One of Azure may be told by two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SeenBy {
    /// A list of a vault of Azure.
    VaultList,
    /// The resource graph of Azure.
    ResourceGraph,
    /// An item of Azure itself.
    Item,
    /// A list of an account of AWS in a Region.
    JobList,
}
