//! AWS Backup, rest-json.

use std::cmp::Reverse;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::wire::{Answer, Request, Service};
use crate::world::{BackupJob, CopyJob, Creator, Lifecycle, RecoveryPoint, RestoreJob, Vault, World};

/// The operation that a method and a path mean. The SDK sends no trailing slash, the documentation has one: both do.
pub(crate) fn operation(method: &str, segments: &[String]) -> Option<&'static str> {
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    Some(match (method, segments.as_slice()) {
        ("GET", ["backup-jobs"]) => "ListBackupJobs",
        ("GET", ["backup-jobs", _]) => "DescribeBackupJob",
        ("GET", ["copy-jobs"]) => "ListCopyJobs",
        ("GET", ["copy-jobs", _]) => "DescribeCopyJob",
        ("GET", ["restore-jobs"]) => "ListRestoreJobs",
        ("GET", ["restore-jobs", _]) => "DescribeRestoreJob",
        ("GET", ["resources"]) => "ListProtectedResources",
        ("GET", ["resources", _]) => "DescribeProtectedResource",
        ("GET", ["resources", _, "recovery-points"]) => "ListRecoveryPointsByResource",
        ("GET", ["backup-vaults"]) => "ListBackupVaults",
        ("GET", ["backup-vaults", _]) => "DescribeBackupVault",
        ("GET", ["backup-vaults", _, "access-policy"]) => "GetBackupVaultAccessPolicy",
        ("GET", ["backup-vaults", _, "recovery-points", _]) => "DescribeRecoveryPoint",
        _ => return None,
    })
}

pub(crate) fn answer(world: &World, operation: &str, request: &Request) -> Answer {
    // Another Region of the account holds nothing but the vaults that were put there.
    let home = request.region == world.region;
    let named = request.segments.get(1).map(String::as_str).unwrap_or_default();
    match operation {
        "ListBackupJobs" => {
            let jobs = recent(&world.backup_jobs, world, |job| job.created).filter(|_| home);
            page(world, request, "BackupJobs", jobs.filter(|job| wants_backup(world, request, job)), |job| {
                backup_job(world, job)
            })
        }
        "ListCopyJobs" => {
            let jobs = recent(&world.copy_jobs, world, |job| job.created).filter(|_| home);
            page(world, request, "CopyJobs", jobs.filter(|job| wants_copy(world, request, job)), |job| {
                copy_job(world, job)
            })
        }
        "ListRestoreJobs" => {
            let jobs = recent(&world.restore_jobs, world, |job| job.created).filter(|_| home);
            page(world, request, "RestoreJobs", jobs.filter(|job| wants_restore(world, request, job)), |job| {
                restore_job(world, job)
            })
        }
        "DescribeBackupJob" => found(world.backup_job(named).filter(|_| home).map(|job| backup_job(world, job)), named),
        "DescribeCopyJob" => {
            let job = world.copy_job(named).filter(|_| home);
            found(job.map(|job| json!({"CopyJob": copy_job(world, job)})), named)
        }
        "DescribeRestoreJob" => {
            found(world.restore_job(named).filter(|_| home).map(|job| restore_job(world, job)), named)
        }
        "ListProtectedResources" => {
            let all = protected(world).into_iter().filter(|_| home);
            page(world, request, "Results", all, protected_resource)
        }
        "DescribeProtectedResource" => {
            let all = protected(world);
            let wanted = all.iter().find(|point| point.resource_arn == named).filter(|_| home);
            found(wanted.map(|point| protected_resource(point)), named)
        }
        "ListRecoveryPointsByResource" => {
            let mut points: Vec<_> = world
                .present_recovery_points()
                .filter(|point| home && point.resource_arn == named && region_of(&point.vault_arn) == request.region)
                .collect();
            points.sort_by_key(|point| (Reverse(point.created), &point.arn));
            page(world, request, "RecoveryPoints", points.into_iter(), recovery_point_by_resource)
        }
        "DescribeRecoveryPoint" => {
            let arn = request.segments.get(3).map(String::as_str).unwrap_or_default();
            let point = world.present_recovery_points().find(|point| {
                point.arn == arn && point.vault_name() == named && region_of(&point.vault_arn) == request.region
            });
            found(point.map(recovery_point), arn)
        }
        "ListBackupVaults" => {
            let vaults = world.vaults.iter().filter(|vault| ours(world, request, vault));
            page(world, request, "BackupVaultList", vaults, |vault| backup_vault(world, vault))
        }
        "DescribeBackupVault" => {
            let vault = world.vaults.iter().find(|vault| vault.name == named && ours(world, request, vault));
            found(vault.map(|vault| backup_vault(world, vault)), named)
        }
        "GetBackupVaultAccessPolicy" => {
            let vault = world.vaults.iter().find(|vault| vault.name == named && ours(world, request, vault));
            if vault.is_some_and(|vault| !vault.readable) {
                return Service::Backup.denied(operation);
            }
            // AWS says ResourceNotFound of a vault without a policy, too.
            let policy = vault.and_then(|vault| Some((vault, vault.policy.as_ref()?)));
            found(
                policy.map(|(vault, policy)| {
                    json!({"BackupVaultName": vault.name, "BackupVaultArn": vault.arn, "Policy": policy})
                }),
                named,
            )
        }
        other => Service::Backup.unknown_operation(other),
    }
}

/// AWS Backup lists the jobs of the last 30 days, newest first, and none from the future.
fn recent<'a, Job>(jobs: &'a [Job], world: &World, created: impl Fn(&Job) -> Timestamp) -> std::vec::IntoIter<&'a Job> {
    let horizon = world.clock - SignedDuration::from_hours(30 * 24);
    let mut recent: Vec<&Job> =
        jobs.iter().filter(|job| created(job) > horizon && created(job) <= world.clock).collect();
    recent.sort_by_key(|job| Reverse(created(job)));
    recent.into_iter()
}

/// One page of a list. The token is where the next page begins; it holds for the same filters only, as with AWS.
fn page<Item>(
    world: &World,
    request: &Request,
    member: &str,
    items: impl Iterator<Item = Item>,
    shape: impl Fn(Item) -> Value,
) -> Answer {
    let most = match request.parameter("maxResults").map(str::parse::<usize>) {
        None => world.page_size,
        Some(Ok(most @ 1..=1000)) => most.min(world.page_size),
        Some(_) => return invalid("maxResults must be from 1 to 1000"),
    };
    let from = match request.parameter("nextToken").map(|token| token.strip_prefix("from-").map(str::parse::<usize>)) {
        None => 0,
        Some(Some(Ok(from))) => from,
        Some(_) => return invalid("Invalid token"),
    };
    let mut items = items.skip(from);
    let page: Vec<Value> = items.by_ref().take(most).map(shape).collect();
    let mut answer = Map::new();
    if items.next().is_some() {
        answer.insert("NextToken".to_owned(), json!(format!("from-{}", from + page.len())));
    }
    answer.insert(member.to_owned(), Value::Array(page));
    Answer::json(&Value::Object(answer))
}

fn found(value: Option<Value>, name: &str) -> Answer {
    match value {
        Some(value) => Answer::json(&value),
        None => Service::Backup.error(400, "ResourceNotFoundException", &format!("{name} not found")),
    }
}

fn invalid(message: &str) -> Answer {
    Service::Backup.error(400, "InvalidParameterValueException", message)
}

fn wants_backup(world: &World, request: &Request, job: &BackupJob) -> bool {
    let state = job.state(world.clock).name();
    same(request, "resourceArn", &job.resource_arn)
        && same(request, "state", state)
        && same(request, "backupVaultName", &job.vault_name)
        && same(request, "resourceType", &job.kind)
        && same(request, "messageCategory", job.category.as_deref().unwrap_or_default())
        && same(request, "parentJobId", job.parent.as_deref().unwrap_or_default())
        && of_account(world, request)
        && between(request, job.created, job.ends.filter(|_| job.ended(world.clock)))
}

fn wants_copy(world: &World, request: &Request, job: &CopyJob) -> bool {
    let state = job.state(world.clock).name();
    same(request, "resourceArn", &job.resource_arn)
        && same(request, "state", state)
        && same(request, "resourceType", &job.kind)
        && same(request, "destinationVaultArn", &job.destination_vault_arn)
        && same(request, "sourceRecoveryPointArn", &job.source_recovery_point_arn)
        && same(request, "messageCategory", job.category.as_deref().unwrap_or_default())
        && same(request, "parentJobId", job.parent.as_deref().unwrap_or_default())
        && of_account(world, request)
        && between(request, job.created, job.ends.filter(|_| job.ended(world.clock)))
}

fn wants_restore(world: &World, request: &Request, job: &RestoreJob) -> bool {
    same(request, "status", job.state(world.clock).name())
        && same(request, "resourceType", &job.kind)
        && same(request, "restoreTestingPlanArn", job.restore_testing_plan_arn.as_deref().unwrap_or_default())
        && same(request, "parentJobId", job.parent.as_deref().unwrap_or_default())
        && of_account(world, request)
        && between(request, job.created, job.ends.filter(|_| job.ended(world.clock)))
}

fn same(request: &Request, parameter: &str, actual: &str) -> bool {
    request.parameter(parameter).is_none_or(|wanted| wanted == actual)
}

fn of_account(world: &World, request: &Request) -> bool {
    request.parameter("accountId").is_none_or(|wanted| wanted == "*" || wanted == world.account)
}

fn between(request: &Request, created: Timestamp, ended: Option<Timestamp>) -> bool {
    let bound = |name: &str| request.parameter(name).map(|text| text.parse::<Timestamp>().expect("an RFC 3339 date"));
    bound("createdAfter").is_none_or(|bound| created > bound)
        && bound("createdBefore").is_none_or(|bound| created < bound)
        && bound("completeAfter").is_none_or(|bound| ended.is_some_and(|ended| ended > bound))
        && bound("completeBefore").is_none_or(|bound| ended.is_some_and(|ended| ended < bound))
}

fn ours(world: &World, request: &Request, vault: &Vault) -> bool {
    vault.account() == world.account && vault.region() == request.region
}

fn backup_job(world: &World, job: &BackupJob) -> Value {
    let state = job.state(world.clock);
    let ended = job.ended(world.clock);
    let done = ended && job.recovery_point_arn.is_some();
    let lock = world.vaults.iter().any(|vault| vault.arn == job.vault_arn && vault.min_retention_days.is_some());
    trimmed(json!({
        "AccountId": world.account,
        "BackupJobId": job.id,
        "BackupVaultName": job.vault_name,
        "BackupVaultArn": job.vault_arn,
        "VaultType": "BACKUP_VAULT",
        "VaultLockState": lock.then_some("LOCKED"),
        "RecoveryPointArn": job.recovery_point_arn.as_ref().filter(|_| done),
        "RecoveryPointLifecycle": lifecycle(job.lifecycle),
        "EncryptionKeyArn": job.key.as_ref().filter(|_| done),
        "IsEncrypted": done && job.key.is_some(),
        "ResourceArn": job.resource_arn,
        "ResourceName": job.resource_name,
        "ResourceType": job.kind,
        "CreationDate": seconds(job.created),
        "InitiationDate": seconds(job.created),
        "CompletionDate": job.ends.filter(|_| ended).map(seconds),
        "StartBy": seconds(job.start_by),
        "State": state.name(),
        "StatusMessage": job.message.as_ref().filter(|_| ended),
        "MessageCategory": job.category.as_ref().filter(|_| ended),
        "PercentDone": if done { "100.0" } else { "0.0" },
        // AWS leaves the size at 0 for the databases of RDS.
        "BackupSizeInBytes": if done && job.kind != "RDS" { job.bytes } else { 0 },
        "BytesTransferred": if done { job.bytes } else { 0 },
        "IamRoleArn": job.role_arn,
        "CreatedBy": job.created_by.as_ref().map(creator),
        "ParentJobId": job.parent,
        "IsParent": job.is_parent
    }))
}

fn copy_job(world: &World, job: &CopyJob) -> Value {
    let ended = job.ended(world.clock);
    trimmed(json!({
        "AccountId": world.account,
        "CopyJobId": job.id,
        "SourceBackupVaultArn": job.source_vault_arn,
        "SourceRecoveryPointArn": job.source_recovery_point_arn,
        "DestinationBackupVaultArn": job.destination_vault_arn,
        "DestinationRecoveryPointArn": job.destination_recovery_point_arn.as_ref().filter(|_| ended),
        "DestinationRecoveryPointLifecycle": lifecycle(job.lifecycle),
        "ResourceArn": job.resource_arn,
        "ResourceName": job.resource_name,
        "ResourceType": job.kind,
        "CreationDate": seconds(job.created),
        "CompletionDate": job.ends.filter(|_| ended).map(seconds),
        "State": job.state(world.clock).name(),
        "StatusMessage": job.message.as_ref().filter(|_| ended),
        "MessageCategory": job.category.as_ref().filter(|_| ended),
        "BackupSizeInBytes": job.bytes,
        "IamRoleArn": job.role_arn,
        "CreatedBy": job.created_by.as_ref().map(creator),
        "CreatedByBackupJobId": job.created_by_backup_job,
        "ParentJobId": job.parent,
        "IsParent": job.is_parent
    }))
}

fn restore_job(world: &World, job: &RestoreJob) -> Value {
    let ended = job.ended(world.clock);
    let created_by = job.restore_testing_plan_arn.as_ref().map(|arn| json!({"RestoreTestingPlanArn": arn}));
    trimmed(json!({
        "AccountId": world.account,
        "RestoreJobId": job.id,
        "RecoveryPointArn": job.recovery_point_arn,
        "RecoveryPointCreationDate": seconds(job.recovery_point_created),
        "SourceResourceArn": job.source_resource_arn,
        "BackupVaultArn": job.vault_arn,
        "CreationDate": seconds(job.created),
        "CompletionDate": job.ends.filter(|_| ended).map(seconds),
        "Status": job.state(world.clock).name(),
        "StatusMessage": job.message.as_ref().filter(|_| ended),
        "PercentDone": "0.00%",
        "BackupSizeInBytes": job.bytes,
        "IamRoleArn": job.role_arn,
        "CreatedResourceArn": job.created_resource_arn.as_ref().filter(|_| ended),
        "ResourceType": job.kind,
        "CreatedBy": created_by,
        "ParentJobId": job.parent
    }))
}

/// The newest recovery point of each resource that has ever been backed up, even if it is no longer there.
fn protected(world: &World) -> Vec<&RecoveryPoint> {
    let mut newest: Vec<&RecoveryPoint> = Vec::new();
    for point in world.recovery_points.iter().filter(|point| point.completed <= world.clock) {
        if point.source_vault_arn.is_some() {
            continue;
        }
        match newest.iter_mut().find(|known| known.resource_arn == point.resource_arn) {
            Some(known) if known.created < point.created => *known = point,
            Some(_) => {}
            None => newest.push(point),
        }
    }
    newest
}

fn protected_resource(newest: &RecoveryPoint) -> Value {
    json!({
        "ResourceArn": newest.resource_arn,
        "ResourceName": newest.resource_name,
        "ResourceType": newest.kind,
        "LastBackupTime": seconds(newest.created),
        "LastBackupVaultArn": newest.vault_arn,
        "LastRecoveryPointArn": newest.arn
    })
}

fn recovery_point_by_resource(point: &RecoveryPoint) -> Value {
    trimmed(json!({
        "RecoveryPointArn": point.arn,
        "CreationDate": seconds(point.created),
        "Status": point.status,
        "EncryptionKeyArn": point.key,
        "EncryptionKeyType": point.key.as_ref().map(|_| "CUSTOMER_MANAGED_KMS_KEY"),
        "BackupSizeBytes": point.bytes,
        "BackupVaultName": point.vault_name(),
        "IsParent": false,
        "ResourceName": point.resource_name,
        "VaultType": "BACKUP_VAULT"
    }))
}

fn recovery_point(point: &RecoveryPoint) -> Value {
    trimmed(json!({
        "RecoveryPointArn": point.arn,
        "BackupVaultName": point.vault_name(),
        "BackupVaultArn": point.vault_arn,
        "SourceBackupVaultArn": point.source_vault_arn,
        "ResourceArn": point.resource_arn,
        "ResourceName": point.resource_name,
        "ResourceType": point.kind,
        "CreatedBy": point.created_by.as_ref().map(creator),
        "IamRoleArn": point.role_arn,
        "Status": point.status,
        "CreationDate": seconds(point.created),
        "InitiationDate": seconds(point.created),
        "CompletionDate": seconds(point.completed),
        "BackupSizeInBytes": point.bytes,
        "Lifecycle": lifecycle(point.lifecycle),
        "CalculatedLifecycle": point.delete_at().map(|at| json!({"DeleteAt": seconds(at)})),
        "EncryptionKeyArn": point.key,
        "IsEncrypted": point.key.is_some(),
        "StorageClass": "WARM",
        "VaultType": "BACKUP_VAULT"
    }))
}

fn backup_vault(world: &World, vault: &Vault) -> Value {
    let points = world.present_recovery_points().filter(|point| point.vault_arn == vault.arn).count();
    trimmed(json!({
        "BackupVaultName": vault.name,
        "BackupVaultArn": vault.arn,
        "VaultType": "BACKUP_VAULT",
        "VaultState": "AVAILABLE",
        "CreationDate": seconds(vault.created),
        "EncryptionKeyArn": vault.key,
        "EncryptionKeyType": if vault.key.is_some() { "CUSTOMER_MANAGED_KMS_KEY" } else { "AWS_OWNED_KMS_KEY" },
        "NumberOfRecoveryPoints": points,
        "Locked": vault.min_retention_days.is_some() || vault.max_retention_days.is_some(),
        "MinRetentionDays": vault.min_retention_days,
        "MaxRetentionDays": vault.max_retention_days
    }))
}

fn creator(creator: &Creator) -> Value {
    json!({
        "BackupPlanId": creator.plan_id,
        "BackupPlanArn": creator.plan_arn,
        "BackupPlanName": creator.plan_name,
        "BackupPlanVersion": creator.plan_version,
        "BackupRuleId": creator.rule_id,
        "BackupRuleName": creator.rule_name,
        "BackupRuleCron": creator.rule_cron,
        "BackupRuleTimezone": creator.rule_timezone
    })
}

fn lifecycle(lifecycle: Lifecycle) -> Value {
    trimmed(json!({
        "DeleteAfterDays": lifecycle.delete_after_days,
        "MoveToColdStorageAfterDays": lifecycle.cold_after_days
    }))
}

/// AWS leaves out what it does not know; it does not send null.
fn trimmed(mut value: Value) -> Value {
    if let Some(members) = value.as_object_mut() {
        members.retain(|_, member| !member.is_null());
    }
    value
}

fn seconds(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}

fn region_of(arn: &str) -> &str {
    arn.split(':').nth(3).unwrap_or_default()
}
