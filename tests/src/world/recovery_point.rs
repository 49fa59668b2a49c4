use jiff::{SignedDuration, Timestamp};

use super::{Creator, Lifecycle, Resource, World};

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

    /// When its retention ends; none is never.
    #[must_use]
    pub fn delete_at(&self) -> Option<Timestamp> {
        self.lifecycle.delete_after_days.map(|days| self.created + SignedDuration::from_hours(24 * days))
    }

    fn outlived(&self, now: Timestamp) -> bool {
        self.delete_at().is_some_and(|end| end <= now)
    }
}

fn hex17(id: &str) -> String {
    id.chars().filter(|letter| *letter != '-').take(17).collect()
}
