//! What people take away from items, and what is written down of it.

use jiff::{SignedDuration, Timestamp};

use super::{Azure, ItemKind};

/// An entry of the activity log.
#[derive(Clone, Debug)]
pub struct AzureActivity {
    pub at: Timestamp,
    pub caller: String,
    pub address: String,
    pub operation: String,
    pub resource: String,
    pub status: String,
    /// The same in all entries of one call.
    pub request: String,
}

/// How a person stops an instance of a Backup vault, which keeps its recovery points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    Protection,
    /// The recovery points expire as the policy says.
    Backups,
}

/// What a vault does with recovery points that somebody deletes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// In days.
    Softly(i64),
    Nothing,
}

const PROTECTED_ITEMS: &str = "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems";
const BACKUP_INSTANCES: &str = "Microsoft.DataProtection/backupVaults/backupInstances";

impl Azure {
    /// A person stops the protection of an item, which keeps its recovery points. Answers the id of the job, which ends now.
    pub fn stop_protection(&mut self, name: &str, caller: &str, now: Timestamp) -> String {
        "ProtectionStopped".clone_into(&mut self.item(name).protection_state);
        self.changed(name, caller, "write", now);
        self.done(name, "DisableBackup", now)
    }

    /// A person deletes the recovery points of an item. Answers the id of the job, which ends now.
    pub fn delete_backups(&mut self, name: &str, caller: &str, keeps: Keeps, now: Timestamp) -> String {
        self.changed(name, caller, "delete", now);
        let job = self.done(name, "DeleteBackupData", now);
        self.lose(name, keeps, "ProtectionStopped", now);
        job
    }

    /// A person stops an instance of a Backup vault. No job tells of it.
    pub fn stop_instance(&mut self, name: &str, caller: &str, how: Stop, now: Timestamp) {
        let (state, call) = match how {
            Stop::Protection => ("ProtectionStopped", "stopProtection/action"),
            Stop::Backups => ("BackupsSuspended", "suspendBackups/action"),
        };
        state.clone_into(&mut self.item(name).protection_state);
        self.changed(name, caller, call, now);
    }

    /// A person deletes an instance of a Backup vault. No job tells of it.
    pub fn delete_instance(&mut self, name: &str, caller: &str, keeps: Keeps, now: Timestamp) {
        self.changed(name, caller, "delete", now);
        self.lose(name, keeps, "SoftDeleted", now);
    }

    /// A person deletes a Backup vault and first its instances, which it keeps for no time.
    pub fn delete_backup_vault(&mut self, vault: &str, caller: &str, now: Timestamp) {
        let is_it = |id: &str| id.ends_with(&format!("/backupVaults/{vault}"));
        let of_it = self.items.iter().filter(|item| is_it(item.vault()));
        for name in of_it.map(|item| item.name.clone()).collect::<Vec<_>>() {
            self.delete_instance(&name, caller, Keeps::Nothing, now);
        }
        self.vaults.retain(|known| !is_it(&known.id));
    }

    fn lose(&mut self, name: &str, keeps: Keeps, state: &str, now: Timestamp) {
        let item = self.item(name);
        match keeps {
            Keeps::Softly(days) => {
                state.clone_into(&mut item.protection_state);
                item.soft_deleted = true;
                item.deleted_for_good = Some(now + SignedDuration::from_hours(24 * days));
            }
            Keeps::Nothing => self.items.retain(|item| item.name != name),
        }
    }

    fn done(&mut self, name: &str, operation: &str, now: Timestamp) -> String {
        let id = self.begin(name, operation, true, now);
        let job = self.job(&id);
        "Completed".clone_into(&mut job.status);
        job.started = now - SignedDuration::from_mins(1);
        job.ends = now;
        id
    }

    /// A call has an entry of its beginning, and one of its end.
    fn changed(&mut self, name: &str, caller: &str, what: &str, now: Timestamp) {
        let (resource, request) = (self.item(name).id.clone(), format!("request-{}", self.activities.len()));
        let of = if self.item(name).kind == ItemKind::Disk { BACKUP_INSTANCES } else { PROTECTED_ITEMS };
        for (ago, status) in [(90, "Started"), (30, "Succeeded")] {
            self.activities.push(AzureActivity {
                at: now - SignedDuration::from_secs(ago),
                caller: caller.to_owned(),
                address: "198.51.100.7".to_owned(),
                operation: format!("{of}/{what}"),
                resource: resource.clone(),
                status: status.to_owned(),
                request: request.clone(),
            });
        }
    }
}
