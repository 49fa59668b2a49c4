//! What is said of a job of Azure that hangs: what it is at, how to look at it, how to end it.

use cause::stuck::Step;
use job::{Job, JobKind};
use notice::layout::indented;

use crate::notices::words;
use advice::stack::Stack;

pub(super) const WHY_IT_MATTERS: &str =
    "Azure runs one backup of an item at a time: behind a stuck one the next scheduled one does not start. ";

pub(super) fn next_steps() -> Vec<String> {
    vec![
        "See which step it is at, and fix what holds it up: mostly the agent in the machine.".to_owned(),
        "If it does not move, let Night One stop it and start one rerun: the mail has the command.".to_owned(),
    ]
}

pub(super) fn step(step: Step) -> &'static str {
    match step {
        Step::Snapshot => {
            "it has no snapshot yet, which takes minutes. Look at the agent and the extensions of the machine"
        }
        Step::Transfer => "its snapshot is there, and it is moved to the vault, which may take hours",
        Step::FirstBackup => "it is the first backup of its item",
        Step::Restore => "it is a restore",
        Step::Untold => "Azure does not say which step it is at",
    }
}

pub(super) fn look(job: &Job) -> String {
    words::command(
        "az backup job show --resource-group {vault_group} --vault-name {vault_name} --name {job} --subscription {subscription}",
        job,
    )
}

/// Night One stops it by itself only where a person says so.
pub(super) fn stop(job: &Job, stack: &Stack) -> String {
    let by_hand = words::command(
        "az backup job stop --resource-group {vault_group} --vault-name {vault_name} --name {job} --subscription {subscription}",
        job,
    );
    match job.kind {
        JobKind::Backup => format!(
            "  If it does not move, fix what holds it up, then let Night One stop it and start one rerun:\n    {}\n  To stop it only, if Azure can:\n{by_hand}",
            stack.stop([&job.id])
        ),
        JobKind::Copy | JobKind::Restore => {
            indented("  ", "If it does not move, stop it, if Azure can. Restores are never rerun:") + &by_hand
        }
    }
}
