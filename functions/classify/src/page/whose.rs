//! Whose event it is, and what a mail may therefore print. An event can be made by hand, and another account chooses its own words.

use advice::commands::command;
use advice::steps::{Printed, steps_for};
use job::{Arn, Cloud, Job};
use notice::text;

use super::{Page, Reach};
use crate::causes::InBatch as _;

/// What must be said before anything else.
pub(super) fn warning(page: &Page<'_>) -> Option<String> {
    let job = page.example()?;
    let role = role_of_another_account(job)?;
    Some(format!(
        "Do not trust this event as it is: its job is of account {}, and its role of account {}. AWS passes a role only within one account, so AWS Backup makes no such job.",
        text::outside(&job.scope.account, 20),
        text::outside(role, 20)
    ))
}

/// Where the event comes from, where that is not the usual way.
pub(super) fn origin(page: &Page<'_>) -> Vec<String> {
    let mut sentences = Vec::new();
    let (cause, service) = (page.tonight.cause, page.cloud().backup_service());
    if cause.came_by_hand() {
        sentences.push("This event came by hand: somebody invoked the function with it. AWS Backup's own events come through the queue.".to_owned());
    }
    match (cause.unlisted(), cause.failures.len()) {
        (0, _) => {}
        (1, 1) => sentences.push(format!("{service}'s list does not have this job (yet).")),
        (unlisted, all) => {
            sentences.push(format!("{service}'s list does not have {unlisted} of these {all} jobs (yet)."))
        }
    }
    sentences
}

/// Commands and statements are left out where they could open something of this account to another one.
pub(super) fn printed(page: &Page<'_>) -> Printed {
    let is_doubtful = page.example().and_then(role_of_another_account).is_some();
    let could_open_ours = asks_for_something_of_ours(page) || changes_what_ours_may_be_called(page);
    if is_doubtful || could_open_ours { Printed::WordsOnly } else { Printed::Everything }
}

/// Why commands are left out.
pub(super) fn why_words_only(page: &Page<'_>) -> Option<String> {
    let job = page.example().filter(|_| printed(page) == Printed::WordsOnly)?;
    let who = match job.role_arn() {
        Some(role) => format!("{} of account {}", text::outside(role, 200), text::outside(&job.scope.account, 40)),
        None => format!("Account {}", text::outside(&job.scope.account, 40)),
    };
    Some(match page.reach {
        Reach::OtherAccount if !asks_for_something_of_ours(page) => format!(
            "This mail prints no command and no statement: they name what they change by its name alone, and run in account {} they would change what has that name there. The runbook has them.",
            page.stack.account
        ),
        Reach::OtherAccount => format!(
            "{who} asks for something of this account, {}. So this mail prints no command and no statement: the owner of what is asked for decides.",
            page.stack.account
        ),
        Reach::Here | Reach::Member | Reach::OtherRegion | Reach::UnwatchedRegion | Reach::Closed => {
            "This mail prints no command and no statement for such an event. Find the job in AWS Backup first."
                .to_owned()
        }
    })
}

fn role_of_another_account(job: &Job) -> Option<&str> {
    let role = job.role.as_ref().map(|role| role.account.as_str()).filter(|account| !account.is_empty())?;
    (role != job.scope.account).then_some(role)
}

/// Whether a command of the fix for a failure in another account would run in this one, too: it names a role, a vault or a bucket by its name alone,
/// or nothing, and ours may be called the same. That account chose the name.
fn changes_what_ours_may_be_called(page: &Page<'_>) -> bool {
    let (Reach::OtherAccount, Some(job)) = (page.reach, page.example()) else { return false };
    let is_of_an_account = |word: &str| {
        Arn::parse(word)
            .is_some_and(|arn| arn.account.len() == 12 && arn.account.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let names_an_account = |run: &str| {
        let command = command(run, job, &page.diagnosis.named).unwrap_or_default();
        command.split_whitespace().any(is_of_an_account)
    };
    let mut runs = steps_for(job, page.entry().fix, page.diagnosis.named.seen).filter_map(|step| step.run);
    page.cloud() == Cloud::Aws && runs.any(|run| !names_an_account(run))
}

/// Whether an event of another account names a key, vault, role or resource of this one.
fn asks_for_something_of_ours(page: &Page<'_>) -> bool {
    let (Reach::OtherAccount, Some(job)) = (page.reach, page.example()) else { return false };
    let named = &page.diagnosis.named;
    let ours = format!(":{}:", page.stack.account);
    let arns = [
        Some(job.resource_arn.as_str()),
        job.role_arn(),
        job.vault_arn(),
        job.destination_vault_arn(),
        job.encryption_key_arn.as_deref(),
        named.key.as_deref(),
        named.vault.as_deref(),
        named.denied_resource.as_deref(),
    ];
    arns.into_iter().flatten().any(|arn| arn.contains(&ours))
}
