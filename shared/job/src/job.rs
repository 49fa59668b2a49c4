//! The facts of one backup, copy or restore job, as its event and its API record both tell them.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::worth::Worth;
use crate::{Arn, AzureRecord, Cloud, Origin, RestoreRecord, RoleRef, Scope, VaultRef};

/// One job of either cloud. Any member may be missing.
///
/// Of AWS every text is as AWS gave it: ids are never re-cased, ARNs may be placeholders.
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupJob.html> and its copy and restore siblings.
///
/// Of Azure ids are ARM ids in lower case, because Azure compares them without case. There are no copies, no roles and no start windows, a job
/// is RUNNING until it ends, and COMPLETED with a message where Azure says `CompletedWithWarnings`.
/// <https://learn.microsoft.com/rest/api/backup/job-details/get> and <https://learn.microsoft.com/rest/api/dataprotection/jobs/get>
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    pub kind: JobKind,
    /// Compare byte for byte: AWS writes both lower-case and upper-case UUIDs.
    pub id: String,
    pub state: JobState,
    /// The status message with all its wrappers; empty when there is none. Of Azure the text with the error's name and number in front.
    pub message: String,
    /// AWS's own MessageCategory: a cross-check, never the class.
    pub category: Option<String>,
    pub scope: Scope,
    pub origin: Origin,
    /// The source resource; empty when the event does not say (failed restores). Of Azure the ARM id of what is backed up, with a slash and the
    /// database or share where there is one; where the record does not tell it, what Azure calls it.
    pub resource_arn: String,
    pub resource_name: Option<String>,
    /// As AWS gave it (`DynamoDB.FullyManaged`); [`Job::base_type`] cuts it. Of Azure `AzureIaasVM`, `AzureWorkload/SQL`, `MAB`, `AzureDisk`.
    pub resource_type: String,
    /// The role the job runs as.
    pub role: Option<RoleRef>,
    /// Where the recovery point is (or would be): the target vault of a backup, the *source* vault of a copy.
    pub vault: Option<VaultRef>,
    /// Copies only.
    pub destination: Option<VaultRef>,
    /// The recovery point made by a backup or a copy (its destination), or read by a restore.
    pub recovery_point_arn: Option<String>,
    /// The recovery point a copy reads.
    pub source_recovery_point_arn: Option<String>,
    /// The key of the backup, where the record names it.
    pub encryption_key_arn: Option<String>,
    pub created: Option<Timestamp>,
    pub started: Option<Timestamp>,
    /// CompletionDate. Events of failed jobs lack it: the intake fills in the event's own time.
    pub ended: Option<Timestamp>,
    pub start_by: Option<Timestamp>,
    pub expected_completion: Option<Timestamp>,
    pub parent_job_id: Option<String>,
    pub is_parent: bool,
    pub size_bytes: Option<i64>,
    pub bytes_transferred: Option<i64>,
    pub percent_done: Option<f64>,
    pub retry_count: Option<i64>,
    /// BackupOptions of a backup: a rerun repeats them, or a VSS failure would be "fixed" by a crash-consistent backup.
    pub options: BTreeMap<String, String>,
    /// What only the record of a restore tells; `None` for other jobs, for Azure, and where only an event is known.
    pub restore: Option<Box<RestoreRecord>>,
    /// What only a record of Azure tells; `None` for AWS.
    pub azure: Option<Box<AzureRecord>>,
    /// What its completion proves, beside what its record says of it.
    pub worth: Worth,
}

/// The plan and rule behind a job (RecoveryPointCreator). Older records lack the schedule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreatedBy {
    pub plan_id: Option<String>,
    pub plan_arn: Option<String>,
    pub plan_name: Option<String>,
    pub plan_version: Option<String>,
    pub rule_id: Option<String>,
    pub rule_name: Option<String>,
    /// `cron(0 5 ? * * *)`, in the zone of `rule_time_zone` (UTC when absent).
    pub rule_schedule: Option<String>,
    pub rule_time_zone: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum JobKind {
    Backup,
    Copy,
    Restore,
}

impl JobKind {
    pub const ALL: [JobKind; 3] = [JobKind::Backup, JobKind::Copy, JobKind::Restore];

    /// `backup`, `copy` or `restore`: the words of the message attributes and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            JobKind::Backup => "backup",
            JobKind::Copy => "copy",
            JobKind::Restore => "restore",
        }
    }

    /// `backup` for one job, `backups` for any other number.
    pub fn noun(self, number: usize) -> &'static str {
        match (self, number) {
            (JobKind::Backup, 1) => "backup",
            (JobKind::Backup, _) => "backups",
            (JobKind::Copy, 1) => "copy",
            (JobKind::Copy, _) => "copies",
            (JobKind::Restore, 1) => "restore",
            (JobKind::Restore, _) => "restores",
        }
    }
}

/// The state of a job (for restores AWS calls it status). Unknown words are kept, because unknown is never green.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum JobState {
    Created,
    Pending,
    Running,
    Aborting,
    Aborted,
    Completed,
    Failed,
    Expired,
    Partial,
    Other(String),
}

impl JobState {
    pub fn parse(word: &str) -> Self {
        match word {
            "CREATED" => JobState::Created,
            "PENDING" => JobState::Pending,
            "RUNNING" => JobState::Running,
            "ABORTING" => JobState::Aborting,
            "ABORTED" => JobState::Aborted,
            "COMPLETED" => JobState::Completed,
            "FAILED" => JobState::Failed,
            "EXPIRED" => JobState::Expired,
            "PARTIAL" => JobState::Partial,
            other => JobState::Other(other.to_owned()),
        }
    }

    pub fn as_str(&self) -> &str {
        match self {
            JobState::Created => "CREATED",
            JobState::Pending => "PENDING",
            JobState::Running => "RUNNING",
            JobState::Aborting => "ABORTING",
            JobState::Aborted => "ABORTED",
            JobState::Completed => "COMPLETED",
            JobState::Failed => "FAILED",
            JobState::Expired => "EXPIRED",
            JobState::Partial => "PARTIAL",
            JobState::Other(word) => word,
        }
    }

    /// On its way: nothing is wrong yet.
    pub fn in_flight(&self) -> bool {
        matches!(self, JobState::Created | JobState::Pending | JobState::Running | JobState::Aborting)
    }
}

/// What people call a resource type: AWS's names as they are, up to their first dot, and those of Azure in words.
pub fn type_name(resource_type: &str) -> &str {
    match resource_type {
        "AzureIaasVM" => "Azure VM",
        "AzureWorkload/SQL" => "SQL database",
        "AzureWorkload/SAPHana" => "SAP HANA database",
        "AzureStorage/FileShare" => "Azure file share",
        "AzureDisk" => "Azure disk",
        "AzureBlob" => "Azure blob",
        "AzurePostgreSQL" => "Azure PostgreSQL",
        "AzureMySQL" => "Azure MySQL",
        "AzureKubernetesService" => "AKS",
        "MAB" => "MARS",
        "AzureBackupServer" => "MABS",
        other => other.split('.').next().unwrap_or_default(),
    }
}

/// Who can start a backup on demand of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OnDemandBy {
    /// Night One, by a call.
    Call,
    /// This agent alone, on the server that it backs up: Azure has no call that starts it.
    Agent(&'static str),
    /// A person, in the portal: Night One starts nothing in Backup vaults.
    Person,
}

impl Job {
    /// A job of which nothing is known but what identifies it. Every other member starts out missing.
    pub fn new(kind: JobKind, id: impl Into<String>, state: JobState) -> Self {
        Self {
            kind,
            id: id.into(),
            state,
            message: String::new(),
            category: None,
            scope: Scope::aws("", ""),
            origin: Origin::Operator,
            resource_arn: String::new(),
            resource_name: None,
            resource_type: String::new(),
            role: None,
            vault: None,
            destination: None,
            recovery_point_arn: None,
            source_recovery_point_arn: None,
            encryption_key_arn: None,
            created: None,
            started: None,
            ended: None,
            start_by: None,
            expected_completion: None,
            parent_job_id: None,
            is_parent: false,
            size_bytes: None,
            bytes_transferred: None,
            percent_done: None,
            retry_count: None,
            options: BTreeMap::new(),
            restore: None,
            azure: None,
            worth: Worth::AsRecorded,
        }
    }

    pub fn on_demand_by(&self) -> OnDemandBy {
        match (self.scope.cloud, self.base_type()) {
            (Cloud::Aws, _) | (Cloud::Azure, "AzureIaasVM") => OnDemandBy::Call,
            (Cloud::Azure, name) if name.starts_with("AzureWorkload") || name.starts_with("AzureStorage") => {
                OnDemandBy::Call
            }
            (Cloud::Azure, "MAB") => OnDemandBy::Agent("the MARS agent"),
            (Cloud::Azure, "DPM") => OnDemandBy::Agent("DPM"),
            (Cloud::Azure, "AzureBackupServer") => OnDemandBy::Agent("Azure Backup Server"),
            (Cloud::Azure, _) => OnDemandBy::Person,
        }
    }

    /// The resource type cut at its first dot: `DynamoDB.FullyManaged` -> `DynamoDB`.
    pub fn base_type(&self) -> &str {
        self.resource_type.split('.').next().unwrap_or_default()
    }

    /// What people call its resource: by its name, else by the end of its ARN.
    pub fn resource_label(&self) -> &str {
        match &self.resource_name {
            Some(name) => name,
            None => Arn::parse(&self.resource_arn).map_or(&self.resource_arn, |arn| arn.short_name()),
        }
    }

    /// The order in which jobs ended; of those that ended at once, that of their ids.
    pub fn by_end(&self, other: &Self) -> Ordering {
        (self.ended, &self.id).cmp(&(other.ended, &other.id))
    }

    /// Where its resource is, by its ARN. A restore may run in another account or Region than that, and so may the copy of a copy. An ARN that leaves a
    /// part out, like that of a bucket, is of the place of the job.
    pub fn place_of_resource(&self) -> Scope {
        let mut place = self.scope.clone();
        if let Some(arn) = Arn::parse(&self.resource_arn).filter(|_| place.cloud == Cloud::Aws) {
            for (part, named) in [(&mut place.account, arn.account), (&mut place.region, arn.region)] {
                if !named.is_empty() {
                    named.clone_into(part);
                }
            }
        }
        place
    }

    /// What people call its type: see [`type_name`].
    pub fn type_name(&self) -> &str {
        type_name(&self.resource_type)
    }

    /// The vault a copy writes to, or the vault of a backup or restore.
    pub fn written_vault(&self) -> Option<&VaultRef> {
        self.destination.as_ref().or(self.vault.as_ref())
    }

    /// Its ARN, as AWS gave it.
    pub fn written_vault_arn(&self) -> Option<&str> {
        self.written_vault().map(|vault| vault.arn.as_str())
    }

    pub fn vault_arn(&self) -> Option<&str> {
        self.vault.as_ref().map(|vault| vault.arn.as_str())
    }

    pub fn destination_vault_arn(&self) -> Option<&str> {
        self.destination.as_ref().map(|vault| vault.arn.as_str())
    }

    pub fn role_arn(&self) -> Option<&str> {
        self.role.as_ref().map(|role| role.arn.as_str())
    }

    /// The plan and rule behind it; `None` for on-demand jobs.
    pub fn rule(&self) -> Option<&CreatedBy> {
        self.origin.rule()
    }

    /// The restore testing plan that made it.
    pub fn testing_plan_arn(&self) -> Option<&str> {
        self.restore.as_ref()?.testing_plan_arn.as_deref()
    }

    /// Whether it is on no list of its cloud, so that the item alone tells of it.
    pub fn is_unlisted(&self) -> bool {
        self.azure.as_ref().is_some_and(|record| record.unlisted.is_some())
    }

    /// Whether it is a rerun that Night One started.
    pub fn is_our_rerun(&self) -> bool {
        self.origin == Origin::NightOne
    }

    /// Whether it counts as a rerun of ours where nothing may be started too often: one of ours, and of Azure every backup on demand, because
    /// no record there tells whose it is.
    pub fn is_attempt(&self) -> bool {
        let may_be_ours =
            self.scope.cloud == Cloud::Azure && self.kind == JobKind::Backup && self.origin == Origin::Operator;
        self.is_our_rerun() || may_be_ours
    }

    /// When it began to work: at its InitiationDate, or at its creation where the record has none.
    pub fn began(&self) -> Option<Timestamp> {
        self.started.max(self.created)
    }

    /// How long it worked, up to its end. The time that it waited before it began makes no run longer.
    pub fn ran_for(&self) -> Option<SignedDuration> {
        Some(self.ended?.duration_since(self.began()?).max(SignedDuration::ZERO))
    }

    /// COMPLETED without a message, and nobody found that it proves nothing. "Completed with issues" is COMPLETED with a message.
    pub fn completed_clean(&self) -> bool {
        self.state == JobState::Completed
            && self.worth == Worth::AsRecorded
            && self.message.trim().trim_matches('"').trim().is_empty()
    }

    /// Why it is not good: what somebody found, else the words of its cloud.
    pub fn objection(&self) -> &str {
        self.worth.objection(self.scope.cloud).unwrap_or(&self.message)
    }

    /// Ended, and not as it should: anything but on its way or plainly COMPLETED, words we do not know included.
    pub fn is_bad(&self) -> bool {
        !self.state.in_flight() && !self.completed_clean()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_where_its_arn_says() {
        let ours = Scope::aws("111122223333", "eu-west-1");
        let table = [
            ("arn:aws:rds:eu-west-1:111122223333:db:crm", ours.clone()),
            ("arn:aws:rds:eu-west-1:444455556666:db:crm", Scope::aws("444455556666", "eu-west-1")),
            ("arn:aws:rds:us-east-1:111122223333:db:crm", Scope::aws("111122223333", "us-east-1")),
            ("arn:aws:s3:::bucket", ours.clone()),
            ("crm", ours.clone()),
            ("", ours.clone()),
        ];
        for (arn, place) in table {
            let job = Job {
                scope: ours.clone(),
                resource_arn: arn.into(),
                ..Job::new(JobKind::Restore, "1", JobState::Failed)
            };
            assert_eq!(job.place_of_resource(), place, "{arn}");
        }
    }
}
