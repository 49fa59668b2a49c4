//! Protected resources, recovery points and vaults.

use std::cmp::Reverse;
use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::wire::{Answer, Request, Service};
use super::pages::{Listings, Place, creator, found, lifecycle, page, region_of, seconds, trimmed};
use super::segment;
use crate::world::{LastBackup, RecoveryPoint, Scan, Vault, World};

pub(super) fn list_protected_resources(world: &World, listings: &mut Listings, request: &Request) -> Answer {
    let listed =
        listings.of(request, || if request.region == world.region { protected(world, |_| true) } else { Vec::new() });
    page(world, request, "Results", listed, |place| protected_resource(world, &world.recovery_points[place.item]))
}

pub(super) fn describe_protected_resource(world: &World, request: &Request) -> Answer {
    let arn = segment(request, 1);
    let places = protected(world, |point| request.region == world.region && point.resource_arn == arn);
    // This outlives the records of jobs, and counts a restore that failed.
    let restores = world.restore_jobs.iter().filter(|job| job.source_resource_arn.as_deref() == Some(arn));
    let latest = restores.map(|job| job.created).filter(|created| *created <= world.clock).max();
    let described = |place: &Place| {
        let mut value = protected_resource(world, &world.recovery_points[place.item]);
        value["LatestRestoreJobCreationDate"] = json!(latest.map(seconds));
        trimmed(value)
    };
    found(places.first().map(described), arn)
}

pub(super) fn list_recovery_points_by_resource(world: &World, request: &Request) -> Answer {
    let arn = segment(request, 1);
    // A copy is listed where it lies, in the account whose vault it is.
    let vaults: Vec<&Vault> = world.vaults.iter().filter(|vault| ours(world, request, vault)).collect();
    let here = |point: &&RecoveryPoint| vaults.iter().any(|vault| vault.arn == point.vault_arn);
    let mut points: Vec<_> =
        world.present_recovery_points().filter(|point| point.resource_arn == arn).filter(here).collect();
    points.sort_by_key(|point| (Reverse(point.created), &point.arn));
    page(world, request, "RecoveryPoints", &points, |point| recovery_point_by_resource(point))
}

pub(super) fn list_recovery_points_by_backup_vault(world: &World, request: &Request) -> Answer {
    let name = segment(request, 1);
    let bound = |name: &str| request.parameter(name).map(|text| text.parse::<Timestamp>().expect("an RFC 3339 date"));
    let (before, after) = (bound("createdBefore"), bound("createdAfter"));
    let Some(vault) = vault_named(world, request, name) else { return found(None, name) };
    let wanted = |point: &&RecoveryPoint| {
        point.vault_arn == vault.arn
            && before.is_none_or(|bound| point.created < bound)
            && after.is_none_or(|bound| point.created > bound)
    };
    let mut points: Vec<_> = world.present_recovery_points().filter(wanted).collect();
    points.sort_by_key(|point| (Reverse(point.created), &point.arn));
    page(world, request, "RecoveryPoints", &points, |point| recovery_point(world, point))
}

pub(super) fn describe_recovery_point(world: &World, request: &Request) -> Answer {
    let (vault, arn) = (segment(request, 1), segment(request, 3));
    let point = world
        .present_recovery_points()
        .find(|point| point.arn == arn && point.vault_name() == vault && region_of(&point.vault_arn) == request.region);
    found(point.map(|point| recovery_point(world, point)), arn)
}

pub(super) fn list_backup_vaults(world: &World, request: &Request) -> Answer {
    let vaults: Vec<_> = world.vaults.iter().filter(|vault| ours(world, request, vault)).collect();
    page(world, request, "BackupVaultList", &vaults, |vault| backup_vault(world, vault))
}

pub(super) fn describe_backup_vault(world: &World, request: &Request) -> Answer {
    let name = segment(request, 1);
    found(vault_named(world, request, name).map(|vault| backup_vault(world, vault)), name)
}

pub(super) fn get_backup_vault_access_policy(world: &World, request: &Request) -> Answer {
    let name = segment(request, 1);
    let vault = vault_named(world, request, name);
    if vault.is_some_and(|vault| !vault.readable) {
        return Service::Backup.denied("GetBackupVaultAccessPolicy");
    }
    // AWS says ResourceNotFound of a vault without a policy, too.
    let policy = vault.and_then(|vault| Some((vault, vault.policy.as_ref()?)));
    let shape = |(vault, policy): (&Vault, &String)| json!({"BackupVaultName": vault.name, "BackupVaultArn": vault.arn, "Policy": policy});
    found(policy.map(shape), name)
}

fn vault_named<'a>(world: &'a World, request: &Request, name: &str) -> Option<&'a Vault> {
    world.vaults.iter().find(|vault| vault.name == name && ours(world, request, vault))
}

fn ours(world: &World, request: &Request, vault: &Vault) -> bool {
    vault.account() == world.account && vault.region() == request.region
}

/// The places of the newest recovery point of each resource that has ever been backed up, even if it is no longer there.
fn protected(world: &World, wanted: impl Fn(&RecoveryPoint) -> bool) -> Vec<Place> {
    let mut newest: Vec<usize> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    for (place, point) in world.recovery_points.iter().enumerate() {
        if point.completed > world.clock || point.source_vault_arn.is_some() || !wanted(point) {
            continue;
        }
        let entry = *known.entry(&point.resource_arn).or_insert_with(|| {
            newest.push(place);
            newest.len() - 1
        });
        if last_backup(world, &world.recovery_points[newest[entry]]) < last_backup(world, point) {
            newest[entry] = place;
        }
    }
    newest.into_iter().map(|item| Place { world: 0, item }).collect()
}

/// A continuous backup is as old as its last renewal, whatever a snapshot is.
fn last_backup(world: &World, point: &RecoveryPoint) -> Timestamp {
    match world.last_backup {
        LastBackup::StartOfJob if !point.continuous => point.created,
        LastBackup::StartOfJob | LastBackup::EndOfJob => point.last_completed(world.clock),
    }
}

fn protected_resource(world: &World, newest: &RecoveryPoint) -> Value {
    json!({
        "ResourceArn": newest.resource_arn,
        "ResourceName": newest.resource_name,
        "ResourceType": newest.kind,
        "LastBackupTime": seconds(last_backup(world, newest)),
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
        "IsParent": point.is_parent,
        "ParentRecoveryPointArn": point.parent,
        "ResourceName": point.resource_name,
        "VaultType": "BACKUP_VAULT",
        "AggregatedScanResult": point.scan.map(|scan| json!({
            "FailedScan": scan == Scan::Failed,
            "Findings": if scan == Scan::Threats { vec!["MALWARE"] } else { Vec::new() },
            "LastComputed": seconds(point.completed)
        }))
    }))
}

fn recovery_point(world: &World, point: &RecoveryPoint) -> Value {
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
        "CompletionDate": seconds(point.last_completed(world.clock)),
        "BackupSizeInBytes": point.bytes,
        "Lifecycle": lifecycle(point.lifecycle),
        "CalculatedLifecycle": trimmed(json!({
            "MoveToColdStorageAt": point.cold_at().map(seconds),
            "DeleteAt": point.delete_at(world.clock).map(seconds)
        })),
        "EncryptionKeyArn": point.key,
        "IsEncrypted": point.key.is_some(),
        "IsParent": point.is_parent,
        "ParentRecoveryPointArn": point.parent,
        "StorageClass": if point.cold(world.clock) { "COLD" } else { "WARM" },
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
        "LockDate": vault.lock_date.map(seconds),
        "MinRetentionDays": vault.min_retention_days,
        "MaxRetentionDays": vault.max_retention_days
    }))
}
