//! What people take away from items, and what is written down of it.

use jiff::{SignedDuration, Timestamp};

use super::Azure;

/// An entry of the activity log.
#[derive(Clone, Debug)]
pub struct AzureActivity {
    pub at: Timestamp,
    pub caller: String,
    pub address: String,
    pub operation: String,
    pub resource: String,
    pub status: String,
}

/// What a vault does with recovery points that somebody deletes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// For so many days.
    Softly(i64),
    Nothing,
}

const PROTECTED_ITEMS: &str = "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems";

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
        let item = self.item(name);
        match keeps {
            Keeps::Softly(days) => {
                "ProtectionStopped".clone_into(&mut item.protection_state);
                item.soft_deleted = true;
                item.deleted_for_good = Some(now + SignedDuration::from_hours(24 * days));
            }
            Keeps::Nothing => self.items.retain(|item| item.name != name),
        }
        job
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
        let resource = self.item(name).id.clone();
        for (ago, status) in [(90, "Started"), (30, "Succeeded")] {
            self.activities.push(AzureActivity {
                at: now - SignedDuration::from_secs(ago),
                caller: caller.to_owned(),
                address: "198.51.100.7".to_owned(),
                operation: format!("{PROTECTED_ITEMS}/{what}"),
                resource: resource.clone(),
                status: status.to_owned(),
            });
        }
    }
}
