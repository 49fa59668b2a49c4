//! What the night's jobs and protected resources come to, taken in one by one: little is kept of each resource and destination, and
//! nothing of a job but what the newest one needs. So memory grows with rows, not with jobs.
//!
//! Measured with their verdicts: 1.2 KB a row, so 100,000 resources take 125 MB, and until all jobs are in 8 bytes for each of at most a million. Only
//! composite jobs that ended badly are kept whole until the end, because parent and child may come in any order.

mod cause;
mod durations;
mod facts;
mod items;
mod look;
mod moment;
mod nights;
mod past;
mod rate;
mod restores;
mod types;

pub use cause::CauseFacts;
pub(crate) use facts::Origin;
pub use facts::{Bad, By, Facts, Flying, Good};
pub use moment::Moment;
pub(crate) use nights::Came;
pub(crate) use past::Pasts;
pub use rate::{Ended, Rates, Window};
pub(crate) use restores::{LONGEST, Long, Restored, Restoring};

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use ::cause::judged::{Judged, join_parents};
use classification::class::Class;
use classification::table::RecoveryPoint;
use jiff::Timestamp;
use job::{Cloud, CreatedBy, Job, JobKind, JobState};
use source::ProtectedResource;

use crate::names::{Name, Names};
use durations::Durations;
use facts::Outcome;
use types::type_of;
pub(crate) use types::{can_be_kept, has_several_types};

/// On which hop a recovery point reaches its vault: by backup into the source vault, or by copy from there into another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hop {
    Backup,
    Copy,
}

/// A resource and a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowKey {
    pub(crate) resource: Name,
    pub(crate) vault: Name,
    pub hop: Hop,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Resource {
    pub(crate) name: Option<Box<str>>,
    pub(crate) resource_type: Option<Name>,
    /// Whose rules it follows: plans of AWS, or the policy of an item.
    pub(crate) cloud: Option<Cloud>,
    pub(crate) protected: Option<LastBackup>,
}

/// What the list of protected resources says of the last backup, whatever its destination.
#[derive(Clone, Debug)]
pub(crate) struct LastBackup {
    pub(crate) at: Moment,
    pub(crate) vault: Option<Name>,
    /// `None` too where the row of that vault has it: see [`Ledger::last_point_in`].
    recovery_point: Option<Box<str>>,
}

impl LastBackup {
    /// Of a resource whose row has no good backup by its jobs.
    pub(crate) fn recovery_point(&self) -> Option<&str> {
        self.recovery_point.as_deref()
    }
}

/// A rule as the jobs that it made name it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct SeenRule {
    pub(crate) plan_id: Option<String>,
    pub(crate) plan_name: Option<String>,
    pub(crate) rule_id: Option<String>,
    pub(crate) rule_name: Option<String>,
    pub(crate) schedule: Option<String>,
    pub(crate) time_zone: Option<String>,
}

/// At most this many failed restores are kept; a drill of a thousand fails of a few causes.
const RESTORES: usize = 200;

/// When the first and the last job of a rule was created.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
}

/// Takes in jobs in any order. Only a copy should come after the backup that it copies: of copies that come before, the last one hides
/// those before it, even when it turns out to be of no use.
#[derive(Debug)]
pub struct Ledger {
    now: Timestamp,
    last_report: Timestamp,
    arns: Names,
    /// Vaults, roles, keys, types.
    words: Names,
    pub(crate) resources: HashMap<Name, Resource>,
    /// Boxed: a table that doubles as it grows holds what is in it twice.
    pub(crate) rows: HashMap<RowKey, Box<Facts>>,
    rules: Vec<SeenRule>,
    rule_times: Vec<Times>,
    rule_numbers: HashMap<SeenRule, u32>,
    /// By plan id: its versions, each with when the first job was created that carries it.
    versions: HashMap<Box<str>, BTreeMap<Box<str>, Timestamp>>,
    pub(crate) causes: Vec<CauseFacts>,
    cause_numbers: HashMap<String, u32>,
    pub(crate) rates: BTreeMap<Name, Rates>,
    /// Bad jobs of composite resources: children, and the parents they spoil.
    composite: Vec<Judged>,
    /// The recovery points that completed jobs left and that nobody can restore from, and the copies of them. They are few.
    useless: HashMap<Name, BTreeSet<Box<str>>>,
    /// COMPLETED backups and copies, until the proofs are known. (Those of a cause that failed are kept with it.)
    completed: Pasts,
    /// The causes whose last episode is over, by their numbers: when the job ended that proved it, and who made that.
    pub(crate) proofs: BTreeMap<u32, (Timestamp, By)>,
    /// Restores that ended badly since the last report.
    pub(crate) restores: Vec<Judged>,
    /// What is known of the restores of each resource.
    pub(crate) restored: Restored,
    /// How long the good backups of each row took.
    pub(crate) durations: Durations,
    /// How many jobs are in a state that nobody knows. They may be good or bad.
    pub(crate) unknown_states: BTreeMap<(JobKind, String), usize>,
    jobs_taken: usize,
}

impl Ledger {
    pub fn new(now: Timestamp, last_report: Timestamp) -> Self {
        Self {
            now,
            last_report,
            arns: Names::default(),
            words: Names::default(),
            resources: HashMap::new(),
            rows: HashMap::new(),
            rules: Vec::new(),
            rule_times: Vec::new(),
            rule_numbers: HashMap::new(),
            versions: HashMap::new(),
            causes: Vec::new(),
            cause_numbers: HashMap::new(),
            rates: BTreeMap::new(),
            composite: Vec::new(),
            useless: HashMap::new(),
            completed: Pasts::default(),
            proofs: BTreeMap::new(),
            restores: Vec::new(),
            restored: Restored::default(),
            durations: Durations::default(),
            unknown_states: BTreeMap::new(),
            jobs_taken: 0,
        }
    }

    /// Takes in a job of any kind and state. Restores tell nothing of recovery points: those that failed since the last report are kept, and a
    /// few facts of each resource that was restored.
    pub fn job(&mut self, job: Job) {
        self.jobs_taken += 1;
        if let JobState::Other(word) = &job.state {
            *self.unknown_states.entry((job.kind, word.clone())).or_default() += 1;
        }
        if job.kind == JobKind::Restore {
            if job.restore.is_some() && !job.resource_arn.is_empty() {
                let resource = self.arns.keep(&job.resource_arn);
                self.restored.take(resource, &job, self.now);
            }
            let is_told = job.is_bad() && job.ended.is_none_or(|ended| ended > self.last_report);
            if is_told && self.restores.len() < RESTORES {
                self.restores.push(Judged::new(job));
            }
            return;
        }
        if matches!(job.state, JobState::Other(_)) || job.state.in_flight() || job.completed_clean() {
            self.keep(&job, None);
            return;
        }
        let judged = Judged::new(job);
        if judged.job.parent_job_id.is_some() || judged.job.is_parent {
            self.composite.push(judged);
        } else {
            self.keep_judged(&judged);
        }
    }

    pub fn protected(&mut self, resource: ProtectedResource) {
        let vault = resource.vault_arn.as_deref().map(|vault| self.words.keep(vault));
        let arn = self.resource(&resource.arn, resource.name.as_deref(), &resource.resource_type);
        if let Some(known) = self.resources.get_mut(&arn) {
            known.protected = Some(LastBackup {
                at: resource.last_backup.into(),
                vault,
                recovery_point: resource.recovery_point_arn.map(String::into_boxed_str),
            });
        }
        self.keep_point_once(arn, vault);
    }

    /// The last good backup is mostly the last backup, and the name of its recovery point is a third of what is kept of it.
    fn keep_point_once(&mut self, resource: Name, vault: Option<Name>) {
        let row = vault.and_then(|vault| self.rows.get(&RowKey { resource, vault, hop: Hop::Backup }));
        let good = row.and_then(|facts| facts.good.as_ref()?.recovery_point.as_deref());
        let last = self.resources.get_mut(&resource).and_then(|known| known.protected.as_mut());
        if let Some(last) = last.filter(|last| last.vault == vault && last.recovery_point.as_deref() == good) {
            last.recovery_point = None;
        }
    }

    /// Of failures alone there is no rate of success.
    pub fn forget_rates(&mut self) {
        self.rates.clear();
    }

    /// How many jobs it has taken in.
    pub fn jobs_taken(&self) -> usize {
        self.jobs_taken
    }

    /// How many resources and destinations it keeps facts of. For tests.
    pub fn rows_kept(&self) -> usize {
        self.rows.len()
    }

    /// Called once all jobs are in: composite jobs find their parents, a composite failure counts once, and proofs are found.
    pub(crate) fn close(&mut self) {
        let mut composite = std::mem::take(&mut self.composite);
        join_parents(&mut composite);
        let parents: HashSet<String> =
            composite.iter().filter(|judged| judged.job.is_parent).map(|judged| judged.job.id.clone()).collect();
        for judged in &composite {
            let counted_by_its_parent =
                judged.job.parent_job_id.as_ref().is_some_and(|parent| parents.contains(parent));
            if !counted_by_its_parent {
                self.keep_judged(judged);
            }
        }
        self.settle_copies();
        self.proofs = past::proofs(&self.causes, &std::mem::take(&mut self.completed));
        self.durations.close();
    }

    pub(crate) fn keep_arn(&mut self, arn: &str) -> Name {
        self.arns.keep(arn)
    }

    /// Whether the type of a resource, as its ARN tells it, is one of these.
    pub(crate) fn is_type_among(&self, arn: &str, types: &BTreeSet<String>) -> bool {
        types.iter().any(|one| one.eq_ignore_ascii_case(type_of(arn)))
    }

    /// Makes a resource known that a selection names or finds. Its ARN gives its type, where it can.
    pub(crate) fn named(&mut self, arn: &str) {
        self.resource(arn, None, type_of(arn));
    }

    pub(crate) fn resource(&mut self, arn: &str, name: Option<&str>, resource_type: &str) -> Name {
        let key = self.arns.keep(arn);
        let resource_type = resource_type.split('.').next().filter(|base| !base.is_empty());
        let resource_type = resource_type.map(|base| self.words.keep(base));
        let known = self.resources.entry(key).or_default();
        if known.name.is_none() {
            known.name = name.map(Into::into);
        }
        known.resource_type = known.resource_type.or(resource_type);
        key
    }

    pub(crate) fn keep_word(&mut self, text: &str) -> Name {
        self.words.keep(text)
    }

    fn keep_judged(&mut self, judged: &Judged) {
        let (job, class) = (&judged.job, judged.classification.class);
        let number = self.cause_number(judged);
        self.keep(job, Some((number, class)));
        let names = self.past_names(job);
        let resource_type = self.words.keep(job.base_type());
        if let Some(cause) = self.causes.get_mut(number as usize) {
            // What completed with issues is no failure.
            if job.state != JobState::Completed {
                cause.failures.note(job, names);
            }
            cause.take(cause::Failure { judged, resource_type, by: by(job) }, self.now, self.last_report);
        }
    }

    fn past_names(&mut self, job: &Job) -> past::Names {
        past::Names {
            resource: self.arns.keep(&job.resource_arn),
            role: self.role(job),
            vault: job.written_vault_arn().map(|vault| self.words.keep(vault)),
            key: self.key(job),
        }
    }

    fn cause_number(&mut self, judged: &Judged) -> u32 {
        if let Some(number) = self.cause_numbers.get(judged.cause.as_str()) {
            return *number;
        }
        let number = number(self.causes.len());
        self.causes.push(CauseFacts::new(judged.cause.clone()));
        self.cause_numbers.insert(judged.cause.as_str().to_owned(), number);
        number
    }

    /// The facts that a job adds to its row and to the success rates. `cause` is set for a job that did not end as it should.
    fn keep(&mut self, job: &Job, cause: Option<(u32, Class)>) {
        let outcome = outcome(job, cause.map(|(_, class)| class));
        self.count(job, outcome);
        if job.state == JobState::Completed {
            let names = self.past_names(job);
            self.completed.note(job, names);
        }
        let vault = match (job.written_vault_arn(), outcome) {
            (Some(vault), _) => vault,
            // A failure must not go unseen because its record does not say where the recovery point should have gone.
            (None, Outcome::Bad | Outcome::Unknown) => "",
            (None, _) => return,
        };
        if job.resource_arn.is_empty() {
            return;
        }
        let vault = self.words.keep(vault);
        let hop = if job.kind == JobKind::Copy { Hop::Copy } else { Hop::Backup };
        let resource = self.resource(&job.resource_arn, job.resource_name.as_deref(), &job.resource_type);
        if let (Cloud::Azure, Some(known)) = (job.scope.cloud, self.resources.get_mut(&resource)) {
            known.cloud = Some(Cloud::Azure);
        }
        let outcome = match (outcome, job.source_recovery_point_arn.as_deref()) {
            // AWS copies what nobody can restore from, and calls the copy completed.
            (Outcome::Usable, Some(source)) if hop == Hop::Copy && self.is_useless(resource, source) => {
                Outcome::Useless
            }
            (outcome, _) => outcome,
        };
        self.keep_useless(job, resource, outcome);
        self.keep_version(job);
        let key = RowKey { resource, vault, hop };
        if outcome == Outcome::Usable {
            self.durations.take(key, job);
        }
        let made = facts::Made {
            job,
            rule: job.rule().map(|by| self.rule_number(by, job.created.unwrap_or(self.now))),
            by: by(job),
            cause: cause.map(|(number, _)| number),
            outcome,
        };
        self.rows.entry(key).or_default().take(made, self.now, self.last_report);
        self.keep_point_once(resource, Some(vault));
    }

    fn keep_version(&mut self, job: &Job) {
        if let Some(by) = job.rule()
            && let (Some(plan), Some(version), Some(created)) = (&by.plan_id, &by.plan_version, job.created)
        {
            let versions = self.versions.entry(plan.as_str().into()).or_default();
            let first = versions.entry(version.as_str().into()).or_insert(created);
            *first = created.min(*first);
        }
    }

    fn keep_useless(&mut self, job: &Job, resource: Name, outcome: Outcome) {
        let is_bad = matches!(outcome, Outcome::Bad | Outcome::Useless);
        if is_bad
            && matches!(job.state, JobState::Completed | JobState::Partial)
            && let Some(point) = &job.recovery_point_arn
        {
            self.useless.entry(resource).or_default().insert(point.as_str().into());
        }
    }

    /// Takes back copies that were taken for good before it was known what they are copies of, and puts in those made on demand that are
    /// of the latest good backup: they are as old as that is.
    fn settle_copies(&mut self) {
        let on_demand = self.rows.iter().filter(|(_, facts)| facts.on_demand.is_some());
        let copied: HashSet<Name> = on_demand.map(|(key, _)| key.resource).collect();
        let is_source = |key: &RowKey| key.hop == Hop::Backup && copied.contains(&key.resource);
        let mut sources: HashMap<Name, Vec<(Box<str>, Timestamp)>> = HashMap::new();
        for (key, facts) in self.rows.iter().filter(|(key, _)| is_source(key)) {
            if let Some(good) = &facts.good
                && let Some(point) = &good.recovery_point
            {
                sources.entry(key.resource).or_default().push((point.clone(), good.start()));
            }
        }
        for (key, facts) in self.rows.iter_mut().filter(|(key, _)| key.hop == Hop::Copy) {
            let useless = self.useless.get(&key.resource);
            facts.settle_copies(useless, sources.get(&key.resource).map(Vec::as_slice).unwrap_or_default(), self.now);
        }
    }

    fn count(&mut self, job: &Job, outcome: Outcome) {
        let how = match outcome {
            Outcome::InFlight | Outcome::Unknown => return,
            Outcome::Usable => Ended::Usable,
            Outcome::Bad | Outcome::Useless => Ended::Bad,
        };
        // A composite job counts once, by its parent.
        if job.parent_job_id.is_none() {
            let resource_type = self.words.keep(job.base_type());
            // Of Azure's completed jobs no more than a week is read.
            let longest = if job.scope.cloud == Cloud::Azure { Window::Week } else { Window::Month };
            let rates = self.rates.entry(resource_type).or_default();
            rates.count(how, job.ended.or(job.created), longest, self.now);
        }
    }

    fn role(&mut self, job: &Job) -> Option<Name> {
        job.role.as_ref().map(|role| self.words.keep(&role.name))
    }

    fn key(&mut self, job: &Job) -> Option<Name> {
        job.encryption_key_arn.as_deref().map(|key| self.words.keep(key))
    }

    fn rule_number(&mut self, by: &CreatedBy, created: Timestamp) -> u32 {
        // Plan versions come and go; the rule stays the same.
        let rule = SeenRule {
            plan_id: by.plan_id.clone(),
            plan_name: by.plan_name.clone(),
            rule_id: by.rule_id.clone(),
            rule_name: by.rule_name.clone(),
            schedule: by.rule_schedule.clone(),
            time_zone: by.rule_time_zone.clone(),
        };
        if let Some(number) = self.rule_numbers.get(&rule) {
            if let Some(times) = self.rule_times.get_mut(*number as usize) {
                *times = Times { first: times.first.min(created), last: times.last.max(created) };
            }
            return *number;
        }
        let number = number(self.rules.len());
        self.rules.push(rule.clone());
        self.rule_times.push(Times { first: created, last: created });
        self.rule_numbers.insert(rule, number);
        number
    }
}

/// COMPLETED without a message is good, or with one whose class says that the recovery point is usable.
fn outcome(job: &Job, class: Option<Class>) -> Outcome {
    let usable = class.is_none_or(|class| class.entry_in(job.scope.cloud).recovery_point == RecoveryPoint::Usable);
    match job.state {
        JobState::Completed if usable => Outcome::Usable,
        JobState::Other(_) => Outcome::Unknown,
        _ if job.state.in_flight() => Outcome::InFlight,
        _ => Outcome::Bad,
    }
}

fn by(job: &Job) -> By {
    if job.is_our_rerun() { By::NightOne } else { By::Others }
}

/// Four thousand million rules or causes do not fit into the memory of a function.
fn number(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}
