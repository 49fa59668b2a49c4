//! In which account the commands of a page are run: a name alone means another thing in each.

use classification::class::Class;
use classify::page::Reach;
use job::{Job, JobKind, JobState, Scope};
use source::diagnosis::Diagnosis;

use super::{causes, fresh, job, known, page, refused};

const MEMBER: &str = "400000000031";

/// The same job in another account, with its role, its vault and its database.
fn of_member(job: Job) -> Job {
    let theirs = |text: &str| text.replace("111122223333", MEMBER);
    Job {
        scope: Scope::aws(MEMBER, "eu-west-1"),
        resource_arn: theirs(&job.resource_arn),
        role: job.role_arn().map(|arn| theirs(arn).into()),
        vault: job.vault_arn().map(|arn| theirs(arn).into()),
        ..job
    }
}

fn body(job: Job, reach: Reach) -> String {
    let causes = causes(vec![job]);
    let cause = &causes[0];
    let mut page = page(cause, Diagnosis::of_text(&cause.classification), fresh(cause), known(1, 1));
    page.reach = reach;
    page.notice().body
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn part<'a>(body: &'a str, title: &str) -> &'a str {
    let (_, after) = body.split_once(title).unwrap();
    after.split("\n\n").next().unwrap()
}

/// KMS puts no policy on a key of another account, and the role of that name may be there twice.
#[test]
fn each_command_is_run_in_the_account_that_owns_what_it_changes() {
    let fixed_here = "When you have fixed it and do not want to wait (AWS CLI 2):";
    let key_of = |account: &str| refused().replace("kms:eu-west-1:111122223333", &format!("kms:eu-west-1:{account}"));
    let unassumable = "IAM Role arn:aws:iam::400000000031:role/Backup cannot be assumed by AWS Backup";
    let of_own = |message: &str| job(JobKind::Backup, JobState::Failed, "RDS", message);
    let example = &Class::VaultPolicyDenied.entry().examples[0];
    let refused_copy = job(example.job, example.state.clone(), "RDS", example.message);
    let table = [
        (of_own(&key_of("111122223333")), Reach::Here, vec![], vec!["Run this"], "the owner of the KMS key. "),
        (
            of_own(&key_of("500000000001")),
            Reach::Here,
            vec!["Run this one in account 500000000001, which owns the key."],
            vec!["Run this in"],
            "the owner of the KMS key, in account 500000000001. ",
        ),
        (
            of_member(of_own(&key_of("500000000001"))),
            Reach::Member,
            vec!["Run this one in account 500000000001, which owns the key."],
            vec!["Run this in"],
            "the owner of the KMS key, in account 500000000001. ",
        ),
        (
            of_member(of_own(&key_of(MEMBER))),
            Reach::Member,
            vec!["Run this in account 400000000031."],
            vec!["Run this one"],
            "the owner of the KMS key. ",
        ),
        (
            of_member(of_own(unassumable)),
            Reach::Member,
            vec!["Run this in account 400000000031."],
            vec!["Run this one"],
            "the owner of the backup role (IAM administrators). ",
        ),
        (
            of_member(refused_copy),
            Reach::Member,
            vec!["Run this one in account 999988887777, which owns the vault."],
            vec!["Run this in"],
            "the owner of the destination vault, in account 999988887777. ",
        ),
    ];
    for (job, reach, says, never, approver) in table {
        let message = job.message.clone();
        let body = body(job, reach);
        let fix = flat(part(&body, "HOW TO FIX\n"));
        for said in says {
            assert!(fix.contains(said), "{message}: {said}: {body}");
        }
        for said in never {
            assert!(!fix.contains(said), "{message}: {said}: {body}");
        }
        assert!(flat(&body).contains(&format!("Who must agree: {approver}")), "{message}: {approver}: {body}");
        assert_eq!(body.lines().any(|line| line == fixed_here), reach == Reach::Here, "{message}: {body}");
    }
}

/// Run here, the command would change our role, vault or bucket of that name: another account chose the name.
#[test]
fn a_page_about_an_account_that_is_not_watched_prints_no_fix_that_would_run_here() {
    let mut without = 0;
    for class in Class::ALL {
        let example = &class.entry().examples[0];
        let job = of_member(job(example.job, example.state.clone(), example.resource_type, example.message));
        let body = body(job, Reach::OtherAccount);
        let fix = part(&body, "HOW TO FIX\n");
        for command in fix.lines().filter(|line| line.starts_with("    aws ")) {
            assert!(command.contains(&format!(":{MEMBER}:")), "{class}: {command}");
        }
        let says_so = flat(&body).contains("run in account 111122223333 they would change what has that name there.");
        assert!(!says_so || !body.contains("    aws "), "{class}: {body}");
        without += usize::from(says_so);
    }
    assert!(without >= 5, "{without}");
}
