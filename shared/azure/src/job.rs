//! Jobs of vaults of both kinds: one backup or restore, and everything else that a vault does.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::time::Instant;

use crate::error::{Error, found};
use crate::id::{ItemId, VaultId, VaultKind, lower_id, segment, value};
use crate::members::Members;
use crate::subscription::Subscription;
use crate::time::in_filter;

#[derive(Clone, Debug, PartialEq)]
pub struct VaultJob {
    /// Its name in the vault, in lower case.
    pub id: String,
    pub vault: VaultId,
    /// Of the vault; only the graph tells it.
    pub location: Option<String>,
    /// `AzureIaaSVMJob`, `MabJob`; none for jobs of a Backup vault.
    pub job_type: Option<String>,
    pub management: Management,
    /// `SQLDataBase`, `FileFolder`; of a Backup vault the type of the source: `Microsoft.Compute/disks`.
    pub workload: Option<String>,
    /// `Backup`, `Backup (Full)`, `Restore`, `ConfigureBackup`.
    pub operation: String,
    pub status: JobStatus,
    /// What people call the thing that is protected.
    pub entity: Option<String>,
    /// `iaasvmcontainerv2;group;name`, in lower case.
    pub container: Option<String>,
    /// The server of MARS or DPM, or the storage account of a share.
    pub server: Option<String>,
    pub user_triggered: Option<bool>,
    /// Of a Backup vault, and of rows of the graph.
    pub item: Option<ItemId>,
    /// Of a Backup vault: what is backed up, in lower case.
    pub source: Option<String>,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    pub duration: Option<SignedDuration>,
    /// Whether its record offers to cancel it. Jobs that have ended do as well: [`VaultJob::can_cancel`] looks at both.
    pub offers_cancel: bool,
    pub activity: Option<String>,
    pub errors: Vec<JobError>,
    /// What was left out, of a job of a Backup vault that completed with warnings.
    pub warnings: Vec<String>,
    /// Only the record of a single job has these three.
    pub tasks: Vec<Task>,
    pub properties: BTreeMap<String, String>,
    pub dynamic_message: Option<String>,
    /// All of it, as Azure gave it.
    pub record: Value,
}

/// Azure's own words; one that is new is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobStatus {
    InProgress,
    Cancelling,
    Paused,
    Completed,
    CompletedWithWarnings,
    Failed,
    Cancelled,
    Other(String),
}

/// What kind of protection a job or an item belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Management {
    /// Virtual machines.
    IaasVm,
    /// SQL Server and SAP HANA in virtual machines.
    Workload,
    /// Shares of Azure Files.
    Storage,
    /// The agent on a server: MARS.
    Mab,
    /// DPM.
    Dpm,
    /// Azure Backup Server: MABS.
    BackupServer,
    /// What a Backup vault protects.
    DataProtection,
    Other(String),
}

/// What a job says of its failure. Which of the members are there depends on the kind of job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobError {
    /// Usually the symbolic name; the model also lets it be the name of what the error is about.
    pub title: Option<String>,
    /// The symbolic name, of a Backup vault.
    pub code: Option<String>,
    /// The number of the error. Zero is no number.
    pub number: Option<i64>,
    pub text: Option<String>,
    /// The text that is never translated.
    pub plain_text: Option<String>,
    pub recommendations: Vec<String>,
    /// The codes of the errors within, the outermost first.
    pub inner: Vec<String>,
}

/// A step of a job: `Take Snapshot`, `Transfer data to vault`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    pub name: String,
    pub status: TaskStatus,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskStatus {
    NotStarted,
    InProgress,
    Completed,
    Failed,
    Other(String),
}

/// A job may end long after it began, and lists are filtered by its beginning: they have to reach back so much further.
pub const LONGEST_JOB: SignedDuration = SignedDuration::from_hours(8 * 24);

/// Which jobs of a Recovery Services vault to list. The times are those at which jobs start. A Backup vault lists all, and is filtered here.
///
/// <https://learn.microsoft.com/cli/azure/backup/job#az-backup-job-list>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobFilter {
    pub status: Option<JobStatus>,
    pub operation: Option<JobOperation>,
    pub started: (Timestamp, Timestamp),
}

/// What a vault may be asked for by itself: few of its many jobs are of these kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JobOperation {
    Restore,
    /// Protection is stopped, and the recovery points stay.
    DisableBackup,
    /// Protection is stopped, and the recovery points are deleted: softly, where the vault is set so.
    DeleteBackupData,
}

impl JobOperation {
    /// Azure's word.
    pub fn as_str(self) -> &'static str {
        match self {
            JobOperation::Restore => "Restore",
            JobOperation::DisableBackup => "DisableBackup",
            JobOperation::DeleteBackupData => "DeleteBackupData",
        }
    }
}

impl JobFilter {
    fn text(&self) -> String {
        let (from, to) = (in_filter(self.started.0), in_filter(self.started.1));
        let status = self.status.as_ref().map(|status| format!("status eq '{}' and ", status.as_str()));
        let operation = self.operation.map(|operation| format!("operation eq '{}' and ", operation.as_str()));
        format!(
            "{}{}startTime eq '{from}' and endTime eq '{to}'",
            status.unwrap_or_default(),
            operation.unwrap_or_default()
        )
    }

    fn holds(&self, job: &VaultJob) -> bool {
        let status = self.status.as_ref().is_none_or(|status| *status == job.status);
        let operation = self.operation.is_none_or(|operation| job.is(operation));
        // What does not tell its start is not left out for it.
        status && operation && job.started.is_none_or(|started| (self.started.0..=self.started.1).contains(&started))
    }
}

impl Subscription {
    /// The jobs of a vault that match. Scheduled jobs of SQL and HANA, and all of DPM and MABS, may be hidden from this list.
    ///
    /// <https://learn.microsoft.com/rest/api/backup/backup-jobs/list>
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn jobs(&self, vault: &VaultId, filter: &JobFilter, until: Instant) -> Result<Vec<VaultJob>, Error> {
        let address = self.below(vault, "/backupJobs");
        let (operation, address) = match vault.kind() {
            VaultKind::RecoveryServices => {
                let address = format!("{address}&$filter={}", value(&filter.text()));
                ("Microsoft.RecoveryServices/vaults/backupJobs/read", address)
            }
            VaultKind::Backup => ("Microsoft.DataProtection/backupVaults/backupJobs/read", address),
        };
        let mut jobs = Vec::new();
        self.tenant().each_listed(until, operation, address, |record| jobs.extend(VaultJob::read(record))).await?;
        if vault.kind() == VaultKind::Backup {
            jobs.retain(|job| filter.holds(job));
        }
        // A word that a service does not know might be no filter for it.
        jobs.retain(|job| filter.operation.is_none_or(|operation| job.is(operation)));
        Ok(jobs)
    }

    /// One job with its tasks. `None` when the vault does not know it; right after a trigger that means not yet.
    ///
    /// <https://learn.microsoft.com/rest/api/backup/job-details/get>
    ///
    /// # Errors
    /// For no answer.
    pub async fn job(&self, vault: &VaultId, id: &str, until: Instant) -> Result<Option<VaultJob>, Error> {
        let operation = match vault.kind() {
            VaultKind::RecoveryServices => "Microsoft.RecoveryServices/vaults/backupJobs/read",
            VaultKind::Backup => "Microsoft.DataProtection/backupVaults/backupJobs/read",
        };
        let address = self.below(vault, &format!("/backupJobs/{}", segment(id)));
        match found(self.tenant().read(until, operation, &address, None).await)? {
            Some(record) => VaultJob::read(record).map(Some).ok_or_else(|| Error::without(operation, "job")),
            None => Ok(None),
        }
    }
}

impl VaultJob {
    /// `None` for what is no record of a job in a vault.
    pub fn read(record: Value) -> Option<Self> {
        let row = Members(&record);
        let full = lower_id(&row.text("id")?)?;
        let (vault, id) = full.rsplit_once("/backupjobs/")?;
        let vault = VaultId::parse(vault)?;
        let is = row.part("properties");
        let more = is.part("extendedInfo");
        let management = Management::read(&vault, is);
        let first = |names: &[&str]| names.iter().find_map(|name| is.text(name));
        Some(Self {
            id: id.to_owned(),
            location: row.text("location").or_else(|| is.text("dataSourceLocation")),
            job_type: is.text("jobType"),
            management,
            workload: first(&["workloadType", "dataSourceType"]),
            operation: first(&["operation", "operationCategory"]).unwrap_or_default(),
            status: JobStatus::of(&is.text("status").unwrap_or_default()),
            entity: first(&["entityFriendlyName", "dataSourceName", "backupInstanceFriendlyName"]),
            container: is.text("containerName").map(|name| name.to_lowercase()),
            server: first(&["mabServerName", "dpmServerName", "storageAccountName"]),
            user_triggered: is.flag("isUserTriggered"),
            item: is.text("backupInstanceId").and_then(|id| ItemId::parse(&id)),
            source: is.text("dataSourceId").and_then(|id| lower_id(&id)),
            started: is.instant("startTime"),
            ended: is.instant("endTime"),
            duration: is.duration("duration"),
            offers_cancel: offers_cancel(is),
            activity: is.text("activityId"),
            errors: is.list("errorDetails").into_iter().map(JobError::read).collect(),
            warnings: more.list("warningDetails").into_iter().filter_map(warning).collect(),
            tasks: [more.list("tasksList"), more.list("subTasks")]
                .concat()
                .into_iter()
                .filter_map(Task::read)
                .collect(),
            properties: texts(more.get("propertyBag")),
            dynamic_message: more.words("dynamicErrorMessage"),
            vault,
            record,
        })
    }

    /// A backup, of whatever kind: `Backup`, `Backup (Log)`.
    pub fn is_backup(&self) -> bool {
        self.begins_with("backup")
    }

    pub fn is_restore(&self) -> bool {
        self.is(JobOperation::Restore)
    }

    /// Whether it is of this kind: `Restore` and `Restore (Full)` are both restores.
    pub fn is(&self, operation: JobOperation) -> bool {
        self.begins_with(operation.as_str())
    }

    /// What stands in brackets behind the operation of SQL and HANA: `Full`, `Log`.
    pub fn backup_type(&self) -> Option<&str> {
        let (_, rest) = self.operation.split_once('(')?;
        rest.split_once(')').map(|(inside, _)| inside.trim())
    }

    /// Whether it can be asked to stop. Failed jobs offer it as well, so the status decides first.
    pub fn can_cancel(&self) -> bool {
        self.status == JobStatus::InProgress && self.offers_cancel
    }

    fn begins_with(&self, word: &str) -> bool {
        self.operation.split_at_checked(word.len()).is_some_and(|(begin, _)| begin.eq_ignore_ascii_case(word))
    }
}

impl JobStatus {
    pub fn of(word: &str) -> Self {
        let known = [
            JobStatus::InProgress,
            JobStatus::Cancelling,
            JobStatus::Paused,
            JobStatus::Completed,
            JobStatus::CompletedWithWarnings,
            JobStatus::Failed,
            JobStatus::Cancelled,
        ];
        let found = known.into_iter().find(|status| status.as_str().eq_ignore_ascii_case(word));
        found.unwrap_or_else(|| JobStatus::Other(word.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        match self {
            JobStatus::InProgress => "InProgress",
            JobStatus::Cancelling => "Cancelling",
            JobStatus::Paused => "Paused",
            JobStatus::Completed => "Completed",
            JobStatus::CompletedWithWarnings => "CompletedWithWarnings",
            JobStatus::Failed => "Failed",
            JobStatus::Cancelled => "Cancelled",
            JobStatus::Other(word) => word,
        }
    }
}

impl Management {
    /// Whether it is of servers of one's own, which Azure knows by what they report.
    pub fn is_on_premises(&self) -> bool {
        matches!(self, Management::Mab | Management::Dpm | Management::BackupServer)
    }

    /// Of a record in this vault. Those of a Backup vault do not say it.
    pub(crate) fn read(vault: &VaultId, properties: Members<'_>) -> Self {
        match vault.kind() {
            VaultKind::RecoveryServices => Self::of(&properties.text("backupManagementType").unwrap_or_default()),
            VaultKind::Backup => Management::DataProtection,
        }
    }

    pub fn of(word: &str) -> Self {
        let known = [
            Management::IaasVm,
            Management::Workload,
            Management::Storage,
            Management::Mab,
            Management::Dpm,
            Management::BackupServer,
        ];
        let found = known.into_iter().find(|management| management.as_str().eq_ignore_ascii_case(word));
        found.unwrap_or_else(|| Management::Other(word.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        match self {
            Management::IaasVm => "AzureIaasVM",
            Management::Workload => "AzureWorkload",
            Management::Storage => "AzureStorage",
            Management::Mab => "MAB",
            Management::Dpm => "DPM",
            Management::BackupServer => "AzureBackupServer",
            Management::DataProtection => "DataProtection",
            Management::Other(word) => word,
        }
    }
}

impl JobError {
    fn read(error: Members<'_>) -> Self {
        let within = error.part("innerError");
        let mut inner = Vec::new();
        let mut at = within;
        // Bounded: nothing says how deep they lie.
        for _ in 0..8 {
            inner.extend(at.text("code"));
            at = at.part("embeddedInnerError");
        }
        let number = error.number("errorCode").filter(|number| *number != 0);
        let named = error.text("errorCode").filter(|code| code.parse::<i64>().is_err());
        Self {
            title: error.words("errorTitle"),
            code: error.text("code").or(named),
            number,
            text: error.words("errorString").or_else(|| error.words("message")),
            plain_text: within.part("additionalInfo").words("DetailedNonLocalisedMessage"),
            recommendations: [error.texts("recommendations"), error.texts("recommendedAction")].concat(),
            inner,
        }
    }
}

impl Task {
    fn read(task: Members<'_>) -> Option<Self> {
        let word = task.text("status").or_else(|| task.text("taskStatus")).unwrap_or_default();
        let known = [
            ("NotStarted", TaskStatus::NotStarted),
            ("InProgress", TaskStatus::InProgress),
            ("Completed", TaskStatus::Completed),
            ("Failed", TaskStatus::Failed),
        ];
        let status = known.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(&word)).map(|(_, status)| status);
        Some(Self {
            name: task.text("taskName").or_else(|| task.text("taskId"))?,
            status: status.unwrap_or(TaskStatus::Other(word)),
            started: task.instant("startTime"),
            ended: task.instant("endTime"),
        })
    }
}

/// Older answers hold the number 1, newer ones the word.
fn offers_cancel(is: Members<'_>) -> bool {
    let actions = ["actionsInfo", "supportedActions"].into_iter().filter_map(|name| is.get(name)?.as_array());
    actions.flatten().any(|action| {
        action.as_i64() == Some(1)
            || action.as_str().is_some_and(|word| word.eq_ignore_ascii_case("Cancellable") || word == "Cancel")
    })
}

fn warning(warning: Members<'_>) -> Option<String> {
    let text = warning.part("warning").words("message").or_else(|| warning.words("warning"))?;
    Some(warning.text("resourceName").map_or(text.clone(), |name| format!("{name}: {text}")))
}

fn texts(bag: Option<&Value>) -> BTreeMap<String, String> {
    let members = bag.and_then(Value::as_object).into_iter().flatten();
    members.filter_map(|(name, text)| Some((name.clone(), text.as_str()?.to_owned()))).collect()
}
