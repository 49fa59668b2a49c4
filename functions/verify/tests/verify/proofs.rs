//! What a mail says that a proof proves, and how the rest is mended.

use advice::stack::{Stack, VerifyMode};
use classification::class::Class;
use job::{Job, JobState, Scope};
use notice::NoticeKind;

use crate::mails::*;

/// The key of a job is in its record, or in the message of a failure: that of its own resource names the key of the proof.
#[test]
fn a_proof_used_the_same_key_only_where_records_or_messages_say_so() {
    let (names_a_key, names_none) = (example(Class::KmsPolicyDenied), "Access denied to KMS key.");
    let of_no_key = example(Class::IamRoleUnassumable);
    let (all, same) = ("for all resources that failed because of it", " It used the same key.");
    let (some, unknown) = ("for all that use the same key", " Which key each of them uses is not on record.");
    let (one, none) = (Some("key-1"), None);
    let table = [
        (names_a_key, [one, one], one, (all, same)),
        (names_none, [one, one], one, (all, same)),
        (names_a_key, [none, none], none, (all, same)),
        (names_none, [one, one], none, (all, same)),
        (names_none, [none, none], none, (some, unknown)),
        (names_none, [none, none], one, (some, unknown)),
        (names_none, [one, none], one, (some, unknown)),
        (of_no_key, [one, one], one, (all, same)),
        (of_no_key, [one, none], one, (all, " Job ")),
    ];
    for (message, of_failures, of_proof, (whom, key)) in table {
        let mut bad = ["orders", "users"].map(|name| failed(&format!("f-{name}"), &rds(name), "RDS", message)).to_vec();
        for (job, key) in bad.iter_mut().zip(of_failures) {
            job.encryption_key_arn = key.map(str::to_owned);
        }
        let proof = Job { encryption_key_arn: of_proof.map(str::to_owned), ..rerun(&bad[0], JobState::Completed, "") };
        let body = verified(bad, &[proof], Ok(point())).body.replace('\n', " ");
        let body = body.split_whitespace().collect::<Vec<_>>().join(" ");
        let told = [format!("proves this cause fixed {whom}."), format!("after the last failure.{key}")];
        assert!(told.iter().all(|told| body.contains(told)), "{of_failures:?} {of_proof:?}: {body}");
    }
}

/// The page told one of them how it is fixed: the mail of a part tells it of those that are still open.
#[test]
fn a_part_that_is_verified_says_how_the_others_are_fixed() {
    let bad: Vec<Job> = ["orders", "invoices", "users"]
        .map(|name| failed(&format!("f-{name}"), &rds(name), "RDS", example(Class::ResourceState)))
        .into();
    let back = rerun(&bad[0], JobState::Completed, "");
    let told = |stack: &Stack| {
        let notices = mails(stack, bad.clone(), std::slice::from_ref(&back), None, Ok(point()));
        notices.into_iter().find(|notice| notice.kind == NoticeKind::Verified).unwrap().body
    };
    let body = told(&stack_with_runbook());
    let first = format!("HOW TO FIX THE OTHERS\n---------------------\nFor {}; the other one in the", rds("invoices"));
    assert!(body.contains(&first), "{body}");
    assert!(body.contains("\n1. ") && body.contains("Runbook: ") && body.contains("{\"fixed\":["), "{body}");
    let nothing_starts = told(&Stack { verify_mode: VerifyMode::DryRun, ..stack() });
    assert!(nothing_starts.contains("HOW TO FIX THE OTHERS") && !nothing_starts.contains("{\"fixed\":["));
}

/// Run in the account of the stack, a command for a member changes what has the same name there.
#[test]
fn commands_for_another_account_say_where_to_run_them() {
    for (account, is_elsewhere) in [("111122223333", false), ("444455556666", true)] {
        let of = |name: &str, class: Class| Job {
            scope: Scope::aws(account, "eu-west-1"),
            ..failed(&format!("f-{name}"), &rds(name), "RDS", example(class))
        };
        let told = |bad: Vec<Job>, completions: &[Job]| {
            let notices = mails(&stack(), bad, completions, None, Ok(point()));
            notices.into_iter().map(|notice| (notice.kind, notice.body)).collect::<Vec<_>>()
        };
        let denied = of("orders", Class::IamRoleUnassumable);
        let again = rerun(&denied, JobState::Failed, &denied.message);
        let part = ["orders", "users"].map(|name| of(name, Class::ResourceState));
        let back = rerun(&part[0], JobState::Completed, "");
        let (still, partly) = (told(vec![denied, again], &[]), told(part.to_vec(), &[back]));
        let said: Vec<_> = still.iter().chain(&partly).map(|(kind, _)| *kind).collect();
        assert_eq!(said, [NoticeKind::StillFailing, NoticeKind::Verified]);
        for (kind, body) in still.iter().chain(&partly) {
            let (_, fix) = body.split_once("HOW TO FIX").unwrap();
            let first = fix.split_once("    aws ").map_or(fix, |(before, _)| before);
            let says = first.contains(&format!("Run this in account {account}."));
            assert_eq!(says, is_elsewhere && fix.contains("    aws iam"), "{kind:?} {account}: {body}");
        }
    }
}
