//! Pages about jobs of Azure.

use jiff::SignedDuration;
use tests::world::azure::{Cause, SUBSCRIPTION};
use tests::{Simulator, World};

use super::support::{SECOND, Stack, break_items, company, run_all};
use crate::classify::support::{Played, values};

/// Twelve machines without an agent, a log chain, a key vault that denies, a server with open files.
fn bad_night() -> World {
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
}
