//! One data file as it is written, and as it is used once it has been checked.

use super::TableError;
use crate::class::Class;
use crate::classify::Confidence;
use crate::named::speaks_of_vault;
use crate::text;
use job::{Job, JobKind, JobState};
use serde::Deserialize;

/// What is known about one class.
#[derive(Debug)]
pub struct Entry {
    pub class: Class,
    /// Plain words, fit for a subject line.
    pub title: String,
    /// Two to four sentences for someone woken at night.
    pub meaning: String,
    pub rerun: Rerun,
    pub proven_by: ProvenBy,
    /// What a COMPLETED job with a message of this class left behind.
    pub recovery_point: RecoveryPoint,
    /// What the live evidence can do for this class.
    pub evidence: Evidence,
    /// What proves that it is fixed.
    pub proof: String,
    /// Who must agree to the fix.
    pub approver: String,
    pub rollback: String,
    pub source: Vec<String>,
    /// The classes that lose where this one matches too. Holds through further classes.
    pub over: Vec<Class>,
    pub fingerprints: Vec<Fingerprint>,
    pub examples: Vec<Example>,
    pub near_misses: Vec<NearMiss>,
    /// Read-only steps that confirm the cause.
    pub confirm: Vec<Confirm>,
    /// Steps that change something.
    pub fix: Vec<Step>,
}

/// When a rerun is worth its cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProvenBy {
    One,
    Each,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecoveryPoint {
    Usable,
    Unusable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// The words leave it open and the evidence decides, even on another class.
    Settles,
    /// The words say it and the evidence can show it.
    Confirms,
    None,
}

/// One way the class shows. Phrases are folded ([`text::fold`]), like the texts they are sought in.
#[derive(Debug)]
pub struct Fingerprint {
    pub id: String,
    /// All of these occur, and at least one of `any` where there are some, and none of `none`.
    pub all: Vec<String>,
    pub any: Vec<String>,
    pub none: Vec<String>,
    /// Empty means that it does not matter; the same for jobs and types.
    pub states: Vec<JobState>,
    pub jobs: Vec<JobKind>,
    pub types: Vec<String>,
    /// The message says nothing at all.
    pub empty_message: bool,
    pub confidence: Confidence,
    pub source: String,
}

impl Fingerprint {
    /// Without phrases the state is the only evidence, and any words outweigh it.
    pub fn is_state_only(&self) -> bool {
        self.all.is_empty() && self.any.is_empty()
    }
}

/// A message that belongs to the class.
#[derive(Debug)]
pub struct Example {
    pub message: String,
    pub state: JobState,
    pub job: JobKind,
    pub resource_type: String,
    pub source: String,
}

/// A message that looks as if it belonged to the class, and the class that it does belong to.
#[derive(Debug)]
pub struct NearMiss {
    pub message: String,
    pub state: JobState,
    pub job: JobKind,
    pub resource_type: String,
    pub wins: Class,
    pub why: String,
}

/// One step of advice. `say` stands by itself: where a placeholder of `run` is unknown only `say` is printed.
#[derive(Debug)]
pub struct Step {
    pub say: String,
    /// A command with placeholders such as `{key}`.
    pub run: Option<String>,
    /// A policy statement to copy, with placeholders.
    pub statement: Option<String>,
    /// Empty means every type; the same for jobs.
    pub types: Vec<String>,
    pub jobs: Vec<JobKind>,
    /// What the message has to name, or must not.
    pub names: Option<Names>,
}

/// A confirming step has the same members as one that changes something; its command only reads.
pub type Confirm = Step;

impl Step {
    /// Whether the step is about this kind of job, this type of resource and what its message names.
    pub fn applies_to(&self, job: &Job) -> bool {
        (self.jobs.is_empty() || self.jobs.contains(&job.kind))
            && (self.types.is_empty() || self.types.iter().any(|wanted| same_type(wanted, &job.resource_type)))
            && self.names.is_none_or(|names| names.fits(&job.message))
    }
}

/// Where what is gone may be a vault or something else, the one that the message names comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Names {
    Vault,
    NoVault,
}

impl Names {
    fn fits(self, message: &str) -> bool {
        match self {
            Names::Vault => speaks_of_vault(message),
            Names::NoVault => !speaks_of_vault(message),
        }
    }
}

/// Types are compared up to the first dot and without case: `DynamoDB.FullyManaged` is `DynamoDB`.
pub(super) fn same_type(wanted: &str, resource_type: &str) -> bool {
    resource_type.split('.').next().is_some_and(|base| base.trim().eq_ignore_ascii_case(wanted))
}

/// Checks and loads one data file.
pub(super) fn read(class: Class, source: &str) -> Result<Entry, TableError> {
    let file: EntryFile = toml::from_str(source).map_err(|error| TableError::new(class, error))?;
    if file.id != class.id() {
        return Err(TableError::new(class, format!("its id is \"{}\"", file.id)));
    }
    file.load(class).map_err(|problem| TableError::new(class, problem))
}

/// The file as a person writes it. A member that is not listed here is an error, so that no rule is lost to a typing mistake.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryFile {
    id: String,
    title: String,
    meaning: String,
    rerun: Rerun,
    proven_by: ProvenBy,
    recovery_point: RecoveryPoint,
    evidence: Evidence,
    proof: String,
    approver: String,
    rollback: String,
    source: Vec<String>,
    #[serde(default)]
    over: Vec<String>,
    #[serde(default)]
    fingerprints: Vec<FingerprintFile>,
    examples: Vec<ExampleFile>,
    #[serde(default)]
    near_misses: Vec<NearMissFile>,
    confirm: Vec<StepFile>,
    fix: Vec<StepFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FingerprintFile {
    id: String,
    #[serde(default)]
    all: Vec<String>,
    #[serde(default)]
    any: Vec<String>,
    #[serde(default)]
    none: Vec<String>,
    #[serde(default)]
    states: Vec<String>,
    #[serde(default)]
    jobs: Vec<String>,
    #[serde(default)]
    types: Vec<String>,
    #[serde(default)]
    empty_message: bool,
    confidence: Confidence,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExampleFile {
    message: String,
    state: Option<String>,
    job: Option<String>,
    r#type: Option<String>,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NearMissFile {
    message: String,
    state: Option<String>,
    job: Option<String>,
    r#type: Option<String>,
    wins: String,
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepFile {
    say: String,
    run: Option<String>,
    statement: Option<String>,
    #[serde(default)]
    types: Vec<String>,
    #[serde(default)]
    jobs: Vec<String>,
    names: Option<Names>,
}

impl EntryFile {
    fn load(self, class: Class) -> Result<Entry, String> {
        Ok(Entry {
            class,
            title: self.title,
            meaning: self.meaning,
            rerun: self.rerun,
            proven_by: self.proven_by,
            recovery_point: self.recovery_point,
            evidence: self.evidence,
            proof: self.proof,
            approver: self.approver,
            rollback: self.rollback,
            source: self.source,
            over: collect(&self.over, |id| class_named(id))?,
            fingerprints: collect(self.fingerprints, FingerprintFile::load)?,
            examples: collect(self.examples, ExampleFile::load)?,
            near_misses: collect(self.near_misses, NearMissFile::load)?,
            confirm: collect(self.confirm, StepFile::load)?,
            fix: collect(self.fix, StepFile::load)?,
        })
    }
}

impl FingerprintFile {
    fn load(self) -> Result<Fingerprint, String> {
        let fingerprint = Fingerprint {
            all: collect(&self.all, |phrase| phrase_of(phrase))?,
            any: collect(&self.any, |phrase| phrase_of(phrase))?,
            none: collect(&self.none, |phrase| phrase_of(phrase))?,
            states: collect(&self.states, |word| state_named(word))?,
            jobs: collect(&self.jobs, |word| job_named(word))?,
            types: self.types,
            empty_message: self.empty_message,
            confidence: self.confidence,
            source: self.source,
            id: self.id,
        };
        // A rule without words and without a state would catch everything.
        if fingerprint.is_state_only() && fingerprint.states.is_empty() {
            return Err(format!("fingerprint {} has neither phrases nor states", fingerprint.id));
        }
        if fingerprint.empty_message && !fingerprint.is_state_only() {
            return Err(format!("fingerprint {} wants words in an empty message", fingerprint.id));
        }
        Ok(fingerprint)
    }
}

impl ExampleFile {
    fn load(self) -> Result<Example, String> {
        Ok(Example {
            message: self.message,
            state: self.state.map_or(Ok(JobState::Failed), |word| state_named(&word))?,
            job: self.job.map_or(Ok(JobKind::Backup), |word| job_named(&word))?,
            resource_type: self.r#type.unwrap_or_default(),
            source: self.source,
        })
    }
}

impl NearMissFile {
    fn load(self) -> Result<NearMiss, String> {
        Ok(NearMiss {
            message: self.message,
            state: self.state.map_or(Ok(JobState::Failed), |word| state_named(&word))?,
            job: self.job.map_or(Ok(JobKind::Backup), |word| job_named(&word))?,
            resource_type: self.r#type.unwrap_or_default(),
            wins: class_named(&self.wins)?,
            why: self.why,
        })
    }
}

impl StepFile {
    fn load(self) -> Result<Step, String> {
        Ok(Step {
            say: self.say,
            run: self.run,
            statement: self.statement,
            types: self.types,
            jobs: collect(&self.jobs, |word| job_named(word))?,
            names: self.names,
        })
    }
}

fn collect<T, U>(items: impl IntoIterator<Item = T>, load: impl Fn(T) -> Result<U, String>) -> Result<Vec<U>, String> {
    items.into_iter().map(load).collect()
}

fn class_named(id: &str) -> Result<Class, String> {
    Class::from_id(id).ok_or_else(|| format!("there is no class \"{id}\""))
}

fn state_named(word: &str) -> Result<JobState, String> {
    match JobState::parse(word) {
        JobState::Other(word) => Err(format!("there is no job state \"{word}\"")),
        state => Ok(state),
    }
}

fn job_named(word: &str) -> Result<JobKind, String> {
    JobKind::ALL
        .into_iter()
        .find(|kind| kind.as_str() == word)
        .ok_or_else(|| format!("there is no job kind \"{word}\""))
}

fn phrase_of(phrase: &str) -> Result<String, String> {
    let folded = text::fold(phrase);
    // Two letters occur in any sentence.
    if folded.len() < 3 { Err(format!("the phrase \"{phrase}\" is too short")) } else { Ok(folded) }
}
