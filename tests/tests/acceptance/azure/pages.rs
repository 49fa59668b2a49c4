//! Pages about jobs of Azure.

use jiff::SignedDuration;
use tests::Simulator;

use super::support::{Stack, break_items, company, run_all};

#[test]
fn twelve_machines_with_one_cause_are_one_page() {
    let mut world = company();
    let agents: Vec<String> = (1..=12).map(|number| format!("vm-{number:02}")).collect();
    let agents: Vec<&str> = agents.iter().map(String::as_str).collect();
    break_items(
        &mut world,
        &agents,
        "GuestAgentSnapshotTaskStatusError",
        0,
        "Could not communicate with the VM agent for snapshot status",
    );
    for name in &agents {
        world.azure.machine(name).agent_ready = false;
    }
    run_all(&mut world);
    world.advance(SignedDuration::from_mins(30));
    let simulator = Simulator::start(world);
    let mut stack = Stack::new(&simulator);
    let played = stack.pages();
    println!("{}", played.mails[0].message);
    assert_eq!(played.mails.len(), 1);
}
