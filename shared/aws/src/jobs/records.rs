//! The API's records of jobs, as jobs of one type.

use aws_sdk_backup::types::{BackupJob, BackupJobState, CopyJob, CopyJobState, RecoveryPointCreator};
use aws_sdk_backup::types::{RestoreJobStatus, RestoreJobsListMember};
use job::{CreatedBy, Deletion, Job, JobKind, JobState, Origin, RestoreRecord, RoleRef, Scope, Traces};
use job::{Validation, VaultRef};

use crate::convert::{filled, percent, sorted, timestamp};

pub(super) fn backup_job(job: BackupJob, region: &str) -> Job {
    let state = state(job.state.as_ref().map(BackupJobState::as_str));
    let (created, start_by) = (job.creation_date.and_then(timestamp), job.start_by.and_then(timestamp));
    let traces = Traces { rule: job.created_by.and_then(created_by), backup_job: None, created, start_by };
    Job {
        message: job.status_message.unwrap_or_default(),
        category: filled(job.message_category),
        scope: Scope::aws(job.account_id.unwrap_or_default(), region),
        resource_arn: job.resource_arn.unwrap_or_default(),
        resource_name: filled(job.resource_name),
        resource_type: job.resource_type.unwrap_or_default(),
        role: filled(job.iam_role_arn).map(RoleRef::from),
        vault: filled(job.backup_vault_arn).map(VaultRef::from),
        recovery_point_arn: filled(job.recovery_point_arn),
        encryption_key_arn: filled(job.encryption_key_arn),
        created,
        started: job.initiation_date.and_then(timestamp),
        ended: job.completion_date.and_then(timestamp),
        start_by,
        expected_completion: job.expected_completion_date.and_then(timestamp),
        origin: Origin::read(JobKind::Backup, traces),
        parent_job_id: filled(job.parent_job_id),
        is_parent: job.is_parent,
        size_bytes: job.backup_size_in_bytes,
        bytes_transferred: job.bytes_transferred,
        percent_done: job.percent_done.as_deref().and_then(percent),
        options: sorted(job.backup_options),
        ..Job::new(JobKind::Backup, job.backup_job_id.unwrap_or_default(), state)
    }
}

pub(super) fn copy_job(job: CopyJob, region: &str) -> Job {
    let state = state(job.state.as_ref().map(CopyJobState::as_str));
    let created = job.creation_date.and_then(timestamp);
    let traces = Traces {
        rule: job.created_by.and_then(created_by),
        backup_job: filled(job.created_by_backup_job_id),
        created,
        start_by: None,
    };
    Job {
        message: job.status_message.unwrap_or_default(),
        category: filled(job.message_category),
        scope: Scope::aws(job.account_id.unwrap_or_default(), region),
        resource_arn: job.resource_arn.unwrap_or_default(),
        resource_name: filled(job.resource_name),
        resource_type: job.resource_type.unwrap_or_default(),
        role: filled(job.iam_role_arn).map(RoleRef::from),
        vault: filled(job.source_backup_vault_arn).map(VaultRef::from),
        destination: filled(job.destination_backup_vault_arn).map(VaultRef::from),
        recovery_point_arn: filled(job.destination_recovery_point_arn),
        source_recovery_point_arn: filled(job.source_recovery_point_arn),
        encryption_key_arn: filled(job.destination_encryption_key_arn),
        created,
        ended: job.completion_date.and_then(timestamp),
        origin: Origin::read(JobKind::Copy, traces),
        parent_job_id: filled(job.parent_job_id),
        is_parent: job.is_parent,
        size_bytes: job.backup_size_in_bytes,
        ..Job::new(JobKind::Copy, job.copy_job_id.unwrap_or_default(), state)
    }
}

/// The creator of a restore job is a restore testing plan, which is no backup plan: for us an operator made it.
pub(super) fn restore_job(job: RestoreJobsListMember, region: &str) -> Job {
    let state = state(job.status.as_ref().map(RestoreJobStatus::as_str));
    let record = RestoreRecord {
        testing_plan_arn: job.created_by.and_then(|by| filled(by.restore_testing_plan_arn)),
        validation: job.validation_status.map(|status| Validation::parse(status.as_str())),
        validation_message: job.validation_status_message.unwrap_or_default(),
        deletion: job.deletion_status.map(|status| Deletion::parse(status.as_str())),
        deletion_message: job.deletion_status_message.unwrap_or_default(),
        created_resource_arn: filled(job.created_resource_arn),
        recovery_point_created: job.recovery_point_creation_date.and_then(timestamp),
    };
    Job {
        restore: Some(Box::new(record)),
        message: job.status_message.unwrap_or_default(),
        scope: Scope::aws(job.account_id.unwrap_or_default(), region),
        resource_arn: job.source_resource_arn.unwrap_or_default(),
        resource_type: job.resource_type.unwrap_or_default(),
        role: filled(job.iam_role_arn).map(RoleRef::from),
        vault: filled(job.backup_vault_arn).map(VaultRef::from),
        recovery_point_arn: filled(job.recovery_point_arn),
        created: job.creation_date.and_then(timestamp),
        ended: job.completion_date.and_then(timestamp),
        parent_job_id: filled(job.parent_job_id),
        is_parent: job.is_parent,
        size_bytes: job.backup_size_in_bytes,
        percent_done: job.percent_done.as_deref().and_then(percent),
        ..Job::new(JobKind::Restore, job.restore_job_id.unwrap_or_default(), state)
    }
}

/// A state that AWS left out is kept as an empty word: not known, and so never green.
fn state(word: Option<&str>) -> JobState {
    JobState::parse(word.unwrap_or_default())
}

/// `None` when the record names neither plan nor rule: an on-demand job may carry an empty creator.
fn created_by(creator: RecoveryPointCreator) -> Option<CreatedBy> {
    let by = CreatedBy {
        plan_id: filled(creator.backup_plan_id),
        plan_arn: filled(creator.backup_plan_arn),
        plan_name: filled(creator.backup_plan_name),
        plan_version: filled(creator.backup_plan_version),
        rule_id: filled(creator.backup_rule_id),
        rule_name: filled(creator.backup_rule_name),
        rule_schedule: filled(creator.backup_rule_cron),
        rule_time_zone: filled(creator.backup_rule_timezone),
    };
    (by != CreatedBy::default()).then_some(by)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use aws_sdk_backup::primitives::DateTime;
    use aws_sdk_backup::types::{RestoreDeletionStatus, RestoreJobCreator, RestoreValidationStatus};

    use super::*;

    #[test]
    fn a_backup_record_keeps_all_it_tells() {
        let record = BackupJob::builder()
            .account_id("111122223333")
            .backup_job_id("ABC-1")
            .state(BackupJobState::from("FROZEN"))
            .status_message("\"Access Denied\"")
            .percent_done("0.00%")
            .backup_options("WindowsVSS", "enabled")
            .resource_type("DynamoDB.FullyManaged")
            .creation_date(DateTime::from_millis(1_795_000_000_123))
            .created_by(RecoveryPointCreator::builder().backup_rule_cron("cron(0 5 ? * * *)").build())
            .build();
        let job = backup_job(record, "eu-west-1");
        assert_eq!(
            (job.id.as_str(), job.scope.account.as_str(), job.scope.region.as_str()),
            ("ABC-1", "111122223333", "eu-west-1")
        );
        assert_eq!(job.state, JobState::Other("FROZEN".to_owned()));
        assert_eq!(job.message, "\"Access Denied\"");
        assert_eq!(job.percent_done, Some(0.0));
        assert_eq!(job.options, BTreeMap::from([("WindowsVSS".to_owned(), "enabled".to_owned())]));
        assert_eq!(job.base_type(), "DynamoDB");
        assert_eq!(job.created.unwrap().as_millisecond(), 1_795_000_000_123);
        assert_eq!(job.rule().unwrap().rule_schedule.as_deref(), Some("cron(0 5 ? * * *)"));
    }

    #[test]
    fn a_copy_keeps_both_its_ends_apart() {
        let record = CopyJob::builder()
            .copy_job_id("c")
            .state(CopyJobState::Failed)
            .source_backup_vault_arn("source")
            .destination_backup_vault_arn("destination")
            .source_recovery_point_arn("read")
            .destination_recovery_point_arn("")
            .destination_encryption_key_arn("key")
            .build();
        let job = copy_job(record, "eu-west-1");
        assert_eq!(job.vault_arn(), Some("source"));
        assert_eq!(job.written_vault_arn(), Some("destination"));
        assert_eq!(job.source_recovery_point_arn.as_deref(), Some("read"));
        assert_eq!(job.recovery_point_arn, None);
        assert_eq!(job.encryption_key_arn.as_deref(), Some("key"));
    }

    #[test]
    fn a_restore_speaks_of_status() {
        let record = RestoreJobsListMember::builder().restore_job_id("r").status(RestoreJobStatus::Failed).build();
        let job = restore_job(record, "eu-west-1");
        assert_eq!((job.kind, &job.state), (JobKind::Restore, &JobState::Failed));
        assert_eq!(job.restore.as_deref(), Some(&RestoreRecord::default()));
    }

    #[test]
    fn a_restore_test_says_who_made_it_and_what_came_of_it() {
        const PLAN: &str = "arn:aws:backup:eu-west-1:111122223333:restore-testing-plan:weekly-1";
        let record = RestoreJobsListMember::builder()
            .restore_job_id("r")
            .status(RestoreJobStatus::Completed)
            .source_resource_arn("arn:db")
            .created_by(RestoreJobCreator::builder().restore_testing_plan_arn(PLAN).build())
            .validation_status(RestoreValidationStatus::from("REVIEWING"))
            .validation_status_message("looked at")
            .deletion_status(RestoreDeletionStatus::Failed)
            .deletion_status_message("the tag is gone")
            .created_resource_arn("arn:test")
            .recovery_point_creation_date(DateTime::from_secs(10))
            .build();
        let job = restore_job(record, "eu-west-1");
        let expected = RestoreRecord {
            testing_plan_arn: Some(PLAN.to_owned()),
            validation: Some(Validation::Other("REVIEWING".to_owned())),
            validation_message: "looked at".to_owned(),
            deletion: Some(Deletion::Failed),
            deletion_message: "the tag is gone".to_owned(),
            created_resource_arn: Some("arn:test".to_owned()),
            recovery_point_created: jiff::Timestamp::from_second(10).ok(),
        };
        assert_eq!(job.restore.as_deref(), Some(&expected));
        assert_eq!((job.testing_plan_arn(), job.resource_arn.as_str()), (Some(PLAN), "arn:db"));
    }

    #[test]
    fn a_missing_state_is_not_green_and_an_empty_creator_is_none() {
        let job =
            backup_job(BackupJob::builder().created_by(RecoveryPointCreator::builder().build()).build(), "eu-west-1");
        assert!(job.is_bad());
        assert_eq!(job.rule(), None);
    }
}
