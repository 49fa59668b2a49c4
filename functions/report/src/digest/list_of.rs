//! Which lists there are beside the verdicts, and how people read them.

use serde::{Deserialize, Serialize};

/// What a list is of, in the order of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListOf {
    /// Selections that AWS Backup could not evaluate, so that no job was made.
    Unprocessed,
    /// Restores that failed since the last report: often no event tells of them.
    Restores,
    Stuck,
    StuckRestores,
    Long,
    /// Of Azure.
    LongItems,
    Overruns,
    /// Backups that used over 80 % of their completion window.
    NearWindow,
    /// Backups that took over twice the median of their row.
    Slower,
    /// Rules whose recovery points are gone before the next one has to be there.
    KeptTooShort,
    /// Rules that keep their recovery points for less than MIN_RETENTION_DAYS.
    KeptBriefly,
    /// Recovery points past their date that AWS Backup could not delete.
    Undeleted,
    Unlocked,
    /// Of Azure: warnings of its pre-check.
    HealthWarnings,
    /// Of Azure: what people took away since the last report.
    Unprotected,
    /// Of Azure.
    SoftDeleted,
    Recovered,
    OpenSelections,
}

impl ListOf {
    pub const ALL: [Self; 18] = [
        Self::Unprocessed,
        Self::Restores,
        Self::Stuck,
        Self::StuckRestores,
        Self::Long,
        Self::LongItems,
        Self::Overruns,
        Self::NearWindow,
        Self::Slower,
        Self::KeptTooShort,
        Self::KeptBriefly,
        Self::Undeleted,
        Self::Unlocked,
        Self::HealthWarnings,
        Self::Unprotected,
        Self::SoftDeleted,
        Self::Recovered,
        Self::OpenSelections,
    ];

    /// Whether one entry makes a report a warning that else has nothing to say.
    pub fn is_warning(self) -> bool {
        match self {
            Self::Unprocessed | Self::NearWindow | Self::KeptTooShort | Self::HealthWarnings | Self::Unprotected => {
                true
            }
            // Counted among the restores and the stuck jobs.
            Self::Restores | Self::Stuck => false,
            Self::StuckRestores | Self::Long | Self::LongItems | Self::Overruns | Self::Slower => false,
            Self::KeptBriefly | Self::Undeleted | Self::Unlocked => false,
            Self::SoftDeleted | Self::Recovered | Self::OpenSelections => false,
        }
    }

    /// What stands above the list on the page.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Unprocessed => "Rules without any job: AWS Backup could not find out what they cover",
            Self::Restores => "Restores that failed since the last report",
            Self::Stuck => "Stuck",
            Self::StuckRestores => "Restores that seem stuck",
            Self::Long => "Running long, but no longer than usual",
            Self::LongItems => "Running long",
            Self::Overruns => "A run takes longer than its interval, so that others expire behind it",
            Self::NearWindow => {
                "Backups that used over 80 % of their completion window: AWS Backup cancels them at its end"
            }
            Self::Slower => "Backups that took over twice their usual time",
            Self::KeptTooShort => "Recovery points are kept for too short a time: nothing may be left before the next",
            Self::KeptBriefly => "Recovery points are kept for less than MIN_RETENTION_DAYS",
            Self::Undeleted => {
                "Recovery points past their date that AWS Backup could not delete, of those that were looked at"
            }
            Self::Unlocked => "Vaults without a lock: who has the right may delete what they hold",
            Self::HealthWarnings => "Warnings of Azure's pre-check",
            Self::Unprotected => "Protection stopped or backups deleted since the last report",
            Self::SoftDeleted => "Soft-deleted: their recovery points go too",
            Self::Recovered => "Recovered since the last report",
            Self::OpenSelections => "Selections whose resources cannot be listed",
        }
    }

    /// What the mail puts before an entry where it has the list among others.
    pub fn entry(self) -> Option<&'static str> {
        match self {
            Self::Stuck => Some("stuck"),
            Self::StuckRestores => Some("a restore seems stuck"),
            Self::Long => Some("runs long, but no longer than usual"),
            Self::LongItems => Some("runs long"),
            Self::Overruns => Some("takes longer than its interval, so that others expire behind it"),
            Self::NearWindow => Some("near the end of its completion window"),
            Self::Slower => Some("took over twice its usual time"),
            Self::KeptTooShort => Some("kept for too short a time, so that nothing may be left before the next"),
            Self::KeptBriefly => Some("kept for less than MIN_RETENTION_DAYS"),
            Self::Undeleted => Some("could not be deleted at its date"),
            Self::Unprocessed
            | Self::Restores
            | Self::Unlocked
            | Self::HealthWarnings
            | Self::Unprotected
            | Self::SoftDeleted
            | Self::Recovered
            | Self::OpenSelections => None,
        }
    }
}
