use jiff::{SignedDuration, Timestamp};

use super::{Creator, Lifecycle, Resource, Tags, World};

/// A recovery point in a vault. It can be listed from `completed` on, until its retention ends.
#[derive(Clone, Debug)]
pub struct RecoveryPoint {
    pub arn: String,
    pub resource_arn: String,
    pub resource_name: String,
    pub kind: String,
    pub vault_arn: String,
    pub created: Timestamp,
    pub completed: Timestamp,
    /// COMPLETED, PARTIAL, EXPIRED, DELETING and so on.
    pub status: String,
    pub bytes: i64,
    pub key: Option<String>,
    pub role_arn: String,
    pub lifecycle: Lifecycle,
    pub created_by: Option<Creator>,
    /// Set when it came by a copy.
    pub source_vault_arn: Option<String>,
    pub tags: Tags,
    /// Whether it stands for a composite resource; the points of its members name it as their parent.
    pub is_parent: bool,
    pub parent: Option<String>,
    /// When jobs after the first will have renewed it; always empty for a snapshot.
    pub renewals: Vec<Timestamp>,
    /// Whether it is a continuous backup: made once for a resource and vault, then renewed by every job.
    pub continuous: bool,
    /// What its malware scans came to; none where nobody scanned it.
    pub scan: Option<Scan>,
}

/// What came of the malware scans of a recovery point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scan {
    Clean,
    Threats,
    Failed,
}

/// Which instant of the last backup of a resource is its LastBackupTime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastBackup {
    StartOfJob,
    EndOfJob,
}

impl World {
    /// The recovery points that exist now.
    pub fn present_recovery_points(&self) -> impl Iterator<Item = &RecoveryPoint> {
        self.recovery_points.iter().filter(|point| point.completed <= self.clock && !point.outlived(self.clock))
    }

    /// A new name of the kind AWS gives to recovery points of this type, in a given place.
    pub(crate) fn recovery_point_arn(&mut self, resource: &Resource, account: &str, region: &str) -> String {
        let id = self.next_id();
        match resource.kind.as_str() {
            "RDS" => format!("arn:aws:rds:{region}:{account}:snapshot:awsbackup:job-{id}"),
            "Aurora" | "DocumentDB" | "Neptune" => {
                format!("arn:aws:rds:{region}:{account}:cluster-snapshot:awsbackup:job-{id}")
            }
            "EBS" => format!("arn:aws:ec2:{region}::snapshot/snap-{}", hex17(&id)),
            "EC2" => format!("arn:aws:ec2:{region}::image/ami-{}", hex17(&id)),
            _ => format!("arn:aws:backup:{region}:{account}:recovery-point:{id}"),
        }
    }
}

impl RecoveryPoint {
    #[must_use]
    pub fn vault_name(&self) -> &str {
        self.vault_arn.splitn(7, ':').nth(6).unwrap_or_default()
    }

    /// When the last job that made or renewed it had completed.
    #[must_use]
    pub fn last_completed(&self, now: Timestamp) -> Timestamp {
        self.renewals.iter().copied().filter(|renewal| *renewal <= now).max().unwrap_or(self.completed)
    }

    /// When its retention ends, as far as is known now; none is never.
    #[must_use]
    pub fn delete_at(&self, now: Timestamp) -> Option<Timestamp> {
        // A continuous point does not age while jobs renew it.
        let from = if self.continuous { self.last_completed(now) } else { self.created };
        self.lifecycle.delete_after_days.map(|days| from + SignedDuration::from_hours(24 * days))
    }

    /// When it moves to cold storage; none is never.
    #[must_use]
    pub fn cold_at(&self) -> Option<Timestamp> {
        self.lifecycle.cold_after_days.map(|days| self.created + SignedDuration::from_hours(24 * days))
    }

    #[must_use]
    pub fn cold(&self, now: Timestamp) -> bool {
        self.cold_at().is_some_and(|at| at <= now)
    }

    /// What AWS Backup could not delete stays.
    pub(super) fn outlived(&self, now: Timestamp) -> bool {
        self.status != "EXPIRED" && self.delete_at(now).is_some_and(|end| end <= now)
    }
}

fn hex17(id: &str) -> String {
    id.chars().filter(|letter| *letter != '-').take(17).collect()
}
