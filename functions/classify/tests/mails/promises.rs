//! What a page promises that verify will do.

use advice::stack::VerifyMode;
use classify::decide::PageDecision;
use job::{Job, JobKind, JobState, Scope};
use source::diagnosis::Diagnosis;

use super::{causes, fresh, job, known, page, refused};

/// A person decides by it whether to wait for Night One.
#[test]
fn a_page_promises_what_verify_will_do() {
    use VerifyMode::{Claim, DryRun, Run};
    // Whoever names the key is certain; the bare words are not, and get one rerun.
    let denied = refused();
    let denied = denied.as_str();
    // The words of a page, the mode, our reruns in vain; then what it says, and the line above the command to claim it.
    let table: [(&str, VerifyMode, usize, &str, Option<&str>); 8] = [
        (
            denied,
            Run,
            0,
            "Once it sees the fix, it reruns ONE job",
            Some("When you have fixed it and do not want to wait (AWS CLI 2):"),
        ),
        (denied, Run, 1, "1 rerun has failed since this began.", Some("When you have fixed it (AWS CLI 2):")),
        (denied, Run, 2, "2 reruns have failed since this began.", Some("When you have fixed it (AWS CLI 2):")),
        (
            "Access Denied",
            Run,
            1,
            "Nothing by itself: the one rerun that this cause gets has failed.",
            Some("When you have fixed it (AWS CLI 2):"),
        ),
        (
            denied,
            Claim,
            0,
            "verify starts nothing by itself here (VERIFY_MODE claim).",
            Some("When you have fixed it (AWS CLI 2):"),
        ),
        (denied, DryRun, 0, "verify starts nothing here (VERIFY_MODE dry-run).", None),
        (
            "The backup job was stopped by user.",
            Claim,
            0,
            "VERIFY_MODE claim",
            Some("When you have fixed it (AWS CLI 2):"),
        ),
        (
            "Flux capacitor drained",
            Run,
            0,
            "Say so with the command below",
            Some("When you have fixed it (AWS CLI 2):"),
        ),
    ];
    for (message, mode, reruns, says, above_the_claim) in table {
        let causes = causes(vec![job(JobKind::Backup, JobState::Failed, "RDS", message)]);
        let cause = &causes[0];
        let decision = match known(1, 1) {
            PageDecision::Known { episode, ranked, among, relapse, since, open, escalates, .. } => {
                PageDecision::Known { episode, ranked, among, relapse, reruns, since, open, escalates }
            }
            unreadable => unreadable,
        };
        let mut page = page(cause, Diagnosis::of_text(&cause.classification), fresh(cause), decision);
        page.stack.verify_mode = mode;
        let body = page.notice().body;
        let (_, next) = body.split_once("WHAT NIGHT ONE DOES NEXT").unwrap();
        let prose = next.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(prose.contains(says), "{message}, {mode:?}, {reruns}: {prose}");
        assert_eq!(next.contains("lambda invoke"), above_the_claim.is_some(), "{prose}");
        assert!(
            above_the_claim.is_none_or(|line| next.lines().any(|found| found == line)),
            "{line:?}: {next}",
            line = above_the_claim
        );
    }
}

/// verify starts a job only where Azure has a call for it, and sees whether an agent answers again.
#[test]
fn a_page_about_azure_promises_what_verify_will_do() {
    let not_ready = "The VM agent is not responsive.";
    let table = [
        (vec!["AzureIaasVM"], not_ready, "Once it sees the fix, it reruns ONE job", true),
        (vec!["AzureWorkload/SQL"], not_ready, "Once it sees the fix, it reruns ONE job", true),
        (vec!["AzureWorkload/SQL"], "The log chain is broken.", "Say so with the command below", true),
        (
            vec!["MAB"],
            "The MARS agent is not responsive.",
            "Nothing: Azure has no call that starts these backups. When it is fixed, start one with the MARS agent on the server,",
            false,
        ),
        (
            vec!["MAB", "DPM"],
            "The agent is not responsive.",
            "start one on the server or in the portal, or wait",
            false,
        ),
        (
            vec!["AzureDisk"],
            "The disk is not available.",
            "Nothing: Night One starts no backups in Backup vaults.",
            false,
        ),
        (vec!["MAB", "AzureIaasVM"], "The agent is not responsive.", "it reruns ONE job", true),
    ];
    for (types, message, says, has_claim) in table {
        let jobs = types.iter().enumerate().map(|(number, name)| Job {
            scope: Scope::azure("0a000000-0000-4000-8000-00000000aaaa", "westeurope"),
            id: number.to_string(),
            role: None,
            ..job(JobKind::Backup, JobState::Failed, name, message)
        });
        let jobs: Vec<Job> = jobs.collect();
        let causes = causes(jobs[..1].to_vec());
        let cause = &causes[0];
        let mut page = page(cause, Diagnosis::of_text(&cause.classification), fresh(cause), known(1, 1));
        page.tonight.beside = jobs[1..].iter().collect();
        let body = page.notice().body;
        let (_, next) = body.split_once("WHAT NIGHT ONE DOES NEXT").unwrap();
        let prose = next.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(prose.contains(says), "{types:?}: {prose}");
        assert_eq!(next.contains("lambda invoke"), has_claim, "{types:?}: {prose}");
    }
}
