//! What is known about one class, made ready by the build script from its data file.

use crate::class::Class;
use crate::named::{Seen, speaks_of_vault};
use crate::symptom::Confidence;
use job::{Cloud, Job, JobKind, JobState};

/// What is known about one class in one cloud.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub cloud: Cloud,
    pub class: Class,
    /// Plain words, for the first line of a mail.
    pub title: &'static str,
    /// The same in at most 30 characters, for a subject with little room.
    pub short: &'static str,
    /// Two to four sentences for someone woken at night.
    pub meaning: &'static str,
    pub rerun: Rerun,
    pub proven_by: ProvenBy,
    /// What a COMPLETED job with a message of this class left behind.
    pub recovery_point: RecoveryPoint,
    /// What the live evidence can do for this class.
    pub evidence: Evidence,
    /// What proves that it is fixed.
    pub proof: &'static str,
    /// Who must agree to the fix.
    pub approver: &'static str,
    pub rollback: &'static str,
    pub source: &'static [&'static str],
    /// The classes that lose where this one matches too. Holds through further classes.
    pub over: &'static [Class],
    pub fingerprints: &'static [Fingerprint],
    pub examples: &'static [Example],
    pub near_misses: &'static [NearMiss],
    /// Read-only steps that confirm the cause.
    pub confirm: &'static [Step],
    /// Steps that change something.
    pub fix: &'static [Step],
}

/// When a rerun is worth its cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rerun {
    /// When the proof of the fix is read from the world.
    Probe,
    /// When the obstacle is gone and the cool-off is over.
    Rest,
    /// Only when a person says that it is fixed.
    Claim,
    Never,
}

/// What ends an episode: one job for all, or a job for each resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProvenBy {
    One,
    Each,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryPoint {
    Usable,
    Unusable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The words leave it open and the evidence decides, even on another class.
    Settles,
    /// The words say it and the evidence can show it.
    Confirms,
    None,
}

/// One way the class shows.
#[derive(Clone, Copy, Debug)]
pub struct Fingerprint {
    pub id: &'static str,
    /// All of these occur, and at least one of `any` where there are some, and none of `none`.
    pub all: &'static [Phrase],
    pub any: &'static [Phrase],
    pub none: &'static [Phrase],
    /// Empty means that it does not matter; the same for jobs and types.
    pub states: &'static [JobState],
    pub jobs: &'static [JobKind],
    pub types: &'static [&'static str],
    /// The message says nothing at all.
    pub empty_message: bool,
    /// Forms of error codes, one of which the message has. Empty means that it does not matter.
    pub codes: &'static [&'static str],
    pub reach: Reach,
    pub confidence: Confidence,
    pub source: &'static str,
}

/// How much a fingerprint's words weigh against an error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// The state is the only evidence, and any words outweigh it.
    State,
    /// Words that only suggest a cause: they count where nothing else was read.
    Hint,
    /// Words that sentences of several causes have: a listed error code outweighs them.
    General,
    /// Words of this cause: they outweigh an error code.
    Own,
}

/// Words that stand behind one another in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// As a person wrote it.
    pub text: &'static str,
    pub(crate) number: u16,
}

/// A message that belongs to the class.
#[derive(Clone, Debug)]
pub struct Example {
    pub message: &'static str,
    pub state: JobState,
    pub job: JobKind,
    pub resource_type: &'static str,
    /// The fingerprint that it is for; `None` only in the class that has no fingerprints.
    pub rule: Option<&'static str>,
    pub source: &'static str,
}

/// A message that looks as if it belonged to the class, and the class that it does belong to.
#[derive(Clone, Debug)]
pub struct NearMiss {
    pub message: &'static str,
    pub state: JobState,
    pub job: JobKind,
    pub resource_type: &'static str,
    pub wins: Class,
    pub why: &'static str,
}

/// One step of advice. `say` stands by itself: where a placeholder of `run` is unknown only `say` is printed.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub say: &'static str,
    /// A command with placeholders such as `{key}`.
    pub run: Option<&'static str>,
    /// A policy statement to copy, with placeholders.
    pub statement: Option<&'static str>,
    /// Empty means every type; the same for jobs.
    pub types: &'static [&'static str],
    pub jobs: &'static [JobKind],
    /// What the message has to name, or must not.
    pub names: Option<Names>,
    /// What evidence must have seen, where it has seen something that decides. Empty means that it does not matter.
    pub seen: &'static [Seen],
}

/// A confirming step has the same members as one that changes something; its command only reads.
pub type Confirm = Step;

impl Step {
    /// Whether the step is about this kind of job, this type of resource, what its message names and what was seen.
    pub fn applies_to(&self, job: &Job, seen: Option<Seen>) -> bool {
        (self.jobs.is_empty() || self.jobs.contains(&job.kind))
            && (self.types.is_empty() || self.types.iter().any(|wanted| same_type(wanted, &job.resource_type)))
            && self.names.is_none_or(|names| names.fits(&job.message, seen))
            && (self.seen.is_empty() || seen.is_none_or(|seen| self.is_for(seen)))
    }

    /// Whether the step is what to do about just this.
    pub fn is_for(&self, seen: Seen) -> bool {
        self.seen.contains(&seen)
    }
}

/// Where what is gone may be a vault or something else, the one that the message names comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    Vault,
    NoVault,
}

impl Names {
    fn fits(self, message: &str, seen: Option<Seen>) -> bool {
        let is_vault = speaks_of_vault(message) || seen == Some(Seen::VaultMissing);
        match self {
            Names::Vault => is_vault,
            Names::NoVault => !is_vault,
        }
    }
}

/// Types are compared up to the first dot and without case: `DynamoDB.FullyManaged` is `DynamoDB`.
pub(super) fn same_type(wanted: &str, resource_type: &str) -> bool {
    resource_type.split('.').next().is_some_and(|base| base.trim().eq_ignore_ascii_case(wanted))
}
