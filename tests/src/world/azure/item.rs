//! What vaults protect, and what may be wrong with it.

use jiff::{SignedDuration, Timestamp};

use super::Azure;
use crate::world::uuid_of;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemKind {
    Vm,
    Sql,
    Hana,
    FileShare,
    Mars,
    Dpm,
    /// An instance of a Backup vault.
    Disk,
}

/// Why jobs of an item fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    pub title: String,
    pub number: i64,
    pub text: String,
}

/// What a job leaves that does not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    Point,
    /// A recovery point, and warnings.
    Warnings,
    /// It completed, and there is no recovery point of it.
    Nothing,
}

#[derive(Clone, Debug)]
pub struct Item {
    pub id: String,
    pub name: String,
    pub kind: ItemKind,
    pub policy: String,
    /// Mending it is taking this away.
    pub cause: Option<Cause>,
    pub takes: SignedDuration,
    pub leaves: Leaves,
    pub protection_state: String,
    pub soft_deleted: bool,
    pub deleted_for_good: Option<Timestamp>,
    /// Azure's word, and code and text beside it. None: as the cause lets it be.
    pub health: Option<Health>,
    /// When the server of MARS, DPM and MABS was last heard of. None: when it was last backed up.
    pub last_heard: Option<Timestamp>,
    pub last_backup: Option<Timestamp>,
    pub last_failed: Option<Cause>,
    pub points: Vec<Point>,
}

/// What Azure calls the pre-check.
#[derive(Clone, Debug)]
pub struct Health {
    pub word: String,
    pub code: i64,
    pub title: String,
    pub text: String,
}

#[derive(Clone, Debug)]
pub struct Point {
    pub time: Timestamp,
    pub in_vault: bool,
}

/// The account that holds all shares.
const STORAGE_ACCOUNT: &str = "stfiles01";

/// A virtual machine as Compute sees it.
#[derive(Clone, Debug)]
pub struct Machine {
    pub id: String,
    pub power: String,
    pub agent_ready: bool,
}

impl Cause {
    #[must_use]
    pub fn agent_down() -> Self {
        Cause {
            title: "GuestAgentSnapshotTaskStatusError".to_owned(),
            number: 0,
            text: "Could not communicate with the VM agent for snapshot status".to_owned(),
        }
    }

    #[must_use]
    pub fn log_chain() -> Self {
        Cause {
            title: "UserErrorSQLLSNValidationFailure".to_owned(),
            number: 0,
            text: "Log chain is broken.".to_owned(),
        }
    }
}

impl ItemKind {
    /// Management, workload, job type, type of the item.
    pub(crate) fn words(self) -> [&'static str; 4] {
        match self {
            ItemKind::Vm => ["AzureIaasVM", "VM", "AzureIaaSVMJob", "Microsoft.Compute/virtualMachines"],
            ItemKind::Sql => ["AzureWorkload", "SQLDataBase", "AzureWorkloadJob", "AzureVmWorkloadSQLDatabase"],
            ItemKind::Hana => {
                ["AzureWorkload", "SAPHanaDatabase", "AzureWorkloadJob", "AzureVmWorkloadSAPHanaDatabase"]
            }
            ItemKind::FileShare => ["AzureStorage", "AzureFileShare", "AzureStorageJob", "AzureFileShareProtectedItem"],
            ItemKind::Mars => ["MAB", "FileFolder", "MabJob", "MabFileFolderProtectedItem"],
            ItemKind::Dpm => ["DPM", "DPMUnknown", "DpmJob", "DPMProtectedItem"],
            ItemKind::Disk => ["", "Microsoft.Compute/disks", "", "Microsoft.Compute/disks"],
        }
    }

    /// What begins a backup on demand. The API has no other types of requests.
    pub(crate) fn request(self) -> Option<&'static str> {
        match self {
            ItemKind::Vm => Some("IaasVMBackupRequest"),
            ItemKind::Sql | ItemKind::Hana => Some("AzureWorkloadBackupRequest"),
            ItemKind::FileShare => Some("AzureFileShareBackupRequest"),
            ItemKind::Mars | ItemKind::Dpm | ItemKind::Disk => None,
        }
    }

    pub(crate) fn is_database(self) -> bool {
        matches!(self, ItemKind::Sql | ItemKind::Hana)
    }
}

impl Item {
    pub(crate) fn vault(&self) -> &str {
        let end = self.id.match_indices('/').nth(8);
        end.map_or(self.id.as_str(), |(place, _)| self.id.split_at(place).0)
    }

    /// What Azure calls it. Of a server with the agent, volumes are protected.
    pub(crate) fn friendly(&self) -> &str {
        if self.kind == ItemKind::Mars { "D:\\" } else { &self.name }
    }

    /// What holds it: for a database its machine, for a share its storage account. What a server of one's own protects is no resource of Azure.
    pub(crate) fn source(&self) -> Option<String> {
        let subscription = self.id.split('/').nth(2).unwrap_or_default();
        let (kind, name) = match self.kind {
            ItemKind::Disk => ("Microsoft.Compute/disks", self.name.as_str()),
            ItemKind::FileShare => ("Microsoft.Storage/storageAccounts", STORAGE_ACCOUNT),
            ItemKind::Sql | ItemKind::Hana => ("Microsoft.Compute/virtualMachines", "vm-sql"),
            ItemKind::Vm => ("Microsoft.Compute/virtualMachines", self.name.as_str()),
            ItemKind::Mars | ItemKind::Dpm => return None,
        };
        Some(format!("/subscriptions/{subscription}/resourceGroups/rg-app/providers/{kind}/{name}"))
    }

    pub(crate) fn container(&self) -> String {
        match self.kind {
            ItemKind::Vm => format!("iaasvmcontainerv2;rg-app;{}", self.name),
            ItemKind::Sql | ItemKind::Hana => "VMAppContainer;Compute;rg-app;vm-sql".to_owned(),
            ItemKind::FileShare => format!("StorageContainer;Storage;rg-app;{STORAGE_ACCOUNT}"),
            ItemKind::Mars | ItemKind::Dpm => format!("Windows;{}", server(self.kind, &self.name)),
            ItemKind::Disk => format!("container;{}", self.name),
        }
    }
}

/// The server of one's own on which the agent runs, or the one that backs up others.
fn server(kind: ItemKind, name: &str) -> String {
    if kind == ItemKind::Mars { format!("{name}.corp.example") } else { "mabs01.corp.example".to_owned() }
}

/// 64 digits, as Azure makes of the name of a share.
fn hash(name: &str) -> String {
    let sum = name.bytes().fold(0, |sum: u64, byte| sum.wrapping_mul(257).wrapping_add(byte.into()));
    [sum, sum.wrapping_add(1)].map(uuid_of).concat().replace('-', "")
}

impl Azure {
    /// Something that a vault protects, with a daily policy and nothing wrong. A machine has its agent ready.
    pub fn add_item(&mut self, vault: &str, kind: ItemKind, name: &str) -> &mut Item {
        let [_, workload, _, _] = kind.words();
        let (container, leaf) = match kind {
            ItemKind::Vm => {
                let name = format!("iaasvmcontainerv2;rg-app;{name}");
                (format!("IaasVMContainer;{name}"), format!("VM;{name}"))
            }
            ItemKind::Sql | ItemKind::Hana => {
                ("VMAppContainer;Compute;rg-app;vm-sql".to_owned(), format!("{workload};MSSQLSERVER;{name}"))
            }
            // The id of a share does not tell its name.
            ItemKind::FileShare => {
                (format!("StorageContainer;Storage;rg-app;{STORAGE_ACCOUNT}"), format!("{workload};{}", hash(name)))
            }
            ItemKind::Mars | ItemKind::Dpm => {
                (format!("Windows;{}", server(kind, name)), format!("{workload};{}", hash(name)))
            }
            ItemKind::Disk => (String::new(), String::new()),
        };
        let id = match kind {
            ItemKind::Disk => format!("{vault}/backupInstances/{name}"),
            _ => format!("{vault}/backupFabrics/Azure/protectionContainers/{container}/protectedItems/{leaf}"),
        };
        let item = Item {
            id,
            name: name.to_owned(),
            kind,
            policy: format!("{vault}/backupPolicies/daily"),
            cause: None,
            takes: SignedDuration::from_mins(40),
            leaves: Leaves::Point,
            protection_state: "Protected".to_owned(),
            soft_deleted: false,
            deleted_for_good: None,
            health: None,
            last_heard: None,
            last_backup: None,
            last_failed: None,
            points: Vec::new(),
        };
        if let (ItemKind::Vm, Some(id)) = (kind, item.source()) {
            self.machines.push(Machine { id, power: "running".to_owned(), agent_ready: true });
        }
        self.items.push(item);
        self.items.last_mut().expect("it was just added")
    }

    /// # Panics
    /// If there is no such item.
    pub fn item(&mut self, name: &str) -> &mut Item {
        self.items.iter_mut().find(|item| item.name == name).unwrap_or_else(|| panic!("no item {name}"))
    }

    /// # Panics
    /// If there is no such machine.
    pub fn machine(&mut self, name: &str) -> &mut Machine {
        let end = format!("/{name}");
        self.machines
            .iter_mut()
            .find(|machine| machine.id.ends_with(&end))
            .unwrap_or_else(|| panic!("no machine {name}"))
    }
}
