//! Recovery points: what a restore can begin from.

use jiff::Timestamp;

use aws_sdk_backup::operation::describe_recovery_point::DescribeRecoveryPointOutput;
use aws_sdk_backup::types::{AggregatedScanResult, RecoveryPointByResource, RecoveryPointStatus};
use tokio::time::Instant;

use crate::account::Account;
use crate::convert::{date_time, filled, timestamp};
use crate::error::{Error, found};
use crate::paging::{Far, List, Next, PAGE, Page, each_item};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecoveryPoint {
    pub arn: String,
    /// When its job began. Of a continuous backup: when the first one did, for it is updated in place.
    pub created: Option<Timestamp>,
    pub status: PointStatus,
    pub encryption_key_arn: Option<String>,
    pub size_bytes: Option<i64>,
    pub vault_name: String,
    pub is_parent: bool,
    /// Its list does not tell this, nor the one below: [`Account::recovery_point`] does.
    pub storage_class: Option<StorageClass>,
    /// When AWS Backup deletes it. `None`: never, or not told.
    pub expires: Option<Timestamp>,
    /// What its malware scans found, as the list of a resource tells it.
    pub scan: Scan,
}

/// The state of a recovery point.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeRecoveryPoint.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PointStatus {
    Creating,
    Available,
    Completed,
    /// A continuous backup that was switched off. It keeps what it holds.
    Stopped,
    Partial,
    /// AWS Backup should have deleted it, and could not.
    Expired,
    Deleting,
    /// A word that we do not know, or none.
    Other(String),
}

impl PointStatus {
    /// As AWS writes it: `COMPLETED`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Creating => "CREATING",
            Self::Available => "AVAILABLE",
            Self::Completed => "COMPLETED",
            Self::Stopped => "STOPPED",
            Self::Partial => "PARTIAL",
            Self::Expired => "EXPIRED",
            Self::Deleting => "DELETING",
            Self::Other(word) => word,
        }
    }
}

impl Default for PointStatus {
    fn default() -> Self {
        Self::Other(String::new())
    }
}

impl From<&str> for PointStatus {
    fn from(word: &str) -> Self {
        let known = [
            Self::Creating,
            Self::Available,
            Self::Completed,
            Self::Stopped,
            Self::Partial,
            Self::Expired,
            Self::Deleting,
        ];
        known.into_iter().find(|status| status.as_str() == word).unwrap_or_else(|| Self::Other(word.to_owned()))
    }
}

/// What the malware scans of a recovery point come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scan {
    /// Nobody scanned it, a scan failed, or its result is not known: that says nothing.
    #[default]
    Unknown,
    /// All of its scans ended, and found nothing.
    Clean,
    /// It restores, and brings back what was found.
    Threats,
}

impl Scan {
    /// A finding counts whatever else failed. A finding that we have no word for is one, too.
    fn of(result: Option<&AggregatedScanResult>) -> Self {
        let Some(result) = result else { return Scan::Unknown };
        match (result.findings(), result.failed_scan, result.last_computed) {
            ([_, ..], ..) => Scan::Threats,
            ([], Some(false), Some(_)) => Scan::Clean,
            _ => Scan::Unknown,
        }
    }
}

/// How a recovery point is stored. One in cold storage cannot be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageClass {
    Warm,
    Cold,
    Deleted,
    /// A word that we do not know.
    Other,
}

/// Whether a restore can begin from a recovery point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usable {
    Yes,
    No,
    /// AWS gave it a status that we do not know, or none. That is neither good nor gone.
    Unknown,
}

impl RecoveryPoint {
    /// Not while it is made, nor when it is partial, expired or being deleted.
    pub fn usable(&self) -> Usable {
        use PointStatus::*;
        match self.status {
            _ if self.storage_class == Some(StorageClass::Deleted) => Usable::No,
            Completed | Available | Stopped => Usable::Yes,
            Partial | Deleting | Expired | Creating => Usable::No,
            Other(_) => Usable::Unknown,
        }
    }

    /// Whether it is known that a restore can begin from it. [`RecoveryPoint::usable`] tells the unknown from the unusable.
    pub fn is_usable(&self) -> bool {
        self.usable() == Usable::Yes
    }
}

/// A recovery point as the list of its vault tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PointInVault {
    pub arn: String,
    pub resource_arn: String,
    pub status: PointStatus,
}

impl Account {
    /// Recovery points that a vault of ours holds and that were made before an instant: at most a page of a thousand, for a vault may hold
    /// millions. None when there is no such vault.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListRecoveryPointsByBackupVault.html>
    pub async fn old_points(
        &self,
        vault_name: &str,
        before: Timestamp,
        until: Instant,
    ) -> Result<Vec<PointInVault>, Error> {
        let list = self.backup().list_recovery_points_by_backup_vault().backup_vault_name(vault_name);
        let list = list.by_created_before(date_time(before)).max_results(PAGE);
        let mut points = Vec::new();
        let read = each_item(
            List {
                gate: &self.gates().backup_lists,
                operation: "backup:ListRecoveryPointsByBackupVault",
                far: Far::FirstPage,
                until,
            },
            |token| list.clone().set_next_token(token).send(),
            |page| Page { items: page.recovery_points, next: Next::of(page.next_token) },
            |point| point.recovery_point_arn.as_deref(),
            |point| {
                points.push(PointInVault {
                    arn: point.recovery_point_arn.unwrap_or_default(),
                    resource_arn: point.resource_arn.unwrap_or_default(),
                    status: status(point.status.as_ref()),
                });
            },
        )
        .await;
        found(read)?;
        Ok(points)
    }

    /// The recovery points of a resource in one Region, the newest first; none when AWS does not know the resource.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListRecoveryPointsByResource.html>
    pub async fn recovery_points(&self, arn: &str, until: Instant) -> Result<Vec<RecoveryPoint>, Error> {
        // Snapshots that the service made by itself are no backups of AWS Backup. (RDS refuses pages below 20.)
        let list = self.backup().list_recovery_points_by_resource().resource_arn(arn);
        let list = list.managed_by_aws_backup_only(true).max_results(PAGE);
        let mut points = Vec::new();
        let read = each_item(
            List {
                gate: &self.gates().backup_lists,
                operation: "backup:ListRecoveryPointsByResource",
                far: Far::END,
                until,
            },
            |token| list.clone().set_next_token(token).send(),
            |page| Page { items: page.recovery_points, next: Next::of(page.next_token) },
            |point| point.recovery_point_arn.as_deref(),
            |point| points.push(listed(point)),
        )
        .await;
        found(read)?;
        points.sort_by(|a: &RecoveryPoint, b| b.created.cmp(&a.created).then_with(|| a.arn.cmp(&b.arn)));
        Ok(points)
    }

    /// `None` when the recovery point does not exist any more. Its status tells whether it can be used.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeRecoveryPoint.html>
    pub async fn recovery_point(
        &self,
        vault_name: &str,
        arn: &str,
        until: Instant,
    ) -> Result<Option<RecoveryPoint>, Error> {
        const OPERATION: &str = "backup:DescribeRecoveryPoint";
        let describe = self.backup().describe_recovery_point();
        let send = describe.backup_vault_name(vault_name).recovery_point_arn(arn).send();
        let answer = self.gates().backup_reads.call(until, OPERATION, send).await;
        match found(answer)? {
            Some(answer) if answer.status.is_none() => Err(Error::without(OPERATION, "status")),
            answer => Ok(answer.map(|answer| described(answer, vault_name, arn))),
        }
    }
}

fn listed(point: RecoveryPointByResource) -> RecoveryPoint {
    RecoveryPoint {
        arn: point.recovery_point_arn.unwrap_or_default(),
        created: point.creation_date.and_then(timestamp),
        status: status(point.status.as_ref()),
        encryption_key_arn: filled(point.encryption_key_arn),
        size_bytes: point.backup_size_bytes,
        vault_name: point.backup_vault_name.unwrap_or_default(),
        is_parent: point.is_parent,
        storage_class: None,
        expires: None,
        scan: Scan::of(point.aggregated_scan_result.as_ref()),
    }
}

fn described(point: DescribeRecoveryPointOutput, vault_name: &str, arn: &str) -> RecoveryPoint {
    RecoveryPoint {
        arn: filled(point.recovery_point_arn).unwrap_or_else(|| arn.to_owned()),
        created: point.creation_date.and_then(timestamp),
        status: status(point.status.as_ref()),
        encryption_key_arn: filled(point.encryption_key_arn),
        size_bytes: point.backup_size_in_bytes,
        vault_name: filled(point.backup_vault_name).unwrap_or_else(|| vault_name.to_owned()),
        is_parent: point.is_parent,
        storage_class: point.storage_class.map(storage_class),
        expires: point.calculated_lifecycle.and_then(|lifecycle| lifecycle.delete_at).and_then(timestamp),
        scan: Scan::Unknown,
    }
}

fn status(status: Option<&RecoveryPointStatus>) -> PointStatus {
    status.map(RecoveryPointStatus::as_str).unwrap_or_default().into()
}

fn storage_class(class: aws_sdk_backup::types::StorageClass) -> StorageClass {
    match class.as_str() {
        "WARM" => StorageClass::Warm,
        "COLD" => StorageClass::Cold,
        "DELETED" => StorageClass::Deleted,
        _ => StorageClass::Other,
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_backup::primitives::DateTime;
    use aws_sdk_backup::types::{CalculatedLifecycle, ScanFinding, StorageClass as Word};

    use super::*;

    #[test]
    fn a_described_recovery_point_says_how_long_it_is_kept() {
        let at = |seconds| Timestamp::from_second(seconds).ok();
        let kept = |lifecycle: CalculatedLifecycle| {
            let answer = DescribeRecoveryPointOutput::builder()
                .recovery_point_arn("arn:point")
                .backup_vault_name("aws/efs/automatic")
                .status(RecoveryPointStatus::Completed)
                .creation_date(DateTime::from_secs(10))
                .calculated_lifecycle(lifecycle)
                .storage_class(Word::Cold)
                .build();
            described(answer, "asked", "asked")
        };
        let point = kept(CalculatedLifecycle::builder().delete_at(DateTime::from_secs(30)).build());
        let expected = RecoveryPoint {
            arn: "arn:point".to_owned(),
            created: at(10),
            expires: at(30),
            status: PointStatus::Completed,
            vault_name: "aws/efs/automatic".to_owned(),
            storage_class: Some(StorageClass::Cold),
            ..RecoveryPoint::default()
        };
        assert_eq!(point, expected);
        assert_eq!(kept(CalculatedLifecycle::builder().build()).expires, None);
    }

    #[test]
    fn what_aws_left_out_is_as_we_asked_or_missing() {
        let point = described(DescribeRecoveryPointOutput::builder().resource_arn("").build(), "vault", "arn:point");
        let asked =
            RecoveryPoint { arn: "arn:point".to_owned(), vault_name: "vault".to_owned(), ..RecoveryPoint::default() };
        assert_eq!(point, asked);
        let point = listed(RecoveryPointByResource::builder().recovery_point_arn("arn:point").build());
        assert_eq!(point, RecoveryPoint { arn: "arn:point".to_owned(), ..RecoveryPoint::default() });
    }

    #[test]
    fn a_scan_is_clean_only_if_all_of_it_is_known() {
        let result = AggregatedScanResult::builder;
        let computed = DateTime::from_secs(10);
        let table = [
            (None, Scan::Unknown),
            (Some(result()), Scan::Unknown),
            (Some(result().failed_scan(false).last_computed(computed)), Scan::Clean),
            (Some(result().failed_scan(false)), Scan::Unknown),
            (Some(result().last_computed(computed)), Scan::Unknown),
            (Some(result().failed_scan(true).last_computed(computed)), Scan::Unknown),
            (Some(result().findings(ScanFinding::Malware).failed_scan(true)), Scan::Threats),
            (Some(result().findings(ScanFinding::from("ROOTKIT"))), Scan::Threats),
        ];
        for (told, scan) in table {
            let point = RecoveryPointByResource::builder()
                .set_aggregated_scan_result(told.clone().map(|result| result.build()))
                .build();
            assert_eq!(listed(point).scan, scan, "{told:?}");
        }
    }

    #[test]
    fn storage_classes_are_told_apart() {
        let table = [
            ("WARM", StorageClass::Warm),
            ("COLD", StorageClass::Cold),
            ("DELETED", StorageClass::Deleted),
            ("LUKEWARM", StorageClass::Other),
        ];
        for (word, class) in table {
            assert_eq!(storage_class(Word::from(word)), class, "{word}");
        }
    }

    #[test]
    fn a_restore_can_begin_from_a_point_that_is_whole_and_still_stored() {
        let table = [
            ("COMPLETED", None, Usable::Yes),
            ("AVAILABLE", None, Usable::Yes),
            ("STOPPED", None, Usable::Yes),
            ("COMPLETED", Some(StorageClass::Warm), Usable::Yes),
            ("COMPLETED", Some(StorageClass::Cold), Usable::Yes),
            ("COMPLETED", Some(StorageClass::Other), Usable::Yes),
            ("COMPLETED", Some(StorageClass::Deleted), Usable::No),
            ("FROZEN", Some(StorageClass::Deleted), Usable::No),
            ("PARTIAL", None, Usable::No),
            ("EXPIRED", None, Usable::No),
            ("DELETING", None, Usable::No),
            ("CREATING", None, Usable::No),
            ("FROZEN", None, Usable::Unknown),
            ("", None, Usable::Unknown),
        ];
        for (status, storage_class, usable) in table {
            let point = RecoveryPoint { status: status.into(), storage_class, ..RecoveryPoint::default() };
            assert_eq!((point.usable(), point.status.as_str()), (usable, status), "{storage_class:?}");
        }
    }
}
