//! What vaults protect: items of Recovery Services vaults, instances of Backup vaults.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::time::Instant;

use crate::error::{Error, found};
use crate::id::{ItemId, VaultId, VaultKind, lower_id, path, value};
use crate::job::Management;
use crate::members::Members;
use crate::subscription::Subscription;

#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub id: ItemId,
    /// Of the vault; only the graph tells it.
    pub location: Option<String>,
    pub name: Option<String>,
    /// What is backed up, in lower case. Of a database or a share: the machine or storage account that holds it.
    pub source: Option<String>,
    /// In lower case.
    pub policy: Option<String>,
    pub policy_name: Option<String>,
    pub management: Management,
    /// `VM`, `SQLDataBase`, `AzureFileShare`; of a Backup vault the type of the source.
    pub workload: Option<String>,
    /// In lower case.
    pub container: Option<String>,
    /// The host of a database, the server of one's own on which MARS, DPM or MABS runs; and the instance that a database is in.
    pub server: Option<String>,
    pub parent: Option<String>,
    pub protection: Protection,
    pub last_backup: LastBackup,
    pub last_backup_time: Option<Timestamp>,
    /// The newest one. A snapshot counts.
    pub last_recovery_point: Option<Timestamp>,
    /// Of SQL and HANA: what went wrong last. Nothing else tells of a scheduled log backup that failed.
    pub last_error: Option<Note>,
    /// What Azure calls the pre-check.
    pub health: Option<Health>,
    pub health_notes: Vec<Note>,
    /// Of the last backup or restore.
    pub operation_notes: Vec<Note>,
    pub soft_deleted: bool,
    pub deleted_for_good: Option<Timestamp>,
    /// Of MARS, DPM and MABS: when the server was last heard of. What is older than that is not known.
    pub last_refreshed: Option<Timestamp>,
    pub agent_version: Option<String>,
    /// Of a Backup vault, by the graph: how often there should be a recovery point.
    pub every: Option<SignedDuration>,
    /// All of it, as Azure gave it.
    pub record: Value,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Protection {
    Protected,
    /// The first backup is outstanding.
    FirstBackupPending,
    Error,
    /// Stopped, paused or suspended by a person. Azure calls them protected all the same.
    Stopped,
    Paused,
    Suspended,
    SoftDeleted,
    Other(String),
}

/// How the last backup ended. Machines and shares say how it went, databases how they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LastBackup {
    Completed,
    Failed,
    Healthy,
    Unhealthy,
    Pending,
    /// Azure names no status: there was no backup yet.
    Never,
    Other(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    Passed,
    ActionRequired,
    ActionSuggested,
    Other(String),
}

impl Health {
    /// Azure's word.
    pub fn as_str(&self) -> &str {
        match self {
            Health::Passed => "Passed",
            Health::ActionRequired => "ActionRequired",
            Health::ActionSuggested => "ActionSuggested",
            Health::Other(word) => word,
        }
    }
}

/// What Azure says of an item's health or last operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The symbolic name.
    pub name: Option<String>,
    /// Zero is no number.
    pub number: Option<i64>,
    pub text: Option<String>,
    pub recommendations: Vec<String>,
}

/// Which items of a Recovery Services vault to list. A Backup vault lists all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemKind {
    All,
    Vm,
    Sql,
    Hana,
    FileShare,
    /// Of the agent on a server: MARS.
    Mars,
    Dpm,
    /// Azure Backup Server: MABS.
    BackupServer,
}

impl ItemKind {
    fn filter(self) -> Option<&'static str> {
        match self {
            ItemKind::All => None,
            ItemKind::Vm => Some("backupManagementType eq 'AzureIaasVM' and itemType eq 'VM'"),
            ItemKind::Sql => Some("backupManagementType eq 'AzureWorkload' and itemType eq 'SQLDataBase'"),
            ItemKind::Hana => Some("backupManagementType eq 'AzureWorkload' and itemType eq 'SAPHanaDatabase'"),
            ItemKind::FileShare => Some("backupManagementType eq 'AzureStorage' and itemType eq 'AzureFileShare'"),
            ItemKind::Mars => Some("backupManagementType eq 'MAB'"),
            ItemKind::Dpm => Some("backupManagementType eq 'DPM'"),
            ItemKind::BackupServer => Some("backupManagementType eq 'AzureBackupServer'"),
        }
    }
}

impl Subscription {
    /// The items of a vault.
    ///
    /// <https://learn.microsoft.com/rest/api/backup/backup-protected-items/list>
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn items(&self, vault: &VaultId, kind: ItemKind, until: Instant) -> Result<Vec<Item>, Error> {
        let (operation, address) = match vault.kind() {
            VaultKind::RecoveryServices => {
                let filter = kind.filter().map(|filter| format!("&$filter={}", value(filter))).unwrap_or_default();
                let address = format!("{}{filter}", self.below(vault, "/backupProtectedItems"));
                ("Microsoft.RecoveryServices/vaults/backupProtectedItems/read", address)
            }
            VaultKind::Backup => {
                ("Microsoft.DataProtection/backupVaults/backupInstances/read", self.below(vault, "/backupInstances"))
            }
        };
        let mut items = Vec::new();
        self.tenant().each_listed(until, operation, address, |record| items.extend(Item::read(record))).await?;
        Ok(items)
    }

    /// The instances of a Backup vault that were deleted and can be brought back: its list of items leaves them out.
    ///
    /// <https://learn.microsoft.com/rest/api/dataprotection/deleted-backup-instances/list>
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn deleted_instances(&self, vault: &VaultId, until: Instant) -> Result<Vec<Item>, Error> {
        const OPERATION: &str = "Microsoft.DataProtection/backupVaults/deletedBackupInstances/read";
        let address = self.below(vault, "/deletedBackupInstances");
        let mut items = Vec::new();
        self.tenant().each_listed(until, OPERATION, address, |record| items.extend(Item::read(record))).await?;
        Ok(items)
    }

    /// One item. `None` when the vault does not know it.
    ///
    /// <https://learn.microsoft.com/rest/api/backup/protected-items/get>
    ///
    /// # Errors
    /// For no answer.
    pub async fn item(&self, id: &ItemId, until: Instant) -> Result<Option<Item>, Error> {
        let operation = match id.vault().kind() {
            VaultKind::RecoveryServices => {
                "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems/read"
            }
            VaultKind::Backup => "Microsoft.DataProtection/backupVaults/backupInstances/read",
        };
        let address = self.of_vault_kind(id.vault(), &path(id.as_str()));
        match found(self.tenant().read(until, operation, &address, None).await)? {
            Some(record) => Item::read(record).map(Some).ok_or_else(|| Error::without(operation, "item")),
            None => Ok(None),
        }
    }
}

impl Item {
    /// What people call it: `D:\ [fs01]` of a volume, which every server has, and else the name alone.
    pub fn label(&self) -> Option<String> {
        let server = self.server.as_deref().filter(|_| self.management.is_on_premises());
        self.name.as_deref().map(|name| on_server(name, server))
    }

    /// `None` for what is no record of an item in a vault.
    pub fn read(record: Value) -> Option<Self> {
        let row = Members(&record);
        let id = ItemId::parse(&row.text("id")?)?;
        let is = row.part("properties");
        let more = is.part("extendedInfo");
        let source = is.part("dataSourceInfo");
        let graph = is.part("backupInstanceExtendedProperties");
        let policy = is.part("policyInfo");
        let management = Management::read(id.vault(), is);
        let soft_deleted = is.flag("isScheduledForDeferredDelete") == Some(true);
        let last_backup_time = is.instant("lastBackupTime");
        let in_primary = || graph.part("recoveryPointInfo").instant("latestRecoveryPointInPrimaryRegion");
        Some(Self {
            location: row.text("location"),
            name: is.text("friendlyName").or_else(|| source.text("resourceName")),
            source: is.text("sourceResourceId").or_else(|| source.text("resourceID")).and_then(|id| lower_id(&id)),
            policy: is.text("policyId").or_else(|| policy.text("policyId")).and_then(|id| lower_id(&id)),
            policy_name: is.text("policyName").or_else(|| policy.text("name")),
            management,
            workload: is.text("workloadType").or_else(|| source.text("datasourceType")),
            container: is.text("containerName").map(|name| name.to_lowercase()),
            server: ["serverName", "computerName", "backupEngineName"].into_iter().find_map(|name| is.text(name)),
            parent: is.text("parentName"),
            protection: protection(is, soft_deleted),
            last_backup: last_backup(&is.text("lastBackupStatus").or_else(|| more.text("lastBackupStatus"))),
            last_backup_time,
            last_recovery_point: is.instant("lastRecoveryPoint").or_else(in_primary),
            last_error: Note::read(is.part("lastBackupErrorDetail")),
            health: is.text("healthStatus").map(|word| health(&word)),
            health_notes: is.list("healthDetails").into_iter().filter_map(Note::read).collect(),
            operation_notes: operation_notes(is.part("kpisHealths")),
            soft_deleted,
            deleted_for_good: is
                .instant("deferredDeleteTimeInUTC")
                .or_else(|| is.part("deletionInfo").instant("scheduledPurgeTime")),
            last_refreshed: more.instant("lastRefreshedAt"),
            agent_version: more.text("agentVersion").or_else(|| is.text("agentVersion")),
            every: graph.part("policyExtendedInfo").duration("configuredRPGenerationFrequency"),
            id,
            record,
        })
    }
}

/// The name with its server, where it does not hold it.
pub(crate) fn on_server(name: &str, server: Option<&str>) -> String {
    match server {
        Some(server) if !name.to_lowercase().contains(&server.to_lowercase()) => format!("{name} [{server}]"),
        _ => name.to_owned(),
    }
}

impl Note {
    pub(crate) fn read(note: Members<'_>) -> Option<Self> {
        let code = note.text("code");
        let number = note.number("code").filter(|number| *number != 0);
        let named = code.filter(|code| code.parse::<i64>().is_err());
        let note = Self {
            name: note.text("title").or(named),
            number,
            text: note.words("message"),
            recommendations: note.texts("recommendations"),
        };
        (note.name.is_some() || note.number.is_some() || note.text.is_some()).then_some(note)
    }
}

fn protection(is: Members<'_>, soft_deleted: bool) -> Protection {
    // Backup vaults tell it by another name, and the graph tells both for items of Recovery Services vaults.
    let word = is.text("protectionState").or_else(|| is.text("currentProtectionState")).unwrap_or_default();
    match word.as_str() {
        _ if soft_deleted => Protection::SoftDeleted,
        "Protected" | "ProtectionConfigured" => Protection::Protected,
        "IRPending" | "ConfiguringProtection" => Protection::FirstBackupPending,
        "ProtectionError" => Protection::Error,
        "ProtectionStopped" | "RetentionModeOn" => Protection::Stopped,
        "ProtectionPaused" => Protection::Paused,
        "BackupsSuspended" | "BackupSchedulesSuspended" | "RetentionSchedulesSuspended" => Protection::Suspended,
        "SoftDeleted" | "SoftDeleting" => Protection::SoftDeleted,
        _ => Protection::Other(word),
    }
}

fn last_backup(word: &Option<String>) -> LastBackup {
    match word.as_deref() {
        None => LastBackup::Never,
        Some("Completed") => LastBackup::Completed,
        Some("Failed") => LastBackup::Failed,
        Some("Healthy") => LastBackup::Healthy,
        Some("Unhealthy") => LastBackup::Unhealthy,
        Some("IRPending") => LastBackup::Pending,
        Some(other) => LastBackup::Other(other.to_owned()),
    }
}

fn health(word: &str) -> Health {
    match word {
        "Passed" => Health::Passed,
        "ActionRequired" => Health::ActionRequired,
        "ActionSuggested" => Health::ActionSuggested,
        other => Health::Other(other.to_owned()),
    }
}

fn operation_notes(kpis: Members<'_>) -> Vec<Note> {
    ["BackupOperationStatusKPI", "RestoreOperationStatusKPI"]
        .into_iter()
        .flat_map(|kpi| kpis.part(kpi).list("resourceHealthDetails"))
        .filter_map(Note::read)
        .collect()
}
