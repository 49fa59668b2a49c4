//! What of a job decides its class, and how much words can settle.

use job::{AzureRecord, Cloud, Job, JobKind, JobState, VaultRef};
use std::fmt;

/// What of a job decides its class. AWS's MessageCategory is deliberately not part of it: one category spans seven classes.
#[derive(Clone, Copy, Debug)]
pub struct Symptom<'a> {
    pub kind: JobKind,
    pub state: &'a JobState,
    pub resource_type: &'a str,
    /// With all its wrappers.
    pub message: &'a str,
    pub own: OwnNames<'a>,
    /// Rules are those of one cloud.
    pub cloud: Cloud,
    /// Names, numbers and texts as an Azure record has them, one by one.
    pub azure: Option<&'a AzureRecord>,
}

impl<'a> Symptom<'a> {
    pub fn of(job: &'a Job) -> Self {
        Self {
            own: OwnNames::of(job),
            cloud: job.scope.cloud,
            azure: job.azure.as_deref(),
            ..Self::new(job.kind, &job.state, &job.resource_type, &job.message)
        }
    }

    /// A symptom of AWS whose job has no names that are known.
    pub fn new(kind: JobKind, state: &'a JobState, resource_type: &'a str, message: &'a str) -> Self {
        Self::of_cloud(Cloud::Aws, kind, state, resource_type, message)
    }

    /// The same of any cloud.
    pub fn of_cloud(
        cloud: Cloud,
        kind: JobKind,
        state: &'a JobState,
        resource_type: &'a str,
        message: &'a str,
    ) -> Self {
        Self { kind, state, resource_type, message, own: OwnNames::default(), cloud, azure: None }
    }
}

/// The names of the job's own things. Where a message repeats one of them it says nothing about the cause.
#[derive(Clone, Copy, Debug, Default)]
pub struct OwnNames<'a> {
    pub resource: &'a str,
    pub vault: &'a str,
    pub destination_vault: &'a str,
    pub role: &'a str,
}

impl<'a> OwnNames<'a> {
    fn of(job: &'a Job) -> Self {
        let vault = |vault: &'a Option<VaultRef>| vault.as_ref().map(|vault| vault.name.as_str()).unwrap_or_default();
        let resource = || job.resource_arn.rsplit([':', '/']).next().unwrap_or_default();
        Self {
            resource: job.resource_name.as_deref().unwrap_or_else(resource),
            vault: vault(&job.vault),
            destination_vault: vault(&job.destination),
            role: job.role.as_ref().map(|role| role.name.as_str()).unwrap_or_default(),
        }
    }

    pub(crate) fn has(&self, word: &str) -> bool {
        !word.is_empty() && [self.resource, self.vault, self.destination_vault, self.role].contains(&word)
    }
}

/// How much the words settle. `Likely` means that they leave another cause open, or that the rule generalises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Confidence {
    Unknown,
    Likely,
    Certain,
}

impl Confidence {
    pub fn as_str(self) -> &'static str {
        match self {
            Confidence::Unknown => "unknown",
            Confidence::Likely => "likely",
            Confidence::Certain => "certain",
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
