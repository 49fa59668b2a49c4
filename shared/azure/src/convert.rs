//! Records of Azure as the jobs that both clouds share.

use jiff::{SignedDuration, Timestamp};
use job::{AzureError, AzureRecord, CreatedBy, Job, JobKind, JobState, Origin, Scope, Unlisted, VaultRef};

use crate::item::{Item, LastBackup, Note, on_server};
use crate::job::{JobError, JobStatus, Management, VaultJob};
use crate::members::Members;
use crate::point::RecoveryPoint;

/// How far an item's last backup may lie from a job and still be that job: the clocks of two services.
const SAME_JOB: SignedDuration = SignedDuration::from_mins(5);

impl VaultJob {
    /// Whether it is a backup or a restore. `None` for everything else that a vault does, as `ConfigureBackup`.
    pub fn kind(&self) -> Option<JobKind> {
        match (self.is_backup(), self.is_restore()) {
            (true, _) => Some(JobKind::Backup),
            (_, true) => Some(JobKind::Restore),
            _ => None,
        }
    }

    /// The job in the form that both clouds share. `location` is that of its vault, `item` the item that [`Item::of_job`] finds for it.
    /// `None` for what is neither a backup nor a restore.
    pub fn to_job(&self, location: &str, item: Option<&Item>) -> Option<Job> {
        let kind = self.kind()?;
        let state = state(&self.status);
        let error = self.error();
        let message = match self.status {
            JobStatus::Completed | JobStatus::InProgress | JobStatus::Cancelling | JobStatus::Paused => String::new(),
            // "With issues" is COMPLETED with a message, so there has to be one.
            JobStatus::CompletedWithWarnings => Some(error.message())
                .filter(|message| !message.is_empty())
                .unwrap_or_else(|| "Completed with warnings.".to_owned()),
            _ => error.message(),
        };
        Some(Job {
            message,
            scope: Scope::azure(self.vault.subscription().as_str(), location),
            origin: self.origin(kind, item),
            resource_arn: self.resource(item),
            resource_name: item.and_then(Item::label).or_else(|| self.friendly_name()),
            resource_type: resource_type(&self.management, self.workload.as_deref()),
            vault: Some(VaultRef::parse(self.vault.as_str())),
            created: self.started,
            started: self.started,
            ended: if state.in_flight() { None } else { self.ended },
            azure: Some(Box::new(AzureRecord {
                item: item.map(|item| item.id.as_str().to_owned()),
                operation: self.operation.clone(),
                error,
                health: item.filter(|item| self.is_last_of(kind, item)).map(said_by).unwrap_or_default(),
                unlisted: None,
            })),
            ..Job::new(kind, self.id.clone(), state)
        })
    }

    /// What the first error says. Services give one; where there are more, the others repeat it.
    fn error(&self) -> AzureError {
        let none = JobError::default();
        let first = self.errors.first().unwrap_or(&none);
        // The model lets the title be the name of what the error is about, or a sentence.
        let is_name = |title: &&String| !title.contains(char::is_whitespace) && !self.is_called(title);
        let sentence =
            first.title.clone().filter(|title| title.contains(char::is_whitespace) && !self.is_called(title));
        let mut texts = first.text.iter().chain(&first.plain_text).chain(&self.dynamic_message);
        let text = texts.next().cloned();
        let mut more_texts: Vec<String> = texts.cloned().collect();
        more_texts.extend(sentence);
        more_texts.extend(self.warnings.iter().cloned());
        AzureError {
            name: first.code.clone().or_else(|| first.title.as_ref().filter(is_name).cloned()),
            number: first.number,
            inner: first.inner.clone(),
            text,
            more_texts,
            recommendations: first.recommendations.clone(),
        }
    }

    /// Whether this is what the protected thing, or what holds it, is called.
    fn is_called(&self, word: &str) -> bool {
        let container = self.container.as_deref().and_then(|container| container.rsplit(';').next());
        [self.entity.as_deref(), self.server.as_deref(), container]
            .into_iter()
            .flatten()
            .any(|name| name.eq_ignore_ascii_case(word))
    }

    /// `D:\ [fs01]`: what Azure calls it, with its server where the name does not hold it.
    pub fn friendly_name(&self) -> Option<String> {
        Some(on_server(self.entity.as_deref()?, self.server.as_deref()))
    }

    fn resource(&self, item: Option<&Item>) -> String {
        let of_item = || Some(item?.resource());
        self.source.clone().or_else(of_item).or_else(|| self.friendly_name()).unwrap_or_default()
    }

    /// An Azure job carries no mark of its maker. A restore is always somebody's.
    fn origin(&self, kind: JobKind, item: Option<&Item>) -> Origin {
        if kind == JobKind::Restore || self.user_triggered == Some(true) {
            return Origin::Operator;
        }
        let properties = Members(&self.record).part("properties");
        let policy = || properties.text("policyId").map(|id| id.to_lowercase());
        Origin::Rule(CreatedBy {
            plan_id: item.and_then(|item| item.policy.clone()).or_else(policy),
            plan_name: item.and_then(|item| item.policy_name.clone()).or_else(|| properties.text("policyName")),
            ..CreatedBy::default()
        })
    }

    /// Whether what the item says of its last backup is about this job. It does not tell when it was restored last.
    fn is_last_of(&self, kind: JobKind, item: &Item) -> bool {
        let (Some(last), Some(started)) = (item.last_backup_time, self.started) else { return false };
        let ended = self.ended.unwrap_or(started);
        kind == JobKind::Backup
            && last.duration_since(started) >= -SAME_JOB
            && last.duration_since(ended.max(started)) <= SAME_JOB
    }
}

impl Item {
    /// The failure that no job record tells: of an unhealthy database or server, the last backup. `None` for an item that is well, or does not
    /// say when that was.
    pub fn failed_backup(&self, location: &str) -> Option<Job> {
        let is_bad = matches!(self.last_backup, LastBackup::Unhealthy | LastBackup::Failed);
        let at = self.last_tried().filter(|_| is_bad)?;
        let said = said_by(self);
        let error = said.into_iter().next().unwrap_or_default();
        Some(self.backup_without_record(location, at, JobState::Failed, error))
    }

    /// When it was last tried to back it up; of DPM and MABS, when their server last said so.
    pub fn last_tried(&self) -> Option<Timestamp> {
        self.last_backup_time.or(self.last_refreshed)
    }

    fn backup_without_record(&self, location: &str, at: Timestamp, state: JobState, error: AzureError) -> Job {
        Job {
            message: error.message(),
            scope: Scope::azure(self.id.vault().subscription().as_str(), location),
            origin: Origin::Rule(CreatedBy {
                plan_id: self.policy.clone(),
                plan_name: self.policy_name.clone(),
                ..CreatedBy::default()
            }),
            resource_arn: self.resource(),
            resource_name: self.label(),
            resource_type: self.resource_type(),
            vault: Some(VaultRef::parse(self.id.vault().as_str())),
            created: Some(at),
            started: Some(at),
            ended: Some(at),
            azure: Some(Box::new(AzureRecord {
                item: Some(self.id.as_str().to_owned()),
                operation: "Backup".to_owned(),
                error,
                health: Vec::new(),
                unlisted: Some(Unlisted { every: None, last_good: self.last_good() }),
            })),
            ..Job::new(JobKind::Backup, self.id_without_record(at), state)
        }
    }

    /// The first run that left nothing, of an item that runs every so often: the one after its last recovery point. `None` where the last
    /// failure is that run, for a run takes its time.
    pub fn first_failed_backup(&self, location: &str, every: SignedDuration) -> Option<Job> {
        let last = self.failed_backup(location)?;
        let first = self.last_good()?.checked_add(every).ok()?;
        let error = last.azure.map(|record| record.error).unwrap_or_default();
        (first.checked_add(every).ok()? <= last.created?)
            .then(|| self.backup_without_record(location, first, JobState::Failed, error))
    }

    /// The last backup of an item whose jobs may be on no list, as it tells of it: of SQL, HANA, DPM and MABS. `None` where it says nothing.
    pub fn ended_backup(&self, location: &str) -> Option<Job> {
        let hidden = matches!(self.management, Management::Workload | Management::Dpm | Management::BackupServer);
        if !hidden || self.soft_deleted {
            return None;
        }
        let at = self.last_good().filter(|_| matches!(self.last_backup, LastBackup::Healthy | LastBackup::Completed));
        let good = || {
            let at = at?;
            Some(self.backup_without_record(location, at, JobState::Completed, AzureError::default()))
        };
        self.failed_backup(location).or_else(good)
    }

    /// The backup that left this recovery point: lists of good jobs are long, and an item has few points.
    pub fn good_backup(&self, location: &str, point: &RecoveryPoint) -> Job {
        let mut job = self.backup_without_record(location, point.time, JobState::Completed, AzureError::default());
        // Of a database the point says what kind of backup left it.
        if let (Management::Workload, Some(kind), Some(record)) = (&self.management, &point.kind, &mut job.azure) {
            record.operation = format!("Backup ({kind})");
        }
        Job { id: format!("point:{}", point.id), recovery_point_arn: Some(point.id.clone()), ..job }
    }

    /// The backup that left its newest recovery point, where no list has the job: it may be older than what was read of them.
    pub fn last_good_backup(&self, location: &str) -> Option<Job> {
        let at = self.last_good()?;
        Some(self.backup_without_record(location, at, JobState::Completed, AzureError::default()))
    }

    /// When its newest backup that can be restored was made, as far as the item tells.
    pub fn last_good(&self) -> Option<Timestamp> {
        let by_status = || {
            self.last_backup_time.filter(|_| matches!(self.last_backup, LastBackup::Healthy | LastBackup::Completed))
        };
        self.last_recovery_point.or_else(by_status)
    }

    /// What kind of thing it is, in one word: `AzureIaasVM`, `AzureWorkload/SQL`.
    pub fn resource_type(&self) -> String {
        resource_type(&self.management, self.workload.as_deref())
    }

    fn id_without_record(&self, at: Timestamp) -> String {
        format!("item:{}@{at}", self.id)
    }

    /// What is backed up, with a slash and the database or share where the id is that of the machine or account that holds it.
    pub fn resource(&self) -> String {
        let inside = matches!(self.management, Management::Workload | Management::Storage);
        match (&self.source, &self.name) {
            (Some(source), Some(name)) if inside => format!("{source}/{}", name.to_lowercase()),
            (Some(source), _) => source.clone(),
            (None, _) => self.id.as_str().to_owned(),
        }
    }
}

fn state(status: &JobStatus) -> JobState {
    match status {
        JobStatus::InProgress | JobStatus::Cancelling | JobStatus::Paused => JobState::Running,
        JobStatus::Completed | JobStatus::CompletedWithWarnings => JobState::Completed,
        JobStatus::Failed => JobState::Failed,
        JobStatus::Cancelled => JobState::Aborted,
        JobStatus::Other(word) => JobState::Other(word.clone()),
    }
}

/// What kind of thing is protected, in one word: `AzureIaasVM`, `AzureWorkload/SQL`, `AzureDisk`.
fn resource_type(management: &Management, workload: Option<&str>) -> String {
    let workload = workload.unwrap_or_default();
    let lower = workload.to_lowercase();
    let known: &[(&str, &str)] = match management {
        Management::Workload => {
            &[("sql", "AzureWorkload/SQL"), ("hana", "AzureWorkload/SAPHana"), ("", "AzureWorkload")]
        }
        Management::Storage => &[("", "AzureStorage/FileShare")],
        Management::DataProtection => &[
            ("microsoft.compute/disks", "AzureDisk"),
            ("blobservices", "AzureBlob"),
            ("adlsblobservices", "AzureBlob"),
            ("postgresql", "AzurePostgreSQL"),
            ("mysql", "AzureMySQL"),
            ("managedclusters", "AzureKubernetesService"),
        ],
        _ => &[],
    };
    let found = known.iter().find(|(part, _)| lower.contains(part)).map(|(_, name)| (*name).to_owned());
    found.unwrap_or_else(|| match management {
        Management::DataProtection if !workload.is_empty() => workload.to_owned(),
        other => other.as_str().to_owned(),
    })
}

/// What an item says of its last backup.
fn said_by(item: &Item) -> Vec<AzureError> {
    let last = Members(&item.record).part("properties").part("kpisHealths").part("BackupOperationStatusKPI");
    let of_operation = last.list("resourceHealthDetails").into_iter().filter_map(Note::read);
    item.last_error.clone().into_iter().chain(of_operation).map(noted).collect()
}

fn noted(note: Note) -> AzureError {
    let Note { name, number, text, recommendations } = note;
    AzureError { name, number, text, recommendations, ..AzureError::default() }
}

#[cfg(test)]
#[path = "convert_tests.rs"]
mod tests;
