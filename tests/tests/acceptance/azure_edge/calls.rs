//! Each call, and a night from the trigger to the recovery point.

use azure::{
    BackupType, Ended, GraphJobs, ItemKind, JobFilter, JobStatus, LastBackup, LockLevel, OperationState, Ready, Request,
};
use jiff::{SignedDuration, Timestamp};
use tests::Simulator;
use tests::world::azure::Cause;

use super::{NIGHT, at, company, item, run, soon, subscription, tenant, vault};

fn all_day(status: Option<JobStatus>) -> JobFilter {
    JobFilter { status, operation: None, started: (at("2026-03-12T00:00:00Z"), at("2026-03-14T00:00:00Z")) }
}

fn keep_until() -> Timestamp {
    at("2026-03-20T00:00:00Z")
}

#[test]
fn a_job_fails_until_its_cause_is_mended_and_then_leaves_a_newer_point() {
    let mut world = company();
    world.azure.item("vm-orders").cause = Some(Cause::agent_down());
    world.azure.schedule("vm-orders", at(NIGHT));
    world.advance(SignedDuration::from_hours(1));
    world.azure.habits.invisible_polls = 2;
    let simulator = Simulator::start(world);
    let (azure, vault, item) = (subscription(&simulator), vault(&simulator), item(&simulator, "vm-orders"));
    run(async {
        let failed = azure.jobs(&vault, &all_day(Some(JobStatus::Failed)), soon()).await.unwrap();
        let [failed] = failed.as_slice() else { panic!("one job failed: {failed:?}") };
        assert_eq!(failed.errors[0].title.as_deref(), Some("GuestAgentSnapshotTaskStatusError"));
        assert_eq!(
            failed.errors[0].text.as_deref(),
            Some("Could not communicate with the VM agent for snapshot status")
        );
        assert_eq!(azure.recovery_points(&item, soon()).await.unwrap(), []);

        simulator.with_world(|world| world.azure.item("vm-orders").cause = None);
        let request = Request::Vm { keep_until: keep_until() };
        let operation = azure.trigger(&item, &request, soon()).await.unwrap().unwrap();
        let OperationState::JobCreated(job) = azure.operation(&vault, &operation, soon()).await.unwrap().unwrap().state
        else {
            panic!("the operation made a job")
        };
        for _ in 0..2 {
            assert_eq!(azure.job(&vault, &job, soon()).await.unwrap(), None, "not visible yet");
        }
        let running = azure.job(&vault, &job, soon()).await.unwrap().unwrap();
        assert_eq!((running.status.clone(), running.user_triggered), (JobStatus::InProgress, Some(true)));
        assert!(running.can_cancel() && running.tasks.len() == 2);

        simulator.with_world(|world| world.advance(SignedDuration::from_hours(1)));
        let done = azure.job(&vault, &job, soon()).await.unwrap().unwrap();
        assert_eq!(done.status, JobStatus::Completed);
        let seen = azure.item(&item, soon()).await.unwrap().unwrap();
        assert_eq!(seen.last_backup, LastBackup::Completed);
        assert!(seen.last_recovery_point > done.started);
        let points = azure.recovery_points(&item, soon()).await.unwrap();
        assert_eq!((points.len(), points[0].in_vault()), (1, Some(true)));
    });
    assert_eq!(simulator.count_of("azure", "TriggerBackup"), 1);
}

#[test]
fn a_second_backup_of_one_item_is_refused_and_mars_has_none() {
    let simulator = Simulator::start(company());
    let azure = subscription(&simulator);
    let (vm, mars, sql) = (item(&simulator, "vm-orders"), item(&simulator, "fs01"), item(&simulator, "orders"));
    run(async {
        let vm_request = Request::Vm { keep_until: keep_until() };
        azure.trigger(&vm, &vm_request, soon()).await.unwrap();
        let refused = azure.trigger(&vm, &vm_request, soon()).await.unwrap_err();
        assert_eq!((refused.refused_by_azure(), refused.code.as_deref()), (true, Some("BMSUserErrorObjectLocked")));
        assert!(azure.trigger(&mars, &vm_request, soon()).await.unwrap_err().refused_by_azure());
        let full = Request::Database { kind: BackupType::Full, keep_until: keep_until() };
        azure.trigger(&sql, &full, soon()).await.unwrap();
    });
    let operations =
        simulator.with_world(|world| world.azure.jobs.iter().map(|job| job.operation.clone()).collect::<Vec<_>>());
    assert_eq!(operations, ["Backup", "Backup (Full)"]);
}

#[test]
fn a_running_job_is_cancelled_and_an_ended_one_is_not() {
    let mut world = company();
    let job = world.azure.schedule("vm-web", at(NIGHT));
    let simulator = Simulator::start(world);
    let (azure, vault) = (subscription(&simulator), vault(&simulator));
    run(async {
        azure.cancel(&vault, &job, soon()).await.unwrap();
        let status = async || azure.job(&vault, &job, soon()).await.unwrap().unwrap().status;
        assert_eq!(status().await, JobStatus::Cancelling);
        simulator.with_world(|world| world.advance(SignedDuration::from_mins(3)));
        assert_eq!(status().await, JobStatus::Cancelled);
        assert!(azure.cancel(&vault, &job, soon()).await.unwrap_err().refused_by_azure());
    });
}

/// A log chain that breaks leaves no job that anybody lists: only the item tells it.
#[test]
fn a_failed_log_backup_is_seen_through_its_item_alone() {
    let mut world = company();
    world.azure.item("orders").cause = Some(Cause::log_chain());
    world.azure.schedule("orders", at(NIGHT));
    world.advance(SignedDuration::from_hours(1));
    let simulator = Simulator::start(world);
    let (azure, vault, tenant) = (subscription(&simulator), vault(&simulator), tenant(&simulator));
    let hidden = GraphJobs { started_after: at("2026-03-12T00:00:00Z"), ended: Ended::Badly };
    run(async {
        assert_eq!(azure.jobs(&vault, &all_day(None), soon()).await.unwrap(), []);
        assert_eq!(tenant.hidden_jobs(hidden, soon()).await.unwrap(), []);
        let items = azure.items(&vault, ItemKind::Sql, soon()).await.unwrap();
        let [orders] = items.as_slice() else { panic!("one database: {items:?}") };
        assert_eq!(orders.last_backup, LastBackup::Unhealthy);
        let error = orders.last_error.as_ref().unwrap();
        assert_eq!(error.name.as_deref(), Some("UserErrorSQLLSNValidationFailure"));

        simulator.with_world(|world| world.azure.jobs[0].operation = "Backup (Differential)".to_owned());
        let seen = tenant.hidden_jobs(hidden, soon()).await.unwrap();
        assert_eq!((seen.len(), seen[0].location.as_deref()), (1, Some("westeurope")));
        assert_eq!(seen[0].item.as_ref(), Some(&orders.id));
        let well = GraphJobs { ended: Ended::Well, ..hidden };
        assert_eq!(tenant.hidden_jobs(well, soon()).await.unwrap(), []);
        simulator.with_world(|world| world.azure.habits.lists_hidden_jobs = true);
        assert_eq!(azure.jobs(&vault, &all_day(None), soon()).await.unwrap().len(), 1);
    });
}

#[test]
fn the_surroundings_of_a_machine_are_seen() {
    let mut world = company();
    world.azure.machine("vm-orders").agent_ready = false;
    world.azure.locks.push(("AzureBackupRG_westeurope_1".to_owned(), "keep".to_owned(), "CanNotDelete".to_owned()));
    let simulator = Simulator::start(world);
    let (azure, tenant, vault) = (subscription(&simulator), tenant(&simulator), vault(&simulator));
    let source = |name: &str| simulator.with_world(|world| world.azure.machine(name).id.clone());
    let (down, good) = (source("vm-orders"), source("vm-web"));
    run(async {
        let view = azure.instance_view(&down, soon()).await.unwrap().unwrap();
        assert_eq!((view.power.as_deref(), view.extensions.len()), (Some("running"), 1));
        assert!(matches!(view.agent, Ready::NotReady(why) if why.contains("not yet populated")));
        assert_eq!(azure.instance_view(&good, soon()).await.unwrap().unwrap().agent, Ready::Ready);
        assert_eq!(azure.instance_view(&format!("{good}-gone"), soon()).await.unwrap(), None);
        assert!(azure.instance_view("/subscriptions/a", soon()).await.is_err());
        let locks = azure.locks("azurebackuprg_WESTEUROPE_1", soon()).await.unwrap().unwrap();
        assert_eq!((locks.len(), &locks[0].level), (1, &LockLevel::CannotDelete));
        assert_eq!(azure.locks("rg-app", soon()).await.unwrap(), Some(vec![]));
        assert_eq!(azure.policies(&vault, soon()).await.unwrap().len(), 1);
        assert_eq!(azure.vaults(soon()).await.unwrap()[0].id, vault);
        assert_eq!(tenant.seen(soon()).await.unwrap(), [azure.id().clone()]);
    });
}
