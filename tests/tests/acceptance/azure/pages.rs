//! Pages about jobs of Azure.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::json;
use tests::world::azure::{Cause, ErrorShape, ItemKind, Point, SUBSCRIPTION};
use tests::{Fault, Repeat, Simulator, World};

use super::support::{NIGHT, SECOND, Stack, at, break_items, company, run_all};
use crate::classify::support::{Played, play_batch, start, values};

/// Twelve machines without an agent, a log chain, a key vault that denies, a server with open files.
pub(super) fn bad_night() -> World {
    let mut world = company();
    let agents: Vec<String> = (1..=12).map(|number| format!("vm-{number:02}")).collect();
    let agents: Vec<&str> = agents.iter().map(String::as_str).collect();
    for name in &agents {
        world.azure.item(name).cause = Some(Cause::agent_down());
        world.azure.machine(name).agent_ready = false;
    }
    world.azure.item("orders").cause = Some(Cause::log_chain());
    let denied = "Azure Backup Service does not have sufficient permissions to Key Vault for Backup of Encrypted Virtual Machines.";
    break_items(&mut world, &["crm-01"], "UserErrorKeyVaultPermissionsNotConfigured", 0, denied);
    break_items(&mut world, &["crm-02"], "VmNotInDesirableState", 0, "VM is not in a state that allows backups.");
    break_items(
        &mut world,
        &["fs01"],
        "",
        0,
        "The process cannot access the file because it is being used by another process.",
    );
    run_all(&mut world);
    world.advance(SignedDuration::from_mins(30));
    world
}

fn of_class<'p>(played: &'p Played, class: &str) -> &'p tests::Published {
    let found: Vec<_> = played.mails.iter().filter(|mail| values(mail, "root_cause_class") == [class]).collect();
    assert_eq!(found.len(), 1, "{class}: {:#?}", played.mails.iter().map(|mail| &mail.subject).collect::<Vec<_>>());
    found[0]
}

#[test]
fn five_causes_in_two_subscriptions_are_five_pages() {
    let simulator = Simulator::start(bad_night());
    let mut stack = Stack::new(&simulator);
    let played = stack.pages();
    assert_eq!(played.mails.len(), 5);
    let table = [
        ("agent-unhealthy", SUBSCRIPTION),
        ("prerequisite-misconfigured", SUBSCRIPTION),
        ("partial-items-failed", SUBSCRIPTION),
        ("kms-policy-denied", SECOND),
        ("resource-state", SECOND),
    ];
    for (class, subscription) in table {
        let mail = of_class(&played, class);
        assert_eq!(values(mail, "account"), [subscription], "{class}");
        assert_eq!(values(mail, "region"), ["westeurope"], "{class}");
    }
    // Each server has a volume of this name.
    let files = of_class(&played, "partial-items-failed");
    assert!(files.message.contains("D:\\ [fs01.corp.example]"), "{}", files.message);
}

/// Where the record of a job tells no error, the item may: of this very backup, and of no other.
#[test]
fn what_an_item_says_of_its_last_backup_is_heard_where_its_job_says_nothing() {
    for (is_of_this_job, class) in [(true, "agent-unhealthy"), (false, "unknown")] {
        let mut world = company();
        world.azure.habits.items_tell = true;
        world.azure.habits.errors = ErrorShape::Absent;
        world.azure.item("vm-01").cause = Some(Cause::agent_down());
        run_all(&mut world);
        world.advance(SignedDuration::from_mins(30));
        if !is_of_this_job {
            world.azure.item("vm-01").last_backup = Some(at(NIGHT) - SignedDuration::from_hours(24));
        }
        let simulator = Simulator::start(world);
        let played = Stack::new(&simulator).pages();
        assert_eq!(played.mails.len(), 1, "{class}");
        assert_eq!(values(&played.mails[0], "root_cause_class"), [class]);
    }
}

#[test]
fn an_agent_that_is_down_and_one_that_answers_again_ask_for_different_things_first() {
    let first_fix = |ready: bool| {
        let mut world = bad_night();
        for machine in &mut world.azure.machines {
            machine.agent_ready = ready;
        }
        let simulator = Simulator::start(world);
        let played = Stack::new(&simulator).pages();
        let mail = of_class(&played, "agent-unhealthy");
        let line = mail.message.lines().find(|line| line.starts_with("First: ")).unwrap().to_owned();
        assert!(mail.message.contains(&line.replace("First: ", "Fix: ")), "it stands at the top as well");
        line
    };
    assert!(first_fix(false).contains("Start or repair the VM agent of vm-"), "down");
    assert!(first_fix(true).contains("answers now: say that it is fixed"), "ready");
}

/// A Reader of Backup alone may not look at machines.
#[test]
fn what_must_not_be_looked_at_is_said() {
    let simulator = Simulator::start(bad_night());
    simulator.fail("azure", "GetInstanceView", Fault::Denied, Repeat::Always);
    let played = Stack::new(&simulator).pages();
    let mail = of_class(&played, "agent-unhealthy");
    let (_, unread) = mail.message.split_once("Could not be read:").unwrap();
    let told = unread.split_whitespace().take(16).collect::<Vec<_>>().join(" ");
    assert!(told.starts_with("- the machine vm-"), "{told}");
    assert!(told.contains("Night One may not call Microsoft.Compute/virtualMachines/instanceView/read"), "{told}");
    assert!(!mail.message.contains("First: "), "nothing was seen that decides it");
}

#[test]
fn a_storm_costs_calls_for_vaults_and_pages_and_not_for_jobs() {
    let calls = |machines: usize| {
        let mut world = company();
        let vaults = ["rsv-a", "rsv-b", "rsv-c"].map(|name| world.azure.add_vault(name));
        let errors = [
            "GuestAgentSnapshotTaskStatusError",
            "UserErrorKeyVaultPermissionsNotConfigured",
            "VmNotInDesirableState",
            "ExtensionFailedVssWriterInBadState",
            "ExtensionSnapshotFailedNoNetwork",
            "UserErrorRpCollectionLimitReached",
            "BackupOperationFailed",
        ];
        for number in 0..machines {
            let name = format!("storm-{number:04}");
            world.azure.add_item(&vaults[number % 3], ItemKind::Vm, &name);
            // All of one error are in one vault, or a denial would be one cause for each vault.
            let error = if number % 30 == 27 { errors[6] } else { errors[number % 3 + 3 * (number / 3 % 2)] };
            break_items(&mut world, &[&name], error, 0, "");
        }
        run_all(&mut world);
        world.advance(SignedDuration::from_mins(30));
        let simulator = Simulator::start(world);
        let mut stack = Stack::new(&simulator);
        let events = stack.collected();
        assert_eq!(events.len(), machines);
        simulator.forget_calls();
        let played = play_batch(&simulator, &mut stack.classify, &events);
        let lists = simulator.count_of("azure", "ListJobs");
        (played.causes().len(), played.mails.len(), lists, simulator.count("azure") - lists)
    };
    let (few, many) = (calls(120), calls(1_000));
    assert_eq!((few.0, many.0), (7, 7), "causes");
    assert_eq!((few.1, many.1), (7, 7), "pages");
    // Eight times as many jobs are three more pages of the same lists.
    assert_eq!((few.2, many.2), (16, 19), "lists of jobs");
    // At rest it is 90 calls and 100. On a machine that is busy some take too long and are made again.
    assert!(few.3 <= 150 && many.3 <= 150, "{few:?} {many:?}");
}

#[test]
fn without_azure_not_one_call_is_made_and_a_foreign_job_is_told_without_a_look() {
    let simulator = Simulator::start(bad_night());
    let events = Stack::new(&simulator).collected();
    simulator.forget_calls();
    let mut alone = start(&simulator);
    let played = play_batch(&simulator, &mut alone, &events);
    assert_eq!((simulator.count("azure"), simulator.count("entra")), (0, 0));
    assert_eq!(played.mails.len(), 5);
    let mail = of_class(&played, "agent-unhealthy");
    assert!(mail.message.contains("this subscription is not in AZURE_SUBSCRIPTION_IDS"), "{}", mail.message);
}

#[test]
fn the_mail_about_machines_without_an_agent() {
    let simulator = Simulator::start(bad_night());
    let played = Stack::new(&simulator).pages();
    let mail = of_class(&played, "agent-unhealthy");
    insta::assert_snapshot!(format!("{}\n\n{}", mail.subject.as_deref().unwrap(), mail.message));
    let denied = of_class(&played, "kms-policy-denied");
    insta::assert_snapshot!(format!("{}\n\n{}", denied.subject.as_deref().unwrap(), denied.message));
}

/// Log backups fail every 15 minutes, and no list of Azure has a job of them.
#[test]
fn a_broken_log_chain_pages_within_half_an_hour_and_at_most_six_times_a_day() {
    let mut world = company();
    let vault = world.azure.vaults[0].id.clone();
    let logs = json!({
        "backupManagementType": "AzureWorkload", "workLoadType": "SQLDataBase",
        "subProtectionPolicy": [{
            "policyType": "Log",
            "schedulePolicy": {"schedulePolicyType": "LogSchedulePolicy", "scheduleFrequencyInMins": 15},
        }],
    });
    let policy = world.azure.add_policy(&vault, "logs", logs);
    let orders = world.azure.item("orders");
    orders.policy = policy;
    orders.takes = SignedDuration::from_mins(1);
    orders.points.push(Point { time: at(NIGHT), in_vault: true });
    orders.last_backup = Some(at(NIGHT));
    orders.cause = Some(Cause::log_chain());
    let simulator = Simulator::start(world);
    let mut stack = Stack::new(&simulator);
    let five = SignedDuration::from_mins(5);
    let mut paged = Vec::new();
    for step in 1..=288 {
        simulator.with_world(|world| world.clock = at(NIGHT) + five * step);
        if step % 3 == 0 {
            simulator.with_world(|world| world.azure.schedule("orders", at(NIGHT) + five * step));
        }
        if step % 2 == 0 {
            let events = stack.tick();
            // Nothing remembers from one invocation to the next.
            stack.classify.cold_start().unwrap();
            let played = play_batch(&simulator, &mut stack.classify, &events);
            let now = at(NIGHT) + five * step;
            paged.extend(played.mails.iter().map(|mail| (now, values(mail, "incident_id"))));
        }
    }
    let (first, _) = paged.first().expect("a page");
    assert_eq!(*first, at(NIGHT) + SignedDuration::from_mins(20));
    assert_eq!(paged.len(), 5, "{paged:?}");
    let incidents: BTreeSet<_> = paged.iter().map(|(_, incident)| incident).collect();
    assert_eq!(incidents.len(), 1, "it is one incident: {paged:?}");
}

/// Nothing in Azure tells a person's backup on demand from ours. Verify says what came of it.
#[test]
fn a_backup_on_demand_that_fails_as_before_is_left_to_verify() {
    let simulator = Simulator::start(bad_night());
    let mut stack = Stack::new(&simulator);
    assert_eq!(stack.pages().mails.len(), 5);
    simulator.with_world(|world| {
        let now = world.clock;
        let job = world.azure.schedule("vm-01", now);
        let job = world.azure.jobs.iter_mut().find(|known| known.id == job).unwrap();
        job.user_triggered = true;
        world.advance(SignedDuration::from_mins(90));
    });
    let again = stack.pages();
    assert!(again.mails.is_empty(), "{:#?}", again.mails);
    let outcomes = again.lines("rerun_outcome");
    assert_eq!(outcomes.len(), 1, "{:#?}", again.logs);
    assert_eq!(outcomes[0]["announced_by"], "verify");
}
