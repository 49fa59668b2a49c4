//! One failure that is ready to be put on the bus, of whichever cloud.

use aws::BusEvent;
use serde::Serialize;

use crate::record::JobCollected;

/// Who says what is on our bus.
pub const SOURCE: &str = "night-one";

/// What is put on the bus, and what the log says once it is there.
#[derive(Clone, Debug)]
pub struct Ready {
    pub event: BusEvent,
    pub line: JobCollected,
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
