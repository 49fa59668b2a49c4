//! What the completion of a job is worth as a proof.

use crate::Cloud;

/// What somebody found who looked further than the record of a job that completed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Worth {
    /// Nothing else than its record says.
    #[default]
    AsRecorded,
    /// What it made is gone or cannot be used: it proves nothing to anybody.
    LeftNothing,
    /// It is no full backup, and only that begins a broken chain of log backups anew. To other root causes it proves what its record says.
    NotFull,
}

impl Worth {
    /// Why the job proves nothing, in a sentence.
    pub fn objection(self, cloud: Cloud) -> Option<&'static str> {
        match (self, cloud) {
            (Worth::AsRecorded, _) => None,
            (Worth::LeftNothing, Cloud::Aws) => {
                Some("The job completed, and its recovery point is gone or cannot be used.")
            }
            (Worth::LeftNothing, Cloud::Azure) => Some("The job completed, and its item has no newer recovery point."),
            (Worth::NotFull, _) => Some("Only a full backup proves that the chain of log backups is whole."),
        }
    }

    /// The same for another root cause.
    #[must_use]
    pub fn elsewhere(self) -> Self {
        match self {
            Worth::LeftNothing => Worth::LeftNothing,
            Worth::AsRecorded | Worth::NotFull => Worth::AsRecorded,
        }
    }
}
