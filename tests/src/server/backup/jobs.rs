//! Backup, copy and restore jobs.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::super::wire::{Answer, Request};
use super::members::Members;
use super::pages::{Listings, Place, found, page, region_of, seconds, trimmed, written_page};
use super::segment;
use super::sight::Sight;
use crate::world::{BackupJob, CopyJob, JobState, Organization, RestoreJob, World};

pub(super) fn list_backup_jobs(organization: &Organization, listings: &mut Listings, request: &Request) -> Answer {
    let sight = match Sight::of_list(organization, request, organization.star_of_backups) {
        Ok(sight) => sight,
        Err(refused) => return refused,
    };
    let find = || {
        let filter = Filter::of(organization.clock(), request);
        let here = |job: &BackupJob| region_of(&job.vault_arn) == request.region;
        newest(&sight, |world| &world.backup_jobs, |job| job.created, |_, job| here(job) && filter.wants_backup(job))
    };
    let listed = listings.of(request, find);
    written_page(sight.caller, request, "BackupJobs", listed, |place, text| {
        let world = sight.worlds[place.world].0;
        write_backup_job(world, &world.backup_jobs[place.item], text);
    })
}

pub(super) fn list_copy_jobs(organization: &Organization, listings: &mut Listings, request: &Request) -> Answer {
    let sight = match Sight::of_list(organization, request, organization.star_of_others) {
        Ok(sight) => sight,
        Err(refused) => return refused,
    };
    let find = || {
        let filter = Filter::of(organization.clock(), request);
        let here = |job: &CopyJob| region_of(&job.source_vault_arn) == request.region;
        newest(&sight, |world| &world.copy_jobs, |job| job.created, |_, job| here(job) && filter.wants_copy(job))
    };
    let listed = listings.of(request, find);
    written_page(sight.caller, request, "CopyJobs", listed, |place, text| {
        let world = sight.worlds[place.world].0;
        write_copy_job(world, &world.copy_jobs[place.item], text);
    })
}

pub(super) fn list_restore_jobs(organization: &Organization, listings: &mut Listings, request: &Request) -> Answer {
    let sight = match Sight::of_list(organization, request, organization.star_of_others) {
        Ok(sight) => sight,
        Err(refused) => return refused,
    };
    let find = || {
        let filter = Filter::of(organization.clock(), request);
        let here = |world: &World| world.region == request.region;
        newest(
            &sight,
            |world| &world.restore_jobs,
            |job| job.created,
            |world, job| here(world) && filter.wants_restore(job),
        )
    };
    let listed = listings.of(request, find);
    page(sight.caller, request, "RestoreJobs", listed, |place| {
        let world = sight.worlds[place.world].0;
        restore_job(world, &world.restore_jobs[place.item])
    })
}

pub(super) fn describe_backup_job(world: &World, request: &Request) -> Answer {
    let id = segment(request, 1);
    let job = world.backup_job(id).filter(|job| region_of(&job.vault_arn) == request.region);
    found(job.map(|job| described_backup_job(world, job)), id)
}

pub(super) fn describe_copy_job(world: &World, request: &Request) -> Answer {
    let id = segment(request, 1);
    let job = world.copy_job(id).filter(|_| request.region == world.region);
    found(job.map(|job| json!({"CopyJob": written(|text| write_copy_job(world, job, text))})), id)
}

pub(super) fn describe_restore_job(world: &World, request: &Request) -> Answer {
    let id = segment(request, 1);
    let job = world.restore_job(id).filter(|_| request.region == world.region);
    found(job.map(|job| restore_job(world, job)), id)
}

fn written(write: impl FnOnce(&mut String)) -> Value {
    let mut text = String::new();
    write(&mut text);
    serde_json::from_str(&text).expect("the simulator writes JSON")
}

/// The places of the jobs of the last 30 days that are wanted and in sight, newest first: AWS Backup lists no older ones.
fn newest<'a, Job: 'a>(
    sight: &Sight<'a>,
    jobs: impl Fn(&'a World) -> &'a [Job],
    created: impl Fn(&Job) -> Timestamp,
    wanted: impl Fn(&World, &Job) -> bool,
) -> Vec<Place> {
    let now = sight.caller.clock;
    let horizon = now - SignedDuration::from_hours(30 * 24);
    let mut places: Vec<(Reverse<Timestamp>, Place)> = Vec::new();
    for (number, (world, since)) in sight.worlds.iter().enumerate() {
        let recent = |job: &Job| created(job) > horizon && created(job) >= *since && created(job) <= now;
        let here = jobs(world).iter().enumerate().filter(|(_, job)| recent(job) && wanted(world, job));
        places.extend(here.map(|(item, job)| (Reverse(created(job)), Place { world: number, item })));
    }
    places.sort_by_key(|(created, _)| *created);
    places.into_iter().map(|(_, place)| place).collect()
}

/// What a list is asked for, read once for all jobs.
struct Filter<'a> {
    now: Timestamp,
    equal: BTreeMap<&'a str, &'a str>,
    created_after: Option<Timestamp>,
    created_before: Option<Timestamp>,
    complete_after: Option<Timestamp>,
    complete_before: Option<Timestamp>,
}

impl<'a> Filter<'a> {
    fn of(now: Timestamp, request: &'a Request) -> Self {
        let bound =
            |name: &str| request.parameter(name).map(|text| text.parse::<Timestamp>().expect("an RFC 3339 date"));
        Filter {
            now,
            equal: request.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
            created_after: bound("createdAfter"),
            created_before: bound("createdBefore"),
            complete_after: bound("completeAfter"),
            complete_before: bound("completeBefore"),
        }
    }

    fn wants_backup(&self, job: &BackupJob) -> bool {
        self.same("state", job.state(self.now).name())
            && self.same("resourceArn", &job.resource_arn)
            && self.same("backupVaultName", &job.vault_name)
            && self.same("resourceType", &job.kind)
            && self.same("messageCategory", job.category.as_deref().unwrap_or_default())
            && self.same("parentJobId", job.parent.as_deref().unwrap_or_default())
            && self.in_time(job.created, job.ends)
    }

    fn wants_copy(&self, job: &CopyJob) -> bool {
        self.same("state", job.state(self.now).name())
            && self.same("resourceArn", &job.resource_arn)
            && self.same("resourceType", &job.kind)
            && self.same("destinationVaultArn", &job.destination_vault_arn)
            && self.same("sourceRecoveryPointArn", &job.source_recovery_point_arn)
            && self.same("messageCategory", job.category.as_deref().unwrap_or_default())
            && self.same("parentJobId", job.parent.as_deref().unwrap_or_default())
            && self.in_time(job.created, job.ends)
    }

    fn wants_restore(&self, job: &RestoreJob) -> bool {
        self.same("status", job.state(self.now).name())
            && self.same("resourceType", &job.kind)
            && self
                .same("restoreTestingPlanArn", job.test.as_ref().map(|test| test.plan_arn.as_str()).unwrap_or_default())
            && self.same("parentJobId", job.parent.as_deref().unwrap_or_default())
            && self.in_time(job.created, job.ends)
    }

    fn same(&self, parameter: &str, actual: &str) -> bool {
        self.equal.get(parameter).is_none_or(|wanted| *wanted == actual)
    }

    fn in_time(&self, created: Timestamp, ends: Option<Timestamp>) -> bool {
        let ended = ends.filter(|ends| *ends <= self.now);
        self.created_after.is_none_or(|bound| created > bound)
            && self.created_before.is_none_or(|bound| created < bound)
            && self.complete_after.is_none_or(|bound| ended.is_some_and(|ended| ended > bound))
            && self.complete_before.is_none_or(|bound| ended.is_some_and(|ended| ended < bound))
    }
}

/// The list's members and, of a parent, what has become of its children.
fn described_backup_job(world: &World, job: &BackupJob) -> Value {
    let mut value = written(|text| write_backup_job(world, job, text));
    if job.is_parent {
        let mut states: BTreeMap<&str, usize> = BTreeMap::new();
        for child in world.backup_jobs.iter().filter(|child| child.parent.as_ref() == Some(&job.id)) {
            *states.entry(child.state(world.clock).name()).or_default() += 1;
        }
        value["NumberOfChildJobs"] = json!(states.values().sum::<usize>());
        value["ChildJobsInState"] = json!(states);
    }
    value
}

fn write_backup_job(world: &World, job: &BackupJob, text: &mut String) {
    let ended = job.ended(world.clock);
    let done = ended && job.recovery_point_arn.is_some();
    let locked = world.vaults.iter().any(|vault| vault.arn == job.vault_arn && vault.min_retention_days.is_some());
    let mut members = Members::begin(text);
    members
        .text("AccountId", &world.account)
        .text("BackupJobId", &job.id)
        .text("BackupVaultName", &job.vault_name)
        .text("BackupVaultArn", &job.vault_arn)
        .text("VaultType", "BACKUP_VAULT");
    if locked {
        members.text("VaultLockState", "LOCKED");
    }
    members
        .known("RecoveryPointArn", job.recovery_point_arn.as_ref().filter(|_| done))
        .lifecycle("RecoveryPointLifecycle", job.lifecycle)
        .known("EncryptionKeyArn", job.key.as_ref().filter(|_| ended))
        .plain("IsEncrypted", done && job.key.is_some())
        .text("ResourceArn", &job.resource_arn)
        .text("ResourceName", &job.resource_name)
        .text("ResourceType", &job.kind)
        .moment("CreationDate", Some(job.created))
        .moment("InitiationDate", job.initiated.filter(|initiated| *initiated <= world.clock))
        .moment("CompletionDate", job.ends.filter(|_| ended))
        .moment("ExpectedCompletionDate", (job.begins <= world.clock).then_some(job.expected))
        .moment("StartBy", Some(job.start_by))
        .text("State", job.state(world.clock).name())
        .known("StatusMessage", job.message.as_ref().filter(|_| ended))
        .known("MessageCategory", job.category.as_ref().filter(|_| ended))
        .text("PercentDone", &format!("{:.1}", job.percent_done(world.clock)))
        // AWS leaves the size at 0 for the databases of RDS.
        .plain("BackupSizeInBytes", if done && job.kind != "RDS" { job.bytes } else { 0 })
        .plain("BytesTransferred", if done { job.bytes } else { 0 })
        .text("IamRoleArn", &job.role_arn)
        .creator("CreatedBy", job.created_by.as_ref())
        .pairs("BackupOptions", &job.options)
        .known("ParentJobId", job.parent.as_ref())
        .plain("IsParent", job.is_parent);
    members.end();
}

fn write_copy_job(world: &World, job: &CopyJob, text: &mut String) {
    let ended = job.ended(world.clock);
    let mut members = Members::begin(text);
    members
        .text("AccountId", &world.account)
        .text("CopyJobId", &job.id)
        .text("SourceBackupVaultArn", &job.source_vault_arn)
        .text("SourceRecoveryPointArn", &job.source_recovery_point_arn)
        .text("DestinationBackupVaultArn", &job.destination_vault_arn)
        .known("DestinationRecoveryPointArn", job.destination_recovery_point_arn.as_ref().filter(|_| ended))
        .lifecycle("DestinationRecoveryPointLifecycle", job.lifecycle)
        .text("ResourceArn", &job.resource_arn)
        .text("ResourceName", &job.resource_name)
        .text("ResourceType", &job.kind)
        .moment("CreationDate", Some(job.created))
        .moment("CompletionDate", job.ends.filter(|_| ended))
        .text("State", job.state(world.clock).name())
        .known("StatusMessage", job.message.as_ref().filter(|_| ended))
        .known("MessageCategory", job.category.as_ref().filter(|_| ended))
        .plain("BackupSizeInBytes", job.bytes)
        .text("IamRoleArn", &job.role_arn)
        .creator("CreatedBy", job.created_by.as_ref())
        .known("CreatedByBackupJobId", job.created_by_backup_job.as_ref())
        .known("ParentJobId", job.parent.as_ref())
        .plain("IsParent", job.is_parent);
    members.end();
}

fn restore_job(world: &World, job: &RestoreJob) -> Value {
    let ended = job.ended(world.clock);
    let created_by = job.test.as_ref().map(|test| json!({"RestoreTestingPlanArn": test.plan_arn}));
    let completed = job.ends.filter(|_| ended && job.end == JobState::Completed);
    let test = job.test.as_ref().zip(completed);
    let validation = test.and_then(|(test, completed)| test.validation(completed, world.clock));
    let deletion = test.and_then(|(test, completed)| test.deletion(completed, world.clock));
    trimmed(json!({
        "AccountId": world.account,
        "RestoreJobId": job.id,
        "RecoveryPointArn": job.recovery_point_arn,
        "RecoveryPointCreationDate": job.recovery_point_created.map(seconds),
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
        "ValidationStatus": validation.map(|(status, _)| status),
        "ValidationStatusMessage": validation.and_then(|(_, message)| message),
        "DeletionStatus": deletion.map(|(status, _)| status),
        "DeletionStatusMessage": deletion.and_then(|(_, message)| message),
        "ParentJobId": job.parent
    }))
}
