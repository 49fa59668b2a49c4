//! AWS Backup, rest-json.

mod jobs;
mod members;
mod pages;
mod plans;
mod sight;
mod starts;
mod stops;
mod summaries;
mod testing;
mod vaults;

use super::State;
use super::wire::{Answer, Request, Service};

pub(crate) use pages::Listings;

/// The operation that a method and a path mean. The SDK sends no trailing slash, the documentation has one: both do.
pub(crate) fn operation(method: &str, segments: &[String]) -> Option<&'static str> {
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    Some(match (method, segments.as_slice()) {
        ("PUT", ["backup-jobs"]) => "StartBackupJob",
        ("PUT", ["copy-jobs"]) => "StartCopyJob",
        ("GET", ["backup-jobs"]) => "ListBackupJobs",
        ("POST", ["backup-jobs", _]) => "StopBackupJob",
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
        ("GET", ["backup-vaults", _, "recovery-points"]) => "ListRecoveryPointsByBackupVault",
        ("GET", ["backup-vaults", _, "access-policy"]) => "GetBackupVaultAccessPolicy",
        ("GET", ["backup-vaults", _, "recovery-points", _]) => "DescribeRecoveryPoint",
        ("GET", ["backup", "plans"]) => "ListBackupPlans",
        ("GET", ["backup", "plans", _]) => "GetBackupPlan",
        ("GET", ["backup", "plans", _, "versions"]) => "ListBackupPlanVersions",
        ("GET", ["backup", "plans", _, "selections"]) => "ListBackupSelections",
        ("GET", ["backup", "plans", _, "selections", _]) => "GetBackupSelection",
        ("GET", ["restore-testing", "plans"]) => "ListRestoreTestingPlans",
        ("GET", ["restore-testing", "plans", _, "selections"]) => "ListRestoreTestingSelections",
        ("GET", ["account-settings"]) => "DescribeRegionSettings",
        ("GET", ["audit", "backup-job-summaries"]) => "ListBackupJobSummaries",
        ("GET", ["audit", "copy-job-summaries"]) => "ListCopyJobSummaries",
        ("GET", ["audit", "restore-job-summaries"]) => "ListRestoreJobSummaries",
        _ => return None,
    })
}

pub(crate) fn answer(state: &mut State, operation: &str, request: &Request) -> Answer {
    let (organization, listings) = (&state.organization, &mut state.listings);
    let world = organization.world(&request.caller.account, &request.region);
    match operation {
        "StartBackupJob" => starts::start_backup_job(state, request),
        "StartCopyJob" => starts::start_copy_job(state, request),
        "ListBackupJobs" => jobs::list_backup_jobs(organization, listings, request),
        "StopBackupJob" => stops::stop_backup_job(state, request),
        "DescribeBackupJob" => jobs::describe_backup_job(world, request),
        "ListCopyJobs" => jobs::list_copy_jobs(organization, listings, request),
        "DescribeCopyJob" => jobs::describe_copy_job(world, request),
        "ListRestoreJobs" => jobs::list_restore_jobs(organization, listings, request),
        "DescribeRestoreJob" => jobs::describe_restore_job(world, request),
        "ListProtectedResources" => vaults::list_protected_resources(world, listings, request),
        "DescribeProtectedResource" => vaults::describe_protected_resource(world, request),
        "ListRecoveryPointsByResource" => vaults::list_recovery_points_by_resource(world, request),
        "ListRecoveryPointsByBackupVault" => vaults::list_recovery_points_by_backup_vault(world, request),
        "DescribeRecoveryPoint" => vaults::describe_recovery_point(world, request),
        "ListBackupVaults" => vaults::list_backup_vaults(world, request),
        "DescribeBackupVault" => vaults::describe_backup_vault(world, request),
        "GetBackupVaultAccessPolicy" => vaults::get_backup_vault_access_policy(world, request),
        "ListBackupPlans" => plans::list_backup_plans(world, request),
        "ListBackupPlanVersions" => plans::list_backup_plan_versions(world, request),
        "GetBackupPlan" => plans::get_backup_plan(world, request),
        "ListBackupSelections" => plans::list_backup_selections(world, request),
        "GetBackupSelection" => plans::get_backup_selection(world, request),
        "ListRestoreTestingPlans" => testing::list_restore_testing_plans(world, request),
        "ListRestoreTestingSelections" => testing::list_restore_testing_selections(world, request),
        "ListBackupJobSummaries" | "ListCopyJobSummaries" | "ListRestoreJobSummaries" => {
            summaries::list(organization, operation, request)
        }
        "DescribeRegionSettings" => plans::describe_region_settings(world),
        other => Service::Backup.unknown_operation(other),
    }
}

/// The identifier that stands at a place of the path.
fn segment(request: &Request, place: usize) -> &str {
    request.segments.get(place).map(String::as_str).unwrap_or_default()
}
