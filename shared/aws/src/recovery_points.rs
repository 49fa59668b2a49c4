//! Recovery points: what a restore can begin from.

use jiff::Timestamp;

use aws_sdk_backup::operation::describe_recovery_point::DescribeRecoveryPointOutput;
use aws_sdk_backup::types::{RecoveryPointByResource, RecoveryPointStatus};

use crate::clients::Aws;
use crate::convert::{filled, timestamp};
use crate::error::{Error, found};
use crate::paging::{PAGE, all_pages};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecoveryPoint {
    pub arn: String,
    /// When its job began. Of a continuous backup: when the first one did, for it is updated in place.
    pub created: Option<Timestamp>,
    /// As AWS writes it: `COMPLETED`, `PARTIAL`, `EXPIRED`.
    pub status: String,
    pub message: Option<String>,
    pub encryption_key_arn: Option<String>,
    pub size_bytes: Option<i64>,
    pub vault_name: String,
    pub is_parent: bool,
    /// What it was made from.
    pub resource_arn: Option<String>,
    /// Its list does not tell this, nor the two below: [`Aws::describe_recovery_point`] does.
    pub storage_class: Option<StorageClass>,
    pub completed: Option<Timestamp>,
    /// When AWS Backup deletes it. `None`: never, or not told.
    pub expires: Option<Timestamp>,
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

impl RecoveryPoint {
    /// Whether a restore can begin from it: not while it is made, nor when it is partial, expired or being deleted. STOPPED is a
    /// continuous backup that was switched off, and keeps what it holds.
    pub fn is_usable(&self) -> bool {
        matches!(self.status.as_str(), "COMPLETED" | "AVAILABLE" | "STOPPED")
            && self.storage_class != Some(StorageClass::Deleted)
    }
}

impl Aws {
    /// The recovery points of a resource in one Region, the newest first; none when AWS does not know the resource.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListRecoveryPointsByResource.html>
    pub async fn recovery_points(&self, region: &str, arn: &str) -> Result<Vec<RecoveryPoint>, Error> {
        // Snapshots that the service made by itself are no backups of AWS Backup. (RDS refuses pages below 20.)
        let list = self.backup(region).list_recovery_points_by_resource().resource_arn(arn);
        let list = list.managed_by_aws_backup_only(true).max_results(PAGE);
        let mut points = Vec::new();
        let read = all_pages(
            &self.gates.backup_lists,
            "backup:ListRecoveryPointsByResource",
            |token| list.clone().set_next_token(token).send(),
            |page| {
                points.extend(page.recovery_points.unwrap_or_default().into_iter().map(|point| listed(point, arn)));
                page.next_token
            },
        )
        .await;
        found(read)?;
        points.sort_by(|a: &RecoveryPoint, b| b.created.cmp(&a.created).then_with(|| a.arn.cmp(&b.arn)));
        Ok(points)
    }

    /// `None` when the recovery point does not exist any more. Its status tells whether it can be used.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeRecoveryPoint.html>
    pub async fn describe_recovery_point(
        &self,
        region: &str,
        vault_name: &str,
        arn: &str,
    ) -> Result<Option<RecoveryPoint>, Error> {
        let answer = {
            let _turn = self.gates.backup_reads.turn().await;
            let describe = self.backup(region).describe_recovery_point();
            describe.backup_vault_name(vault_name).recovery_point_arn(arn).send().await
        };
        let answer = answer.map_err(|error| Error::of("backup:DescribeRecoveryPoint", error));
        Ok(found(answer)?.map(|answer| described(answer, vault_name, arn)))
    }
}

fn listed(point: RecoveryPointByResource, resource_arn: &str) -> RecoveryPoint {
    RecoveryPoint {
        arn: point.recovery_point_arn.unwrap_or_default(),
        created: point.creation_date.and_then(timestamp),
        status: status(point.status.as_ref()),
        message: filled(point.status_message),
        encryption_key_arn: filled(point.encryption_key_arn),
        size_bytes: point.backup_size_bytes,
        vault_name: point.backup_vault_name.unwrap_or_default(),
        is_parent: point.is_parent,
        resource_arn: Some(resource_arn.to_owned()),
        storage_class: None,
        completed: None,
        expires: None,
    }
}

fn described(point: DescribeRecoveryPointOutput, vault_name: &str, arn: &str) -> RecoveryPoint {
    RecoveryPoint {
        arn: filled(point.recovery_point_arn).unwrap_or_else(|| arn.to_owned()),
        created: point.creation_date.and_then(timestamp),
        status: status(point.status.as_ref()),
        message: filled(point.status_message),
        encryption_key_arn: filled(point.encryption_key_arn),
        size_bytes: point.backup_size_in_bytes,
        vault_name: filled(point.backup_vault_name).unwrap_or_else(|| vault_name.to_owned()),
        is_parent: point.is_parent,
        resource_arn: filled(point.resource_arn),
        storage_class: point.storage_class.map(storage_class),
        completed: point.completion_date.and_then(timestamp),
        expires: point.calculated_lifecycle.and_then(|lifecycle| lifecycle.delete_at).and_then(timestamp),
    }
}

fn status(status: Option<&RecoveryPointStatus>) -> String {
    status.map(RecoveryPointStatus::as_str).unwrap_or_default().to_owned()
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
    use aws_sdk_backup::types::{CalculatedLifecycle, StorageClass as Word};

    use super::*;

    #[test]
    fn a_described_recovery_point_says_how_long_it_is_kept() {
        let at = |seconds| Timestamp::from_second(seconds).ok();
        let kept = |lifecycle: CalculatedLifecycle| {
            let answer = DescribeRecoveryPointOutput::builder()
                .recovery_point_arn("arn:point")
                .resource_arn("arn:db")
                .backup_vault_name("aws/efs/automatic")
                .status(RecoveryPointStatus::Completed)
                .creation_date(DateTime::from_secs(10))
                .completion_date(DateTime::from_secs(20))
                .calculated_lifecycle(lifecycle)
                .storage_class(Word::Cold)
                .build();
            described(answer, "asked", "asked")
        };
        let point = kept(CalculatedLifecycle::builder().delete_at(DateTime::from_secs(30)).build());
        let expected = RecoveryPoint {
            arn: "arn:point".to_owned(),
            created: at(10),
            completed: at(20),
            expires: at(30),
            status: "COMPLETED".to_owned(),
            vault_name: "aws/efs/automatic".to_owned(),
            resource_arn: Some("arn:db".to_owned()),
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
        let point = listed(RecoveryPointByResource::builder().recovery_point_arn("arn:point").build(), "arn:db");
        assert_eq!((point.arn.as_str(), point.resource_arn.as_deref()), ("arn:point", Some("arn:db")));
        assert_eq!((point.storage_class, point.completed, point.expires), (None, None, None));
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
            ("COMPLETED", None, true),
            ("AVAILABLE", None, true),
            ("STOPPED", None, true),
            ("COMPLETED", Some(StorageClass::Warm), true),
            ("COMPLETED", Some(StorageClass::Cold), true),
            ("COMPLETED", Some(StorageClass::Deleted), false),
            ("PARTIAL", None, false),
            ("EXPIRED", None, false),
            ("DELETING", None, false),
            ("CREATING", None, false),
            ("", None, false),
        ];
        for (status, storage_class, usable) in table {
            let point = RecoveryPoint { status: status.to_owned(), storage_class, ..RecoveryPoint::default() };
            assert_eq!(point.is_usable(), usable, "{status} {storage_class:?}");
        }
    }
}
