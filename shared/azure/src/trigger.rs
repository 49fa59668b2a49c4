//! The two calls that make Azure do something, one backup and one cancellation, and the operation that a backup begins as.

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::error::{Error, found};
use crate::id::{ItemId, VaultId, VaultKind, path, segment};
use crate::members::Members;
use crate::subscription::Subscription;

/// A backup on demand, by what is backed up. MARS, DPM and MABS have none: their backups begin on their servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    Vm {
        keep_until: Timestamp,
    },
    Database {
        kind: BackupType,
        keep_until: Timestamp,
    },
    FileShare {
        keep_until: Timestamp,
    },
    /// Of a Backup vault, by the name of a rule of its policy.
    Instance {
        rule: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BackupType {
    Full,
    Differential,
    Log,
    CopyOnlyFull,
    Incremental,
}

impl BackupType {
    pub fn as_str(self) -> &'static str {
        match self {
            BackupType::Full => "Full",
            BackupType::Differential => "Differential",
            BackupType::Log => "Log",
            BackupType::CopyOnlyFull => "CopyOnlyFull",
            BackupType::Incremental => "Incremental",
        }
    }
}

/// By which the beginning of a job is followed. It is no secret; the address it came in is signed, and is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationId(String);

impl OperationId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    pub state: OperationState,
    /// Azure's own code and words, of one that failed.
    pub code: Option<String>,
    pub text: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperationState {
    InProgress,
    /// There is a job now. That it succeeds is for the job to say.
    JobCreated(String),
    Failed,
    Canceled,
    Other(String),
}

impl Request {
    fn body(&self) -> Value {
        match self {
            Request::Vm { keep_until } => {
                json!({"properties": {"objectType": "IaasVMBackupRequest", "recoveryPointExpiryTimeInUTC": utc(*keep_until)}})
            }
            Request::Database { kind, keep_until } => json!({"properties": {
                "objectType": "AzureWorkloadBackupRequest",
                "backupType": kind.as_str(),
                "enableCompression": false,
                "recoveryPointExpiryTimeInUTC": utc(*keep_until),
            }}),
            Request::FileShare { keep_until } => json!({"properties": {
                "objectType": "AzureFileShareBackupRequest",
                "recoveryPointExpiryTimeInUTC": utc(*keep_until),
            }}),
            Request::Instance { rule } => json!({"backupRuleOptions": {"ruleName": rule, "triggerOption": {}}}),
        }
    }
}

/// To the second, as Azure's own clients write it.
fn utc(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

impl Subscription {
    /// Starts one backup. It is sent once, whatever comes of it. An error that is not [refused by Azure](Error::refused_by_azure) leaves open
    /// whether it was started, and so does `None`, an answer that cannot be followed: ask the lists for the jobs of the item then. A refusal
    /// because of a backup on its way means that one is on its way.
    ///
    /// <https://learn.microsoft.com/rest/api/backup/backups/trigger>
    ///
    /// # Errors
    /// For a refusal, and for no answer. `until` is for the token; once the call is sent, it is not given up.
    pub async fn trigger(
        &self,
        item: &ItemId,
        request: &Request,
        until: Instant,
    ) -> Result<Option<OperationId>, Error> {
        let operation = match item.vault().kind() {
            VaultKind::RecoveryServices => {
                "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems/backup/action"
            }
            VaultKind::Backup => "Microsoft.DataProtection/backupVaults/backupInstances/backup/action",
        };
        let address = self.of_vault_kind(item.vault(), &format!("{}/backup", path(item.as_str())));
        let reply = self.tenant().act(until, operation, &address, &request.body()).await?;
        Ok(reply.header("azure-asyncoperation").or(reply.header("location")).and_then(operation_id))
    }

    /// What became of the operation that a trigger began. `None` when the vault does not know it. One of a Backup vault is not asked for:
    /// it lies outside the vault, where our roles do not reach.
    ///
    /// <https://learn.microsoft.com/rest/api/backup/backup-operation-statuses/get>
    ///
    /// # Errors
    /// For no answer.
    pub async fn operation(
        &self,
        vault: &VaultId,
        id: &OperationId,
        until: Instant,
    ) -> Result<Option<Operation>, Error> {
        const OPERATION: &str = "Microsoft.RecoveryServices/vaults/backupOperations/read";
        let address = self.below(vault, &format!("/backupOperations/{}", segment(id.as_str())));
        let answer = found(self.tenant().read(until, OPERATION, &address, None).await)?;
        Ok(answer.map(|answer| Operation::read(&answer)))
    }

    /// Asks a vault to stop a job. That it is asked is all that the answer says.
    ///
    /// <https://learn.microsoft.com/rest/api/backup/job-cancellations/trigger>
    ///
    /// # Errors
    /// As [`Subscription::trigger`].
    pub async fn cancel(&self, vault: &VaultId, job_id: &str, until: Instant) -> Result<(), Error> {
        const OPERATION: &str = "Microsoft.RecoveryServices/vaults/backupJobs/cancel/action";
        let address = self.below(vault, &format!("/backupJobs/{}/cancel", segment(job_id)));
        self.tenant().act(until, OPERATION, &address, &json!({})).await.map(drop)
    }
}

impl Operation {
    pub(crate) fn read(record: &Value) -> Self {
        let row = Members(record);
        let status = row.text("status").unwrap_or_default();
        let job = row.part("properties").text("jobId").or_else(|| row.text("jobId"));
        let error = row.part("error");
        let state = match (status.as_str(), job) {
            ("Succeeded", Some(job)) => OperationState::JobCreated(job.to_lowercase()),
            ("InProgress", _) => OperationState::InProgress,
            ("Failed", _) => OperationState::Failed,
            ("Canceled" | "Cancelled", _) => OperationState::Canceled,
            _ => OperationState::Other(status),
        };
        Self { state, code: error.text("code"), text: error.words("message") }
    }
}

/// The last part of the path of a signed address.
fn operation_id(address: &str) -> Option<OperationId> {
    let path = address.split('?').next()?;
    let (before, id) = path.rsplit_once('/')?;
    let known = ["/operationsstatus", "/operationstatus", "/operationresults"];
    let fits = known.iter().any(|end| before.to_ascii_lowercase().ends_with(end));
    (fits && !id.is_empty()).then(|| OperationId(id.to_owned()))
}
