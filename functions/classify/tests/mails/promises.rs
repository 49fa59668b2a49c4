//! What a page promises that verify will do.

use advice::stack::VerifyMode;
use classify::decide::PageDecision;
use classify::page::{Access, Incident};
use classify::promised::Windows;
use classify::risk::LastGood;
use jiff::SignedDuration;
use job::{Job, JobKind, JobState, Look, Scope};
use source::diagnosis::Diagnosis;

use super::{causes, fresh, incident, job, known, now, page, refused};

/// A person decides by it whether to wait for Night One.
#[test]
fn a_page_promises_what_verify_will_do() {
    use VerifyMode::{Claim, DryRun, Run};
    // A message that names the key is certain. One that says only "Access Denied" is not, and verify starts one rerun for it.
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

/// A command in the VERIFIED mail backs up what waits. Of what each proves for itself nobody waits any more when all is proven.
#[test]
fn only_one_proof_for_all_lets_verify_back_up_the_others() {
    let of_all = Some("The VERIFIED mail will have a command that backs up others that cannot wait.");
    let by_hand = Some("Back each one up now, because a backup by hand has windows of its own");
    let each = Some("A good job proves its own resource alone: each of the 3 has to be mended and proven.");
    let table = [
        (refused(), 3, of_all, None),
        (refused(), 1, None, None),
        ("Backup job expired before completion.".to_owned(), 3, by_hand, each),
        ("Backup job expired before completion.".to_owned(), 1, None, None),
    ];
    for (message, resources, others, proof) in table {
        let of = |number: usize| Job {
            id: number.to_string(),
            resource_arn: format!("arn:aws:rds:eu-west-1:111122223333:db:orders-{number}"),
            ..job(JobKind::Backup, JobState::Failed, "RDS", &message)
        };
        let jobs = (0..resources).map(of).map(|job| match message.contains("expired") {
            true => Job { state: JobState::Expired, ..job },
            false => job,
        });
        let causes = causes(jobs.collect());
        let cause = &causes[0];
        let body = page(cause, Diagnosis::of_text(&cause.classification), fresh(cause), known(1, 1)).notice().body;
        let prose = body.split_whitespace().collect::<Vec<_>>().join(" ");
        for (all, said) in [(&[of_all, by_hand][..], others), (&[each][..], proof)] {
            for one in all.iter().flatten() {
                assert_eq!(prose.contains(one), said == Some(*one), "{resources} of {message}: {one}: {body}");
            }
        }
    }
}

/// What Azure was seen to say is of one machine of the twelve.
#[test]
fn the_fix_of_one_machine_does_not_stand_for_the_others() {
    for (machines, says) in [
        (1, "Fix: Start or repair the VM agent of app-0: it is not ready. 1 resource"),
        (2, "it is not ready. Look at the other one, too."),
        (12, "it is not ready. Look at the 11 others, too."),
    ] {
        let of = |number: usize| Job {
            scope: Scope::azure("0a000000-0000-4000-8000-00000000aaaa", "westeurope"),
            id: number.to_string(),
            role: None,
            resource_arn: format!(
                "/subscriptions/s/resourcegroups/g/providers/microsoft.compute/virtualmachines/app-{number}"
            ),
            ..job(JobKind::Backup, JobState::Failed, "AzureIaasVM", "The VM agent is not responsive.")
        };
        let jobs: Vec<Job> = (0..machines).map(of).collect();
        let causes = causes(jobs[..1].to_vec());
        let cause = &causes[0];
        let mut diagnosis = Diagnosis::of_text(&cause.classification);
        diagnosis.do_first = Some("Start or repair the VM agent of app-0: it is not ready".to_owned());
        let mut page = page(cause, diagnosis, fresh(cause), known(1, 1));
        page.tonight.beside = jobs[1..].iter().collect();
        let prose = page.notice().body.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(prose.contains(says), "{says}: {prose}");
    }
}

/// The worst of a page stands above the deadline, with names, and in several accounts with whose they are.
#[test]
fn what_has_no_recovery_point_stands_first() {
    let table = [
        (0, 1, None),
        (1, 1, Some("1 resource has NO usable recovery point in this account and Region: orders-0.")),
        (
            3,
            1,
            Some("3 resources have NO usable recovery point in this account and Region: orders-0, orders-1, orders-2."),
        ),
        (3, 2, Some("3 resources have NO usable recovery point in their accounts and Regions: orders-0 of prod-0,")),
    ];
    for (without, accounts, says) in table {
        let of = |number: usize| Job {
            id: number.to_string(),
            resource_arn: format!("arn:aws:rds:eu-west-1:11112222333{}:db:orders-{number}", number % accounts),
            ..job(JobKind::Backup, JobState::Failed, "RDS", &refused())
        };
        let causes = causes((0..3).map(of).collect());
        let cause = &causes[0];
        let mut at_risk = fresh(cause);
        for (number, resource) in at_risk.iter_mut().enumerate() {
            resource.name = Some(format!("orders-{number}"));
            resource.scope.account = format!("11112222333{}", number % accounts);
            if number < without {
                resource.last_good = Look::Missing;
            }
        }
        let mut page = page(cause, Diagnosis::of_text(&cause.classification), at_risk, known(1, 1));
        page.incidents = (0..accounts)
            .map(|number| {
                let scope = Scope::aws(format!("11112222333{number}"), "eu-west-1");
                Incident { scope, name: Some(format!("prod-{number}")), ..page.incidents[0].clone() }
            })
            .collect();
        let body = page.notice().body;
        let first = body.split("Fix: ").next().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(first.contains("NO usable"), says.is_some(), "{body}");
        assert!(says.is_none_or(|says| first.contains(says)), "{says:?}: {body}");
        let whose = first.contains("Decide by") && !first.contains(" of prod-");
        assert_eq!(whose, accounts < 2 && without < 3, "{without} without, in {accounts}: {body}");
    }
}

/// Where each resource proves itself, only a backup by hand keeps an RPO that ends before the next run.
#[test]
fn who_cannot_wait_is_backed_up_by_hand() {
    let databases = |most: usize| {
        let named = |number: usize| Job {
            id: number.to_string(),
            resource_arn: format!("arn:aws:rds:eu-west-1:111122223333:db:orders-{number}"),
            ..job(JobKind::Backup, JobState::Failed, "RDS", "The resource is in an invalid state.")
        };
        causes((1..=most).map(named).collect())
    };
    let (soon, late) = ("2026-11-21T07:00:00Z", "2026-11-22T01:00:00Z");
    // How many failed; of those looked at the hours since the last good backup, of 32 h 11 m that are promised, and the next run.
    type Row<'a> = (usize, &'a [(i64, &'a str)], Option<&'a str>);
    let table: [Row<'_>; 6] = [
        (
            3,
            &[(26, late), (26, late), (27, late)],
            Some("All 3 resources exceed their RPO before their next run. Back each one up"),
        ),
        (
            9,
            &[(26, late), (33, late), (26, soon)],
            Some("2 resources are PAST their RPO, or exceed it before their next run."),
        ),
        (
            2,
            &[(33, late), (34, late)],
            Some("Both resources are PAST their RPO. Back each one up as soon as it is mended, orders-2 first:"),
        ),
        (
            2,
            &[(26, late), (26, soon)],
            Some("orders-1 exceeds its RPO before its next run. Back it up as soon as it is mended:"),
        ),
        (2, &[(26, soon), (26, soon)], None),
        (1, &[(26, late)], None),
    ];
    for (failed, looked_at, expected) in table {
        for (keeps_days, kept) in
            [(Some(35), "DeleteAfterDays=35 "), (None, "DeleteAfterDays=KEEP_DAYS KEEP_DAYS stands for")]
        {
            let causes = databases(failed);
            let mut at_risk = fresh(&causes[0]);
            for (resource, (hours, next_run)) in at_risk.iter_mut().zip(looked_at) {
                let at = now() - SignedDuration::from_hours(*hours);
                resource.name = None;
                resource.last_good = Look::Seen(LastGood::Began { at, recovery_point_arn: None });
                resource.next_run = Some(next_run.parse().unwrap());
                resource.keeps_days = keeps_days;
            }
            let body = page(&causes[0], Diagnosis::of_text(&causes[0].classification), at_risk, known(failed, 1))
                .notice()
                .body;
            let prose = body.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(prose.contains("aws backup start-backup-job"), expected.is_some(), "{prose}");
            assert!(
                expected.is_none_or(|told| prose.contains(told) && prose.contains(kept)),
                "{expected:?}, {kept}: {prose}"
            );
        }
    }
}

/// verify cannot look into an account that does not let it in, so a claim for it comes to nothing.
#[test]
fn a_claim_leaves_out_and_names_what_cannot_be_rerun() {
    use Access::{Closed, Open};
    type Row<'a> = ([Access; 3], &'a [usize], Option<&'a str>);
    let table: [Row<'_>; 3] = [
        ([Open, Open, Open], &[0, 1, 2], None),
        ([Closed, Open, Open], &[1, 2], Some("(prod-0) cannot be rerun")),
        ([Closed, Open, Closed], &[1], Some("(prod-0) and 1 more cannot be rerun")),
    ];
    for (accounts, claimed, left_out) in table {
        let of = |number: usize| Job {
            id: number.to_string(),
            scope: Scope::aws(format!("11112222333{number}"), "eu-west-1"),
            ..job(JobKind::Backup, JobState::Failed, "RDS", &refused())
        };
        let causes = causes((0..3).map(of).collect());
        let mut page = page(&causes[0], Diagnosis::of_text(&causes[0].classification), fresh(&causes[0]), known(1, 1));
        let of_cause = |(number, access): (usize, Access)| {
            let name = Some(format!("prod-{number}"));
            Incident { name, access, ..incident(&causes[number], None) }
        };
        page.incidents = accounts.into_iter().enumerate().map(of_cause).collect();
        let body = page.notice().body;
        let prose = body.split_whitespace().collect::<Vec<_>>().join(" ");
        let ids: Vec<String> = claimed.iter().map(|number| format!("\"{}\"", causes[*number].id)).collect();
        assert!(prose.contains(&format!("{{\"fixed\":[{}]}}", ids.join(","))), "{claimed:?}: {prose}");
        assert_eq!(prose.contains("cannot be rerun"), left_out.is_some(), "{prose}");
        assert!(left_out.is_none_or(|told| prose.contains(told)), "{left_out:?}: {prose}");
    }
}

/// Who is to widen a window needs its number, and how long a good run takes.
#[test]
fn a_page_about_a_window_tells_how_long_it_is() {
    let expired = "Backup job expired before completion.";
    let windows = |rule: &str| {
        Some(Windows {
            rule: rule.into(),
            start: SignedDuration::from_hours(8),
            completion: SignedDuration::from_hours(3),
        })
    };
    let has = "Rule daily-35d has a start window of 480 minutes and a completion window of 180 minutes.";
    let took = "The longest good run of orders on record took 72 minutes. Both are much longer than that: see what held the job up";
    let took_most_of_it = "The longest good run of orders on record took 120 minutes. 1. Widen";
    let none = "No good run of orders is on record.";
    let table = [
        (expired, windows("daily-35d"), Some(72), Some(format!("{has} {took}"))),
        (expired, windows("daily-35d"), Some(120), Some(format!("{has} {took_most_of_it}"))),
        (expired, windows("daily-35d"), None, Some(format!("{has} {none}"))),
        (expired, None, Some(72), None),
        ("The resource is in an invalid state.", windows("daily-35d"), Some(72), None),
    ];
    for (message, windows, minutes, expected) in table {
        let causes = causes(vec![job(JobKind::Backup, JobState::Failed, "RDS", message)]);
        let cause = &causes[0];
        let mut at_risk = fresh(cause);
        at_risk[0].windows = windows;
        at_risk[0].longest = minutes.map(SignedDuration::from_mins);
        let body = page(cause, Diagnosis::of_text(&cause.classification), at_risk, known(1, 1)).notice().body;
        let prose = body.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(prose.contains("a start window of"), expected.is_some(), "{message}: {prose}");
        assert!(expected.as_ref().is_none_or(|told| prose.contains(told)), "{expected:?}: {prose}");
    }
}
