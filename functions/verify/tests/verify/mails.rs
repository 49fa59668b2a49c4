//! Every mail of verify that a person may read, as a snapshot, the awkward ones too.
//!
//! To accept a changed wording: `INSTA_UPDATE=always cargo test -p verify mails`, then read the difference.

use std::collections::BTreeMap;

use advice::stack::VerifyMode;
use advice::stack::{RerunsElsewhere, Stack};
use cause::stuck::Habits;
use change::ShowAddress;
use classification::class::Class;
use jiff::{SignedDuration, Timestamp};
use job::{CreatedBy, Job, JobKind, JobState, Look, Origin, Scope};
use lambda::settings::Reader;
use notice::{Label, Notice};
use owner::{Acting, OwnerTag, Owners, Tags};
use source::RecoveryPoint;
use source::trail::Answer;
use verify::announce::{self, Announcement, Breached, Fate, Held, Window, aftermath};
use verify::deadline::Outlook;
use verify::ledger::{Cause, Ledger};
use verify::notices::{Breach, ComesNext, Next, StillFailing, Verified};
use verify::probe::{Probe, Verdict};
use verify::standing::Standing;

/// The tick that speaks: its window is from 03:20 to 03:35.
pub(crate) fn now() -> Timestamp {
    "2026-11-21T03:45:00Z".parse().unwrap()
}

pub(crate) fn window() -> Window {
    Window::of(now(), SignedDuration::from_mins(15))
}

pub(crate) fn at(text: &str) -> Timestamp {
    format!("2026-11-{text}:00Z").parse().unwrap()
}

pub(crate) fn rds(name: &str) -> String {
    format!("arn:aws:rds:eu-west-1:111122223333:db:{name}")
}

pub(crate) fn scheduled(kind: JobKind, id: &str, resource_arn: &str, resource_type: &str, state: JobState) -> Job {
    Job {
        scope: Scope::aws("111122223333", "eu-west-1"),
        resource_arn: resource_arn.to_owned(),
        resource_type: resource_type.to_owned(),
        role: Some("arn:aws:iam::111122223333:role/service-role/AWSBackupDefaultServiceRole".into()),
        vault: Some("arn:aws:backup:eu-west-1:111122223333:backup-vault:production".into()),
        destination: (kind == JobKind::Copy)
            .then(|| "arn:aws:backup:eu-central-1:999988887777:backup-vault:offsite".into()),
        created: Some(at("21T01:00")),
        ended: Some(at("21T01:12")),
        origin: Origin::Rule(CreatedBy {
            plan_name: Some("nightly".into()),
            rule_name: Some("daily-35d".into()),
            rule_schedule: Some("cron(0 1 ? * * *)".into()),
            ..CreatedBy::default()
        }),
        ..Job::new(kind, id, state)
    }
}

pub(crate) fn failed(id: &str, resource_arn: &str, resource_type: &str, message: &str) -> Job {
    let job = scheduled(JobKind::Backup, id, resource_arn, resource_type, JobState::Failed);
    Job { message: message.to_owned(), ..job }
}

/// Our rerun of the resource of a failure, which ended in the window.
pub(crate) fn rerun(of: &Job, state: JobState, message: &str) -> Job {
    Job {
        id: "r0000000-dab5-4eb6-bbc7-890ed1230000".into(),
        state,
        message: message.to_owned(),
        created: Some(at("21T03:15")),
        start_by: Some(at("21T04:16")),
        ended: Some(at("21T03:29")),
        origin: Origin::NightOne,
        recovery_point_arn: Some("arn:aws:rds:eu-west-1:111122223333:snapshot:awsbackup:job-r".into()),
        ..of.clone()
    }
}

pub(crate) fn example(class: Class) -> &'static str {
    class.entry().examples[0].message
}

pub(crate) fn point() -> RecoveryPoint {
    RecoveryPoint {
        arn: "arn:aws:rds:eu-west-1:111122223333:snapshot:awsbackup:job-r".into(),
        created: Some(at("21T03:15")),
        expires: Some("2026-12-26T03:15:00Z".parse().unwrap()),
        size_bytes: Some(13_421_772_800),
        vault_name: "production".into(),
        status: "COMPLETED".into(),
        ..RecoveryPoint::default()
    }
}

pub(crate) fn stack() -> Stack {
    Stack {
        label: Label::of_place("111122223333", "eu-west-1"),
        called: None,
        account: "111122223333".into(),
        region: "eu-west-1".into(),
        verify_function: "night-one-verify".into(),
        runbook: None,
        verify_mode: VerifyMode::Run,
        reruns_elsewhere: RerunsElsewhere::None,
    }
}

/// The same where it speaks of a subscription of Azure.
pub(crate) fn stack_of_azure() -> Stack {
    Stack { called: Some("prod-crm".into()), ..stack().about_account("prod-crm", "westeurope") }
}

/// The stack of a company that keeps a copy of the runbook.
pub(crate) fn stack_with_runbook() -> Stack {
    let address = |_: &str| Some("https://wiki.example.com/night-one/runbook".to_owned());
    Stack { runbook: Reader::new(&address).runbook().unwrap(), ..stack() }
}

/// What verify would say of the first cause in this tick.
pub(crate) fn mails(
    stack: &Stack,
    bad: Vec<Job>,
    completions: &[Job],
    probe: Option<Probe>,
    recovery_point: Result<RecoveryPoint, String>,
) -> Vec<Notice> {
    let outlook = Outlook { plans: &BTreeMap::new(), known: &[], owners: None, now: now() };
    mails_with(outlook, stack, bad, completions, probe, recovery_point)
}

/// The same where plans and good jobs tell how long who waits may wait.
pub(crate) fn mails_with(
    outlook: Outlook<'_>,
    stack: &Stack,
    bad: Vec<Job>,
    completions: &[Job],
    probe: Option<Probe>,
    recovery_point: Result<RecoveryPoint, String>,
) -> Vec<Notice> {
    let ledger = Ledger::new(bad, Vec::new());
    let causes = ledger.causes();
    let habits = Habits::new(SignedDuration::from_hours(4));
    let mut mails = Vec::new();
    for cause in &causes {
        let standing = Standing::of(cause, &ledger, completions, &habits, now()).unwrap();
        let held = aftermath(cause, &standing, outlook);
        let comes_next = ComesNext {
            cause: &cause.id,
            when: Next::of(&standing, 3),
            of: standing.open.first().copied(),
            verdict: probe.as_ref().map(|probe| probe.verdict),
            barred: None,
            mode: stack.verify_mode,
        };
        for announcement in announce::of_cause(cause, &standing, &ledger, window()) {
            mails.push(match announcement {
                Announcement::Verified { proof }
                | Announcement::Recovered { rerun: proof }
                | Announcement::Over { proof, .. } => Verified {
                    cause,
                    standing: &standing,
                    proof,
                    recovery_point: recovery_point.clone(),
                    resources: held.clone(),
                    comes_next,
                    found: None,
                    acting: Acting::default(),
                    trail: Answer::NotAsked,
                    show_address: ShowAddress::Network,
                    stack,
                    now: now(),
                }
                .notice(),
                Announcement::StillFailing { number, judged } => StillFailing {
                    cause,
                    standing: &standing,
                    rerun: &judged,
                    number,
                    allowed: 3,
                    probe: probe.as_ref(),
                    found: None,
                    acting: &Acting::default(),
                    comes_next,
                    resources: &held,
                    stack,
                    now: now(),
                }
                .notice(),
            });
        }
    }
    mails
}

pub(crate) fn verified(bad: Vec<Job>, completions: &[Job], recovery_point: Result<RecoveryPoint, String>) -> Notice {
    let mails = mails(&stack(), bad, completions, None, recovery_point);
    assert_eq!(mails.len(), 1, "{mails:?}");
    mails.into_iter().next().unwrap()
}

pub(crate) fn as_mail(notice: &Notice) -> String {
    as_mail_of(&stack(), notice)
}

pub(crate) fn as_mail_of(stack: &Stack, notice: &Notice) -> String {
    assert!(notice.subject.starts_with(&format!("[{}] ", stack.label.as_str())), "{}", notice.subject);
    let steps = notice.next_steps.iter().map(|step| format!("\n  - {step}")).collect::<String>();
    format!(
        "Subject: {}\nAttributes: {:?}\nChat: {}{steps}\n\n{}",
        notice.subject,
        notice.attributes(),
        notice.summary,
        notice.body
    )
}

pub(crate) fn probe(verdict: Verdict, sentence: &str) -> Probe {
    Probe {
        verdict,
        sentence: sentence.to_owned(),
        evidence: vec![
            "The key arn:aws:kms:eu-west-1:111122223333:key/1234abcd is usable: its state is Enabled.".into(),
        ],
        could_not_read: vec!["Grants of the key: kms:ListGrants denied: AccessDeniedException.".into()],
        found: None,
    }
}

#[test]
fn verified_by_our_rerun() {
    let bad: Vec<Job> = ["orders", "invoices", "users"]
        .iter()
        .map(|name| failed(&format!("f-{name}"), &rds(name), "RDS", example(Class::KmsPolicyDenied)))
        .collect();
    let proof = rerun(&bad[0], JobState::Completed, "");
    insta::assert_snapshot!("verified-by-our-rerun", as_mail(&verified(bad, &[proof], Ok(point()))));
}

#[test]
fn verified_by_a_scheduled_job_without_a_known_recovery_point() {
    let bad = vec![failed("f-orders", &rds("orders"), "RDS", example(Class::KmsPolicyDenied))];
    let proof = Job { origin: bad[0].origin.clone(), ..rerun(&bad[0], JobState::Completed, "") };
    let why = "backup:DescribeRecoveryPoint denied: AccessDeniedException".to_owned();
    insta::assert_snapshot!("verified-by-schedule-point-unknown", as_mail(&verified(bad, &[proof], Err(why))));
}

#[test]
fn verified_while_sixty_still_wait_and_some_have_no_schedule() {
    let mut bad: Vec<Job> = (0..61)
        .map(|n| failed(&format!("f-{n:02}"), &rds(&format!("orders-{n:02}")), "RDS", example(Class::KmsPolicyDenied)))
        .collect();
    for job in &mut bad[57..] {
        job.origin = Origin::Operator;
        job.start_by = Some(at("21T09:00"));
    }
    bad[58].resource_type = "EBS".into();
    bad[59].resource_type = "EFS".into();
    bad.push(Job {
        ended: Some(at("21T02:40")),
        ..failed("g-05", &rds("orders-05"), "RDS", example(Class::ResourceState))
    });
    let proof = rerun(&bad[0], JobState::Completed, "");
    insta::assert_snapshot!("verified-sixty-wait", as_mail(&verified(bad, &[proof], Ok(point()))));
}

#[test]
fn verified_copies() {
    let copy = |n: usize| Job {
        message: example(Class::VaultPolicyDenied).to_owned(),
        source_recovery_point_arn: Some("arn:aws:rds:eu-west-1:111122223333:snapshot:awsbackup:source".into()),
        ..scheduled(JobKind::Copy, &format!("c-{n}"), &rds(&format!("orders-{n}")), "RDS", JobState::Failed)
    };
    let bad = vec![copy(0), copy(1)];
    let proof = Job { start_by: None, ..rerun(&bad[0], JobState::Completed, "") };
    insta::assert_snapshot!("verified-copy", as_mail(&verified(bad, &[proof], Ok(point()))));
}

/// Two of a team, of which one had an exception until yesterday; a third has one that holds.
fn crm_team(bad: &[Job]) -> Acting {
    let tags = |until: Option<&str>| -> Tags {
        let owner = [("owner".to_owned(), "crm-team".to_owned())];
        let exception = until.map(|until| {
            [("night-one:accepted-until", until), ("night-one:accepted-because", "moves to Aurora")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
        });
        owner.into_iter().chain(exception.into_iter().flatten()).collect()
    };
    let of = |number: usize, until| (bad[number].resource_arn.clone(), Look::Seen(tags(until)));
    let account = Look::NotLooked { why: "no organization is watched".to_owned() };
    let read = [of(4, None), of(7, Some("2026-11-20")), of(9, Some("2026-11-30"))];
    let owners = Owners::of(read, account, &OwnerTag::default());
    let mut acting = Acting::default();
    for job in [&bad[4], &bad[7]] {
        acting.add(&job.resource_arn, job.resource_label(), at("21T03:30"), &owners);
    }
    let accepted = owners.accepted(&bad[9].resource_arn, at("21T03:30")).unwrap();
    acting.leave_out(&bad[9].resource_arn, bad[9].resource_label(), accepted);
    acting
}

/// Two of twelve exceeded their objective in this window: while the cause is open, and after it was proven fixed.
#[test]
fn resources_past_their_objective() {
    let bad: Vec<Job> = (0..12)
        .map(|n| failed(&format!("f-{n:02}"), &rds(&format!("orders-{n:02}")), "RDS", example(Class::KmsPolicyDenied)))
        .collect();
    let proof = rerun(&bad[0], JobState::Completed, "");
    let (nobody, team) = (Acting::default(), crm_team(&bad));
    for (name, completions, acting) in [
        ("breach-open", vec![], &nobody),
        ("breach-proven", vec![proof], &nobody),
        ("breach-of-an-owner", vec![], &team),
    ] {
        let ledger = Ledger::new(bad.clone(), Vec::new());
        let causes = ledger.causes();
        let habits = Habits::new(SignedDuration::from_hours(4));
        let standing = Standing::of(&causes[0], &ledger, &completions, &habits, now()).unwrap();
        let breached = |number: usize, next_run| Breached { failure: &bad[number], since: at("21T03:30"), next_run };
        let notice = Breach {
            cause: &causes[0],
            standing: &standing,
            found: None,
            resources: &[breached(4, Some(at("22T01:00"))), breached(7, None)],
            acting,
            window: window(),
            stack: &stack(),
            now: now(),
        }
        .notice();
        insta::assert_snapshot!(name, as_mail(&notice));
    }
}

/// What a person may ask verify for stands in the mail; where verify starts nothing, it does not.
#[test]
fn a_breach_has_the_command_that_ends_it() {
    let bad = vec![failed("f-1", &rds("orders"), "RDS", example(Class::KmsPolicyDenied))];
    let proof = rerun(&bad[0], JobState::Completed, "");
    for (mode, is_proven, command) in [
        (VerifyMode::Run, false, Some("{\"fixed\":[")),
        (VerifyMode::Claim, true, Some("{\"catch_up\":[")),
        (VerifyMode::DryRun, false, None),
        (VerifyMode::DryRun, true, None),
    ] {
        let ledger = Ledger::new(bad.clone(), Vec::new());
        let (causes, habits) = (ledger.causes(), Habits::new(SignedDuration::from_hours(4)));
        let completions: Vec<Job> = is_proven.then(|| proof.clone()).into_iter().collect();
        let standing = Standing::of(&causes[0], &ledger, &completions, &habits, now()).unwrap();
        let resources = [Breached { failure: &bad[0], since: at("21T03:30"), next_run: None }];
        let stack = Stack { verify_mode: mode, ..stack() };
        let (cause, acting) = (&causes[0], &Acting::default());
        let breach = Breach {
            cause,
            standing: &standing,
            found: None,
            resources: &resources,
            acting,
            window: window(),
            stack: &stack,
            now: now(),
        };
        let notice = breach.notice();
        let body = notice.body.clone();
        // None of them has a run that one could wait for.
        let told = notice.body.to_lowercase() + &notice.next_steps.concat();
        assert!(!told.contains("wait for"), "{mode:?}, {is_proven}: {body}");
        let by_hand = body.contains("--lifecycle DeleteAfterDays=KEEP_DAYS\nKEEP_DAYS stands for");
        assert_eq!(body.contains("start-backup-job"), by_hand, "{mode:?}, {is_proven}: {body}");
        assert_eq!(by_hand, is_proven && command.is_none(), "{mode:?}, {is_proven}: {body}");
        assert_eq!(body.contains("lambda invoke"), command.is_some(), "{mode:?}, {is_proven}: {body}");
        assert!(command.is_none_or(|command| body.contains(command)), "{mode:?}, {is_proven}: {body}");
    }
}

#[test]
fn one_of_three_recovered_where_each_proves_itself() {
    let bad: Vec<Job> = ["orders", "invoices", "users"]
        .iter()
        .map(|name| failed(&format!("f-{name}"), &rds(name), "RDS", example(Class::ResourceState)))
        .collect();
    let back = rerun(&bad[0], JobState::Completed, "");
    let notice = verified(bad, &[back], Ok(point()));
    // Nobody may close an incident that is still open.
    assert!(notice.about.incident_ids.is_empty());
    insta::assert_snapshot!("verified-in-part", as_mail(&notice));
}

/// What has to be mended, and when the next runs would fail again: all known, none known, and of different hours.
#[test]
fn what_is_still_open_is_to_be_mended_and_not_waited_for() {
    type Change = fn(usize, &mut Job);
    let table: [(usize, Change, &[&str]); 4] = [
        (2, |_, _| (), &["Fix the one that is still open; its next run is at 2026-11-22 01:00 UTC."]),
        (
            3,
            |_, job| job.origin = Origin::Operator,
            &[
                "Fix the 2 that are still open.",
                "Once it is fixed, back up by hand what has no known next run: 2 resources.",
            ],
        ),
        (
            3,
            |number, job| {
                if number == 2 {
                    let rule_schedule = Some("cron(0 * ? * * *)".to_owned());
                    job.origin = Origin::Rule(CreatedBy { rule_schedule, ..job.rule().unwrap().clone() });
                }
            },
            &["Fix the 2 that are still open; their next runs begin at 2026-11-21 04:00 UTC."],
        ),
        (
            3,
            |number, job| {
                if number != 1 {
                    job.origin = Origin::Operator;
                }
            },
            &[
                "Fix the 2 that are still open; their next run is at 2026-11-22 01:00 UTC.",
                "Once it is fixed, back up by hand what has no known next run: 1 resource.",
            ],
        ),
    ];
    for (resources, change, expected) in table {
        let mut bad: Vec<Job> = (0..resources)
            .map(|n| failed(&format!("f-{n}"), &rds(&format!("db-{n}")), "RDS", example(Class::ResourceState)))
            .collect();
        let back = rerun(&bad[0], JobState::Completed, "");
        for (number, job) in bad.iter_mut().enumerate() {
            change(number, job);
        }
        let notice = verified(bad, &[back], Ok(point()));
        assert_eq!(notice.next_steps, expected);
        assert!(!notice.body.contains("wait for their own next run"), "{}", notice.body);
        assert!(!notice.body.contains("HOW LONG IT LASTED"), "{}", notice.body);
    }
}

#[test]
fn every_subject_names_the_fault_whole() {
    for class in Class::ALL {
        let example = &class.entry().examples[0];
        let bad = Job {
            message: example.message.to_owned(),
            state: example.state.clone(),
            ..scheduled(example.job, "f", &rds("orders"), example.resource_type, example.state.clone())
        };
        let cause: Cause = Ledger::new(vec![bad.clone()], Vec::new()).causes().remove(0);
        let ledger = Ledger::new(vec![bad.clone()], Vec::new());
        let proof = Job { message: String::new(), ..rerun(&bad, JobState::Completed, "") };
        let completions = [proof];
        let habits = Habits::new(SignedDuration::from_hours(4));
        let standing = Standing::of(&cause, &ledger, &completions, &habits, now()).unwrap();
        let notice = Verified {
            cause: &cause,
            standing: &standing,
            proof: &completions[0],
            recovery_point: Ok(point()),
            resources: vec![Held { failure: &bad, fate: Fate::BackedUp { by: &completions[0] } }],
            comes_next: ComesNext {
                cause: &cause.id,
                when: Next::Over,
                of: None,
                verdict: None,
                barred: None,
                mode: VerifyMode::Run,
            },
            found: None,
            acting: Acting::default(),
            trail: Answer::NotAsked,
            show_address: ShowAddress::Network,
            stack: &stack(),
            now: now(),
        }
        .notice();
        // A label as long as account and Region leaves no room for the longest titles.
        let was = |title: &str| format!("{}. Was: {title}", notice.subject.split(". Was: ").next().unwrap());
        let (title, short) = (was(class.entry().title), was(class.entry().short));
        let is_whole = [&title, &short].into_iter().any(|whole| *notice.subject == **whole);
        assert!(is_whole || short.len() > 99, "cut: {}", notice.subject);
    }
}
