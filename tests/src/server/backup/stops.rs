//! Stops over the wire. AWS needs minutes; here a job is stopped at once.

use super::super::State;
use super::super::wire::{Answer, Request, Service};
use super::pages::{found, invalid, region_of};
use super::segment;

/// Types whose backups AWS Backup does not stop (API reference, StopBackupJob).
const NO_STOP: [&str; 6] = ["Aurora", "DocumentDB", "Neptune", "RDS", "FSx", "SAP HANA on Amazon EC2"];

pub(super) fn stop_backup_job(state: &mut State, request: &Request) -> Answer {
    let id = segment(request, 1).to_owned();
    let mut world = state.organization.visit(&request.caller.account, &request.region);
    let now = world.clock;
    let Some(job) = world.backup_job(&id).filter(|job| region_of(&job.vault_arn) == request.region) else {
        return found(None, &id);
    };
    if NO_STOP.contains(&job.kind.as_str()) {
        let message = format!("Stopping backup jobs of {} is not supported", job.kind);
        return Service::Backup.error(400, "InvalidRequestException", &message);
    }
    if job.ended(now) {
        return invalid(&format!("Backup job {id} has ended"));
    }
    world.stop_backup_job(&id);
    state.listings.forget();
    Answer::json(&serde_json::json!({}))
}
