//! The mails about jobs of Azure, as snapshots: its words, its places, its commands.

use cause::stuck::{Habits, Step};
use jiff::SignedDuration;
use job::{AzureError, AzureRecord, CreatedBy, Job, JobKind, JobState, Origin, Scope};
use owner::Acting;
use source::RecoveryPoint;
use verify::announce::{self, Breached};
use verify::ledger::Ledger;
use verify::notices::{Breach, Stuck};
use verify::probe::{Probe, Verdict};
use verify::standing::Standing;

use crate::mails::{as_mail_of, at, mails, stack_of_azure, window};

const SUBSCRIPTION: &str = "0a000000-0000-0000-0000-000000000000";
const VAULT: &str = "/subscriptions/0a000000-0000-0000-0000-000000000000/resourcegroups/rg-backup/providers/microsoft.recoveryservices/vaults/rsv-prod";

/// A scheduled job of a machine that failed because its agent was down.
fn failed(machine: &str) -> Job {
    let error = AzureError {
        name: Some("GuestAgentSnapshotTaskStatusError".into()),
        text: Some("Could not communicate with the VM agent for snapshot status.".into()),
        ..AzureError::default()
    };
    Job {
        message: error.message(),
        scope: Scope::azure(SUBSCRIPTION, "westeurope"),
        resource_arn: format!(
            "/subscriptions/{SUBSCRIPTION}/resourcegroups/rg-app/providers/microsoft.compute/virtualmachines/{machine}"
        ),
        resource_name: Some(machine.into()),
        resource_type: "AzureIaasVM".into(),
        vault: Some(VAULT.into()),
        created: Some(at("21T01:00")),
        started: Some(at("21T01:00")),
        ended: Some(at("21T01:12")),
        origin: Origin::Rule(CreatedBy { plan_name: Some("daily".into()), ..CreatedBy::default() }),
        azure: Some(Box::new(AzureRecord {
            item: Some(format!("{VAULT}/backupfabrics/azure/protectioncontainers/c/protecteditems/vm;{machine}")),
            operation: "Backup".into(),
            error,
            ..AzureRecord::default()
        })),
        ..Job::new(JobKind::Backup, format!("f-{machine}"), JobState::Failed)
    }
}

/// A backup on demand of the machine of a failure, which ended in the window.
fn on_demand(of: &Job, state: JobState, message: &str) -> Job {
    Job {
        id: "3fd9dd56-0000-4000-8000-000000000001".into(),
        state,
        message: message.into(),
        created: Some(at("21T03:15")),
        started: Some(at("21T03:15")),
        ended: Some(at("21T03:29")),
        origin: Origin::Operator,
        ..of.clone()
    }
}

fn point() -> RecoveryPoint {
    RecoveryPoint {
        arn: format!("{VAULT}/backupfabrics/azure/protectioncontainers/c/protecteditems/vm;vm-1/recoverypoints/1"),
        created: Some(at("21T03:15")),
        expires: Some(at("28T03:15")),
        vault_name: "rsv-prod".into(),
        status: "AVAILABLE".into(),
        ..RecoveryPoint::default()
    }
}

#[test]
fn one_machine_of_three_is_back() {
    let bad: Vec<Job> = ["vm-1", "vm-2", "vm-3"].map(failed).into();
    let back = on_demand(&bad[0], JobState::Completed, "");
    let notices = mails(&stack_of_azure(), bad, &[back], None, Ok(point()));
    insta::assert_snapshot!("azure-verified", as_mail_of(&stack_of_azure(), &notices[0]));
}

#[test]
fn a_backup_on_demand_that_failed_again_or_left_warnings() {
    let bad = failed("vm-1");
    let probe = Probe {
        verdict: Verdict::Fixed,
        sentence: "The machine vm-1 is running, and its agent is ready.".into(),
        evidence: vec!["The machine vm-1 is running; its agent is ready.".into()],
        could_not_read: vec![],
        found: None,
    };
    let again = on_demand(&bad, JobState::Failed, &bad.message);
    let notices = mails(&stack_of_azure(), vec![bad.clone(), again], &[], Some(probe.clone()), Ok(point()));
    insta::assert_snapshot!("azure-still-failing", as_mail_of(&stack_of_azure(), &notices[0]));
    let warned = on_demand(&bad, JobState::Completed, "The snapshot is crash consistent only.");
    let notices = mails(&stack_of_azure(), vec![bad], &[warned], Some(probe), Ok(point()));
    assert!(notices[0].body.contains("It looks fixed, but the job completed with warnings: "), "{}", notices[0].body);
    insta::assert_snapshot!("azure-with-warnings", as_mail_of(&stack_of_azure(), &notices[0]));
}

#[test]
fn machines_past_their_objective() {
    let bad: Vec<Job> = ["vm-1", "vm-2"].map(failed).into();
    let ledger = Ledger::new(bad.clone(), Vec::new());
    let causes = ledger.causes();
    let back = on_demand(&bad[0], JobState::Completed, "");
    let other = Job { id: "other".into(), resource_arn: bad[1].resource_arn.clone(), ..back.clone() };
    for (name, completions) in [("azure-breach-open", vec![]), ("azure-breach-proven", vec![back, other])] {
        let habits = Habits::new(SignedDuration::from_hours(4));
        let standing = Standing::of(&causes[0], &ledger, &completions, &habits, at("21T03:45")).unwrap();
        let notice = Breach {
            cause: &causes[0],
            standing: &standing,
            found: None,
            resources: &[Breached { failure: &bad[0], since: at("21T03:30"), next_run: Some(at("22T01:00")) }],
            acting: &Acting::default(),
            window: window(),
            stack: &stack_of_azure(),
            now: at("21T03:45"),
        }
        .notice();
        insta::assert_snapshot!(name, as_mail_of(&stack_of_azure(), &notice));
    }
}

#[test]
fn jobs_that_hang_at_each_step() {
    let job = |id: &str, hours: i64, kind: JobKind| Job {
        kind,
        id: id.into(),
        state: JobState::Running,
        message: String::new(),
        created: Some(at("21T03:30") - SignedDuration::from_hours(hours)),
        started: Some(at("21T03:30") - SignedDuration::from_hours(hours)),
        ended: None,
        ..failed("vm-1")
    };
    let jobs = [
        job("j-snapshot", 4, JobKind::Backup),
        job("j-transfer", 12, JobKind::Backup),
        job("j-restore", 6, JobKind::Restore),
    ];
    let mut habits = Habits::new(SignedDuration::from_hours(4));
    for (id, step) in [("j-snapshot", Step::Snapshot), ("j-transfer", Step::Transfer), ("j-restore", Step::Restore)] {
        habits.is_in(id, step);
    }
    let stuck = announce::stuck(&jobs, &habits, window());
    assert_eq!(stuck.len(), 3);
    let notice =
        Stuck { jobs: &stuck, window: window(), acting: &Acting::default(), stack: &stack_of_azure() }.notice();
    insta::assert_snapshot!("azure-stuck", as_mail_of(&stack_of_azure(), &notice));
}
