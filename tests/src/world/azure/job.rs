//! Jobs: how they begin, and how they end.

use jiff::{SignedDuration, Timestamp};

use super::item::{Cause, Leaves, Point};
use super::{Azure, ItemKind};

#[derive(Clone, Debug)]
pub struct AzureJob {
    pub id: String,
    pub vault: String,
    pub item: String,
    pub kind: ItemKind,
    pub job_type: String,
    pub entity: String,
    /// Of its item.
    pub container: String,
    /// `Backup`, `Backup (Log)`, `Restore`
    pub operation: String,
    /// As Azure writes it; a test may write what it likes.
    pub status: String,
    pub user_triggered: bool,
    pub started: Timestamp,
    /// When it ends, or ended.
    pub ends: Timestamp,
    pub error: Option<Cause>,
    /// Until when its recovery point is to be kept, as the request that triggered it says.
    pub keep_until: Option<String>,
    /// What it is at, while it runs.
    pub step: Step,
    /// How often it is still not there for whom asks for it by its id.
    pub invisible: u32,
}

/// What a job of a machine is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Snapshot,
    Transfer,
}

/// What a trigger began as.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) id: String,
    /// `Err`: it failed.
    pub(crate) job: Result<String, Cause>,
}

/// Why something is not done: status, code and words.
pub type Refusal = (u16, &'static str, String);

impl AzureJob {
    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(self.status.as_str(), "InProgress" | "Cancelling")
    }

    /// Whether it is one that the lists of vaults are said to hide.
    pub(crate) fn is_hidden(&self) -> bool {
        self.kind == ItemKind::Dpm || (self.kind.is_database() && !self.user_triggered)
    }
}

impl Azure {
    /// A scheduled job begins now. Answers its id.
    pub fn schedule(&mut self, item: &str, now: Timestamp) -> String {
        let kind = self.item(item).kind;
        let operation = if kind.is_database() { "Backup (Log)" } else { "Backup" };
        self.begin(item, operation, false, now)
    }

    /// A person restores from an item now. `error`: what it will fail of.
    pub fn restore(&mut self, item: &str, error: Option<Cause>, now: Timestamp) -> String {
        let id = self.begin(item, "Restore", true, now);
        self.job(&id).error = error;
        id
    }

    /// # Panics
    /// If there is no such job.
    pub fn job(&mut self, id: &str) -> &mut AzureJob {
        self.jobs.iter_mut().find(|job| job.id == id).unwrap_or_else(|| panic!("no job {id}"))
    }

    /// A job never ends by itself.
    pub fn hang(&mut self, id: &str, step: Step) {
        let job = self.job(id);
        job.step = step;
        job.ends = job.started + SignedDuration::from_hours(24 * 365);
    }

    pub(super) fn begin(&mut self, item: &str, operation: &str, user_triggered: bool, now: Timestamp) -> String {
        let id = self.next_id();
        let invisible = if user_triggered { self.habits.invisible_polls } else { 0 };
        let item = self.item(item).clone();
        let entity = if item.kind.is_database() {
            format!("MSSQLSERVER/{} [vm-sql]", item.name)
        } else {
            item.friendly().to_owned()
        };
        self.jobs.push(AzureJob {
            id: id.clone(),
            vault: item.vault().to_owned(),
            item: item.id.clone(),
            kind: item.kind,
            job_type: item.kind.words()[2].to_owned(),
            entity,
            container: item.container(),
            operation: operation.to_owned(),
            status: "InProgress".to_owned(),
            user_triggered,
            started: now,
            ends: now + item.takes,
            error: None,
            keep_until: None,
            step: Step::Snapshot,
            invisible,
        });
        id
    }

    /// A job ends as its item lets it.
    pub(super) fn end(&mut self, at: usize) {
        let job = &mut self.jobs[at];
        let Some(item) = self.items.iter_mut().find(|item| item.id == job.item) else { return };
        if job.status == "Cancelling" {
            job.status = "Cancelled".to_owned();
            return;
        }
        if !job.operation.starts_with("Backup") {
            job.status = if job.error.is_some() { "Failed" } else { "Completed" }.to_owned();
            return;
        }
        item.last_backup = Some(job.ends);
        item.last_failed = item.cause.clone();
        job.error = item.cause.clone();
        job.status = match (&item.cause, item.leaves) {
            (Some(_), _) => "Failed",
            (None, Leaves::Warnings) => "CompletedWithWarnings",
            (None, Leaves::Point | Leaves::Nothing) => "Completed",
        }
        .to_owned();
        if item.cause.is_none() && item.leaves == Leaves::Warnings {
            job.error = Some(Cause {
                title: "UserErrorGuestAgentStatusUnavailable".to_owned(),
                number: 0,
                text: "The snapshot is crash consistent only.".to_owned(),
            });
        }
        if item.cause.is_none() && item.leaves != Leaves::Nothing {
            item.points.push(Point { time: job.started + SignedDuration::from_secs(4), in_vault: true });
        }
    }

    /// A backup on demand. Answers the id of the operation.
    pub(crate) fn trigger(
        &mut self,
        id: &str,
        request: &str,
        kind: Option<&str>,
        keep_until: Option<&str>,
        now: Timestamp,
    ) -> Result<String, Refusal> {
        let found = self.items.iter().find(|item| item.id.eq_ignore_ascii_case(id)).cloned();
        let item = found.ok_or((404, "ResourceNotFound", "The item does not exist.".to_owned()))?;
        if item.kind.request() != Some(request) {
            return Err((400, "BMSUserErrorInvalidInput", "Input provided for the call is invalid.".to_owned()));
        }
        if self.jobs.iter().any(|job| job.item == item.id && job.is_running()) {
            let words = "Another operation is in progress on the selected item.".to_owned();
            return Err((409, "BMSUserErrorObjectLocked", words));
        }
        let operation = match kind {
            Some(kind) => format!("Backup ({kind})"),
            None => "Backup".to_owned(),
        };
        let job = match self.habits.operations_fail.clone() {
            Some(why) => Err(why),
            None => {
                let job = self.begin(&item.name, &operation, true, now);
                self.job(&job).keep_until = keep_until.map(str::to_owned);
                Ok(job)
            }
        };
        let id = self.next_id();
        self.operations.push(Operation { id: id.clone(), job });
        Ok(id)
    }

    pub(crate) fn cancel(&mut self, vault: &str, id: &str, now: Timestamp) -> Result<(), Refusal> {
        let job = self.jobs.iter_mut().find(|job| job.vault.eq_ignore_ascii_case(vault) && job.id == id);
        let job = job.ok_or((404, "ResourceNotFound", "The job does not exist.".to_owned()))?;
        if job.status != "InProgress" {
            return Err((400, "BMSUserErrorJobNotCancellable", "The job is not in a cancelable state.".to_owned()));
        }
        job.status = "Cancelling".to_owned();
        job.ends = now + SignedDuration::from_mins(2);
        Ok(())
    }
}
